//! What an answer depends on and the question does not say. Only what would change the answer is asked for.

use crate::consult::candidates::Candidate;
use crate::consult::facts::{DateBasis, Facts};
use crate::consult::intent::Intent;
use crate::consult::rules::is_unverified;
use crate::consult::study::Study;
use crate::consult::verdict::Judgement;
use crate::consult::verdict::lead::Said;
use crate::domain::{CodeStatus, Finding, Verdict};

/// So many things are asked for at once.
const MOST: usize = 5;
/// A code that came or ended so many days around the assumed date: another date gives another answer.
const NEAR: i32 = 400;

/// What is known of a question and its answer.
pub(crate) struct Open<'a> {
    pub(crate) intent: Intent,
    pub(crate) facts: &'a Facts,
    pub(crate) findings: &'a [Finding],
    pub(crate) judgement: &'a Judgement,
    pub(crate) offered: &'a [Candidate],
    pub(crate) said: &'a [Said],
}

/// What to ask for, in the asker's words.
pub(crate) fn list(open: &Open<'_>) -> Vec<String> {
    let facts = open.facts;
    let mut out = Vec::new();
    for ask in asks(open) {
        if !out.contains(&ask) {
            out.push(ask);
        }
    }
    if facts.basis == DateBasis::MailDate && date_matters(open) {
        out.push("the date of service (for an inpatient stay: the date of discharge)".to_owned());
    }
    if facts.place.is_none() && !facts.lines.is_empty() && settings_differ(open.findings) {
        out.push(
            "the setting: professional claim (office, ASC, hospital) or outpatient facility claim".to_owned(),
        );
    }
    if facts.said.sides.is_empty() && differ_by_side(open.offered) {
        out.push("the side: right, left or both".to_owned());
    }
    let nothing = !open.judgement.deciding.iter().any(|i| open.findings.get(*i).is_some());
    if matches!(open.intent, Intent::WhichCode | Intent::Unclear)
        && open.judgement.verdict == Verdict::NeedInfo
        && nothing
    {
        out.push("the diagnosis or service as the record words it (side, stage, type, encounter), or the codes that you mean".to_owned());
    }
    if !facts.two_systems.is_empty() {
        out.push(format!("whether {} is meant as a diagnosis or as a service", facts.two_systems.join(", ")));
    }
    out.truncate(MOST);
    out
}

/// What the notes that decide ask for, and those said beside them that depend on something.
fn asks(open: &Open<'_>) -> Vec<String> {
    let deciding = |s: &&Said| {
        open.judgement.deciding.contains(&s.place)
            || s.matched.note.verdict == Some(crate::consult::guidance::Says::Depends)
    };
    let asked = open.said.iter().filter(deciding).flat_map(|s| &s.matched.open);
    asked.map(|ask| ask.question.trim().trim_end_matches(['.', ';']).to_owned()).collect()
}

/// Whether another date would give another answer: tables that end before the assumed one, codes that came or ended
/// near it, notes of a limited time.
fn date_matters(open: &Open<'_>) -> bool {
    let near = |day: Option<crate::domain::CivilDate>| {
        day.is_some_and(|d| (d.days() - open.facts.on.days()).abs() <= NEAR)
    };
    let decided = open.judgement.deciding.iter().filter_map(|i| open.findings.get(*i));
    decided.into_iter().any(is_unverified)
        || open
            .findings
            .iter()
            .any(|f| is_unverified(f) && matches!(f.rule.as_str(), "ptp" | "mue" | "add_on"))
        || open
            .facts
            .entries
            .iter()
            .chain(open.offered.iter().map(|c| &c.entry))
            .any(|e| e.status != CodeStatus::Valid || near(e.valid_from) || near(e.valid_to))
        || open.said.iter().any(|s| s.matched.note.from.is_some() || s.matched.note.to.is_some())
}

/// Whether the codes to choose from are told apart by the side of the body.
fn differ_by_side(offered: &[Candidate]) -> bool {
    let names = |side: &str| {
        offered.iter().any(|c| {
            c.entry.description.to_lowercase().split(|l: char| !l.is_alphabetic()).any(|w| w == side)
        })
    };
    names("right") && names("left")
}

/// Whether a pair or unit table says something else for one of the settings.
fn settings_differ(findings: &[Finding]) -> bool {
    let outcomes: Vec<(&[String], String)> = findings
        .iter()
        .filter(|f| matches!(f.rule.as_str(), "ptp" | "mue"))
        .map(|f| {
            let units = f.detail.get("units").unwrap_or(&serde_json::Value::Null);
            (f.codes.as_slice(), format!("{}{:?}{units}", f.rule, f.outcome))
        })
        .collect();
    outcomes.iter().any(|o| outcomes.iter().filter(|p| *p == o).count() < 2)
}

/// What all questions of a mail lack, each once.
pub(crate) fn of_all(studies: &[Study]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for what in studies.iter().flat_map(|s| &s.missing) {
        if !out.contains(what) {
            out.push(what.clone());
        }
    }
    out
}
