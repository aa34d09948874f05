//! What the case page shows: rows of the store turned into words. Pure.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use crate::consult::verify::Objection;
use crate::desk::{Preview, Verified};
use crate::domain::{
    Address, Answer, CaseEvent, CaseState, CivilDate, DeliveryKind, DeliveryState, Evidence, MailState, Role,
    Timestamp,
};
use crate::store::{AuditEntry, Case, CaseMail, Delivery, Draft};
use crate::web::wording::{self, Badge};
use crate::web::{prose, queue};

/// What the page is made from.
pub(crate) struct CaseFacts<'a> {
    pub(crate) case: &'a Case,
    pub(crate) mails: &'a [CaseMail],
    pub(crate) drafts: &'a [Draft],
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) trail: Vec<AuditEntry>,
    pub(crate) preview: Option<Preview>,
    /// Why there is no preview, though there is a draft.
    pub(crate) cannot: Option<String>,
    /// Copies as they were typed.
    pub(crate) cc: &'a str,
    /// What just went wrong.
    pub(crate) problem: Option<String>,
    pub(crate) next: Option<String>,
    pub(crate) role: Role,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
    /// What verification says of the text to be sent.
    pub(crate) verified: &'a Verified,
}

#[derive(Serialize)]
pub(crate) struct CaseView {
    number: String,
    version: i64,
    subject: String,
    state: Badge,
    verdict: Option<Badge>,
    flags: Vec<Badge>,
    asker: String,
    asker_open: bool,
    mailbox: String,
    opened: String,
    waited: String,
    next_number: Option<String>,
    notes: Vec<Note>,
    pub(crate) mails: Vec<MailView>,
    draft_heading: &'static str,
    draft: Option<DraftView>,
    no_draft: &'static str,
    mail: Option<MailPreview>,
    cc: String,
    versions: Vec<VersionView>,
    objections: Vec<ObjectionView>,
    /// Only with a reason of a senior reviewer.
    held: bool,
    may_overrule: bool,
    missing: Vec<String>,
    findings: Vec<FindingView>,
    codes: Vec<CodeView>,
    pub(crate) sources: Vec<String>,
    deliveries: Vec<DeliveryView>,
    trail: Vec<TrailView>,
    may: May,
    approve_label: &'static str,
    redo_label: &'static str,
}

#[derive(Serialize)]
struct Note {
    kind: &'static str,
    text: String,
}

#[derive(Serialize)]
pub(crate) struct MailView {
    id: String,
    sender: String,
    class: String,
    when: String,
    subject: String,
    text: String,
    trimmed: String,
    notes: Vec<String>,
    has_original: bool,
}

#[derive(Serialize)]
struct DraftView {
    id: String,
    html: String,
    no_draft_reason: String,
    line: String,
}

/// A mail as it would go out.
#[derive(Serialize)]
pub(crate) struct MailPreview {
    from: String,
    to: String,
    cc: String,
    subject: String,
    text: String,
    html: String,
    digest: String,
    delivery: String,
}

#[derive(Serialize)]
struct VersionView {
    line: String,
    html: String,
}

/// What does not hold in a text, and where.
#[derive(Serialize)]
pub(crate) struct ObjectionView {
    weight: Badge,
    words: String,
    why: String,
    evidence: Vec<String>,
}

/// The objections to a text, those that hold it up first.
pub(crate) fn objections(verified: &Verified) -> Vec<ObjectionView> {
    let mut all: Vec<&Objection> = verified.objections.iter().collect();
    all.sort_by_key(|o| std::cmp::Reverse(o.weight));
    all.into_iter()
        .map(|o| ObjectionView {
            weight: wording::weight(o.weight),
            words: o.words.chars().take(200).collect(),
            why: o.why.clone(),
            evidence: o.evidence.iter().map(citation).collect(),
        })
        .collect()
}

#[derive(Serialize)]
struct FindingView {
    outcome: Badge,
    rule: String,
    codes: Vec<String>,
    statement: String,
    evidence: Vec<String>,
}

#[derive(Serialize)]
struct CodeView {
    code: String,
    /// Its page, on the case's date of service.
    href: String,
    system: &'static str,
    description: String,
    validity: String,
    status: Badge,
}

#[derive(Serialize)]
struct DeliveryView {
    kind: &'static str,
    recipient: String,
    state: Badge,
    when: String,
    reply: String,
}

#[derive(Serialize)]
struct TrailView {
    when: String,
    event: String,
    actor: String,
    detail: String,
}

/// What this person may do with the case now.
#[derive(Serialize, Default)]
struct May {
    any: bool,
    original: bool,
    approve: bool,
    edit: bool,
    redo: bool,
    void: bool,
    close: bool,
    reopen: bool,
}

impl CaseView {
    pub(crate) fn of(facts: &CaseFacts<'_>) -> Self {
        let (case, zone) = (facts.case, facts.zone);
        let draft = facts.drafts.last();
        let answer = draft.map(|d| &d.answer);
        let earlier = facts.drafts.iter().rev().skip(1);
        let since = facts.now.seconds() - case.waiting_since.seconds();
        Self {
            number: case.number.to_string(),
            version: case.version,
            subject: queue::subject(case),
            state: wording::state(case.state),
            verdict: case.verdict.map(wording::verdict),
            flags: queue::flags(case),
            asker: queue::asker(case),
            asker_open: case.asker.is_none() && case.state == CaseState::InReview,
            mailbox: case.mailbox.clone(),
            opened: case.opened_at.minute_in(zone),
            waited: wording::span(since),
            next_number: facts.next.clone(),
            notes: notes(facts),
            mails: mails(facts.mails, zone),
            draft_heading: heading(case.state, draft.map(|d| d.kind)),
            draft: draft.map(|d| draft_view(d, zone)),
            no_draft: match case.state {
                CaseState::Received | CaseState::Drafting => "The draft is being written; it takes seconds.",
                _ => "There is no draft.",
            },
            mail: facts.preview.as_ref().map(mail_preview),
            cc: facts.cc.to_owned(),
            versions: earlier.map(|d| version_view(d, zone)).collect(),
            objections: objections(facts.verified),
            held: !facts.verified.holds(),
            may_overrule: facts.role >= Role::Senior && !facts.verified.patient_data,
            missing: answer.map(|a| a.missing.clone()).unwrap_or_default(),
            findings: answer.map(findings).unwrap_or_default(),
            codes: answer.map(|a| codes(a, case.opened_at.date_in(zone))).unwrap_or_default(),
            sources: answer.map(|a| a.sources.clone()).unwrap_or_default(),
            deliveries: facts.deliveries.iter().map(|d| delivery_view(d, zone)).collect(),
            trail: facts.trail.iter().map(|t| trail_view(t, zone)).collect(),
            may: May::of(facts),
            approve_label: match draft.map(|d| d.kind) {
                Some(DeliveryKind::AskBack) => "Approve and ask back",
                Some(DeliveryKind::Decline) => "Approve and decline",
                _ => "Approve and send",
            },
            redo_label: if case.state == CaseState::Undeliverable { "Back to review" } else { "Draft anew" },
        }
    }
}

impl May {
    fn of(facts: &CaseFacts<'_>) -> Self {
        let case = facts.case;
        if !facts.role.may_review() {
            return Self::default();
        }
        let can = |event| case.state.next(event).is_ok();
        let mut may = Self {
            any: false,
            original: true,
            approve: facts.preview.is_some() && case.stale.is_empty() && can(CaseEvent::Approve),
            edit: case.state == CaseState::InReview,
            redo: can(CaseEvent::Redo),
            void: can(CaseEvent::Void) && facts.deliveries.iter().any(|d| d.state == DeliveryState::Queued),
            close: can(CaseEvent::Close),
            reopen: can(CaseEvent::Reopen),
        };
        may.any = may.approve || may.edit || may.redo || may.void || may.close || may.reopen;
        may
    }
}

fn notes(facts: &CaseFacts<'_>) -> Vec<Note> {
    let case = facts.case;
    let mut notes = Vec::new();
    let mut add = |kind, text: String| notes.push(Note { kind, text });
    if let Some(problem) = &facts.problem {
        add("alarm", problem.clone());
    }
    if !case.stale.is_empty() {
        add(
            "alarm",
            format!("The draft no longer holds: {}. Draft it anew.", case.stale.trim_end_matches('.')),
        );
    }
    if let Some(why) = &facts.cannot {
        add("alarm", format!("The mail cannot be shown, and so not be approved: {why}"));
    }
    if case.mail_waits {
        let text =
            "The asker wrote again while the answer was on its way; that mail is taken up once it is out.";
        add("warn", text.to_owned());
    }
    let replies = facts.mails.iter().filter(|m| !m.reply_to.is_empty());
    for mail in replies {
        add(
            "warn",
            format!("The mail asks for replies to {}; the answer goes to its sender.", mail.reply_to),
        );
    }
    if case.state == CaseState::Approved {
        let queued = facts.deliveries.iter().find(|d| d.state == DeliveryState::Queued);
        let text = match queued {
            Some(d) => format!("Approved; goes out at {}.", d.not_before.minute_in(facts.zone)),
            None => "Approved and on its way.".to_owned(),
        };
        add("good", text);
    }
    notes
}

fn heading(state: CaseState, kind: Option<DeliveryKind>) -> &'static str {
    match (kind, state) {
        (Some(DeliveryKind::AskBack), CaseState::InReview) => "Question back, to be approved",
        (Some(DeliveryKind::Decline), CaseState::InReview) => "Refusal, to be approved",
        (_, CaseState::Approved) => "Approved answer",
        (Some(DeliveryKind::AskBack), _) => "Question back",
        (Some(DeliveryKind::Decline), _) => "Refusal",
        (_, CaseState::Answered) => "Answer",
        _ => "Draft",
    }
}

/// The mails of a case as the pages show them.
pub(crate) fn mails(mails: &[CaseMail], zone: &TimeZone) -> Vec<MailView> {
    mails.iter().filter(|m| m.state != MailState::Duplicate).map(|m| mail_view(m, zone)).collect()
}

fn mail_view(mail: &CaseMail, zone: &TimeZone) -> MailView {
    let mut notes = Vec::new();
    if !mail.phi.is_empty() {
        notes.push(format!("Masked: {}", mail.phi.join(", ").replace('_', " ")));
    }
    for attachment in mail.attachments.as_array().into_iter().flatten() {
        let text = |key| attachment.get(key).and_then(Value::as_str).unwrap_or_default();
        let size = attachment.get("size").and_then(Value::as_i64).unwrap_or(0);
        notes.push(format!("Attached: {} ({}, {})", text("name"), text("type"), wording::size(size)));
    }
    notes.extend(mail.problems.iter().cloned());
    MailView {
        id: mail.id.to_string(),
        sender: if mail.sender.is_empty() { "unknown sender".to_owned() } else { mail.sender.clone() },
        class: wording::class(&mail.class),
        when: mail.received_at.minute_in(zone),
        subject: mail.masked_subject.clone(),
        text: mail.masked_text.clone(),
        trimmed: mail.masked_trimmed.clone(),
        notes,
        has_original: mail.state != MailState::TooLarge,
    }
}

fn author(draft: &Draft) -> &str {
    if draft.author == "consultant" { "the consultant" } else { &draft.author }
}

fn draft_view(draft: &Draft, zone: &TimeZone) -> DraftView {
    DraftView {
        id: draft.id.to_string(),
        html: prose::html(&draft.text, draft.answer.sources.len()),
        no_draft_reason: draft.no_draft_reason.clone(),
        line: version_line(draft, zone),
    }
}

fn version_line(draft: &Draft, zone: &TimeZone) -> String {
    let (n, kind) = (draft.version, wording::kind(draft.kind));
    format!("Version {n} ({kind}) by {}, {}", author(draft), draft.created_at.minute_in(zone))
}

fn version_view(draft: &Draft, zone: &TimeZone) -> VersionView {
    let html = if draft.text.is_empty() {
        prose::html(&format!("No draft: {}", draft.no_draft_reason), 0)
    } else {
        prose::html(&draft.text, draft.answer.sources.len())
    };
    VersionView { line: version_line(draft, zone), html }
}

/// A composed mail for a page.
pub(crate) fn mail_preview(preview: &Preview) -> MailPreview {
    let cc: Vec<String> = preview.cc.iter().map(Address::to_string).collect();
    MailPreview {
        from: format!("{} <{}>", preview.from.name, preview.from.address),
        to: preview.to.to_string(),
        cc: cc.join(", "),
        subject: preview.subject.clone(),
        text: preview.text.clone(),
        html: preview.html.clone(),
        digest: preview.digest.clone(),
        delivery: preview.delivery_id.to_string(),
    }
}

fn findings(answer: &Answer) -> Vec<FindingView> {
    let view = |f: &crate::domain::Finding| FindingView {
        outcome: wording::outcome(f.outcome),
        rule: f.rule.replace('_', " "),
        codes: f.codes.clone(),
        statement: f.statement.clone(),
        evidence: f.evidence.iter().map(citation).collect(),
    };
    answer.findings.iter().map(view).collect()
}

fn citation(evidence: &Evidence) -> String {
    // Some releases carry the name of their table already.
    let source = if evidence.release.starts_with(&evidence.source) { "" } else { &evidence.source };
    let parts = [source, &evidence.release, &evidence.locator];
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The codes of an answer. `opened`: the day on which they are looked up if the answer names no date of service.
fn codes(answer: &Answer, opened: CivilDate) -> Vec<CodeView> {
    let named = answer.text.split("ate of service").nth(1).and_then(|rest| {
        let start = rest.find(|c: char| c.is_ascii_digit()).filter(|at| *at <= 4)?;
        rest.get(start..start + 10)?.parse().ok()
    });
    let on = named.unwrap_or(opened);
    let view = |c: &crate::domain::MentionedCode| CodeView {
        code: c.code.clone(),
        href: crate::web::codes::code_address(&c.code, Some(c.system), on),
        system: c.system.name(),
        description: c.description.clone(),
        validity: match (c.valid_from, c.valid_to) {
            (Some(from), Some(to)) => format!("{from} to {to}"),
            (Some(from), None) => format!("since {from}"),
            (None, Some(to)) => format!("until {to}"),
            (None, None) => String::new(),
        },
        status: wording::code_status(c.status),
    };
    answer.codes.iter().map(view).collect()
}

fn delivery_view(delivery: &Delivery, zone: &TimeZone) -> DeliveryView {
    let when = match (delivery.state, delivery.settled_at) {
        (DeliveryState::Queued, _) => format!("not before {}", delivery.not_before.minute_in(zone)),
        (_, Some(at)) => at.minute_in(zone),
        (_, None) => delivery.created_at.minute_in(zone),
    };
    DeliveryView {
        kind: wording::kind(delivery.kind),
        recipient: delivery.recipient.to_string(),
        state: wording::delivery(delivery.state),
        when,
        reply: delivery.reply.clone(),
    }
}

fn trail_view(entry: &AuditEntry, zone: &TimeZone) -> TrailView {
    let text = |key| entry.payload.get(key).and_then(Value::as_str).unwrap_or_default();
    let reason = [text("reason"), text("why")].into_iter().find(|t| !t.is_empty()).unwrap_or_default();
    TrailView {
        when: entry.at.minute_in(zone),
        event: entry.event.replace('_', " "),
        actor: entry.actor.clone(),
        detail: reason.to_owned(),
    }
}
