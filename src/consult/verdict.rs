//! The one-line answer. A yes or no is given only within coverage; a pair edit that a modifier may bypass never hides
//! another failure; what differs between settings is said for each.

use crate::consult::facts::{DateBasis, Facts};
use crate::consult::intent::{Intent, is_polar};
use crate::consult::rules::{is_unverified, setting_words};
use crate::domain::{Finding, Outcome, Setting, Verdict};

/// The one-line answer and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    /// Its kind.
    pub verdict: Verdict,
    /// The line.
    pub summary: String,
    /// Places of the deciding findings.
    pub deciding: Vec<usize>,
}

/// What the tables say of a claim in one setting, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Decision {
    Denied,
    Bypassable,
    Unverified,
    Doubtful,
    Free,
}

const DECIDING: &[&str] = &["validity", "fee_status", "add_on", "ptp", "mue", "modifier", "laterality"];

/// The place of the pair edits among them.
const PAIRS: usize = 3;

/// The place of a finding's rule in the order of importance, if it decides anything.
fn rank(f: &Finding) -> Option<usize> {
    DECIDING.iter().position(|r| *r == f.rule)
}

fn setting_of(f: &Finding) -> Option<Setting> {
    f.detail.get("setting").and_then(|s| serde_json::from_value(s.clone()).ok())
}

fn decision(f: &Finding) -> Decision {
    let quiet = f.outcome == Outcome::NoData && f.rule == "mue";
    match f.outcome {
        Outcome::Deny => Decision::Denied,
        Outcome::Bypassable => Decision::Bypassable,
        _ if quiet => Decision::Free,
        _ if is_unverified(f) && f.rule != "fee_status" && f.rule != "modifier" => Decision::Unverified,
        Outcome::Warn => Decision::Doubtful,
        _ => Decision::Free,
    }
}

/// The findings that decide for a setting, with the decision.
fn decide(findings: &[Finding], setting: Option<Setting>) -> (Decision, Vec<usize>) {
    let relevant: Vec<(usize, &Finding)> = findings
        .iter()
        .enumerate()
        .filter(|(_, f)| rank(f).is_some())
        .filter(|(_, f)| setting_of(f).is_none() || setting.is_none() || setting_of(f) == setting)
        .collect();
    let worst = relevant.iter().map(|(_, f)| decision(f)).min().unwrap_or(Decision::Free);
    let mut deciding: Vec<(usize, usize)> = relevant
        .iter()
        .filter(|(_, f)| decision(f) == worst)
        .filter(|(_, f)| worst != Decision::Free || f.rule == "ptp" || f.rule == "validity")
        .map(|(i, f)| (rank(f).unwrap_or(9), *i))
        .collect();
    if matches!(worst, Decision::Free | Decision::Unverified) && deciding.iter().any(|(r, _)| *r == PAIRS) {
        deciding.retain(|(r, _)| *r == PAIRS);
    }
    deciding.sort_unstable();
    (worst, deciding.into_iter().map(|(_, i)| i).collect())
}

/// What a finding says, in half a line.
fn headline(f: &Finding) -> String {
    let text = |key: &str| f.detail.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
    let first = f.codes.first().map_or("", String::as_str);
    match f.rule.as_str() {
        "ptp" => {
            let (one, two) = (text("column1"), text("column2"));
            match (text("indicator"), text("carried")) {
                ("0", _) => format!("{two} is denied with {one} (indicator 0, no modifier bypasses it)"),
                ("1", m) if !m.is_empty() && f.detail.get("supported") == Some(&serde_json::Value::Bool(true)) => {
                    format!("{two} is paid with {one} only if the record supports modifier {m} (indicator 1)")
                }
                ("1", _) => format!("only with {} on {two} and a record that supports it; otherwise {two} is denied with {one} (indicator 1)", text("fitting")),
                _ if f.outcome == Outcome::NoData => format!("the pair {} is not verified", f.codes.join("/")),
                _ => format!("no pair edit between {}", f.codes.join(" and ")),
            }
        }
        "add_on" if f.detail.get("lacks_primary") == Some(&serde_json::Value::Bool(true)) => {
            format!("{first} is an add-on code and none of its primary codes is on the claim")
        }
        _ => {
            let sentence = f.statement.split(". ").next().unwrap_or(&f.statement);
            let whole = if sentence.starts_with("Not verified") { f.statement.as_str() } else { sentence };
            whole.trim_end_matches('.').to_owned()
        }
    }
}

fn headlines(findings: &[Finding], places: &[usize], limit: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    let tables: Vec<Setting> = places.iter().filter_map(|i| findings.get(*i).and_then(setting_of)).collect();
    let several = tables.iter().any(|t| tables.first() != Some(t));
    for f in places.iter().filter_map(|i| findings.get(*i)) {
        let table = setting_of(f).filter(|_| several).map_or(String::new(), |s| format!("{} claim: ", setting_words(s)));
        let part = format!("{table}{}", headline(f));
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let more = parts.len().saturating_sub(limit);
    parts.truncate(limit);
    let mut out = parts.join("; ");
    if more > 0 {
        out.push_str(&format!("; and {more} more, see below"));
    }
    out
}

/// The one-line answer for a question with codes.
pub(crate) fn judge(intent: Intent, facts: &Facts, findings: &[Finding]) -> Judgement {
    let settings = facts.settings();
    let each: Vec<(Setting, Decision, Vec<usize>)> = settings
        .iter()
        .map(|s| {
            let (d, places) = decide(findings, Some(*s));
            (*s, d, places)
        })
        .collect();
    let (all, mut deciding) = decide(findings, None);
    let differ = each.iter().any(|(_, d, _)| each.first().is_some_and(|(_, first, _)| first != d));
    if intent == Intent::Units {
        deciding = of_rule(findings, &["mue", "drug_units", "add_on"]);
    }
    if intent == Intent::WhatIs {
        deciding = of_rule(findings, &["validity"]);
    }
    let polar = match intent {
        Intent::Pair => true,
        Intent::ClaimCheck | Intent::Modifier | Intent::Validity => is_polar(&facts.text),
        _ => false,
    };
    let ask_date = facts.basis == DateBasis::MailDate;
    if !polar {
        let mut summary = capital(&headlines(findings, &deciding, 3));
        let unverified = deciding.iter().filter_map(|i| findings.get(*i)).any(is_unverified);
        if summary.is_empty() {
            "What the tables say of these codes is below".clone_into(&mut summary);
        }
        let verdict = if unverified && ask_date { Verdict::NeedInfo } else { Verdict::Answer };
        return Judgement { verdict, summary: format!("{summary}."), deciding };
    }
    if differ {
        let parts: Vec<String> = each
            .iter()
            .map(|(s, d, places)| format!("{} claim: {}", setting_words(*s), words(*d, findings, places, facts)))
            .collect();
        deciding = each.iter().flat_map(|(_, _, p)| p.iter().take(2).copied()).collect();
        deciding.dedup();
        let some_unverified = each.iter().any(|(_, d, _)| *d == Decision::Unverified);
        let verdict =
            if some_unverified && ask_date { Verdict::NeedInfo } else { Verdict::Conditional };
        let head = if verdict == Verdict::NeedInfo { "More information is needed" } else { "It depends on the setting" };
        return Judgement { verdict, summary: format!("{head}: {}.", parts.join("; ")), deciding };
    }
    let verdict = match all {
        Decision::Denied => Verdict::No,
        Decision::Bypassable | Decision::Doubtful => Verdict::Conditional,
        Decision::Unverified if ask_date => Verdict::NeedInfo,
        Decision::Unverified => Verdict::Conditional,
        Decision::Free if settings.is_empty() => Verdict::Conditional,
        Decision::Free => Verdict::Yes,
    };
    let head = match verdict {
        Verdict::No => "No",
        Verdict::Conditional if all == Decision::Unverified => "No certain answer",
        Verdict::Conditional if all == Decision::Doubtful => "Only after a check",
        Verdict::Conditional => "It depends",
        Verdict::NeedInfo => "The date of service is needed",
        _ => "Yes",
    };
    let body = words(all, findings, &deciding, facts);
    Judgement { verdict, summary: format!("{head}: {body}."), deciding }
}

fn words(decision: Decision, findings: &[Finding], places: &[usize], facts: &Facts) -> String {
    match decision {
        Decision::Free => {
            let codes = facts.service_codes();
            match codes.as_slice() {
                _ if facts.settings().is_empty() => {
                    "the NCCI pair and unit tables do not apply to an inpatient facility claim".to_owned()
                }
                [_, _, ..] => format!("no pair edit between {} on {}, and nothing else against them in the tables", join(&codes), facts.on),
                [one] => format!("nothing against {one} on {} in the tables", facts.on),
                [] => headlines(findings, places, 3),
            }
        }
        Decision::Unverified => {
            let said = headlines(findings, places, 4);
            let release = places.iter().filter_map(|i| findings.get(*i)).find_map(|f| f.evidence.first());
            let by = release.map_or(String::new(), |e| format!("; by the last release loaded ({}), ", e.release));
            if said.starts_with("Not verified") { said } else if by.is_empty() { said } else { format!("not verified for {}{by}{said}", facts.on) }
        }
        _ => headlines(findings, places, 3),
    }
}

fn of_rule(findings: &[Finding], rules: &[&str]) -> Vec<usize> {
    let mut places: Vec<(usize, usize)> = findings
        .iter()
        .enumerate()
        .filter_map(|(i, f)| rules.iter().position(|r| *r == f.rule).map(|r| (r, i)))
        .collect();
    places.sort_unstable();
    places.into_iter().map(|(_, i)| i).collect()
}

fn join(codes: &[String]) -> String {
    match codes {
        [a, b] => format!("{a} and {b}"),
        _ => codes.join(", "),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}
