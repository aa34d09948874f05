//! `codes sync`: fetches the official files that a list of sources names, and remembers what it has.
//!
//! Files are kept beside the codebook, each with its checksum: a download that was cut goes on where it ended, a file
//! that has not changed is not fetched again, and one that changed at the same address is said to have.

mod download;
mod sources;
mod state;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::clock::Clock;
use crate::codebook::CodebookError;

pub use download::{DownloadError, Progress};
pub use sources::{Licence, Source, SourceError, SourceList};
pub use state::{Fetched, SyncState};

use download::{Downloader, Got};

/// Why nothing could be fetched at all.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The list of sources is faulty, or names no such source.
    #[error(transparent)]
    Sources(#[from] SourceError),
    /// The folder of fetched files, or what is remembered of them.
    #[error(transparent)]
    Folder(#[from] CodebookError),
    /// Another sync works in the folder.
    #[error("another `codes sync` works in {0}: wait for its end")]
    Busy(PathBuf),
    /// TLS cannot be used on this machine.
    #[error("https cannot be used: {0}")]
    Tls(String),
}

/// What became of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Fetched for the first time.
    Fetched,
    /// Another file stands at the address than before.
    Changed {
        /// SHA-256 of the file before.
        before: String,
    },
    /// The publisher says that it is the file that is here.
    Unchanged,
    /// Not fetched: its licence has to be accepted first.
    NeedsLicence {
        /// The licence's name, for `--accept-licence`.
        licence: String,
        /// Where its text stands.
        page: String,
    },
    /// It could not be fetched.
    Failed {
        /// Why, and what to do.
        why: String,
    },
}

/// One source after a sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Synced {
    /// The source's name.
    pub source: String,
    /// Its address.
    pub url: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The file, if it is here.
    pub file: Option<PathBuf>,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// Whether the codebook has it already.
    pub imported: bool,
    /// Whether the codebook has another file of the same address: this one is imported in its place.
    pub replaces: bool,
}

/// A sync in a folder.
pub struct Sync<'a> {
    list: &'a SourceList,
    folder: PathBuf,
    state: SyncState,
    downloader: Downloader,
    clock: Clock,
    _lock: std::fs::File,
}

impl<'a> Sync<'a> {
    /// Begins a sync into `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// If the folder cannot be used, or another sync works in it.
    pub fn begin(list: &'a SourceList, folder: &Path, clock: Clock) -> Result<Self, SyncError> {
        std::fs::create_dir_all(folder).map_err(CodebookError::io("making the folder", folder))?;
        let path = folder.join("sync.lock");
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(CodebookError::io("opening the lock", &path))?;
        lock.try_lock().map_err(|_| SyncError::Busy(folder.to_owned()))?;
        let state = SyncState::load(folder)?;
        let downloader = Downloader::new().map_err(SyncError::Tls)?;
        Ok(Self { list, folder: folder.to_owned(), state, downloader, clock, _lock: lock })
    }

    /// Notes that a person accepts a licence; it is remembered with the day.
    ///
    /// # Errors
    /// If the list knows no such licence, or it cannot be remembered.
    pub fn accept(&mut self, licence: &str) -> Result<(), SyncError> {
        self.list.licence(licence)?;
        self.state.accept(licence, self.clock.now());
        Ok(self.state.save(&self.folder)?)
    }

    /// Fetches the sources of these names (all that are not optional if there are none), in the order of the list.
    /// One that fails does not hold up the others.
    ///
    /// # Errors
    /// If a name is unknown, or what was done cannot be remembered.
    pub fn fetch(&mut self, names: &[String], progress: &dyn Progress) -> Result<Vec<Synced>, SyncError> {
        let mut all = Vec::new();
        for source in self.list.chosen(names)? {
            let outcome = self.one(source, progress);
            self.state.save(&self.folder)?;
            let known = self.state.of(&source.url);
            all.push(Synced {
                source: source.name.clone(),
                url: source.url.clone(),
                file: known.map(|k| self.folder.join(&k.file)),
                sha256: known.map(|k| k.sha256.clone()),
                imported: known.is_some_and(|k| k.imported),
                replaces: known.is_some_and(|k| k.replaces),
                outcome,
            });
        }
        Ok(all)
    }

    fn one(&mut self, source: &Source, progress: &dyn Progress) -> Outcome {
        if let Some(licence) = source.licence.as_ref().filter(|l| !self.state.accepted(l)) {
            let page = self.list.licence(licence).map(|l| l.page.clone()).unwrap_or_default();
            return Outcome::NeedsLicence { licence: licence.clone(), page };
        }
        // What was changed or lost behind our back is fetched anew.
        let known = self.state.of(&source.url).filter(|k| k.is_whole(&self.folder)).cloned();
        let address = self.list.address(source);
        match self.downloader.get(source, &address, known.as_ref(), &self.folder, progress) {
            Ok(Got::NotModified) => Outcome::Unchanged,
            Ok(Got::File(mut fetched)) => {
                fetched.at = self.clock.now().to_string();
                let same = known.as_ref().filter(|k| k.sha256 == fetched.sha256);
                fetched.imported = same.is_some_and(|k| k.imported);
                // Until it is imported, however often it is fetched.
                if let Some(before) = self.state.of(&source.url) {
                    let other = before.imported && before.sha256 != fetched.sha256;
                    fetched.replaces = before.replaces || other;
                }
                let outcome = match &known {
                    None => Outcome::Fetched,
                    Some(_) if same.is_some() => Outcome::Unchanged,
                    Some(before) => Outcome::Changed { before: before.sha256.clone() },
                };
                self.state.put(&source.url, fetched);
                outcome
            }
            Err(error) => Outcome::Failed { why: format!("{error}{}", elsewhere(source, &error)) },
        }
    }

    /// Notes that the codebook has these files now.
    ///
    /// # Errors
    /// If it cannot be remembered.
    pub fn imported(&mut self, synced: &[Synced]) -> Result<(), SyncError> {
        for one in synced {
            self.state.imported(&one.url);
        }
        Ok(self.state.save(&self.folder)?)
    }
}

/// Addresses change with every release.
fn elsewhere(source: &Source, error: &DownloadError) -> String {
    match error {
        DownloadError::Status { .. } | DownloadError::NotTheFile { .. } => {
            format!("; look for its present address on {} and put it into the list of sources", source.page)
        }
        _ => String::new(),
    }
}
