//! Side of the diagnosis against RT and LT on the line. Coding rules, section 7.3.

use serde_json::json;

use super::finding;
use crate::codebook::{Codebook, CodebookError};
use crate::consult::claim::Claim;
use crate::domain::{CodeSystem, Evidence, Finding, Outcome};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Right,
    Left,
}

/// Warns when the diagnoses name only one side and a line carries the other.
pub(crate) fn check(claim: &Claim, book: &Codebook) -> Result<Vec<Finding>, CodebookError> {
    let mut sided: Vec<(String, Side, Option<Evidence>)> = Vec::new();
    for code in &claim.diagnoses {
        let entry = book.show(Some(CodeSystem::Icd10cm), code, claim.on)?.into_iter().next();
        if let Some((entry, side)) = entry.and_then(|e| side_of(&e.description).map(|s| (e, s))) {
            sided.push((entry.code, side, entry.evidence));
        }
    }
    let Some((code, side, evidence)) = sided.first() else { return Ok(Vec::new()) };
    if sided.iter().any(|(_, s, _)| s != side) {
        return Ok(Vec::new());
    }
    let (wrong, said) = if *side == Side::Right { ("LT", "right") } else { ("RT", "left") };
    let mut out = Vec::new();
    for line in claim.lines.iter().filter(|l| l.has(wrong)) {
        let text = format!(
            "{} carries {wrong}, but {code} is for the {said} side: compare both with the record.",
            line.code
        );
        let detail = json!({ "modifier": wrong, "diagnosis": code });
        let proof = evidence.clone().into_iter().collect();
        out.push(finding("laterality", Outcome::Warn, &[line.code.as_str(), code], detail, text, proof));
    }
    Ok(out)
}

fn side_of(description: &str) -> Option<Side> {
    let lower = description.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).collect();
    match (words.contains(&"right"), words.contains(&"left")) {
        (true, false) => Some(Side::Right),
        (false, true) => Some(Side::Left),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides() {
        assert_eq!(side_of("Pain in right knee"), Some(Side::Right));
        assert_eq!(side_of("Unilateral primary osteoarthritis, left knee"), Some(Side::Left));
        assert_eq!(side_of("Bilateral primary osteoarthritis of knee"), None);
        assert_eq!(side_of("Low back pain"), None);
    }
}
