//! Golden payments of the official fee schedule of October 2025.

use super::*;
use crate::codebook::import::fee_tests::rvu25d;

#[test]
fn the_golden_payments_are_as_published() {
    let Some((_, book)) = rvu25d() else { return };
    let on: CivilDate = "2025-11-03".parse().unwrap();
    let pay = |code: &str, modifiers: &[&str], place: &str, setting| {
        let found = if place.is_empty() { Vec::new() } else { book.locality(place, on).unwrap() };
        assert!(place.is_empty() || found.len() == 1, "{place}: {found:?}");
        let locality = found.first();
        book.payment(&PaymentQuery { code, modifiers, locality, setting, minutes: Some(61), on }).unwrap()
    };
    let shown = |p: &Payment| p.amount.map_or(String::new(), |a| a.to_string());
    use PaymentSetting::{Facility, NonFacility};
    for (place, expected) in [
        ("", "88.95"),
        ("AL", "81.86"),
        ("10112/00", "81.86"),
        ("Manhattan", "101.06"),
        ("1320201", "101.06"),
    ] {
        assert_eq!(shown(&pay("99213", &[], place, NonFacility)), expected, "{place}");
    }
    let visit = pay("99213", &[], "", NonFacility);
    assert_eq!(visit.steps[0], "(1.30 × 1.000 + 1.35 × 1.000 + 0.10 × 1.000) × 32.3465 = 88.95");
    assert_eq!(visit.non_participating.map(|c| c.to_string()).as_deref(), Some("84.50"));
    assert_eq!(visit.limiting_charge.map(|c| c.to_string()).as_deref(), Some("97.18"));
    assert_eq!(shown(&pay("63020", &[], "", Facility)), "1,091.37");
    assert_eq!(shown(&pay("63020", &["50"], "", Facility)), "1,637.06");
    assert_eq!(shown(&pay("63020", &["80"], "", Facility)), "174.62");
    assert_eq!(shown(&pay("63020", &["78"], "", Facility)), "829.44");
    // 11 % before, 76 % in and 13 % after the operation: several shares on one line add up.
    assert_eq!(shown(&pay("63020", &["54"], "", Facility)), "949.49");
    assert_eq!(shown(&pay("63020", &["55", "56"], "", Facility)), "261.93");
    assert_eq!(shown(&pay("63020", &["54", "55", "56"], "", Facility)), "1,091.37");
    let na = pay("63020", &[], "", NonFacility);
    assert!(na.amount.is_none() && na.notes.iter().any(|n| n.starts_with("NA:")), "{na:?}");
    let lab = pay("80053", &[], "", NonFacility);
    assert!(lab.amount.is_none() && lab.notes.iter().any(|n| n.starts_with("status X")), "{lab:?}");
    let sleep = pay("00100", &[], "AL", Facility);
    assert!(sleep.amount.is_none() && sleep.notes.iter().any(|n| n.contains("base units")), "{sleep:?}");
    // The cap's file: 97.07 in Ohio, below the fee schedule's own amount.
    let capped = pay("93990", &["TC"], "OH", NonFacility);
    assert_eq!(shown(&capped), "97.07");
    assert!(capped.steps.iter().any(|s| s.contains("OPPS cap")), "{capped:?}");
}

#[test]
fn a_claim_is_ranked_by_amount() {
    let Some((_, book)) = rvu25d() else { return };
    let on: CivilDate = "2025-11-03".parse().unwrap();
    let line =
        |code: &str| PaymentLine { code: code.to_owned(), modifiers: Vec::new(), units: 1, minutes: None };
    let amounts = |codes: &[&str]| -> (Vec<String>, String) {
        let lines: Vec<_> = codes.iter().map(|c| line(c)).collect();
        let claim = book.claim_payment(&lines, None, PaymentSetting::Facility, on).unwrap();
        let each = claim.lines.iter().map(|p| p.amount.map_or(String::new(), |a| a.to_string())).collect();
        (each, claim.total.to_string())
    };
    let (each, total) = amounts(&["63030", "63020"]);
    assert_eq!(each, ["453.82", "1,091.37"]);
    assert_eq!(total, "1,545.19");
    // 45385 and 45380 have the base 45378: the highest in full, of the other what exceeds the base.
    let (alone, _) = amounts(&["45380"]);
    let (base, _) = amounts(&["45378"]);
    let cents = |text: &str| text.replace([',', '.'], "").parse::<i64>().unwrap();
    let (family, _) = amounts(&["45380", "45385", "45378"]);
    assert_eq!(cents(&family[0]), cents(&alone[0]) - cents(&base[0]));
    assert_eq!((family[1].clone(), family[2].as_str()), (amounts(&["45385"]).0.remove(0), "0.00"));
}

/// Each line as `CODE-MOD…xUNITS`, with its amount.
fn claimed(book: &Codebook, lines: &[(&str, &[&str], u32)]) -> Vec<Option<Cents>> {
    let line = |(code, modifiers, units): &(&str, &[&str], u32)| PaymentLine {
        code: (*code).to_owned(),
        modifiers: modifiers.iter().map(|m| (*m).to_owned()).collect(),
        units: *units,
        minutes: None,
    };
    let lines: Vec<PaymentLine> = lines.iter().map(line).collect();
    let on = "2025-11-03".parse().unwrap();
    let claim = book.claim_payment(&lines, None, PaymentSetting::Facility, on).unwrap();
    let amounts: Vec<Option<Cents>> = claim.lines.iter().map(|p| p.amount).collect();
    assert_eq!(claim.sum(), amounts.iter().copied().sum::<Option<Cents>>());
    amounts
}

#[test]
fn each_unit_is_a_procedure_of_its_own() {
    let book = Codebook::starter().unwrap();
    // 100 % and 50 %, not twice 100 %; then the next procedure is the third.
    assert_eq!(claimed(&book, &[("63020", &[], 2)]), [Some(Cents(109_137 + 54_569))]);
    assert_eq!(
        claimed(&book, &[("63030", &[], 1), ("63020", &[], 2)]),
        [Some(Cents(45_382)), Some(Cents(109_137 + 54_569))]
    );
    assert_eq!(claimed(&book, &[("63020", &[], 5)]), [Some(Cents(109_137 + 4 * 54_569))]);
    // The sixth is paid by report, whichever line it stands on.
    assert_eq!(claimed(&book, &[("63020", &[], 6)]), [None]);
    assert_eq!(claimed(&book, &[("63020", &[], u32::MAX), ("63030", &[], 1)]), [None, None]);
}

#[test]
fn of_each_endoscopy_its_own_share_of_the_base_is_taken_off() {
    let Some((_, book)) = rvu25d() else { return };
    let one = |code: &str, modifiers: &[&str]| claimed(book, &[(code, modifiers, 1)])[0].unwrap();
    // 45385 and 45380 have the base 45378; each unit is an endoscopy.
    let (high, low, base) = (one("45385", &[]), one("45380", &[]), one("45378", &[]));
    assert_eq!(
        claimed(book, &[("45380", &[], 3), ("45385", &[], 1)]),
        [Some((low - base).times(3)), Some(high)]
    );
    assert_eq!(claimed(book, &[("45385", &[], 2)]), [Some(high + (high - base))]);
    // 29827 and 29824 have the base 29805: of an assistant's amount the assistant's share of the base.
    let (high, low, base) = (one("29827", &["AS"]), one("29824", &["AS"]), one("29805", &["AS"]));
    assert!(low > base, "{low} {base}");
    assert_eq!(
        claimed(book, &[("29824", &["AS"], 1), ("29827", &["AS"], 1)]),
        [Some(low - base), Some(high)]
    );
}

/// Every status that gives no amount says why in the fee schedule's words.
#[test]
fn a_status_without_an_amount_is_told_in_words() {
    for status in "BCDEFGHIMNPQX".chars() {
        let fee = FeeRow { status, ..FeeRow::default() };
        let why = no_amount(&fee, PaymentSetting::Facility).unwrap();
        assert!(why.starts_with(&format!("status {status}: ")) && !why.contains("gives no amount"), "{why}");
    }
    assert!(no_amount(&FeeRow { status: 'A', ..FeeRow::default() }, PaymentSetting::Facility).is_none());
}
