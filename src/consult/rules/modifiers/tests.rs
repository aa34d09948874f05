//! Each row of the tables against indicators and lines.

use super::*;
use crate::codebook::Coverage;
use crate::domain::CivilDate;

fn fee(set: fn(&mut FeeRow)) -> FeeRow {
    let mut row = FeeRow {
        code: "63020".into(),
        modifier: String::new(),
        status: 'A',
        global_days: "090".into(),
        pctc: "0".into(),
        multiple: "2".into(),
        bilateral: "1".into(),
        assistant: "2".into(),
        co_surgeon: "1".into(),
        team: "0".into(),
        work_rvu: None,
        pe_nonfacility: None,
        pe_facility: None,
        mp_rvu: None,
        endoscopic_base: String::new(),
        conversion_factor: None,
    };
    set(&mut row);
    row
}

fn outcomes(line: &str, row: &FeeRow, add_on: bool, visit: bool) -> Vec<Outcome> {
    let line = Line::parse(line).unwrap();
    let date = |t: &str| t.parse::<CivilDate>().unwrap();
    let coverage =
        Coverage { release: "RVU24B".into(), from: date("2024-01-01"), to: date("2024-12-31"), covers: true };
    let claim = Claim::of(vec![line.clone()], date("2024-08-15"));
    let facts = Facts { line: &line, fee: Some(row), add_on, visit };
    judge(&facts, &evidence("fees", "RVU24B", "row"), Standing::Within(&coverage), &claim)
        .into_iter()
        .map(|f| f.outcome)
        .collect()
}

#[test]
fn both_components_by_one_practice_are_the_whole_service() {
    let claim = |lines: &[&str]| {
        let lines = lines.iter().map(|l| Line::parse(l).unwrap()).collect();
        Claim::of(lines, "2024-08-15".parse().unwrap())
    };
    assert_eq!(across::check(&claim(&["71046-26", "71046-TC"])).len(), 1);
    assert_eq!(across::check(&claim(&["20610-RT", "20610-LT"]))[0].rule, "modifier_advice");
    assert!(across::check(&claim(&["71046-26", "71045-TC"])).is_empty());
}

#[test]
fn the_table_against_indicators() {
    use Outcome as O;
    let plain = fee(|_| ());
    for (line, row, add_on, visit, want) in [
        ("63020-50", &plain, false, false, vec![O::Pass]),
        ("63020-50", &fee(|r| r.bilateral = "0".into()), false, false, vec![O::Deny]),
        ("63020-50", &fee(|r| r.bilateral = "2".into()), false, false, vec![O::Deny]),
        ("63020-50-RT", &plain, false, false, vec![O::Pass, O::Warn]),
        ("63035-51", &plain, true, false, vec![O::Deny]),
        ("63030-51", &plain, false, false, vec![O::Info]),
        ("63020-80", &plain, false, false, vec![O::Pass]),
        ("63020-AS", &fee(|r| r.assistant = "1".into()), false, false, vec![O::Deny]),
        ("63020-62", &plain, false, false, vec![O::Warn]),
        ("63020-66", &plain, false, false, vec![O::Deny]),
        ("63020-26", &plain, false, false, vec![O::Deny]),
        ("93306-26", &fee(|r| r.pctc = "1".into()), false, false, vec![O::Pass]),
        ("80053-TC", &fee(|r| r.pctc = "6".into()), false, false, vec![O::Deny]),
        ("20610-25", &plain, false, false, vec![O::Warn]),
        ("99213-25", &plain, false, true, vec![]),
        ("99213-59", &plain, false, true, vec![O::Deny]),
        ("97140-59-XE", &plain, false, false, vec![O::Deny]),
        ("99213-53", &plain, false, true, vec![O::Deny]),
        ("99213-GA-GZ", &plain, false, true, vec![O::Deny]),
        ("J3301-JW-JZ", &plain, false, false, vec![O::Deny]),
        ("20610-91", &plain, false, false, vec![O::Deny]),
        ("80053-91", &plain, false, false, vec![]),
        ("63020-LT-RT", &plain, false, false, vec![O::Warn]),
    ] {
        assert_eq!(outcomes(line, row, add_on, visit), want, "{line}");
    }
}
