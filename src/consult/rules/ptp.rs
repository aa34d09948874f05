//! NCCI procedure-to-procedure edits: both directions, the row in force on the date, the indicator, and which
//! modifier on which line. Coding rules, section 1.

use serde_json::json;

use super::bypass::{Carried, carried, fitting, is_distinct, kind_of, which_modifier};
use super::{Standing, Tables, advice, evidence, finding, json_date, setting_words};
use crate::codebook::{CodebookError, FeeRow, PtpLookup, PtpRow};
use crate::consult::claim::Claim;
use crate::consult::guidance::is_evaluation;
use crate::domain::{Finding, Outcome};

/// Every pair of the claim against the pair table of the claim's setting.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let codes = claim.codes();
    let pairs = tables.book.ptp_pairs(claim.setting, &codes, claim.on);
    let mut out = Vec::new();
    let mut open = Vec::new();
    for (i, a) in codes.iter().enumerate() {
        for b in codes.iter().skip(i + 1) {
            if claim.are_alternatives(a, b) {
                continue;
            }
            let lookup = pairs.look_up(a, b)?;
            let mut globals = Vec::new();
            for row in &lookup.rows {
                globals.push(tables.fee(&row.column1)?.value.clone());
            }
            open.extend(bypassable_codes(&lookup));
            out.extend(judge((a, b), &lookup, &globals, claim));
        }
    }
    out.extend(needless_distinct(claim, &open, &out, tables)?);
    Ok(out)
}

fn bypassable_codes(lookup: &PtpLookup) -> Vec<String> {
    let rows = lookup.rows.iter().filter(|r| r.indicator == '1');
    rows.flat_map(|r| [r.column1.clone(), r.column2.clone()]).collect()
}

/// What the table says of one pair.
fn judge(pair: (&str, &str), lookup: &PtpLookup, fees: &[Option<FeeRow>], claim: &Claim) -> Vec<Finding> {
    let (a, b) = pair;
    let standing = Standing::of(lookup.coverage.as_ref());
    let table = setting_words(claim.setting);
    let codes = [a, b];
    let absent = |verified: bool| {
        json!({ "column1": null, "column2": null, "indicator": null, "effective": null, "deletion": null,
                "setting": claim.setting, "verified": verified, "pair": codes })
    };
    if let Standing::NoData = standing {
        let text = format!(
            "{a} with {b}: no {table} pair table (NCCI PTP) for {} is loaded; not verified.",
            claim.on
        );
        return vec![finding("ptp", Outcome::NoData, &codes, absent(false), text, vec![])];
    }
    let in_force: Vec<(&PtpRow, Option<&FeeRow>)> = lookup
        .rows
        .iter()
        .enumerate()
        .filter(|(_, r)| r.indicator != '9')
        .map(|(i, r)| (r, fees.get(i).and_then(Option::as_ref)))
        .collect();
    if !in_force.is_empty() {
        return in_force.into_iter().flat_map(|(row, fee)| edit(row, fee, standing, claim)).collect();
    }
    let release = standing.release();
    if !lookup.complete {
        let text = format!(
            "{a} with {b}: the loaded {table} pair table ({release}) is an excerpt that is not complete for these codes; whether an edit exists is not verified."
        );
        let proof = evidence(&format!("NCCI PTP {table}"), release, format!("excerpt, no row {a}/{b}"));
        return vec![finding("ptp", Outcome::NoData, &codes, absent(false), text, vec![proof])];
    }
    let past = lookup.not_in_force.iter().chain(lookup.rows.iter()).next();
    let history = match past {
        Some(r) if r.indicator == '9' => {
            " (a row with indicator 9 is listed: it was never in force)".to_owned()
        }
        Some(r) => match r.deletion {
            Some(d) => format!(" (an edit {}/{} ended on {d})", r.column1, r.column2),
            None => String::new(),
        },
        None => String::new(),
    };
    let proof = past.map_or_else(
        || evidence(&format!("NCCI PTP {table}"), release, format!("no row {a}/{b} in either direction")),
        |r| r.evidence.clone(),
    );
    let text = format!(
        "{}no {table} pair edit (NCCI PTP) between {a} and {b} in either direction{history}.",
        standing.caveat(claim.on)
    );
    let text = if standing.is_within() { upper(&text) } else { text };
    let outcome = if standing.is_within() { Outcome::Pass } else { Outcome::Info };
    vec![finding("ptp", outcome, &codes, absent(standing.is_within()), text, vec![proof])]
}

/// One edit in force.
fn edit(row: &PtpRow, fee: Option<&FeeRow>, standing: Standing<'_>, claim: &Claim) -> Vec<Finding> {
    let (one, two) = (row.column1.as_str(), row.column2.as_str());
    let table = setting_words(claim.setting);
    let verified = standing.is_within();
    let caveat = standing.caveat(claim.on);
    let kind = kind_of(one, two, fee);
    let carried = carried(kind, one, two, claim);
    let head = format!("{table} pair edit: column 1 {one}, column 2 {two}, indicator {}", row.indicator);
    let (outcome, tail) = if row.indicator == '1' {
        let tail = match &carried {
            Carried::Fits(m, line) => format!("{m} on {line} bypasses the edit if the record supports it"),
            Carried::SameSide(m) => format!(
                "both lines carry {m}, the same side: that shows no separate site, and {two} is denied"
            ),
            Carried::Misplaced(m, why) => format!("{m} does not fit here ({why}), so {two} is denied"),
            Carried::Nothing => format!(
                "{two} is denied with {one} unless a fitting modifier is reported and the record supports it"
            ),
        };
        (Outcome::Bypassable, tail)
    } else {
        (Outcome::Deny, format!("{two} is denied with {one} and no modifier changes that"))
    };
    let outcome = if verified { outcome } else { Outcome::Info };
    let detail = json!({
        "column1": one, "column2": two, "indicator": row.indicator.to_string(),
        "effective": json_date(row.effective), "deletion": json_date(row.deletion),
        "rationale": row.rationale, "setting": claim.setting, "verified": verified,
        "fitting": fitting(kind, claim.setting), "carried": carried.modifier(), "supported": matches!(carried, Carried::Fits(..)),
    });
    let reason =
        if row.rationale.is_empty() { String::new() } else { format!(" CMS's reason: {}.", row.rationale) };
    let head = if caveat.is_empty() { upper(&head) } else { head };
    let statement = format!("{caveat}{head}: {tail}.{reason}");
    let mut out = vec![finding("ptp", outcome, &[one, two], detail, statement, vec![row.evidence.clone()])];
    if outcome == Outcome::Deny || matches!(carried, Carried::SameSide(_)) {
        out.extend(advice("coding-denial", "ptp_advice", &[]));
    }
    if row.indicator == '1' {
        out.extend(which_modifier(kind, one, two, claim.setting, &carried));
    }
    out
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// 59 or an X modifier on a line for which no edit with indicator 1 and no limit per line is found.
fn needless_distinct(
    claim: &Claim,
    open: &[String],
    found: &[Finding],
    tables: &Tables<'_>,
) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    for line in &claim.lines {
        let Some(modifier) = line.modifiers.iter().find(|m| is_distinct(m)) else { continue };
        if open.contains(&line.code) || is_evaluation(&line.code) {
            continue;
        }
        let mue = tables.mue(claim.setting, &line.code)?;
        let unsure = found.iter().any(|f| f.codes.contains(&line.code) && super::is_unverified(f));
        if unsure || mue.value.as_ref().is_some_and(|m| m.mai == 1) {
            continue;
        }
        if let Some(mut f) = advice("no-edit-no-59", "modifier", &[line.code.as_str()]) {
            f.outcome = Outcome::Warn;
            f.statement = format!(
                "{modifier} on {}: no edit with indicator 1 was found that it could bypass ({} table). {}",
                line.code,
                setting_words(claim.setting),
                f.statement
            );
            out.push(f);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Coverage;
    use crate::consult::claim::Line;
    use crate::domain::CivilDate;

    fn date(text: &str) -> CivilDate {
        text.parse().unwrap()
    }

    fn lookup(rows: &[(&str, &str, char)], covers: bool, complete: bool) -> PtpLookup {
        PtpLookup {
            rows: rows
                .iter()
                .map(|(a, b, i)| PtpRow {
                    column1: (*a).into(),
                    column2: (*b).into(),
                    indicator: *i,
                    effective: None,
                    deletion: None,
                    rationale: String::new(),
                    evidence: evidence("NCCI PTP", "2024Q3", "row"),
                })
                .collect(),
            coverage: Some(Coverage {
                release: "2024Q3".into(),
                from: date("2024-07-01"),
                to: date("2024-09-30"),
                covers,
            }),
            not_in_force: vec![],
            complete,
        }
    }

    fn judged(lines: &[&str], found: &PtpLookup) -> Vec<Finding> {
        let lines: Vec<Line> = lines.iter().map(|l| Line::parse(l).unwrap()).collect();
        let claim = Claim::of(lines, date("2024-08-15"));
        let codes = claim.codes();
        judge((codes[0], codes[1]), found, &[None], &claim)
    }

    /// 63020 + 63030, 2024Q3: no edit either way.
    #[test]
    fn no_edit_is_said_only_within_coverage() {
        assert_eq!(judged(&["63020", "63030"], &lookup(&[], true, true))[0].outcome, Outcome::Pass);
        assert_eq!(judged(&["63020", "63030"], &lookup(&[], false, true))[0].outcome, Outcome::Info);
        assert_eq!(judged(&["63020", "63030"], &lookup(&[], true, false))[0].outcome, Outcome::NoData);
        let none = PtpLookup { coverage: None, ..lookup(&[], true, true) };
        assert_eq!(judged(&["63020", "63030"], &none)[0].outcome, Outcome::NoData);
    }

    #[test]
    fn indicators() {
        let zero = lookup(&[("43239", "43235", '0')], true, true);
        assert_eq!(judged(&["43239", "43235-59"], &zero)[0].outcome, Outcome::Deny);
        let nine = lookup(&[("43239", "43235", '9')], true, true);
        assert_eq!(judged(&["43239", "43235"], &nine)[0].outcome, Outcome::Pass);
        let one = lookup(&[("45385", "45380", '1')], true, true);
        let f = judged(&["45385", "45380"], &one);
        assert_eq!(f[0].outcome, Outcome::Bypassable);
        assert_eq!(f[0].detail["column1"], "45385");
        assert!(f[1].statement.contains("59 or XS on 45380"), "{}", f[1].statement);
        assert_eq!(judged(&["45385", "45380-51"], &one)[0].detail["carried"], serde_json::Value::Null);
        assert_eq!(judged(&["45385", "45380-XS"], &one)[0].detail["supported"], true);
    }

    #[test]
    fn a_visit_takes_25_never_59() {
        let row = lookup(&[("20610", "99213", '1')], true, true);
        let with = |m: &str| judged(&["20610", m], &row)[0].detail["supported"].clone();
        assert_eq!(with("99213-25"), true);
        assert_eq!(with("99213-59"), false);
        assert_eq!(with("99213"), false);
        let f = judged(&["20610-25", "99213"], &row);
        assert!(f[0].statement.contains("belongs on the visit"), "{}", f[0].statement);
        assert!(judged(&["20610", "99213"], &row)[1].statement.contains("25 on 99213"));
    }

    #[test]
    fn the_same_side_on_both_lines_shows_no_other_site() {
        let row = lookup(&[("29880", "29881", '1')], true, true);
        let same = judged(&["29880-RT", "29881-RT"], &row);
        assert_eq!(same[0].detail["supported"], false);
        assert!(!same[1].statement.contains("If the record supports it"), "{}", same[1].statement);
        assert_eq!(judged(&["29880-RT", "29881-LT"], &row)[0].detail["supported"], true);
    }
}
