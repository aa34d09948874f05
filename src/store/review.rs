//! T4 and the reviewer's other acts: edit, approve, ask back, decline, redo, void, close, reopen.

use serde_json::{Value, json};
use sqlx::{Any, Transaction};

use super::audit;
use super::cases::{self, Case};
use super::drafting::NewDraft;
use super::{Store, StoreError};
use crate::domain::{
    Address, CaseEvent, CaseId, CaseState, DeliveryId, DeliveryKind, DraftId, MessageId, Timestamp,
};

/// One mail to one envelope recipient, composed and ready.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// The envelope recipient.
    pub recipient: Address,
    /// The row whose Cc this is.
    pub copy_of: Option<DeliveryId>,
    /// The envelope sender; none is the null sender.
    pub envelope_sender: Option<Address>,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// The very bytes.
    pub mime: Vec<u8>,
    /// Not before this: the undo window.
    pub not_before: Timestamp,
    /// Whether a copy is to be filed in the Sent folder afterwards.
    pub wants_copy: bool,
}

/// What a reviewer decides on, as it was shown to them.
#[derive(Debug, Clone)]
pub struct Review {
    /// The case.
    pub case_id: CaseId,
    /// Its version as it was shown.
    pub case_version: i64,
    /// Who decides.
    pub actor: String,
}

/// An approval (T4).
#[derive(Debug, Clone)]
pub struct Approval {
    /// The case as it was shown.
    pub review: Review,
    /// The draft that was shown.
    pub draft_id: DraftId,
    /// What it goes out as.
    pub kind: DeliveryKind,
    /// Digest of recipients, subject, text, attachments and codebook: what was shown.
    pub digest: String,
    /// The codebook of this process.
    pub codebook_id: String,
    /// The mails; none for a decline without reply.
    pub deliveries: Vec<NewDelivery>,
    /// Why, for a decline, or for what was overruled.
    pub reason: String,
    /// What verification objected to, and a senior reviewer answers for.
    pub overruled: Vec<String>,
}

impl Store {
    async fn locked(&self, tx: &mut Transaction<'static, Any>, review: &Review) -> Result<Case, StoreError> {
        let case = cases::lock(self, tx, &review.case_id).await?;
        if case.version == review.case_version {
            Ok(case)
        } else {
            Err(StoreError::Changed(case.number.to_string()))
        }
    }

    /// T4: the outbox row with the final bytes, the case's state and the audit event in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if anything was edited or the asker wrote since it was shown; a refusal if the draft
    /// no longer holds, or another answer of the case is on its way.
    pub async fn approve(&self, approval: Approval) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let mut case = self.locked(&mut tx, &approval.review).await?;
        if !case.stale.is_empty() {
            return Err(StoreError::Refused(format!("the draft no longer holds: {}. Redo it", case.stale)));
        }
        self.refuse_other_book(&mut tx, &approval.codebook_id).await?;
        self.refuse_outdated_draft(&mut tx, &case, &approval).await?;
        if !self.cancel_queued(&mut tx, &case, "another answer was approved").await? {
            return Err(on_its_way(&case));
        }
        let event = match approval.kind {
            DeliveryKind::AskBack => CaseEvent::AskBack,
            DeliveryKind::Decline => CaseEvent::Decline,
            _ => CaseEvent::Approve,
        };
        let deliveries: Vec<_> = approval.deliveries.iter().map(|d| d.id.as_str()).collect();
        let mut payload = json!({
            "draft": approval.draft_id.as_str(), "digest": approval.digest, "codebook": approval.codebook_id,
            "deliveries": deliveries, "reason": approval.reason,
        });
        if let (Some(fields), false) = (payload.as_object_mut(), approval.overruled.is_empty()) {
            fields.insert("overruled".to_owned(), json!(approval.overruled));
        }
        cases::advance(self, &mut tx, &mut case, event, &approval.review.actor, &payload).await?;
        // A decline without a reply stands behind no mail.
        let approved = if approval.deliveries.is_empty() { "" } else { approval.draft_id.as_str() };
        self.set_approved(&mut tx, &case, approved).await?;
        let cause = self.next_cause(&mut tx, &approval).await?;
        for delivery in &approval.deliveries {
            self.insert_delivery(&mut tx, &case, &approval, &cause, delivery).await?;
        }
        self.commit(tx, "T4").await
    }

    /// The newest draft must be the one that was shown, rest on the active codebook, and know of the asker's newest mail.
    async fn refuse_outdated_draft(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &Case,
        approval: &Approval,
    ) -> Result<(), StoreError> {
        let newest: Option<(String, String, String)> = sqlx::query_as(
            "SELECT id, codebook_id, newest_mail FROM drafts WHERE case_id = $1 ORDER BY version DESC LIMIT 1",
        )
        .bind(case.id.as_str())
        .fetch_optional(&mut **tx)
        .await
        .map_err(StoreError::db("reading a case's draft"))?;
        let Some((id, book, answered)) = newest.filter(|(id, ..)| id == approval.draft_id.as_str()) else {
            return Err(StoreError::Changed(case.number.to_string()));
        };
        if approval.kind == DeliveryKind::Answer && book != approval.codebook_id {
            return Err(StoreError::Refused(format!(
                "the draft of {} rests on an older codebook: have it drafted anew",
                case.number
            )));
        }
        let mail: Option<(String,)> = sqlx::query_as(
            "SELECT id FROM mails WHERE case_id = $1 AND class = 'human' AND state = 'filed' \
             ORDER BY received_at DESC, id DESC LIMIT 1",
        )
        .bind(case.id.as_str())
        .fetch_optional(&mut **tx)
        .await
        .map_err(StoreError::db("reading a case's newest mail"))?;
        match mail {
            Some((mail,)) if !answered.is_empty() && mail != answered => {
                tracing::info!(case = %case.number, draft = id, "newer mail came than the draft answers");
                Err(StoreError::Changed(case.number.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// The outbox row's cause: the draft, with a count behind it if the same draft was approved (and called back or
    /// refused) before.
    async fn next_cause(
        &self,
        tx: &mut Transaction<'static, Any>,
        approval: &Approval,
    ) -> Result<String, StoreError> {
        let (before,): (i64,) = sqlx::query_as(
            "SELECT COUNT(DISTINCT cause_id) FROM outbox WHERE draft_id = $1 AND copy_of = ''",
        )
        .bind(approval.draft_id.as_str())
        .fetch_one(&mut **tx)
        .await
        .map_err(StoreError::db("counting earlier approvals"))?;
        Ok(match before {
            0 => approval.draft_id.to_string(),
            n => format!("{}#{}", approval.draft_id, n + 1),
        })
    }

    async fn insert_delivery(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &Case,
        approval: &Approval,
        cause: &str,
        delivery: &NewDelivery,
    ) -> Result<(), StoreError> {
        self.put_in_outbox(
            tx,
            case,
            approval.kind,
            cause,
            approval.draft_id.as_str(),
            &approval.review.actor,
            delivery,
        )
        .await
        .map_err(|e| {
            if e.is_unique_violation() {
                StoreError::Refused(format!("an answer to {} is on its way already", case.number))
            } else {
                e
            }
        })
    }

    async fn set_approved(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &Case,
        draft: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE cases SET approved_draft = $1 WHERE id = $2")
            .bind(draft)
            .bind(case.id.as_str())
            .execute(&mut **tx)
            .await
            .map_err(StoreError::db("noting which draft is approved"))?;
        Ok(())
    }

    /// Stores a person's version of the draft.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if the case changed since it was shown; a refusal if it is not in review.
    pub async fn edit(&self, review: &Review, draft: NewDraft) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let case = self.locked(&mut tx, review).await?;
        if case.state != CaseState::InReview {
            return Err(StoreError::Refused(format!(
                "{} is {}: nothing to edit now",
                case.number, case.state
            )));
        }
        let (stale, payload) = (case.stale.clone(), json!({ "draft": draft.id.as_str() }));
        self.insert_draft(&mut tx, &case, draft).await?;
        // A person's edit does not make outdated evidence good again.
        sqlx::query("UPDATE cases SET version = version + 1, updated_at = $1, stale = $2 WHERE id = $3")
            .bind(self.clock.now().micros())
            .bind(stale)
            .bind(case.id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("storing an edit"))?;
        audit::append(self, &mut tx, self.clock.now(), case.id.as_str(), &review.actor, "edited", &payload)
            .await?;
        self.commit(tx, "edit").await
    }

    /// Redo, close or reopen.
    ///
    /// # Errors
    /// If the state table does not allow it now, or the case changed since it was shown.
    pub async fn move_case(
        &self,
        review: &Review,
        event: CaseEvent,
        payload: &Value,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let mut case = self.locked(&mut tx, review).await?;
        if event == CaseEvent::Close && !self.cancel_queued(&mut tx, &case, "the case was closed").await? {
            return Err(on_its_way(&case));
        }
        cases::advance(self, &mut tx, &mut case, event, &review.actor, payload).await?;
        sqlx::query("UPDATE cases SET approved_draft = '', attempts = 0, lease_until = 0 WHERE id = $1")
            .bind(case.id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("moving a case"))?;
        self.commit(tx, "move").await
    }

    /// Takes an approval back while its mail is still queued.
    ///
    /// # Errors
    /// A refusal if the mail is on its way already.
    pub async fn void(&self, review: &Review, reason: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let mut case = self.locked(&mut tx, review).await?;
        case.state.next(CaseEvent::Void)?;
        if !self.cancel_queued(&mut tx, &case, reason).await? {
            return Err(on_its_way(&case));
        }
        let payload = json!({ "reason": reason });
        cases::advance(self, &mut tx, &mut case, CaseEvent::Void, &review.actor, &payload).await?;
        self.set_approved(&mut tx, &case, "").await?;
        self.commit(tx, "void").await
    }

    /// A person decides whom an answer goes to (a mail without or with several From addresses).
    ///
    /// # Errors
    /// If the case changed since it was shown.
    pub async fn set_asker(&self, review: &Review, asker: &Address) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let case = self.locked(&mut tx, review).await?;
        sqlx::query("UPDATE cases SET asker = $1, version = version + 1 WHERE id = $2")
            .bind(asker.to_string())
            .bind(case.id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("noting whom to answer"))?;
        let payload = json!({ "asker": asker });
        audit::append(
            self,
            &mut tx,
            self.clock.now(),
            case.id.as_str(),
            &review.actor,
            "asker_set",
            &payload,
        )
        .await?;
        self.commit(tx, "asker").await
    }

    /// Cases in review whose newest draft rests on another codebook than `book`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn cases_on_other_book(&self, book: &str) -> Result<Vec<Case>, StoreError> {
        sqlx::query_as(
            "SELECT c.* FROM cases c JOIN drafts d ON d.case_id = c.id \
             WHERE c.state IN ('in_review', 'approved') AND d.codebook_id <> $1 AND c.stale = '' \
             AND d.version = (SELECT MAX(version) FROM drafts WHERE case_id = c.id)",
        )
        .bind(book)
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db("looking for drafts on an older codebook"))
    }

    /// Settles whether a draft still holds under a new codebook: `None` if its evidence is unchanged (it is then
    /// carried over), else why not; an approval that can still be called back is voided.
    ///
    /// # Errors
    /// If the database does not answer, or the case changed meanwhile.
    pub async fn recheck(&self, case: &Case, book: &str, stale: Option<&str>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let review =
            Review { case_id: case.id.clone(), case_version: case.version, actor: "desk".to_owned() };
        let mut case = self.locked(&mut tx, &review).await?;
        match stale {
            None => {
                sqlx::query(
                    "UPDATE drafts SET codebook_id = $1 WHERE case_id = $2 \
                     AND version = (SELECT MAX(version) FROM drafts WHERE case_id = $2)",
                )
                .bind(book)
                .bind(case.id.as_str())
                .execute(&mut *tx)
                .await
                .map_err(StoreError::db("carrying a draft over to a new codebook"))?;
            }
            Some(why) => {
                let payload = json!({ "reason": why, "codebook": book });
                if case.state == CaseState::Approved && self.cancel_queued(&mut tx, &case, why).await? {
                    cases::advance(self, &mut tx, &mut case, CaseEvent::Void, "desk", &payload).await?;
                    self.set_approved(&mut tx, &case, "").await?;
                }
                sqlx::query("UPDATE cases SET stale = $1, version = version + 1 WHERE id = $2")
                    .bind(why)
                    .bind(case.id.as_str())
                    .execute(&mut *tx)
                    .await
                    .map_err(StoreError::db("marking a draft as outdated"))?;
                let now = self.clock.now();
                audit::append(self, &mut tx, now, case.id.as_str(), "desk", "draft_outdated", &payload)
                    .await?;
            }
        }
        self.commit(tx, "recheck").await
    }
}

fn on_its_way(case: &Case) -> StoreError {
    StoreError::Refused(format!(
        "an answer of {} is on its way already, or it is not known whether it arrived: look at its deliveries",
        case.number
    ))
}
