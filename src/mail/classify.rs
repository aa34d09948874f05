//! Person or machine? Standard headers first (RFC 3834, 3464, 5965, 8098, 2369), then the commonest programs
//! that do not set them. Each verdict says why.
//!
//! A person's mail taken for a machine's is a question that nobody answers; so words alone decide nothing:
//! they need a machine's sender or header beside them, or the fixed beginning of a subject that programs write.

use std::sync::LazyLock;

use crate::domain::{MailClass, Mailbox};
use crate::mail::bounce;
use crate::mail::entity::Entity;
use crate::mail::headers::Headers;

/// Local parts that only mail servers write from.
const DAEMONS: &[&str] = &[
    "mailer-daemon",
    "mailerdaemon",
    "mailer_daemon",
    "mail-daemon",
    "maildaemon",
    "mdaemon",
    "mail.delivery.system",
    "double-bounce",
    "post_master",
    "bounce-notification",
];
/// Local parts that servers and people write from.
const MASTERS: &[&str] =
    &["postmaster", "post_master", "mailmaster", "mail-system", "administrator", "bounce", "bounces"];
/// How programs begin the subject of a bounce.
static BOUNCE_SUBJECTS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("classify/bounce_subjects.txt").lines().collect());
/// The same for a notice that the server still tries, or that all went well.
static NOTICE_SUBJECTS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("classify/notice_subjects.txt").lines().collect());
/// How programs begin the subject of an automatic reply.
static AUTO_SUBJECTS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("classify/auto_subjects.txt").lines().collect());
/// Headers that only responders set.
const AUTO_HEADERS: &[&str] = &[
    "x-autoreply",
    "x-autoreply-from",
    "x-auto-reply-from",
    "x-autorespond",
    "x-autoresponder",
    "x-autoresponse",
    "x-auto-responder",
    "x-mail-autoreply",
    "x-vacation",
    "x-fc-machinegenerated",
    "x-auto-reply",
    "x-ebay-autoreply",
];

pub(super) fn classify(root: &Entity<'_>, from: &[Mailbox], text: &str) -> (MailClass, String) {
    let facts = Facts::of(root, from, text);
    let order = [own, report, unmarked_report, daemon, automatic, master, bulk];
    for rule in order {
        if let Some((class, why)) = rule(&facts) {
            return (class, why);
        }
    }
    (MailClass::Human, "nothing marks it as written by a machine".to_owned())
}

type Verdict = Option<(MailClass, String)>;

/// What the rules look at.
struct Facts<'a> {
    root: &'a Entity<'a>,
    h: &'a Headers,
    from: &'a [Mailbox],
    from_raw: String,
    /// Lower case.
    subject: String,
    /// The beginning of the text, lower case.
    text: String,
    /// The envelope sender, lower case, without brackets; `None` if the server did not note it.
    return_path: Option<String>,
}

impl<'a> Facts<'a> {
    fn of(root: &'a Entity<'a>, from: &'a [Mailbox], text: &str) -> Self {
        let h = &root.headers;
        let path = h.get("return-path").map(|v| v.trim().trim_matches(['<', '>']).trim().to_lowercase());
        Self {
            root,
            h,
            from,
            from_raw: h.text("from").to_lowercase(),
            subject: h.text("subject").to_lowercase(),
            text: text.chars().take(20_000).collect::<String>().to_lowercase(),
            return_path: path,
        }
    }

    fn value(&self, name: &str) -> String {
        self.h.text(name).to_lowercase()
    }

    fn sent_by(&self, locals: &[&str]) -> bool {
        let local = |a: &str| a.split('@').next().unwrap_or_default().to_lowercase();
        self.from.iter().any(|m| locals.contains(&local(m.address.local()).as_str()))
            || locals.iter().any(|l| self.from_raw.split([' ', '<', '>', '"', '(']).any(|w| local(w) == *l))
    }

    /// A null or a server's envelope sender.
    fn null_path(&self) -> bool {
        self.return_path.as_deref().is_some_and(|p| {
            let local = p.split('@').next().unwrap_or_default();
            p.is_empty() || DAEMONS.contains(&local)
        })
    }

    fn subject_starts(&self, with: &[&'static str]) -> Option<&'static str> {
        let subject = self.subject.trim_start_matches(['*', '[', '(', '"', ' ', '#']);
        with.iter().copied().find(|w| subject.starts_with(w))
    }

    fn speaks_of_bounce(&self) -> Option<&'static str> {
        bounce::telling_words(&self.text)
    }
}

/// A mail of ours that came back to us.
fn own(f: &Facts<'_>) -> Verdict {
    f.h.has("x-caseconsultant-delivery").then(|| {
        (
            MailClass::AutoReply,
            "it carries this desk's own delivery header: a mail of ours that came back".to_owned(),
        )
    })
}

/// Reports in the standard form: multipart/report, or its parts in another multipart.
fn report(f: &Facts<'_>) -> Verdict {
    let declared = f.root.kind.get("report-type").unwrap_or_default().to_ascii_lowercase();
    let has = |sub: &str| {
        let here = |e: &Entity<'_>| e.kind.main == "message" && e.kind.sub == sub;
        // Deeper inside it would be a report that somebody forwards.
        here(f.root) || (f.root.kind.main == "multipart" && f.root.children.iter().any(here))
    };
    if declared == "feedback-report" || has("feedback-report") {
        return Some((MailClass::FeedbackReport, "a feedback report (RFC 5965)".to_owned()));
    }
    if declared == "disposition-notification" || has("disposition-notification") {
        return Some((MailClass::DeliveryNotice, "a read receipt (RFC 8098)".to_owned()));
    }
    if has("delivery-status") || has("global-delivery-status") {
        return Some(match bounce::only_notices(f.root) {
            Some(action) => (MailClass::DeliveryNotice, format!("a delivery report (RFC 3464): {action}")),
            None => (MailClass::Bounce, "a delivery report (RFC 3464): failed".to_owned()),
        });
    }
    if declared == "delivery-status" || f.root.kind.is("multipart", "report") {
        return Some(notice_or_bounce(f, "a delivery report without its machine-readable part"));
    }
    None
}

/// Reports that large senders write in forms of their own.
fn unmarked_report(f: &Facts<'_>) -> Verdict {
    let json: String = f.text.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect();
    let kind = |word: &str| json.contains(&format!("\"notificationtype\":\"{word}\""));
    if f.from.iter().any(|m| m.address.domain() == "sns.amazonaws.com") {
        let class = if kind("complaint") {
            MailClass::FeedbackReport
        } else if kind("delivery") {
            MailClass::DeliveryNotice
        } else if kind("bounce") {
            MailClass::Bounce
        } else {
            MailClass::Bulk
        };
        return Some((class, "a notification of Amazon SES".to_owned()));
    }
    let abuse = ["this is an email abuse report", "feedback-type:", "this is a spam complaint"];
    let sign = abuse.iter().find(|w| f.text.contains(*w))?;
    let machine =
        f.null_path() || f.sent_by(DAEMONS) || auto_submitted(f).is_some() || f.text.contains("user-agent:");
    machine.then(|| (MailClass::FeedbackReport, format!("its text says `{sign}`")))
}

fn notice_or_bounce(f: &Facts<'_>, why: &str) -> (MailClass, String) {
    let delay = [
        "will be retried",
        "still being retried",
        "will continue to try",
        "will continue trying",
        "delivery will be attempted",
        "temporary warning",
        "warning message only",
        "do not need to resend",
        "delivery-delayed",
    ];
    if let Some(word) =
        f.subject_starts(&NOTICE_SUBJECTS).or_else(|| delay.iter().copied().find(|w| f.text.contains(w)))
    {
        return (MailClass::DeliveryNotice, format!("{why}; it says `{word}`"));
    }
    (MailClass::Bounce, why.to_owned())
}

/// Senders that are only ever mail servers.
fn daemon(f: &Facts<'_>) -> Verdict {
    let nobody = f.h.has("from") && f.from.is_empty() && matches!(f.from_raw.trim(), "<>" | "");
    if !f.sent_by(DAEMONS) && !nobody && !f.from_raw.starts_with("mail delivery s") {
        return None;
    }
    if auto_submitted(f) == Some(true)
        && f.speaks_of_bounce().is_none()
        && f.subject_starts(&BOUNCE_SUBJECTS).is_none()
    {
        return None;
    }
    Some(notice_or_bounce(f, "a mail server wrote it (From)"))
}

/// `Some(true)`: an automatic reply, `Some(false)`: otherwise automatic (RFC 3834).
fn auto_submitted(f: &Facts<'_>) -> Option<bool> {
    let value = f.value("auto-submitted");
    let word = value.split([';', ' ', '(']).next().unwrap_or_default();
    match word {
        "" | "no" => None,
        word => Some(word.starts_with("auto-replied")),
    }
}

/// What marks itself as automatic.
fn automatic(f: &Facts<'_>) -> Verdict {
    let marked = marked_automatic(f)?;
    let bounce_subject = f.subject_starts(&BOUNCE_SUBJECTS).or_else(|| f.subject_starts(&NOTICE_SUBJECTS));
    if let Some(words) = bounce_subject.or_else(|| f.null_path().then(|| f.speaks_of_bounce()).flatten()) {
        return Some(notice_or_bounce(f, &format!("{marked}, and it says `{words}`")));
    }
    let reply = auto_submitted(f) != Some(false)
        || f.h.has("in-reply-to")
        || f.subject_starts(&AUTO_SUBJECTS).is_some()
        || f.value("x-auto-response-suppress").contains("all");
    Some((if reply { MailClass::AutoReply } else { MailClass::Bulk }, marked))
}

fn marked_automatic(f: &Facts<'_>) -> Option<String> {
    if auto_submitted(f).is_some() {
        return Some(format!("Auto-Submitted: {}", shown(&f.value("auto-submitted"))));
    }
    if let Some(name) =
        AUTO_HEADERS.iter().find(|n| f.h.has(n) && !matches!(f.value(n).as_str(), "no" | "false" | "0"))
    {
        return Some(format!("it has the header {name}"));
    }
    for name in ["precedence", "x-precedence"] {
        if matches!(f.value(name).as_str(), "auto_reply" | "auto-reply" | "autoreply") {
            return Some(format!("{name}: {}", shown(&f.value(name))));
        }
    }
    if f.value("x-auto-response-suppress").split([',', ' ']).any(|w| w == "all") {
        return Some("X-Auto-Response-Suppress: All".to_owned());
    }
    if f.value("x-post-messageclass").contains("autoresponder") {
        return Some("X-POST-MessageClass: Autoresponder".to_owned());
    }
    if f.value("x-ms-exchange-generated-message-source").contains("rules agent") {
        return Some("an Exchange rule wrote it".to_owned());
    }
    if let Some(words) = f.subject_starts(&AUTO_SUBJECTS) {
        return Some(format!("its subject begins `{words}`"));
    }
    // Responders use the null sender so that nobody answers them (RFC 3834, 3.3).
    let null = f.return_path.as_deref() == Some("");
    (null && f.speaks_of_bounce().is_none() && f.subject_starts(&BOUNCE_SUBJECTS).is_none())
        .then(|| "its envelope sender is empty".to_owned())
}

/// Bounces whose sender could also be a person.
fn master(f: &Facts<'_>) -> Verdict {
    let subject = f.subject_starts(&BOUNCE_SUBJECTS).or_else(|| f.subject_starts(&NOTICE_SUBJECTS));
    let words = f.speaks_of_bounce();
    let sender = f.sent_by(MASTERS) || f.null_path();
    let returned = bounce::returns_a_mail(f.root, &f.text);
    let why = match (sender, subject, words) {
        (true, Some(subject), _) => format!("a mail server's address, and its subject begins `{subject}`"),
        (true, None, Some(words)) if returned || f.null_path() => {
            format!("a mail server's address, and its text says `{words}`")
        }
        (false, Some(subject), Some(words)) if returned => {
            format!("its subject begins `{subject}`, its text says `{words}`, and it returns a mail")
        }
        _ => return None,
    };
    Some(notice_or_bounce(f, &why))
}

/// Newsletters, lists and senders that read no answers.
fn bulk(f: &Facts<'_>) -> Verdict {
    let precedence = f.value("precedence");
    if matches!(precedence.as_str(), "bulk" | "junk" | "list") {
        return Some((MailClass::Bulk, format!("Precedence: {precedence}")));
    }
    let lists = [
        "list-id",
        "list-unsubscribe",
        "list-post",
        "x-mailing-list",
        "mailing-list",
        "x-campaign-id",
        "x-campaignid",
    ];
    if let Some(name) = lists.iter().find(|n| f.h.has(n)) {
        return Some((MailClass::Bulk, format!("it has the header {name}")));
    }
    let silent =
        ["noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "do_not_reply", "no.reply"];
    (f.sent_by(&silent) && !f.h.has("reply-to"))
        .then(|| (MailClass::Bulk, "its sender reads no answers (From)".to_owned()))
}

fn shown(value: &str) -> String {
    value.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use crate::domain::MailClass::{self, *};
    use crate::mail::parse;

    fn class(head: &str, body: &str) -> MailClass {
        let mail = parse(format!("{head}\n\n{body}\n").as_bytes()).unwrap();
        assert!(!mail.why.is_empty());
        mail.class
    }

    #[test]
    fn people_are_people() {
        for head in [
            "From: amy@clinic.example\nSubject: 63020",
            "From: postmaster@clinic.example\nSubject: Question about 99213",
            "From: a@x.example\nSubject: Re: Automatic reply: gone\nAuto-Submitted: no",
            "From: a@x.example\nSubject: Fwd: Undeliverable: hello",
            "From: a@x.example\nSubject: Returned mail: which code for occupational therapy?",
            "From: a@x.example\nX-Auto-Response-Suppress: DR, OOF\nSubject: vacation and modifier 59",
            "From: noreply@portal.example\nReply-To: amy@clinic.example\nSubject: form",
        ] {
            assert_eq!(
                class(head, "Can I bill this? The claim was rejected, user unknown."),
                Human,
                "{head}"
            );
        }
    }

    #[test]
    fn machines_are_machines() {
        for (head, expected) in [
            ("From: a@x.example\nAuto-Submitted: auto-replied (vacation)", AutoReply),
            ("From: a@x.example\nAuto-Submitted: auto-generated", Bulk),
            ("From: a@x.example\nSubject: Automatische Antwort: x", AutoReply),
            ("From: a@x.example\nSubject: =?utf-8?q?R=C3=A9ponse?= automatique : x", AutoReply),
            ("From: a@x.example\nX-Autoreply: yes", AutoReply),
            ("Return-Path: <>\nFrom: a@x.example\nSubject: I am away", AutoReply),
            ("From: MAILER-DAEMON@x.example\nSubject: failure notice", Bounce),
            ("From: Mail Delivery System <postmaster@x.example>\nSubject: Delayed Mail", DeliveryNotice),
            ("From: a@x.example\nPrecedence: bulk", Bulk),
            ("From: a@x.example\nList-Unsubscribe: <mailto:x@y.example>", Bulk),
            ("From: No-Reply <no-reply@x.example>", Bulk),
            ("From: a@x.example\nX-CaseConsultant-Delivery: x", AutoReply),
        ] {
            assert_eq!(class(head, "Hello."), expected, "{head}");
        }
    }
}
