//! What can go wrong with the codebook: each error says what was tried, where, and what to do.

use std::path::{Path, PathBuf};

/// Why a codebook could not be opened, built or read.
#[derive(Debug, thiserror::Error)]
pub enum CodebookError {
    /// No file at the configured path.
    #[error(
        "there is no codebook at {0}: build one with `codes import PATH…`, or leave the path out to use the starter codebook"
    )]
    Missing(PathBuf),
    /// A codebook that another version of the program built.
    #[error(
        "{path} is a codebook of form {found}, and this version reads form {wanted}: move it away, then import the same files again: {again}"
    )]
    OtherForm {
        /// The file.
        path: PathBuf,
        /// The form of the file.
        found: String,
        /// The form that is read.
        wanted: &'static str,
        /// The command that imports them.
        again: String,
    },
    /// A file, but not a codebook.
    #[error("{path} is no codebook ({why}): move it away, then build one with `codes import PATH…`")]
    NotACodebook {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// SQLite refused a statement.
    #[error("the codebook could not be read or written while {doing}: {source}")]
    Sql {
        /// What was tried.
        doing: &'static str,
        /// SQLite's own words.
        source: rusqlite::Error,
    },
    /// A file could not be read or written.
    #[error("{path}: {doing}: {source}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's own words.
        source: std::io::Error,
    },
    /// A code file is damaged or not what it claims to be. Nothing was changed.
    #[error("{file}: {why}; nothing was imported")]
    BadFile {
        /// The file, with its archive: `archive.zip: name`.
        file: String,
        /// What is wrong, with its line, and what to do.
        why: String,
    },
    /// The embedded starter or vocabulary is faulty: a fault of the build.
    #[error("the embedded {what} is faulty: {why}")]
    Embedded {
        /// Which part.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
}

impl CodebookError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    pub(crate) fn bad_file(file: &str, why: impl Into<String>) -> Self {
        Self::BadFile { file: file.to_owned(), why: why.into() }
    }
}

/// Adds what was being done to an error of SQLite.
pub(crate) trait SqlContext<T> {
    /// Names the act for the error's text.
    fn doing(self, doing: &'static str) -> Result<T, CodebookError>;
}

impl<T> SqlContext<T> for Result<T, rusqlite::Error> {
    fn doing(self, doing: &'static str) -> Result<T, CodebookError> {
        self.map_err(|source| CodebookError::Sql { doing, source })
    }
}
