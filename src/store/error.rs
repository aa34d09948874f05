//! What can go wrong with the case database.

use crate::domain::{IllegalTransition, UnknownWord};

/// An error of the case database. `what` says what was tried.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or could not be reached.
    #[error("{what}: {source}{}", advice(source))]
    Database {
        /// What was tried.
        what: &'static str,
        /// The database's own words.
        source: sqlx::Error,
    },
    /// The database cannot be opened or brought up to date.
    #[error("{0}")]
    Open(String),
    /// Somebody else changed it meanwhile.
    #[error("{0} was changed meanwhile: look at it again")]
    Changed(String),
    /// There is no such row.
    #[error("there is no {what} `{which}`")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// By which name.
        which: String,
    },
    /// The state table does not allow it.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// A stored word that is no value of its type.
    #[error("the database holds a word that this program does not know: {0}")]
    Word(#[from] UnknownWord),
    /// A refusal with its reason.
    #[error("{0}")]
    Refused(String),
    /// Only in tests: the crash harness stopped the program here.
    #[error("stopped at {0} by the crash harness")]
    Crashed(&'static str),
}

/// SQLite's result code for a full disk or database (SQLITE_FULL).
const FULL: &str = "13";

fn advice(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Database(e) if e.code().as_deref() == Some(FULL) => {
            "; make room on the disk: what is not stored yet stays in the mailbox, and is tried again"
        }
        _ => "",
    }
}

impl StoreError {
    /// Wraps a database error with what was tried.
    pub(super) fn db(what: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { what, source }
    }

    /// Whether a unique constraint was violated.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database { source: sqlx::Error::Database(e), .. } if e.is_unique_violation())
    }
}
