//! T3: a case is claimed, a draft version is stored.

use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use super::audit;
use super::cases::{self, Case, CaseMail};
use super::rows::{list_json, parsed, storable};
use super::{MAX_ATTEMPTS, Store, StoreError};
use crate::domain::{Answer, CaseEvent, CaseId, CaseState, DeliveryKind, DraftId, MailId};

/// How long a claimed case may be worked on, in seconds.
const LEASE_SECONDS: i64 = 120;

/// A case that a worker has claimed to draft an answer.
#[derive(Debug, Clone)]
pub struct DraftClaim {
    /// The case as it is now; a draft is stored only while its version stands.
    pub case: Case,
    /// The asker's mails, oldest first, masked.
    pub mails: Vec<CaseMail>,
    /// Three attempts broke down: store the reason instead of a draft.
    pub exhausted: bool,
}

/// A draft version to be stored.
#[derive(Debug, Clone)]
pub struct NewDraft {
    /// Its id.
    pub id: DraftId,
    /// What it is to be sent as.
    pub kind: DeliveryKind,
    /// `consultant`, or a person's address.
    pub author: String,
    /// Markdown.
    pub text: String,
    /// Findings and sources.
    pub answer: Answer,
    /// Why there is none, if there is none.
    pub no_draft_reason: String,
    /// The codebook it rests on.
    pub codebook_id: String,
    /// Digest of the rows it rests on.
    pub evidence_digest: String,
    /// The asker's newest mail that it takes into account.
    pub newest_mail: Option<MailId>,
}

impl Store {
    /// Claims the case that has waited longest for a draft: attempt + 1 is committed before the work. `book` is the
    /// codebook of this process.
    ///
    /// # Errors
    /// If the database does not answer, or the desk uses another codebook.
    pub async fn claim_case(&self, book: &str) -> Result<Option<DraftClaim>, StoreError> {
        let (now, what) = (self.clock.now(), "claiming a case to draft");
        let mut tx = self.begin().await?;
        self.refuse_other_book(&mut tx, book).await?;
        let row: Option<AnyRow> = sqlx::query(self.dialect.sql(
            "UPDATE cases SET attempts = attempts + 1, lease_until = $1 WHERE id = \
             (SELECT id FROM cases WHERE state IN ('received', 'drafting') AND lease_until < $2 \
              ORDER BY waiting_since, id LIMIT 1{skip_locked}) RETURNING id, attempts",
        ))
        .bind(now.plus_seconds(LEASE_SECONDS).micros())
        .bind(now.micros())
        .fetch_optional(&mut *tx)
        .await
        .map_err(StoreError::db(what))?;
        let Some(row) = row else { return Ok(None) };
        let id: CaseId = parsed(&row, "id").map_err(StoreError::db(what))?;
        let attempts: i64 = sqlx::Row::try_get(&row, "attempts").map_err(StoreError::db(what))?;
        let mut case = cases::lock(self, &mut tx, &id).await?;
        if case.state == CaseState::Received {
            let payload = json!({ "attempt": attempts });
            cases::advance(self, &mut tx, &mut case, CaseEvent::StartDraft, "draft", &payload).await?;
        }
        self.commit(tx, "claim-case").await?;
        let mut mails = self.mails_of(&id).await?;
        mails.retain(|m| m.class == "human");
        Ok(Some(DraftClaim { case, mails, exhausted: attempts > MAX_ATTEMPTS }))
    }

    /// T3: stores what became of a claim, if the case has not changed since.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if newer mail came meanwhile: the case is then drafted again.
    pub async fn store_draft(&self, claim: &DraftClaim, draft: NewDraft) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let mut case = cases::lock(self, &mut tx, &claim.case.id).await?;
        if case.version != claim.case.version {
            return Err(StoreError::Changed(case.number.to_string()));
        }
        self.refuse_other_book(&mut tx, &draft.codebook_id).await?;
        let payload = json!({
            "draft": draft.id.as_str(), "verdict": draft.answer.verdict, "codebook": draft.codebook_id,
            "no_draft_reason": draft.no_draft_reason,
        });
        let author = draft.author.clone();
        self.insert_draft(&mut tx, &case, draft).await?;
        cases::advance(self, &mut tx, &mut case, CaseEvent::Drafted, &author, &payload).await?;
        sqlx::query("UPDATE cases SET attempts = 0, lease_until = 0 WHERE id = $1")
            .bind(case.id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("releasing a case"))?;
        self.commit(tx, "T3").await
    }

    /// Gives a claimed case back before its lease ends, for another attempt.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn release_case(&self, id: &CaseId) -> Result<(), StoreError> {
        sqlx::query("UPDATE cases SET lease_until = 0 WHERE id = $1 AND state IN ('received', 'drafting')")
            .bind(id.as_str())
            .execute(&self.write)
            .await
            .map_err(StoreError::db("releasing a case"))?;
        Ok(())
    }

    /// Makes a codebook the one that all processes must use. The one before, if it was another.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn activate_codebook(&self, id: &str) -> Result<Option<String>, StoreError> {
        let before = self.active_codebook().await?;
        if before.as_deref() == Some(id) {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO settings (name, value) VALUES ('codebook_id', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(id)
        .execute(&mut *tx)
        .await
        .map_err(StoreError::db("making a codebook the active one"))?;
        let payload = json!({ "codebook": id, "before": before });
        let (now, desk) = (self.clock.now(), super::DESK_CHAIN);
        audit::append(self, &mut tx, now, desk, "desk", "codebook_activated", &payload).await?;
        self.commit(tx, "codebook").await?;
        Ok(before)
    }

    /// The codebook that all processes must use.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn active_codebook(&self) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> = sqlx::query_as("SELECT value FROM settings WHERE name = 'codebook_id'")
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db("reading the active codebook"))?;
        Ok(row.map(|r| r.0))
    }

    pub(super) async fn refuse_other_book(
        &self,
        tx: &mut Transaction<'static, Any>,
        book: &str,
    ) -> Result<(), StoreError> {
        let row: Option<(String,)> = sqlx::query_as("SELECT value FROM settings WHERE name = 'codebook_id'")
            .fetch_optional(&mut **tx)
            .await
            .map_err(StoreError::db("reading the active codebook"))?;
        match row {
            Some((active,)) if active != book => Err(StoreError::Refused(
                "this process uses another codebook than the desk: import the same files into its codebook"
                    .to_owned(),
            )),
            _ => Ok(()),
        }
    }

    pub(super) async fn insert_draft(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &Case,
        draft: NewDraft,
    ) -> Result<(), StoreError> {
        let answer = serde_json::to_string(&draft.answer)
            .map_err(|e| StoreError::Refused(format!("the draft cannot be stored: {e}")))?;
        sqlx::query(
            "INSERT INTO drafts (id, case_id, version, kind, author, text, answer, no_draft_reason, codebook_id, \
             evidence_digest, newest_mail, created_at) \
             SELECT $1, $2, COALESCE(MAX(version), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11 \
             FROM drafts WHERE case_id = $2",
        )
        .bind(draft.id.as_str())
        .bind(case.id.as_str())
        .bind(draft.kind.as_str())
        .bind(storable(&draft.author))
        .bind(storable(&draft.text))
        .bind(storable(&answer))
        .bind(storable(&draft.no_draft_reason))
        .bind(draft.codebook_id)
        .bind(draft.evidence_digest)
        .bind(draft.newest_mail.map(|m| m.to_string()).unwrap_or_default())
        .bind(self.clock.now().micros())
        .execute(&mut **tx)
        .await
        .map_err(StoreError::db("storing a draft"))?;
        sqlx::query("UPDATE cases SET verdict = $1, flags = $2, stale = '' WHERE id = $3")
            .bind(draft.answer.verdict.as_str())
            .bind(list_json(&draft.answer.flags))
            .bind(case.id.as_str())
            .execute(&mut **tx)
            .await
            .map_err(StoreError::db("storing a draft"))?;
        Ok(())
    }
}
