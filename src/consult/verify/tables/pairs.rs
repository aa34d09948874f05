//! NCCI pairs: "no edit", "billed together", "bundled", "indicator 1", "column 2".

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Judged, Reading};
use crate::codebook::{CodebookError, PtpRow};
use crate::consult::verify::{ObjectionKind, Weight};
use crate::domain::Setting;

static FREE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:no|not an?) (?:(?:ncci|ptp|cci|pair|procedure-to-procedure|bundling) )*edits?\b|\b(?:are|is) not bundled\b",
    )
    .ok()
});
static TOGETHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:can|may|should|are|is)(?: both| each| all)?(?: be)? (?:separately )?(?:billed|reported|coded|paid|payable|billable|reportable)(?: together| separately| both)\b|\bbillable together\b",
    )
    .ok()
});
static NEGATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:not|cannot|can't|never|neither|nor|unless|only if|if|when|whether)\b").ok()
});
static BUNDLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:ncci|ptp|cci|pair) edit (?:stands|exists|is|bundles|pairs|applies|in force)|\bbundled (?:into|with|under) .{0,40}\b(?:ncci|ptp|cci)\b|\b(?:ncci|ptp|cci)\b.{0,30}\bbundles?\b",
    )
    .ok()
});
static INDICATOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:modifier|ccmi|ncci|ptp|edit|pair)(?:'s)? |its |with |an |the )(?:modifier )?indicator(?: is| of|:)? ?\(?([019])\b").ok()
});
static COLUMN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\bcolumn (1|2|one|two)(?: code)?(?: is|:|,| \()? ?([0-9A-Z][0-9]{3}[0-9A-Z])\b").ok()
});
static COLUMN_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b([0-9A-Z][0-9]{3}[0-9A-Z])(?: is| as|,| \()? ?(?:the |in )?column (1|2|one|two)\b")
        .ok()
});

/// The edits between the service codes of a sentence, in the settings that it may mean.
struct Edits {
    in_force: Vec<PtpRow>,
    others: Vec<PtpRow>,
    /// Whether every pair was looked up in a complete release that covers a day.
    complete: bool,
}

pub(super) fn judge(
    reading: &Reading<'_>,
    out: &mut Vec<(ObjectionKind, Range<usize>, Judged)>,
) -> Result<(), CodebookError> {
    let text = reading.sentence.text;
    let codes: BTreeSet<&str> =
        reading.spots.iter().filter(|s| s.is_service()).map(|s| s.code.as_str()).collect();
    if codes.len() < 2 || codes.len() > 12 {
        return Ok(());
    }
    let free = FREE.as_ref().and_then(|r| r.find(text));
    let together = TOGETHER.as_ref().and_then(|r| r.find(text));
    let bundled = BUNDLED.as_ref().and_then(|r| r.find(text));
    let indicator = INDICATOR.as_ref().and_then(|r| r.captures(text));
    let columns: Vec<(Range<usize>, String, String)> = columns(text);
    if free.is_none() && together.is_none() && bundled.is_none() && indicator.is_none() && columns.is_empty()
    {
        return Ok(());
    }
    let place = [free, together, bundled].into_iter().flatten().next().map_or(0, |m| m.start());
    let edits = edits(reading, &codes, place)?;
    let negated = NEGATED.as_ref().is_some_and(|r| r.is_match(text));
    let modifier = ["modifier", "-25", "-59", "-x", "xs", "xe", "xp", "xu", "unbundl"]
        .iter()
        .any(|w| text.to_lowercase().contains(w));
    if let Some(found) = free.filter(|f| !preceded_by_condition(text, f.start())) {
        let judged = match edits.in_force.first() {
            Some(row) => Judged::blocks(stands(row), [row.evidence.clone()]),
            None if edits.complete => Judged::Right,
            None => Judged::Open,
        };
        out.push((ObjectionKind::Pair, found.range(), judged));
    } else if let Some(found) = together.filter(|_| !negated) {
        let judged = match edits.in_force.iter().min_by_key(|r| r.indicator) {
            Some(row) if row.indicator == '0' => Judged::blocks(stands(row), [row.evidence.clone()]),
            Some(row) if !modifier => Judged::Wrong {
                weight: Weight::Warns,
                why: stands(row),
                evidence: vec![row.evidence.clone()],
            },
            Some(_) => Judged::Right,
            None if edits.complete => Judged::Right,
            None => Judged::Open,
        };
        out.push((ObjectionKind::Pair, found.range(), judged));
    } else if let Some(found) = bundled.filter(|_| codes.len() == 2 && !negated) {
        let judged = if !edits.in_force.is_empty() {
            Judged::Right
        } else if edits.complete {
            let why = format!(
                "No NCCI edit between {} is in force on {}.",
                codes.iter().copied().collect::<Vec<_>>().join(" and "),
                reading.days.on
            );
            Judged::blocks(why, [])
        } else {
            Judged::Open
        };
        out.push((ObjectionKind::Pair, found.range(), judged));
    }
    if let Some(found) = indicator {
        let said = found.get(1).and_then(|m| m.as_str().chars().next());
        let rows = || edits.in_force.iter().chain(&edits.others);
        let judged = match rows().next() {
            None => Judged::Open,
            Some(_) if rows().any(|r| Some(r.indicator) == said) => Judged::Right,
            Some(row) => Judged::blocks(stands(row), [row.evidence.clone()]),
        };
        out.extend(found.get(0).map(|m| (ObjectionKind::Pair, m.range(), judged)));
    }
    for (place, column, code) in columns {
        let first = matches!(column.as_str(), "1" | "one");
        let rows = || edits.in_force.iter().chain(&edits.others);
        let fits = |r: &&PtpRow| if first { r.column1 == code } else { r.column2 == code };
        let judged = match rows().next() {
            None => Judged::Open,
            Some(_) if rows().any(|r| fits(&r)) => Judged::Right,
            Some(row) => Judged::blocks(stands(row), [row.evidence.clone()]),
        };
        out.push((ObjectionKind::Pair, place, judged));
    }
    Ok(())
}

/// "if no edit …", "unless no edit …": nothing is stated.
fn preceded_by_condition(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end().to_lowercase();
    ["if", "when", "where", "whether", "unless", "because", "that"].iter().any(|w| before.ends_with(w))
        && !before.ends_with("means that")
}

fn columns(text: &str) -> Vec<(Range<usize>, String, String)> {
    let mut out = Vec::new();
    for (regex, column, code) in [(&COLUMN, 1, 2), (&COLUMN_AFTER, 2, 1)] {
        for found in regex.iter().flat_map(|r| r.captures_iter(text)) {
            let part = |i: usize| found.get(i).map(|m| m.as_str().to_ascii_lowercase());
            if let (Some(whole), Some(column), Some(code)) = (found.get(0), part(column), part(code)) {
                out.push((whole.range(), column, code.to_ascii_uppercase()));
            }
        }
    }
    // "column 1 63047, column 2 63030" reads both ways: the form that begins with the column is the one meant.
    let begins = out.iter().any(|(p, ..)| text.get(p.clone()).is_some_and(|t| t.starts_with(['c', 'C'])));
    if begins {
        out.retain(|(p, ..)| text.get(p.clone()).is_some_and(|t| t.starts_with(['c', 'C'])));
    }
    out
}

fn stands(row: &PtpRow) -> String {
    let until = row.deletion.map(|d| format!(", until {d}")).unwrap_or_default();
    format!(
        "{} has an edit: column 1 {}, column 2 {}, modifier indicator {}{until}.",
        row.evidence.release, row.column1, row.column2, row.indicator
    )
}

/// The part of a sentence between semicolons in which a place lies: each part may speak of a setting of its own.
fn clause(text: &str, place: usize) -> &str {
    let (before, after) = text.split_at_checked(place).unwrap_or((text, ""));
    let from = before.rfind(';').map_or(0, |i| i + 1);
    let to = after.find(';').map_or(text.len(), |i| place + i);
    text.get(from..to).unwrap_or(text)
}

fn edits(reading: &Reading<'_>, codes: &BTreeSet<&str>, place: usize) -> Result<Edits, CodebookError> {
    let lower = clause(reading.sentence.text, place).to_lowercase();
    let (hospital, practitioner) = (
        lower.contains("hospital") || lower.contains("facility claim"),
        lower.contains("practitioner") || lower.contains("professional"),
    );
    let settings: &[Setting] = match (hospital, practitioner) {
        (true, false) => &[Setting::Hospital],
        (false, true) => &[Setting::Practitioner],
        _ => &[Setting::Practitioner, Setting::Hospital],
    };
    let mut edits = Edits { in_force: Vec::new(), others: Vec::new(), complete: true };
    for (i, a) in codes.iter().enumerate() {
        for b in codes.iter().skip(i + 1) {
            // "No edit between A/B, C/D": only the pairs as they are written.
            let slashed = lower.contains('/')
                && codes.len() > 2
                && ![format!("{a}/{b}"), format!("{b}/{a}")]
                    .iter()
                    .any(|p| reading.sentence.text.contains(p));
            if slashed {
                continue;
            }
            let (mut kept, mut spoken) = (Vec::new(), false);
            for (n, day) in reading.days.all().enumerate() {
                let mut rows = Vec::new();
                for setting in settings {
                    let found = reading.book.ptp(*setting, a, b, day)?;
                    edits.complete &= found.complete && found.coverage.as_ref().is_some_and(|c| c.covers);
                    edits.others.extend(found.not_in_force);
                    rows.extend(found.rows);
                }
                // In force on every day that may be meant: else the sentence may be right.
                if n == 0 {
                    kept = rows;
                } else {
                    edits.others.extend(rows.iter().cloned());
                    spoken |= rows.is_empty();
                }
            }
            if spoken {
                edits.others.append(&mut kept);
            }
            edits.in_force.append(&mut kept);
        }
    }
    Ok(edits)
}
