//! What differs between SQLite and PostgreSQL. Everything else is one SQL text.

use sqlx::AssertSqlSafe;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded default: one process, one file.
    Sqlite,
    /// Several processes, several machines.
    Postgres,
}

impl Dialect {
    /// How a transaction that writes begins. SQLite takes the write lock at once, so that it never has to give up
    /// in the middle.
    pub(super) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// Behind a claiming sub-select: rows another worker holds are passed over.
    pub(super) fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Behind a select whose rows the same transaction is about to change.
    pub(super) fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// Puts a dialect's words into a statement written by us: `{skip_locked}` and `{for_update}`.
    pub(super) fn sql(self, text: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(
            text.replace("{skip_locked}", self.skip_locked()).replace("{for_update}", self.for_update()),
        )
    }

    /// The statements a new connection begins with.
    pub(super) fn on_connect(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; \
                 PRAGMA foreign_keys = ON"
            }
            Self::Postgres => "SET lock_timeout = '30s'",
        }
    }

    /// Waits until no other transaction holds this name (`$1`), and holds it to the end of this one. `None` where there
    /// is one writer anyway.
    pub(super) fn lock_name(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SELECT pg_advisory_xact_lock(hashtext($1))"),
        }
    }

    /// Tells other processes that there is work (PostgreSQL; at commit). `None` where they poll.
    pub(super) fn notify(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SELECT pg_notify('caseconsultant', '')"),
        }
    }
}
