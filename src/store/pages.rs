//! What the pages and the command line list: the queue, quarantined mail, acknowledgements' limits.

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use super::cases::{self, Case};
use super::review::NewDelivery;
use super::rows::{optional, parsed, time};
use super::{Store, StoreError};
use crate::domain::{CaseId, CaseState, DeliveryKind, MailId, MailState, Timestamp};

/// Which cases a list shows.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// Only these states; all if empty.
    pub states: Vec<CaseState>,
    /// At most so many; all without it.
    pub limit: Option<usize>,
}

/// A line of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueEntry {
    /// The case.
    pub case: Case,
    /// How many mails of people it has.
    pub mails: i64,
    /// How many drafts.
    pub drafts: i64,
}

/// A mail that was set aside.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct QuarantinedMail {
    /// Its id.
    pub id: MailId,
    /// The mailbox it came in by.
    pub mailbox: String,
    /// Where it is there.
    pub source_key: String,
    /// `quarantined` or `too_large`.
    pub state: MailState,
    /// Why, and what to do.
    pub reason: String,
    /// The sender, if it could be read.
    pub sender: String,
    /// The subject, masked, if it could be read.
    pub masked_subject: String,
    /// The case it may belong to.
    pub suggested_case: Option<CaseId>,
    /// Bytes.
    pub size: i64,
    /// When it was stored.
    pub received_at: Timestamp,
}

impl<'r> FromRow<'r, AnyRow> for QuarantinedMail {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: parsed(row, "id")?,
            mailbox: row.try_get("mailbox")?,
            source_key: row.try_get("source_key")?,
            state: parsed(row, "state")?,
            reason: row.try_get("reason")?,
            sender: row.try_get("sender")?,
            masked_subject: row.try_get("masked_subject")?,
            suggested_case: optional(row, "suggested_case")?,
            size: row.try_get("size")?,
            received_at: time(row, "received_at")?,
        })
    }
}

impl Store {
    /// The queue: those that wait longest come first; of what is done, the newest.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn queue(&self, filter: &QueueFilter) -> Result<Vec<QueueEntry>, StoreError> {
        let what = "reading the queue";
        let states = if filter.states.is_empty() { CaseState::ALL } else { filter.states.as_slice() };
        // The words are our own (`CaseState::as_str`), never foreign text.
        let list: Vec<String> = states.iter().map(|s| format!("'{s}'")).collect();
        let done = states.iter().all(|s| s.is_at_rest());
        let order = if done { "c.updated_at DESC, c.id DESC" } else { "c.waiting_since, c.id" };
        let limit = filter.limit.map_or(i64::MAX, |most| i64::try_from(most).unwrap_or(i64::MAX));
        let rows: Vec<AnyRow> = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT c.*, \
             (SELECT COUNT(*) FROM mails m WHERE m.case_id = c.id AND m.class = 'human') AS mail_count, \
             (SELECT COUNT(*) FROM drafts d WHERE d.case_id = c.id) AS draft_count \
             FROM cases c WHERE c.state IN ({}) ORDER BY {order} LIMIT $1",
            list.join(", ")
        )))
        .bind(limit)
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db(what))?;
        rows.iter()
            .map(|row| {
                Ok(QueueEntry {
                    case: Case::from_row(row)?,
                    mails: row.try_get("mail_count")?,
                    drafts: row.try_get("draft_count")?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(StoreError::db(what))
    }

    /// Mail that was set aside: quarantined, or too large.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn quarantined(&self) -> Result<Vec<QuarantinedMail>, StoreError> {
        sqlx::query_as(
            "SELECT id, mailbox, source_key, state, reason, sender, masked_subject, suggested_case, size, received_at \
             FROM mails WHERE state IN ('quarantined', 'too_large') ORDER BY received_at, id LIMIT 1000",
        )
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db("reading the quarantine"))
    }

    /// Queues the acknowledgement of a case, if none was sent for it yet and the limits allow it: one an hour and
    /// three a day to a sender, 60 an hour from a mailbox. Whether it was queued.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn acknowledge(&self, id: &CaseId, new: &NewDelivery) -> Result<bool, StoreError> {
        let (now, what) = (self.clock.now(), "counting acknowledgements");
        let mut tx = self.begin().await?;
        let case = cases::lock(self, &mut tx, id).await?;
        let (hour, day) = (now.plus_seconds(-3600).micros(), now.plus_seconds(-86_400).micros());
        let counts: (i64, i64, i64, i64) = sqlx::query_as(
            "SELECT COUNT(CASE WHEN case_id = $1 THEN 1 END), \
             COUNT(CASE WHEN recipient = $2 AND created_at > $3 THEN 1 END), \
             COUNT(CASE WHEN recipient = $2 AND created_at > $4 THEN 1 END), \
             COUNT(CASE WHEN mailbox = $5 AND created_at > $3 THEN 1 END) \
             FROM outbox WHERE kind = 'acknowledgement'",
        )
        .bind(id.as_str())
        .bind(new.recipient.to_string())
        .bind(hour)
        .bind(day)
        .bind(case.mailbox.as_str())
        .fetch_one(&mut *tx)
        .await
        .map_err(StoreError::db(what))?;
        let (of_case, sender_hour, sender_day, mailbox_hour) = counts;
        if of_case > 0 || sender_hour >= 1 || sender_day >= 3 || mailbox_hour >= 60 {
            return Ok(false);
        }
        self.put_in_outbox(&mut tx, &case, DeliveryKind::Acknowledgement, id.as_str(), "", "", new).await?;
        let payload = serde_json::json!({ "delivery": new.id.as_str() });
        super::audit::append(self, &mut tx, now, id.as_str(), "file", "acknowledgement_queued", &payload)
            .await?;
        self.commit(tx, "acknowledge").await?;
        Ok(true)
    }
}
