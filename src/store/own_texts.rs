//! Our own plain-language texts for codes: proposed, then approved by a senior reviewer; each step is in the audit trail.

use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use super::audit::{self, DESK_CHAIN};
use super::rows::{storable, time};
use super::{Store, StoreError};
use crate::domain::Timestamp;

/// The texts of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnText {
    /// CPT or HCPCS level II.
    pub code: String,
    /// Counts every change.
    pub version: i64,
    /// What waits for approval; empty: nothing.
    pub proposed_text: String,
    /// Its search words.
    pub proposed_words: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// The approved text; empty: there is none.
    pub text: String,
    /// Its search words.
    pub words: String,
    /// Who approved it.
    pub approved_by: String,
    /// When.
    pub approved_at: Timestamp,
}

impl<'r> FromRow<'r, AnyRow> for OwnText {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            code: row.try_get("code")?,
            version: row.try_get("version")?,
            proposed_text: row.try_get("proposed_text")?,
            proposed_words: row.try_get("proposed_words")?,
            proposed_by: row.try_get("proposed_by")?,
            proposed_at: time(row, "proposed_at")?,
            text: row.try_get("text")?,
            words: row.try_get("words")?,
            approved_by: row.try_get("approved_by")?,
            approved_at: time(row, "approved_at")?,
        })
    }
}

/// A text that is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedText {
    /// CPT or HCPCS level II.
    pub code: String,
    /// One plain sentence.
    pub text: String,
    /// Words by which the search may find it.
    pub words: String,
}

/// What becomes of a proposal or of an approved text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextDecision {
    /// The proposal stands on the code's page from now on.
    Approve,
    /// The proposal is dropped.
    Reject,
    /// The approved text is taken off the page.
    Withdraw,
}

impl Store {
    /// All texts, by code.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn own_texts(&self) -> Result<Vec<OwnText>, StoreError> {
        sqlx::query_as("SELECT * FROM own_texts ORDER BY code")
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db("reading our own texts"))
    }

    /// The texts of a code.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn own_text(&self, code: &str) -> Result<Option<OwnText>, StoreError> {
        sqlx::query_as("SELECT * FROM own_texts WHERE code = $1")
            .bind(storable(code))
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db("reading our own text of a code"))
    }

    /// Proposes texts, all or none. What was approved before stays until a proposal is approved.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn propose_texts(&self, texts: &[ProposedText], actor: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let now = self.clock.now();
        for one in texts {
            sqlx::query(
                "INSERT INTO own_texts (code, proposed_text, proposed_words, proposed_by, proposed_at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (code) DO UPDATE SET proposed_text = $2, proposed_words = $3, \
                 proposed_by = $4, proposed_at = $5, version = own_texts.version + 1",
            )
            .bind(storable(&one.code))
            .bind(storable(&one.text))
            .bind(storable(&one.words))
            .bind(storable(actor))
            .bind(now.micros())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("keeping a proposed text"))?;
        }
        let codes: Vec<&str> = texts.iter().map(|t| t.code.as_str()).collect();
        let payload = json!({ "codes": codes });
        audit::append(self, &mut tx, now, DESK_CHAIN, actor, "own_texts_proposed", &payload).await?;
        self.commit(tx, "own_text").await
    }

    /// Decides on a text as it was shown, with this version.
    ///
    /// # Errors
    /// If it was changed meanwhile, or there is nothing to decide on.
    pub async fn decide_text(
        &self,
        code: &str,
        version: i64,
        decision: TextDecision,
        actor: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let now = self.clock.now();
        let (statement, event) = match decision {
            TextDecision::Approve => (
                "UPDATE own_texts SET text = proposed_text, words = proposed_words, approved_by = $3, approved_at = $4, \
                 proposed_text = '', proposed_words = '', version = version + 1 \
                 WHERE code = $1 AND version = $2 AND proposed_text <> ''",
                "own_text_approved",
            ),
            TextDecision::Reject => (
                "UPDATE own_texts SET proposed_text = '', proposed_words = '', proposed_by = $3, proposed_at = $4, \
                 version = version + 1 WHERE code = $1 AND version = $2 AND proposed_text <> ''",
                "own_text_rejected",
            ),
            TextDecision::Withdraw => (
                "UPDATE own_texts SET text = '', words = '', approved_by = $3, approved_at = $4, version = version + 1 \
                 WHERE code = $1 AND version = $2 AND text <> ''",
                "own_text_withdrawn",
            ),
        };
        let done = sqlx::query(statement)
            .bind(storable(code))
            .bind(version)
            .bind(storable(actor))
            .bind(now.micros())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("deciding on a text"))?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Changed(format!("the text of {code}")));
        }
        let payload = json!({ "code": code, "version": version });
        audit::append(self, &mut tx, now, DESK_CHAIN, actor, event, &payload).await?;
        self.commit(tx, "own_text").await
    }
}
