//! The one-line answer. A yes or no is given only within coverage; a pair edit that a modifier may bypass never hides
//! another failure; what differs between settings is said for each.

mod headline;
pub(crate) mod lead;

use crate::consult::facts::{DateBasis, Facts};
use crate::consult::intent::{Intent, is_polar};
use crate::consult::rules::bypass::is_distinct;
use crate::consult::rules::{claim_words, is_unverified};
use crate::consult::study::Study;
use crate::domain::{Finding, Outcome, Setting, Verdict};
use headline::{headline, number};

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

/// The kind of an answer to several questions: theirs if it is one, otherwise that each has its own.
pub(crate) fn of_all(studies: &[Study]) -> Verdict {
    let mut kinds: Vec<Verdict> = studies.iter().map(|s| s.judgement.verdict).collect();
    kinds.dedup();
    match kinds.as_slice() {
        [one] => *one,
        kinds if kinds.contains(&Verdict::NeedInfo) => Verdict::NeedInfo,
        _ => Verdict::Answer,
    }
}

/// The first lines of all questions of a mail.
pub(crate) fn summary_of_all(studies: &[Study]) -> String {
    match studies {
        [one] => one.judgement.summary.clone(),
        _ => {
            let each = studies.iter().enumerate().map(|(i, s)| format!("{}. {}", i + 1, s.judgement.summary));
            each.collect::<Vec<_>>().join(" ")
        }
    }
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

/// What stands for the table of either setting.
pub(crate) const ANY_TABLE: &str = "\u{1}";

/// A statement without the setting whose table it is from.
pub(crate) fn without_setting(statement: &str) -> String {
    let mut out = statement.to_owned();
    for setting in ["outpatient hospital", "Outpatient hospital", "practitioner", "Practitioner"] {
        out = out.replace(setting, ANY_TABLE);
    }
    out
}

fn headlines(findings: &[Finding], places: &[usize], limit: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    let tables: Vec<Setting> = places.iter().filter_map(|i| findings.get(*i).and_then(setting_of)).collect();
    let several = tables.iter().any(|t| tables.first() != Some(t));
    let chosen: Vec<&Finding> = places.iter().filter_map(|i| findings.get(*i)).collect();
    for f in &chosen {
        let bare = |g: &Finding| without_setting(&headline(g));
        let same = |g: &&&Finding| g.rule == f.rule && bare(g) == bare(f);
        let alike = chosen.iter().filter(same).count() > 1;
        let table = setting_of(f)
            .filter(|_| several && !alike)
            .map_or(String::new(), |s| format!("on {}, ", claim_words(s)));
        let part = if alike && several {
            bare(f).replace(&format!("{ANY_TABLE} "), "")
        } else {
            format!("{table}{}", headline(f))
        };
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
        let said = headlines(findings, &deciding, 3);
        let summary = match last_tables(findings, &deciding) {
            _ if said.is_empty() => "What the tables say of these codes is below".to_owned(),
            Some(tables) => format!("By the last tables loaded ({tables}), {said}"),
            None => capital(&said),
        };
        return Judgement { verdict: Verdict::Answer, summary: format!("{summary}."), deciding };
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
        let head = match last_tables(findings, &deciding) {
            Some(tables) => format!("It depends on the setting. By the last tables loaded ({tables})"),
            None => "It depends on the setting".to_owned(),
        };
        return Judgement { verdict, summary: format!("{head}: {}.", parts.join("; ")), deciding };
    }
    let verdict = match all {
        Decision::Denied => Verdict::No,
        Decision::Bypassable | Decision::Doubtful => Verdict::Conditional,
        // Both are lacking, the date and the setting, and each setting has its own answer.
        Decision::Unverified if ask_date && settings_differ(findings, &each) => Verdict::NeedInfo,
        Decision::Unverified => Verdict::Conditional,
        Decision::Free if settings.is_empty() => Verdict::Conditional,
        Decision::Free => Verdict::Yes,
    };
    let head = match verdict {
        Verdict::No => "No: ",
        Verdict::Conditional if all == Decision::Doubtful => "Only after a check: ",
        Verdict::Yes => "Yes: ",
        Verdict::Conditional if all == Decision::Free => "It depends: ",
        _ => "",
    };
    let summary = format!("{head}{}", words(all, findings, &deciding, facts));
    let summary = if head.is_empty() { capital(&summary) } else { summary };
    Judgement { verdict, summary: format!("{summary}."), deciding }
}

/// Whether the tables of two settings say different things of what they do not reach.
fn settings_differ(findings: &[Finding], each: &[(Setting, Decision, Vec<usize>)]) -> bool {
    let said: Vec<String> =
        each.iter().map(|(_, _, places)| without_setting(&headlines(findings, places, 4))).collect();
    said.iter().any(|s| said.first() != Some(s))
}

/// The last releases of the tables that do not reach the date, if any of the findings rests on one.
fn last_tables(findings: &[Finding], places: &[usize]) -> Option<String> {
    let mut tables: Vec<&str> = Vec::new();
    let open = places.iter().filter_map(|i| findings.get(*i)).filter(|f| is_unverified(f));
    for f in open.filter(|f| f.outcome != Outcome::NoData) {
        for release in f.evidence.iter().take(1).map(|e| last_word(&e.release)) {
            if !tables.contains(&release) {
                tables.push(release);
            }
        }
    }
    (!tables.is_empty()).then(|| tables.join(", "))
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
            match last_tables(findings, places) {
                None => said,
                Some(tables) if facts.basis == DateBasis::MailDate => {
                    format!(
                        "by the last tables loaded ({tables}), {said}; the date of service decides whether that holds"
                    )
                }
                Some(tables) => {
                    format!("by the last tables loaded ({tables}), {said}; not verified for {}", facts.on)
                }
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
