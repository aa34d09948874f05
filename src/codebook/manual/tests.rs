//! Passages of small manuals of our own.

use std::path::{Path, PathBuf};

use crate::codebook::import::import;
use crate::codebook::import::tests::{d, none};
use crate::codebook::{Codebook, Manual, best_sentences};
use crate::domain::CodeSystem;

fn book() -> (tempfile::TempDir, Codebook) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b.sqlite");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes");
    let files: Vec<PathBuf> =
        ["ICD-10-CM-October-2025-Guidelines.txt", "2026_ncci_medicare_policy_manual_all-chapters.txt"]
            .iter()
            .map(|n| folder.join(n))
            .collect();
    import(&path, &files, &none()).unwrap();
    (dir, Codebook::open(&path).unwrap())
}

#[test]
fn a_passage_has_its_text_its_place_and_its_neighbours() {
    let (_dir, book) = book();
    let on = d("2026-01-15");
    let found = book.passage(Manual::OfficialGuidelines, "I.C.4.a.2", on).unwrap();
    let passage = found.value.unwrap();
    assert_eq!(passage.at.title, "Sugar and tablets");
    let within: Vec<_> = passage.within.iter().map(|s| s.section.as_str()).collect();
    assert_eq!(within, ["I", "I.C", "I.C.4", "I.C.4.a"]);
    assert_eq!(passage.previous.as_ref().unwrap().section, "I.C.4.a.1");
    assert_eq!(passage.next.as_ref().unwrap().section, "II");
    assert_eq!(found.evidence.unwrap().locator, "Section I.C.4.a.2, page 3");
    assert_eq!(
        best_sentences(&passage, "insulin", 2),
        ["When insulin is taken as well, add code Z79.4, too."]
    );
    // Text that goes on over a page is one paragraph, cited by the page where it begins.
    let passage = book.passage(Manual::OfficialGuidelines, "Section I.B.1", on).unwrap().value.unwrap();
    assert!(passage.paragraphs[0].text.ends_with("what was written down is coded once."), "{passage:?}");
    assert_eq!(passage.paragraphs[0].page, "2");
    let passage = book.passage(Manual::NcciPolicy, "ch. I §B(2).2", on).unwrap().value.unwrap();
    assert_eq!((passage.cited.as_str(), passage.at.page.as_str()), ("chapter I §B(2).2", "I-4"));
    assert!(book.passage(Manual::NcciPolicy, "ch. I §Z.9", on).unwrap().value.is_none());
    let contents = book.manual_contents(Manual::NcciPolicy, on).unwrap();
    let deep: Vec<_> = contents.value.iter().filter(|s| s.depth > 3).map(|s| s.section.as_str()).collect();
    assert_eq!(deep, ["I.C.1.a.i", "I.C.1.a.ii"]);
}

#[test]
fn passages_are_found_by_words_and_codes() {
    let (_dir, book) = book();
    let on = d("2026-01-15");
    let found = |query: &str, manual| -> Vec<String> {
        book.passages(query, on, manual, 5).unwrap().into_iter().map(|f| f.value.at.section).collect()
    };
    assert_eq!(found("early fevers", None)[0], "I.C.1.a.2.b.i");
    assert_eq!(found("limits of a unit", Some(Manual::NcciPolicy))[0], "I.C");
    assert_eq!(found("Z59.5", None)[0], "I.C.4.a.2");
    assert_eq!(found("97112", None)[0], "I.B.2");
    assert_eq!(found("§ I.C.4.a.1", None)[0], "I.C.4.a.1");
    assert!(found("\" ( ) NEAR * ^ :", None).is_empty());
    assert!(found("", None).is_empty());
    assert!(book.passages("sugar", d("2020-01-01"), None, 5).unwrap().is_empty());
}

#[test]
fn the_sections_that_name_a_code_are_found_the_closest_first() {
    let (_dir, book) = book();
    let on = d("2026-01-15");
    let named = |system, code: &str| -> Vec<(String, String)> {
        let found = book.passages_for_code(system, code, on, 10).unwrap();
        found.into_iter().map(|f| (f.value.at.section, f.value.sentence)).collect()
    };
    let found = named(CodeSystem::Icd10cm, "E11.9");
    let sections: Vec<_> = found.iter().map(|f| f.0.as_str()).collect();
    assert_eq!(sections, ["I.C.4.a.1", "I.A.2", "I.C.4"]);
    assert_eq!(found[0].1, "White sugar has code E11.9 in this invented manual, brown sugar E10.9.");
    // A range names all codes in it.
    assert_eq!(named(CodeSystem::Icd10cm, "T38.0X5A")[0].0, "I.A.2");
    let found = named(CodeSystem::Cpt, "97112");
    assert_eq!(
        (found[0].0.as_str(), found[0].1.as_str()),
        ("I.B.2", "Codes 97110-97124 are reported in units of time.")
    );
    assert_eq!(named(CodeSystem::Hcpcs, "J3301")[0].0, "I.C.1");
    assert!(named(CodeSystem::Cpt, "99213").is_empty());
    assert!(named(CodeSystem::Icd10pcs, "0DTJ4ZZ").is_empty());
}
