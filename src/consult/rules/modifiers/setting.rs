//! Modifiers that belong to one kind of claim, and notices to patients where an NCCI edit denies.

use serde_json::json;

use super::{CLAIMS, Check, Facts, apply};
use crate::consult::claim::Claim;
use crate::consult::guidance::{is_evaluation, note};
use crate::consult::rules::{Standing, claim_words, established, finding};
use crate::domain::{Finding, Outcome, Setting};

const PRACTITIONER: &[Check] = &[
    Check {
        modifiers: &["27"],
        when: |_| true,
        outcome: Outcome::Warn,
        text: "{m} (several visits of one day) is for outpatient facilities; a practitioner's visit such as {c} takes 25",
        section: CLAIMS,
    },
    Check {
        modifiers: &["73", "74"],
        when: |_| true,
        outcome: Outcome::Warn,
        text: "{m} (discontinued in the facility) is for facilities; a practitioner reports {c} with 53",
        section: CLAIMS,
    },
    Check {
        modifiers: &["PO", "PN"],
        when: |_| true,
        outcome: Outcome::Warn,
        text: "{m} (off-campus department) is for hospital claims, not for a practitioner's line {c}",
        section: CLAIMS,
    },
];

const HOSPITAL: &[Check] = &[
    Check {
        modifiers: &["53"],
        when: |_| true,
        outcome: Outcome::Warn,
        text: "{m} is for practitioners; an outpatient facility reports a discontinued {c} with 73 or 74",
        section: CLAIMS,
    },
    Check {
        modifiers: &["26"],
        when: |_| true,
        outcome: Outcome::Warn,
        text: "{m} is the professional component; an outpatient facility does not report it on {c}",
        section: CLAIMS,
    },
    Check {
        modifiers: &["80", "81", "82", "AS", "62", "66"],
        when: |_| true,
        outcome: Outcome::Warn,
        text: "{m} names a surgeon's role; an outpatient facility does not report it on {c}",
        section: CLAIMS,
    },
    Check {
        modifiers: &["57", "54", "55", "56"],
        when: |_| true,
        outcome: Outcome::Warn,
        text: "{m} belongs to the global surgical package of practitioners; an outpatient facility does not report it on {c}",
        section: CLAIMS,
    },
];

/// The modifiers of a claim that belong to another kind of claim.
pub(crate) fn for_setting(claim: &Claim) -> Vec<Finding> {
    let table = match claim.setting {
        Setting::Practitioner => PRACTITIONER,
        Setting::Hospital => HOSPITAL,
        Setting::Dme => &[],
    };
    let mut out: Vec<Finding> = Vec::new();
    for line in &claim.lines {
        let facts = Facts { line, fee: None, add_on: false, visit: is_evaluation(&line.code) };
        for check in table {
            let proof = established(CLAIMS);
            for mut f in apply(check, &facts, &proof, Standing::NoData, claim) {
                if let Some(detail) = f.detail.as_object_mut() {
                    detail.insert("setting".to_owned(), json!(claim.setting));
                }
                if !out.contains(&f) {
                    out.push(f);
                }
            }
        }
    }
    out
}

/// GA, GX and GZ on a code that a pair or unit edit denies: such a denial is a coding denial, for which there is no
/// notice to the patient.
pub(crate) fn no_notice(claim: &Claim, found: &[Finding]) -> Vec<Finding> {
    let Some(rule) = note("coding-denial") else { return Vec::new() };
    let mut out = Vec::new();
    for line in &claim.lines {
        let Some(modifier) = ["GA", "GX", "GZ"].into_iter().find(|m| line.has(m)) else { continue };
        let denied = |f: &&Finding| {
            let supported = f.detail.get("supported").and_then(serde_json::Value::as_bool) == Some(true);
            let text = |key: &str| f.detail.get(key).and_then(serde_json::Value::as_str);
            match f.rule.as_str() {
                "ptp" => {
                    matches!(f.outcome, Outcome::Deny | Outcome::Bypassable)
                        && !supported
                        && text("column2") == Some(line.code.as_str())
                }
                "mue" => f.outcome == Outcome::Deny && f.codes.contains(&line.code),
                _ => false,
            }
        };
        let Some(edit) = found.iter().find(denied) else { continue };
        let what = if edit.rule == "ptp" { "a pair edit" } else { "a unit edit" };
        let text = format!(
            "{} carries {modifier}, but on {} {what} denies it: that is a coding denial, for which no notice moves the charge to the patient.",
            line.code,
            claim_words(claim.setting)
        );
        let detail = json!({ "modifier": modifier, "setting": claim.setting, "verified": true });
        let codes = [line.code.as_str()];
        let f = finding("modifier", Outcome::Warn, &codes, detail, text, vec![rule.evidence()]);
        if !out.contains(&f) {
            out.push(f);
        }
    }
    out
}
