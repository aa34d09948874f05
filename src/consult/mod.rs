//! A question → facts → findings → a drafted answer. Pure, synchronous and deterministic: the same question, date
//! and codebook give the same draft. Codes and rules come from tables and from guidance notes with sources, never
//! from guessing.
//!
//! [`extract`] reads the text · `facts` resolves it against the codebook · `intent` says what is asked ·
//! [`rules`] say what follows · `verdict` sums up · `draft` writes it down.

mod candidates;
pub mod claim;
mod draft;
pub mod extract;
mod facts;
pub mod guidance;
mod intent;
mod missing;
pub mod note;
mod notices;
pub mod rules;
mod scope;
mod sources;
mod verdict;
pub mod verify;

use crate::codebook::{Codebook, CodebookError};
use crate::domain::{Answer, CivilDate, CodeStatus, Finding, MentionedCode, Outcome, Verdict};

use candidates::Candidate;
use claim::Claim;
use facts::Facts;
use guidance::Matter;
use intent::Intent;
pub(crate) use notices::{Shown, lines as notice_lines};
use rules::Tables;
pub use rules::payment::allowed;
pub use sources::citation;
use verdict::Judgement;

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
    let mut facts = facts::gather(question, book)?;
    let intent = intent::intent(&facts);
    let flags = scope::flags(question, &facts, intent);
    if let Intent::OutOfScope(elsewhere) = intent {
        return Ok(scope::decline(elsewhere, flags));
    }
    let mut findings = dose_findings(&mut facts);
    let complete = matches!(intent, Intent::Pair | Intent::ClaimCheck)
        || (intent == Intent::Modifier && facts.service_codes().len() > 1);
    let claim = facts.claim(complete);
    let tables = Tables::new(book, claim.on);
    findings.extend(rules::general(&claim, &tables)?);
    findings.extend(other_entries(&facts, &claim, book)?);
    findings.extend(setting_findings(&facts, &claim, &tables)?);
    findings.extend(modifier_answers(&facts, &findings));
    let codes = facts.all_codes();
    let matter = Matter { text: &facts.text, codes: &codes, modifiers: &facts.modifiers, on: facts.on };
    let notes = guidance::matching(matter);
    findings.extend(notes.iter().filter_map(|n| rules::advice(&n.id, "guidance", &[])));
    findings.extend(rules::therapy_time::minutes(&claim));
    dedup(&mut findings);
    let offered = offer(intent, &facts, &notes, book)?;
    let judgement = judge(intent, &facts, &findings, &offered, &notes);
    let missing = missing::list(intent, &facts, &findings, &judgement, &offered);
    let mut flags = flags;
    if findings.iter().any(|f| rules::is_unverified(f) && f.rule != "indicators") {
        flags.push("not_verified".to_owned());
    }
    let unsure = matches!(judgement.verdict, Verdict::NeedInfo)
        || (!offered.is_empty() && !offered.iter().any(|c| c.by_note))
        || !facts.two_systems.is_empty();
    if unsure {
        flags.push("low_confidence".to_owned());
    }
    let codes = mentioned(&facts, &offered);
    let loaded = book.coverage()?;
    let (text, sources) = draft::write(&draft::Parts {
        judgement: &judgement,
        facts: &facts,
        findings: &findings,
        candidates: &offered,
        missing: &missing,
        flags: &flags,
        notices: book.notices(),
        loaded,
        intent,
    });
    Ok(Answer {
        verdict: judgement.verdict,
        summary: judgement.summary,
        text,
        date_of_service: Some(facts.on),
        codes,
        findings,
        missing,
        flags,
        sources,
    })
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

/// The NCCI rules for each setting that may apply; advice that holds for one of two settings says for which.
fn setting_findings(
    facts: &Facts,
    claim: &Claim,
    tables: &Tables<'_>,
) -> Result<Vec<Finding>, CodebookError> {
    let mut each = Vec::new();
    for setting in facts.settings() {
        each.push((setting, rules::for_setting(claim, setting, tables)?));
    }
    let everywhere =
        |f: &Finding| each.iter().all(|(_, list)| list.iter().any(|g| g.statement == f.statement));
    let mut out = Vec::new();
    for (setting, list) in &each {
        for f in list {
            let mut f = f.clone();
            if f.rule == "ptp_advice" && !everywhere(&f) {
                f.statement = format!("For {}: {}", rules::claim_words(*setting), f.statement);
            }
            out.push(f);
        }
    }
    Ok(out)
}

/// Units of drugs from stated doses; a line without units takes them, so that the unit edits see them.
fn dose_findings(facts: &mut Facts) -> Vec<Finding> {
    let mut out = Vec::new();
    let drug = |code: &str| code.starts_with('J') || code.starts_with('Q');
    if facts.lines.iter().filter(|l| drug(&l.code)).count() != 1 {
        return out;
    }
    for line in facts.lines.iter_mut().filter(|l| drug(&l.code)) {
        // An ended code has no units any more: its successor may count otherwise.
        let usable = |e: &&crate::codebook::CodeEntry| e.code == line.code && e.status == CodeStatus::Valid;
        let Some(entry) = facts.entries.iter().find(usable) else { continue };
        if let Some((units, finding)) = rules::drug_units::units(entry, &facts.text) {
            line.units = line.units.or(Some(units));
            out.push(finding);
        }
    }
    out
}

/// Codes that stand on no line: those of ranges, and those that exist in two systems.
fn other_entries(facts: &Facts, claim: &Claim, book: &Codebook) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    for entry in &facts.entries {
        if !claim.lines.iter().any(|l| l.code == entry.code) && !claim.diagnoses.contains(&entry.code) {
            let children = rules::validity::children_of(book, entry, facts.on)?;
            let mut found = rules::validity::judge(entry, &children, facts.on);
            rules::validity::add_past(book, entry, facts.on, &mut found)?;
            out.push(found);
        }
    }
    Ok(out)
}

/// 59 and X modifiers that are asked about, where no edit stands between the codes.
fn modifier_answers(facts: &Facts, findings: &[Finding]) -> Vec<Finding> {
    let asked = facts.modifiers.iter().any(|m| rules::bypass::is_distinct(m));
    let pairs: Vec<&Finding> = findings.iter().filter(|f| f.rule == "ptp").collect();
    let free = !pairs.is_empty() && pairs.iter().all(|f| f.outcome == Outcome::Pass);
    if asked && free {
        rules::advice("no-edit-no-59", "ptp_advice", &[]).into_iter().collect()
    } else {
        Vec::new()
    }
}

fn offer(
    intent: Intent,
    facts: &Facts,
    notes: &[&guidance::Note],
    book: &Codebook,
) -> Result<Vec<Candidate>, CodebookError> {
    let searching = !notes.iter().any(|n| n.no_search)
        && (intent == Intent::WhichCode
            || (facts.diagnoses.is_empty() && facts.lines.is_empty() && intent::asks_for_code(&facts.text)));
    if !searching && notes.iter().all(|n| n.suggest.is_empty()) {
        return Ok(Vec::new());
    }
    let words = if searching { facts.text.as_str() } else { "" };
    let mut found = candidates::find(words, notes, facts.on, book)?;
    found.retain(|c| !facts.entries.iter().any(|e| e.code == c.entry.code && e.system == c.entry.system));
    Ok(found)
}

fn judge(
    intent: Intent,
    facts: &Facts,
    findings: &[Finding],
    offered: &[Candidate],
    notes: &[&guidance::Note],
) -> Judgement {
    let by_note: Vec<&str> = offered.iter().filter(|c| c.by_note).map(|c| c.entry.code.as_str()).collect();
    let guided: Vec<usize> =
        findings.iter().enumerate().filter(|(_, f)| f.rule == "guidance").map(|(i, _)| i).collect();
    let only_additional = notes.iter().all(|n| n.additional || n.suggest.is_empty());
    let plain =
        |verdict, summary: &str| Judgement { verdict, summary: summary.to_owned(), deciding: guided.clone() };
    match intent {
        Intent::WhichCode | Intent::Unclear | Intent::Compliance | Intent::Modifier
            if facts.entries.is_empty() =>
        {
            if !by_note.is_empty() {
                let joined = by_note.join(", ");
                let summary = match by_note.as_slice() {
                    _ if only_additional => format!(
                        "{joined} goes with the code of the disease; which one that is has to come from the record."
                    ),
                    [one] => format!("{one} fits the description as sent."),
                    _ => format!("Codes that fit the description as sent, in this order: {joined}."),
                };
                plain(Verdict::Answer, &summary)
            } else if !guided.is_empty() {
                let first =
                    guided.first().and_then(|i| findings.get(*i)).map_or("", |f| f.statement.as_str());
                plain(Verdict::Answer, first.split(". ").next().unwrap_or(first).trim_end_matches('.'))
                    .with_stop()
            } else if intent == Intent::Compliance {
                plain(
                    Verdict::NeedInfo,
                    "This touches compliance; a second reviewer has to look at it before an answer goes out.",
                )
            } else if offered.is_empty() {
                plain(
                    Verdict::NeedInfo,
                    "More information is needed: no code and no description that leads to one was found in the question.",
                )
            } else {
                plain(
                    Verdict::NeedInfo,
                    "No code can be named for certain from this description; candidates to choose from by the record are below.",
                )
            }
        }
        _ => {
            let mut judgement = verdict::judge(intent, facts, findings);
            let dose = findings.iter().position(|f| f.rule == "drug_units");
            if let Some((i, f)) = dose.and_then(|i| findings.get(i).map(|f| (i, f)))
                && !judgement.deciding.contains(&i)
            {
                judgement.summary = format!("{} {}", judgement.summary, f.statement);
                judgement.deciding.push(i);
            }
            append_status(facts, findings, &mut judgement);
            let only_valid = judgement.verdict == Verdict::Answer
                && judgement
                    .deciding
                    .iter()
                    .filter_map(|i| findings.get(*i))
                    .all(|f| f.rule == "validity" && f.outcome == Outcome::Pass);
            if only_valid && intent == Intent::Modifier && !guided.is_empty() {
                let first =
                    guided.first().and_then(|i| findings.get(*i)).map_or("", |f| f.statement.as_str());
                return plain(Verdict::Answer, first.trim_end_matches('.')).with_stop();
            }
            if facts.lines.is_empty()
                && let [code] = facts.two_systems.as_slice()
            {
                judgement.verdict = Verdict::NeedInfo;
                judgement.summary = format!(
                    "{code} is a code in two systems, see below; whether the service or the diagnosis is meant has to be said."
                );
            }
            if !by_note.is_empty() && intent == Intent::Validity {
                judgement.summary =
                    format!("{} By the description: {}.", judgement.summary, by_note.join(", "));
                judgement.deciding.extend(guided);
            } else if facts.lines.is_empty() && intent::asks_together(&facts.text) && !guided.is_empty() {
                // Two diagnoses: the tables say only that each is a code; whether both fit is the guideline's word.
                let first =
                    guided.first().and_then(|i| findings.get(*i)).map_or("", |f| f.statement.as_str());
                return plain(Verdict::Answer, first.trim_end_matches('.')).with_stop();
            }
            judgement
        }
    }
}

/// Whoever asks about coverage is told what status E, I and X do not say.
fn append_status(facts: &Facts, findings: &[Finding], judgement: &mut Judgement) {
    if !facts.text.contains("cover") {
        return;
    }
    for (i, f) in findings.iter().enumerate().filter(|(_, f)| f.rule == "fee_status") {
        let status = f.detail.get("status").and_then(serde_json::Value::as_str).unwrap_or_default();
        if let (true, Some(code)) = (matches!(status, "E" | "I" | "X"), f.codes.first())
            && facts.text.contains(&code.to_lowercase())
        {
            judgement.summary = format!(
                "{} Status {status} of {code} does not say that it is not covered.",
                judgement.summary
            );
            judgement.deciding.push(i);
        }
    }
}

impl Judgement {
    fn with_stop(mut self) -> Self {
        self.summary.push('.');
        self
    }
}

fn mentioned(facts: &Facts, offered: &[Candidate]) -> Vec<MentionedCode> {
    let mut out: Vec<MentionedCode> = Vec::new();
    for entry in facts.entries.iter().chain(offered.iter().map(|c| &c.entry)) {
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
