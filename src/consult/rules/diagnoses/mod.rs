//! The diagnoses of a claim among themselves: excluded pairs, order, 7th characters, sides. Coding rules, section 7.

mod excludes;
mod first_listed;
mod sequence;
mod seventh;
mod unspecified;

use serde_json::json;

use super::{Tables, evidence, finding};
use crate::codebook::CodebookError;
use crate::consult::claim::Claim;
use crate::domain::{Finding, Outcome};

#[cfg(test)]
pub(crate) use first_listed::is_well_formed;

const GUIDELINES: &str = "ICD-10-CM Official Guidelines for Coding and Reporting";
const EDITION: &str = "FY2026";

/// What holds for any diagnoses that are named together, in whatever order.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = excludes::check(claim, tables)?;
    out.extend(seventh::check(claim, tables)?);
    Ok(out)
}

/// What holds for the diagnoses of a claim as it is sent: their order, repetitions, sides left open.
pub(crate) fn as_claimed(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = repeated(claim);
    out.extend(first_listed::check(claim));
    out.extend(sequence::check(claim, tables)?);
    out.extend(unspecified::check(claim, tables)?);
    Ok(out)
}

/// A diagnosis is reported once (I.B.12).
fn repeated(claim: &Claim) -> Vec<Finding> {
    let mut out = Vec::new();
    for (i, code) in claim.diagnoses.iter().enumerate() {
        let same = |other: &&String| plain(other) == plain(code);
        let before = claim.diagnoses.iter().take(i).filter(same).count();
        if before == 1 {
            let text = format!("{code} stands more than once among the diagnoses: each is reported once.");
            let proof = evidence(GUIDELINES, EDITION, "I.B.12");
            let detail = json!({ "verified": true });
            out.push(finding("diagnosis_repeated", Outcome::Warn, &[code], detail, text, vec![proof]));
        }
    }
    out
}

/// A diagnosis without its dot.
fn plain(code: &str) -> String {
    code.replace('.', "")
}

#[cfg(test)]
mod tests;
