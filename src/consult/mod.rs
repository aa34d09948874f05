//! A question → facts → findings → a drafted answer. Pure, synchronous and deterministic: the same question, date
//! and codebook give the same draft. Codes and rules come from tables and from guidance notes with sources, never
//! from guessing.
//!
//! [`extract`] reads the text · `facts` resolves it against the codebook · `intent` says what is asked · `study` works a
//! question out by [`rules`] and [`guidance`] · `verdict` sums up · `draft` writes all of it down.

mod candidates;
pub mod claim;
mod draft;
mod elsewhere;
pub mod extract;
mod facts;
pub mod guidance;
mod intent;
mod missing;
pub mod note;
mod notices;
pub mod rules;
mod said;
mod scope;
mod sources;
mod study;
mod topics;
#[cfg(test)]
mod understand_tests;
mod understood;
mod verdict;
pub mod verify;

use crate::codebook::{Codebook, CodebookError};
use crate::domain::{Answer, CivilDate, Finding, MentionedCode, Verdict};

use claim::Claim;
use intent::Intent;
pub(crate) use notices::{Shown, lines as notice_lines};
use rules::Tables;
pub use rules::payment::allowed;
pub use sources::citation;
use study::Study;
pub use understood::{Understood, parts, understand};

/// A question as it reaches the consultant: masked, without mail headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The subject.
    pub subject: String,
    /// The text, with patient data already masked.
    pub text: String,
    /// The mail's date: used when no date of service is given.
    pub date: CivilDate,
    /// A date of service set by the caller; overrides what the text says.
    pub dos_override: Option<CivilDate>,
    /// Patient data was found (and masked).
    pub phi_present: bool,
    /// Names of attachments that could not be read.
    pub attachments_unread: Vec<String>,
    /// The asker's earlier masked messages of the case, oldest first.
    pub earlier: Vec<String>,
    /// Masked texts that belong to the question and are not asked themselves: readable attachments, and what a mail
    /// with several questions says outside of this one. They tell date, payer and setting where the question does
    /// not, and codes where it names none.
    pub context: Vec<String>,
}

/// Why no draft could be written.
#[derive(Debug, thiserror::Error)]
pub enum ConsultError {
    /// The codebook could not be read.
    #[error("the draft was not written, because the codebook could not be read: {0}")]
    Codebook(#[from] CodebookError),
}

/// Drafts an answer.
///
/// # Errors
/// The codebook cannot be read.
pub fn consult(question: &Question, book: &Codebook) -> Result<Answer, ConsultError> {
    let mut studies: Vec<Study> = Vec::new();
    let mut declined: Vec<Answer> = Vec::new();
    let mut flags: Vec<String> = Vec::new();
    for part in asked(question) {
        let facts = facts::gather(&part, book)?;
        let intent = intent::intent(&facts);
        let own = scope::flags(&part, &facts, intent);
        if let Intent::OutOfScope(elsewhere) = intent {
            declined.push(scope::decline(elsewhere, own));
            continue;
        }
        flags.extend(own);
        studies.push(study::study(&part, facts, intent, book)?);
    }
    match declined.into_iter().next() {
        Some(declined) if studies.is_empty() => Ok(declined),
        declined => Ok(answer(&studies, declined.as_ref(), flags, book)?),
    }
}

/// The questions of a mail, each for itself; but one whole where they are all about a claim that stands before them: its
/// pairs, units and doses belong together.
fn asked(question: &Question) -> Vec<Question> {
    let shared = extract::questions(&question.text).into_iter().next().map(|part| part.shared);
    let claim = shared.is_some_and(|text| !extract::read(&text, question.date).codes.is_empty());
    if claim { vec![question.clone()] } else { understood::parts(question) }
}

/// One answer to all questions of a mail; `declined` is the reply to one of them that is not for this desk.
fn answer(
    studies: &[Study],
    declined: Option<&Answer>,
    mut flags: Vec<String>,
    book: &Codebook,
) -> Result<Answer, CodebookError> {
    let all = || studies.iter().flat_map(|s| &s.findings);
    if all().any(|f| rules::is_unverified(f) && f.rule != "indicators") {
        flags.push("not_verified".to_owned());
    }
    if studies.iter().any(is_unsure) {
        flags.push("low_confidence".to_owned());
    }
    let mut seen: Vec<String> = Vec::new();
    flags.retain(|f| {
        let fresh = !seen.contains(f);
        seen.push(f.clone());
        fresh
    });
    let loaded = book.coverage()?;
    let missing = missing::of_all(studies);
    let (text, sources) = draft::write(&draft::Parts {
        studies,
        declined: declined.map(|d| d.summary.as_str()),
        missing: &missing,
        flags: &flags,
        notices: book.notices(),
        loaded,
    });
    let mut findings: Vec<Finding> = Vec::new();
    for f in all() {
        if !findings.contains(f) {
            findings.push(f.clone());
        }
    }
    Ok(Answer {
        verdict: verdict::of_all(studies),
        summary: verdict::summary_of_all(studies),
        text,
        date_of_service: studies.first().map(|s| s.facts.on),
        codes: mentioned(studies),
        findings,
        missing,
        flags,
        sources,
    })
}

/// Whether a person should look twice: something decisive is open, or codes were found by words alone.
fn is_unsure(study: &Study) -> bool {
    matches!(study.judgement.verdict, Verdict::NeedInfo)
        || (!study.offered.is_empty() && !study.offered.iter().any(|c| c.by_note))
        || !study.facts.two_systems.is_empty()
}

/// The rules on a claim as typed (`codes check`).
///
/// # Errors
/// The codebook cannot be read.
pub fn check(claim: &Claim, book: &Codebook) -> Result<Vec<Finding>, ConsultError> {
    let tables = Tables::new(book, claim.on);
    let mut findings = rules::general(claim, &tables)?;
    findings.extend(rules::for_setting(claim, claim.setting, &tables)?);
    findings.extend(rules::as_claimed(claim, &tables)?);
    dedup(&mut findings);
    Ok(findings)
}

/// The same statement is made once.
fn dedup(findings: &mut Vec<Finding>) {
    let mut seen: Vec<(String, String)> = Vec::new();
    findings.retain(|f| {
        let key = (f.rule.clone(), f.statement.clone());
        let fresh = !seen.contains(&key);
        if fresh {
            seen.push(key);
        }
        fresh
    });
}

fn mentioned(studies: &[Study]) -> Vec<MentionedCode> {
    let mut out: Vec<MentionedCode> = Vec::new();
    let entries =
        studies.iter().flat_map(|s| s.facts.entries.iter().chain(s.offered.iter().map(|c| &c.entry)));
    for entry in entries {
        if out.iter().any(|m| m.code == entry.code && m.system == entry.system) {
            continue;
        }
        out.push(MentionedCode {
            code: entry.code.clone(),
            system: entry.system,
            status: entry.status,
            description: entry.description.clone(),
            valid_from: entry.valid_from,
            valid_to: entry.valid_to,
        });
    }
    out
}
