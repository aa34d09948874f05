//! Units of timed therapy from minutes: Medicare counts all timed minutes of the day together and gives the units to the
//! services with the most minutes; by CPT each service is counted alone, from its midpoint on.

use serde_json::json;

use super::{Spent, listed};
use crate::consult::claim::Claim;
use crate::consult::guidance::{in_range, note};
use crate::consult::rules::{established, finding};
use crate::domain::{Finding, Outcome};

/// Units of a day's timed minutes: 8–22 are one, then each 15 more.
pub(super) fn units(minutes: u32) -> u32 {
    (minutes + 7) / 15
}

/// The day's units, each given to a service: whole quarters of an hour first, then the largest remainders.
pub(super) fn shared(minutes: &[u32]) -> Vec<u32> {
    let mut out: Vec<u32> = minutes.iter().map(|m| m / 15).collect();
    let mut left = units(minutes.iter().sum()).saturating_sub(out.iter().sum());
    let mut order: Vec<usize> = (0..minutes.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(minutes.get(*i).map_or(0, |m| m % 15)));
    for i in order {
        if let (Some(unit), true) = (out.get_mut(i), left > 0) {
            *unit += 1;
            left -= 1;
        }
    }
    out
}

pub(super) fn check(claim: &Claim, spent: &Spent<'_>) -> Option<Finding> {
    let timed = note("eight-minutes")?;
    let codes = listed(claim, &timed.codes);
    let is = |code: &str| timed.codes.iter().any(|range| in_range(code, range));
    let mut given: Vec<(&str, u32)> = Vec::new();
    for time in spent.times {
        let code = match (time.code, codes.as_slice()) {
            (Some(code), _) if is(code) => code,
            (None, [one]) if spent.times.len() == 1 => one,
            _ => continue,
        };
        match given.iter_mut().find(|(c, _)| *c == code) {
            Some((_, minutes)) => *minutes += time.minutes,
            None => given.push((code, time.minutes)),
        }
    }
    // Units without minutes, or minutes of one of several services: there is no sum to count.
    if given.is_empty() || codes.iter().any(|c| given.iter().all(|(g, _)| g != c)) {
        return None;
    }
    let minutes: Vec<u32> = given.iter().map(|(_, m)| *m).collect();
    let (total, by_day) = (minutes.iter().sum::<u32>(), shared(&minutes));
    let each: Vec<String> = given
        .iter()
        .zip(&by_day)
        .map(|((code, m), units)| format!("{code} × {units} ({m} minutes)"))
        .collect();
    let alone: Vec<String> = given.iter().map(|(code, m)| format!("{code} × {}", units(*m))).collect();
    let mut text = format!(
        "{total} timed minutes of the day are {} for Medicare: {}.",
        plural(units(total)),
        each.join(", ")
    );
    if given.len() > 1 {
        text.push_str(&format!(" Counted each alone (CPT's midpoint rule): {}.", alone.join(", ")));
    }
    let names: Vec<&str> = given.iter().map(|(c, _)| *c).collect();
    let detail = json!({ "minutes": total, "units": units(total), "each": by_day });
    Some(finding("therapy_time", Outcome::Info, &names, detail, text, vec![established(&timed.source)]))
}

fn plural(units: u32) -> String {
    if units == 1 { "1 unit".to_owned() } else { format!("{units} units") }
}
