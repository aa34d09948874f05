//! T1: sealed originals come in, in batches; and what is still to be marked on the server.

use std::collections::HashSet;

use super::rows::storable;
use super::{Store, StoreError};
use crate::domain::{MailId, MailState, Timestamp};

/// A mail as intake stores it.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// Its id; the sealed bytes are bound to it.
    pub id: MailId,
    /// The mailbox's name.
    pub mailbox: String,
    /// `uidvalidity:uid`, or the Maildir base name.
    pub source_key: String,
    /// Bytes of the original, as the server counts them.
    pub size: u64,
    /// The sealed original; of a mail over `max_size` the sealed headers.
    pub sealed: Vec<u8>,
    /// HMAC of the mail without its trace headers.
    pub content_digest: String,
    /// When the server got it.
    pub arrived_at: Timestamp,
    /// If only the headers are stored: why, and whose they are.
    pub too_large: Option<TooLarge>,
}

/// What people are shown of a mail over `max_size`, which stays on the server.
#[derive(Debug, Clone, Default)]
pub struct TooLarge {
    /// Why, and what to do.
    pub reason: String,
    /// The sender's address as far as the headers tell.
    pub sender: String,
    /// The subject, masked.
    pub masked_subject: String,
}

/// A mail that is stored but not yet marked on the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Unmarked {
    /// Its id.
    pub id: MailId,
    /// Where it is on the server.
    pub source_key: String,
}

impl Store {
    /// The keys of all mails stored of a mailbox: what a look at the server is compared with. Mails that were too
    /// large are left out if they are not any more.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn known_keys(&self, mailbox: &str, max_size: u64) -> Result<HashSet<String>, StoreError> {
        let what =
            "SELECT source_key FROM mails WHERE mailbox = $1 AND NOT (state = 'too_large' AND size <= $2)";
        let rows: Vec<(String,)> = sqlx::query_as(what)
            .bind(mailbox)
            .bind(i64::try_from(max_size).unwrap_or(i64::MAX))
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db("reading which mails are stored"))?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    /// T1: stores a batch in one transaction; what is there already stays as it is, but for a mail that was too
    /// large and comes whole now. How many were new.
    ///
    /// # Errors
    /// If the database does not answer: then nothing of the batch is stored, and the next look brings it again.
    pub async fn take_in(&self, batch: Vec<NewMail>) -> Result<usize, StoreError> {
        let mut tx = self.begin().await?;
        let (now, mut new) = (self.clock.now(), 0);
        for mail in batch {
            let state = if mail.too_large.is_some() { MailState::TooLarge } else { MailState::Received };
            let large = mail.too_large.unwrap_or_default();
            let done = sqlx::query(
                "INSERT INTO mails (id, mailbox, source_key, state, size, sealed_original, content_digest, \
                 arrived_at, received_at, reason, sender, masked_subject) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
                 ON CONFLICT (mailbox, source_key) DO UPDATE SET id = excluded.id, state = excluded.state, \
                 size = excluded.size, sealed_original = excluded.sealed_original, \
                 content_digest = excluded.content_digest, received_at = excluded.received_at, \
                 reason = excluded.reason WHERE mails.state = 'too_large' AND excluded.state = 'received'",
            )
            .bind(mail.id.as_str())
            .bind(mail.mailbox)
            .bind(storable(&mail.source_key))
            .bind(state.as_str())
            .bind(i64::try_from(mail.size).unwrap_or(i64::MAX))
            .bind(mail.sealed)
            .bind(mail.content_digest)
            .bind(mail.arrived_at.micros())
            .bind(now.micros())
            .bind(large.reason)
            .bind(storable(&large.sender))
            .bind(storable(&large.masked_subject))
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("storing mail"))?;
            new += usize::try_from(done.rows_affected()).unwrap_or(0);
        }
        self.commit(tx, "T1").await?;
        Ok(new)
    }

    /// Mails to be marked on the server (`on_filed`): filed, or known to be duplicates. What is quarantined, too
    /// large or not yet filed stays as it is there, visible to people.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn unmarked(&self, mailbox: &str, limit: i64) -> Result<Vec<Unmarked>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, source_key FROM mails WHERE mailbox = $1 AND marked_at IS NULL \
             AND state IN ('filed', 'duplicate') ORDER BY received_at, id LIMIT $2",
        )
        .bind(mailbox)
        .bind(limit)
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db("reading which mails are to be marked"))?;
        rows.into_iter()
            .map(|(id, source_key)| {
                let id = id.parse().map_err(|_| StoreError::NotFound { what: "mail", which: id })?;
                Ok(Unmarked { id, source_key })
            })
            .collect()
    }

    /// Notes that a mail is marked on the server (or is no longer there).
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn marked(&self, ids: &[MailId]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for id in ids {
            sqlx::query("UPDATE mails SET marked_at = $1 WHERE id = $2 AND marked_at IS NULL")
                .bind(self.clock.now().micros())
                .bind(id.as_str())
                .execute(&mut *tx)
                .await
                .map_err(StoreError::db("noting that a mail is marked"))?;
        }
        self.commit(tx, "mark").await
    }
}
