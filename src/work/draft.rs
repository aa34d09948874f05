//! Drafting (T3): a case's question goes to the consultant, the draft into the review queue.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

use super::{Step, WorkError, Worker};
use crate::clock::Clock;
use crate::codebook::Codebook;
use crate::consult::{Question, consult};
use crate::desk::{BookInUse, evidence_digest};
use crate::domain::{Answer, DeliveryKind, DraftId, Verdict};
use crate::store::{Case, CaseMail, DraftClaim, NewDraft, Store, StoreError};

/// Drafts answers with one codebook.
#[derive(Clone)]
pub struct Drafter {
    store: Store,
    book: BookInUse,
    clock: Clock,
    zone: TimeZone,
}

impl Drafter {
    /// A drafter with this codebook.
    #[must_use]
    pub fn new(store: Store, book: BookInUse, clock: Clock, zone: TimeZone) -> Self {
        Self { store, book, clock, zone }
    }

    /// Drafts one answer, if a case waits for one.
    ///
    /// # Errors
    /// If the database does not answer; the case waits for its next attempt then.
    pub async fn draft_one(&self) -> Result<Step, WorkError> {
        // One book from the claim to the draft, whatever is swapped in meanwhile.
        let book = self.book.now();
        let Some(claim) = self.store.claim_case(book.id()).await? else { return Ok(Step::Idle) };
        let outcome = if claim.exhausted {
            Err("the consultant broke down on this question three times".to_owned())
        } else {
            match self.consult(&book, &claim.case, &claim.mails).await {
                Ok(answer) => Ok(answer),
                Err(Failure::Reason(why)) => Err(why),
                Err(Failure::Broken) => {
                    self.store.release_case(&claim.case.id).await?;
                    return Err(WorkError::Broken(format!(
                        "the consultant broke down on {}",
                        claim.case.number
                    )));
                }
            }
        };
        match self.store.store_draft(&claim, self.new_draft(&book, &claim, outcome)).await {
            // The asker wrote meanwhile: the case is drafted again with that mail.
            Err(StoreError::Changed(_)) => Ok(Step::Worked),
            Err(error) => {
                // Not the question's fault: it is drafted again soon, not when the claim ends by itself.
                self.store.release_case(&claim.case.id).await?;
                Err(error.into())
            }
            Ok(()) => Ok(Step::Worked),
        }
    }

    fn new_draft(&self, book: &Codebook, claim: &DraftClaim, outcome: Result<Answer, String>) -> NewDraft {
        let (answer, no_draft_reason) = match outcome {
            Ok(answer) => (answer, String::new()),
            Err(why) => (no_answer(&why), why),
        };
        NewDraft {
            id: DraftId::fresh(self.clock.new_id()),
            kind: DeliveryKind::Answer,
            author: "consultant".to_owned(),
            text: answer.text.clone(),
            evidence_digest: evidence_digest(&answer),
            answer,
            no_draft_reason,
            codebook_id: book.id().to_owned(),
            newest_mail: claim.mails.last().map(|m| m.id.clone()),
        }
    }

    async fn consult(
        &self,
        book: &Arc<Codebook>,
        case: &Case,
        mails: &[CaseMail],
    ) -> Result<Answer, Failure> {
        let Some((newest, earlier)) = mails.split_last() else {
            return Err(Failure::Reason("the case has no mail that a person wrote".to_owned()));
        };
        let question = Question {
            subject: case.masked_subject.clone(),
            text: newest.masked_text.clone(),
            date: newest.sent_at.unwrap_or(newest.received_at).date_in(&self.zone),
            dos_override: None,
            phi_present: mails.iter().any(|m| !m.phi.is_empty()),
            attachments_unread: attachment_names(newest),
            earlier: earlier.iter().map(|m| m.masked_text.clone()).collect(),
        };
        let book = Arc::clone(book);
        let work = move || std::panic::catch_unwind(AssertUnwindSafe(|| consult(&question, &book)));
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(error))) => Err(Failure::Reason(error.to_string())),
            Ok(Err(_)) | Err(_) => Err(Failure::Broken),
        }
    }

    /// After a change of the codebook: drafts whose evidence is unchanged are carried over, the others are marked as
    /// outdated, and approvals that rest on them are called back while they can be. How many are outdated.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn recheck_drafts(&self) -> Result<usize, WorkError> {
        let (mut outdated, book) = (0, self.book.now());
        for case in self.store.cases_on_other_book(book.id()).await? {
            let mut mails = self.store.mails_of(&case.id).await?;
            mails.retain(|m| m.class == "human");
            let Some(draft) = self.store.newest_draft(&case.id).await? else { continue };
            let now = self.consult(&book, &case, &mails).await.ok().map(|answer| evidence_digest(&answer));
            let stale = (now.as_deref() != Some(draft.evidence_digest.as_str()))
                .then_some("a new codebook changed what this draft rests on");
            match self.store.recheck(&case, book.id(), stale).await {
                Err(StoreError::Changed(_)) => {}
                outcome => outcome?,
            }
            outdated += usize::from(stale.is_some());
        }
        Ok(outdated)
    }
}

enum Failure {
    Reason(String),
    Broken,
}

impl Worker for Drafter {
    fn name(&self) -> String {
        "draft".to_owned()
    }

    async fn step(&mut self, _: &CancellationToken) -> Result<Step, WorkError> {
        self.draft_one().await
    }
}

/// "No draft, because …": a person writes the answer.
fn no_answer(why: &str) -> Answer {
    Answer {
        verdict: Verdict::NeedInfo,
        summary: format!("No draft: {why}"),
        text: String::new(),
        date_of_service: None,
        codes: Vec::new(),
        findings: Vec::new(),
        missing: Vec::new(),
        flags: vec!["no_draft".to_owned()],
        sources: Vec::new(),
    }
}

fn attachment_names(mail: &CaseMail) -> Vec<String> {
    let list = mail.attachments.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|a| a.get("name")?.as_str().map(str::to_owned)).collect()
}
