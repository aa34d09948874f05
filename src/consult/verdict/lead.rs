//! What leads an answer: the tables where they decide what is asked, otherwise the guidance note that fits best.

use crate::codebook::CodeEntry;
use crate::consult::candidates::Candidate;
use crate::consult::facts::Facts;
use crate::consult::guidance::{Match, Says, payer_group};
use crate::consult::intent::{self, Intent};
use crate::consult::rules::is_unverified;
use crate::consult::said::DIRECT;
use crate::consult::verdict::{Judgement, judge as by_tables};
use crate::domain::{CodeStatus, Finding, Outcome, Verdict};

/// A note that is said, with the place of its finding.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// The place among the findings.
    pub(crate) place: usize,
    /// The note with what of the question it explains.
    pub(crate) matched: Match<'static>,
}

/// What an answer is judged by.
pub(crate) struct Grounds<'a> {
    pub(crate) intent: Intent,
    pub(crate) facts: &'a Facts,
    pub(crate) findings: &'a [Finding],
    pub(crate) said: &'a [Said],
    pub(crate) offered: &'a [Candidate],
}

/// How much the tables say of what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Denied, or a code that is none on the date.
    Against,
    /// It depends on a modifier, or units are told.
    Bound,
    /// It was asked, and the tables hold nothing against it.
    Free,
    /// What the tables say was not asked.
    Nothing,
}

/// A note with a lower score speaks of the question in passing.
const LEAST: f64 = 1.5;

/// The first line of the answer, with what it rests on.
pub(crate) fn judge(g: &Grounds<'_>) -> Judgement {
    let lead = g.said.first().filter(|s| s.matched.score >= LEAST);
    let by_note: Vec<&CodeEntry> = g.offered.iter().filter(|c| c.by_note).map(|c| &c.entry).collect();
    if g.facts.entries.is_empty() {
        let nothing = Judgement { verdict: Verdict::Answer, summary: String::new(), deciding: Vec::new() };
        if let Some(judgement) = direct(g, &nothing, Weight::Nothing) {
            return judgement;
        }
        return without_codes(g, lead, &by_note);
    }
    let mut table = by_tables(g.intent, g.facts, g.findings);
    let weight = weight(g, &table);
    if let Some(judgement) = direct(g, &table, weight) {
        return judgement;
    }
    if let Some(lead) = lead.filter(|l| leads(g, l, weight, &table)) {
        return from_note(g, lead, weight);
    }
    if weight == Weight::Nothing && !asks_status(g) {
        let codes: Vec<&CodeEntry> = g.facts.entries.iter().take(4).collect();
        table.verdict = Verdict::NeedInfo;
        table.summary = format!(
            "No table and no guidance that is loaded here answers this; what is known of {} is below.",
            joined(&codes)
        );
    }
    add_dose(g, &mut table);
    append_status(g, &mut table);
    if g.facts.lines.is_empty()
        && let [code] = g.facts.two_systems.as_slice()
    {
        table.verdict = Verdict::NeedInfo;
        table.summary = format!(
            "{code} is a code in two systems, see below; whether the service or the diagnosis is meant has to be said."
        );
    }
    if !by_note.is_empty() && weight == Weight::Against && g.facts.service_codes().is_empty() {
        table.summary = format!("{} By the description: {}.", table.summary, joined(&by_note));
        table.deciding.extend(g.said.iter().map(|s| s.place));
    }
    table
}

/// What follows from the minutes, days or money of the question leads; what stands against it comes after.
fn direct(g: &Grounds<'_>, table: &Judgement, weight: Weight) -> Option<Judgement> {
    let rule = DIRECT.iter().find(|rule| g.findings.iter().any(|f| f.rule == **rule))?;
    let places: Vec<usize> =
        g.findings.iter().enumerate().filter(|(_, f)| f.rule == *rule).map(|(i, _)| i).take(2).collect();
    let said: Vec<String> =
        places.iter().filter_map(|i| g.findings.get(*i)).map(|f| first_sentence(&f.statement)).collect();
    let denied = places.iter().any(|i| g.findings.get(*i).is_some_and(|f| f.outcome == Outcome::Deny));
    let unverified = places.iter().any(|i| g.findings.get(*i).is_some_and(is_unverified));
    let polar = intent::is_polar(&g.facts.text);
    let (mut summary, mut deciding) = (said.join(" "), places);
    let mut verdict = match () {
        () if denied && polar && !unverified => Verdict::No,
        () => Verdict::Answer,
    };
    if weight == Weight::Against {
        summary = format!("{summary} {}", table.summary);
        deciding.extend(&table.deciding);
        verdict = table.verdict;
    }
    Some(Judgement { verdict, summary, deciding })
}

/// The first sentence of a statement, with its point.
fn first_sentence(text: &str) -> String {
    text.split_once(". ").map_or_else(|| text.to_owned(), |(first, _)| format!("{first}."))
}

fn without_codes(g: &Grounds<'_>, lead: Option<&Said>, by_note: &[&CodeEntry]) -> Judgement {
    let places: Vec<usize> = g.said.iter().map(|s| s.place).collect();
    let plain = |verdict, summary: String| Judgement { verdict, summary, deciding: places.clone() };
    let mapped: Vec<(usize, &Finding)> = g
        .findings
        .iter()
        .enumerate()
        .filter(|(_, f)| f.rule == "crosswalk" && !f.evidence.is_empty())
        .collect();
    if !mapped.is_empty() {
        let said: Vec<&str> = mapped.iter().map(|(_, f)| f.statement.as_str()).collect();
        let deciding = mapped.iter().map(|(i, _)| *i).collect();
        return Judgement { verdict: Verdict::Answer, summary: said.join(" "), deciding };
    }
    let asks_code = g.intent == Intent::WhichCode || intent::asks_for_code(&g.facts.text);
    match lead {
        Some(_) if !by_note.is_empty() && asks_code => {
            let only_additional =
                g.said.iter().all(|s| s.matched.note.additional || s.matched.note.suggest.is_empty());
            let codes = joined(by_note);
            let summary = match by_note {
                _ if only_additional => format!(
                    "{codes} goes with the code of the disease; which one that is has to come from the record."
                ),
                [_] => format!("{codes} fits the description as sent."),
                _ => format!("Codes that fit the description as sent: {codes}."),
            };
            plain(Verdict::Answer, summary)
        }
        Some(lead) => from_note(g, lead, Weight::Nothing),
        None if g.intent == Intent::Compliance => plain(
            Verdict::NeedInfo,
            "This touches compliance; a second reviewer has to look at it before an answer goes out.".into(),
        ),
        None if g.offered.is_empty() => plain(
            Verdict::NeedInfo,
            "More information is needed: no code and no description that leads to one was found in the question."
                .into(),
        ),
        None if one_category(g.offered).is_some() => plain(
            Verdict::NeedInfo,
            format!(
                "The description leads to {}.-; which code of it, what the record adds has to tell (see below).",
                one_category(g.offered).unwrap_or_default()
            ),
        ),
        None => plain(
            Verdict::NeedInfo,
            "No code can be named for certain from this description; candidates to choose from by the record are below."
                .into(),
        ),
    }
}

/// Whether what is asked is what the tables always tell: if a code is one, and what it means.
fn asks_status(g: &Grounds<'_>) -> bool {
    const WORDS: &[&str] = &[
        "what is",
        "what's",
        "whats",
        "valid",
        "describe",
        "description",
        "mean",
        "look up",
        "lookup",
        "active",
        "billable",
        "deleted",
        "exist",
        "define",
        "definition",
        "tell me about",
        "indicator",
        "global",
        "status",
        "mue",
    ];
    // A code and next to nothing beside it.
    let bare = g.facts.text.split_whitespace().count() <= 2 * g.facts.entries.len() + 6;
    g.intent == Intent::Validity || bare || WORDS.iter().any(|w| g.facts.text.contains(w))
}

/// The category that all codes offered are of, if they are diagnoses of one.
fn one_category(offered: &[Candidate]) -> Option<String> {
    let mut categories: Vec<&str> = offered
        .iter()
        .filter(|c| c.entry.code.contains('.'))
        .map(|c| c.entry.code.get(..3).unwrap_or(""))
        .collect();
    let all = categories.len() == offered.len();
    categories.dedup();
    match categories.as_slice() {
        [one] if all => Some((*one).to_owned()),
        _ => None,
    }
}

fn joined(entries: &[&CodeEntry]) -> String {
    entries.iter().map(|e| e.code.as_str()).collect::<Vec<_>>().join(", ")
}

/// What the deciding findings weigh.
fn weight(g: &Grounds<'_>, table: &Judgement) -> Weight {
    table
        .deciding
        .iter()
        .filter_map(|i| g.findings.get(*i))
        .map(|f| {
            let none = |key: &str| f.detail.get(key).is_none_or(serde_json::Value::is_null);
            match (f.rule.as_str(), f.outcome) {
                ("validity", Outcome::Pass) if g.intent == Intent::Validity => Weight::Free,
                ("validity", Outcome::Pass) => Weight::Nothing,
                // A release that does not reach the date says as much of a code as one that does.
                ("validity", Outcome::Info) if is_unverified(f) => {
                    if is_valid(g.facts, f) {
                        Weight::Nothing
                    } else {
                        Weight::Against
                    }
                }
                ("validity", _) => Weight::Against,
                (_, Outcome::Deny) => Weight::Against,
                // Nor does a note say yes where the pair table does not reach the date, or is not loaded.
                ("ptp", Outcome::Pass | Outcome::Info | Outcome::NoData) if none("indicator") => {
                    let asked = g.intent == Intent::Pair || intent::asks_together(&g.facts.text);
                    if asked { Weight::Free } else { Weight::Nothing }
                }
                (_, Outcome::NoData) => Weight::Nothing,
                ("mue", Outcome::Info) if none("claimed") && g.intent != Intent::Units => Weight::Nothing,
                ("fee_status" | "indicators", Outcome::Info) => Weight::Nothing,
                _ => Weight::Bound,
            }
        })
        .min()
        .unwrap_or(Weight::Nothing)
}

fn is_valid(facts: &Facts, f: &Finding) -> bool {
    let code = f.codes.first();
    facts.entries.iter().any(|e| Some(&e.code) == code && e.status == CodeStatus::Valid)
}

/// Whether a note leads although the tables say something.
fn leads(g: &Grounds<'_>, lead: &Said, weight: Weight, table: &Judgement) -> bool {
    let (note, m) = (lead.matched.note, &lead.matched);
    let polar = intent::is_polar(&g.facts.text);
    let pair: Vec<&String> = table
        .deciding
        .iter()
        .filter_map(|i| g.findings.get(*i))
        .filter(|f| f.rule == "ptp")
        .flat_map(|f| &f.codes)
        .collect();
    let of_pair = !pair.is_empty() && pair.iter().all(|c| m.explains_code(c));
    match weight {
        Weight::Against => false,
        // The table names the modifier and the line; only a plain yes or no on just these codes says more.
        Weight::Bound => {
            let asked = polar || matches!(g.intent, Intent::Pair | Intent::ClaimCheck);
            asked && of_pair && m.is_exact() && matches!(note.verdict, Some(Says::Yes | Says::No))
        }
        Weight::Free => {
            let differs = matches!(note.verdict, Some(Says::No | Says::Depends));
            differs && (of_pair || (m.codes() > 0 && m.words() > 0))
        }
        Weight::Nothing => m.words() > 0 || m.modifiers() > 0 || m.codes() > 1 || m.is_exact(),
    }
}

/// The answer of a note. A yes by a note never stands beside a denial, nor beside tables that do not reach the date.
fn from_note(g: &Grounds<'_>, lead: &Said, weight: Weight) -> Judgement {
    let note = lead.matched.note;
    let polar = intent::is_polar(&g.facts.text);
    let asks_code = g.intent == Intent::WhichCode;
    let open = !lead.matched.open.is_empty();
    let held = g.findings.iter().any(|f| f.outcome == Outcome::Deny)
        || (weight != Weight::Nothing && g.findings.iter().any(is_unverified));
    let verdict = match note.verdict {
        Some(Says::Depends) if open => Verdict::NeedInfo,
        None if open && asks_code => Verdict::NeedInfo,
        Some(Says::Depends) => Verdict::Conditional,
        Some(Says::Yes) if polar && held => Verdict::Conditional,
        Some(Says::Yes) if polar => Verdict::Yes,
        Some(Says::No) if polar => Verdict::No,
        _ => Verdict::Answer,
    };
    let line = note.said_to(&note.first_line(), payer_group(g.facts.payer.as_ref()));
    let begins = |word: &str| line.to_lowercase().starts_with(word);
    let summary = match verdict {
        Verdict::Yes if !begins("yes") => format!("Yes. {line}"),
        Verdict::No if !begins("no") => format!("No. {line}"),
        _ => line,
    };
    Judgement { verdict, summary, deciding: vec![lead.place] }
}

/// The units of a stated dose belong into the first line.
fn add_dose(g: &Grounds<'_>, table: &mut Judgement) {
    let dose = g.findings.iter().position(|f| f.rule == "drug_units");
    if let Some((i, f)) = dose.and_then(|i| g.findings.get(i).map(|f| (i, f)))
        && !table.deciding.contains(&i)
    {
        table.summary = format!("{} {}", table.summary, f.statement);
        table.deciding.push(i);
    }
}

/// Whoever asks about coverage is told what status E, I and X do not say.
fn append_status(g: &Grounds<'_>, table: &mut Judgement) {
    if !g.facts.text.contains("cover") {
        return;
    }
    for (i, f) in g.findings.iter().enumerate().filter(|(_, f)| f.rule == "fee_status") {
        let status = f.detail.get("status").and_then(serde_json::Value::as_str).unwrap_or_default();
        if let (true, Some(code)) = (matches!(status, "E" | "I" | "X"), f.codes.first())
            && g.facts.text.contains(&code.to_lowercase())
        {
            table.summary =
                format!("{} Status {status} of {code} does not say that it is not covered.", table.summary);
            table.deciding.push(i);
        }
    }
}
