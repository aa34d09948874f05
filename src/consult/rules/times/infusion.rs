//! Infusions by their minutes: the initial service, further hours, and what is too short to be one.

use serde_json::json;

use super::{Infusion, Spent, Table};
use crate::consult::claim::Claim;
use crate::consult::rules::{established, finding};
use crate::domain::{Finding, Outcome};

const SOURCE: &str = "CPT rules for infusions and injections";

/// Further hours: each begins when more than half an hour of it is done.
pub(super) fn further(minutes: u32) -> u32 {
    if minutes < 91 { 0 } else { (minutes - 91) / 60 + 1 }
}

pub(super) fn check(claim: &Claim, spent: &Spent<'_>, table: &Table) -> Vec<Finding> {
    let codes = claim.codes();
    let of = |i: &Infusion, code: &str| code == i.initial || code == i.further;
    let named: Vec<&Infusion> = table.infusion.iter().filter(|i| codes.iter().any(|c| of(i, c))).collect();
    named.iter().filter_map(|i| one(i, spent, named.len() == 1)).collect()
}

fn one(infusion: &Infusion, spent: &Spent<'_>, only: bool) -> Option<Finding> {
    let is = |code: &str| code == infusion.initial || code == infusion.further;
    let minutes = spent.of(is, only)?;
    let Infusion { words, initial, least, further: next, shorter } = infusion;
    let units = further(minutes);
    let mut codes = vec![initial.as_str(), next.as_str()];
    let (outcome, text) = if minutes < *least {
        let instead = match shorter {
            Some(code) => {
                codes.push(code);
                format!("15 minutes or less are a push ({code})")
            }
            None => "30 minutes or less are not reported".to_owned(),
        };
        (
            Outcome::Deny,
            format!("{minutes} minutes are too few for {initial}, {words}: it begins at {least}; {instead}."),
        )
    } else if units == 0 {
        let text = format!(
            "{minutes} minutes of {words} are {initial} × 1; {next} begins at 91 minutes (more than 30 beyond the first hour)."
        );
        (Outcome::Pass, text)
    } else {
        (
            Outcome::Pass,
            format!(
                "{minutes} minutes of {words} are {initial} × 1 and {next} × {units} (each further hour of which more than 30 minutes are done)."
            ),
        )
    };
    let text = format!(
        "{text} One initial code an encounter, unless a second access is medically necessary; start and stop times must be in the record."
    );
    let detail = json!({ "minutes": minutes, "further": units });
    Some(finding("infusion_time", outcome, &codes, detail, text, vec![established(SOURCE)]))
}
