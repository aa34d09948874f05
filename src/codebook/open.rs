//! Opening a codebook: a built file, read-only, or the starter in memory.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, TryLockError};

use rusqlite::{Connection, OpenFlags};

use crate::codebook::coverage::{Loaded, loaded_releases};
use crate::codebook::error::SqlContext;
use crate::codebook::import::build_starter;
use crate::codebook::manual::Outlines;
use crate::codebook::search::Indexes;
use crate::codebook::{CodebookError, DatasetCoverage, Notice};

/// How many look-ups into a file may run at once.
const CONNECTIONS: usize = 4;

/// An open codebook. `Send + Sync`; look-ups are synchronous and take microseconds: on an async path call them
/// in `spawn_blocking`. It stays as it was opened, even when an import swaps a new file in.
#[derive(Debug)]
pub struct Codebook {
    connections: Vec<Mutex<Connection>>,
    id: String,
    notices: Vec<Notice>,
    pub(crate) loaded: Vec<Loaded>,
    pub(crate) indexes: Indexes,
    pub(crate) coverage: Vec<DatasetCoverage>,
    /// Whether the site holds a licence to use the CPT descriptors in it.
    pub(crate) shows_cpt: bool,
    pub(crate) outlines: Outlines,
}

impl Codebook {
    /// The embedded starter codebook: an excerpt of official files with our own plain-language texts.
    ///
    /// # Errors
    /// Only if the program was built with a faulty one.
    pub fn starter() -> Result<Self, CodebookError> {
        Self::over(vec![build_starter()?])
    }

    /// The book of a site: the configured file, or the embedded starter if none is configured.
    ///
    /// # Errors
    /// If the file is missing or is no codebook.
    pub fn configured(path: Option<&Path>) -> Result<Self, CodebookError> {
        path.map_or_else(Self::starter, Self::open)
    }

    /// A built file, read-only.
    ///
    /// # Errors
    /// If there is no file, or it is no codebook of this version.
    pub fn open(path: &Path) -> Result<Self, CodebookError> {
        if !path.is_file() {
            return Err(CodebookError::Missing(path.to_owned()));
        }
        let wrong = |why: String| CodebookError::NotACodebook { path: path.to_owned(), why };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let connection = Connection::open_with_flags(path, flags).map_err(|e| wrong(e.to_string()))?;
            connection
                .execute_batch("PRAGMA query_only=ON; PRAGMA mmap_size=1073741824;")
                .map_err(|e| wrong(e.to_string()))?;
            connections.push(connection);
        }
        let version: String = connections
            .first()
            .map(|c| c.query_row("SELECT value FROM meta WHERE key='schema'", [], |r| r.get(0)))
            .transpose()
            .map_err(|e| wrong(e.to_string()))?
            .unwrap_or_default();
        if version != crate::codebook::import::SCHEMA_VERSION {
            return Err(CodebookError::OtherForm {
                path: path.to_owned(),
                found: version,
                wanted: crate::codebook::import::SCHEMA_VERSION,
                again: import_again(path),
            });
        }
        Self::over(connections)
    }

    fn over(connections: Vec<Connection>) -> Result<Self, CodebookError> {
        let first = connections
            .first()
            .ok_or_else(|| CodebookError::Embedded { what: "codebook", why: "no connection".to_owned() })?;
        for connection in &connections {
            connection.set_prepared_statement_cache_capacity(64);
        }
        let doing = "opening the codebook";
        let id = first.query_row("SELECT value FROM meta WHERE key='id'", [], |r| r.get(0)).doing(doing)?;
        let loaded = loaded_releases(first).doing(doing)?;
        let notices = notices(first).doing(doing)?;
        let connections = connections.into_iter().map(Mutex::new).collect();
        let coverage = Vec::new();
        let mut book = Self {
            connections,
            id,
            notices,
            loaded,
            indexes: Indexes::default(),
            outlines: Outlines::default(),
            coverage,
            shows_cpt: false,
        };
        book.coverage = book.datasets();
        Ok(book)
    }

    /// The digest of its content: the same files in any order give the same. Stored with drafts.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The notices of the loaded files, in their own words and years.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// A connection that is free, or the first one's turn.
    pub(crate) fn connection(&self) -> Result<MutexGuard<'_, Connection>, CodebookError> {
        for slot in &self.connections {
            match slot.try_lock() {
                Ok(guard) => return Ok(guard),
                // A look-up that panicked left nothing half-done: the book is only read.
                Err(TryLockError::Poisoned(e)) => return Ok(e.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        match self.connections.first().map(Mutex::lock) {
            Some(Ok(guard)) => Ok(guard),
            Some(Err(e)) => Ok(e.into_inner()),
            None => Err(CodebookError::Embedded { what: "codebook", why: "no connection".to_owned() }),
        }
    }
}

/// How to build a book anew: from the files that `codes sync` keeps beside it, if they are there.
fn import_again(path: &Path) -> String {
    let fetched = path.parent().unwrap_or(Path::new("")).join("sources");
    if fetched.is_dir() {
        return format!(
            "`codes import {}` (the folder of `codes sync`, and your own files)",
            fetched.display()
        );
    }
    "`codes import PATH…`, or `codes sync`".to_owned()
}

fn notices(connection: &Connection) -> rusqlite::Result<Vec<Notice>> {
    let mut statement =
        connection.prepare("SELECT DISTINCT files, lines FROM notice ORDER BY files, lines")?;
    let split = |text: String| text.lines().map(str::to_owned).collect();
    let rows =
        statement.query_map([], |r| Ok(Notice { files: split(r.get(0)?), lines: split(r.get(1)?) }))?;
    rows.collect()
}
