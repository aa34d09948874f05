//! How the desk is doing: counts, and the workers' signs of life.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use super::rows::time;
use super::{Dialect, Store, StoreError};
use crate::domain::Timestamp;

/// The last sign of life of a worker.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SignOfLife {
    /// Its name.
    pub worker: String,
    /// The process it works in: process id and machine.
    pub process: String,
    /// When.
    pub at: Timestamp,
    /// Its last error; empty while all is well.
    pub note: String,
}

impl<'r> FromRow<'r, AnyRow> for SignOfLife {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        let key: String = row.try_get("worker")?;
        let (worker, process) = key.rsplit_once('@').unwrap_or((&key, ""));
        Ok(Self {
            worker: worker.to_owned(),
            process: process.to_owned(),
            at: time(row, "at")?,
            note: row.try_get("note")?,
        })
    }
}

/// Counts of everything that may be stuck.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DeskStatus {
    /// Cases by state.
    pub cases: BTreeMap<String, i64>,
    /// Mails by state.
    pub mails: BTreeMap<String, i64>,
    /// Deliveries by state.
    pub deliveries: BTreeMap<String, i64>,
    /// When the oldest unfiled mail was stored.
    pub oldest_unfiled: Option<Timestamp>,
    /// The workers.
    pub signs_of_life: Vec<SignOfLife>,
}

impl Store {
    /// Counts everything.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn status(&self) -> Result<DeskStatus, StoreError> {
        let oldest: Option<(i64,)> = sqlx::query_as(
            "SELECT received_at FROM mails WHERE state = 'received' ORDER BY received_at LIMIT 1",
        )
        .fetch_optional(&self.read)
        .await
        .map_err(StoreError::db("counting"))?;
        let signs_of_life = sqlx::query_as("SELECT * FROM signs_of_life ORDER BY worker")
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db("reading the workers' signs of life"))?;
        Ok(DeskStatus {
            cases: self.count_by_state("SELECT state, COUNT(*) FROM cases GROUP BY state").await?,
            mails: self.count_by_state("SELECT state, COUNT(*) FROM mails GROUP BY state").await?,
            deliveries: self.count_by_state("SELECT state, COUNT(*) FROM outbox GROUP BY state").await?,
            oldest_unfiled: oldest.map(|(at,)| Timestamp::from_micros(at)),
            signs_of_life,
        })
    }

    async fn count_by_state(&self, sql: &'static str) -> Result<BTreeMap<String, i64>, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as(sql).fetch_all(&self.read).await.map_err(StoreError::db("counting"))?;
        Ok(rows.into_iter().collect())
    }

    /// A worker says that it lives, with its last error (or none).
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn sign_of_life(&self, worker: &str, note: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO signs_of_life (worker, at, note) VALUES ($1, $2, $3) \
             ON CONFLICT (worker) DO UPDATE SET at = excluded.at, note = excluded.note",
        )
        .bind(format!("{worker}@{}", process()))
        .bind(self.clock.now().micros())
        .bind(super::rows::storable(note))
        .execute(&self.write)
        .await
        .map_err(StoreError::db("giving a sign of life"))?;
        Ok(())
    }

    /// At the start: forgets the workers of processes that are gone. An SQLite database has no other process; on
    /// PostgreSQL a process counts as gone after a day of silence.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn forget_the_dead(&self) -> Result<(), StoreError> {
        let before = match self.dialect {
            Dialect::Sqlite => i64::MAX,
            Dialect::Postgres => self.clock.now().plus_seconds(-86_400).micros(),
        };
        sqlx::query("DELETE FROM signs_of_life WHERE at < $1")
            .bind(before)
            .execute(&self.write)
            .await
            .map_err(StoreError::db("forgetting old signs of life"))?;
        Ok(())
    }

    /// At the end: this process's workers live no more.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn end_signs_of_life(&self) -> Result<(), StoreError> {
        for sign in self.status().await?.signs_of_life.iter().filter(|s| s.process == process()) {
            sqlx::query("DELETE FROM signs_of_life WHERE worker = $1")
                .bind(format!("{}@{}", sign.worker, sign.process))
                .execute(&self.write)
                .await
                .map_err(StoreError::db("ending the signs of life"))?;
        }
        Ok(())
    }
}

/// This process, among those of several machines.
fn process() -> &'static str {
    static PROCESS: OnceLock<String> = OnceLock::new();
    PROCESS.get_or_init(|| {
        let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        format!("{}-{}", std::process::id(), machine.trim())
    })
}
