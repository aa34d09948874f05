//! What waits for longer than it should: for `check`.

use super::{Store, StoreError};
use crate::domain::Timestamp;

/// Mails to send that are overdue, of one mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// The mailbox they go out by; it may have been removed from the configuration.
    pub mailbox: String,
    /// How many.
    pub count: i64,
    /// Since when the oldest one is due.
    pub since: Timestamp,
}

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Since when the oldest case waits for its draft.
    pub undrafted_since: Option<Timestamp>,
    /// Queued mails that were due a while ago.
    pub overdue: Vec<Overdue>,
    /// Deliveries that wait for a person: uncertain ones, and those that failed last for a case that nobody can be
    /// told of otherwise.
    pub for_a_person: i64,
}

const PRIMARY: &str = "copy_of = '' AND kind IN ('answer', 'ask_back', 'decline')";

impl Store {
    /// What waits; a delivery is overdue if it was due `seconds` ago.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn stuck(&self, seconds: i64) -> Result<Stuck, StoreError> {
        let undrafted: Option<(i64,)> = sqlx::query_as(
            "SELECT updated_at FROM cases WHERE state IN ('received', 'drafting') ORDER BY updated_at LIMIT 1",
        )
        .fetch_optional(&self.read)
        .await
        .map_err(StoreError::db("looking for cases without a draft"))?;
        let overdue: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT mailbox, COUNT(*), MIN(not_before) FROM outbox WHERE state = 'queued' AND not_before < $1 \
             GROUP BY mailbox ORDER BY mailbox",
        )
        .bind(self.clock.now().plus_seconds(-seconds).micros())
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db("looking for overdue mails"))?;
        let (for_a_person,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT COUNT(*) FROM outbox o WHERE o.state = 'uncertain' OR (o.state = 'failed' AND o.id = \
             (SELECT n.id FROM outbox n WHERE n.case_id = o.case_id AND n.{PRIMARY} \
              ORDER BY n.created_at DESC, n.id DESC LIMIT 1) \
             AND EXISTS (SELECT 1 FROM cases c WHERE c.id = o.case_id AND c.state = 'undeliverable'))"
        )))
        .fetch_one(&self.read)
        .await
        .map_err(StoreError::db("looking for deliveries that need a person"))?;
        Ok(Stuck {
            undrafted_since: undrafted.map(|(at,)| Timestamp::from_micros(at)),
            overdue: overdue
                .into_iter()
                .map(|(mailbox, count, since)| Overdue {
                    mailbox,
                    count,
                    since: Timestamp::from_micros(since),
                })
                .collect(),
            for_a_person,
        })
    }
}
