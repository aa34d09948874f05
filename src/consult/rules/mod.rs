//! The rule families, one file each. A rule takes a claim and rows of official tables and says what follows;
//! it never guesses. Rules that depend on the setting (PTP, MUE) run once for each setting that may apply.

pub(crate) mod add_on;
pub(crate) mod bypass;
pub(crate) mod coverage;
pub(crate) mod crosswalk;
pub(crate) mod diagnoses;
pub(crate) mod drug_units;
pub(crate) mod fee_status;
pub(crate) mod laterality;
pub(crate) mod modifiers;
pub(crate) mod mue;
pub(crate) mod multiple;
pub(crate) mod payment;
pub(crate) mod ptp;
mod standing;
mod tables;
pub(crate) mod therapy_time;
pub(crate) mod times;
pub(crate) mod validity;
pub(crate) mod visits;

pub(crate) use payment::allowed;
pub(crate) use standing::Standing;
pub(crate) use tables::Tables;

use crate::codebook::CodebookError;
use crate::consult::claim::Claim;
use crate::consult::guidance;
use crate::domain::{CivilDate, Evidence, Finding, Outcome, Setting};

/// The two settings of NCCI tables in words.
pub(crate) fn setting_words(setting: Setting) -> &'static str {
    match setting {
        Setting::Practitioner => "practitioner",
        Setting::Hospital => "outpatient hospital",
        Setting::Dme => "DME supplier",
    }
}

/// A claim in this setting, in words.
pub(crate) fn claim_words(setting: Setting) -> &'static str {
    match setting {
        Setting::Practitioner => "a practitioner claim",
        Setting::Hospital => "an outpatient hospital claim",
        Setting::Dme => "a DME supplier claim",
    }
}

/// Where a statement can be checked.
pub(crate) fn evidence(source: &str, release: &str, locator: impl Into<String>) -> Evidence {
    Evidence { source: source.to_owned(), release: release.to_owned(), locator: locator.into() }
}

/// Established knowledge of a manual that was not read: the manual is named, never a section of it.
pub(crate) fn established(source: &str) -> Evidence {
    evidence(source, guidance::ESTABLISHED, guidance::NOT_READ)
}

/// A finding with its parts; `detail` is the rule's own facts.
pub(crate) fn finding(
    rule: &str,
    outcome: Outcome,
    codes: &[&str],
    detail: serde_json::Value,
    statement: String,
    evidence: Vec<Evidence>,
) -> Finding {
    Finding {
        rule: rule.to_owned(),
        outcome,
        codes: codes.iter().map(|c| (*c).to_owned()).collect(),
        detail,
        statement,
        evidence,
    }
}

/// A finding that only says what a guidance note says.
pub(crate) fn advice(note_id: &str, rule: &str, codes: &[&str]) -> Option<Finding> {
    let note = guidance::note(note_id)?;
    Some(Finding { codes: codes.iter().map(|c| (*c).to_owned()).collect(), ..note.finding(rule, None) })
}

/// Whether a finding could not be verified for the date: its table does not cover it, or is not loaded.
#[must_use]
pub fn is_unverified(finding: &Finding) -> bool {
    finding.outcome == Outcome::NoData
        || finding.detail.get("verified").and_then(serde_json::Value::as_bool) == Some(false)
}

/// The rules that do not depend on the setting.
///
/// # Errors
/// The codebook cannot be read.
pub(crate) fn general(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let claim = claim.ordered();
    let mut out = validity::check(&claim, tables)?;
    let services = claim.services();
    out.extend(fee_status::check(&services, tables)?);
    out.extend(add_on::check(&services, tables)?);
    out.extend(modifiers::check(&services, tables)?);
    out.extend(laterality::check(&services, tables)?);
    out.extend(multiple::check(&services, tables)?);
    out.extend(diagnoses::check(&claim, tables)?);
    out.extend(coverage::check(&services, tables)?);
    Ok(out)
}

/// The NCCI pair and unit edits for one setting.
///
/// # Errors
/// The codebook cannot be read.
pub(crate) fn for_setting(
    claim: &Claim,
    setting: Setting,
    tables: &Tables<'_>,
) -> Result<Vec<Finding>, CodebookError> {
    let mut claim = claim.ordered().services();
    claim.setting = setting;
    let mut out = if setting == Setting::Dme { Vec::new() } else { ptp::check(&claim, tables)? };
    out.extend(mue::check(&claim, tables)?);
    out.extend(modifiers::no_notice(&claim, &out));
    if setting == Setting::Practitioner {
        let visits = visits::check(&claim, &out, tables)?;
        out.extend(visits);
    }
    Ok(out)
}

/// What is looked at in a claim as it is to be sent, and would be too much in an answer to a question: modifiers of
/// another kind of claim, the order of the diagnoses, sides left open, reminders.
///
/// # Errors
/// The codebook cannot be read.
pub(crate) fn as_claimed(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let claim = claim.ordered();
    let services = claim.services();
    let mut out = modifiers::for_setting(&services);
    out.extend(modifiers::repeated(&services));
    out.extend(modifiers::single_dose(&services));
    out.extend(diagnoses::as_claimed(&services, tables)?);
    Ok(out)
}

/// `effective`/`deletion` and other optional dates as JSON.
pub(crate) fn json_date(date: Option<CivilDate>) -> serde_json::Value {
    date.map_or(serde_json::Value::Null, |d| serde_json::Value::String(d.to_string()))
}
