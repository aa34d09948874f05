//! Medically unlikely edits: units per line (MAI 1) or per day (MAI 2 and 3). Coding rules, section 2.

use serde_json::json;

use super::{Standing, Tables, advice, evidence, finding, setting_words};
use crate::codebook::{CodebookError, Dated, Mue};
use crate::consult::claim::{Claim, Line};
use crate::domain::{Finding, Outcome, Setting};

/// Every code of the claim against the unit table of the claim's setting.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    for code in claim.codes() {
        let row = tables.mue(claim.setting, code)?;
        let lines: Vec<&Line> = claim.lines_of(code).collect();
        out.extend(judge(code, &lines, &row, claim));
    }
    Ok(out)
}

/// What the row says of the units that are claimed for one code.
pub(crate) fn judge(code: &str, lines: &[&Line], row: &Dated<Option<Mue>>, claim: &Claim) -> Vec<Finding> {
    let stated = lines.iter().any(|l| l.units.is_some());
    let units: Vec<u32> = lines.iter().map(|l| l.units.unwrap_or(1)).collect();
    let largest = units.iter().copied().max().unwrap_or(1);
    let sum: u32 = units.iter().fold(0, |a, b| a.saturating_add(*b));
    let total = if claim.one_day { sum } else { largest };
    let table = setting_words(claim.setting);
    let source = format!("NCCI MUE {table}");
    let standing = Standing::of(row.coverage.as_ref());
    let setting = claim.setting;
    if let Standing::NoData = standing {
        let text =
            format!("{code}: no {table} unit table for {} is loaded; the units are not verified.", claim.on);
        let detail = json!({ "setting": setting, "verified": false });
        return if stated {
            vec![finding("mue", Outcome::NoData, &[code], detail, text, vec![])]
        } else {
            vec![]
        };
    }
    let caveat = standing.caveat(claim.on);
    let release = standing.release();
    let verified = standing.is_within();
    let Some(mue) = &row.value else {
        if !stated || total <= 1 {
            return Vec::new();
        }
        let proof =
            row.evidence.clone().unwrap_or_else(|| evidence(&source, release, format!("no row for {code}")));
        let text = format!(
            "{caveat}no unit limit (MUE) is published for {code} in the {table} table; that does not mean unlimited."
        );
        let text = if verified { capital(&text) } else { text };
        let detail = json!({ "units": null, "mai": null, "setting": setting, "verified": verified });
        return vec![finding("mue", Outcome::Info, &[code], detail, text, vec![proof])];
    };
    let proof = row
        .evidence
        .clone()
        .unwrap_or_else(|| evidence(&source, release, format!("{code}: {}/{}", mue.units, mue.mai)));
    let claimed = if mue.mai == 1 { largest } else { total };
    let (outcome, text) = if mue.units == 0 {
        let why =
            if mue.rationale.is_empty() { String::new() } else { format!(" (rationale: {})", mue.rationale) };
        (
            Outcome::Deny,
            format!(
                "{code} has a unit limit of 0 in the {table} table: it is not payable under this code in this setting{why}."
            ),
        )
    } else {
        let limit = format!("the {table} limit for {code} is {} {}, MAI {}", mue.units, per(mue), mue.mai);
        if claimed > mue.units {
            let reach = if mue.mai == 1 {
                "all units of that line are denied"
            } else {
                "all units of the day are denied"
            };
            if both_sides(lines, mue.units) {
                // The way an ASC reports a bilateral procedure; on other claims it is modifier 50 with one unit.
                (
                    Outcome::Warn,
                    format!(
                        "RT and LT lines are {claimed} units, and {limit}: on a professional or outpatient hospital claim a bilateral procedure is one line with modifier 50 and one unit; only an ASC bills two lines."
                    ),
                )
            } else {
                (Outcome::Deny, format!("{} claimed, but {limit}: {reach}.", units_words(claimed)))
            }
        } else if stated {
            (Outcome::Pass, format!("{} claimed: {limit}.", units_words(claimed)))
        } else {
            (Outcome::Info, if verified { format!("{}.", capital(&limit)) } else { format!("{limit}.") })
        }
    };
    let outcome = if verified { outcome } else { Outcome::Info };
    let detail = json!({
        "units": mue.units, "mai": mue.mai, "claimed": if stated { Some(claimed) } else { None },
        "rationale": mue.rationale, "setting": setting, "verified": verified,
    });
    let over = outcome == Outcome::Deny && mue.units > 0;
    let sides = outcome == Outcome::Warn;
    let mut out = vec![finding("mue", outcome, &[code], detail, format!("{caveat}{text}"), vec![proof])];
    if over {
        out.extend(advice(&format!("mai-{}", mue.mai), "mue_advice", &[code]));
        out.extend(advice("coding-denial", "mue_advice", &[code]));
    }
    if sides {
        out.extend(advice("bilateral-50", "mue_advice", &[code]));
    }
    if over && is_bilateral(lines) && claim.setting == Setting::Practitioner {
        let text = format!("{code} with modifier 50 is one unit on one line, not two.");
        out.extend(
            advice("bilateral-50", "mue_advice", &[code])
                .map(|f| crate::domain::Finding { statement: format!("{text} {}", f.statement), ..f }),
        );
    }
    out
}

/// One unit on an RT line and one on an LT line, each within the limit by itself.
fn both_sides(lines: &[&Line], limit: u32) -> bool {
    let side = |m: &str| lines.iter().filter(|l| l.has(m)).count() == 1;
    lines.len() == 2 && side("RT") && side("LT") && lines.iter().all(|l| l.units.unwrap_or(1) <= limit)
}

fn is_bilateral(lines: &[&Line]) -> bool {
    lines.iter().any(|l| l.has("50") && l.units.is_some_and(|u| u > 1))
}

fn per(mue: &Mue) -> &'static str {
    match (mue.units == 1, mue.mai) {
        (true, 1) => "unit per claim line",
        (false, 1) => "units per claim line",
        (true, _) => "unit per day",
        (false, _) => "units per day",
    }
}

fn units_words(n: u32) -> String {
    if n == 1 { "1 unit".to_owned() } else { format!("{n} units") }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Coverage;
    use crate::domain::CivilDate;

    fn row(units: u32, mai: u8, covers: bool) -> Dated<Option<Mue>> {
        let date = |t: &str| t.parse::<CivilDate>().unwrap();
        Dated {
            value: Some(Mue { code: "97110".into(), units, mai, rationale: "Nature of Service".into() }),
            coverage: Some(Coverage {
                release: "2024Q3".into(),
                from: date("2024-07-01"),
                to: date("2024-09-30"),
                covers,
            }),
            evidence: None,
        }
    }

    fn judge_units(units: &[Option<u32>], row: &Dated<Option<Mue>>) -> Finding {
        let lines: Vec<Line> = units.iter().map(|u| Line { units: *u, ..Line::new("97110") }).collect();
        let claim = Claim::of(lines.clone(), "2024-07-23".parse().unwrap());
        judge("97110", &lines.iter().collect::<Vec<_>>(), row, &claim).into_iter().next().unwrap()
    }

    /// 2024Q3 practitioner: 97110 6/3, 63047 1/2; MAI 1 by line.
    #[test]
    fn units_per_line_and_per_day() {
        assert_eq!(judge_units(&[Some(6)], &row(6, 3, true)).outcome, Outcome::Pass);
        assert_eq!(judge_units(&[Some(8)], &row(6, 3, true)).outcome, Outcome::Deny);
        assert_eq!(judge_units(&[Some(4), Some(3)], &row(6, 3, true)).outcome, Outcome::Deny);
        assert_eq!(judge_units(&[Some(4), Some(3)], &row(6, 1, true)).outcome, Outcome::Pass);
        assert_eq!(judge_units(&[Some(2)], &row(1, 2, true)).outcome, Outcome::Deny);
        assert_eq!(judge_units(&[None], &row(6, 3, true)).outcome, Outcome::Info);
    }

    /// Two eyes on two days, or two sides on one: never "2 units of one day, denied".
    #[test]
    fn two_days_and_two_sides_are_not_too_many_units() {
        let lines = [Line::parse("66984-RT").unwrap(), Line::parse("66984-LT").unwrap()];
        let lines: Vec<&Line> = lines.iter().collect();
        let one_day = Claim::of(vec![], "2024-08-01".parse().unwrap());
        let two_days = Claim { one_day: false, ..one_day.clone() };
        let outcome = |claim: &Claim| judge("66984", &lines, &row(1, 2, true), claim)[0].outcome;
        assert_eq!(outcome(&two_days), Outcome::Info);
        assert_eq!(outcome(&one_day), Outcome::Warn);
    }

    #[test]
    fn a_limit_of_zero_is_not_about_too_many_units() {
        let f = judge_units(&[None], &row(0, 3, true));
        assert_eq!(f.outcome, Outcome::Deny);
        assert!(f.statement.contains("not payable under this code") && !f.statement.contains("claimed"));
    }

    #[test]
    fn outside_coverage_nothing_is_decided() {
        let f = judge_units(&[Some(8)], &row(6, 3, false));
        assert_eq!(f.outcome, Outcome::Info);
        assert!(crate::consult::rules::is_unverified(&f));
    }
}
