//! What the desk knows of a mail after reading it.

use serde::{Serialize, Serializer};

use crate::domain::{Address, DeliveryId, MailClass, Mailbox, MessageId, Timestamp};

/// A mail, read. All texts are foreign, free of U+0000, and may hold patient data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParsedMail {
    /// Who or what wrote it. Only [`MailClass::Human`] mail is ever answered.
    pub class: MailClass,
    /// Why it is of that class: the header or the words that decided.
    pub why: String,
    /// The addresses of From. More or fewer than one: a person decides.
    pub from: Vec<Mailbox>,
    /// From as it was written, decoded: for showing what could not be read as an address.
    pub from_raw: String,
    /// The Sender header's address, if there is one.
    pub sender: Option<Mailbox>,
    /// Where the writer wants answers to go.
    pub reply_to: Vec<Mailbox>,
    /// The recipients.
    pub to: Vec<Mailbox>,
    /// The recipients of a copy.
    pub cc: Vec<Mailbox>,
    /// The subject, decoded, in one line.
    pub subject: String,
    /// Its own Message-ID. Not to be trusted to be unique.
    pub message_id: Option<MessageId>,
    /// The ids of the mail it answers (nearly always one).
    pub in_reply_to: Vec<MessageId>,
    /// The ids of its thread, oldest first.
    pub references: Vec<MessageId>,
    /// The moment that the writer's program gave. Not to be trusted.
    #[serde(serialize_with = "as_rfc3339")]
    pub date: Option<Timestamp>,
    /// The whole text: the plain part, or the HTML part as text.
    pub text: String,
    /// What the person wrote: the text without quoted mail and signature. When in doubt it holds more.
    pub reply_text: String,
    /// What was taken off the text, so that it can still be shown.
    pub trimmed_text: String,
    /// Whether the mail has an HTML part.
    pub html_present: bool,
    /// What is attached: named safely; of documents the text alone is read.
    pub attachments: Vec<Attachment>,
    /// What a bounce or a delivery notice says, recipient by recipient.
    pub bounces: Vec<BounceReport>,
    /// The Message-IDs found in the mail that a bounce returns: they tell which mail of ours came back.
    pub original_message_ids: Vec<MessageId>,
    /// The `X-CaseConsultant-Delivery` of the mail that a bounce returns.
    pub original_delivery: Option<DeliveryId>,
    /// The `X-CaseConsultant-Delivery` of this mail itself: it is one of ours, come back by a loop or found in
    /// the Sent folder.
    pub delivery_header: Option<DeliveryId>,
    /// Every address that it was sent or delivered to (Delivered-To, X-Original-To, Envelope-To, To, Cc): a
    /// plus-address among them may hold a thread token.
    pub addressed_to: Vec<Address>,
    /// The envelope sender (Return-Path) as far as the receiving server noted it: `Some("")` is the null sender.
    pub return_path: Option<String>,
    /// What was found wrong with the mail and how it was read nevertheless.
    pub problems: Vec<String>,
}

/// One attachment. Its name is foreign text, cut to a file name without a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// A file name: without path, control characters or a leading dot; made up from the type if there is none.
    pub name: String,
    /// The declared media type in lower case, for example `application/pdf`.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Bytes after decoding.
    pub size: u64,
    /// Its text, if it is of a kind that is read (txt, csv, html, docx): foreign words, to be masked before use.
    #[serde(skip)]
    pub text: Option<String>,
}

/// What a bounce says of one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BounceReport {
    /// The address that did not get the mail, as written; empty if the bounce does not say.
    pub recipient: String,
    /// The enhanced status code (RFC 3463), for example `5.1.1`; empty if there is none.
    pub status: String,
    /// The SMTP reply code, for example `550`; empty if there is none.
    pub reply_code: String,
    /// The reason in one word: `user_unknown`, `mailbox_full`, `host_unknown`, `too_large`, `spam`, `policy`,
    /// `expired`, `suspended`, `relaying_denied`, `rejected`, `content`, `network`, `system`, or `undefined`.
    pub reason: String,
    /// Whether it is of no use to send to this address again.
    pub permanent: bool,
}

impl Default for ParsedMail {
    fn default() -> Self {
        Self {
            class: MailClass::Human,
            why: String::new(),
            from: Vec::new(),
            from_raw: String::new(),
            sender: None,
            reply_to: Vec::new(),
            to: Vec::new(),
            cc: Vec::new(),
            subject: String::new(),
            message_id: None,
            in_reply_to: Vec::new(),
            references: Vec::new(),
            date: None,
            text: String::new(),
            reply_text: String::new(),
            trimmed_text: String::new(),
            html_present: false,
            attachments: Vec::new(),
            bounces: Vec::new(),
            original_message_ids: Vec::new(),
            original_delivery: None,
            delivery_header: None,
            addressed_to: Vec::new(),
            return_path: None,
            problems: Vec::new(),
        }
    }
}

impl ParsedMail {
    /// Whether it is of the kind that is filed and never answered.
    #[must_use]
    pub fn is_machine(&self) -> bool {
        self.class != MailClass::Human
    }
}

fn as_rfc3339<S: Serializer>(date: &Option<Timestamp>, s: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => s.collect_str(date),
        None => s.serialize_none(),
    }
}
