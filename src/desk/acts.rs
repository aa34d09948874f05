//! The acts themselves. Each one names the case's version that its page showed; if the case has changed since, it
//! is refused and nothing is lost.

use serde_json::json;

use super::{Desk, DeskError, Overruling, Signer};
use crate::domain::{Address, CaseEvent, CaseId, DeliveryEvent, DeliveryId, DeliveryKind, DraftId, Role};
use crate::store::{Approval, Case, NewDraft, Review};

/// An approval as the page (or the command line) posts it.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The case.
    pub case_id: CaseId,
    /// Its version as shown.
    pub case_version: i64,
    /// The draft as shown.
    pub draft_id: DraftId,
    /// The preview's id.
    pub delivery_id: DeliveryId,
    /// The preview's digest.
    pub digest: String,
    /// Copies, as shown.
    pub cc: Vec<Address>,
    /// That it goes out in spite of what verification objects to.
    pub overruling: Option<Overruling>,
}

/// A person's version of a draft.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The case.
    pub case_id: CaseId,
    /// Its version as shown.
    pub case_version: i64,
    /// What it is to be sent as: an answer, a question back or a refusal.
    pub kind: DeliveryKind,
    /// Markdown.
    pub text: String,
}

impl Desk {
    fn review(&self, case_id: &CaseId, case_version: i64, signer: &Signer) -> Review {
        Review { case_id: case_id.clone(), case_version, actor: signer.address.to_string() }
    }

    /// T4. Composes the mail once more and approves it if it is, to the byte, the one that was shown.
    ///
    /// # Errors
    /// See [`DeskError`]; a conflict if anything changed since it was shown.
    pub async fn approve(&self, decision: &Decision, signer: &Signer) -> Result<(), DeskError> {
        let case = self.store.case(&decision.case_id).await?;
        let number = case.number.to_string();
        self.refuse_old_preview(&decision.delivery_id, &number)?;
        let draft = self
            .store
            .newest_draft(&case.id)
            .await?
            .filter(|d| d.id == decision.draft_id)
            .ok_or_else(|| DeskError::NotAsShown(number.clone()))?;
        let mails = self.store.mails_of(&case.id).await?;
        let id = Some(decision.delivery_id.clone());
        let preview = self.preview(&case, &draft, &mails, signer, &decision.cc, id)?;
        if preview.digest != decision.digest {
            return Err(DeskError::NotAsShown(number));
        }
        let verified = self.verify(&case, &draft).await?;
        let overruled = Self::refuse_objections(&verified, decision.overruling.as_ref(), &number)?;
        let reason = decision
            .overruling
            .as_ref()
            .filter(|_| !overruled.is_empty())
            .map(|o| o.reason.trim().to_owned());
        let approval = Approval {
            review: self.review(&case.id, decision.case_version, signer),
            draft_id: draft.id.clone(),
            kind: draft.kind,
            digest: preview.digest.clone(),
            codebook_id: self.book.id(),
            deliveries: self.deliveries(&case, &preview),
            reason: reason.unwrap_or_default(),
            overruled,
        };
        Ok(self.store.approve(approval).await?)
    }

    /// Stores a person's version of the draft; the next preview shows it.
    ///
    /// # Errors
    /// A conflict if the case changed since it was shown.
    pub async fn edit(&self, edit: &Edit, signer: &Signer) -> Result<DraftId, DeskError> {
        if edit.text.trim().is_empty() {
            return Err(DeskError::Input("the text is empty: nothing was stored".to_owned()));
        }
        if !matches!(edit.kind, DeliveryKind::Answer | DeliveryKind::AskBack | DeliveryKind::Decline) {
            return Err(DeskError::Input(format!("a draft cannot be sent as `{}`", edit.kind)));
        }
        let before = self.store.newest_draft(&edit.case_id).await?.ok_or_else(|| {
            DeskError::NotSendable(
                "there is no draft yet: wait until the consultant has been at it".to_owned(),
            )
        })?;
        let id = DraftId::fresh(self.clock.new_id());
        let draft = NewDraft {
            id: id.clone(),
            kind: edit.kind,
            author: signer.address.to_string(),
            text: edit.text.replace("\r\n", "\n"),
            answer: before.answer,
            no_draft_reason: String::new(),
            codebook_id: before.codebook_id,
            evidence_digest: before.evidence_digest,
            newest_mail: before.newest_mail.parse().ok(),
        };
        self.store.edit(&self.review(&edit.case_id, edit.case_version, signer), draft).await?;
        Ok(id)
    }

    /// Declines without a reply; the reason is kept.
    ///
    /// # Errors
    /// If no reason is given, or the case changed since it was shown.
    pub async fn decline_silently(
        &self,
        case_id: &CaseId,
        case_version: i64,
        reason: &str,
        signer: &Signer,
    ) -> Result<(), DeskError> {
        let reason = required(reason)?;
        let case = self.store.case(case_id).await?;
        let draft = self.store.newest_draft(case_id).await?.ok_or_else(|| {
            DeskError::NotSendable(format!("{} has no draft yet: wait for it", case.number))
        })?;
        let approval = Approval {
            review: self.review(case_id, case_version, signer),
            draft_id: draft.id,
            kind: DeliveryKind::Decline,
            digest: String::new(),
            codebook_id: self.book.id(),
            deliveries: Vec::new(),
            reason,
            overruled: Vec::new(),
        };
        Ok(self.store.approve(approval).await?)
    }

    /// Has the draft written anew; what people wrote stays as a version.
    ///
    /// # Errors
    /// If the case is in no state for it, or changed since it was shown.
    pub async fn redo(&self, case_id: &CaseId, version: i64, signer: &Signer) -> Result<(), DeskError> {
        self.move_case(case_id, version, CaseEvent::Redo, "", signer).await
    }

    /// Closes or reopens a case (or has it redone), with an optional reason.
    ///
    /// # Errors
    /// If the case is in no state for it, or changed since it was shown.
    pub async fn move_case(
        &self,
        case_id: &CaseId,
        version: i64,
        event: CaseEvent,
        reason: &str,
        signer: &Signer,
    ) -> Result<(), DeskError> {
        if !matches!(event, CaseEvent::Redo | CaseEvent::Close | CaseEvent::Reopen) {
            return Err(DeskError::Input(format!("`{event}` is not done by hand")));
        }
        let review = self.review(case_id, version, signer);
        Ok(self.store.move_case(&review, event, &json!({ "reason": reason })).await?)
    }

    /// Takes an approval back while its mail is still queued.
    ///
    /// # Errors
    /// If it is on its way already.
    pub async fn void(
        &self,
        case_id: &CaseId,
        version: i64,
        reason: &str,
        signer: &Signer,
    ) -> Result<(), DeskError> {
        let reason = if reason.trim().is_empty() { "taken back by the reviewer" } else { reason.trim() };
        Ok(self.store.void(&self.review(case_id, version, signer), reason).await?)
    }

    /// Decides whom an answer goes to.
    ///
    /// # Errors
    /// If the address is one of the desk's, or the case changed since it was shown.
    pub async fn set_asker(
        &self,
        case_id: &CaseId,
        version: i64,
        asker: &Address,
        signer: &Signer,
    ) -> Result<(), DeskError> {
        if self.mailboxes.values().any(|m| m.address.same_as(asker)) {
            return Err(DeskError::Input(format!("{asker} is an address of this desk")));
        }
        Ok(self.store.set_asker(&self.review(case_id, version, signer), asker).await?)
    }

    /// A person settles an uncertain or failed delivery: it was sent, or it is to be sent (again).
    ///
    /// # Errors
    /// If its state does not allow it, or the person may not.
    pub async fn settle(
        &self,
        delivery: &DeliveryId,
        event: DeliveryEvent,
        reason: &str,
        signer: &Signer,
        role: Role,
    ) -> Result<(), DeskError> {
        if role < Role::Senior {
            return Err(DeskError::Input(
                "only a senior reviewer or an administrator may settle a delivery".to_owned(),
            ));
        }
        if !matches!(event, DeliveryEvent::WasSent | DeliveryEvent::Resend) {
            return Err(DeskError::Input(format!("`{event}` is not decided by a person")));
        }
        let reason = if reason.trim().is_empty() { "settled by hand" } else { reason.trim() };
        Ok(self.store.resolve(delivery, event, &signer.address.to_string(), reason).await?)
    }

    /// The case with this number or id.
    ///
    /// # Errors
    /// If there is none.
    pub async fn find_case(&self, name: &str) -> Result<Case, DeskError> {
        if let Ok(number) = name.parse() {
            return Ok(self.store.case_by_number(number).await?);
        }
        match name.parse::<CaseId>() {
            Ok(id) => Ok(self.store.case(&id).await?),
            Err(_) => {
                Err(DeskError::Input(format!("`{name}` is no case number: they look like CC-2026-00042")))
            }
        }
    }
}

fn required(reason: &str) -> Result<String, DeskError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(DeskError::Input("a reason is needed: it is kept with the case".to_owned()));
    }
    Ok(reason.chars().take(2000).collect())
}
