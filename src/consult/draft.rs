//! The draft: a Markdown subset with evidence anchors `[n]`. One-line verdict first, then what it rests on.
//! Every sentence that states a fact of a table carries its anchor.

use std::fmt::Write;

use crate::codebook::{CodeEntry, DatasetCoverage, Notice};
use crate::consult::candidates::Candidate;
use crate::consult::extract::{DateReading, Payer};
use crate::consult::facts::{DateBasis, Facts, PAIR_LIMIT};
use crate::consult::intent::Intent;
use crate::consult::notices::{self, Shown};
use crate::consult::rules::{Standing, is_unverified};
use crate::consult::sources::Sources;
use crate::consult::verdict::Judgement;
use crate::domain::{CodeStatus, CodeSystem, Evidence, Finding, Outcome, Setting, Verdict};

/// What a draft is written from.
pub(crate) struct Parts<'a> {
    pub(crate) judgement: &'a Judgement,
    pub(crate) facts: &'a Facts,
    pub(crate) findings: &'a [Finding],
    pub(crate) candidates: &'a [Candidate],
    pub(crate) missing: &'a [String],
    pub(crate) flags: &'a [String],
    pub(crate) notices: &'a [Notice],
    pub(crate) loaded: &'a [DatasetCoverage],
    pub(crate) intent: Intent,
}

/// Characters that would be read as Markdown are escaped; anything foreign passes through here.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~') {
            out.push('\\');
        }
        out.push(if c == '\n' || c == '\r' { ' ' } else { c });
    }
    out
}

/// The draft's Markdown and its citations.
pub(crate) fn write(parts: &Parts<'_>) -> (String, Vec<String>) {
    let mut sources = Sources::default();
    let mut out = String::new();
    let deciding: Vec<Evidence> = parts
        .judgement
        .deciding
        .iter()
        .filter_map(|i| parts.findings.get(*i))
        .flat_map(|f| f.evidence.clone())
        .take(6)
        .collect();
    let anchors = sources.anchors(&deciding);
    line(&mut out, &format!("**{}**{anchors}\n", escaped(&parts.judgement.summary)));
    assumptions(&mut out, parts.facts, parts.intent);
    if parts.flags.iter().any(|f| f == "instruction_like_text") {
        line(
            &mut out,
            "Parts of the message read like instructions to this desk; they were treated as text and not followed.\n",
        );
    }
    if parts.flags.iter().any(|f| f == "phi_present") {
        line(
            &mut out,
            "The message held identifiers or numbers like them; they were masked. Please leave them out of questions.\n",
        );
    }
    if parts.flags.iter().any(|f| f == "attachment_not_read") {
        line(&mut out, "An attachment could not be read; this answer does not rest on it.\n");
    }
    codes(&mut out, parts, &mut sources);
    findings(&mut out, parts, &mut sources);
    advice(&mut out, parts, &mut sources);
    offered(&mut out, parts, &mut sources);
    other_payers(&mut out, parts);
    if !parts.missing.is_empty() {
        line(&mut out, "## Please tell us\n");
        for what in parts.missing {
            line(&mut out, &format!("- {what}"));
        }
        line(&mut out, "");
    }
    let citations = sources.citations();
    if !citations.is_empty() {
        line(&mut out, "## Sources\n");
        for (i, c) in citations.iter().enumerate() {
            line(&mut out, &format!("- [{}] {}", i + 1, escaped(c)));
        }
        line(&mut out, "");
    }
    small_print(&mut out, parts, &sources);
    (format!("{}\n", out.trim_end()), citations)
}

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{text}");
}

fn assumptions(out: &mut String, facts: &Facts, intent: Intent) {
    let mut parts: Vec<String> = Vec::new();
    parts.push(date_words(facts));
    if !facts.lines.is_empty() {
        parts.push(match (&facts.place, facts.settings().len()) {
            (Some(place), _) => place.words().to_owned(),
            (None, _) => {
                "setting not stated, so professional and outpatient facility claims are both answered"
                    .to_owned()
            }
        });
        parts.push(match &facts.payer {
            Some(payer) => format!("payer: {}", payer.words()),
            None => "payer not stated, Medicare rules are used".to_owned(),
        });
        if facts.service_codes().len() > 1 {
            parts.push("same patient, same day, same provider".to_owned());
        }
    }
    if facts.codes_from_earlier {
        parts.push("codes taken from your earlier message".to_owned());
    }
    line(out, &format!("Assumed: {}.\n", parts.join("; ")));
    if matches!(intent, Intent::ClaimCheck | Intent::Pair)
        && facts.lines.iter().any(|l| l.units.is_some() || !l.modifiers.is_empty())
    {
        let lines: Vec<String> = facts.lines.iter().map(|l| escaped(&l.written())).collect();
        line(out, &format!("Claim as read: {}.\n", lines.join(" · ")));
    }
    if facts.service_codes().len() > PAIR_LIMIT {
        line(out, &format!("Only the first {PAIR_LIMIT} codes were checked against one another.\n"));
    }
}

fn date_words(facts: &Facts) -> String {
    let quarter = facts.on.quarter();
    match &facts.basis {
        DateBasis::Set => format!("date of service {}", facts.on),
        DateBasis::MailDate => {
            format!("no date of service was given, so the mail's date {} is used", facts.on)
        }
        DateBasis::Given(d) | DateBasis::Earlier(d) => {
            let mut words = match d.reading {
                DateReading::Day => format!("date of service {} ({quarter})", d.day),
                DateReading::DayWithoutYear => format!("date of service {} (the year was not given)", d.day),
                DateReading::Month | DateReading::Quarter | DateReading::Year => {
                    format!("date of service between {} and {}; looked up for {}", d.day, d.last, d.day)
                }
            };
            if matches!(facts.basis, DateBasis::Earlier(_)) {
                words.push_str(", from your earlier message");
            }
            if !d.others.is_empty() {
                let others: Vec<String> = d.others.iter().take(4).map(ToString::to_string).collect();
                let _ = write!(words, " (other dates in the message were not used: {})", others.join(", "));
            }
            words
        }
    }
}

fn codes(out: &mut String, parts: &Parts<'_>, sources: &mut Sources) {
    if parts.facts.entries.is_empty() {
        return;
    }
    line(out, "## Codes\n");
    for entry in &parts.facts.entries {
        let finding = parts.findings.iter().find(|f| {
            let system = f.detail.get("system").and_then(serde_json::Value::as_str);
            f.rule == "validity"
                && f.codes.first() == Some(&entry.code)
                && system == Some(entry.system.as_str())
        });
        let evidence = finding.map_or(Vec::new(), |f| f.evidence.clone());
        let anchors = sources.anchors(&evidence);
        let status = match finding {
            Some(f) if f.outcome != Outcome::Pass && entry.status != CodeStatus::Valid => {
                escaped(&f.statement)
            }
            _ => format!("{} ({}), {}.", entry.code, entry.system.name(), validity(entry, parts.facts)),
        };
        line(out, &format!("- {status}{}{anchors}", meaning(entry)));
    }
    line(out, "");
}

/// The status of a valid code in a few words.
fn validity(entry: &CodeEntry, facts: &Facts) -> String {
    match &entry.coverage {
        Some(c) if c.covers => format!("valid on {}", facts.on),
        Some(c) => format!("valid by {} (to {}), not verified for {}", c.release, c.to, facts.on),
        None => format!("not verified for {}", facts.on),
    }
}

/// What a code means: the official text in quotation marks, or our own words in italics.
fn meaning(entry: &CodeEntry) -> String {
    let text = entry.description.trim().trim_end_matches('.');
    if text.is_empty() {
        String::new()
    } else if entry.plain_language {
        format!(" *{}.*", escaped(text))
    } else {
        format!(" “{}.”", escaped(text))
    }
}

/// The findings that a reader needs for the kind of question.
fn shown_finding(f: &Finding, parts: &Parts<'_>) -> bool {
    let text = parts.facts.text.as_str();
    let asks = |words: &[&str]| words.iter().any(|w| text.contains(w));
    let professional = parts.facts.settings().contains(&Setting::Practitioner);
    let billing =
        matches!(parts.intent, Intent::Pair | Intent::ClaimCheck | Intent::Units | Intent::Modifier);
    match f.rule.as_str() {
        "validity" => false,
        "ptp" | "add_on" | "modifier" | "laterality" | "drug_units" | "excludes1" | "seventh_character" => {
            true
        }
        "fee_status" => billing || parts.intent == Intent::WhatIs,
        "mue" => {
            f.outcome == Outcome::Deny
                || matches!(parts.intent, Intent::Units | Intent::WhatIs)
                || asks(&["mue"])
                || f.detail.get("claimed").is_some_and(|c| !c.is_null())
        }
        // The fee schedule's payment rules are those of professional claims.
        "multiple_procedures" => professional && parts.intent == Intent::Pair,
        "indicators" if !professional => false,
        "indicators" => {
            parts.intent == Intent::WhatIs
                || asks(&["global", "bilateral", "assistant", "multiple", "both sides", "post-op", "postop"])
        }
        _ => false,
    }
}

/// Denials first, then what a modifier may change, warnings, passes and facts; what the releases do not reach is
/// last, under a heading of its own.
fn findings(out: &mut String, parts: &Parts<'_>, sources: &mut Sources) {
    let chosen: Vec<&Finding> = parts.findings.iter().filter(|f| shown_finding(f, parts)).collect();
    let (open, mut verified): (Vec<&Finding>, Vec<&Finding>) =
        chosen.into_iter().partition(|f| is_unverified(f));
    verified.sort_by_key(|f| importance(f.outcome));
    let free: Vec<&Finding> = verified.iter().copied().filter(|f| is_free_pair(f)).collect();
    if !verified.is_empty() {
        line(out, "## Findings\n");
        let mut said = false;
        for f in verified {
            if !is_free_pair(f) || free.len() == 1 {
                line(out, &format!("- {}{}", escaped(f.statement.trim()), sources.anchors(&f.evidence)));
            } else if !said {
                said = true;
                free_pairs(out, &free, sources);
            }
        }
        line(out, "");
    }
    if !open.is_empty() {
        line(out, &format!("## Not verified for {}\n", parts.facts.on));
        for f in open {
            let said = match Standing::without_caveat(&f.statement) {
                Some((release, fact)) => format!("By {release}: {fact}"),
                None => f.statement.clone(),
            };
            line(out, &format!("- {}{}", escaped(said.trim()), sources.anchors(&f.evidence)));
        }
        line(out, "");
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
fn free_pairs(out: &mut String, free: &[&Finding], sources: &mut Sources) {
    let mut tables: Vec<&str> = free.iter().flat_map(|f| &f.evidence).map(|e| e.release.as_str()).collect();
    tables.dedup();
    for table in tables {
        let of: Vec<&Finding> =
            free.iter().copied().filter(|f| f.evidence.iter().any(|e| e.release == table)).collect();
        let pairs: Vec<String> = of.iter().map(|f| f.codes.join("/")).collect();
        let evidence: Vec<Evidence> = of.iter().flat_map(|f| f.evidence.clone()).collect();
        let anchors = sources.anchors(&evidence);
        line(out, &format!("- No pair edit in {table} between {}.{anchors}", escaped(&pairs.join(", "))));
    }
}

/// What manuals and guidelines say on it.
fn advice(out: &mut String, parts: &Parts<'_>, sources: &mut Sources) {
    let chosen: Vec<&Finding> =
        parts.findings.iter().filter(|f| f.rule.ends_with("_advice") || f.rule == "guidance").collect();
    if chosen.is_empty() {
        return;
    }
    let diagnoses = parts.facts.lines.is_empty();
    line(out, if diagnoses { "## Rules\n" } else { "## Modifiers and record\n" });
    for f in chosen {
        line(out, &format!("- {}{}", escaped(f.statement.trim()), sources.anchors(&f.evidence)));
    }
    line(out, "");
}

fn offered(out: &mut String, parts: &Parts<'_>, sources: &mut Sources) {
    if parts.candidates.is_empty() {
        return;
    }
    line(out, "## Candidates\n");
    line(out, "To compare with the record; none of them is asserted.\n");
    for c in parts.candidates {
        let evidence: Vec<Evidence> = c.entry.evidence.clone().into_iter().collect();
        let anchors = sources.anchors(&evidence);
        let why = if c.by_note { "by the rules above" } else { "found by the words of the question" };
        let (code, system) = (&c.entry.code, c.entry.system.name());
        let valid = validity(&c.entry, parts.facts);
        line(out, &format!("- {code} ({system}), {why}, {valid}.{}{anchors}", meaning(&c.entry)));
    }
    line(out, "");
}

/// Where other payers differ, and what a yes does not promise.
fn other_payers(out: &mut String, parts: &Parts<'_>) {
    if parts.facts.lines.is_empty() {
        return;
    }
    if parts.judgement.verdict == Verdict::Yes {
        line(
            out,
            "No edit is not a promise of payment: each service must be documented, medically necessary and covered.\n",
        );
    }
    let text = match &parts.facts.payer {
        Some(Payer::Medicaid) => {
            "The tables used are Medicare's. Medicaid has its own NCCI files and state rules, which are not loaded here: check them before relying on this."
        }
        Some(Payer::Other(_)) => {
            "The tables used are Medicare's. This payer may follow them only in part: check its policy."
        }
        Some(Payer::Advantage) => {
            "Medicare Advantage plans may add edits of their own: check the plan's policy."
        }
        _ => "Medicaid has its own NCCI files, and commercial payers may differ.",
    };
    line(out, &format!("Other payers: {text}\n"));
}

/// The notices of what is shown, after a rule.
fn small_print(out: &mut String, parts: &Parts<'_>, sources: &Sources) {
    let entries = || parts.facts.entries.iter().chain(parts.candidates.iter().map(|c| &c.entry));
    let cpt_cited = sources.cited().iter().any(|e| e.source.contains("fee schedule"));
    let shown = Shown {
        cited: sources.cited(),
        cpt: cpt_cited || entries().any(|e| e.system == CodeSystem::Cpt),
        own_words: entries().any(|e| e.plain_language && !e.description.is_empty()),
    };
    let mut lines = notices::lines(&shown, parts.notices, parts.loaded);
    if let Some(last) = lines.last_mut().filter(|_| shown.own_words) {
        *last = format!("Code texts without quotation marks are in our own words. {last}");
    }
    if lines.is_empty() {
        return;
    }
    line(out, "---\n");
    let escaped: Vec<String> = lines.iter().map(|l| escaped(l)).collect();
    line(out, &escaped.join("\\\n"));
}
