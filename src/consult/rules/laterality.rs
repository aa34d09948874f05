//! Side of the diagnoses against the side that a line names. Coding rules, section 7.3.

use serde_json::json;

use super::{Tables, finding};
use crate::codebook::CodebookError;
use crate::consult::claim::{Claim, Line};
use crate::domain::{CodeSystem, Evidence, Finding, Outcome};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Right,
    Left,
}

impl Side {
    fn word(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Left => "left",
        }
    }
}

/// Warns when the diagnoses name only one side and a line carries the other, or both.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut sided: Vec<(String, Side, Option<Evidence>)> = Vec::new();
    let mut both = false;
    for code in &claim.diagnoses {
        let entry = tables.entry(CodeSystem::Icd10cm, code)?;
        both |= entry.description.to_lowercase().contains("bilateral");
        if let Some(side) = side_of(&entry.description) {
            sided.push((entry.code.clone(), side, entry.evidence.clone()));
        }
    }
    // The order of the diagnoses changes nothing.
    sided.sort_by(|a, b| a.0.cmp(&b.0));
    let Some((code, side, evidence)) = sided.first() else { return Ok(Vec::new()) };
    if both || sided.iter().any(|(_, s, _)| s != side) {
        return Ok(Vec::new());
    }
    let said = side.word();
    let mut out = Vec::new();
    for line in &claim.lines {
        let (modifier, text) = if line.has("50") {
            let text = format!(
                "{} carries 50, both sides, but {code} is for the {said} side alone: a bilateral procedure needs a diagnosis of each side.",
                line.code
            );
            ("50", text)
        } else if let Some((wrong, other)) = other_side(line, *side) {
            let text = format!(
                "{} carries {wrong}{other}, but {code} is for the {said} side: compare both with the record.",
                line.code
            );
            (wrong, text)
        } else {
            continue;
        };
        let detail = json!({ "modifier": modifier, "diagnosis": code, "side": said });
        let proof = evidence.clone().into_iter().collect();
        let f = finding("laterality", Outcome::Warn, &[line.code.as_str(), code], detail, text, proof);
        if !out.contains(&f) {
            out.push(f);
        }
    }
    Ok(out)
}

/// The modifier of a line that names the other side, with that side where the modifier does not say it by itself.
fn other_side(line: &Line, side: Side) -> Option<(&str, &'static str)> {
    line.modifiers.iter().find_map(|m| {
        let named = side_of_modifier(m)?;
        let words = match (named == side, m.as_str()) {
            (true, _) => return None,
            (_, "RT" | "LT") => "",
            (_, _) if named == Side::Right => " (right)",
            _ => " (left)",
        };
        Some((m.as_str(), words))
    })
}

/// The side of an anatomic modifier: RT and LT, eyelids, fingers and toes.
fn side_of_modifier(modifier: &str) -> Option<Side> {
    match modifier {
        "RT" | "E3" | "E4" | "F5" | "F6" | "F7" | "F8" | "F9" | "T5" | "T6" | "T7" | "T8" | "T9" => {
            Some(Side::Right)
        }
        "LT" | "E1" | "E2" | "FA" | "F1" | "F2" | "F3" | "F4" | "TA" | "T1" | "T2" | "T3" | "T4" => {
            Some(Side::Left)
        }
        _ => None,
    }
}

/// The side in an official text. The left ventricle and the right bundle are no sides of the body.
fn side_of(description: &str) -> Option<Side> {
    let lower = description.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).collect();
    if words.iter().any(|w| ["ventricular", "ventricle", "bundle", "heart", "atrial", "anterior"].contains(w))
    {
        return None;
    }
    match (words.contains(&"right"), words.contains(&"left")) {
        (true, false) => Some(Side::Right),
        (false, true) => Some(Side::Left),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Codebook;

    #[test]
    fn sides() {
        assert_eq!(side_of("Pain in right knee"), Some(Side::Right));
        assert_eq!(side_of("Unilateral primary osteoarthritis, left knee"), Some(Side::Left));
        assert_eq!(side_of("Bilateral primary osteoarthritis of knee"), None);
        assert_eq!(side_of("Low back pain"), None);
        assert_eq!(side_of("Left ventricular failure, unspecified"), None);
    }

    #[test]
    fn fingers_toes_and_eyelids_have_a_side() {
        for (modifier, side) in [
            ("FA", Side::Left),
            ("F5", Side::Right),
            ("TA", Side::Left),
            ("T5", Side::Right),
            ("E3", Side::Right),
        ] {
            assert_eq!(side_of_modifier(modifier), Some(side), "{modifier}");
        }
        assert_eq!(side_of_modifier("59"), None);
    }

    /// M25.561 is the right knee.
    #[test]
    fn a_line_for_the_other_side_or_both_is_compared_with_the_record() {
        let book = Codebook::starter().unwrap();
        let warned = |line: &str| {
            let on = "2024-08-15".parse().unwrap();
            let lines = vec![Line::parse(line).unwrap()];
            let claim = Claim { diagnoses: vec!["M25.561".into()], ..Claim::of(lines, on) };
            check(&claim, &Tables::new(&book, on)).unwrap().len()
        };
        assert_eq!(warned("20610-LT"), 1);
        assert_eq!(warned("20610-50"), 1);
        assert_eq!(warned("20610-RT"), 0);
        assert_eq!(warned("20610"), 0);
    }
}
