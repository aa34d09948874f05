//! Diagnoses among themselves: on a small list of our own, and on the official files where they are at hand.

use std::path::{Path, PathBuf};

use super::*;
use crate::codebook::Codebook;
use crate::codebook::import::{ImportOptions, import};
use crate::consult::claim::Line;
use crate::domain::CivilDate;

struct Book {
    book: Codebook,
    _folder: tempfile::TempDir,
}

fn book_of(paths: &[PathBuf]) -> Book {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("book.sqlite");
    import(&file, paths, &ImportOptions::default()).unwrap();
    Book { book: Codebook::open(&file).unwrap(), _folder: folder }
}

fn small() -> Book {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes");
    book_of(&[folder.join("icd10cm_tabular_2026.xml")])
}

fn official() -> Option<Book> {
    let cms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cms");
    let names = ["2021-icd10cm-tabular.zip", "2026-code-descriptions-tabular-order.zip"];
    let paths = names.map(|n| cms.join(n));
    if let Some(missing) = paths.iter().find(|p| !p.is_file()) {
        println!("skipped: {} is not at hand", missing.display());
        return None;
    }
    Some(book_of(&paths))
}

/// Rule, outcome and codes of what is found.
fn found(book: &Codebook, diagnoses: &[&str], line: &str, on: &str) -> Vec<Finding> {
    let on: CivilDate = on.parse().unwrap();
    let diagnoses = diagnoses.iter().map(|d| (*d).to_owned()).collect();
    let claim = Claim { diagnoses, ..Claim::of(vec![Line::parse(line).unwrap()], on) };
    let tables = Tables::new(book, on);
    let mut all = check(&claim, &tables).unwrap();
    all.extend(as_claimed(&claim, &tables).unwrap());
    all
}

fn of<'a>(found: &'a [Finding], rule: &str) -> Vec<&'a Finding> {
    found.iter().filter(|f| f.rule == rule).collect()
}

#[test]
fn excluded_pairs_conflict_whatever_their_order() {
    let small = small();
    for pair in [["A00.0", "A01.0"], ["A01.0", "A00.0"]] {
        let all = found(&small.book, &pair, "97110", "2026-01-05");
        let conflicts = of(&all, "excludes1");
        assert_eq!(conflicts.len(), 1, "{all:?}");
        assert_eq!(conflicts[0].outcome, Outcome::Warn);
        assert_eq!(conflicts[0].codes, ["A00.0", "A01.0"]);
        assert!(conflicts[0].statement.contains("unless"), "{}", conflicts[0].statement);
    }
    assert!(of(&found(&small.book, &["A00", "A00.0"], "97110", "2026-01-05"), "excludes1").is_empty());
}

/// Notes that are older than the date of service: said, with their edition, and never a denial.
#[test]
fn older_notes_are_named_and_deny_nothing() {
    let small = small();
    let all = found(&small.book, &["A00.0", "A01.0"], "97110", "2027-01-05");
    let conflict = of(&all, "excludes1")[0];
    assert_eq!((conflict.outcome, &conflict.detail["verified"]), (Outcome::Info, &json!(false)));
    assert!(conflict.statement.contains("FY2026") && conflict.statement.contains("confirm"));
    assert!(found(&small.book, &["A00.0", "A01.0"], "97110", "2020-01-05").is_empty());
}

#[test]
fn the_order_and_repetitions_of_a_claim() {
    let book = Codebook::starter().unwrap();
    let rules = |dx: &[&str]| -> Vec<String> {
        let mut all: Vec<String> =
            found(&book, dx, "99213", "2026-01-05").into_iter().map(|f| f.rule).collect();
        all.sort();
        all
    };
    assert_eq!(rules(&["E11.22", "Z00.00"]), ["first_listed"]);
    assert!(rules(&["Z00.00", "E11.22"]).is_empty());
    assert_eq!(rules(&["E11.22", "N18.32", "E1122"]), ["diagnosis_repeated"]);
    assert_eq!(rules(&["S52.501D", "Z47.89"]), ["sequence"]);
}

/// M75.120 leaves the side open, M75.121 is the right one.
#[test]
fn a_side_that_a_line_names_is_not_left_open() {
    let book = Codebook::starter().unwrap();
    let outcomes = |line: &str| -> Vec<(Outcome, String)> {
        let all = found(&book, &["M75.120"], line, "2026-01-05");
        all.into_iter().map(|f| (f.outcome, f.statement)).collect()
    };
    let with = outcomes("23412-RT");
    assert_eq!(with[0].0, Outcome::Warn);
    assert!(with[0].1.contains("M75.121 (right) or M75.122 (left)"), "{}", with[0].1);
    assert_eq!(outcomes("23412")[0].0, Outcome::Info);
}

#[test]
fn the_official_notes_and_characters() {
    let Some(Book { book, _folder }) = official() else { return };
    let on = "2026-01-05";
    let faults = |dx: &str| -> Vec<(Outcome, String, String)> {
        let all = found(&book, &[dx], "99213", on);
        let fault = |f: &Finding| f.detail["fault"].as_str().unwrap_or_default().to_owned();
        of(&all, "seventh_character")
            .into_iter()
            .map(|f| (f.outcome, fault(f), f.statement.clone()))
            .collect()
    };
    let missing = &faults("S52.501")[0];
    assert_eq!((missing.0, missing.1.as_str()), (Outcome::Deny, "missing"));
    assert!(missing.2.contains("S52.501A (initial encounter for closed fracture)"), "{}", missing.2);
    let other = &faults("S52.501X")[0];
    assert_eq!((other.0, other.1.as_str()), (Outcome::Deny, "not_defined"));
    let x = &faults("S02.0A")[0];
    assert_eq!((x.0, x.1.as_str()), (Outcome::Deny, "placeholder"));
    assert!(x.2.contains("S02.0XXA"), "{}", x.2);
    assert!(faults("S52.501A").is_empty() && faults("E11.22").is_empty());
    // Both notes of the pair say the same, once.
    let all = found(&book, &["N18.32", "E11.22"], "99213", on);
    let order = of(&all, "sequence");
    assert_eq!(order.len(), 1, "{order:?}");
    assert!(order[0].statement.starts_with("E11.22 goes before N18.32"), "{}", order[0].statement);
    assert!(of(&found(&book, &["E11.22", "N18.32"], "99213", on), "sequence").is_empty());
    let conflict = found(&book, &["E11.9", "E10.9"], "99213", on);
    assert_eq!(of(&conflict, "excludes1")[0].outcome, Outcome::Info);
    assert!(of(&conflict, "excludes1")[0].statement.contains("FY2021"));
}
