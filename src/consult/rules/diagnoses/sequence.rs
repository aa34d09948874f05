//! Order of the diagnoses: etiology before manifestation ("code first", "use additional code", OCG I.A.13), sequelae
//! (I.B.10), manifestation codes never first.

use serde_json::json;

use super::{EDITION, GUIDELINES, plain};
use crate::codebook::{CodebookError, Named, NoteKind, TabularNote};
use crate::consult::claim::Claim;
use crate::consult::rules::{Tables, evidence, finding};
use crate::domain::{CodeSystem, Evidence, Finding, Outcome};

/// Every diagnosis with those before and behind it.
pub(super) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    let mut said: Vec<(&str, &str)> = Vec::new();
    for (place, code) in claim.diagnoses.iter().enumerate() {
        let notes = tables.notes(code)?;
        let Some(coverage) = &notes.coverage else { continue };
        for (other_place, other) in claim.diagnoses.iter().enumerate() {
            // "Code first X" at a code in front of X, or "use additional code X" at a code behind X.
            let (kind, first, second) = if other_place > place {
                (NoteKind::CodeFirst, other.as_str(), code.as_str())
            } else {
                (NoteKind::UseAdditional, code.as_str(), other.as_str())
            };
            if plain(other) == plain(code) || said.contains(&(first, second)) {
                continue;
            }
            let names = |n: &&TabularNote| {
                n.kind == kind && n.names(other) == Named::Whole && n.names(code) != Named::Whole
            };
            let Some(note) = notes.value.iter().find(names) else { continue };
            said.push((first, second));
            let outcome = if coverage.covers && claim.dx_in_order { Outcome::Warn } else { Outcome::Info };
            let confirm = if coverage.covers {
                String::new()
            } else {
                format!(" (notes of {}: confirm in the Tabular List of {})", coverage.release, claim.on)
            };
            let text = format!("{first} goes before {second}: “{}” at {}{confirm}.", whole(note), note.place);
            let detail = json!({ "first": first, "second": second, "edition": coverage.release, "verified": coverage.covers });
            out.push(finding(
                "sequence",
                outcome,
                &[first, second],
                detail,
                text,
                vec![note.evidence.clone()],
            ));
        }
    }
    out.extend(manifestation_first(claim, tables)?);
    out.extend(aftercare_of_injury(claim, tables)?);
    Ok(out)
}

fn whole(note: &TabularNote) -> String {
    let lead = note.lead.as_ref().map_or(String::new(), |l| format!("{l} "));
    format!("{}: {lead}{}", note.kind.title(), note.text)
}

/// A code "in diseases classified elsewhere" is never the first, nor alone.
fn manifestation_first(claim: &Claim, tables: &Tables<'_>) -> Result<Option<Finding>, CodebookError> {
    let Some(code) = claim.diagnoses.first().filter(|_| claim.dx_in_order) else { return Ok(None) };
    let entry = tables.entry(CodeSystem::Icd10cm, code)?;
    if !entry.description.to_lowercase().contains("in diseases classified elsewhere") {
        return Ok(None);
    }
    let text = format!(
        "{code} (“{}”) is a manifestation: the disease behind it is listed first, it is never first or alone.",
        entry.description
    );
    let mut proofs: Vec<Evidence> = entry.evidence.clone().into_iter().collect();
    proofs.push(evidence(GUIDELINES, EDITION, "I.A.13"));
    Ok(Some(finding("sequence", Outcome::Warn, &[code], json!({ "verified": true }), text, proofs)))
}

/// Aftercare Z codes do not go with an injury code: its 7th character says it (I.C.21.c.7).
fn aftercare_of_injury(claim: &Claim, tables: &Tables<'_>) -> Result<Option<Finding>, CodebookError> {
    let aftercare = |c: &&String| ["Z47", "Z48"].iter().any(|z| c.starts_with(z));
    let injury = |c: &&String| {
        let code = plain(c);
        code.starts_with('S') && code.len() == 7 && !code.ends_with('A')
    };
    let (Some(z), Some(s)) = (claim.diagnoses.iter().find(aftercare), claim.diagnoses.iter().find(injury))
    else {
        return Ok(None);
    };
    let entry = tables.entry(CodeSystem::Icd10cm, z)?;
    let text = format!(
        "{z} is aftercare, and {s} is an injury whose 7th character says so already: for the aftercare of an injury the injury code alone is reported."
    );
    let mut proofs = vec![evidence(GUIDELINES, EDITION, "I.C.21.c.7")];
    proofs.extend(entry.evidence.clone());
    Ok(Some(finding("sequence", Outcome::Warn, &[z, s], json!({ "verified": true }), text, proofs)))
}
