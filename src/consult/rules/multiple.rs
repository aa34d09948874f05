//! Several procedures of one session: which is paid in full (multiple-procedure indicator 2). Coding rules, section 4.

use serde_json::json;

use super::{Standing, Tables, fee_status, finding};
use crate::codebook::{CodebookError, FeeRow};
use crate::consult::claim::Claim;
use crate::domain::{Finding, Outcome};

/// Ranks the procedures with indicator 2 by their relative value.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut ranked = Vec::new();
    let mut caveat = String::new();
    let mut verified = true;
    for code in claim.codes() {
        let row = tables.fee(code)?;
        if let Some(fee) = row.value.as_ref().filter(|f| f.multiple == "2") {
            let standing = Standing::of(row.coverage.as_ref());
            verified &= standing.is_within();
            caveat = standing.caveat(claim.on);
            ranked.push((total(fee), code.to_owned(), fee_status::proof(code, &row)));
        }
    }
    if ranked.len() < 2 {
        return Ok(Vec::new());
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let codes: Vec<&str> = ranked.iter().map(|r| r.1.as_str()).collect();
    let Some((first, rest)) = codes.split_first() else { return Ok(Vec::new()) };
    let values: Vec<String> = ranked.iter().map(|r| format!("{} {:.2}", r.1, r.0)).collect();
    let text = format!(
        "{caveat}the multiple-procedure rule (indicator 2) pays {first} at 100 % and {} at 50 % (total facility RVUs: {}).",
        rest.join(", "),
        values.join(", ")
    );
    let text = text.strip_prefix("the ").map_or(text.clone(), |t| format!("The {t}"));
    let detail = json!({ "order": codes, "verified": verified });
    let proofs = ranked.iter().map(|r| r.2.clone()).collect();
    Ok(vec![finding("multiple_procedures", Outcome::Info, &codes, detail, text, proofs)])
}

fn total(fee: &FeeRow) -> f64 {
    [fee.work_rvu, fee.pe_facility, fee.mp_rvu].iter().flatten().sum()
}
