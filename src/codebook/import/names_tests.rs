//! Names: the index, the external cause index, the tables of drugs and neoplasms, imported and looked up.

use std::path::{Path, PathBuf};

use crate::codebook::Codebook;
use crate::codebook::import::import;
use crate::codebook::import::tests::{d, none, official};
use crate::domain::CodeSystem;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes").join(name)
}

fn book(dir: &Path, paths: &[PathBuf]) -> Codebook {
    let path = dir.join("book.sqlite");
    import(&path, paths, &none()).unwrap();
    Codebook::open(&path).unwrap()
}

fn names(book: &Codebook, code: &str) -> Vec<String> {
    let all = book.names_of(CodeSystem::Icd10cm, code, d("2026-01-05")).unwrap();
    all.into_iter().map(|n| format!("{} {} {}", n.kind, n.of, n.name)).collect()
}

fn count(book: &Codebook, sql: &str) -> i64 {
    book.connection().unwrap().query_row(sql, [], |r| r.get(0)).unwrap()
}

#[test]
fn index_terms_are_names_with_their_whole_path_and_references_are_followed() {
    let dir = tempfile::tempdir().unwrap();
    let files = ["icd10cm_eindex_2026.xml", "icd10cm_index_2026.xml"].map(fixture);
    let book = book(dir.path(), &files);
    let ladder = [
        "external W11 Stumble, stumbling (over own feet) (sudden) NEC, from, off, garden ladder",
        "external W11 Trip",
        "external W11 Tumble",
    ];
    assert_eq!(names(&book, "W11"), ladder);
    assert_eq!(names(&book, "W11.XXXA"), ladder);
    assert_eq!(names(&book, "V80.421A").len(), 1);
    assert_eq!(
        names(&book, "A00.9"),
        ["index A00.9 Bluebell fever (spring)", "index A00.9 Bluebell fever (spring), mother's & child's"]
    );
    assert_eq!(names(&book, "N08"), Vec::<String>::new());
    assert_eq!(
        count(&book, "SELECT count(*) FROM name n JOIN text t ON t.id=n.text_id WHERE t.text LIKE 'Wander%'"),
        0
    );
    let first = book.names_of(CodeSystem::Icd10cm, "W11", d("2026-01-05")).unwrap().remove(0);
    assert_eq!(
        (first.evidence.release.as_str(), first.evidence.locator.as_str()),
        ("ICD-10-CM FY2026", "line 12, W11")
    );
    assert!(first.coverage.covers);
}

#[test]
fn table_entries_are_found_by_their_words_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let files = ["icd10cm_drug_2026.xml", "icd10cm_neoplasm_2026.xml"].map(fixture);
    let book = book(dir.path(), &files);
    let on = d("2026-01-05");
    let moonwort = book.drug("moonwort", on).unwrap();
    let cells: Vec<_> = moonwort.value[0].cells.iter().map(|(c, code)| format!("{c} {code}")).collect();
    assert_eq!(
        (cells.len(), cells[0].as_str(), cells[5].as_str()),
        (6, "poisoning accidental T39.011", "underdosing T39.016")
    );
    let oil = book.drug("Essence, MOONWORT", on).unwrap().value.remove(0);
    assert_eq!((oil.entry.as_str(), oil.cells.len()), ("Moonwort (leaf) NEC, oil, essence", 4));
    let referred = book.drug("lunaria", on).unwrap().value.remove(0);
    assert_eq!((referred.entry.as_str(), referred.cells[4].1.as_str()), ("Lunaria", "T39.015"));
    let lobe = book.neoplasm("lobule", on).unwrap().value.remove(0);
    assert_eq!(
        lobe.cells.iter().map(|c| c.1.as_str()).collect::<Vec<_>>(),
        ["C44.20", "C79.2", "D04.2", "D23.2"]
    );
    assert!(
        names(&book, "D23.21")
            .contains(&"neoplasm D23.2 benign neoplasm of ear lobe, lobule, tip (left) (right)".to_owned())
    );
    assert!(names(&book, "T39.015A").contains(&"drug T39.015 adverse effect of Lunaria".to_owned()));
    assert_eq!(names(&book, "C80.1"), ["neoplasm C80.1 malignant neoplasm of unspecified site"]);
    // An excerpt that does not know a word says nothing.
    assert!(book.drug("aspirin", on).unwrap().coverage.is_none());
}

#[test]
fn a_cut_index_is_refused_and_a_list_of_its_changes_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read_to_string(fixture("icd10cm_drug_2026.xml")).unwrap();
    let path = dir.path().join("icd10cm_drug_2026.xml");
    std::fs::write(&path, whole.get(..whole.len() - 40).unwrap()).unwrap();
    let error = import(&dir.path().join("b"), std::slice::from_ref(&path), &none()).unwrap_err().to_string();
    assert!(error.contains("it was cut") || error.contains("broken"), "{error}");
    std::fs::write(&path, whole.replace("<ICD10CM.index>", "<ICD10CM.index isAddenda=\"true\">")).unwrap();
    let error = import(&dir.path().join("b"), &[path], &none()).unwrap_err().to_string();
    assert!(error.contains("no code file"), "{error}");
}

#[test]
fn the_real_index_files_have_their_counts() {
    let Some(path) = official("2026-table-and-index-parts.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("names.sqlite");
    let report = import(&file, &[path], &none()).unwrap();
    let rows: Vec<_> = report.files.iter().map(|f| (f.release.as_str(), f.rows, f.kind.as_str())).collect();
    let fy = |dataset: &str| format!("{dataset}: ICD-10-CM FY2026");
    // The lists of chapters, sections and categories in the same archive are of another subject.
    let rows: Vec<_> = rows.into_iter().filter(|(release, ..)| !release.contains("April 2026")).collect();
    let (drug, external, neoplasm) = (fy("icd10cm_drug"), fy("icd10cm_eindex"), fy("icd10cm_neoplasm"));
    let expected = [(drug.as_str(), 7_290, "full"), (&external, 7_175, "full"), (&neoplasm, 1_876, "full")];
    assert_eq!(rows, expected);
    assert!(report.files.iter().all(|f| f.skipped.is_empty()), "{report:?}");
    let book = Codebook::open(&file).unwrap();
    let cells = |dataset: &str| {
        let of = format!(
            "SELECT count(*) FROM table_cell WHERE release=(SELECT id FROM release WHERE dataset='{dataset}')"
        );
        count(&book, &of)
    };
    assert_eq!((cells("icd10cm_drug"), cells("icd10cm_neoplasm")), (40_426, 9_319));
    let on = d("2026-01-05");
    let cell = |entries: Vec<crate::codebook::TableEntry>, n: usize| entries[0].cells[n].1.clone();
    assert_eq!(cell(book.drug("aspirin", on).unwrap().value, 5), "T39.016");
    assert_eq!(cell(book.drug("acid, acetic", on).unwrap().value, 0), "T54.2X1");
    assert_eq!(cell(book.neoplasm("breast", on).unwrap().value, 1), "C79.81");
    let none = book.drug("no such substance", on).unwrap();
    assert!(none.value.is_empty() && none.coverage.is_some_and(|c| c.covers));
    assert!(
        names(&book, "W11.XXXA")
            .contains(&"external W11 Fall, falling (accidental), down, ladder".to_owned())
    );
    assert!(names(&book, "T39.015A").contains(&"drug T39.015 adverse effect of Bufferin".to_owned()));
    // Outside its year the table is still used, and says so.
    assert!(!book.drug("aspirin", d("2027-01-05")).unwrap().coverage.unwrap().covers);
}
