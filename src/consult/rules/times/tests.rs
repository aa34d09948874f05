use super::*;
use crate::consult::claim::Line;
use crate::domain::Outcome;

fn spent(lines: &[&str], times: &[Timed<'_>], text: &str, new_patient: Option<bool>) -> Vec<Finding> {
    let lines = lines.iter().map(|l| Line::parse(l).unwrap()).collect();
    let claim = Claim::of(lines, "2025-10-15".parse().unwrap());
    check(&claim, &Spent { times, text, new_patient, medicare: true })
}

fn alone(minutes: u32) -> Vec<Timed<'static>> {
    vec![Timed { minutes, code: None }]
}

#[test]
fn the_table_is_well_formed() {
    let table = TABLE.as_ref().unwrap();
    for visit in &table.visit {
        assert!(visit.levels.windows(2).all(|w| w[0].1 < w[1].1 && w[0].0 < w[1].0), "{}", visit.words);
        let last = visit.levels.last().unwrap().1;
        assert!(visit.prolonged.as_ref().is_none_or(|(_, from)| *from >= last + 15));
    }
}

#[test]
fn levels_by_time() {
    let of = |code: &str, minutes: u32| {
        let found = spent(&[code], &alone(minutes), "visit", None);
        (found[0].detail["supports"].as_str().map(str::to_owned), found[0].outcome)
    };
    assert_eq!(of("99214", 32), (Some("99214".to_owned()), Outcome::Pass));
    assert_eq!(of("99215", 39), (Some("99214".to_owned()), Outcome::Warn));
    assert_eq!(of("99205", 60), (Some("99205".to_owned()), Outcome::Pass));
    assert_eq!(of("99212", 9), (None, Outcome::Warn));
    assert_eq!(of("99239", 31).0.unwrap(), "99239");
    let by_words = spent(&[], &alone(47), "office visit, new patient, which level?", Some(true));
    assert_eq!(by_words[0].detail["supports"], "99204");
    assert!(spent(&[], &alone(47), "office visit", None).is_empty(), "new or established is not said");
    assert!(spent(&["99284"], &alone(47), "ed visit", None)[0].statement.contains("never chosen by time"));
    // The minutes of the therapy are not the visit's.
    assert!(
        spent(&["99213", "97110"], &alone(30), "visit and exercise", None)
            .iter()
            .all(|f| f.rule != "visit_time")
    );
}

#[test]
fn prolonged_time_by_cpt_and_by_medicare() {
    let of =
        |minutes: u32| spent(&["99215"], &alone(minutes), "visit", None).get(1).map(|f| f.detail.clone());
    assert_eq!(of(54), None);
    assert_eq!(of(55).unwrap()["cpt_units"], 1);
    assert_eq!(of(68).unwrap()["medicare_units"], 0);
    assert_eq!(of(69).unwrap()["medicare_units"], 1);
    assert_eq!(of(85).unwrap()["cpt_units"], 3);
}

#[test]
fn critical_care_beyond_the_first_hour() {
    for (minutes, cpt, medicare) in
        [(74, 0, 0), (75, 1, 0), (103, 1, 0), (104, 1, 1), (105, 2, 1), (134, 2, 2)]
    {
        assert_eq!(critical_care::further(minutes), (cpt, medicare), "{minutes}");
    }
    let found = spent(&["99291", "99292"], &alone(80), "medicare", None);
    assert_eq!(found[0].outcome, Outcome::Deny);
    assert!(found[0].statement.contains("104"));
    assert_eq!(spent(&["99291"], &alone(20), "", None)[0].outcome, Outcome::Deny);
}

#[test]
fn infusions_by_the_hour() {
    for (minutes, further) in [(90, 0), (91, 1), (150, 1), (151, 2), (210, 2), (211, 3)] {
        assert_eq!(infusion::further(minutes), further, "{minutes}");
    }
    assert_eq!(spent(&["96365"], &alone(15), "", None)[0].outcome, Outcome::Deny);
    assert!(spent(&["96365"], &alone(15), "", None)[0].statement.contains("96374"));
    assert_eq!(spent(&["96360"], &alone(30), "", None)[0].outcome, Outcome::Deny);
    let both = [Timed { minutes: 100, code: Some("96365") }, Timed { minutes: 45, code: Some("96360") }];
    let found = spent(&["96365", "96366", "96360"], &both, "", None);
    assert_eq!(
        (found[0].detail["further"].as_u64(), found[1].detail["further"].as_u64()),
        (Some(1), Some(0))
    );
}

#[test]
fn therapy_minutes_are_counted_over_the_day() {
    for (minutes, units) in
        [(7, 0), (8, 1), (22, 1), (23, 2), (37, 2), (38, 3), (52, 3), (53, 4), (67, 4), (68, 5)]
    {
        assert_eq!(therapy::units(minutes), units, "{minutes}");
    }
    // CMS's own examples: 33 and 7 minutes are 3 units; 18, 13, 10 and 8 are 3.
    assert_eq!(therapy::shared(&[24, 23]), [2, 1]);
    assert_eq!(therapy::shared(&[20, 20]), [2, 1]);
    assert_eq!(therapy::shared(&[33, 7]), [2, 1]);
    assert_eq!(therapy::shared(&[18, 13, 10, 8]), [1, 1, 1, 0]);
    assert_eq!(therapy::shared(&[7, 7, 7]), [1, 0, 0]);
    let times = [Timed { minutes: 20, code: Some("97110") }, Timed { minutes: 20, code: Some("97140") }];
    let found = spent(&["97110", "97140"], &times, "", None);
    assert_eq!(found[0].detail["units"], 3);
    assert!(spent(&["97110", "97140"], &alone(40), "", None).is_empty(), "whose minutes is not said");
}
