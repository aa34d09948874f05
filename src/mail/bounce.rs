//! What a bounce says: whom it was for, why it came back, whether trying again is of use, and which mail of
//! ours it was.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::{DeliveryId, MailClass, MessageId};
use crate::mail::entity::Entity;
use crate::mail::headers::Headers;
use crate::mail::parsed::BounceReport;

mod reason;

/// More recipients in one bounce are not read.
const MAX_RECIPIENTS: usize = 100;

/// What a bounce or delivery notice tells.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) recipients: Vec<BounceReport>,
    pub(super) original_ids: Vec<MessageId>,
    pub(super) original_delivery: Option<DeliveryId>,
}

/// Words that only a report of a failed delivery has in its text (lower case).
static TELLING: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("bounce/telling.txt").lines().collect());

pub(super) fn telling_words(lower_text: &str) -> Option<&'static str> {
    TELLING.iter().copied().find(|w| lower_text.contains(w))
}

/// Whether a mail (or its headers) is attached or stands in the text.
pub(super) fn returns_a_mail(root: &Entity<'_>, lower_text: &str) -> bool {
    let attached = |e: &Entity<'_>| {
        e.is_message() || e.kind.is("text", "rfc822-headers") || e.kind.is("message", "rfc822-headers")
    };
    root.children.iter().any(attached)
        || lower_text.lines().any(|l| l.trim_start_matches(['>', ' ', '|']).starts_with("received: from"))
        || lower_text
            .lines()
            .filter(|l| l.starts_with("message-id:") || l.starts_with("return-path:"))
            .count()
            > 0
}

/// The action of a delivery report whose every recipient is served or still tried; `None` if one failed.
pub(super) fn only_notices(root: &Entity<'_>) -> Option<String> {
    let blocks = status_blocks(root);
    let actions: Vec<String> =
        blocks.iter().map(|b| b.text("action").to_lowercase()).filter(|a| !a.is_empty()).collect();
    let first = actions.first()?;
    let word = |a: &String| a.split([' ', '(', ';']).next().unwrap_or_default().to_owned();
    let notice = |a: &String| {
        matches!(word(a).as_str(), "delivered" | "deliverable" | "relayed" | "expanded" | "delayed")
    };
    actions.iter().all(notice).then(|| word(first))
}

/// The blocks of all delivery-status parts that speak of a recipient.
fn status_blocks(root: &Entity<'_>) -> Vec<Headers> {
    let mut blocks = Vec::new();
    let is_status = |e: &&Entity<'_>| e.kind.main == "message" && e.kind.sub.ends_with("delivery-status");
    let parts = std::iter::once(root).chain(&root.children).filter(is_status);
    for part in parts {
        let decoded = part.decoded();
        let mut rest: &[u8] = decoded.trim_ascii_start();
        while !rest.is_empty() && blocks.len() < MAX_RECIPIENTS {
            let (block, after) = Headers::split(rest);
            if after.len() == rest.len() {
                break;
            }
            if block.has("final-recipient") || block.has("original-recipient") || block.has("action") {
                blocks.push(block);
            }
            rest = after.trim_ascii_start();
        }
    }
    blocks
}

/// Reads the report. Only bounces and delivery notices have one.
pub(super) fn read(root: &Entity<'_>, class: MailClass, text: &str) -> Report {
    let mut report = Report::default();
    if !matches!(class, MailClass::Bounce | MailClass::DeliveryNotice) {
        return report;
    }
    let text: String = text.chars().take(200_000).collect();
    originals(root, &text, &mut report);
    let failed = class == MailClass::Bounce;
    let said = own_words(&text);
    report.recipients = status_blocks(root).iter().filter_map(|b| from_block(b, said, failed)).collect();
    if report.recipients.is_empty() {
        report.recipients = from_text(root, said, failed);
    }
    report.recipients.truncate(MAX_RECIPIENTS);
    report
}

fn from_block(block: &Headers, said: &str, failed: bool) -> Option<BounceReport> {
    let recipient = ["original-recipient", "final-recipient", "x-actual-recipient"]
        .iter()
        .map(|name| typed_value(&block.text(name)))
        .find(|v| v.contains('@'))
        .or_else(|| Some(typed_value(&block.text("final-recipient"))))?;
    let action = block.text("action").to_lowercase();
    if failed && ["delivered", "relayed", "expanded"].iter().any(|a| action.starts_with(a)) {
        return None;
    }
    let diagnostic = block.text("diagnostic-code");
    let own = typed_value(&diagnostic);
    let words =
        if own.chars().filter(|c| c.is_alphabetic()).count() < 8 { format!("{own}\n{said}") } else { own };
    let declared = STATUS.find(&block.text("status")).map(|m| m.as_str().to_owned()).unwrap_or_default();
    let expired = action.starts_with("delayed");
    Some(reason::report(&recipient, &declared, &words, failed && !expired))
}

/// `rfc822; a@b` and `smtp; 550 …` without their type.
fn typed_value(value: &str) -> String {
    let value = match value.split_once(';') {
        Some((kind, rest)) if kind.len() < 30 && !kind.trim().contains(' ') => rest,
        _ => value,
    };
    value.trim().trim_matches(['<', '>']).to_owned()
}

static STATUS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[A-Za-z0-9._%+=/#!$&'*?^`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
});

#[allow(clippy::unwrap_used, reason = "fixed patterns; the tests of this module compile each")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

/// The part of a bounce's text that the server wrote, before the mail that it returns.
fn own_words(text: &str) -> &str {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start_matches(['>', ' ', '|', '-', '=', '_']).to_ascii_lowercase();
        let begins = [
            "return-path:",
            "received: from",
            "below this line is a copy",
            "this is a copy of",
            "original message follows",
            "original message",
            "returned message",
            "unsent message below",
            "message header follows",
            "undelivered message",
            "the header of the original",
            "included is a copy of",
            "message headers follow",
            "start of returned message",
        ];
        if at > 0 && begins.iter().any(|b| start.starts_with(b)) {
            break;
        }
        at += line.len();
    }
    text.get(..at).unwrap_or(text)
}

/// Bounces without a machine-readable part: the server's words, and the recipient it names.
fn from_text(root: &Entity<'_>, said: &str, failed: bool) -> Vec<BounceReport> {
    let h = &root.headers;
    let mut recipients: Vec<String> = Vec::new();
    for value in h.all("x-failed-recipients") {
        recipients.extend(ADDRESS.find_iter(value).map(|m| m.as_str().to_owned()));
    }
    if recipients.is_empty() {
        let mut ignored = Vec::new();
        let mut own = h.mailboxes("to", &mut ignored);
        own.extend(h.mailboxes("from", &mut ignored));
        let server = |a: &str| {
            let lower = a.to_ascii_lowercase();
            ["mailer-daemon@", "postmaster@", "abuse@", "support@", "help@"]
                .iter()
                .any(|s| lower.starts_with(s))
                || own.iter().any(|m| m.address.to_string().eq_ignore_ascii_case(a))
        };
        recipients.extend(ADDRESS.find_iter(said).map(|m| m.as_str().to_owned()).find(|a| !server(a)));
    }
    if recipients.is_empty() {
        recipients.push(String::new());
    }
    recipients.dedup();
    recipients.iter().take(MAX_RECIPIENTS).map(|r| reason::report(r, "", said, failed)).collect()
}

/// The ids of the mail that came back, from an attached mail, attached headers, or the text.
fn originals(root: &Entity<'_>, text: &str, report: &mut Report) {
    for part in root.all().into_iter().skip(1).take(50) {
        if part.is_message() || part.kind.sub == "rfc822-headers" {
            let decoded = part.decoded();
            if let Ok(h) = Headers::read(decoded.trim_ascii_start()) {
                note_original(&h, report);
            }
        }
    }
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ', '|']);
        if let Some((name, value)) = line.split_once(':') {
            let name = name.trim().to_ascii_lowercase();
            if matches!(name.as_str(), "message-id" | "x-caseconsultant-delivery") {
                let field = format!("{name}: {}\n", value.trim());
                if let Ok(h) = Headers::read(field.as_bytes()) {
                    note_original(&h, report);
                }
            }
        }
    }
}

fn note_original(h: &Headers, report: &mut Report) {
    for id in h.ids("message-id").into_iter().chain(h.ids("x-original-message-id")) {
        if !report.original_ids.contains(&id) && report.original_ids.len() < 20 {
            report.original_ids.push(id);
        }
    }
    if report.original_delivery.is_none() {
        report.original_delivery = h.get("x-caseconsultant-delivery").and_then(|v| v.trim().parse().ok());
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::MailClass;
    use crate::mail::parse;

    const DSN: &str = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: consult@desk.example\nSubject: Undelivered Mail\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n\
        Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
        Final-Recipient: rfc822; amy@clinic.example\nAction: ACTION\nStatus: 5.1.1\n\
        Diagnostic-Code: smtp; 550 5.1.1 <amy@clinic.example>: User unknown\n\n--b\nContent-Type: text/rfc822-headers\n\n\
        Message-ID: <cc.abcdefghijklmnop.1@desk.example>\nX-CaseConsultant-Delivery: 01900000-0000-7000-8000-000000000001\n\n--b--\n";

    #[test]
    fn reads_a_standard_report() {
        let mail = parse(DSN.replace("ACTION", "failed").as_bytes()).unwrap();
        assert_eq!(mail.class, MailClass::Bounce);
        let [bounce] = mail.bounces.as_slice() else { panic!("{:?}", mail.bounces) };
        assert_eq!((bounce.recipient.as_str(), bounce.status.as_str()), ("amy@clinic.example", "5.1.1"));
        assert_eq!(
            (bounce.reply_code.as_str(), bounce.reason.as_str(), bounce.permanent),
            ("550", "user_unknown", true)
        );
        assert!(mail.original_message_ids[0].token().is_some());
        assert!(mail.original_delivery.is_some());
        let mail = parse(DSN.replace("ACTION", "delayed").as_bytes()).unwrap();
        assert_eq!(mail.class, MailClass::DeliveryNotice);
        assert!(!mail.bounces[0].permanent);
    }

    #[test]
    fn reads_a_report_in_prose() {
        let mail = parse(
            b"From: MAILER-DAEMON@mx.example\nTo: consult@desk.example\nSubject: failure notice\n\n\
              Hi. This is the qmail-send program.\n\n<bob@clinic.example>:\n203.0.113.9 does not like recipient.\n\
              Remote host said: 552 5.2.2 mailbox is full\n\n--- Below this line is a copy of the message.\n\n\
              Message-ID: <x@desk.example>\nTo: other@clinic.example\n",
        )
        .unwrap();
        assert_eq!(mail.class, MailClass::Bounce);
        assert_eq!(mail.bounces[0].recipient, "bob@clinic.example");
        assert_eq!((mail.bounces[0].reason.as_str(), mail.bounces[0].permanent), ("mailbox_full", false));
        assert_eq!(mail.original_message_ids.len(), 1);
    }
}
