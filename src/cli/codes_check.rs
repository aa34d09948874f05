//! `codes check`: the rules on a claim as typed, for example `63020-50x1 63030-51 --dx M50.121`.

use std::io::Write;

use crate::codebook::{Codebook, CodebookError, CoverageArea};
use crate::consult::claim::{Claim, ClaimError};
use crate::consult::{ConsultError, allowed, check, citation};
use crate::desk::lookup::{LocalityError, checked, locality, worst_first};
use crate::domain::{CivilDate, Setting};

/// Options of `codes check`.
#[derive(Debug, clap::Args)]
pub struct CodesCheck {
    /// Service lines: `CODE[-MODIFIER]…[xUNITS]`, up to four modifiers, for example 63020-50x1.
    #[arg(required = true, value_name = "CODE[-MOD]…[xN]")]
    pub lines: Vec<String>,
    /// A diagnosis (ICD-10-CM); may be given several times.
    #[arg(long = "dx", value_name = "CODE")]
    pub diagnoses: Vec<String>,
    /// Date of service, YYYY-MM-DD; without it today.
    #[arg(long, value_name = "DATE")]
    pub on: Option<CivilDate>,
    /// Which NCCI tables apply: practitioner (also ASC), hospital (outpatient facility), dme.
    #[arg(long, default_value = "practitioner")]
    pub setting: Setting,
    /// Where: a state (`WI`) or a Medicare contractor (`NGS J6`), whose coverage documents hold.
    #[arg(long, value_name = "STATE|MAC")]
    pub area: Option<String>,
    /// Add what Medicare's fee schedule allows, here: `10112/00`, a state, a part of the name, or `national`.
    #[arg(long, value_name = "LOCALITY")]
    pub locality: Option<String>,
    /// Print one JSON value and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// Why a claim was not checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A line cannot be read.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The locality.
    #[error(transparent)]
    Locality(#[from] LocalityError),
    /// The area.
    #[error("`{0}` is no state and no Medicare contractor: write `--area WI`, or `--area \"NGS J6\"`")]
    Area(String),
    /// The codebook failed.
    #[error(transparent)]
    Codebook(#[from] CodebookError),
    /// The rules failed.
    #[error(transparent)]
    Consult(#[from] ConsultError),
    /// The output could not be written.
    #[error("the findings could not be written: {0}")]
    Write(#[from] std::io::Error),
    /// The findings are no JSON.
    #[error("the findings could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Checks the claim and writes what the rules say. A denial is a finding, not an error.
///
/// # Errors
/// A line cannot be read, the codebook cannot be read, or `out` cannot be written to.
pub fn run(
    options: &CodesCheck,
    book: &Codebook,
    today: CivilDate,
    out: &mut dyn Write,
) -> Result<(), CheckError> {
    let on = options.on.unwrap_or(today);
    let mut claim = Claim::read(&options.lines, &options.diagnoses, options.setting, on)?;
    if let Some(text) = &options.area {
        let unknown = || CheckError::Area(text.chars().take(40).collect());
        claim.area = Some(CoverageArea::read(text).ok_or_else(unknown)?);
    }
    let mut findings = check(&claim, book)?;
    if let Some(query) = &options.locality {
        let locality = locality(book, query, on)?;
        findings.extend(allowed(&claim, locality.as_ref(), book)?);
    }
    if options.json {
        serde_json::to_writer(&mut *out, &checked(&claim, findings))?;
        writeln!(out)?;
    } else {
        let mut sorted = findings;
        worst_first(&mut sorted);
        for f in &sorted {
            let rows: Vec<String> = f.evidence.iter().map(citation).collect();
            let rests_on = if rows.is_empty() { String::new() } else { format!(" [{}]", rows.join("; ")) };
            writeln!(out, "{:<10} {:<17} {}{rests_on}", f.outcome.as_str(), f.rule, f.statement)?;
        }
    }
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_checked_in_json() {
        let book = Codebook::starter().unwrap();
        let options = CodesCheck {
            lines: vec!["23412-RT".into(), "29826-RT".into()],
            diagnoses: vec!["M75.121".into()],
            on: Some("2024-08-20".parse().unwrap()),
            setting: Setting::Practitioner,
            area: None,
            locality: None,
            json: true,
        };
        let mut out = Vec::new();
        run(&options, &book, "2026-01-05".parse().unwrap(), &mut out).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["on"], "2024-08-20");
        assert_eq!(json["setting"], "practitioner");
        let add_on = json["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "add_on").unwrap();
        assert_eq!(add_on["outcome"], "deny");
        let ptp = json["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "ptp").unwrap();
        assert_eq!(ptp["detail"]["indicator"], "1");
        let bad = CodesCheck { lines: vec!["6302".into()], ..options };
        assert!(run(&bad, &book, "2026-01-05".parse().unwrap(), &mut Vec::new()).is_err());
    }
}
