//! The audit trail: append-only, chained per case, written inside the transactions that it tells of.

use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{Any, FromRow, Row, Transaction};

use super::rows::{storable, time};
use super::{Store, StoreError};
use crate::domain::{Timestamp, hex};

/// The chain of what belongs to no case: users, mailboxes, sign-ins.
pub const DESK_CHAIN: &str = "";

/// One entry of the trail.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AuditEntry {
    /// The case's id, or [`DESK_CHAIN`].
    pub case_id: String,
    /// Counts from 1 within the chain.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// A person's address, or the name of a worker.
    pub actor: String,
    /// What happened.
    pub event: String,
    /// Its particulars; never patient data.
    pub payload: Value,
    /// Of the entry before; 64 zeros for the first.
    pub prev_hash: String,
    /// SHA-256 over `prev_hash` and everything above.
    pub hash: String,
}

impl<'r> FromRow<'r, AnyRow> for AuditEntry {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            case_id: row.try_get("case_id")?,
            seq: row.try_get("seq")?,
            at: time(row, "at")?,
            actor: row.try_get("actor")?,
            event: row.try_get("event")?,
            payload: super::rows::json(row, "payload")?,
            prev_hash: row.try_get("prev_hash")?,
            hash: row.try_get("hash")?,
        })
    }
}

fn digest(prev: &str, case_id: &str, seq: i64, at: i64, actor: &str, event: &str, payload: &str) -> String {
    let mut hash = Sha256::new();
    for part in [prev, case_id, &seq.to_string(), &at.to_string(), actor, event, payload] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

/// Appends an entry to the chain of `case_id` inside a transaction. The second of two writers of one chain waits for
/// the first one's commit: SQLite has one writer anyway, on PostgreSQL a lock on the chain's name sees to it.
pub(super) async fn append(
    store: &Store,
    tx: &mut Transaction<'static, Any>,
    at: Timestamp,
    case_id: &str,
    actor: &str,
    event: &str,
    payload: &Value,
) -> Result<(), StoreError> {
    let what = "writing the audit trail";
    if let Some(lock) = store.dialect.lock_name() {
        sqlx::query(lock).bind(case_id).execute(&mut **tx).await.map_err(StoreError::db(what))?;
    }
    let last: Option<(i64, String)> =
        sqlx::query_as("SELECT seq, hash FROM audit WHERE case_id = $1 ORDER BY seq DESC LIMIT 1")
            .bind(case_id)
            .fetch_optional(&mut **tx)
            .await
            .map_err(StoreError::db(what))?;
    let (seq, prev) = last.map_or_else(|| (1, "0".repeat(64)), |(seq, hash)| (seq + 1, hash));
    let (actor, payload) = (storable(actor), storable(&payload.to_string()));
    let hash = digest(&prev, case_id, seq, at.micros(), &actor, event, &payload);
    sqlx::query(
        "INSERT INTO audit (case_id, seq, prev_hash, hash, at, actor, event, payload) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(case_id)
    .bind(seq)
    .bind(prev)
    .bind(hash)
    .bind(at.micros())
    .bind(actor)
    .bind(event)
    .bind(payload)
    .execute(&mut **tx)
    .await
    .map_err(StoreError::db(what))?;
    Ok(())
}

impl Store {
    /// The trail of a case (or of the desk), oldest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn audit_of(&self, case_id: &str) -> Result<Vec<AuditEntry>, StoreError> {
        sqlx::query_as("SELECT * FROM audit WHERE case_id = $1 ORDER BY seq")
            .bind(case_id)
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db("reading the audit trail"))
    }

    /// Adds an entry of its own (a sign-in, an original that was looked at).
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn record(
        &self,
        case_id: &str,
        actor: &str,
        event: &str,
        payload: &Value,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        append(self, &mut tx, self.clock.now(), case_id, actor, event, payload).await?;
        self.commit(tx, "audit").await
    }

    /// Walks every chain; the case ids whose chain is broken (an entry changed, missing or added by hand).
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn broken_audit_chains(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<AnyRow> = sqlx::query("SELECT * FROM audit ORDER BY case_id, seq")
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db("reading the audit trail"))?;
        let mut broken = Vec::new();
        let mut before: Option<(String, i64, String)> = None;
        for row in &rows {
            let read = || -> Result<_, sqlx::Error> {
                Ok((AuditEntry::from_row(row)?, row.try_get::<String, _>("payload")?))
            };
            let (entry, payload) = read().map_err(StoreError::db("reading the audit trail"))?;
            let (seq, prev) = match &before {
                Some((case, seq, hash)) if *case == entry.case_id => (seq + 1, hash.clone()),
                _ => (1, "0".repeat(64)),
            };
            let want =
                digest(&prev, &entry.case_id, seq, entry.at.micros(), &entry.actor, &entry.event, &payload);
            let whole = entry.seq == seq && entry.prev_hash == prev && entry.hash == want;
            if !whole && broken.last() != Some(&entry.case_id) {
                broken.push(entry.case_id.clone());
            }
            before = Some((entry.case_id, entry.seq, entry.hash));
        }
        Ok(broken)
    }
}
