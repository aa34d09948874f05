//! JW and JZ: required on drugs from single-dose containers since 2023-07-01. Whether a container was one, only the record
//! says, so that they are missing is a reminder.

use serde_json::json;

use super::{CLAIMS, is_drug};
use crate::consult::claim::Claim;
use crate::consult::rules::{established, finding};
use crate::domain::{CivilDate, Finding, Outcome};

/// The drugs of a claim that carry neither.
pub(crate) fn single_dose(claim: &Claim) -> Option<Finding> {
    if CivilDate::new(2023, 7, 1).is_none_or(|first| claim.on < first) {
        return None;
    }
    let codes = claim.codes();
    let bare: Vec<&str> = codes
        .into_iter()
        .filter(|code| is_drug(code) && code.starts_with(['J', 'Q']))
        .filter(|code| !claim.lines_of(code).any(|l| l.has("JW") || l.has("JZ")))
        .collect();
    if bare.is_empty() {
        return None;
    }
    let text = format!(
        "{}: if from a single-dose container, JZ (nothing discarded) or a second line with JW (discarded units) is required since 2023-07-01; neither goes on a multi-dose container.",
        bare.join(", ")
    );
    let detail = json!({ "modifier": "JZ", "verified": true });
    Some(finding("modifier_advice", Outcome::Info, &bare, detail, text, vec![established(CLAIMS)]))
}
