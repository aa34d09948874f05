//! Our replies as exact bytes. The same [`Outgoing`] always gives the same bytes, so what a reviewer approved
//! is what goes out, also at a second attempt.
//!
//! Written by hand rather than with a mail builder: the builders at hand choose boundaries, Date or folding by
//! themselves, and an approved mail must not depend on a library's version.

use crate::domain::{Address, DeliveryId, Mailbox, MessageId, Timestamp};
use crate::mail::parse::DELIVERY_HEADER;

mod encode;
mod subject;

pub use subject::subject_for_reply;

/// A file that goes out with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingFile {
    /// Its name, without a path.
    pub name: String,
    /// Its media type, for example `application/pdf`; anything unreadable becomes `application/octet-stream`.
    pub media_type: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A mail of ours, before it is bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The mailbox of the desk.
    pub from: Mailbox,
    /// The one recipient.
    pub to: Address,
    /// What the reviewer added.
    pub cc: Vec<Address>,
    /// `consult+TOKEN@…`, with `plus_addressing`.
    pub reply_to: Option<Address>,
    /// The finished subject (see [`subject_for_reply`]).
    pub subject: String,
    /// Our own id, with the thread token in it.
    pub message_id: MessageId,
    /// The mail that is answered.
    pub in_reply_to: Option<MessageId>,
    /// Its thread, oldest first, without `in_reply_to` or with it.
    pub references: Vec<MessageId>,
    /// The moment of composing.
    pub date: Timestamp,
    /// The desk's offset from UTC at that moment, for example `-0500`.
    pub zone_offset: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML, if there is one.
    pub html: Option<String>,
    /// Attached files.
    pub attachments: Vec<OutgoingFile>,
    /// Whether no person approved it: an acknowledgement (RFC 3834: never answered by other machines).
    pub automatic: bool,
    /// The row of the outbox: by it a copy is known again, whatever a provider does to the Message-ID.
    pub delivery: DeliveryId,
}

impl Outgoing {
    /// The mail as it goes to the server, with CRLF line ends and 7-bit throughout (but for an address whose
    /// local part is not ASCII, which only SMTPUTF8 can carry).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.head();
        let body = self.body();
        out.push_str(&body);
        out.into_bytes()
    }

    fn head(&self) -> String {
        let bare = |a: &Address| Mailbox { name: String::new(), address: a.clone() };
        let mut out = String::new();
        out.push_str(&encode::folded("Date", &[self.date_line()]));
        out.push_str(&encode::folded("From", &encode::mailbox(&self.from)));
        out.push_str(&encode::folded("To", &encode::mailbox(&bare(&self.to))));
        if !self.cc.is_empty() {
            let last = self.cc.len() - 1;
            let listed = |(i, a)| format!("<{a}>{}", if i < last { "," } else { "" });
            out.push_str(&encode::folded("Cc", &self.cc.iter().enumerate().map(listed).collect::<Vec<_>>()));
        }
        if let Some(reply_to) = &self.reply_to {
            out.push_str(&encode::folded("Reply-To", &encode::mailbox(&bare(reply_to))));
        }
        out.push_str(&encode::text_header("Subject", &self.subject));
        out.push_str(&encode::folded(
            "Message-ID",
            &encode::id_words(std::slice::from_ref(&self.message_id)),
        ));
        let mut references = self.references.clone();
        if let Some(id) = &self.in_reply_to {
            let words = encode::id_words(std::slice::from_ref(id));
            if !words.is_empty() {
                out.push_str(&encode::folded("In-Reply-To", &words));
            }
            references.retain(|r| r != id);
            references.push(id.clone());
        }
        let references = encode::id_words(&references);
        if !references.is_empty() {
            out.push_str(&encode::folded("References", &references));
        }
        if self.automatic {
            out.push_str("Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n");
        }
        out.push_str(&encode::folded(DELIVERY_HEADER, &[self.delivery.to_string()]));
        out.push_str("MIME-Version: 1.0\r\n");
        out
    }

    fn date_line(&self) -> String {
        let zone = offset(&self.zone_offset).unwrap_or(jiff::tz::TimeZone::UTC);
        self.date.rfc2822_in(&zone)
    }

    /// The boundary of one level: `=_` stands in no quoted-printable, no base64, and no line we leave as it is.
    fn boundary(&self, level: u8) -> String {
        format!("=_cc{level}_{}", self.delivery.as_str().replace('-', ""))
    }

    fn body(&self) -> String {
        let text = text_part("plain", &self.text);
        let readable = match &self.html {
            Some(html) => multipart("alternative", &self.boundary(1), &[text, text_part("html", html)]),
            None => text,
        };
        if self.attachments.is_empty() {
            return readable;
        }
        let mut parts = vec![readable];
        parts.extend(self.attachments.iter().map(file_part));
        multipart("mixed", &self.boundary(2), &parts)
    }
}

fn offset(text: &str) -> Option<jiff::tz::TimeZone> {
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let hours: i32 = text.get(1..3)?.parse().ok()?;
    let minutes: i32 = text.get(3..5)?.parse().ok()?;
    let seconds = sign * (hours * 3600 + minutes * 60);
    Some(jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(seconds).ok()?))
}

fn text_part(subtype: &str, text: &str) -> String {
    let (encoding, body) = encode::text_body(text);
    format!(
        "Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}"
    )
}

fn file_part(file: &OutgoingFile) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || "/.+-_".contains(c);
    let whole = file.media_type.len() <= 100
        && file.media_type.chars().all(fine)
        && file.media_type.split('/').filter(|p| !p.is_empty()).count() == 2
        && file.media_type.matches('/').count() == 1
        && !file.media_type.starts_with("multipart/")
        && !file.media_type.starts_with("message/");
    let media_type = if whole { file.media_type.as_str() } else { "application/octet-stream" };
    let mut disposition = vec!["attachment;".to_owned()];
    disposition.extend(encode::file_name_words(&file.name));
    format!(
        "Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n{}\r\n{}",
        encode::folded("Content-Disposition", &disposition),
        encode::base64_body(&file.bytes)
    )
}

fn multipart(subtype: &str, boundary: &str, parts: &[String]) -> String {
    let mut out = format!("Content-Type: multipart/{subtype};\r\n boundary=\"{boundary}\"\r\n\r\n");
    for part in parts {
        out.push_str(&format!("--{boundary}\r\n{part}\r\n"));
    }
    out.push_str(&format!("--{boundary}--\r\n"));
    out
}

#[cfg(test)]
mod tests;
