//! 7th characters: missing, not defined for the category, or without the placeholder X before them (OCG I.A.4, I.A.5).

use serde_json::json;

use super::plain;
use crate::codebook::{CodeEntry, CodebookError, SeventhCharacters};
use crate::consult::claim::Claim;
use crate::consult::rules::{Standing, Tables, finding};
use crate::domain::{CodeStatus, CodeSystem, Finding, Outcome};

/// Every diagnosis that is not valid as it stands.
pub(super) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    let mut seen: Vec<&String> = Vec::new();
    for code in &claim.diagnoses {
        if seen.contains(&code) {
            continue;
        }
        seen.push(code);
        let entry = tables.entry(CodeSystem::Icd10cm, code)?;
        if !matches!(entry.status, CodeStatus::Header | CodeStatus::Unknown) || !entry.complete {
            continue;
        }
        out.extend(judge(code, &entry, claim, tables)?);
    }
    Ok(out)
}

fn judge(
    code: &str,
    entry: &CodeEntry,
    claim: &Claim,
    tables: &Tables<'_>,
) -> Result<Option<Finding>, CodebookError> {
    let found = tables.book.seventh_characters(code, claim.on)?;
    let (Some(defined), Some(coverage)) = (&found.value, &found.coverage) else { return Ok(None) };
    let standing = Standing::of(Some(coverage));
    let bare = plain(code);
    let is_code = |whole: &str| -> Result<bool, CodebookError> {
        Ok(tables.entry(CodeSystem::Icd10cm, whole)?.status == CodeStatus::Valid)
    };
    let (what, text) = if entry.status == CodeStatus::Header {
        // Headings higher up lack more than the 7th character; their children are named by the validity finding.
        let mut made = Vec::new();
        for c in &defined.characters {
            if let Some(whole) = defined.complete(code, &c.character)
                && is_code(&whole)?
            {
                made.push(format!("{whole} ({})", c.meaning));
            }
        }
        if made.is_empty() {
            return Ok(None);
        }
        ("missing", format!("{code} lacks its 7th character: {}", made.join(", ")))
    } else if let Some(last) = bare.get(6..7) {
        if defined.characters.iter().any(|c| c.character == last) {
            return Ok(None);
        }
        (
            "not_defined",
            format!("{last} is not a 7th character of {}: defined are {}", defined.place, list(defined)),
        )
    } else {
        // A 7th character in the place of an earlier one: S02.0A for S02.0XXA.
        let (Some(stem), Some(last)) =
            (bare.get(..bare.len().saturating_sub(1)), bare.get(bare.len().saturating_sub(1)..))
        else {
            return Ok(None);
        };
        match defined.complete(stem, last) {
            Some(whole) if is_code(&whole)? => {
                ("placeholder", format!("{code} lacks the placeholder X before its 7th character: {whole}"))
            }
            _ => return Ok(None),
        }
    };
    let within = standing.is_within();
    // The order file denies it by itself; the definition says what to write instead.
    let outcome =
        if entry.coverage.as_ref().is_some_and(|c| c.covers) { Outcome::Deny } else { Outcome::Info };
    let by = if within {
        String::new()
    } else {
        format!(" (definition of {}: confirm in the Tabular List of {})", coverage.release, claim.on)
    };
    let characters: Vec<_> = defined
        .characters
        .iter()
        .map(|c| json!({ "character": c.character, "meaning": c.meaning }))
        .collect();
    let detail = json!({
        "fault": what, "place": defined.place, "characters": characters, "edition": coverage.release,
        "verified": outcome == Outcome::Deny,
    });
    let proofs = found.evidence.clone().into_iter().chain(entry.evidence.clone()).collect();
    Ok(Some(finding("seventh_character", outcome, &[code], detail, format!("{text}{by}."), proofs)))
}

/// The characters with their meanings.
fn list(defined: &SeventhCharacters) -> String {
    let all: Vec<String> =
        defined.characters.iter().map(|c| format!("{} ({})", c.character, c.meaning)).collect();
    all.join(", ")
}
