//! Look-ups of coverage documents, on the invented exports of the fixtures.

use std::path::Path;
use std::sync::OnceLock;

use crate::codebook::import::import;
use crate::codebook::import::tests::{d, none};
use crate::codebook::{Codebook, CoverageArea, CoverageDocument};

fn book() -> &'static Codebook {
    static BOOK: OnceLock<(tempfile::TempDir, Codebook)> = OnceLock::new();
    let (_, book) = BOOK.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes");
        let names = ["current_article.zip", "current_lcd.zip", "ncd.zip", "WI_lcd_sample.json"];
        let file = dir.path().join("book.sqlite");
        import(&file, &names.map(|n| folder.join(n)), &none()).unwrap();
        let book = Codebook::open(&file).unwrap();
        (dir, book)
    });
    book
}

fn ids(code: &str, on: &str, area: Option<&str>) -> (Vec<String>, usize) {
    let area = area.map(|a| CoverageArea::read(a).unwrap());
    let found = book().coverage_documents(code, d(on), area.as_ref()).unwrap();
    (found.documents.into_iter().map(|d| format!("{}v{}", d.id, d.version)).collect(), found.elsewhere)
}

fn article(on: &str) -> CoverageDocument {
    book().coverage_document("A90001", d(on)).unwrap().unwrap()
}

#[test]
fn the_documents_of_a_service_are_those_of_the_day_and_the_area() {
    // The article, its LCD and NCD; the other contractor's article.
    let all = ["NCD 220.99v2", "L80001v5", "A90001v3", "A90002v2"];
    assert_eq!(ids("93306", "2026-06-15", None), (all.map(str::to_owned).to_vec(), 0));
    assert_eq!(ids("93306", "2026-06-15", Some("Wisconsin")).0, ["NCD 220.99v2", "L80001v5", "A90001v3"]);
    // Downstate New York is of New York; a state that the contractor gave up is none of its.
    assert_eq!(
        ids("93306", "2026-06-15", Some("NY")),
        (vec!["NCD 220.99v2".to_owned(), "A90002v2".to_owned()], 2)
    );
    assert_eq!(ids("93306", "2026-06-15", Some("MN")).1, 3);
    // Version 4 no longer lists 93306, and still 93307.
    assert_eq!(ids("93306", "2026-08-01", Some("WI")).0, [""; 0]);
    assert_eq!(ids("93307", "2026-08-01", Some("WI")).0, ["L80001v5", "A90001v4"]);
    // Before the version began, after the article's retirement.
    assert_eq!(ids("93306", "2025-09-30", Some("WI")).0, [""; 0]);
    assert_eq!(ids("J3301", "2025-12-31", None).0, ["A90003v1"]);
    assert_eq!(ids("J3301", "2026-01-01", None).0, [""; 0]);
    assert_eq!(ids("E0100", "2026-06-15", Some("KY")).0, ["L80002v9"]);
}

#[test]
fn what_is_not_found_names_the_releases_and_what_a_release_does_not_reach_is_said() {
    let found = book().coverage_documents("99213", d("2026-07-03"), None).unwrap();
    assert!(found.documents.is_empty() && found.releases.len() == 3, "{found:?}");
    assert!(found.releases.iter().filter(|r| r.covers).count() == 2);
    assert!(article("2026-06-15").coverage.covers && article("2026-07-07").coverage.covers);
    assert!(!article("2026-07-08").coverage.covers);
    let empty = Codebook::starter().unwrap().coverage_documents("93306", d("2026-07-01"), None).unwrap();
    assert!(empty.documents.is_empty() && empty.releases.is_empty());
}

#[test]
fn a_document_says_what_it_is_and_where_it_stands() {
    let a = article("2026-06-15");
    assert_eq!(
        (a.title.as_str(), a.sort.as_str()),
        ("Billing and Coding: Invented Imaging", "Billing and Coding")
    );
    assert_eq!((a.covered, a.noncovered, a.states.join(" ").as_str()), (4, 1, "IL WI"));
    assert_eq!(a.contractors, ["Lakeside Administrators, Inc. (A and B MAC, 06102)"]);
    assert_eq!(a.evidence.locator, "line 2, A90001, version 3");
    assert!(a.url.ends_with("view/article.aspx?articleid=90001&ver=3"));
    let later = book().coverage_document("a90002", d("2026-06-15")).unwrap().unwrap();
    assert_eq!(later.ends, Some(d("2026-12-31")));
    assert!(book().coverage_document("NCD 150.99", d("2026-06-15")).unwrap().is_none());
    assert_eq!(
        book().coverage_document("220.99", d("2026-06-15")).unwrap().unwrap().sort,
        "restricted coverage"
    );
    assert!(book().coverage_document("L99", d("2026-06-15")).unwrap().is_none());
}

#[test]
fn a_diagnosis_stands_on_lists_with_their_conditions() {
    let a = article("2026-06-15");
    let on = |dx: &str, service| book().coverage_of_diagnosis(&a, dx, service).unwrap();
    let starred = on("i08.1", Some("93306"));
    assert_eq!(starred.lists.len(), 1);
    let list = &starred.lists[0];
    assert!(list.covered && list.group == 1 && list.for_service == Some(true));
    assert_eq!(list.note, "Applicable to codes 93306 & 93307 […] only:");
    assert_eq!(list.asterisk, "*Report a second diagnosis, too.");
    assert!(on("I08.0", None).lists[0].asterisk.is_empty());
    // The list of group 2 is for another service.
    assert_eq!(on("I25.10", Some("93306")).lists[0].for_service, Some(false));
    let not = on("Z00.00", None);
    assert!(!not.lists[0].covered && not.evidence.unwrap().locator.contains("not supporting"));
    assert!(on("E11.9", None).lists.is_empty() && on("no code", None).evidence.is_none());
    assert_eq!(book().coverage_diagnoses(&a, true).unwrap(), ["I080", "I081", "I082", "I2510"]);
}

#[test]
fn the_documents_that_list_a_diagnosis_are_found() {
    let found = |dx: &str, on: &str| {
        let found = book().coverage_naming_diagnosis(dx, d(on), None, 50).unwrap();
        found.documents.into_iter().filter(|d| d.through.is_none()).map(|d| d.id).collect::<Vec<_>>()
    };
    assert_eq!(found("I25.10", "2026-06-15"), ["A90001", "A90002"]);
    assert_eq!(found("I25.10", "2026-08-15"), ["A90002"]);
    assert_eq!(found("I08.0", "2026-08-15"), ["A90001", "A90008"]);
    assert_eq!(found("E11.9", "2026-08-15"), [""; 0]);
}

#[test]
fn a_state_s_list_without_dates_is_never_verified() {
    let found = book().coverage_documents("C8923", d("2026-06-15"), None).unwrap();
    let ids: Vec<_> = found.documents.iter().map(|d| (d.id.as_str(), d.version, d.coverage.covers)).collect();
    assert_eq!(ids, [("L80003", 0, false), ("A90008", 7, false)]);
}
