//! The very mail, before anybody approves it.
//!
//! A preview is made from the draft and one fresh delivery id; everything that varies (Date, Message-ID, MIME
//! boundary) follows from that id. The page posts the id and the digest back, the mail is composed once more,
//! and only if it is the same to the byte is it approved: what was shown is what goes out.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Desk, DeskError, Signer};
use crate::domain::{
    Address, Answer, DeliveryId, DeliveryKind, Evidence, MailClass, Mailbox, MessageId, Outcome, Timestamp,
    hex,
};
use crate::mail::compose::{Outgoing, subject_for_reply};
use crate::render::ReplyFrame;
use crate::store::{Case, CaseMail, Draft, NewDelivery};

/// How long a preview may be approved, in seconds: its Date header should not be older.
const PREVIEW_HOLDS_SECONDS: i64 = 12 * 3600;

/// What the desk must know of a mailbox to write from it.
#[derive(Debug, Clone)]
pub struct DeskMailbox {
    /// Its address.
    pub address: Address,
    /// Whether `address+token@` reaches it.
    pub plus_addressing: bool,
    /// Whether we file a copy of what was sent.
    pub wants_copy: bool,
    /// Whether new questions are acknowledged.
    pub acknowledge: bool,
}

/// A mail as it would go out.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Fixes everything that varies in the mail.
    pub delivery_id: DeliveryId,
    /// What it goes out as.
    pub kind: DeliveryKind,
    /// From, as it stands in the mail.
    pub from: Mailbox,
    /// The recipient.
    pub to: Address,
    /// Copies, added by the reviewer.
    pub cc: Vec<Address>,
    /// The subject.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// The very bytes.
    pub mime: Vec<u8>,
    /// SHA-256 over recipients, bytes and codebook: what approval must post back.
    pub digest: String,
}

impl Desk {
    /// Composes the mail of a draft. `delivery` is the id of an earlier preview, or none for a fresh one.
    ///
    /// # Errors
    /// If there is no text, nobody to send it to, or a template is at fault.
    pub fn preview(
        &self,
        case: &Case,
        draft: &Draft,
        mails: &[CaseMail],
        signer: &Signer,
        cc: &[Address],
        delivery: Option<DeliveryId>,
    ) -> Result<Preview, DeskError> {
        let not = |why: &str| DeskError::NotSendable(format!("{}: {why}", case.number));
        if draft.text.trim().is_empty() {
            return Err(not("there is no text to send: write one first"));
        }
        let to = case.asker.clone().ok_or_else(|| {
            not("the mail does not say whom to answer (no From, or several): choose the recipient first")
        })?;
        let mailbox = self
            .mailboxes
            .get(&case.mailbox)
            .ok_or_else(|| not("its mailbox is no longer in the configuration"))?;
        if self.mailboxes.values().any(|m| m.address.same_as(&to)) {
            return Err(not("the recipient is an address of this desk"));
        }
        let ours = |a: &Address| self.mailboxes.values().any(|m| m.address.same_as(a));
        for (i, address) in cc.iter().enumerate() {
            let twice = cc.iter().skip(i + 1).any(|other| other.same_as(address));
            if twice || address.same_as(&to) || ours(address) {
                return Err(DeskError::Input(format!(
                    "{address} cannot have a copy: it gets the mail already, or is an address of this desk"
                )));
            }
        }
        let delivery_id = delivery.unwrap_or_else(|| DeliveryId::fresh(self.clock.new_id()));
        let date = time_of(&delivery_id).ok_or_else(|| not("the preview's id is not one of ours"))?;
        let frame = ReplyFrame {
            case: case.number.to_string(),
            signer: signer.name.clone(),
            credential: signer.credential.clone(),
            date: date.date_in(&self.zone).to_string(),
            desk: self.name.clone(),
        };
        let text = self.renderer.reply_text(&draft.text, &frame)?;
        let html = self.renderer.reply_html(&draft.text, &frame)?;
        let message_id =
            self.message_id(case, &delivery_id, &mailbox.address).ok_or_else(|| not("no Message-ID"))?;
        // In-Reply-To is the asker's newest mail; References are its own, and then it (RFC 5322, 3.6.4).
        let answered =
            mails.iter().rev().find(|m| m.class == MailClass::Human.as_str() && !m.message_id.is_empty());
        let in_reply_to = answered.and_then(|m| MessageId::new(&m.message_id));
        let thread: Vec<MessageId> = answered
            .map(|m| m.references.split(' ').filter_map(MessageId::new).collect())
            .unwrap_or_default();
        let from = Mailbox { name: self.name.clone(), address: mailbox.address.clone() };
        let outgoing = Outgoing {
            from: from.clone(),
            to: to.clone(),
            cc: cc.to_vec(),
            reply_to: mailbox.plus_addressing.then(|| mailbox.address.with_tag(case.token.as_str())),
            subject: subject_for_reply(&case.masked_subject, case.number),
            message_id: message_id.clone(),
            in_reply_to,
            references: thread,
            date,
            zone_offset: date.rfc2822_in(&self.zone).split(' ').next_back().unwrap_or("+0000").to_owned(),
            text: text.clone(),
            html: Some(html.clone()),
            attachments: Vec::new(),
            automatic: false,
            delivery: delivery_id.clone(),
        };
        let mime = outgoing.to_bytes();
        let digest = self.shown_digest(&to, cc, &mime, draft.kind);
        Ok(Preview {
            delivery_id,
            kind: draft.kind,
            from,
            to,
            cc: cc.to_vec(),
            subject: outgoing.subject,
            text,
            html,
            message_id,
            mime,
            digest,
        })
    }

    /// Our Message-ID: `cc.TOKEN.DELIVERY@domain`.
    pub(crate) fn message_id(&self, case: &Case, delivery: &DeliveryId, from: &Address) -> Option<MessageId> {
        let unique = delivery.as_str().replace('-', "");
        MessageId::new(&format!("cc.{}.{unique}@{}", case.token, from.domain()))
    }

    /// Refuses a preview that is too old, or dated in the future.
    pub(super) fn refuse_old_preview(&self, id: &DeliveryId, number: &str) -> Result<(), DeskError> {
        let age = time_of(id).map(|t| self.clock.now().seconds() - t.seconds());
        match age {
            Some(-5..=PREVIEW_HOLDS_SECONDS) => Ok(()),
            _ => Err(DeskError::NotAsShown(number.to_owned())),
        }
    }

    fn shown_digest(&self, to: &Address, cc: &[Address], mime: &[u8], kind: DeliveryKind) -> String {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        add(kind.as_str().as_bytes());
        add(to.to_string().as_bytes());
        for address in cc {
            add(address.to_string().as_bytes());
        }
        add(mime);
        add(self.book.id().as_bytes());
        hex(&hash.finalize())
    }

    /// The outbox rows of a preview: one for the asker, one for each copy.
    pub(super) fn deliveries(&self, case: &Case, preview: &Preview) -> Vec<NewDelivery> {
        let mailbox = self.mailboxes.get(&case.mailbox);
        let row = |id: DeliveryId, recipient: &Address, copy_of: Option<DeliveryId>| NewDelivery {
            id,
            recipient: recipient.clone(),
            wants_copy: copy_of.is_none() && mailbox.is_some_and(|m| m.wants_copy),
            copy_of,
            envelope_sender: mailbox.map(|m| m.address.clone()),
            message_id: preview.message_id.clone(),
            mime: preview.mime.clone(),
            not_before: self.clock.now().plus_seconds(self.undo_seconds),
        };
        let first = &preview.delivery_id;
        let mut rows = vec![row(first.clone(), &preview.to, None)];
        for address in &preview.cc {
            rows.push(row(DeliveryId::fresh(self.clock.new_id()), address, Some(first.clone())));
        }
        rows
    }
}

/// The moment in a UUIDv7: the mail's Date, to the second.
fn time_of(id: &DeliveryId) -> Option<Timestamp> {
    let uuid = uuid::Uuid::try_parse(id.as_str()).ok()?;
    let (seconds, _) = uuid.get_timestamp()?.to_unix();
    i64::try_from(seconds).ok().map(Timestamp::from_seconds)
}

/// Digest of the table rows an answer rests on: a new codebook makes a draft outdated only if this changes. Counts
/// what a row says, not which release says it.
#[must_use]
pub fn evidence_digest(answer: &Answer) -> String {
    let mut rows: BTreeMap<String, (Outcome, String, Vec<&Evidence>)> = BTreeMap::new();
    for (i, finding) in answer.findings.iter().enumerate() {
        let key = format!("{}|{}|{i:04}", finding.rule, finding.codes.join(","));
        rows.insert(key, (finding.outcome, finding.detail.to_string(), finding.evidence.iter().collect()));
    }
    let mut hash = Sha256::new();
    for (key, (outcome, detail, evidence)) in rows {
        let sources: Vec<&str> = evidence.iter().map(|e| e.source.as_str()).collect();
        hash.update(format!("{key}\n{outcome}\n{detail}\n{}\n", sources.join(";")).as_bytes());
    }
    for code in &answer.codes {
        hash.update(format!("{} {} {}\n", code.system, code.code, code.status).as_bytes());
    }
    hex(&hash.finalize())
}
