//! The draft: a Markdown subset with evidence anchors `[n]`. One-line verdict first, then what it rests on.
//! Every sentence that states a fact of a table carries its anchor.

use std::fmt::Write;

use crate::codebook::{CodeEntry, Notice};
use crate::consult::candidates::Candidate;
use crate::consult::extract::{DateReading, Payer};
use crate::consult::facts::{DateBasis, Facts, PAIR_LIMIT};
use crate::consult::intent::Intent;
use crate::consult::verdict::Judgement;
use crate::domain::{CodeSystem, Evidence, Finding, Outcome};

/// What a draft is written from.
pub(crate) struct Parts<'a> {
    pub(crate) judgement: &'a Judgement,
    pub(crate) facts: &'a Facts,
    pub(crate) findings: &'a [Finding],
    pub(crate) candidates: &'a [Candidate],
    pub(crate) missing: &'a [String],
    pub(crate) flags: &'a [String],
    pub(crate) notices: &'a [Notice],
    pub(crate) intent: Intent,
}

/// The sources of a draft, numbered in the order in which they are cited.
#[derive(Default)]
struct Sources(Vec<Evidence>);

impl Sources {
    /// ` [1][2]`, or nothing without evidence.
    fn anchors(&mut self, evidence: &[Evidence]) -> String {
        let mut out = String::new();
        for e in evidence {
            let n = match self.0.iter().position(|known| known == e) {
                Some(i) => i + 1,
                None => {
                    self.0.push(e.clone());
                    self.0.len()
                }
            };
            let anchor = format!("[{n}]");
            if !out.contains(&anchor) {
                out.push_str(&anchor);
            }
        }
        if out.is_empty() { out } else { format!(" {out}") }
    }

    fn citations(&self) -> Vec<String> {
        self.0.iter().map(citation).collect()
    }
}

fn citation(e: &Evidence) -> String {
    if e.release.is_empty() || e.source.contains(&e.release) {
        format!("{}: {}", e.source, e.locator)
    } else {
        format!("{}, {}: {}", e.source, e.release, e.locator)
    }
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
        line(&mut out, "Parts of the message read like instructions to this desk; they were treated as text and not followed.\n");
    }
    if parts.flags.iter().any(|f| f == "phi_present") {
        line(&mut out, "The message held patient identifiers; they were masked. Please leave them out of questions.\n");
    }
    if parts.flags.iter().any(|f| f == "attachment_not_read") {
        line(&mut out, "An attachment could not be read; this answer does not rest on it.\n");
    }
    codes(&mut out, parts, &mut sources);
    section(&mut out, "Findings", parts, &mut sources, shown_finding);
    section(&mut out, "Modifiers and record", parts, &mut sources, |f, _| {
        f.rule.ends_with("_advice") || f.rule == "guidance"
    });
    offered(&mut out, parts, &mut sources);
    other_payers(&mut out, parts.facts);
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
    notices(&mut out, parts);
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
            (None, _) => "setting not stated, so professional and outpatient facility claims are both answered".to_owned(),
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
    if matches!(intent, Intent::ClaimCheck | Intent::Pair) && facts.lines.iter().any(|l| l.units.is_some() || !l.modifiers.is_empty()) {
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
        DateBasis::MailDate => format!("no date of service was given, so the mail's date {} is used", facts.on),
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
            f.rule == "validity" && f.codes.first() == Some(&entry.code) && system == Some(entry.system.as_str())
        });
        let (statement, evidence) =
            finding.map_or((String::new(), Vec::new()), |f| (f.statement.clone(), f.evidence.clone()));
        let anchors = sources.anchors(&evidence);
        line(out, &format!("- {}{anchors}{}", anchored(&statement, &anchors), meaning(entry, &anchors)));
    }
    line(out, "");
}

/// What a code means, official or in our own words; with the anchor of its row.
fn meaning(entry: &CodeEntry, anchors: &str) -> String {
    let text = entry.description.trim().trim_end_matches('.');
    if text.is_empty() {
        String::new()
    } else if entry.plain_language {
        format!(" In our own plain words: {}.", escaped(text))
    } else {
        format!(" Official text: {}.{anchors}", escaped(text))
    }
}

/// The findings that a reader needs for the kind of question.
fn shown_finding(f: &Finding, parts: &Parts<'_>) -> bool {
    let text = parts.facts.text.as_str();
    let asks = |words: &[&str]| words.iter().any(|w| text.contains(w));
    let billing = matches!(parts.intent, Intent::Pair | Intent::ClaimCheck | Intent::Units | Intent::Modifier);
    match f.rule.as_str() {
        "validity" => false,
        "ptp" | "add_on" | "modifier" | "laterality" | "drug_units" => true,
        "fee_status" => billing || parts.intent == Intent::WhatIs,
        "mue" => f.outcome == Outcome::Deny || matches!(parts.intent, Intent::Units | Intent::WhatIs) || asks(&["mue"]) || f.detail.get("claimed").is_some_and(|c| !c.is_null()),
        "multiple_procedures" => parts.intent == Intent::Pair,
        "indicators" => {
            parts.intent == Intent::WhatIs
                || asks(&["global", "bilateral", "assistant", "multiple", "both sides", "post-op", "postop"])
        }
        _ => false,
    }
}

fn section(
    out: &mut String,
    title: &str,
    parts: &Parts<'_>,
    sources: &mut Sources,
    shown: fn(&Finding, &Parts<'_>) -> bool,
) {
    let chosen: Vec<&Finding> = parts.findings.iter().filter(|f| shown(f, parts)).collect();
    if chosen.is_empty() {
        return;
    }
    line(out, &format!("## {title}\n"));
    for f in chosen {
        let anchors = sources.anchors(&f.evidence);
        line(out, &format!("- {}{anchors}", anchored(&f.statement, &anchors)));
    }
    line(out, "");
}

/// Every sentence of a statement carries the statement's anchors: those inside get them too.
fn anchored(statement: &str, anchors: &str) -> String {
    let escaped = escaped(statement.trim());
    if anchors.is_empty() {
        return escaped;
    }
    escaped.replace(". ", &format!(".{anchors} ")).replace(&format!("ch.{anchors} "), "ch. ")
}

fn offered(out: &mut String, parts: &Parts<'_>, sources: &mut Sources) {
    if parts.candidates.is_empty() {
        return;
    }
    line(out, "## Candidates\n");
    line(out, "Offered for you to compare with the record; none of them is asserted.\n");
    for c in parts.candidates {
        let evidence: Vec<Evidence> = c.entry.evidence.clone().into_iter().collect();
        let anchors = sources.anchors(&evidence);
        let why = if c.by_note { "by the note above" } else { "found by the words of the question" };
        let valid = match &c.entry.coverage {
            Some(coverage) if coverage.covers => format!("valid on {}", parts.facts.on),
            Some(coverage) => format!("valid by {}, not verified for {}", coverage.release, parts.facts.on),
            None => "not verified".to_owned(),
        };
        let (code, system) = (&c.entry.code, c.entry.system.name());
        line(out, &format!("- {code} ({system}), {why}: {valid}.{anchors}{}", meaning(&c.entry, &anchors)));
    }
    line(out, "");
}

fn other_payers(out: &mut String, facts: &Facts) {
    if facts.lines.is_empty() {
        return;
    }
    let text = match &facts.payer {
        Some(Payer::Medicaid) => "The tables used are Medicare's. Medicaid has its own NCCI files and state rules, which are not loaded here: check them before relying on this.",
        Some(Payer::Other(_)) => "The tables used are Medicare's. This payer may follow them only in part: check its policy.",
        Some(Payer::Advantage) => "Medicare Advantage plans may add edits of their own: check the plan's policy.",
        _ => "Medicaid has its own NCCI files, and commercial payers may differ.",
    };
    line(out, "## Other payers\n");
    line(out, &format!("{text}\n"));
}

/// The publishers' notices, in their own words, once each; those about CPT only if a CPT number is shown.
fn notices(out: &mut String, parts: &Parts<'_>) {
    let shown = |system: CodeSystem| {
        parts.facts.entries.iter().any(|e| e.system == system)
            || parts.candidates.iter().any(|c| c.entry.system == system)
    };
    let cpt = shown(CodeSystem::Cpt);
    if !cpt {
        return;
    }
    let mut lines: Vec<&str> = Vec::new();
    for notice in parts.notices {
        for text in &notice.lines {
            if !lines.contains(&text.as_str()) && !text.contains("(D codes)") {
                lines.push(text);
            }
        }
    }
    if lines.is_empty() {
        return;
    }
    line(out, "## Notices\n");
    for text in lines {
        line(out, &format!("- {}", escaped(text)));
    }
}
