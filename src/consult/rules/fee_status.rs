//! What the Medicare fee schedule says of a code: its status, and its indicators in words. Coding rules, section 4.

use serde_json::json;

use super::{Standing, Tables, evidence, finding};
use crate::codebook::{CodebookError, Dated, FeeRow};
use crate::consult::claim::Claim;
use crate::domain::{Finding, Outcome};

const SOURCE: &str = "Medicare physician fee schedule (PPRRVU)";

/// Every code of the claim.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    for code in claim.codes() {
        out.extend(judge(code, &*tables.fee(code)?, claim));
    }
    Ok(out)
}

/// The evidence of a fee row.
pub(crate) fn proof(code: &str, row: &Dated<Option<FeeRow>>) -> crate::domain::Evidence {
    let release = Standing::of(row.coverage.as_ref()).release();
    row.evidence.clone().unwrap_or_else(|| evidence(SOURCE, release, format!("row {code}")))
}

/// Status and indicators of one code. A code without a row has no finding.
pub(crate) fn judge(code: &str, row: &Dated<Option<FeeRow>>, claim: &Claim) -> Vec<Finding> {
    let Some(fee) = &row.value else { return Vec::new() };
    let standing = Standing::of(row.coverage.as_ref());
    let verified = standing.is_within();
    let caveat = standing.caveat(claim.on);
    let mut out = Vec::new();
    if let Some(outcome) = status_outcome(fee.status) {
        let outcome = if verified { outcome } else { Outcome::Info };
        let not_meant = match fee.status {
            'E' | 'X' => ", so this is not a statement that it is not covered",
            _ => "",
        };
        let text = format!(
            "{caveat}{code} has Medicare fee schedule status {}: {}{not_meant}.",
            fee.status,
            fee.status_words()
        );
        let detail = json!({ "status": fee.status.to_string(), "verified": verified });
        out.push(finding("fee_status", outcome, &[code], detail, text, vec![proof(code, row)]));
    }
    let words = indicator_words(fee);
    if !words.is_empty() && matches!(fee.status, 'A' | 'R' | 'T' | 'C') {
        let text = format!("{caveat}{code} in the Medicare fee schedule: {}.", words.join("; "));
        let detail = json!({
            "global": fee.global_days, "multiple": fee.multiple, "bilateral": fee.bilateral,
            "assistant": fee.assistant, "pctc": fee.pctc, "verified": verified,
        });
        out.push(finding("indicators", Outcome::Info, &[code], detail, text, vec![proof(code, row)]));
    }
    out
}

/// What follows from a status other than "active". E, I and X are never "not covered".
fn status_outcome(status: char) -> Option<Outcome> {
    Some(match status {
        'B' | 'N' => Outcome::Deny,
        'I' | 'P' => Outcome::Warn,
        'C' | 'E' | 'J' | 'M' | 'R' | 'T' | 'X' => Outcome::Info,
        _ => return None,
    })
}

fn indicator_words(fee: &FeeRow) -> Vec<String> {
    let mut out = Vec::new();
    let global = match fee.global_days.as_str() {
        "000" => "global period 000 (the day itself)",
        "010" => "global period 010 (11 days in all)",
        "090" => "global period 090 (the day before, the day, 90 days after)",
        "MMM" => "maternity global package",
        "YYY" => "global period set by the contractor",
        "ZZZ" => "global period ZZZ (goes with its primary)",
        _ => "",
    };
    let multiple = match fee.multiple.as_str() {
        "2" => "multiple-procedure indicator 2 (100 %, then 50 % each)",
        "3" => "multiple-procedure indicator 3 (endoscopy family rule)",
        "4" => "multiple-procedure indicator 4 (imaging)",
        "5" => "multiple-procedure indicator 5 (therapy: practice expense halved after the first unit)",
        "6" => "multiple-procedure indicator 6 (cardiovascular)",
        "7" => "multiple-procedure indicator 7 (ophthalmology)",
        _ => "",
    };
    let bilateral = match fee.bilateral.as_str() {
        "1" => "bilateral indicator 1 (modifier 50 pays 150 %)",
        "2" => "bilateral indicator 2 (already bilateral)",
        "3" => "bilateral indicator 3 (100 % for each side)",
        "0" if fee.global_days != "XXX" => "bilateral indicator 0 (no 150 %)",
        _ => "",
    };
    let assistant = match fee.assistant.as_str() {
        "0" if fee.global_days == "090" => "assistant at surgery only with documentation",
        "1" if fee.global_days == "090" => "assistant at surgery never paid",
        "2" => "assistant at surgery paid",
        _ => "",
    };
    for part in [global, multiple, bilateral, assistant] {
        if !part.is_empty() {
            out.push(part.to_owned());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excluded_is_never_called_not_covered() {
        for status in ['E', 'I', 'X'] {
            assert_ne!(status_outcome(status), Some(Outcome::Deny), "{status}");
        }
        assert_eq!((status_outcome('A'), status_outcome('N')), (None, Some(Outcome::Deny)));
    }
}
