//! Excludes1 among the diagnoses: the notes of each code and of all places above it, in both directions. "Not coded
//! here" unless the two conditions are unrelated (OCG I.A.12.a): a conflict for a person to settle, never a denial.

use serde_json::json;

use super::plain;
use crate::codebook::{CodebookError, NoteKind, excluding};
use crate::consult::claim::Claim;
use crate::consult::rules::{Tables, finding};
use crate::domain::{Finding, Outcome};

/// Every pair of different diagnoses.
pub(super) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut codes: Vec<&String> = claim.diagnoses.iter().collect();
    codes.sort_unstable();
    codes.dedup_by_key(|c| plain(c));
    let mut out = Vec::new();
    for (i, a) in codes.iter().enumerate() {
        for b in codes.iter().skip(i + 1) {
            out.extend(pair(a, b, claim, tables)?);
        }
    }
    Ok(out)
}

/// The first note by which one of two codes excludes the other. A second one says no more.
fn pair(a: &str, b: &str, claim: &Claim, tables: &Tables<'_>) -> Result<Option<Finding>, CodebookError> {
    for (code, other) in [(a, b), (b, a)] {
        let notes = tables.notes(code)?;
        let Some(coverage) = &notes.coverage else { continue };
        let excludes = excluding(code, other, &notes.value).find(|(n, _)| n.kind == NoteKind::Excludes1);
        let Some((note, in_part)) = excludes else { continue };
        let edition = &coverage.release;
        let some = if in_part { "some codes below " } else { "" };
        let at = if note.inherited { format!("{} (above {code})", note.place) } else { code.to_owned() };
        let note_text = match &note.lead {
            Some(lead) => format!("{lead} {}", note.text),
            None => note.text.clone(),
        };
        let said = format!("Excludes1 at {at} names {some}{other} (“{note_text}”)");
        let (outcome, text) = if coverage.covers {
            (
                Outcome::Warn,
                format!(
                    "{code} and {other} conflict: {said}; not reported together unless the two conditions are unrelated."
                ),
            )
        } else {
            (
                Outcome::Info,
                format!(
                    "{code} and {other} may conflict by the notes of {edition}, which do not reach {}: {said}; confirm in the Tabular List of that date. The two are reported together only if they are unrelated.",
                    claim.on
                ),
            )
        };
        let detail = json!({
            "code": code, "excluded": other, "place": note.place, "note": note_text, "edition": edition,
            "in_part": in_part, "verified": coverage.covers,
        });
        return Ok(Some(finding(
            "excludes1",
            outcome,
            &[code, other],
            detail,
            text,
            vec![note.evidence.clone()],
        )));
    }
    Ok(None)
}
