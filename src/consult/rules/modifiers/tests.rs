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
        shares: [None; 3],
        na_nonfacility: false,
        na_facility: false,
        supervision: "09".into(),
        imaging_family: "99".into(),
        cap: [None; 3],
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

/// Rows of coding rules, section 6, beyond the fee schedule's indicators.
#[test]
fn the_table_of_services_and_of_other_modifiers() {
    use Outcome as O;
    let plain = fee(|r| {
        r.bilateral = "9".into();
        r.assistant = "9".into();
        r.co_surgeon = "9".into();
    });
    for (line, visit, want) in [
        ("97140-XE-XS", false, vec![O::Deny]),
        ("97140-XS-XP-XU", false, vec![O::Deny]),
        ("97140-XP-XU", false, vec![O::Deny]),
        // Each of them is named.
        ("20610-24-25-57", false, vec![O::Warn, O::Warn, O::Warn]),
        ("97110-GO-GN", false, vec![O::Warn]),
        ("99213-22", true, vec![O::Warn]),
        ("45385-52-53", false, vec![O::Warn]),
        ("99213-76", true, vec![O::Warn]),
        ("80053-76", false, vec![O::Warn]),
        ("63030-76-77", false, vec![O::Warn]),
        ("63030-79", false, vec![O::Info]),
        ("99213-79", true, vec![O::Warn]),
        ("99213-24", true, vec![O::Info]),
        ("99213-GX-GA", true, vec![O::Warn]),
        ("99213-GX-GY", true, vec![]),
        ("20610-JZ", false, vec![O::Warn]),
        ("J3301-JZ", false, vec![]),
        ("45385-33-PT", false, vec![O::Warn]),
        ("G0121-PT", false, vec![O::Warn]),
        ("45385-PT", false, vec![]),
        ("97110-AT-GP", false, vec![O::Warn]),
        ("98941-AT", false, vec![]),
        ("11721-Q7-Q8", false, vec![O::Warn]),
        ("20610-FS", false, vec![O::Warn]),
        ("97110-GP-GO", false, vec![O::Warn]),
        ("97110-CQ", false, vec![O::Warn]),
        ("97110-CQ-GP", false, vec![]),
        ("97110-KX", false, vec![O::Warn]),
        ("97110-KX-GP", false, vec![O::Info]),
        ("99213-P3", true, vec![O::Warn]),
        ("00400-P3-AA", false, vec![]),
        ("00400-AA-QZ", false, vec![O::Warn]),
        ("63030-55", false, vec![]),
    ] {
        assert_eq!(outcomes(line, &plain, false, visit), want, "{line}");
    }
    let minor = fee(|r| r.global_days = "000".into());
    assert_eq!(outcomes("20610-55", &minor, false, false), [O::Warn]);
    let outside = fee(|r| r.status = 'X');
    assert_eq!(outcomes("80053-GY", &outside, false, false), [O::Warn]);
}

#[test]
fn waste_has_its_administered_line_and_a_repeat_its_reason() {
    let claim = |lines: &[&str]| {
        let lines = lines.iter().map(|l| Line::parse(l).unwrap()).collect();
        Claim::of(lines, "2024-08-15".parse().unwrap())
    };
    assert_eq!(across::check(&claim(&["J9035-JW"])).len(), 1);
    assert!(across::check(&claim(&["J9035x7", "J9035-JWx3"])).is_empty());
    assert_eq!(across::check(&claim(&["J9035-JZ", "J9035-JW"])).len(), 1);
    assert_eq!(repeated(&claim(&["63030", "63030-51"])).len(), 1);
    assert!(repeated(&claim(&["20610-RT", "20610-LT"])).is_empty());
    assert!(repeated(&claim(&["97110", "97140"])).is_empty());
    assert_eq!(single_dose(&claim(&["J3301x4", "20610"])).unwrap().codes, ["J3301"]);
    assert!(single_dose(&claim(&["J3301-JZx4", "20610"])).is_none());
    let before = Claim { on: "2023-06-30".parse().unwrap(), ..claim(&["J3301x4"]) };
    assert!(single_dose(&before).is_none());
}

#[test]
fn modifiers_of_another_kind_of_claim() {
    let warned = |line: &str, setting: crate::domain::Setting| {
        let lines = vec![Line::parse(line).unwrap()];
        let claim = Claim { setting, ..Claim::of(lines, "2024-08-15".parse().unwrap()) };
        for_setting(&claim).len()
    };
    use crate::domain::Setting::{Hospital, Practitioner};
    for (line, practitioner, hospital) in
        [("99213-27", 1, 0), ("45385-73", 1, 0), ("45385-53", 0, 1), ("71046-26", 0, 1), ("63030-80", 0, 1)]
    {
        assert_eq!((warned(line, Practitioner), warned(line, Hospital)), (practitioner, hospital), "{line}");
    }
}

/// A notice does not move a coding denial to the patient; a claim without an edit may carry GA.
#[test]
fn no_notice_for_a_coding_denial() {
    let book = crate::codebook::Codebook::starter().unwrap();
    let warned = |lines: &[&str]| {
        let lines = lines.iter().map(|l| Line::parse(l).unwrap()).collect();
        let claim = Claim::of(lines, "2024-08-15".parse().unwrap());
        let all = crate::consult::check(&claim, &book).unwrap();
        all.iter().filter(|f| f.statement.contains("coding denial, for which no notice")).count()
    };
    assert_eq!(warned(&["20610", "99213-GA"]), 1);
    assert_eq!(warned(&["20610", "99213-25-GA"]), 0);
    assert_eq!(warned(&["99213-GA"]), 0);
}
