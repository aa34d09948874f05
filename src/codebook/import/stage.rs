//! Between the book in use and the new one: files that the book has already change nothing, and the first one that
//! it has not begins a new book beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::codebook::error::SqlContext;
use crate::codebook::import::beside;
use crate::codebook::import::build::{Builder, Ready, Standing, has_notice};
use crate::codebook::import::rows::Parsed;
use crate::codebook::import::starter::starter_files;
use crate::codebook::validity::{Changes, ReleaseKey};
use crate::codebook::{Codebook, CodebookError, Notice};

/// A new book in the making, if there is reason to make one.
pub(crate) struct Stage {
    book: PathBuf,
    staging: PathBuf,
    /// The book in use, to compare with.
    in_use: Option<(Connection, String)>,
    builder: Option<Builder>,
}

/// A new book, ready to be swapped in; if nothing changed, there is none.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) changed: bool,
    pub(crate) id: String,
    pub(crate) changes: Changes,
    /// Releases that add nothing to a full edition beside them.
    pub(crate) superfluous: BTreeSet<ReleaseKey>,
}

impl Stage {
    /// Beside the book at `book`; if there is none, a new one is begun with our own texts.
    pub(crate) fn open(book: &Path, staging: &Path) -> Result<Self, CodebookError> {
        let mut stage =
            Self { book: book.to_owned(), staging: staging.to_owned(), in_use: None, builder: None };
        if book.exists() {
            let id = Codebook::open(book)?.id().to_owned();
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(book, flags)
                .map_err(|source| CodebookError::Sql { doing: "opening the book in use", source })?;
            stage.in_use = Some((connection, id));
        } else {
            for file in starter_files(true)?.0 {
                stage.add(file, false)?;
            }
        }
        Ok(stage)
    }

    /// Adds a file that was read.
    pub(crate) fn add(&mut self, parsed: Parsed, replace: bool) -> Result<Standing, CodebookError> {
        let ready = Ready::new(parsed);
        if self.builder.is_none()
            && let Some((in_use, _)) = &self.in_use
            && ready.standing(in_use)? == Standing::Already
        {
            return Ok(Standing::Already);
        }
        self.builder()?.add(&ready, replace)
    }

    /// Adds a notice of a manifest.
    pub(crate) fn add_notice(&mut self, notice: &Notice) -> Result<(), CodebookError> {
        if self.builder.is_none()
            && let Some((in_use, _)) = &self.in_use
            && has_notice(in_use, notice)?
        {
            return Ok(());
        }
        self.builder()?.add_notice(notice)
    }

    fn builder(&mut self) -> Result<&mut Builder, CodebookError> {
        let builder = match self.builder.take() {
            Some(builder) => builder,
            None => {
                if self.in_use.is_some() {
                    std::fs::copy(&self.book, &self.staging)
                        .map_err(CodebookError::io("copying the book in use to", &self.staging))?;
                }
                Builder::at(&self.staging, self.in_use.is_none())?
            }
        };
        Ok(self.builder.insert(builder))
    }

    /// Writes the new book to `building`, in its final order.
    pub(crate) fn finish(self, building: &Path) -> Result<Ended, CodebookError> {
        let Some(builder) = self.builder else {
            let id = self.in_use.map(|(_, id)| id).unwrap_or_default();
            return Ok(Ended { changed: false, id, changes: Changes::new(), superfluous: BTreeSet::new() });
        };
        let (connection, id, changes) = builder.finish_at(&self.staging, building)?;
        let superfluous = beside::superfluous(&connection).doing("comparing editions")?;
        connection
            .close()
            .map_err(|(_, source)| CodebookError::Sql { doing: "closing the new book", source })?;
        Ok(Ended { changed: true, id, changes, superfluous })
    }
}
