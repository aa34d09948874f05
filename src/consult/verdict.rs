//! The one-line answer. A yes or no is given only within coverage; a pair edit that a modifier may bypass never hides
//! another failure; what differs between settings is said for each.

use crate::consult::facts::{DateBasis, Facts};
use crate::consult::intent::{Intent, is_polar};
use crate::consult::rules::bypass::is_distinct;
use crate::consult::rules::{Standing, claim_words, is_unverified};
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

const DECIDING: &[&str] =
    &["validity", "fee_status", "add_on", "ptp", "mue", "modifier", "laterality", "excludes1"];

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
    // A unit limit decides only over units that are claimed.
    let quiet = f.rule == "mue"
        && matches!(f.outcome, Outcome::NoData | Outcome::Info)
        && f.detail.get("claimed").is_none_or(serde_json::Value::is_null);
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
    // That a code is valid says least of all: what a pair, unit or add-on table says is nearer to the question.
    if worst == Decision::Unverified && deciding.iter().any(|(r, _)| *r != 0) {
        deciding.retain(|(r, _)| *r != 0);
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
                ("0", _) => format!("{two} is denied with {one}, and no modifier changes that (indicator 0)"),
                ("1", m)
                    if !m.is_empty() && f.detail.get("supported") == Some(&serde_json::Value::Bool(true)) =>
                {
                    format!("{two} is paid with {one} only if the record supports modifier {m} (indicator 1)")
                }
                ("1", _) => format!(
                    "only with {} on {two}, and only if the record supports it; otherwise {two} is denied with {one} (indicator 1)",
                    text("fitting")
                ),
                _ if f.outcome == Outcome::NoData => {
                    format!("no table that is loaded can say whether {} is an edit", f.codes.join("/"))
                }
                _ => format!("no pair edit between {}", f.codes.join(" and ")),
            }
        }
        "add_on" if f.detail.get("lacks_primary") == Some(&serde_json::Value::Bool(true)) => {
            format!(
                "{first} is an add-on code, none of its primary codes is on the claim, and no modifier replaces one"
            )
        }
        "mue" if f.outcome == Outcome::Deny && number(f, "units").is_some_and(|u| u > 0) => {
            let (limit, claimed) = (number(f, "units").unwrap_or(0), number(f, "claimed"));
            let claimed = claimed.map_or_else(|| "the units".to_owned(), |n| format!("{n} units"));
            let (per, appeal) = match number(f, "mai") {
                Some(1) => ("a line", "more may stand on another line with a modifier that fits"),
                Some(2) => ("a day", "no modifier, reopening or redetermination changes it"),
                _ => ("a day", "all units of the day are denied, an appeal with records is possible"),
            };
            format!("{claimed} of {first} are over the limit of {limit} {per}: {appeal}")
        }
        "mue" if number(f, "claimed").is_some() && f.outcome == Outcome::Pass => {
            let (limit, claimed) = (number(f, "units").unwrap_or(0), number(f, "claimed").unwrap_or(0));
            let per = if number(f, "mai") == Some(1) { "line" } else { "day" };
            format!("{claimed} units of {first} are within the limit of {limit} a {per}")
        }
        "validity"
            if f.detail.get("status").and_then(serde_json::Value::as_str) == Some("header")
                && f.outcome == Outcome::Deny =>
        {
            let until = match text("billable_until") {
                "" => String::new(),
                day => format!(" (it was until {day})"),
            };
            format!("{first} is not a billable code{until}: a code with more characters is needed")
        }
        "validity"
            if f.detail.get("status").and_then(serde_json::Value::as_str) == Some("unknown")
                && f.outcome == Outcome::NoData =>
        {
            format!("{first} is in no table that is loaded, so nothing can be said about it here")
        }
        _ => {
            if let Some((release, fact)) = Standing::without_caveat(&f.statement) {
                let fact = fact.split(". ").next().unwrap_or(fact).trim_end_matches('.');
                return format!("by {release}, the last release loaded, {fact}");
            }
            let sentence = f.statement.split(". ").next().unwrap_or(&f.statement);
            let whole = if sentence.starts_with("Not verified") { f.statement.as_str() } else { sentence };
            whole.trim_end_matches('.').to_owned()
        }
    }
}

fn number(f: &Finding, key: &str) -> Option<u64> {
    f.detail.get(key).and_then(serde_json::Value::as_u64)
}

fn headlines(findings: &[Finding], places: &[usize], limit: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    let tables: Vec<Setting> = places.iter().filter_map(|i| findings.get(*i).and_then(setting_of)).collect();
    let several = tables.iter().any(|t| tables.first() != Some(t));
    let chosen: Vec<&Finding> = places.iter().filter_map(|i| findings.get(*i)).collect();
    for f in &chosen {
        let same = |g: &&&Finding| g.rule == f.rule && headline(g) == headline(f);
        let alike = chosen.iter().filter(same).count() > 1;
        let table = setting_of(f)
            .filter(|_| several && !alike)
            .map_or(String::new(), |s| format!("on {}, ", claim_words(s)));
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
        deciding = of_rule(findings, &["drug_units", "mue", "add_on"]);
    }
    if intent == Intent::WhatIs {
        deciding = of_rule(findings, &["validity"]);
    }
    if intent == Intent::ClaimCheck && all == Decision::Free {
        let checked =
            |f: &&Finding| f.rule == "mue" && f.outcome == Outcome::Pass && number(f, "claimed").is_some();
        let units: Vec<usize> =
            findings.iter().enumerate().filter(|(_, f)| checked(f)).map(|(i, _)| i).collect();
        if !units.is_empty() && !deciding.iter().any(|i| findings.get(*i).is_some_and(|f| f.rule == "ptp")) {
            deciding = units;
        }
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
        let release = deciding.iter().filter_map(|i| findings.get(*i)).filter(|f| is_unverified(f));
        let release = release.filter(|f| f.outcome != Outcome::NoData).find_map(|f| f.evidence.first());
        if let Some(e) = release.filter(|_| !summary.contains("last release loaded")) {
            summary = format!(
                "Not verified for {}; by the last release loaded ({}), {}",
                facts.on,
                last_word(&e.release),
                headlines(findings, &deciding, 3)
            );
        }
        return Judgement { verdict, summary: format!("{summary}."), deciding };
    }
    if differ {
        let parts: Vec<String> = each
            .iter()
            .map(|(s, d, places)| format!("on {}, {}", claim_words(*s), words(*d, findings, places, facts)))
            .collect();
        deciding = each.iter().flat_map(|(_, _, p)| p.iter().take(2).copied()).collect();
        deciding.dedup();
        let some_unverified = each.iter().any(|(_, d, _)| *d == Decision::Unverified);
        let verdict = if some_unverified && ask_date { Verdict::NeedInfo } else { Verdict::Conditional };
        let head = if verdict == Verdict::NeedInfo {
            "The date of service and the setting are needed".to_owned()
        } else {
            "It depends on the setting".to_owned()
        };
        let unverified: Vec<&Finding> =
            deciding.iter().filter_map(|i| findings.get(*i)).filter(|f| is_unverified(f)).collect();
        let head = match unverified.first().and_then(|f| f.evidence.first()) {
            Some(e) => format!("{head}. By the last tables loaded ({})", last_word(&e.release)),
            None => head,
        };
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
    let summary = if all == Decision::Bypassable { capital(&body) } else { format!("{head}: {body}") };
    Judgement { verdict, summary: format!("{summary}."), deciding }
}

fn words(decision: Decision, findings: &[Finding], places: &[usize], facts: &Facts) -> String {
    match decision {
        Decision::Free => {
            let codes = facts.service_codes();
            match codes.as_slice() {
                _ if facts.settings().is_empty() => {
                    "the NCCI pair and unit tables do not apply to an inpatient facility claim; its procedures are coded in ICD-10-PCS and paid by DRG, and grouping to a DRG is not done here".to_owned()
                }
                [_, _, ..] => format!(
                    "no NCCI edit stands between {} on {}, and the tables hold nothing else against them{}",
                    join(&codes),
                    facts.on,
                    if facts.modifiers.iter().any(|m| is_distinct(m)) {
                        "; no 59 or X modifier is needed"
                    } else {
                        ""
                    }
                ),
                [_] if places.iter().filter_map(|i| findings.get(*i)).any(|f| f.rule == "mue") => {
                    headlines(findings, places, 3)
                }
                [one] => format!("the tables hold nothing against {one} on {}", facts.on),
                [] => headlines(findings, places, 3),
            }
        }
        Decision::Unverified => {
            let said = headlines(findings, places, 4);
            let release = places.iter().filter_map(|i| findings.get(*i)).find_map(|f| f.evidence.first());
            let by = release.map_or(String::new(), |e| {
                format!("; by the last release loaded ({}), ", last_word(&e.release))
            });
            let silent = places.iter().filter_map(|i| findings.get(*i)).all(|f| f.outcome == Outcome::NoData);
            if said.contains("last release loaded")
                || said.starts_with("Not verified")
                || by.is_empty()
                || silent
            {
                said
            } else if facts.basis == DateBasis::MailDate {
                // The day itself is only assumed; that no release reaches it is said below.
                format!("{}{said}", by.trim_start_matches("; "))
            } else {
                format!("not verified for {}{by}{said}", facts.on)
            }
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

/// The release itself, without the table's name: "NCCI PTP practitioner 2024Q3" is 2024Q3.
fn last_word(release: &str) -> &str {
    if release.contains('(') { release } else { release.rsplit(' ').next().unwrap_or(release) }
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
