//! What the look-ups say, on a small list of our own, and on the official files where they are at hand.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::*;
use crate::codebook::code_range::Named;
use crate::codebook::import::{ImportOptions, import};
use crate::domain::CivilDate;

fn d(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes")
}

struct Book {
    book: Codebook,
}

/// An open book needs its file no more.
fn book_of(paths: &[PathBuf]) -> Book {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("book.sqlite");
    import(&file, paths, &ImportOptions::default()).unwrap();
    Book { book: Codebook::open(&file).unwrap() }
}

/// Of the official files, made once for all tests.
static OFFICIAL: LazyLock<Option<Book>> = LazyLock::new(official);

fn small() -> Book {
    let names = [
        "icd10cm_tabular_2026.xml",
        "icd10cm-chapters-April-1-2026.csv",
        "icd10cm-sections-April-1-2026.csv",
    ];
    book_of(&names.map(|n| fixtures().join(n)))
}

fn official() -> Option<Book> {
    let cms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cms");
    let names = [
        "2021-icd10cm-tabular.zip",
        "2026-code-descriptions-tabular-order.zip",
        "2026-table-and-index-parts.zip",
    ];
    let paths = names.map(|n| cms.join(n));
    if let Some(missing) = paths.iter().find(|p| !p.is_file()) {
        println!("skipped: {} is not at hand", missing.display());
        return None;
    }
    Some(book_of(&paths))
}

#[test]
fn a_code_has_its_own_notes_first_and_inherits_the_others() {
    let small = small();
    let found = small.book.notes("A00.0", d("2026-01-05")).unwrap();
    assert!(found.coverage.unwrap().covers);
    let shown: Vec<(&str, &str, bool)> =
        found.value.iter().map(|n| (n.place.as_str(), n.kind.as_str(), n.inherited)).collect();
    assert_eq!(shown[0], ("A00.0", "inclusion", false));
    assert_eq!(shown.last(), Some(&("Chapter 1", "excludes2", true)));
    let places: Vec<&str> = shown.iter().map(|s| s.0).collect();
    assert!(places.contains(&"A00") && places.contains(&"A00-A09") && places.contains(&"A00-B99"));
    let led = found.value.iter().find(|n| n.text.starts_with("invented rash")).unwrap();
    assert_eq!(led.lead.as_deref(), Some("fever (in):"));
    assert_eq!(
        (led.names("B08.21"), led.names("B08.1"), led.names("B08")),
        (Named::Whole, Named::No, Named::Part)
    );
    assert_eq!(led.evidence.release, "ICD-10-CM tabular FY2026");
    assert!(led.evidence.locator.starts_with("line ") && led.evidence.locator.ends_with("Excludes1 at A00"));
    let later = small.book.notes("A00.0", d("2026-10-05")).unwrap();
    assert!(!later.coverage.unwrap().covers && !later.value.is_empty());
    let before = small.book.notes("A00.0", d("2020-10-05")).unwrap();
    assert!(before.coverage.is_none() && before.value.is_empty());
    // A code, and a category, that the list does not have.
    assert!(small.book.notes("A00.77", d("2026-01-05")).unwrap().value.iter().all(|n| n.inherited));
    let unknown = small.book.notes("A05.1", d("2026-01-05")).unwrap().value;
    assert!(
        unknown.iter().any(|n| n.place == "A00-A09")
            && unknown.iter().all(|n| n.place_kind != PlaceKind::Code)
    );
    assert_eq!(etiology(&small.book, "A00.0", d("2026-01-05")).len(), 2);
}

/// The notes that ask for further codes and tell the order.
fn etiology(book: &Codebook, code: &str, on: CivilDate) -> Vec<TabularNote> {
    let order = |n: &TabularNote| {
        matches!(n.kind, NoteKind::CodeFirst | NoteKind::UseAdditional | NoteKind::CodeAlso)
    };
    book.notes(code, on).unwrap().value.into_iter().filter(order).collect()
}

#[test]
fn pairs_are_excluded_in_both_directions() {
    let small = small();
    let on = d("2026-01-05");
    for (a, b) in [("A00.0", "A01.0"), ("A01.0", "A00.0")] {
        let found = small.book.excludes(a, b, on).unwrap().value;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].note.kind, found[0].code.as_str(), found[0].named.as_str()),
            (NoteKind::Excludes1, "A00.0", "A01.0")
        );
        assert_eq!((found[0].note.place.as_str(), found[0].in_part), ("A00", false));
    }
    let found = small.book.excludes("A02", "Z22.1", on).unwrap().value;
    assert_eq!((found[0].note.kind, found[0].note.place.as_str()), (NoteKind::Excludes2, "Chapter 1"));
    assert!(small.book.excludes("A02", "Z22", on).unwrap().value[0].note.inherited);
    assert!(small.book.excludes("A02", "A00", on).unwrap().value.is_empty());
    assert!(small.book.excludes("A00", "A00.0", on).unwrap().value.is_empty());
    assert!(small.book.excludes("A00", "B08", on).unwrap().value[0].in_part);
}

#[test]
fn the_closest_definition_of_7th_characters_holds() {
    let small = small();
    let on = d("2026-01-05");
    let found = small.book.seventh_characters("A01.0", on).unwrap();
    let seventh = found.value.unwrap();
    assert_eq!((seventh.place.as_str(), seventh.characters.len()), ("A01", 3));
    assert_eq!(seventh.characters[0].terms, ["invented first visit"]);
    assert_eq!(seventh.complete("A01.0", "S").as_deref(), Some("A01.0XXS"));
    assert_eq!(seventh.complete("A01.0", "Q"), None);
    assert_eq!(seventh.of("A01.1X1D").map(|c| c.meaning.as_str()), Some("subsequent encounter"));
    assert!(found.evidence.unwrap().locator.contains("A01"));
    assert!(small.book.seventh_characters("A00.0", on).unwrap().value.is_none());
    assert_eq!(small.book.placeholder("A01.1X1D", on).unwrap().value.as_deref(), Some("A01.1X"));
    assert_eq!(small.book.placeholder("A01.0", on).unwrap().value, None);
}

#[test]
fn the_official_list_answers_as_it_stands() {
    let Some(Book { book }) = &*OFFICIAL else { return };
    let on = d("2021-01-15");
    let pair = |a: &str, b: &str| -> Vec<(NoteKind, String, String)> {
        let found = book.excludes(a, b, on).unwrap().value;
        println!(
            "{a} {b}: {:?}",
            found.iter().map(|e| (&e.note.evidence.locator, &e.note.text)).collect::<Vec<_>>()
        );
        found.into_iter().map(|e| (e.note.kind, e.note.place, e.code)).collect()
    };
    // Pairs of the list itself: the kind of the note, where it stands, the code for which it holds.
    let (one, two) = (NoteKind::Excludes1, NoteKind::Excludes2);
    let cases = [
        ("E11.22", "E10.9", one, "E10", "E10.9"),
        ("E11.22", "E10.9", one, "E11", "E11.22"),
        ("E11.9", "O24.410", one, "E11", "E11.9"),
        ("F32.9", "F31.9", one, "F32", "F32.9"),
        ("I10", "O10.011", one, "I10", "I10"),
        ("A09", "Z22.1", two, "Chapter 1", "A09"),
        ("M54.5", "M51.26", one, "M54.5", "M54.5"),
        ("J44.9", "J43.9", one, "J44", "J44.9"),
        ("J45.909", "J44.9", two, "J45", "J45.909"),
    ];
    for (a, b, kind, place, code) in cases {
        let wanted = (kind, place.to_owned(), code.to_owned());
        let found = pair(a, b);
        assert!(found.contains(&wanted), "{a} {b}: {found:?}");
        let mut back = pair(b, a);
        back.sort();
        let mut there = found.clone();
        there.sort();
        assert_eq!(there, back, "{a} {b}: the same both ways");
    }
    assert!(pair("E11.9", "N18.3").iter().all(|(kind, _, _)| *kind == two));
    // A condition on later characters: adverse effect, not poisoning.
    let urticaria = book.notes("T36.0X5A", on).unwrap().value;
    assert!(
        urticaria.iter().any(|n| n.place_kind == PlaceKind::Section || n.place_kind == PlaceKind::Chapter)
    );
    // A later date: the same notes, not covered.
    let later = book.notes("E11.22", d("2026-02-01")).unwrap();
    assert!(!later.coverage.clone().unwrap().covers);
    assert!(later.value.iter().any(|n| n.kind == NoteKind::UseAdditional && n.text.contains("N18")));
    assert_eq!(later.coverage.unwrap().release, "ICD-10-CM tabular FY2021");
    // Etiology and manifestation.
    let dementia = etiology(book, "F02.80", on);
    assert!(dementia.iter().any(|n| n.kind == NoteKind::CodeFirst && n.names("G30.9") == Named::Whole));
    let first_poisoning = etiology(book, "E11.621", on);
    assert!(first_poisoning.iter().any(|n| n.names("L97.509") == Named::Whole));
}

#[test]
fn the_official_7th_characters_and_hierarchy_hold_for_later_codes() {
    let Some(Book { book }) = &*OFFICIAL else { return };
    let on = d("2026-04-15");
    let fracture = book.seventh_characters("S52.501B", on).unwrap();
    assert!(!fracture.coverage.unwrap().covers);
    let fracture = fracture.value.unwrap();
    assert_eq!((fracture.place.as_str(), fracture.characters.len()), ("S52", 16));
    assert!(fracture.of("S52.501B").unwrap().meaning.contains("open fracture type I or II"));
    // A definition below that of the category goes before it.
    assert_eq!(book.seventh_characters("S52.521A", on).unwrap().value.unwrap().place, "S52.52");
    let glaucoma = book.seventh_characters("H40.1122", on).unwrap().value.unwrap();
    assert_eq!(glaucoma.of("H40.1122").unwrap().meaning, "moderate stage");
    assert_eq!(glaucoma.complete("S02.0", "2").as_deref(), Some("S02.0XX2"));
    assert!(!book.seventh_characters("S06.0X0A", on).unwrap().value.unwrap().limits.is_empty());
    assert!(book.seventh_characters("E11.22", on).unwrap().value.is_none());
    assert_eq!(book.placeholder("T36.0X5A", on).unwrap().value.as_deref(), Some("T36.0X"));
    // I1A is younger than the tabular list at hand, and in the csv lists of its edition.
    let hierarchy = book.hierarchy("I1A.0", on).unwrap();
    let chapter = hierarchy.chapter.unwrap();
    assert_eq!(
        (chapter.place.as_str(), chapter.title.as_str()),
        ("Chapter 9", "Diseases of the circulatory system")
    );
    assert!(chapter.coverage.unwrap().covers);
    assert_eq!(hierarchy.sections[0].title, "Hypertensive diseases");
    assert_eq!(hierarchy.codes[0].place, "I1A");
    let deep = book.hierarchy("C15.9", on).unwrap();
    let sections: Vec<&str> = deep.sections.iter().map(|s| s.place.as_str()).collect();
    assert_eq!(sections, ["C00-C96", "C00-C75", "C15-C26"]);
    assert_eq!(book.hierarchy("C7A.00", on).unwrap().sections.last().unwrap().place, "C7A");
    let then = book.hierarchy("M1A.0110", d("2021-02-01")).unwrap();
    assert_eq!(then.sections.last().unwrap().place, "M05-M14");
}
