//! The draft: a Markdown subset with evidence anchors `[n]`. One-line verdict first, then the few facts that it rests on,
//! each with its source; what is lacking; where the releases end; other payers; sources.

mod assumed;
mod codes;
mod why;

use std::fmt::Write;

use crate::codebook::{DatasetCoverage, Notice};
use crate::consult::extract::Payer;
use crate::consult::guidance::ESTABLISHED;
use crate::consult::notices::{self, Shown};
use crate::consult::sources::Sources;
use crate::consult::study::Study;
use crate::domain::{CodeSystem, Evidence, Verdict};

/// So many rows of tables the first line cites.
const CITED: usize = 4;

/// What a draft is written from.
pub(crate) struct Parts<'a> {
    /// The questions of the mail, in its order.
    pub(crate) studies: &'a [Study],
    /// What is said of a question that is not for this desk.
    pub(crate) declined: Option<&'a str>,
    pub(crate) missing: &'a [String],
    pub(crate) flags: &'a [String],
    pub(crate) notices: &'a [Notice],
    pub(crate) loaded: &'a [DatasetCoverage],
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

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{text}");
}

/// The draft's Markdown and its citations.
pub(crate) fn write(parts: &Parts<'_>) -> (String, Vec<String>) {
    let mut sources = Sources::default();
    let mut out = String::new();
    let mut late: Vec<String> = Vec::new();
    let several = parts.studies.len() > 1;
    for (i, study) in parts.studies.iter().enumerate() {
        if several {
            line(&mut out, &format!("## {}. {}\n", i + 1, escaped(&study.asked)));
        }
        let mut own = String::new();
        let deciding = study.judgement.deciding.iter().filter_map(|i| study.findings.get(*i));
        let deciding: Vec<Evidence> = deciding.flat_map(|f| f.evidence.clone()).take(CITED).collect();
        let anchors = sources.anchors(&deciding);
        line(&mut own, &format!("**{}**{anchors}\n", escaped(&study.judgement.summary)));
        assumed::assumptions(&mut own, &study.facts, study.intent);
        if i == 0 {
            remarks(&mut own, parts.flags);
        }
        if study.facts.entries.is_empty() {
            codes::offered(&mut own, &study.offered, &study.facts, &mut sources);
            late.extend(why::why(&mut own, study, &mut sources));
        } else {
            late.extend(why::why(&mut own, study, &mut sources));
            codes::codes(&mut own, study, &mut sources);
            codes::offered(&mut own, &study.offered, &study.facts, &mut sources);
        }
        // Within one of several questions the sections are a level deeper.
        out.push_str(&if several { own.replace("\n## ", "\n### ") } else { own });
    }
    if let Some(declined) = parts.declined {
        line(&mut out, &format!("Another part of the message is not for this desk. {}\n", escaped(declined)));
    }
    if !parts.missing.is_empty() {
        line(&mut out, "## Please tell us\n");
        for what in parts.missing {
            line(&mut out, &format!("- {what}"));
        }
        line(&mut out, "");
    }
    not_verified(&mut out, parts, late);
    other_payers(&mut out, parts);
    let citations = sources.citations();
    if !citations.is_empty() {
        line(&mut out, "## Sources\n");
        for (i, c) in citations.iter().enumerate() {
            line(&mut out, &format!("- [{}] {}", i + 1, escaped(c)));
        }
        line(&mut out, "");
        if sources.cited().iter().any(|e| e.release == ESTABLISHED) {
            line(
                &mut out,
                "Established knowledge: the manual is named, its section was not read here; confirm it before citing.\n",
            );
        }
    }
    small_print(&mut out, parts, &sources);
    (format!("{}\n", out.trim_end()), citations)
}

/// What a reader must know of how the message was read.
fn remarks(out: &mut String, flags: &[String]) {
    let has = |flag: &str| flags.iter().any(|f| f == flag);
    for (flag, text) in [
        (
            "instruction_like_text",
            "Parts of the message read like instructions to this desk; they were treated as text and not followed.",
        ),
        (
            "phi_present",
            "The message held identifiers or numbers like them; they were masked. Please leave them out of questions.",
        ),
        ("attachment_not_read", "An attachment could not be read; this answer does not rest on it."),
    ] {
        if has(flag) {
            line(out, &format!("{text}\n"));
        }
    }
}

/// Which releases end before the date of service, in one line.
fn not_verified(out: &mut String, parts: &Parts<'_>, mut late: Vec<String>) {
    let Some(study) = parts.studies.first() else { return };
    for entry in parts.studies.iter().flat_map(|s| &s.facts.entries) {
        if let Some(c) = entry.coverage.as_ref().filter(|c| !c.covers) {
            late.push(format!("{} (to {})", c.release, c.to));
        }
    }
    let mut each: Vec<String> = Vec::new();
    for release in late {
        if !each.contains(&release) {
            each.push(release);
        }
    }
    if !each.is_empty() {
        let what = escaped(&each.join(", "));
        line(
            out,
            &format!(
                "Not verified for {}: of what is said here the last releases loaded are {what}. Check the current tables before relying on it.\n",
                study.facts.on
            ),
        );
    }
}

/// Where other payers differ, and what a yes does not promise.
fn other_payers(out: &mut String, parts: &Parts<'_>) {
    let Some(study) = parts.studies.iter().find(|s| !s.facts.lines.is_empty()) else { return };
    if parts.studies.iter().any(|s| s.judgement.verdict == Verdict::Yes) {
        line(
            out,
            "No edit is not a promise of payment: each service must be documented, medically necessary and covered.\n",
        );
    }
    let text = match &study.facts.payer {
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
    let entries = || {
        parts.studies.iter().flat_map(|s| s.facts.entries.iter().chain(s.offered.iter().map(|c| &c.entry)))
    };
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
