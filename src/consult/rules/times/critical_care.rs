//! Critical care: 99291 for the first 30–74 minutes, 99292 for what lies beyond. CPT and Medicare count it differently.

use serde_json::json;

use super::Spent;
use crate::consult::claim::Claim;
use crate::consult::rules::{established, finding};
use crate::domain::{Finding, Outcome};

/// Units of 99292: CPT begins one with the first minute beyond 74, Medicare with each full half hour.
pub(super) fn further(minutes: u32) -> (u32, u32) {
    let beyond = minutes.saturating_sub(74);
    (beyond.div_ceil(30), beyond / 30)
}

pub(super) fn check(claim: &Claim, spent: &Spent<'_>) -> Vec<Finding> {
    let codes = claim.codes();
    let named = codes.iter().any(|c| matches!(*c, "99291" | "99292"));
    let spoken =
        codes.is_empty() && (spent.text.contains("critical care") || spent.text.contains("crit care"));
    if !named && !spoken {
        return Vec::new();
    }
    let is = |code: &str| matches!(code, "99291" | "99292");
    // Two physicians' times of a day are stated apart: then nothing is summed here.
    let Some(minutes) = spent.of(is, true) else { return Vec::new() };
    let (cpt, medicare) = further(minutes);
    let first = "99291 once (30–74 minutes)";
    let (outcome, text) = match (minutes, cpt, medicare) {
        (0..=29, ..) => (
            Outcome::Deny,
            format!(
                "{minutes} minutes are too few for critical care: 99291 begins at 30; report the visit that the record supports."
            ),
        ),
        (_, 0, _) => (Outcome::Pass, format!("{minutes} minutes of critical care are {first}; no 99292.")),
        _ => {
            let by_medicare = match medicare {
                0 => "Medicare pays no 99292, which needs 104 minutes (each full 30 minutes beyond 74)"
                    .to_owned(),
                n => format!("Medicare pays 99292 × {n} (each full 30 minutes beyond 74, from 104 on)"),
            };
            let text = format!(
                "{minutes} minutes of critical care are {first}; {by_medicare}; by CPT's own table 99292 × {cpt} (from 75 minutes), so another payer may differ."
            );
            (if medicare == 0 && spent.medicare { Outcome::Deny } else { Outcome::Pass }, text)
        }
    };
    let detail = json!({ "minutes": minutes, "cpt_units": cpt, "medicare_units": medicare });
    let proofs = vec![
        established("Medicare Claims Processing Manual, critical care"),
        established("CPT E/M guidelines, critical care"),
    ];
    vec![finding("critical_care", outcome, &["99291", "99292"], detail, text, proofs)]
}
