//! The codes of an answer with their status, and those to choose from.

use crate::codebook::CodeEntry;
use crate::consult::candidates::Candidate;
use crate::consult::draft::{escaped, line};
use crate::consult::facts::Facts;
use crate::consult::sources::Sources;
use crate::consult::study::Study;
use crate::domain::{CodeStatus, Evidence, Finding, Outcome};

/// So many codes are listed one by one; of more, those that are none on the date.
const LISTED: usize = 12;

/// The codes that the question names.
pub(super) fn codes(out: &mut String, study: &Study, sources: &mut Sources) {
    let entries = &study.facts.entries;
    if entries.is_empty() {
        return;
    }
    line(out, "## Codes\n");
    let mut unsaid: Vec<&CodeEntry> = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        let finding = validity_of(entry, &study.findings);
        let fault = finding.filter(|f| f.outcome != Outcome::Pass && entry.status != CodeStatus::Valid);
        if fault.is_none() && i >= LISTED {
            unsaid.push(entry);
            continue;
        }
        let evidence = finding.map_or(Vec::new(), |f| f.evidence.clone());
        let anchors = sources.anchors(&evidence);
        let status = match fault {
            Some(f) => escaped(&f.statement),
            None => format!("{} ({}), {}.", entry.code, entry.system.name(), validity(entry, &study.facts)),
        };
        line(out, &format!("- {status}{}{anchors}", meaning(entry)));
    }
    if !unsaid.is_empty() {
        let codes: Vec<&str> = unsaid.iter().map(|e| e.code.as_str()).collect();
        let evidence: Vec<Evidence> = unsaid.iter().filter_map(|e| e.evidence.clone()).collect();
        let anchors = sources.anchors(&evidence);
        let held = if unsaid.iter().all(|e| e.coverage.as_ref().is_some_and(|c| c.covers)) {
            "valid"
        } else {
            "valid by the last release loaded, not verified"
        };
        line(out, &format!("- Also {held} on {}: {}.{anchors}", study.facts.on, codes.join(", ")));
    }
    line(out, "");
}

fn validity_of<'a>(entry: &CodeEntry, findings: &'a [Finding]) -> Option<&'a Finding> {
    findings.iter().find(|f| {
        let system = f.detail.get("system").and_then(serde_json::Value::as_str);
        f.rule == "validity" && f.codes.first() == Some(&entry.code) && system == Some(entry.system.as_str())
    })
}

/// The codes that notes lead to, and those that were found by words.
pub(super) fn offered(out: &mut String, candidates: &[Candidate], facts: &Facts, sources: &mut Sources) {
    if candidates.is_empty() {
        return;
    }
    line(out, "## Candidates\n");
    line(out, "To compare with the record; none of them is asserted.\n");
    for c in candidates {
        let evidence: Vec<Evidence> = c.entry.evidence.clone().into_iter().collect();
        let anchors = sources.anchors(&evidence);
        let why = if c.by_note { "by the rules named here" } else { "found by the words of the question" };
        let (code, system) = (&c.entry.code, c.entry.system.name());
        let valid = validity(&c.entry, facts);
        line(out, &format!("- {code} ({system}), {why}, {valid}.{}{anchors}", meaning(&c.entry)));
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
