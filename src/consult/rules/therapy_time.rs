//! The minutes that units of timed therapy need: Medicare counts all timed minutes of the day together (8–22 are one
//! unit, then 15 more for each). Coding rules, section 10.

use serde_json::json;

use super::{established, finding};
use crate::consult::claim::Claim;
use crate::consult::guidance::{in_range, note};
use crate::domain::{Finding, Outcome};

/// For one code of timed therapy with stated units: from how many minutes to how many they stand for.
pub(crate) fn minutes(claim: &Claim) -> Option<Finding> {
    let timed = note("eight-minutes")?;
    let lines: Vec<_> =
        claim.lines.iter().filter(|l| timed.codes.iter().any(|range| in_range(&l.code, range))).collect();
    let [line] = lines.as_slice() else { return None };
    let units = line.units.filter(|u| (1..=96).contains(u))?;
    let (from, to) = (units * 15 - 7, units * 15 + 7);
    let what = if units == 1 { "1 unit needs".to_owned() } else { format!("{units} units need") };
    let text = format!(
        "{what} {from}–{to} minutes of timed one-to-one therapy in the record, if {} is all that was timed that day ({}; established knowledge, confirm before citing).",
        line.code, timed.source
    );
    let detail = json!({ "units": units, "from": from, "to": to });
    let proof = vec![established(&timed.source)];
    Some(finding("time_advice", Outcome::Info, &[line.code.as_str()], detail, text, proof))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consult::claim::Line;

    #[test]
    fn eight_units_are_about_two_hours() {
        let of = |lines: &[&str]| {
            let lines = lines.iter().map(|l| Line::parse(l).unwrap()).collect();
            minutes(&Claim::of(lines, "2024-07-23".parse().unwrap())).map(|f| f.detail)
        };
        assert_eq!(of(&["97110x8"]).unwrap()["from"], 113);
        assert_eq!(of(&["97110x8"]).unwrap()["to"], 127);
        assert_eq!(of(&["97110x1"]).unwrap()["from"], 8);
        assert_eq!(of(&["97110"]), None);
        assert_eq!(of(&["20610x2"]), None);
    }
}
