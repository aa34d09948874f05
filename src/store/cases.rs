//! Cases with their mails and drafts, and the one way in which a case's state changes.

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Any, FromRow, Row, Transaction};

use super::audit;
use super::rows::{flag, json, maybe_time, optional, parsed, time};
use super::{Store, StoreError};
use crate::domain::{
    Address, Answer, CaseEvent, CaseId, CaseNumber, CaseState, DeliveryKind, DraftId, MailId, MailState,
    ThreadToken, Timestamp, Verdict,
};

/// A case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Its short number.
    pub number: CaseNumber,
    /// The mailbox it came in by.
    pub mailbox: String,
    /// What proves that a mail belongs to it.
    pub token: ThreadToken,
    /// Where it stands.
    pub state: CaseState,
    /// Counts every change.
    pub version: i64,
    /// Whom an answer goes to; none if a person must decide.
    pub asker: Option<Address>,
    /// The subject, masked.
    pub masked_subject: String,
    /// Of the newest draft.
    pub verdict: Option<Verdict>,
    /// Of the newest draft.
    pub flags: Vec<String>,
    /// The draft that was approved, while it is.
    pub approved_draft: Option<DraftId>,
    /// The asker wrote while an answer could not be called back.
    pub mail_waits: bool,
    /// Why the newest draft no longer holds; empty if it does.
    pub stale: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The last change.
    pub updated_at: Timestamp,
    /// The asker's newest mail.
    pub waiting_since: Timestamp,
}

impl<'r> FromRow<'r, AnyRow> for Case {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: parsed(row, "id")?,
            number: parsed(row, "number")?,
            mailbox: row.try_get("mailbox")?,
            token: parsed(row, "token")?,
            state: parsed(row, "state")?,
            version: row.try_get("version")?,
            asker: optional(row, "asker")?,
            masked_subject: row.try_get("masked_subject")?,
            verdict: optional(row, "verdict")?,
            flags: json(row, "flags")?,
            approved_draft: optional(row, "approved_draft")?,
            mail_waits: flag(row, "mail_waits")?,
            stale: row.try_get("stale")?,
            opened_at: time(row, "opened_at")?,
            updated_at: time(row, "updated_at")?,
            waiting_since: time(row, "waiting_since")?,
        })
    }
}

/// A mail of a case, masked.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CaseMail {
    /// Its id.
    pub id: MailId,
    /// How far it has come.
    pub state: MailState,
    /// Who or what wrote it.
    pub class: String,
    /// Why it is taken for that.
    pub why: String,
    /// The sender's address.
    pub sender: String,
    /// A Reply-To that differs from the sender's, shown to the reviewer.
    pub reply_to: String,
    /// The subject, masked.
    pub masked_subject: String,
    /// What the person wrote, masked.
    pub masked_text: String,
    /// What was trimmed (quotes, signature), masked.
    pub masked_trimmed: String,
    /// Kinds of patient data that were masked.
    pub phi: Vec<String>,
    /// Names, types and sizes of attachments.
    pub attachments: Value,
    /// What was odd about it.
    pub problems: Vec<String>,
    /// Its Message-ID without brackets, `""` if it has none.
    pub message_id: String,
    /// The ids of its thread, oldest first, separated by spaces.
    pub references: String,
    /// The mail's own date.
    pub sent_at: Option<Timestamp>,
    /// When the desk stored it.
    pub received_at: Timestamp,
}

/// All but the sealed original, which may have 35 MB.
const MAIL_COLUMNS: &str = "id, state, class, why, sender, reply_to, masked_subject, masked_text, masked_trimmed, \
     phi, attachments, problems, message_id, mail_references, sent_at, received_at";

impl<'r> FromRow<'r, AnyRow> for CaseMail {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: parsed(row, "id")?,
            state: parsed(row, "state")?,
            class: row.try_get("class")?,
            why: row.try_get("why")?,
            sender: row.try_get("sender")?,
            reply_to: row.try_get("reply_to")?,
            masked_subject: row.try_get("masked_subject")?,
            masked_text: row.try_get("masked_text")?,
            masked_trimmed: row.try_get("masked_trimmed")?,
            phi: json(row, "phi")?,
            attachments: json(row, "attachments")?,
            problems: json(row, "problems")?,
            message_id: row.try_get("message_id")?,
            references: row.try_get("mail_references")?,
            sent_at: maybe_time(row, "sent_at")?,
            received_at: time(row, "received_at")?,
        })
    }
}

/// One version of a draft.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// The case's.
    pub case_id: CaseId,
    /// Counts the case's drafts from 1.
    pub version: i64,
    /// What it is to be sent as.
    pub kind: DeliveryKind,
    /// `consultant`, or a person's address.
    pub author: String,
    /// Markdown; empty with a reason.
    pub text: String,
    /// Findings and sources.
    pub answer: Answer,
    /// Why there is no draft, if there is none.
    pub no_draft_reason: String,
    /// The codebook it rests on.
    pub codebook_id: String,
    /// Digest of the rows it rests on.
    pub evidence_digest: String,
    /// The asker's mail up to which it is written.
    pub newest_mail: String,
    /// When.
    pub created_at: Timestamp,
}

impl<'r> FromRow<'r, AnyRow> for Draft {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: parsed(row, "id")?,
            case_id: parsed(row, "case_id")?,
            version: row.try_get("version")?,
            kind: parsed(row, "kind")?,
            author: row.try_get("author")?,
            text: row.try_get("text")?,
            answer: json(row, "answer")?,
            no_draft_reason: row.try_get("no_draft_reason")?,
            codebook_id: row.try_get("codebook_id")?,
            evidence_digest: row.try_get("evidence_digest")?,
            newest_mail: row.try_get("newest_mail")?,
            created_at: time(row, "created_at")?,
        })
    }
}

impl Store {
    /// A case by its id.
    ///
    /// # Errors
    /// If there is none.
    pub async fn case(&self, id: &CaseId) -> Result<Case, StoreError> {
        sqlx::query_as("SELECT * FROM cases WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db("reading a case"))?
            .ok_or_else(|| StoreError::NotFound { what: "case", which: id.to_string() })
    }

    /// A case by its number.
    ///
    /// # Errors
    /// If there is none.
    pub async fn case_by_number(&self, number: CaseNumber) -> Result<Case, StoreError> {
        sqlx::query_as("SELECT * FROM cases WHERE number = $1")
            .bind(number.to_string())
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db("reading a case"))?
            .ok_or_else(|| StoreError::NotFound { what: "case", which: number.to_string() })
    }

    /// The mails of a case, oldest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn mails_of(&self, case: &CaseId) -> Result<Vec<CaseMail>, StoreError> {
        sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {MAIL_COLUMNS} FROM mails WHERE case_id = $1 ORDER BY received_at, id"
        )))
        .bind(case.as_str())
        .fetch_all(&self.read)
        .await
        .map_err(StoreError::db("reading a case's mails"))
    }

    /// The drafts of a case, oldest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn drafts_of(&self, case: &CaseId) -> Result<Vec<Draft>, StoreError> {
        sqlx::query_as("SELECT * FROM drafts WHERE case_id = $1 ORDER BY version")
            .bind(case.as_str())
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db("reading a case's drafts"))
    }

    /// The newest draft of a case, if it has one.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn newest_draft(&self, case: &CaseId) -> Result<Option<Draft>, StoreError> {
        sqlx::query_as("SELECT * FROM drafts WHERE case_id = $1 ORDER BY version DESC LIMIT 1")
            .bind(case.as_str())
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db("reading a case's draft"))
    }

    /// The sealed original of a mail. Looking at it is audited by the caller.
    ///
    /// # Errors
    /// If there is none.
    pub async fn sealed_original(&self, mail: &MailId) -> Result<(CaseMail, Vec<u8>), StoreError> {
        let row: AnyRow = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {MAIL_COLUMNS}, sealed_original FROM mails WHERE id = $1"
        )))
        .bind(mail.as_str())
        .fetch_optional(&self.read)
        .await
        .map_err(StoreError::db("reading an original"))?
        .ok_or_else(|| StoreError::NotFound { what: "mail", which: mail.to_string() })?;
        let read = || Ok((CaseMail::from_row(&row)?, row.try_get("sealed_original")?));
        read().map_err(StoreError::db("reading an original"))
    }
}

/// The case's row, locked for the rest of the transaction.
pub(super) async fn lock(
    store: &Store,
    tx: &mut Transaction<'static, Any>,
    id: &CaseId,
) -> Result<Case, StoreError> {
    sqlx::query_as(store.dialect.sql("SELECT * FROM cases WHERE id = $1{for_update}"))
        .bind(id.as_str())
        .fetch_optional(&mut **tx)
        .await
        .map_err(StoreError::db("reading a case"))?
        .ok_or_else(|| StoreError::NotFound { what: "case", which: id.to_string() })
}

/// Moves a case by an event: the only statement that writes a case's state. The caller holds the case as it read
/// it; if it has changed since, nothing is written.
pub(super) async fn advance(
    store: &Store,
    tx: &mut Transaction<'static, Any>,
    case: &mut Case,
    event: CaseEvent,
    actor: &str,
    payload: &Value,
) -> Result<(), StoreError> {
    let (next, now) = (case.state.next(event)?, store.clock.now());
    let done = sqlx::query(
        "UPDATE cases SET state = $1, version = version + 1, updated_at = $2 WHERE id = $3 AND version = $4",
    )
    .bind(next.as_str())
    .bind(now.micros())
    .bind(case.id.as_str())
    .bind(case.version)
    .execute(&mut **tx)
    .await
    .map_err(StoreError::db("moving a case"))?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Changed(case.number.to_string()));
    }
    case.state = next;
    case.version += 1;
    audit::append(store, tx, now, case.id.as_str(), actor, event.as_str(), payload).await
}
