//! What an answer rests on: what the tables say of what was asked, then what manuals and guidelines say of it. What
//! merely supports it is among the findings, for the reviewer.

use crate::consult::draft::{escaped, line};
use crate::consult::guidance::first_sentence;
use crate::consult::intent::Intent;
use crate::consult::rules::{Standing, is_unverified};
use crate::consult::sources::Sources;
use crate::consult::study::{ALSO, Study};
use crate::consult::verdict::{ANY_TABLE, without_setting};
use crate::domain::{Evidence, Finding, Outcome, Setting};

/// So many statements of tables are shown; the reviewer sees all.
const SHOWN: usize = 8;

/// The statements with their sources; returns the last releases of tables that do not reach the date.
pub(super) fn why(out: &mut String, study: &Study, sources: &mut Sources) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut late: Vec<String> = Vec::new();
    tables(study, sources, &mut lines, &mut late);
    notes(study, sources, &mut lines);
    if !lines.is_empty() {
        line(out, "## Why\n");
        for l in lines {
            line(out, &l);
        }
        line(out, "");
    }
    late
}

/// Denials first, then what a modifier may change, warnings, passes and facts; what the releases do not reach last.
fn tables(study: &Study, sources: &mut Sources, lines: &mut Vec<String>, late: &mut Vec<String>) {
    let merged = both_settings(study.findings.iter().filter(|f| shown(f, study)));
    let mut chosen: Vec<&Finding> = merged.iter().collect();
    chosen.sort_by_key(|f| (is_unverified(f), importance(f.outcome)));
    let free: Vec<&Finding> = chosen.iter().copied().filter(|f| is_free_pair(f)).collect();
    let mut said_free = false;
    for f in chosen {
        if let Some((release, fact)) = Standing::without_caveat(&f.statement) {
            if !late.iter().any(|l| l == release) {
                late.push(release.to_owned());
            }
            if lines.len() < SHOWN && !says(study, fact) {
                let release = release.rsplit_once(" (to ").map_or(release, |(name, _)| name);
                let text = format!("By {release}: {fact}");
                lines.push(format!("- {}{}", escaped(text.trim()), sources.anchors(&f.evidence)));
            }
        } else if is_free_pair(f) && free.len() > 1 {
            if !said_free {
                said_free = true;
                free_pairs(lines, &free, sources);
            }
        } else if lines.len() < SHOWN && !says(study, &f.statement) {
            lines.push(format!("- {}{}", escaped(f.statement.trim()), sources.anchors(&f.evidence)));
        }
    }
}

/// What the tables of both settings say alike is one statement.
fn both_settings<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for f in findings {
        let alike = |g: &&mut Finding| {
            g.rule == f.rule
                && g.codes == f.codes
                && g.outcome == f.outcome
                && g.statement != f.statement
                && without_setting(&g.statement) == without_setting(&f.statement)
        };
        match out.iter_mut().find(alike) {
            Some(known) => {
                known.statement =
                    without_setting(&f.statement).replace(ANY_TABLE, "practitioner and outpatient hospital");
                known.evidence.extend(f.evidence.iter().cloned());
            }
            None => out.push(f.clone()),
        }
    }
    out
}

/// Whether the first line says it already, word for word.
fn says(study: &Study, statement: &str) -> bool {
    study.judgement.summary.contains(statement.trim().trim_end_matches('.'))
}

/// What manuals and guidelines say on it; without what the first line has said.
fn notes(study: &Study, sources: &mut Sources, lines: &mut Vec<String>) {
    let is_note = |f: &&Finding| f.rule.ends_with("_advice") || f.rule == "guidance";
    for f in study.findings.iter().filter(is_note) {
        let first = first_sentence(&f.statement);
        let rest = if says(study, &first) {
            f.statement.get(first.len()..).unwrap_or_default().trim()
        } else {
            f.statement.trim()
        };
        if !rest.is_empty() {
            lines.push(format!("- {}{}", escaped(rest), sources.anchors(&f.evidence)));
        }
    }
}

/// The findings that a reader needs for the kind of question.
fn shown(f: &Finding, study: &Study) -> bool {
    let text = study.facts.text.as_str();
    let asks = |words: &[&str]| words.iter().any(|w| text.contains(w));
    let professional = study.facts.settings().contains(&Setting::Practitioner);
    let intent = study.intent;
    let deciding = study.judgement.deciding.iter().any(|i| study.findings.get(*i) == Some(f));
    match f.rule.as_str() {
        "validity" | "guidance" | ALSO => false,
        rule if rule.ends_with("_advice") => false,
        _ if deciding => true,
        // That a service is paid by another schedule answers only who asks for it.
        "fee_status" if f.outcome == Outcome::Info => {
            asks(&["cover", "status", "fee schedule", "fee sched", "paid", "payable"])
        }
        "mue" => {
            f.outcome == Outcome::Deny
                || intent == Intent::Units
                || asks(&["mue", "units"])
                || f.detail.get("claimed").is_some_and(|c| !c.is_null())
        }
        // The fee schedule's payment rules are those of professional claims.
        "multiple_procedures" => professional && intent == Intent::Pair,
        "indicators" if !professional => false,
        "indicators" => {
            asks(&["what is ", "what's ", "tell me about"])
                || asks(&["global", "bilateral", "assistant", "multiple", "both sides", "post-op", "postop"])
        }
        _ => true,
    }
}

fn importance(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Deny => 0,
        Outcome::Bypassable => 1,
        Outcome::Warn => 2,
        Outcome::Pass => 3,
        Outcome::Info => 4,
        Outcome::NoData => 5,
    }
}

/// A pair of which the table, complete and in force, has no row at all.
fn is_free_pair(f: &Finding) -> bool {
    f.rule == "ptp"
        && f.outcome == Outcome::Pass
        && f.evidence.iter().all(|e| e.locator.starts_with("no row"))
}

/// Several pairs without an edit are one line for each table.
fn free_pairs(lines: &mut Vec<String>, free: &[&Finding], sources: &mut Sources) {
    let mut tables: Vec<&str> = free.iter().flat_map(|f| &f.evidence).map(|e| e.release.as_str()).collect();
    tables.dedup();
    for table in tables {
        let of: Vec<&Finding> =
            free.iter().copied().filter(|f| f.evidence.iter().any(|e| e.release == table)).collect();
        let pairs: Vec<String> = of.iter().map(|f| f.codes.join("/")).collect();
        let evidence: Vec<Evidence> = of.iter().flat_map(|f| f.evidence.clone()).collect();
        let anchors = sources.anchors(&evidence);
        lines.push(format!("- No pair edit in {table} between {}.{anchors}", escaped(&pairs.join(", "))));
    }
}
