//! Look-ups in the starter codebook.

use std::sync::LazyLock;

use crate::codebook::Codebook;
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Setting};

static STARTER: LazyLock<Codebook> = LazyLock::new(|| Codebook::starter().unwrap());

fn d(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn status(code: &str, on: &str) -> (CodeStatus, bool) {
    let entry = STARTER.show(None, code, d(on)).unwrap().remove(0);
    (entry.status, entry.coverage.is_some_and(|c| c.covers))
}

#[test]
fn the_starter_has_an_id_that_does_not_change_between_builds() {
    assert_eq!(STARTER.id().len(), 64);
    assert_eq!(STARTER.id(), Codebook::starter().unwrap().id());
}

#[test]
fn diagnoses_are_valid_headings_ended_or_not_yet_valid_by_date() {
    assert_eq!(status("E11.22", "2026-01-05"), (CodeStatus::Valid, true));
    assert_eq!(status("e1122", "2027-01-05"), (CodeStatus::Valid, false));
    assert_eq!(status("M54.5", "2026-01-05"), (CodeStatus::Header, true));
    assert_eq!(status("G35", "2025-09-30"), (CodeStatus::Valid, true));
    assert_eq!(status("G35", "2025-10-01"), (CodeStatus::Header, true));
    assert_eq!(status("G35.A", "2025-09-30"), (CodeStatus::NotYetValid, true));
    assert_eq!(status("G35.A", "2025-10-01"), (CodeStatus::Valid, true));
    assert_eq!(status("S30.1XXA", "2025-10-01"), (CodeStatus::Ended, true));
    assert_eq!(status("E11.22", "2020-01-01").0, CodeStatus::NoData);
    let g35 = STARTER.show(None, "G35", d("2025-09-30")).unwrap().remove(0);
    assert_eq!((g35.valid_to, g35.billable), (Some(d("2025-09-30")), true));
    let g35 = STARTER.show(None, "G35", d("2025-10-01")).unwrap().remove(0);
    assert_eq!(g35.valid_from, Some(d("2025-10-01")));
    assert!(g35.successors.contains(&"G35.A".to_owned()) && g35.successors.contains(&"G35.B".to_owned()));
}

#[test]
fn what_the_excerpt_does_not_know_is_said_to_be_so() {
    let e = STARTER.show(None, "Q99.9", d("2026-01-05")).unwrap().remove(0);
    assert_eq!((e.status, e.complete), (CodeStatus::Unknown, false));
    let e = STARTER.show(None, "E11.2X", d("2026-01-05")).unwrap().remove(0);
    assert_eq!((e.status, e.complete), (CodeStatus::Unknown, true));
}

#[test]
fn the_same_characters_in_two_systems_are_both_named() {
    let all = STARTER.show(None, "A0100", d("2025-11-01")).unwrap();
    let systems: Vec<_> = all.iter().map(|e| e.system).collect();
    assert_eq!(systems.first(), Some(&CodeSystem::Hcpcs));
    let dotted = STARTER.show(None, "A01.00", d("2025-11-01")).unwrap();
    assert_eq!(dotted.first().unwrap().system, CodeSystem::Icd10cm);
    if systems.len() == 2 {
        assert_eq!(all[0].also, [(CodeSystem::Icd10cm, "A01.00".to_owned())]);
    }
}

#[test]
fn cpt_numbers_are_attested_and_carry_only_our_own_words() {
    let e = STARTER.show(None, "63030", d("2024-08-01")).unwrap().remove(0);
    assert_eq!((e.system, e.status), (CodeSystem::Cpt, CodeStatus::Valid));
    assert!(e.plain_language && !e.description.is_empty() && e.coverage.unwrap().covers);
}

#[test]
fn the_pair_of_the_first_question_has_no_edit() {
    let p = STARTER.ptp(Setting::Practitioner, "63020", "63030", d("2024-08-01")).unwrap();
    assert!(p.rows.is_empty() && p.complete && p.coverage.unwrap().covers);
    let later = STARTER.ptp(Setting::Practitioner, "63020", "63030", d("2026-01-05")).unwrap();
    assert!(!later.coverage.unwrap().covers);
    let before = STARTER.ptp(Setting::Practitioner, "63020", "63030", d("2024-06-30")).unwrap();
    assert!(before.coverage.is_none() && !before.complete);
    let outside = STARTER.ptp(Setting::Practitioner, "63020", "99999", d("2024-08-01")).unwrap();
    assert!(!outside.complete);
}

#[test]
fn an_edit_is_found_from_both_sides() {
    let a = STARTER.ptp(Setting::Practitioner, "20610", "10060", d("2024-08-01")).unwrap();
    let b = STARTER.ptp(Setting::Practitioner, "10060", "20610", d("2024-08-01")).unwrap();
    assert_eq!(a.rows, b.rows);
    assert!(!a.rows.is_empty());
}

#[test]
fn units_add_ons_and_fees_are_as_published() {
    let on = d("2024-08-01");
    let mue = |code| {
        let m = STARTER.mue(Setting::Practitioner, code, on).unwrap().value.unwrap();
        (m.units, m.mai)
    };
    assert_eq!((mue("97110"), mue("20610"), mue("J3301"), mue("63047")), ((6, 3), (2, 3), (16, 3), (1, 2)));
    let add_on = STARTER.add_on("29826", on).unwrap();
    let primaries = add_on.value.unwrap().primaries;
    let expected =
        ["29806", "29807", "29819", "29820", "29821", "29822", "29823", "29824", "29825", "29827", "29828"];
    assert_eq!(primaries, expected);
    assert!(STARTER.add_ons_of("63030", on).unwrap().value.contains(&"63035".to_owned()));
    let fee = STARTER.fee("63030", "", d("2025-10-01")).unwrap();
    let row = fee.value.unwrap();
    assert_eq!((row.global_days.as_str(), row.multiple.as_str(), row.bilateral.as_str()), ("090", "2", "1"));
    assert_eq!(row.conversion_factor, Some(32.3465));
    assert!(STARTER.mue(Setting::Practitioner, "00000", on).unwrap().coverage.is_none());
}

#[test]
fn modifiers_have_official_or_our_own_texts() {
    let lt = STARTER.modifier("LT", d("2025-11-01")).unwrap().value.unwrap();
    assert!(lt.text.starts_with("Left side") && !lt.plain_language);
    let m25 = STARTER.modifier("25", d("2025-11-01")).unwrap().value.unwrap();
    assert!(m25.plain_language);
}

#[test]
fn words_abbreviations_and_typing_errors_find_codes() {
    let first = |query: &str| {
        let hits = STARTER.search(query, Some(CodeSystem::Icd10cm), d("2026-01-05"), 5).unwrap();
        hits.into_iter().map(|h| h.code).collect::<Vec<_>>()
    };
    assert!(first("ckd 3b").first().is_some_and(|c| c == "N18.32"), "{:?}", first("ckd 3b"));
    assert!(first("low back pain").iter().any(|c| c.starts_with("M54.5")), "{:?}", first("low back pain"));
    assert!(first("afib").iter().any(|c| c == "I48.91"), "{:?}", first("afib"));
    assert!(first("pnuemonia").iter().any(|c| c.starts_with("J18")), "{:?}", first("pnuemonia"));
    assert_eq!(first("E11.22"), ["E11.22"]);
    assert!(first("\"); DROP -- * ^ NEAR(").len() <= 5);
}

#[test]
fn the_notices_of_the_files_are_kept() {
    assert!(
        STARTER.notices().iter().any(|n| n.lines.iter().any(|l| l.contains("American Medical Association")))
    );
}
