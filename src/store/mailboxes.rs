//! Mailboxes as the database knows them: by name, account, host and folder.

use std::collections::HashSet;

use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use super::audit::{self, DESK_CHAIN};
use super::rows::{maybe_time, time};
use super::{Store, StoreError};
use crate::domain::Timestamp;

/// A look that found nothing new is noted at most so often, in seconds.
const LOOK_EVERY: i64 = 15;

/// A mailbox's row.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct MailboxRow {
    /// Its name in the configuration.
    pub name: String,
    /// Account, host and folder.
    pub identity: String,
    /// Mail that arrived earlier is counted, not opened.
    pub import_after: Timestamp,
    /// The UIDVALIDITY under which [`MailboxRow::baseline_uid`] holds; 0 if there is no baseline. A Maildir's is 1
    /// once it is known which mails were there before the desk was ([`Store::older_mail`]).
    pub baseline_uidvalidity: i64,
    /// UIDs below it were in the mailbox before the desk was.
    pub baseline_uid: i64,
    /// How many mails were there before the desk was.
    pub older_mail: i64,
    /// The last UIDVALIDITY seen.
    pub uidvalidity: i64,
    /// Mails on the server in the last cycle.
    pub on_server: i64,
    /// Of these, those that are not stored yet; 0 once reconciled.
    pub missing: i64,
    /// The last complete look at the mailbox.
    pub last_look_at: Option<Timestamp>,
    /// When it was made known.
    pub created_at: Timestamp,
}

impl<'r> FromRow<'r, AnyRow> for MailboxRow {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            name: row.try_get("name")?,
            identity: row.try_get("identity")?,
            import_after: time(row, "import_after")?,
            baseline_uidvalidity: row.try_get("baseline_uidvalidity")?,
            baseline_uid: row.try_get("baseline_uid")?,
            older_mail: row.try_get("older_mail")?,
            uidvalidity: row.try_get("uidvalidity")?,
            on_server: row.try_get("on_server")?,
            missing: row.try_get("missing")?,
            last_look_at: maybe_time(row, "last_look_at")?,
            created_at: time(row, "created_at")?,
        })
    }
}

/// What came of registering a mailbox.
#[derive(Debug, Clone, PartialEq)]
pub enum Registration {
    /// Seen for the first time.
    New,
    /// Known, and the same as before.
    Known,
    /// The name is known, but for another account, host or folder.
    Changed {
        /// What the database knows it as.
        was: String,
    },
    /// The account, host and folder are known by another name.
    Renamed {
        /// That name.
        was: String,
    },
}

impl Store {
    /// Compares a configured mailbox with what the database knows, without changing anything.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn compare_mailbox(&self, name: &str, identity: &str) -> Result<Registration, StoreError> {
        let known = self.mailboxes().await?;
        if let Some(row) = known.iter().find(|m| m.name == name) {
            return Ok(if row.identity == identity {
                Registration::Known
            } else {
                Registration::Changed { was: row.identity.clone() }
            });
        }
        Ok(match known.iter().find(|m| m.identity == identity) {
            Some(row) => Registration::Renamed { was: row.name.clone() },
            None => Registration::New,
        })
    }

    /// Makes a new mailbox known.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn register_mailbox(
        &self,
        name: &str,
        identity: &str,
        import_after: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let now = self.clock.now();
        let done = sqlx::query(
            "INSERT INTO mailboxes (name, identity, import_after, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(name)
        .bind(identity)
        .bind(import_after.micros())
        .bind(now.micros())
        .execute(&mut *tx)
        .await
        .map_err(StoreError::db("making a mailbox known"))?;
        if done.rows_affected() == 1 {
            let payload = json!({ "mailbox": name, "identity": identity });
            audit::append(self, &mut tx, now, DESK_CHAIN, "desk", "mailbox_registered", &payload).await?;
        }
        self.commit(tx, "mailbox").await
    }

    /// All mailboxes, by name.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn mailboxes(&self) -> Result<Vec<MailboxRow>, StoreError> {
        sqlx::query_as("SELECT * FROM mailboxes ORDER BY name")
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db("reading the mailboxes"))
    }

    /// One mailbox.
    ///
    /// # Errors
    /// If there is none of that name.
    pub async fn mailbox(&self, name: &str) -> Result<MailboxRow, StoreError> {
        sqlx::query_as("SELECT * FROM mailboxes WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db("reading a mailbox"))?
            .ok_or_else(|| StoreError::NotFound { what: "mailbox", which: name.to_owned() })
    }

    /// `mailbox rename OLD NEW`: the configuration calls it otherwise now; its mails and cases stay.
    ///
    /// # Errors
    /// If there is none of that name, or one of the new name.
    pub async fn rename_mailbox(&self, old: &str, new: &str, actor: &str) -> Result<(), StoreError> {
        self.mailbox(old).await?;
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE mailboxes SET name = $1 WHERE name = $2")
            .bind(new)
            .bind(old)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("renaming a mailbox (is there one of the new name?)"))?;
        let payload = json!({ "from": old, "to": new });
        audit::append(self, &mut tx, self.clock.now(), DESK_CHAIN, actor, "mailbox_renamed", &payload)
            .await?;
        self.commit(tx, "mailbox").await
    }

    /// `mailbox reset NAME`: the name stands for another account, host or folder now; the next look begins anew
    /// there. Mails and cases stay; the same mail found again is a duplicate.
    ///
    /// # Errors
    /// If there is none of that name.
    pub async fn reset_mailbox(
        &self,
        name: &str,
        identity: &str,
        import_after: Timestamp,
        actor: &str,
    ) -> Result<(), StoreError> {
        self.mailbox(name).await?;
        let mut tx = self.begin().await?;
        // Another account may well have the same UIDVALIDITY: its mails must not be taken for these.
        sqlx::query("UPDATE mails SET source_key = $1 || source_key WHERE mailbox = $2")
            .bind(format!("before {}: ", self.clock.now()))
            .bind(name)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("resetting a mailbox"))?;
        sqlx::query("DELETE FROM older_mail WHERE mailbox = $1")
            .bind(name)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("resetting a mailbox"))?;
        sqlx::query(
            "UPDATE mailboxes SET identity = $1, import_after = $2, baseline_uidvalidity = 0, baseline_uid = 0, \
             older_mail = 0, uidvalidity = 0, on_server = 0, missing = 0, last_look_at = 0 WHERE name = $3",
        )
        .bind(identity)
        .bind(import_after.micros())
        .bind(name)
        .execute(&mut *tx)
        .await
        .map_err(StoreError::db("resetting a mailbox"))?;
        let payload = json!({ "mailbox": name, "identity": identity });
        audit::append(self, &mut tx, self.clock.now(), DESK_CHAIN, actor, "mailbox_reset", &payload).await?;
        self.commit(tx, "mailbox").await
    }

    /// Notes from which UID on mail is opened (`import_from = "now"`); kept if one stands already.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn set_baseline(&self, name: &str, uidvalidity: u32, uid: u32) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE mailboxes SET baseline_uidvalidity = $1, baseline_uid = $2 \
             WHERE name = $3 AND baseline_uidvalidity = 0",
        )
        .bind(i64::from(uidvalidity))
        .bind(i64::from(uid))
        .bind(name)
        .execute(&self.write)
        .await
        .map_err(StoreError::db("noting where a mailbox begins"))?;
        Ok(())
    }

    /// Notes which mails of a Maildir were there before the desk was, once: the mailbox has a baseline afterwards.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn set_older_mail(&self, name: &str, source_keys: &[&str]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for source_key in source_keys {
            sqlx::query(
                "INSERT INTO older_mail (mailbox, source_key) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            )
            .bind(name)
            .bind(*source_key)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("noting where a mailbox begins"))?;
        }
        sqlx::query("UPDATE mailboxes SET baseline_uidvalidity = 1 WHERE name = $1")
            .bind(name)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("noting where a mailbox begins"))?;
        self.commit(tx, "mailbox").await
    }

    /// The mails of a Maildir that were there before the desk was.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn older_mail(&self, name: &str) -> Result<HashSet<String>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT source_key FROM older_mail WHERE mailbox = $1")
            .bind(name)
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db("reading where a mailbox begins"))?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    /// Notes a complete look at a mailbox.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn note_look(
        &self,
        name: &str,
        uidvalidity: u32,
        on_server: usize,
        missing: usize,
        older: usize,
    ) -> Result<(), StoreError> {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        sqlx::query(
            "UPDATE mailboxes SET uidvalidity = $1, on_server = $2, missing = $3, older_mail = $4, \
             last_look_at = $5 WHERE name = $6 AND (last_look_at < $7 OR uidvalidity <> $1 OR on_server <> $2 \
             OR missing <> $3 OR older_mail <> $4)",
        )
        .bind(i64::from(uidvalidity))
        .bind(count(on_server))
        .bind(count(missing))
        .bind(count(older))
        .bind(self.clock.now().micros())
        .bind(name)
        .bind(self.clock.now().plus_seconds(-LOOK_EVERY).micros())
        .execute(&self.write)
        .await
        .map_err(StoreError::db("noting a look at a mailbox"))?;
        Ok(())
    }

    /// Takes (or keeps) the right to read a mailbox for `seconds`: one process at a time.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn lease_mailbox(&self, name: &str, holder: &str, seconds: i64) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let done = sqlx::query(
            "UPDATE mailboxes SET lease_holder = $1, lease_until = $2 \
             WHERE name = $3 AND (lease_holder = $1 OR lease_until < $4)",
        )
        .bind(holder)
        .bind(now.plus_seconds(seconds).micros())
        .bind(name)
        .bind(now.micros())
        .execute(&self.write)
        .await
        .map_err(StoreError::db("taking a mailbox's lease"))?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives the right to read a mailbox back.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn release_mailbox(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE mailboxes SET lease_until = 0 WHERE name = $1 AND lease_holder = $2")
            .bind(name)
            .bind(holder)
            .execute(&self.write)
            .await
            .map_err(StoreError::db("giving a mailbox's lease back"))?;
        Ok(())
    }
}
