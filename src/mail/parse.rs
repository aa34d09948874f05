//! Any bytes in, a [`ParsedMail`] out.

use std::sync::mpsc;
use std::time::Duration;

use crate::domain::{Address, Mailbox};
use crate::mail::entity::{Entity, Splitter};
use crate::mail::headers::Headers;
use crate::mail::parsed::ParsedMail;
use crate::mail::{body, bounce, classify, decode, quote};

/// The header in which each mail of ours names its delivery.
pub const DELIVERY_HEADER: &str = "X-CaseConsultant-Delivery";

/// The stack of the thread that reads foreign bytes.
const STACK: usize = 8 * 1024 * 1024;
/// A mail that takes longer than this to read is given up.
const TIME: Duration = Duration::from_secs(30);
/// More bytes than this are no mail (providers stop at 150 MB).
const MAX_BYTES: usize = 200 * 1024 * 1024;

/// Why bytes could not be read as a mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unparseable {
    /// Nothing but white space.
    #[error("the mail is empty")]
    Empty,
    /// No header field at the beginning.
    #[error("{0}")]
    NoMail(#[from] crate::mail::HeaderError),
    /// More bytes than any mail has.
    #[error("it has {0} bytes: more than any mail may have")]
    TooLarge(usize),
    /// The reader failed: a fault of this program. The mail is kept.
    #[error("reading the mail failed inside the program: keep the original and report it")]
    Failed,
    /// The reader took too long.
    #[error("reading the mail took longer than {} seconds and was given up", TIME.as_secs())]
    TooSlow,
}

/// Reads a mail. Linear in its size, bounded in depth, parts and lengths; for bytes of strangers use
/// [`parse_guarded`].
///
/// # Errors
/// If there is nothing that could be a mail.
pub fn parse(bytes: &[u8]) -> Result<ParsedMail, Unparseable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unparseable::TooLarge(bytes.len()));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(Unparseable::Empty);
    }
    let unix = with_unix_line_ends(bytes);
    let bytes = unix.as_deref().unwrap_or(bytes).trim_ascii_start();
    Headers::read(bytes)?;
    let mut splitter = Splitter::default();
    let root = splitter.mail(bytes);
    let mut problems = splitter.problems;
    Ok(read(&root, &mut problems))
}

/// As [`parse`], on a thread of its own with a fixed stack; a panic in the reader ends as
/// [`Unparseable::Failed`], endless work as [`Unparseable::TooSlow`].
///
/// # Errors
/// As [`parse`].
pub fn parse_guarded(bytes: Vec<u8>) -> Result<ParsedMail, Unparseable> {
    let (tell, answer) = mpsc::sync_channel(1);
    let reader =
        std::thread::Builder::new().name("mail-parse".to_owned()).stack_size(STACK).spawn(move || {
            let read = std::panic::catch_unwind(|| parse(&bytes)).unwrap_or(Err(Unparseable::Failed));
            // The asker may have given up waiting.
            let _ = tell.send(read);
        });
    if reader.is_err() {
        return Err(Unparseable::Failed);
    }
    answer.recv_timeout(TIME).unwrap_or_else(|error| {
        Err(match error {
            mpsc::RecvTimeoutError::Timeout => Unparseable::TooSlow,
            mpsc::RecvTimeoutError::Disconnected => Unparseable::Failed,
        })
    })
}

/// The HTML of a mail as it came, unsafe to show (see [`crate::mail::sanitize`]); `None` if it has none. For
/// the original's own view; also bounded, but run it where a parse may fail.
#[must_use]
pub fn original_html(bytes: &[u8]) -> Option<String> {
    let unix = with_unix_line_ends(bytes);
    let bytes = unix.as_deref().unwrap_or(bytes).trim_ascii_start();
    let root = Splitter::default().mail(bytes);
    Some(body::read(&root, &mut Vec::new()).html).filter(|html| !html.is_empty())
}

/// Line ends of carriage returns alone (old Macintosh programs, broken converters) as `\n`.
fn with_unix_line_ends(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = bytes.get(..bytes.len().min(64 * 1024)).unwrap_or(bytes);
    let mac = !head.contains(&b'\n') && head.contains(&b'\r');
    mac.then(|| bytes.iter().map(|&b| if b == b'\r' { b'\n' } else { b }).collect())
}

fn read(root: &Entity<'_>, problems: &mut Vec<String>) -> ParsedMail {
    let h = &root.headers;
    let content = body::read(root, problems);
    let from = h.mailboxes("from", problems);
    let (class, why) = classify::classify(root, &from, &content.text);
    let report = bounce::read(root, class, &content.text);
    let reply = quote::split(&content.text);
    let mut mail = ParsedMail {
        class,
        why,
        from_raw: h.all("from").map(crate::mail::headers::decoded).collect::<Vec<_>>().join(", "),
        from,
        sender: h.mailboxes("sender", problems).into_iter().next(),
        reply_to: h.mailboxes("reply-to", problems),
        to: h.mailboxes("to", problems),
        cc: h.mailboxes("cc", problems),
        subject: h.text("subject"),
        message_id: h.ids("message-id").into_iter().next(),
        in_reply_to: h.ids("in-reply-to"),
        references: h.ids("references"),
        date: h.date(),
        reply_text: reply.reply,
        trimmed_text: reply.trimmed,
        text: content.text,
        html_present: !content.html.is_empty(),
        attachments: content.attachments,
        bounces: report.recipients,
        original_message_ids: report.original_ids,
        original_delivery: report.original_delivery,
        delivery_header: h.get("x-caseconsultant-delivery").and_then(|v| v.trim().parse().ok()),
        return_path: h.get("return-path").map(bare_address),
        ..ParsedMail::default()
    };
    mail.addressed_to = addressed_to(h, &mail.to, &mail.cc);
    note_missing(h, &mail, problems);
    problems.dedup();
    problems.truncate(50);
    mail.problems = problems.iter().map(|p| decode::one_line(p)).collect();
    mail
}

fn bare_address(value: &str) -> String {
    value.trim().trim_start_matches('<').trim_end_matches('>').trim().to_owned()
}

fn addressed_to(h: &Headers, to: &[Mailbox], cc: &[Mailbox]) -> Vec<Address> {
    let mut found: Vec<Address> = Vec::new();
    let mut ignored = Vec::new();
    let noted =
        ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to"];
    let noted = noted.iter().flat_map(|name| h.mailboxes(name, &mut ignored)).collect::<Vec<_>>();
    for mailbox in noted.iter().chain(to).chain(cc) {
        if !found.contains(&mailbox.address) && found.len() < 1_000 {
            found.push(mailbox.address.clone());
        }
    }
    found
}

fn note_missing(h: &Headers, mail: &ParsedMail, problems: &mut Vec<String>) {
    if !h.has("from") {
        problems.push("there is no From".to_owned());
    }
    if mail.from.len() > 1 {
        problems.push("there is more than one From address".to_owned());
    }
    if mail.message_id.is_none() {
        problems.push("there is no Message-ID".to_owned());
    }
    if mail.date.is_none() {
        problems.push("there is no readable Date".to_owned());
    }
    for name in ["from", "subject", "message-id", "date"] {
        if h.all(name).count() > 1 {
            problems.push(format!("there is more than one `{name}` header"));
        }
    }
}
