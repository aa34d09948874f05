//! The level of a visit by the total time of its day.

use serde_json::json;

use super::{Spent, Table, Visit, listed};
use crate::consult::claim::Claim;
use crate::consult::rules::{established, finding};
use crate::domain::{Finding, Outcome};

const SOURCE: &str = "CPT E/M guidelines (total time on the date of the encounter)";
const MEDICARE: &str = "Medicare Claims Processing Manual, physicians' services";

/// The family of visits that is meant: by a code of the claim, or by what is said of patient and place.
fn family<'a>(claim: &Claim, spent: &Spent<'_>, table: &'a Table) -> Option<&'a Visit> {
    let codes = claim.codes();
    let of = |code: &str| table.visit.iter().find(|v| v.levels.iter().any(|(c, _)| c == code));
    if let Some(visit) = codes.iter().find_map(|c| of(c)) {
        return Some(visit);
    }
    let says = |words: &[&str]| words.iter().any(|w| spent.text.contains(w));
    let visit = says(&["visit", "e/m", "e&m", "evaluation", "level", "office", "encounter"]);
    let elsewhere =
        says(&["therap", "infus", "critical", "anesth", "hospital", "nursing", "home visit", "emergency"]);
    if !codes.is_empty() || !visit || elsewhere {
        return None;
    }
    of(if spent.new_patient? { "99203" } else { "99213" })
}

pub(super) fn check(claim: &Claim, spent: &Spent<'_>, table: &Table) -> Vec<Finding> {
    let untimed = listed(claim, &table.untimed.codes);
    let Some(visit) = family(claim, spent, table) else {
        return untimed.iter().map(|code| not_by_time(code)).collect();
    };
    let claimed: Vec<&str> =
        claim.codes().into_iter().filter(|c| visit.levels.iter().any(|(level, _)| level == c)).collect();
    let others = claim.codes().len() > claimed.len();
    let is = |code: &str| visit.levels.iter().any(|(level, _)| level == code);
    // Another service's minutes are not the visit's.
    let Some(minutes) = spent.of(is, !others || spent.text.contains("total")) else { return Vec::new() };
    let mut out = vec![level(visit, minutes, &claimed)];
    out.extend(prolonged(visit, minutes, spent));
    out
}

fn not_by_time(code: &str) -> Finding {
    let text = format!(
        "{code} is never chosen by time: its level rests on medical decision making alone, or it has none."
    );
    finding("visit_time", Outcome::Info, &[code], json!({}), text, vec![established(SOURCE)])
}

fn level(visit: &Visit, minutes: u32, claimed: &[&str]) -> Finding {
    let met = visit.levels.iter().rfind(|(_, from)| *from <= minutes);
    let next = visit.levels.iter().find(|(_, from)| *from > minutes);
    let words = &visit.words;
    let beyond = next.map(|(code, from)| format!("; {code} begins at {from}")).unwrap_or_default();
    let by_decision = "by medical decision making another level may be supported";
    let (outcome, text, codes) = match (met, claimed) {
        (None, _) => {
            let (code, from) = visit.levels.first().cloned().unwrap_or_default();
            let text = format!(
                "{minutes} minutes do not reach {code} by time ({words} needs {from}); {by_decision}."
            );
            (Outcome::Warn, text, vec![code])
        }
        (Some((code, from)), [one]) if one != code => {
            let above = visit.levels.iter().any(|(c, f)| c == one && *f > minutes);
            let text = if above {
                format!(
                    "{minutes} minutes support {code} by time ({from} minutes or more), not {one}{beyond}; {by_decision}."
                )
            } else {
                format!(
                    "{minutes} minutes support {code} by time ({from} minutes or more), a higher level than {one}{beyond}."
                )
            };
            (Outcome::Warn, text, vec![(*one).to_owned(), code.clone()])
        }
        (Some((code, from)), _) => {
            let text = format!(
                "{minutes} minutes on the date of the encounter support {code}, {words}, by time ({from} minutes or more{beyond})."
            );
            (Outcome::Pass, text, vec![code.clone()])
        }
    };
    let text = format!(
        "{text} Only the physician's or other qualified practitioner's own time counts: no staff time, and no time of separately reported services."
    );
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let detail = json!({ "minutes": minutes, "supports": met.map(|(c, _)| c) });
    finding("visit_time", outcome, &codes, detail, text, vec![established(SOURCE)])
}

fn prolonged(visit: &Visit, minutes: u32, spent: &Spent<'_>) -> Option<Finding> {
    let (highest, _) = visit.levels.last()?;
    let (code, from) = visit.prolonged.as_ref()?;
    let asked = spent.text.contains("prolong") || spent.text.contains(&code.to_lowercase());
    let medicare = visit.medicare_prolonged.as_ref();
    if minutes < *from && !asked {
        return None;
    }
    let units = |from: u32| if minutes < from { 0 } else { (minutes - from) / 15 + 1 };
    let plain = |code: &str, from: u32| match units(from) {
        0 => format!("{code} begins at {from} minutes and is not reached"),
        1 => format!("{code} may be added once (from {from} minutes, each full 15 minutes)"),
        n => format!("{code} may be added {n} times (from {from} minutes, each full 15 minutes)"),
    };
    let mut text = format!("Prolonged time with {highest}: by CPT {}.", plain(code, *from));
    if let Some((code, from)) = medicare {
        text.push_str(&format!(
            " Medicare does not take {}: {}.",
            visit.prolonged.as_ref()?.0,
            plain(code, *from)
        ));
    }
    let mut codes = vec![highest.as_str(), code.as_str()];
    codes.extend(medicare.map(|(code, _)| code.as_str()));
    let detail = json!({ "minutes": minutes, "cpt_units": units(*from), "medicare_units": medicare.map(|(_, from)| units(*from)) });
    let proofs = vec![established(SOURCE), established(MEDICARE)];
    Some(finding("visit_time", Outcome::Info, &codes, detail, text, proofs))
}
