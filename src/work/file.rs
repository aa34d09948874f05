//! Filing (T2): a sealed original is opened, read, masked, and becomes a case, joins one, or is filed as what it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

use super::{Step, WorkError, Worker};
use crate::clock::Clock;
use crate::desk::Desk;
use crate::domain::{Address, CaseId, DeliveryId, MailClass, MessageId, ThreadToken};
use crate::mail::answerable::{self, NotAnswerable};
use crate::mail::compose::Outgoing;
use crate::mail::{ParsedMail, parse_guarded, thread};
use crate::privacy::{Keys, mask};
use crate::render::AcknowledgementFrame;
use crate::store::{BounceOf, Case, Choice, Filing, MailClaim, MailFacts, NewDelivery, Store, StoreError};

/// Mail older than this is not acknowledged, in seconds.
const ACKNOWLEDGE_WITHIN: i64 = 24 * 3600;

/// Files what intake stored.
pub struct Filer {
    store: Store,
    keys: Arc<Keys>,
    clock: Clock,
    zone: TimeZone,
    desk: Desk,
    ours: Vec<Address>,
}

impl Filer {
    /// A filer for all mailboxes of the desk.
    #[must_use]
    pub fn new(desk: Desk, keys: Arc<Keys>) -> Self {
        let ours = desk.mailboxes.values().map(|m| m.address.clone()).collect();
        Self {
            store: desk.store.clone(),
            keys,
            clock: desk.clock.clone(),
            zone: desk.zone.clone(),
            desk,
            ours,
        }
    }

    /// Files one mail, if one waits.
    ///
    /// # Errors
    /// If the database does not answer; the mail waits for its next attempt then.
    pub async fn file_one(&self) -> Result<Step, WorkError> {
        let Some(claim) = self.store.claim_mail().await? else { return Ok(Step::Idle) };
        match self.file(&claim).await {
            // Another worker has it, or its case moved: it is claimed again when its lease ends.
            Err(WorkError::Store(StoreError::Changed(what))) => {
                tracing::info!(mail = %claim.id, what, "changed meanwhile");
                Ok(Step::Worked)
            }
            outcome => outcome.map(|()| Step::Worked),
        }
    }

    async fn file(&self, claim: &MailClaim) -> Result<(), WorkError> {
        let Ok(bytes) = self.keys.open(claim.id.as_str().as_bytes(), &claim.sealed) else {
            let why = "its sealed original cannot be opened with this key: look at [privacy] key_file";
            return Ok(self.store.quarantine(claim, why).await?);
        };
        if let Some(of) = self.store.earlier_copy(claim).await? {
            return Ok(self.store.file_duplicate(claim, &of).await?);
        }
        let read = tokio::task::spawn_blocking(move || parse_guarded(bytes));
        let mail = match read.await {
            Ok(Ok(mail)) => mail,
            Ok(Err(why)) => {
                return Ok(self.store.quarantine(claim, &format!("it cannot be read: {why}")).await?);
            }
            Err(_) => {
                return Ok(self.store.quarantine(claim, "the program broke down on reading it").await?);
            }
        };
        let mut facts = facts(&mail);
        if let Some(id) = &mail.message_id
            && let Some(other) = self.store.same_message_id(id, &claim.id).await?
        {
            facts.problems.push(format!("another mail has the same Message-ID but other content: {other}"));
        }
        let filing = self.decide(claim, &mail).await?;
        let opens = match &filing {
            Filing::NewCase { case_id, asker: Some(asker), .. } => Some((case_id.clone(), asker.clone())),
            _ => None,
        };
        self.store.file(claim, &facts, filing).await?;
        if let Some((case, asker)) = opens {
            self.acknowledge(claim, &mail, &case, &asker).await?;
        }
        Ok(())
    }

    /// What becomes of a mail.
    async fn decide(&self, claim: &MailClaim, mail: &ParsedMail) -> Result<Filing, WorkError> {
        let hints = thread::hints(mail, &self.ours);
        let choice = self.store.choice_for(&claim.id).await?;
        let recipient = answerable::recipient(mail, &self.ours);
        // What a person chose outweighs what the mail looks like.
        if choice == Choice::AsItIs && mail.is_machine() {
            return self.machine_mail(mail, &hints).await;
        }
        if choice == Choice::AsItIs && matches!(recipient, Err(NotAnswerable::Ours)) {
            return Ok(Filing::Apart { case_id: None });
        }
        let asker = recipient.ok().map(|r| r.to.address);
        let (case, matched_by) = match choice {
            Choice::NewCase => (None, ""),
            Choice::Into(id) => (Some(self.store.case(&id).await?), "person"),
            Choice::AsItIs => self.matching(&hints).await?,
        };
        let Some(case) = case else { return Ok(self.new_case(asker)) };
        let known = match (matched_by, mail.from.as_slice()) {
            ("person", _) => true,
            (_, [from]) => self.store.case_knows(&case, &from.address).await?,
            _ => false,
        };
        if known {
            return Ok(Filing::FollowUp { case_id: case.id, asker, matched_by });
        }
        let from = if mail.from_raw.is_empty() { "nobody" } else { "a sender" };
        let reason = format!(
            "it answers {}, but comes from {from} whom that case does not know: file it into the case, or open a new one",
            case.number
        );
        Ok(Filing::Quarantine { reason, suggested: Some(case.id) })
    }

    async fn matching(&self, hints: &thread::ThreadHints) -> Result<(Option<Case>, &'static str), WorkError> {
        for token in &hints.tokens {
            if let Some(case) = self.store.case_by_token(token).await? {
                return Ok((Some(case), "token"));
            }
        }
        let case = self.store.case_by_references(&hints.references).await?;
        Ok((case.map(|(case, _)| case), "reference"))
    }

    async fn machine_mail(
        &self,
        mail: &ParsedMail,
        hints: &thread::ThreadHints,
    ) -> Result<Filing, WorkError> {
        let mut ids: Vec<MessageId> =
            hints.delivery.iter().filter_map(|d| MessageId::new(d.as_str())).collect();
        ids.extend(hints.references.iter().cloned());
        if mail.class == MailClass::Bounce {
            let recipients: Vec<String> = mail.bounces.iter().map(|b| b.recipient.clone()).collect();
            if let Some(delivery) = self.store.bounced_delivery(&ids, &recipients).await? {
                // The asker does not have our mail: whether another attempt may succeed is for a person to judge.
                let reason = mail.bounces.first().map_or_else(
                    || mail.why.clone(),
                    |b| format!("{} {} {}", b.reply_code, b.status, b.reason).trim().to_owned(),
                );
                return Ok(Filing::Bounce(BounceOf { delivery, reason }));
            }
        }
        let case = self.store.case_by_references(&ids).await?;
        Ok(Filing::Apart { case_id: case.map(|(case, _)| case.id) })
    }

    fn new_case(&self, asker: Option<Address>) -> Filing {
        let mut token = [0u8; 10];
        self.clock.random(&mut token);
        Filing::NewCase {
            year: self.clock.today(&self.zone).year(),
            token: ThreadToken::from_bytes(token),
            case_id: CaseId::fresh(self.clock.new_id()),
            asker,
        }
    }

    /// The one mail that nobody approves: a fixed text with the case's number, nothing of the question.
    async fn acknowledge(
        &self,
        claim: &MailClaim,
        mail: &ParsedMail,
        case: &CaseId,
        asker: &Address,
    ) -> Result<(), WorkError> {
        let Some(mailbox) = self.desk.mailboxes.get(&claim.mailbox).filter(|m| m.acknowledge) else {
            return Ok(());
        };
        let now = self.clock.now();
        if now.seconds() - claim.arrived_at.seconds() > ACKNOWLEDGE_WITHIN {
            return Ok(());
        }
        let case = self.store.case(case).await?;
        let frame = AcknowledgementFrame { case: case.number.to_string(), desk: self.desk.name.clone() };
        let text =
            self.desk.renderer.acknowledgement(&frame).map_err(|e| WorkError::Broken(e.to_string()))?;
        let id = DeliveryId::fresh(self.clock.new_id());
        let Some(message_id) = self.desk.message_id(&case, &id, &mailbox.address) else { return Ok(()) };
        let outgoing = Outgoing {
            from: crate::domain::Mailbox { name: self.desk.name.clone(), address: mailbox.address.clone() },
            to: asker.clone(),
            cc: Vec::new(),
            reply_to: mailbox.plus_addressing.then(|| mailbox.address.with_tag(case.token.as_str())),
            subject: format!("[{}] We have your question", case.number),
            message_id: message_id.clone(),
            in_reply_to: mail.message_id.clone(),
            references: mail.references.clone(),
            date: now,
            zone_offset: now.rfc2822_in(&self.zone).split(' ').next_back().unwrap_or("+0000").to_owned(),
            text,
            html: None,
            attachments: Vec::new(),
            automatic: true,
            delivery: id.clone(),
        };
        let delivery = NewDelivery {
            id,
            recipient: asker.clone(),
            copy_of: None,
            envelope_sender: None,
            message_id,
            mime: outgoing.to_bytes(),
            not_before: now,
            wants_copy: false,
        };
        self.store.acknowledge(&case.id, &delivery).await?;
        Ok(())
    }
}

impl Worker for Filer {
    fn name(&self) -> String {
        "file".to_owned()
    }

    async fn step(&mut self, _: &CancellationToken) -> Result<Step, WorkError> {
        self.file_one().await
    }
}

/// So many ids of a thread are kept: the first, which began it, and the newest.
const MOST_REFERENCES: usize = 30;

/// The thread a mail stands in, as a reply to it carries it on.
fn thread_of(mail: &ParsedMail) -> Vec<MessageId> {
    let mut ids = if mail.references.is_empty() { mail.in_reply_to.clone() } else { mail.references.clone() };
    if ids.len() > MOST_REFERENCES {
        ids.drain(1..=ids.len() - MOST_REFERENCES);
    }
    ids
}

/// What is kept of a mail besides its sealed original: all of it masked.
fn facts(mail: &ParsedMail) -> MailFacts {
    let mut phi = BTreeSet::new();
    let mut masked = |text: &str| {
        let masked = mask(text);
        phi.extend(masked.found.iter().map(|f| f.kind.placeholder().trim_matches(['[', ']']).to_owned()));
        masked.text
    };
    let (masked_subject, masked_text) = (masked(&mail.subject), masked(&mail.reply_text));
    let masked_trimmed = masked(&mail.trimmed_text);
    let attachments: Vec<serde_json::Value> = mail
        .attachments
        .iter()
        .map(|a| {
            let mut facts =
                serde_json::json!({ "name": masked(&a.name), "type": a.media_type, "size": a.size });
            if let (Some(text), Some(facts)) = (&a.text, facts.as_object_mut()) {
                facts.insert("text".to_owned(), masked(text).into());
            }
            facts
        })
        .collect();
    let why = masked(&mail.why);
    let problems = mail.problems.iter().map(|p| masked(p)).collect();
    let reply_to: Vec<String> = match answerable::recipient(mail, &[]) {
        Ok(recipient) => recipient.other_reply_to.iter().map(Address::to_string).collect(),
        Err(_) => Vec::new(),
    };
    let sender = match mail.from.as_slice() {
        [from] => from.address.to_string(),
        _ => mail.from.iter().map(|m| m.address.to_string()).collect::<Vec<_>>().join(", "),
    };
    MailFacts {
        class: mail.class,
        why,
        sender,
        reply_to: reply_to.join(", "),
        message_id: mail.message_id.clone(),
        references: thread_of(mail),
        masked_subject,
        masked_text,
        masked_trimmed,
        phi: phi.into_iter().collect(),
        attachments: serde_json::Value::Array(attachments),
        problems,
        sent_at: mail.date,
    }
}
