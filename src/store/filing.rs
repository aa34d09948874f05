//! T2: a stored mail becomes a case, joins one, or is filed as what it is.

use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::audit;
use super::cases::{self, Case};
use super::outbox::Delivery;
use super::rows::{list_json, storable};
use super::{MAX_ATTEMPTS, Store, StoreError};
use crate::domain::{
    Address, CaseEvent, CaseId, CaseNumber, CaseState, DeliveryEvent, DeliveryId, DeliveryState, MailClass,
    MailId, MailState, MessageId, ThreadToken, Timestamp,
};

/// The first mail with the same content (`$1`) but another id (`$2`).
const EARLIER_COPY: &str = "SELECT id FROM mails WHERE content_digest = $1 AND id <> $2 \
    AND state IN ('filed', 'quarantined') ORDER BY received_at, id LIMIT 1";

/// How long a claimed mail may be worked on, in seconds.
const LEASE_SECONDS: i64 = 120;

/// A mail that a worker has claimed to file it.
#[derive(Debug, Clone)]
pub struct MailClaim {
    /// Its id.
    pub id: MailId,
    /// The mailbox it came in by.
    pub mailbox: String,
    /// The sealed original.
    pub sealed: Vec<u8>,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// HMAC of the mail without trace headers.
    pub content_digest: String,
    /// When the server got it.
    pub arrived_at: Timestamp,
}

/// What the parse found, masked: written to the mail's row whatever becomes of it.
#[derive(Debug, Clone)]
pub struct MailFacts {
    /// Who or what wrote it.
    pub class: MailClass,
    /// Why it is taken for that.
    pub why: String,
    /// The sender's address as written, `""` if none.
    pub sender: String,
    /// Reply-To where it differs.
    pub reply_to: String,
    /// Message-ID.
    pub message_id: Option<MessageId>,
    /// References, oldest first (In-Reply-To where it has none).
    pub references: Vec<MessageId>,
    /// The subject, masked.
    pub masked_subject: String,
    /// What the person wrote, masked.
    pub masked_text: String,
    /// What was trimmed, masked.
    pub masked_trimmed: String,
    /// Kinds of patient data masked.
    pub phi: Vec<String>,
    /// Attachments as JSON.
    pub attachments: serde_json::Value,
    /// What was odd.
    pub problems: Vec<String>,
    /// The mail's own Date.
    pub sent_at: Option<Timestamp>,
}

/// A bounce of a mail of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct BounceOf {
    /// The outbox row that came back.
    pub delivery: DeliveryId,
    /// What the bounce says.
    pub reason: String,
}

/// What a person chose for a mail that they take out of quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// File it as any other.
    AsItIs,
    /// It opens a case, whatever it refers to.
    NewCase,
    /// It belongs to this case.
    Into(CaseId),
}

/// Stands in `mails.case_id` between the choice and the filing.
const NEW_CASE: &str = "new";

/// What becomes of a mail.
#[derive(Debug, Clone)]
pub enum Filing {
    /// Opens a case.
    NewCase {
        /// The year for its number.
        year: i16,
        /// Its secret.
        token: ThreadToken,
        /// Its id.
        case_id: CaseId,
        /// Whom to answer; none if a person must decide.
        asker: Option<Address>,
    },
    /// Joins a case.
    FollowUp {
        /// That case.
        case_id: CaseId,
        /// Whom to answer from now on.
        asker: Option<Address>,
        /// How it was tied to the case: `token`, `reference`, `person`.
        matched_by: &'static str,
    },
    /// Filed, with a case or without, changing no state: machine mail, thanks.
    Apart {
        /// The case it belongs to, if any.
        case_id: Option<CaseId>,
    },
    /// A bounce of a mail of ours.
    Bounce(BounceOf),
    /// Set aside for a person.
    Quarantine {
        /// Why, and what to do.
        reason: String,
        /// The case it may belong to.
        suggested: Option<CaseId>,
    },
}

impl Store {
    /// Claims the oldest stored mail that is to be filed: attempt + 1 is committed before the work. A mail on which
    /// three attempts broke down is quarantined.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn claim_mail(&self) -> Result<Option<MailClaim>, StoreError> {
        let now = self.clock.now();
        let mut tx = self.begin().await?;
        let what = "claiming a mail to file";
        let given_up = sqlx::query(
            "UPDATE mails SET state = 'quarantined', reason = $1 \
             WHERE state = 'received' AND attempts >= $2 AND lease_until < $3",
        )
        .bind("the program broke down on it three times; try it again after an update")
        .bind(MAX_ATTEMPTS)
        .bind(now.micros())
        .execute(&mut *tx)
        .await
        .map_err(StoreError::db(what))?;
        let row: Option<AnyRow> = sqlx::query(self.dialect.sql(
            "UPDATE mails SET attempts = attempts + 1, lease_until = $1 WHERE id = \
             (SELECT id FROM mails WHERE state = 'received' AND lease_until < $2 AND attempts < $3 \
              ORDER BY received_at, arrived_at, source_key LIMIT 1{skip_locked}) \
             RETURNING id, mailbox, sealed_original, attempts, content_digest, arrived_at",
        ))
        .bind(now.plus_seconds(LEASE_SECONDS).micros())
        .bind(now.micros())
        .bind(MAX_ATTEMPTS)
        .fetch_optional(&mut *tx)
        .await
        .map_err(StoreError::db(what))?;
        // Where nothing was changed there is no commit, so that nobody is woken.
        if row.is_some() || given_up.rows_affected() > 0 {
            self.commit(tx, "claim-mail").await?;
        }
        let Some(row) = row else { return Ok(None) };
        let read = || {
            Ok(MailClaim {
                id: super::rows::parsed(&row, "id")?,
                mailbox: row.try_get("mailbox")?,
                sealed: row.try_get("sealed_original")?,
                attempt: row.try_get("attempts")?,
                content_digest: row.try_get("content_digest")?,
                arrived_at: super::rows::time(&row, "arrived_at")?,
            })
        };
        read().map(Some).map_err(StoreError::db(what))
    }

    /// The earlier mail with the same content, if there is one.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn earlier_copy(&self, claim: &MailClaim) -> Result<Option<MailId>, StoreError> {
        self.one_mail(EARLIER_COPY, &claim.content_digest, &claim.id).await
    }

    /// Another mail with the same Message-ID but other content, if there is one: a conflict worth showing.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn same_message_id(&self, id: &MessageId, but: &MailId) -> Result<Option<MailId>, StoreError> {
        self.one_mail(
            "SELECT id FROM mails WHERE message_id = $1 AND id <> $2 AND state <> 'duplicate' LIMIT 1",
            id.as_str(),
            but,
        )
        .await
    }

    async fn one_mail(
        &self,
        sql: &'static str,
        key: &str,
        but: &MailId,
    ) -> Result<Option<MailId>, StoreError> {
        let row: Option<AnyRow> = sqlx::query(sql)
            .bind(key)
            .bind(but.as_str())
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db("looking for an earlier mail"))?;
        row.map(|r| super::rows::parsed(&r, "id"))
            .transpose()
            .map_err(StoreError::db("looking for an earlier mail"))
    }

    /// The case with this token.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn case_by_token(&self, token: &ThreadToken) -> Result<Option<Case>, StoreError> {
        sqlx::query_as("SELECT * FROM cases WHERE token = $1")
            .bind(token.as_str())
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db("looking for a case by its token"))
    }

    /// The case one of whose outgoing mails has one of these Message-IDs (or delivery ids).
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn case_by_references(
        &self,
        ids: &[MessageId],
    ) -> Result<Option<(Case, DeliveryId)>, StoreError> {
        let what = "looking for a case by its references";
        for id in ids {
            let row: Option<AnyRow> =
                sqlx::query("SELECT id, case_id FROM outbox WHERE message_id = $1 OR id = $1 LIMIT 1")
                    .bind(id.as_str())
                    .fetch_optional(&self.read)
                    .await
                    .map_err(StoreError::db(what))?;
            if let Some(row) = row {
                let case: CaseId = super::rows::parsed(&row, "case_id").map_err(StoreError::db(what))?;
                let delivery = super::rows::parsed(&row, "id").map_err(StoreError::db(what))?;
                return Ok(Some((self.case(&case).await?, delivery)));
            }
        }
        Ok(None)
    }

    /// The mail of ours that a bounce is about: of the rows with this Message-ID (or delivery id), the one to the
    /// recipient whom the bounce names, else the asker's own.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn bounced_delivery(
        &self,
        ids: &[MessageId],
        recipients: &[String],
    ) -> Result<Option<DeliveryId>, StoreError> {
        let Some((case, first)) = self.case_by_references(ids).await? else { return Ok(None) };
        let rows = self.deliveries_of(&case.id).await?;
        let Some(found) = rows.iter().find(|d| d.id == first) else { return Ok(Some(first)) };
        let same_mail = || rows.iter().filter(|d| d.message_id == found.message_id);
        let named = |d: &&Delivery| {
            recipients.iter().any(|r| r.parse::<Address>().is_ok_and(|a| a.same_as(&d.recipient)))
        };
        let chosen = same_mail().find(named).or_else(|| same_mail().find(|d| d.copy_of.is_none()));
        Ok(Some(chosen.map_or(first, |d| d.id.clone())))
    }

    /// Whether a case has heard from this address before.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn case_knows(&self, case: &Case, sender: &Address) -> Result<bool, StoreError> {
        if case.asker.as_ref().is_some_and(|a| a.same_as(sender)) {
            return Ok(true);
        }
        Ok(self
            .mails_of(&case.id)
            .await?
            .iter()
            // What a machine wrote makes nobody known.
            .filter(|m| m.class == MailClass::Human.as_str() && m.state == MailState::Filed)
            .filter_map(|m| m.sender.parse::<Address>().ok())
            .any(|a| a.same_as(sender)))
    }

    /// T2: files a claimed mail. The case it belongs to now, if any.
    ///
    /// # Errors
    /// If the database does not answer, or another worker has taken the mail over.
    pub async fn file(
        &self,
        claim: &MailClaim,
        facts: &MailFacts,
        filing: Filing,
    ) -> Result<Option<CaseId>, StoreError> {
        let mut tx = self.begin().await?;
        let now = self.clock.now();
        if let Some(of) = self.filed_meanwhile(&mut tx, claim).await? {
            drop(tx);
            return self.file_duplicate(claim, &of).await.map(|()| None);
        }
        let mut suggested = String::new();
        let (state, reason, case_id) = match filing {
            Filing::NewCase { year, token, case_id, asker } => {
                self.open_case(&mut tx, claim, facts, year, &token, &case_id, asker.as_ref()).await?;
                ("filed", String::new(), Some(case_id))
            }
            Filing::FollowUp { case_id, asker, matched_by } => {
                let mut case = cases::lock(self, &mut tx, &case_id).await?;
                self.join_case(&mut tx, &mut case, claim, asker.as_ref(), matched_by).await?;
                ("filed", String::new(), Some(case_id))
            }
            Filing::Apart { case_id } => {
                if let Some(case) = &case_id {
                    let payload =
                        json!({ "mail": claim.id.as_str(), "class": facts.class.as_str(), "why": facts.why });
                    audit::append(self, &mut tx, now, case.as_str(), "file", "mail_filed", &payload).await?;
                }
                ("filed", String::new(), case_id)
            }
            Filing::Bounce(bounce) => {
                ("filed", String::new(), self.take_bounce(&mut tx, claim, &bounce).await?)
            }
            Filing::Quarantine { reason, suggested: case } => {
                suggested = case.map(|c| c.to_string()).unwrap_or_default();
                ("quarantined", reason, None)
            }
        };
        self.write_facts(&mut tx, claim, facts, state, &reason, case_id.as_ref(), &suggested).await?;
        self.commit(tx, "T2").await?;
        Ok(case_id)
    }

    /// Another filer may have filed the same content since it was looked for; from here on it waits for this one.
    async fn filed_meanwhile(
        &self,
        tx: &mut Transaction<'static, Any>,
        claim: &MailClaim,
    ) -> Result<Option<MailId>, StoreError> {
        let what = "looking for an earlier mail";
        let Some(lock) = self.dialect.lock_name() else { return Ok(None) };
        sqlx::query(lock)
            .bind(claim.content_digest.as_str())
            .execute(&mut **tx)
            .await
            .map_err(StoreError::db(what))?;
        let row: Option<AnyRow> = sqlx::query(EARLIER_COPY)
            .bind(claim.content_digest.as_str())
            .bind(claim.id.as_str())
            .fetch_optional(&mut **tx)
            .await
            .map_err(StoreError::db(what))?;
        row.map(|r| super::rows::parsed(&r, "id")).transpose().map_err(StoreError::db(what))
    }

    /// T2 for a mail that came before: recorded, nothing more.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn file_duplicate(&self, claim: &MailClaim, of: &MailId) -> Result<(), StoreError> {
        self.set_aside(claim, "duplicate", &format!("the same mail came before: {of}")).await
    }

    /// T2 for a mail that cannot be read at all.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn quarantine(&self, claim: &MailClaim, reason: &str) -> Result<(), StoreError> {
        self.set_aside(claim, "quarantined", reason).await
    }

    async fn set_aside(
        &self,
        claim: &MailClaim,
        state: &'static str,
        reason: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE mails SET state = $1, reason = $2, filed_at = $3 \
             WHERE id = $4 AND state = 'received' AND attempts = $5",
        )
        .bind(state)
        .bind(storable(reason))
        .bind(self.clock.now().micros())
        .bind(claim.id.as_str())
        .bind(claim.attempt)
        .execute(&mut *tx)
        .await
        .map_err(StoreError::db("setting a mail aside"))?;
        fenced(done.rows_affected(), claim)?;
        self.commit(tx, "T2").await
    }

    /// `quarantine retry`: the mail is filed anew, as a person chose.
    ///
    /// # Errors
    /// If there is no such quarantined mail.
    pub async fn retry_mail(&self, id: &MailId, choice: &Choice, actor: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let (chosen, chain) = match choice {
            Choice::AsItIs => ("", ""),
            Choice::NewCase => (NEW_CASE, ""),
            Choice::Into(case) => (case.as_str(), case.as_str()),
        };
        let done = sqlx::query(
            "UPDATE mails SET state = 'received', attempts = 0, lease_until = 0, reason = '', case_id = $1 \
             WHERE id = $2 AND (state = 'quarantined' OR state = 'filed' AND case_id = '')",
        )
        .bind(chosen)
        .bind(id.as_str())
        .execute(&mut *tx)
        .await
        .map_err(StoreError::db("taking a mail out of quarantine"))?;
        if done.rows_affected() != 1 {
            return Err(StoreError::NotFound {
                what: "mail in quarantine or without a case",
                which: id.to_string(),
            });
        }
        let payload = json!({ "mail": id.as_str() });
        audit::append(self, &mut tx, self.clock.now(), chain, actor, "quarantine_retry", &payload).await?;
        self.commit(tx, "retry").await
    }

    /// What a person chose for a mail when it was taken out of quarantine.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn choice_for(&self, mail: &MailId) -> Result<Choice, StoreError> {
        let what = "reading what was chosen for a mail";
        let row: Option<AnyRow> = sqlx::query("SELECT case_id FROM mails WHERE id = $1")
            .bind(mail.as_str())
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db(what))?;
        let chosen: String =
            row.map_or(Ok(String::new()), |r| r.try_get("case_id")).map_err(StoreError::db(what))?;
        Ok(match chosen.as_str() {
            NEW_CASE => Choice::NewCase,
            id => id.parse().map_or(Choice::AsItIs, Choice::Into),
        })
    }

    #[allow(clippy::too_many_arguments)]
    async fn open_case(
        &self,
        tx: &mut Transaction<'static, Any>,
        claim: &MailClaim,
        facts: &MailFacts,
        year: i16,
        token: &ThreadToken,
        id: &CaseId,
        asker: Option<&Address>,
    ) -> Result<(), StoreError> {
        let (seq,): (i64,) = sqlx::query_as(
            "INSERT INTO counters (name, value) VALUES ($1, 1) \
             ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value",
        )
        .bind(format!("case:{year}"))
        .fetch_one(&mut **tx)
        .await
        .map_err(StoreError::db("numbering a case"))?;
        let number = CaseNumber { year, seq: u32::try_from(seq).unwrap_or(u32::MAX) };
        let now = self.clock.now();
        sqlx::query(
            "INSERT INTO cases (id, number, mailbox, token, state, asker, masked_subject, opened_at, updated_at, \
             waiting_since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
        )
        .bind(id.as_str())
        .bind(number.to_string())
        .bind(claim.mailbox.as_str())
        .bind(token.as_str())
        .bind(CaseState::Received.as_str())
        .bind(asker.map(Address::to_string).unwrap_or_default())
        .bind(storable(&facts.masked_subject))
        .bind(now.micros())
        .bind(claim.arrived_at.micros())
        .execute(&mut **tx)
        .await
        .map_err(StoreError::db("opening a case"))?;
        let payload = json!({ "number": number, "mail": claim.id.as_str(), "mailbox": claim.mailbox });
        audit::append(self, tx, now, id.as_str(), "file", "opened", &payload).await
    }

    async fn join_case(
        &self,
        tx: &mut Transaction<'static, Any>,
        case: &mut Case,
        claim: &MailClaim,
        asker: Option<&Address>,
        matched_by: &'static str,
    ) -> Result<(), StoreError> {
        let payload = json!({ "mail": claim.id.as_str(), "matched_by": matched_by });
        let called_back = self.cancel_queued(tx, case, "the asker wrote again").await?;
        if case.state == CaseState::Approved && !called_back {
            sqlx::query("UPDATE cases SET mail_waits = 1, version = version + 1 WHERE id = $1")
                .bind(case.id.as_str())
                .execute(&mut **tx)
                .await
                .map_err(StoreError::db("noting that a mail waits"))?;
            audit::append(self, tx, self.clock.now(), case.id.as_str(), "file", "mail_waits", &payload)
                .await?;
        } else {
            cases::advance(self, tx, case, CaseEvent::AskerMail, "file", &payload).await?;
        }
        sqlx::query(
            "UPDATE cases SET asker = $1, waiting_since = $2, attempts = 0, lease_until = 0, approved_draft = \
             CASE WHEN state = 'approved' THEN approved_draft ELSE '' END WHERE id = $3",
        )
        .bind(asker.map(Address::to_string).unwrap_or_default())
        .bind(claim.arrived_at.micros())
        .bind(case.id.as_str())
        .execute(&mut **tx)
        .await
        .map_err(StoreError::db("joining a mail to its case"))?;
        Ok(())
    }

    async fn take_bounce(
        &self,
        tx: &mut Transaction<'static, Any>,
        claim: &MailClaim,
        bounce: &BounceOf,
    ) -> Result<Option<CaseId>, StoreError> {
        let (mut case, delivery) = self.lock_with_case(tx, &bounce.delivery).await?;
        let payload = json!({ "mail": claim.id.as_str(), "delivery": bounce.delivery.as_str(), "reason": bounce.reason });
        if delivery.state == DeliveryState::Sent {
            self.advance_delivery(tx, &delivery, DeliveryEvent::Bounced, "file", &bounce.reason).await?;
            // The bounce of a copy, or of an answer that another one has replaced, says nothing of the case.
            let current = delivery.draft_id.is_some() && delivery.draft_id == case.approved_draft;
            if current && delivery.copy_of.is_none() && case.state.next(CaseEvent::Bounced).is_ok() {
                cases::advance(self, tx, &mut case, CaseEvent::Bounced, "file", &payload).await?;
                return Ok(Some(case.id));
            }
        }
        audit::append(self, tx, self.clock.now(), case.id.as_str(), "file", "bounce_filed", &payload).await?;
        Ok(Some(case.id))
    }

    #[allow(clippy::too_many_arguments)]
    async fn write_facts(
        &self,
        tx: &mut Transaction<'static, Any>,
        claim: &MailClaim,
        facts: &MailFacts,
        state: &'static str,
        reason: &str,
        case: Option<&CaseId>,
        suggested: &str,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE mails SET state = $1, reason = $2, filed_at = $3, case_id = $4, class = $5, why = $6, \
             sender = $7, reply_to = $8, message_id = $9, masked_subject = $10, masked_text = $11, \
             masked_trimmed = $12, phi = $13, attachments = $14, problems = $15, sent_at = $16, \
             suggested_case = $17, mail_references = $18 \
             WHERE id = $19 AND state = 'received' AND attempts = $20",
        )
        .bind(state)
        .bind(storable(reason))
        .bind(self.clock.now().micros())
        .bind(case.map(CaseId::to_string).unwrap_or_default())
        .bind(facts.class.as_str())
        .bind(storable(&facts.why))
        .bind(storable(&facts.sender))
        .bind(storable(&facts.reply_to))
        .bind(facts.message_id.as_ref().map(|m| storable(m.as_str())).unwrap_or_default())
        .bind(storable(&facts.masked_subject))
        .bind(storable(&facts.masked_text))
        .bind(storable(&facts.masked_trimmed))
        .bind(list_json(&facts.phi))
        .bind(storable(&facts.attachments.to_string()))
        .bind(list_json(&facts.problems))
        .bind(facts.sent_at.map_or(0, Timestamp::micros))
        .bind(suggested)
        .bind(storable(&facts.references.iter().map(MessageId::as_str).collect::<Vec<_>>().join(" ")))
        .bind(claim.id.as_str())
        .bind(claim.attempt)
        .execute(&mut **tx)
        .await
        .map_err(StoreError::db("filing a mail"))?;
        fenced(done.rows_affected(), claim)
    }
}

fn fenced(rows: u64, claim: &MailClaim) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Changed(format!("mail {}", claim.id))) }
}
