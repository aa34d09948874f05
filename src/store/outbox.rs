//! The outbox: its rows, T5 claim and T5b before DATA. How an attempt ends is in `settle`.
//!
//! A mail goes out at most once without a person's doing: every step is fenced by the attempt, and whatever may
//! have reached the server is `uncertain` until somebody knows.

use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Any, FromRow, Row, Transaction};

use super::audit;
use super::cases::{self, Case};
use super::review::NewDelivery;
use super::rows::{maybe_time, optional, parsed, storable, time};
use super::{Store, StoreError};
use crate::domain::{
    Address, CaseId, DeliveryEvent, DeliveryId, DeliveryKind, DeliveryState, DraftId, MessageId, Timestamp,
};

/// The lease of a claimed delivery in seconds: longer than the 10 minutes allowed for the answer to the dot.
const LEASE_SECONDS: i64 = 15 * 60;

/// A row of the outbox, without its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// What it is.
    pub kind: DeliveryKind,
    /// The envelope recipient.
    pub recipient: Address,
    /// The row whose Cc it is.
    pub copy_of: Option<DeliveryId>,
    /// The case's id.
    pub case_id: CaseId,
    /// The draft it carries.
    pub draft_id: Option<DraftId>,
    /// The mailbox it goes out by.
    pub mailbox: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Counts the claims; fences every later step.
    pub attempt: i64,
    /// Not before this.
    pub not_before: Timestamp,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// The server's last words, or what went wrong.
    pub reply: String,
    /// Who approved it.
    pub approved_by: String,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub settled_at: Option<Timestamp>,
    /// `wanted`, `filed` or empty.
    pub sent_copy: String,
}

impl<'r> FromRow<'r, AnyRow> for Delivery {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        let id: String = row.try_get("message_id")?;
        let message_id = MessageId::new(&id).ok_or_else(|| sqlx::Error::ColumnDecode {
            index: "message_id".to_owned(),
            source: format!("`{id}` is no Message-ID").into(),
        })?;
        Ok(Self {
            id: parsed(row, "id")?,
            kind: parsed(row, "kind")?,
            recipient: parsed(row, "recipient")?,
            copy_of: optional(row, "copy_of")?,
            case_id: parsed(row, "case_id")?,
            draft_id: optional(row, "draft_id")?,
            mailbox: row.try_get("mailbox")?,
            state: parsed(row, "state")?,
            attempt: row.try_get("attempt")?,
            not_before: time(row, "not_before")?,
            message_id,
            reply: row.try_get("reply")?,
            approved_by: row.try_get("approved_by")?,
            created_at: time(row, "created_at")?,
            settled_at: maybe_time(row, "settled_at")?,
            sent_copy: row.try_get("sent_copy")?,
        })
    }
}

/// A delivery that a worker has claimed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row.
    pub delivery: Delivery,
    /// The envelope sender; none is the null sender.
    pub envelope_sender: Option<Address>,
    /// The very bytes.
    pub mime: Vec<u8>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// A definite yes.
    Accepted,
    /// A definite "not now": try again after `not_before`.
    Deferred {
        /// When to try again.
        not_before: Timestamp,
    },
    /// A definite no.
    Refused,
    /// Nobody knows.
    Lost,
}

pub(super) const COLUMNS: &str = "id, kind, cause_id, recipient, copy_of, case_id, draft_id, mailbox, state, attempt, \
     not_before, message_id, reply, approved_by, created_at, settled_at, sent_copy, copy_attempts, envelope_sender";

impl Store {
    /// T5: claims the next delivery of one of `mailboxes` that is due: attempt + 1 and a lease are committed before
    /// the work. An answer is taken only while its case is approved for that very draft; a copy only once the asker's
    /// own mail went out.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn claim_delivery(&self, mailbox: &str) -> Result<Option<Claimed>, StoreError> {
        let (now, what) = (self.clock.now(), "claiming a delivery");
        let mut tx = self.begin().await?;
        let row: Option<AnyRow> = sqlx::query(self.dialect.sql(&format!(
            "UPDATE outbox SET state = 'claimed', attempt = attempt + 1, lease_until = $1 WHERE id = \
             (SELECT o.id FROM outbox o WHERE o.state = 'queued' AND o.not_before <= $2 AND o.mailbox = $3 \
              AND (o.kind IN ('acknowledgement', 'notice') OR EXISTS \
                   (SELECT 1 FROM cases c WHERE c.id = o.case_id AND c.approved_draft = o.draft_id \
                    AND c.state IN ('approved', 'awaiting_asker', 'declined', 'answered'))) \
              AND (o.copy_of = '' OR EXISTS \
                   (SELECT 1 FROM outbox p WHERE p.id = o.copy_of AND p.state IN ('sent', 'bounced'))) \
              ORDER BY o.not_before, o.id LIMIT 1{{skip_locked}}) RETURNING {COLUMNS}, mime",
        )))
        .bind(now.plus_seconds(LEASE_SECONDS).micros())
        .bind(now.micros())
        .bind(mailbox)
        .fetch_optional(&mut *tx)
        .await
        .map_err(StoreError::db(what))?;
        // Nothing was changed: no commit, so that nobody is woken.
        let Some(row) = row else { return Ok(None) };
        let read = || {
            Ok(Claimed {
                delivery: Delivery::from_row(&row)?,
                envelope_sender: optional(&row, "envelope_sender")?,
                mime: row.try_get("mime")?,
            })
        };
        let claimed: Claimed = read().map_err(StoreError::db(what))?;
        DeliveryState::Queued.next(DeliveryEvent::Claim)?;
        self.note(&mut tx, &claimed.delivery, "delivery_claimed", "deliver", "").await?;
        self.commit(tx, "T5").await?;
        Ok(Some(claimed))
    }

    /// T5b, just before DATA: from here on the mail may have been sent. The lease begins anew, so that it outlasts the
    /// longest wait for the answer to the dot. `false`: the claim no longer holds; send
    /// nothing.
    ///
    /// # Errors
    /// If the database does not answer: then nothing may be sent either.
    pub async fn begin_data(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let next = DeliveryState::Claimed.next(DeliveryEvent::BeginData)?;
        let done = sqlx::query(
            "UPDATE outbox SET state = $1, lease_until = $5 \
             WHERE id = $2 AND attempt = $3 AND state = 'claimed' AND lease_until > $4",
        )
        .bind(next.as_str())
        .bind(delivery.id.as_str())
        .bind(delivery.attempt)
        .bind(self.clock.now().micros())
        .bind(self.clock.now().plus_seconds(LEASE_SECONDS).micros())
        .execute(&mut *tx)
        .await
        .map_err(StoreError::db("noting that a mail is about to be sent"))?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        self.note(&mut tx, delivery, "delivery_transmitting", "deliver", "").await?;
        self.commit(tx, "T5b").await?;
        Ok(true)
    }

    /// A delivery and its case, locked for the rest of the transaction: always the case first, so that two
    /// transactions never wait for each other.
    pub(super) async fn lock_with_case(
        &self,
        tx: &mut Transaction<'static, Any>,
        id: &DeliveryId,
    ) -> Result<(Case, Delivery), StoreError> {
        let what = "reading a delivery";
        let none = || StoreError::NotFound { what: "delivery", which: id.to_string() };
        let row: Option<(String,)> = sqlx::query_as("SELECT case_id FROM outbox WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut **tx)
            .await
            .map_err(StoreError::db(what))?;
        let case_id: CaseId = row.ok_or_else(none)?.0.parse().map_err(|_| none())?;
        let case = cases::lock(self, tx, &case_id).await?;
        let delivery = sqlx::query_as(
            self.dialect.sql(&format!("SELECT {COLUMNS} FROM outbox WHERE id = $1{{for_update}}")),
        )
        .bind(id.as_str())
        .fetch_optional(&mut **tx)
        .await
        .map_err(StoreError::db(what))?
        .ok_or_else(none)?;
        Ok((case, delivery))
    }

    /// Moves a delivery by an event: but for T5's and T5b's own fenced statements, the only one that writes its state.
    pub(super) async fn advance_delivery(
        &self,
        tx: &mut Transaction<'static, Any>,
        delivery: &Delivery,
        event: DeliveryEvent,
        actor: &str,
        reply: &str,
    ) -> Result<(), StoreError> {
        let next = delivery.state.next(event)?;
        let settled = if next.is_live() { 0 } else { self.clock.now().micros() };
        let done = sqlx::query(
            "UPDATE outbox SET state = $1, reply = $2, settled_at = $3, lease_until = 0 \
             WHERE id = $4 AND state = $5 AND attempt = $6",
        )
        .bind(next.as_str())
        .bind(storable(reply))
        .bind(settled)
        .bind(delivery.id.as_str())
        .bind(delivery.state.as_str())
        .bind(delivery.attempt)
        .execute(&mut **tx)
        .await
        .map_err(StoreError::db("moving a delivery"))?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Changed(format!("delivery {}", delivery.id)));
        }
        self.note(tx, delivery, &format!("delivery_{event}"), actor, reply).await
    }

    async fn note(
        &self,
        tx: &mut Transaction<'static, Any>,
        delivery: &Delivery,
        event: &str,
        actor: &str,
        reply: &str,
    ) -> Result<(), StoreError> {
        let payload = json!({
            "delivery": delivery.id.as_str(), "kind": delivery.kind, "attempt": delivery.attempt, "reply": reply,
        });
        audit::append(self, tx, self.clock.now(), delivery.case_id.as_str(), actor, event, &payload).await
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) async fn put_in_outbox(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &Case,
        kind: DeliveryKind,
        cause: &str,
        draft: &str,
        approved_by: &str,
        new: &NewDelivery,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO outbox (id, kind, cause_id, recipient, copy_of, case_id, draft_id, mailbox, state, \
             not_before, envelope_sender, message_id, mime, approved_by, created_at, sent_copy) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(new.id.as_str())
        .bind(kind.as_str())
        .bind(cause)
        .bind(new.recipient.to_string())
        .bind(new.copy_of.as_ref().map(DeliveryId::to_string).unwrap_or_default())
        .bind(case.id.as_str())
        .bind(draft)
        .bind(case.mailbox.as_str())
        .bind(new.not_before.micros())
        .bind(new.envelope_sender.as_ref().map(Address::to_string).unwrap_or_default())
        .bind(new.message_id.as_str())
        .bind(new.mime.clone())
        .bind(approved_by)
        .bind(self.clock.now().micros())
        .bind(if new.wants_copy { "wanted" } else { "" })
        .execute(&mut **tx)
        .await
        .map_err(StoreError::db("queueing a mail"))?;
        Ok(())
    }

    /// The outbox of a case, oldest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn deliveries_of(&self, case: &CaseId) -> Result<Vec<Delivery>, StoreError> {
        sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM outbox WHERE case_id = $1 ORDER BY created_at, id"
        )))
        .bind(case.as_str())
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db("reading a case's deliveries"))
    }

    /// Deliveries in these states, oldest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn deliveries(&self, states: &[DeliveryState]) -> Result<Vec<Delivery>, StoreError> {
        let rows: Vec<Delivery> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM outbox ORDER BY created_at, id"
        )))
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db("reading the outbox"))?;
        Ok(rows.into_iter().filter(|d| states.is_empty() || states.contains(&d.state)).collect())
    }

    /// One delivery with its bytes.
    ///
    /// # Errors
    /// If there is none.
    pub async fn delivery(&self, id: &DeliveryId) -> Result<Claimed, StoreError> {
        let what = "reading a delivery";
        let row: AnyRow =
            sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS}, mime FROM outbox WHERE id = $1")))
                .bind(id.as_str())
                .fetch_optional(&self.read)
                .await
                .map_err(StoreError::db(what))?
                .ok_or_else(|| StoreError::NotFound { what: "delivery", which: id.to_string() })?;
        let read = || {
            Ok(Claimed {
                delivery: Delivery::from_row(&row)?,
                envelope_sender: optional(&row, "envelope_sender")?,
                mime: row.try_get("mime")?,
            })
        };
        read().map_err(StoreError::db(what))
    }

    /// Sent mails whose copy is still to be filed in the Sent folder; at most ten attempts each.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn copies_wanted(&self, mailbox: &str) -> Result<Vec<Claimed>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT id FROM outbox WHERE mailbox = $1 AND state IN ('sent', 'bounced') AND sent_copy = 'wanted' \
             AND copy_of = '' AND copy_attempts < 10 ORDER BY settled_at, id LIMIT 20",
        )
        .bind(mailbox)
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db("looking for copies to file"))?;
        let mut wanted = Vec::with_capacity(rows.len());
        for (id,) in rows {
            let id = id.parse().map_err(|_| StoreError::NotFound { what: "delivery", which: id })?;
            wanted.push(self.delivery(&id).await?);
        }
        Ok(wanted)
    }

    /// Counts an attempt at filing a copy (before it is made), or notes that it is filed.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn note_copy(&self, id: &DeliveryId, filed: bool) -> Result<(), StoreError> {
        let sql = if filed {
            "UPDATE outbox SET sent_copy = 'filed' WHERE id = $1"
        } else {
            "UPDATE outbox SET copy_attempts = copy_attempts + 1 WHERE id = $1"
        };
        sqlx::query(sql)
            .bind(id.as_str())
            .execute(&self.write)
            .await
            .map_err(StoreError::db("noting that a copy is filed"))?;
        Ok(())
    }
}
