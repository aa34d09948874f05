//! T6 and its relatives: how a delivery ends, what follows for its case, ended leases, what people decide, and what is
//! called back.
//!
//! One rule keeps outdated answers in the house: whenever a row would wait in the queue again, it is looked at whether
//! its case still wants it; if not, it is cancelled there and then ([`Store::settle`], [`Store::end_leases`]).

use serde_json::json;
use sqlx::{Any, Transaction};

use super::cases::{self, Case};
use super::outbox::{COLUMNS, Delivery, Settlement};
use super::{Store, StoreError};
use crate::domain::{CaseEvent, CaseState, DeliveryEvent, DeliveryId, DeliveryKind, DeliveryState};

impl Store {
    /// T6: writes down how an attempt ended, with what follows for the case. Late news for an attempt that another
    /// one has overtaken is refused.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if the attempt no longer holds.
    pub async fn settle(
        &self,
        id: &DeliveryId,
        attempt: i64,
        settlement: &Settlement,
        reply: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let (mut case, mut delivery) = self.lock_with_case(&mut tx, id).await?;
        if delivery.attempt != attempt {
            return Err(StoreError::Changed(format!("delivery {id}")));
        }
        let event = match settlement {
            Settlement::Accepted => DeliveryEvent::Accepted,
            Settlement::Deferred { .. } => DeliveryEvent::Deferred,
            Settlement::Refused => DeliveryEvent::Refused,
            Settlement::Lost => DeliveryEvent::Lost,
        };
        self.advance_delivery(&mut tx, &delivery, event, "deliver", reply).await?;
        delivery.state = delivery.state.next(event)?;
        if let Settlement::Deferred { not_before } = settlement {
            sqlx::query("UPDATE outbox SET not_before = $1 WHERE id = $2")
                .bind(not_before.micros())
                .bind(id.as_str())
                .execute(&mut *tx)
                .await
                .map_err(StoreError::db("putting a delivery off"))?;
        }
        self.follow_up(&mut tx, &mut case, &delivery, "deliver", reply).await?;
        self.commit(tx, "T6").await
    }

    /// What a delivery's new state means for its case, and for its copies.
    async fn follow_up(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &mut Case,
        delivery: &Delivery,
        actor: &str,
        reply: &str,
    ) -> Result<(), StoreError> {
        if !is_about_case(delivery) {
            return Ok(());
        }
        match delivery.state {
            DeliveryState::Queued => return self.call_back_if_outdated(tx, case, delivery).await,
            DeliveryState::Sent | DeliveryState::Failed if delivery.copy_of.is_none() => {}
            _ => return Ok(()),
        }
        let payload = json!({ "delivery": delivery.id.as_str(), "reply": reply });
        let happened = match (delivery.state, case.state) {
            (DeliveryState::Sent, CaseState::Approved) => Some(CaseEvent::Sent),
            (DeliveryState::Failed, CaseState::Approved) => Some(CaseEvent::Failed),
            (DeliveryState::Failed, CaseState::AwaitingAsker) => Some(CaseEvent::Bounced),
            _ => None,
        };
        if let Some(happened) = happened.filter(|_| case.approved_draft == delivery.draft_id) {
            cases::advance(self, tx, case, happened, actor, &payload).await?;
        }
        if delivery.state == DeliveryState::Failed {
            self.cancel_copies(tx, delivery).await?;
        }
        self.take_up_waiting_mail(tx, case, delivery).await
    }

    /// A row that would wait in the queue again although its case has moved on, or newer mail waits: cancelled.
    async fn call_back_if_outdated(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &mut Case,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        if !case.mail_waits && still_wanted(case, delivery) {
            return Ok(());
        }
        self.advance_delivery(tx, delivery, DeliveryEvent::Cancel, "desk", "the case has moved on").await?;
        if delivery.copy_of.is_none() {
            self.cancel_copies(tx, delivery).await?;
            self.take_up_waiting_mail(tx, case, delivery).await?;
        }
        Ok(())
    }

    /// The mail that came while an answer could not be called back.
    async fn take_up_waiting_mail(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &mut Case,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        if !case.mail_waits {
            return Ok(());
        }
        let payload = json!({ "waited_for": delivery.id.as_str() });
        cases::advance(self, tx, case, CaseEvent::AskerMail, "deliver", &payload).await?;
        case.mail_waits = false;
        sqlx::query("UPDATE cases SET mail_waits = 0, approved_draft = '', attempts = 0, lease_until = 0 WHERE id = $1")
            .bind(case.id.as_str())
            .execute(&mut **tx)
            .await
            .map_err(StoreError::db("taking up a mail that waited"))?;
        Ok(())
    }

    async fn cancel_copies(
        &self,
        tx: &mut Transaction<'static, Any>,
        of: &Delivery,
    ) -> Result<(), StoreError> {
        for copy in self.live_rows(tx, of.case_id.as_str()).await? {
            if copy.copy_of.as_ref() == Some(&of.id) && copy.state == DeliveryState::Queued {
                let why = "the mail that it is a copy of did not go out";
                self.advance_delivery(tx, &copy, DeliveryEvent::Cancel, "desk", why).await?;
            }
        }
        Ok(())
    }

    /// Ends leases whose holder did not come back: `claimed` is queued again, `transmitting` becomes uncertain. With
    /// `all` (at the start of the only process) every lease counts as ended. How many.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn end_leases(&self, all: bool) -> Result<usize, StoreError> {
        let until = if all { i64::MAX } else { self.clock.now().micros() };
        let rows: Vec<Delivery> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM outbox WHERE state IN ('claimed', 'transmitting') AND lease_until < $1"
        )))
        .bind(until)
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db("looking for ended leases"))?;
        if all {
            self.end_claims().await?;
        }
        let mut ended = 0;
        for row in rows {
            let mut tx = self.begin().await?;
            let (mut case, mut delivery) = self.lock_with_case(&mut tx, &row.id).await?;
            if delivery.attempt != row.attempt || delivery.state != row.state {
                continue;
            }
            let why = match delivery.state {
                DeliveryState::Transmitting => "the program stopped before the server's answer was known",
                _ => "the program stopped before the mail was sent",
            };
            let event = DeliveryEvent::LeaseExpired;
            self.advance_delivery(&mut tx, &delivery, event, "deliver", why).await?;
            delivery.state = delivery.state.next(event)?;
            self.follow_up(&mut tx, &mut case, &delivery, "deliver", why).await?;
            self.commit(tx, "lease").await?;
            ended += 1;
        }
        Ok(ended)
    }

    /// What was being filed or drafted is free at once; its attempts still count.
    async fn end_claims(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for sql in [
            "UPDATE mails SET lease_until = 0 WHERE state = 'received'",
            "UPDATE cases SET lease_until = 0 WHERE state IN ('received', 'drafting')",
        ] {
            sqlx::query(sql).execute(&mut *tx).await.map_err(StoreError::db("ending leases"))?;
        }
        self.commit(tx, "leases").await
    }

    /// A person (or the policy `on_uncertain = "resend"`, or a copy found in Sent) settles a delivery.
    ///
    /// # Errors
    /// If its state does not allow it; for a resend also if the case has moved on.
    pub async fn resolve(
        &self,
        id: &DeliveryId,
        event: DeliveryEvent,
        actor: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let (mut case, mut delivery) = self.lock_with_case(&mut tx, id).await?;
        let next = delivery.state.next(event)?;
        if event == DeliveryEvent::Resend && is_about_case(&delivery) {
            self.allow_resend(&mut tx, &mut case, &delivery, actor).await?;
        }
        self.advance_delivery(&mut tx, &delivery, event, actor, reason).await.map_err(|e| {
            if e.is_unique_violation() {
                StoreError::Refused("another answer of this case is on its way already".to_owned())
            } else {
                e
            }
        })?;
        delivery.state = next;
        self.follow_up(&mut tx, &mut case, &delivery, actor, reason).await?;
        self.commit(tx, "resolve").await
    }

    /// Whether an uncertain or failed answer may be sent (again). An undeliverable case goes back through review to
    /// approved for it, in the same transaction.
    async fn allow_resend(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &mut Case,
        delivery: &Delivery,
        actor: &str,
    ) -> Result<(), StoreError> {
        let moved_on = |case: &Case| {
            let (number, state) = (case.number, case.state);
            StoreError::Refused(format!(
                "{number} is {state} now, and this mail is no longer its answer: approve one there instead"
            ))
        };
        let (Some(draft), false) = (&delivery.draft_id, case.mail_waits) else { return Err(moved_on(case)) };
        let failed_answer = delivery.state == DeliveryState::Failed && delivery.copy_of.is_none();
        if !(failed_answer && case.state == CaseState::Undeliverable) {
            let answered = case.state == CaseState::Answered && delivery.copy_of.is_none();
            return if still_wanted(case, delivery) && !answered { Ok(()) } else { Err(moved_on(case)) };
        }
        let newest: Option<(String,)> =
            sqlx::query_as("SELECT id FROM drafts WHERE case_id = $1 ORDER BY version DESC LIMIT 1")
                .bind(case.id.as_str())
                .fetch_optional(&mut **tx)
                .await
                .map_err(StoreError::db("reading a case's draft"))?;
        if newest.is_none_or(|(id,)| id != draft.as_str()) {
            return Err(moved_on(case));
        }
        let payload = json!({ "resend": delivery.id.as_str() });
        let again = match delivery.kind {
            DeliveryKind::AskBack => CaseEvent::AskBack,
            DeliveryKind::Decline => CaseEvent::Decline,
            _ => CaseEvent::Approve,
        };
        cases::advance(self, tx, case, CaseEvent::Redo, actor, &payload).await?;
        cases::advance(self, tx, case, again, actor, &payload).await?;
        case.approved_draft = Some(draft.clone());
        sqlx::query("UPDATE cases SET approved_draft = $1 WHERE id = $2")
            .bind(draft.as_str())
            .bind(case.id.as_str())
            .execute(&mut **tx)
            .await
            .map_err(StoreError::db("approving again"))?;
        Ok(())
    }

    /// Cancels what is still queued of a case's answers. `false`, with nothing cancelled, if the asker's own mail can
    /// no longer be called back. The caller holds the case.
    pub(super) async fn cancel_queued(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &Case,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let rows = self.live_rows(tx, case.id.as_str()).await?;
        if rows.iter().any(|d| d.copy_of.is_none() && d.state != DeliveryState::Queued) {
            return Ok(false);
        }
        for delivery in rows.iter().filter(|d| d.state == DeliveryState::Queued) {
            self.advance_delivery(tx, delivery, DeliveryEvent::Cancel, "desk", reason).await?;
        }
        Ok(true)
    }

    async fn live_rows(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &str,
    ) -> Result<Vec<Delivery>, StoreError> {
        sqlx::query_as(self.dialect.sql(&format!(
            "SELECT {COLUMNS} FROM outbox WHERE case_id = $1 AND kind IN ('answer', 'ask_back', 'decline') \
             AND state IN ('queued', 'claimed', 'transmitting', 'uncertain') ORDER BY id{{for_update}}"
        )))
        .bind(case)
        .fetch_all(&mut **tx)
        .await
        .map_err(StoreError::db("looking for what is queued"))
    }
}

/// Whether it carries a draft, and its fate is its case's.
fn is_about_case(delivery: &Delivery) -> bool {
    matches!(delivery.kind, DeliveryKind::Answer | DeliveryKind::AskBack | DeliveryKind::Decline)
}

/// Whether the case still stands behind this mail: the same as the claim (T5) asks.
fn still_wanted(case: &Case, delivery: &Delivery) -> bool {
    use CaseState as S;
    delivery.draft_id.is_some()
        && case.approved_draft == delivery.draft_id
        && matches!(case.state, S::Approved | S::AwaitingAsker | S::Declined | S::Answered)
}
