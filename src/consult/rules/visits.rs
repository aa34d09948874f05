//! A visit on the day of a procedure with a global period. NCCI holds no edits for all of these pairs, because the
//! contractors have their own (NCCI Policy Manual, ch. I §D): where no edit is found, the rule still holds.

use serde_json::json;

use super::{Tables, advice, fee_status, finding};
use crate::codebook::CodebookError;
use crate::consult::claim::Claim;
use crate::consult::guidance::{is_evaluation, note};
use crate::domain::{Finding, Outcome};

/// Every visit of the claim with every procedure, unless a pair edit already says which modifier is needed.
pub(crate) fn check(
    claim: &Claim,
    pairs: &[Finding],
    tables: &Tables<'_>,
) -> Result<Vec<Finding>, CodebookError> {
    let codes = claim.codes();
    let mut out = Vec::new();
    for visit in codes.iter().filter(|c| is_evaluation(c)) {
        for procedure in codes.iter().filter(|c| !is_evaluation(c)) {
            let edit = |f: &Finding| {
                f.rule == "ptp"
                    && f.codes.iter().any(|c| c == visit)
                    && f.codes.iter().any(|c| c == procedure)
                    && !matches!(f.detail.get("indicator"), None | Some(serde_json::Value::Null))
            };
            if pairs.iter().any(edit) {
                continue;
            }
            let row = tables.fee(procedure)?;
            let Some(fee) = &row.value else { continue };
            let days = fee.global_days.as_str();
            let wanted: &[&str] = match days {
                "090" => &["57", "24", "25"],
                "000" | "010" => &["25", "24"],
                _ => continue,
            };
            let carried = claim.lines_of(visit).any(|l| wanted.iter().any(|m| l.has(m)));
            let first = wanted.first().copied().unwrap_or_default();
            let outcome = if carried { Outcome::Info } else { Outcome::Warn };
            let when = if days == "090" {
                "if the operation was decided on at that visit"
            } else {
                "if it is significant and separate from the procedure"
            };
            let text = format!(
                "{visit} on the day of {procedure} (global period {days}) is paid only with modifier {first}, {when}; NCCI holds no edit for this, because the contractors have their own."
            );
            let id = if days == "090" { "em-57" } else { "em-25" };
            let mut proofs = vec![fee_status::proof(procedure, &row)];
            proofs.extend(note(id).map(crate::consult::guidance::Note::evidence));
            let detail =
                json!({ "modifier": first, "carried": carried, "setting": claim.setting, "verified": true });
            out.push(finding("modifier", outcome, &[visit, procedure], detail, text, proofs));
            out.extend(advice(id, "ptp_advice", &[visit, procedure]));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Codebook;
    use crate::consult::claim::Line;

    /// 99204 with 63030: no pair edit, and still 57 for the decision to operate.
    #[test]
    fn a_visit_with_a_major_procedure_needs_57() {
        let book = Codebook::starter().unwrap();
        let outcomes = |lines: &[&str]| -> Vec<Outcome> {
            let lines = lines.iter().map(|l| Line::parse(l).unwrap()).collect();
            let claim = Claim::of(lines, "2024-09-05".parse().unwrap());
            let found = crate::consult::check(&claim, &book).unwrap();
            found.into_iter().filter(|f| f.rule == "modifier").map(|f| f.outcome).collect()
        };
        assert_eq!(outcomes(&["99204", "63030"]), [Outcome::Warn]);
        assert_eq!(outcomes(&["99204-57", "63030"]), [Outcome::Info]);
        // The pair edit 20610/99213 says it already.
        assert!(outcomes(&["99213", "20610"]).is_empty());
    }
}
