//! A diagnosis that leaves the side open although there are codes for each side (OCG I.B.13).

use serde_json::json;

use super::{EDITION, GUIDELINES, plain};
use crate::codebook::CodebookError;
use crate::consult::claim::Claim;
use crate::consult::rules::{Tables, evidence, finding};
use crate::domain::{CodeStatus, CodeSystem, Finding, Outcome};

/// Every valid diagnosis with "unspecified" in its text, of which a code for the right or left side exists. If a line
/// names the side, the record knows it.
pub(super) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out: Vec<Finding> = Vec::new();
    for code in &claim.diagnoses {
        let entry = tables.entry(CodeSystem::Icd10cm, code)?;
        let text = entry.description.to_lowercase();
        if entry.status != CodeStatus::Valid || !text.contains("unspecified") {
            continue;
        }
        let Some(sided) = with_side(code, &text, tables)? else { continue };
        let line = claim.lines.iter().find(|l| ["RT", "LT", "50"].iter().any(|m| l.has(m)));
        let (outcome, said) = match line {
            Some(line) => (
                Outcome::Warn,
                format!(
                    "{} names the side, {code} leaves it open: the code of the side is {}",
                    line.written(),
                    sided.join(" or ")
                ),
            ),
            None => (
                Outcome::Info,
                format!("{code} leaves the side open; if the record has it: {}", sided.join(" or ")),
            ),
        };
        let mut proofs: Vec<_> = entry.evidence.clone().into_iter().collect();
        proofs.push(evidence(GUIDELINES, EDITION, "I.B.13"));
        let detail = json!({ "sided": sided, "verified": entry.coverage.as_ref().is_some_and(|c| c.covers) });
        let f = finding("laterality", outcome, &[code], detail, format!("{said}."), proofs);
        if !out.contains(&f) {
            out.push(f);
        }
    }
    Ok(out)
}

/// The codes whose texts say "right" and "left" where this one says "unspecified". The side stands in the last place
/// of a code, or in the sixth before a 7th character.
fn with_side(code: &str, text: &str, tables: &Tables<'_>) -> Result<Option<Vec<String>>, CodebookError> {
    let bare = plain(code);
    let mut found = Vec::new();
    for place in [5, 4, 3].into_iter().filter(|p| *p < bare.len()) {
        for (digit, side) in [('1', "right"), ('2', "left")] {
            let other: String =
                bare.chars().enumerate().map(|(i, c)| if i == place { digit } else { c }).collect();
            if other == bare {
                continue;
            }
            let entry = tables.entry(CodeSystem::Icd10cm, &other)?;
            let theirs = entry.description.to_lowercase();
            let same = text.match_indices("unspecified").any(|(at, word)| {
                let (head, tail) =
                    (text.get(..at).unwrap_or_default(), text.get(at + word.len()..).unwrap_or_default());
                theirs == format!("{head}{side}{tail}")
            });
            if entry.status == CodeStatus::Valid && same {
                found.push(format!("{} ({side})", entry.code));
            }
        }
        if !found.is_empty() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
