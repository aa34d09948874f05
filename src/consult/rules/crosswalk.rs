//! What stands in the place of a code: the targets of an ICD-9-CM code by the general equivalence mappings, all of them,
//! and what the tables name for a code that has ended. Coding rules, section 7.9.

use serde_json::json;

use super::{Standing, finding};
use crate::codebook::{CodeEntry, Codebook, CodebookError, MapSystem, Succession};
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence, Finding, Outcome};

/// So many codes below a heading are named.
const BELOW: usize = 8;

/// The ICD-10-CM targets of ICD-9-CM codes, with their entries on the date.
///
/// # Errors
/// The codebook cannot be read.
pub(crate) fn from_icd9(
    codes: &[String],
    on: CivilDate,
    book: &Codebook,
) -> Result<(Vec<Finding>, Vec<CodeEntry>), CodebookError> {
    let (mut findings, mut entries) = (Vec::new(), Vec::new());
    for code in codes {
        let found = book.gems(MapSystem::Icd9cm, code, on)?;
        let standing = Standing::of(found.coverage.as_ref());
        let targets: Vec<&str> = found.value.iter().filter_map(|t| t.target.as_deref()).collect();
        let detail =
            json!({ "icd9": code, "targets": targets, "verified": !matches!(standing, Standing::NoData) });
        if let Standing::NoData = standing {
            let text = format!(
                "{code} (ICD-9-CM): no general equivalence mapping is loaded, so its ICD-10-CM codes are not verified here."
            );
            findings.push(finding("crosswalk", Outcome::NoData, &[code], detail, text, vec![]));
            continue;
        }
        let mut said: Vec<String> = Vec::new();
        let mut proofs: Vec<Evidence> = found.value.iter().map(|t| t.evidence.clone()).collect();
        for target in &targets {
            let Some(entry) = book.show(Some(CodeSystem::Icd10cm), target, on)?.into_iter().next() else {
                continue;
            };
            match entry.status {
                CodeStatus::Valid => {
                    said.push((*target).to_owned());
                    entries.push(entry);
                }
                CodeStatus::Header => {
                    let below = book.children(CodeSystem::Icd10cm, target, on, BELOW)?;
                    let below: Vec<CodeEntry> =
                        below.into_iter().filter(|e| e.status == CodeStatus::Valid).collect();
                    let names: Vec<&str> = below.iter().map(|e| e.code.as_str()).collect();
                    said.push(format!("{target} (no longer billable, now {})", names.join(", ")));
                    proofs.extend(below.iter().filter_map(|e| e.evidence.clone()));
                    entries.extend(below);
                }
                _ => said.push(format!("{target} (not billable on {on})")),
            }
        }
        let text = if said.is_empty() {
            format!("{code} (ICD-9-CM): the general equivalence mappings name no ICD-10-CM code for it.")
        } else {
            let near = found.value.iter().any(|t| t.approximate);
            let near = if near { ", approximate: choose by the record" } else { "" };
            format!(
                "{code} (ICD-9-CM) is in ICD-10-CM: {} (general equivalence mappings{near}).",
                said.join(" or ")
            )
        };
        if proofs.is_empty() {
            proofs.extend(found.evidence);
        }
        let outcome = if proofs.is_empty() { Outcome::NoData } else { Outcome::Info };
        findings.push(finding("crosswalk", outcome, &[code], detail, text, proofs));
    }
    Ok((findings, entries))
}

/// What the tables name in the place of codes that have ended on the date.
///
/// # Errors
/// The codebook cannot be read.
pub(crate) fn successors(
    ended: &[CodeEntry],
    on: CivilDate,
    book: &Codebook,
) -> Result<(Vec<Finding>, Vec<CodeEntry>), CodebookError> {
    let (mut findings, mut entries) = (Vec::new(), Vec::new());
    for entry in ended.iter().filter(|e| e.status == CodeStatus::Ended) {
        let found = book.successors(entry.system, &entry.code, on)?;
        let known: Vec<CodeEntry> = found
            .iter()
            .filter(|s| s.why != Succession::Below && s.entry.status == CodeStatus::Valid)
            .map(|s| s.entry.clone())
            .collect();
        let names: Vec<&str> = known.iter().map(|e| e.code.as_str()).collect();
        let proofs: Vec<Evidence> = known.iter().chain([entry]).filter_map(|e| e.evidence.clone()).collect();
        if names.is_empty() || proofs.is_empty() {
            continue;
        }
        let text = format!("In the place of {} the code file names {}.", entry.code, names.join(", "));
        let detail = json!({ "ended": entry.code, "successors": names });
        findings.push(finding("crosswalk", Outcome::Info, &[&entry.code], detail, text, proofs));
        entries.extend(known);
    }
    Ok((findings, entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_mappings_nothing_is_guessed() {
        let book = Codebook::starter().unwrap();
        let on = "2026-01-05".parse().unwrap();
        let (findings, entries) = from_icd9(&["427.31".to_owned()], on, &book).unwrap();
        assert!(entries.is_empty());
        assert_eq!(findings[0].outcome, Outcome::NoData);
        assert!(findings[0].statement.contains("not verified"));
    }
}
