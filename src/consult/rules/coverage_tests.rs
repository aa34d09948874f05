use std::path::Path;

use super::*;
use crate::codebook::import::{ImportOptions, import};
use crate::codebook::{Codebook, CoverageArea};
use crate::consult::claim::Line;

fn findings(code: &str, dx: &[&str], area: Option<&str>, on: &str) -> Vec<Finding> {
    let dir = tempfile::tempdir().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes");
    let file = dir.path().join("book.sqlite");
    let names = ["current_article.zip", "current_lcd.zip", "ncd.zip"];
    import(&file, &names.map(|n| folder.join(n)), &ImportOptions::default()).unwrap();
    let book = Codebook::open(&file).unwrap();
    let on: CivilDate = on.parse().unwrap();
    let mut claim = Claim::of(vec![Line::parse(code).unwrap()], on);
    claim.diagnoses = dx.iter().map(|d| (*d).to_owned()).collect();
    claim.area = area.map(|a| CoverageArea::read(a).unwrap());
    let forward = check(&claim, &Tables::new(&book, on)).unwrap();
    claim.diagnoses.reverse();
    assert_eq!(
        forward,
        check(&claim, &Tables::new(&book, on)).unwrap(),
        "the order of the diagnoses changes nothing"
    );
    assert!(forward.iter().all(|f| !f.evidence.is_empty()));
    // "Covered" is never asserted.
    assert!(forward.iter().all(|f| !matches!(f.outcome, Outcome::Pass)));
    forward
}

#[test]
fn a_listed_diagnosis_is_necessary_not_sufficient() {
    let found = findings("93306", &["I08.1", "E11.9"], Some("WI"), "2026-06-15");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].statement.contains("LCD L80001") && found[0].statement.contains("NCD 220.99"));
    assert_eq!(found[1].outcome, Outcome::Info);
    assert!(
        found[1].statement.starts_with("I08.1 stands on the list")
            && found[1].statement.contains("necessary, not sufficient")
    );
    assert_eq!(found[1].detail["supporting"], json!(["I08.1"]));
    assert_eq!(found[1].detail["notes"][1], "*Report a second diagnosis, too.");
}

#[test]
fn a_diagnosis_on_no_list_or_on_the_wrong_one_is_a_warning() {
    let none = findings("93306", &["E11.9"], Some("WI"), "2026-06-15");
    assert_eq!((none.len(), none[1].outcome), (2, Outcome::Warn));
    assert!(none[1].statement.contains("None of the diagnoses (E11.9)"), "{}", none[1].statement);
    let against = findings("93306", &["Z00.00"], Some("WI"), "2026-06-15");
    assert_eq!(against[1].outcome, Outcome::Warn);
    assert_eq!(against[1].detail["not_supporting"], json!(["Z00.00"]));
    // A list whose paragraph names another service does not help.
    let other = findings("93306", &["I25.10"], Some("WI"), "2026-06-15");
    assert_eq!(other[1].outcome, Outcome::Warn, "{}", other[1].statement);
    assert_eq!(findings("93307", &["I25.10"], Some("WI"), "2026-06-15")[1].outcome, Outcome::Info);
}

#[test]
fn what_is_missing_is_asked_for() {
    let found = findings("93306", &[], None, "2026-06-15");
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].detail["asks"],
        json!(["the state or the Medicare contractor (MAC)", "the diagnosis"])
    );
    let found = findings("93306", &["I25.10"], None, "2026-06-15");
    assert_eq!(found[1].detail["listed_in"], json!(["A90002"]));
    let found = findings("93306", &[], Some("WI"), "2026-06-15");
    assert!(found[1].statement.contains("the diagnosis is needed"));
}

#[test]
fn nothing_found_is_never_covered() {
    assert!(findings("99213", &["I10"], None, "2026-06-15").is_empty());
    let none = findings("99213", &["I10"], Some("WI"), "2026-06-15");
    assert_eq!((none.len(), none[0].outcome), (1, Outcome::Info));
    assert!(none[0].statement.contains("does not say that it is covered"));
    assert!(none[0].evidence.iter().all(|e| e.locator == "no row 99213"));
}

#[test]
fn a_release_that_does_not_reach_the_date_is_said() {
    let found = findings("93307", &["I08.0"], Some("WI"), "2027-01-05");
    assert!(
        found
            .iter()
            .all(|f| f.statement.starts_with("Not verified for 2027-01-05, by Medicare Coverage Database"))
    );
    assert_eq!(found[1].detail["current"], false);
}
