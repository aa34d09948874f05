//! The importer on a small list of our own, on faulty ones, and on the official list where it is at hand.

use std::path::{Path, PathBuf};

use super::*;
use crate::codebook::code_range::CodeRange;
use crate::codebook::import::tabular::places::NoteRow;

const FIXTURE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/codes/icd10cm_tabular_2026.xml"));

fn places_of(text: &str) -> Result<(Vec<Place>, Faults), CodebookError> {
    let mut faults = Faults::new("f.xml");
    let document = read_places(text, "f.xml", &mut faults)?;
    Ok((document.places, faults))
}

fn official() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cms/2021-icd10cm-tabular.zip");
    if !path.is_file() {
        println!("skipped: {} is not at hand", path.display());
        return None;
    }
    Some(path)
}

fn official_text() -> Option<String> {
    let file = std::fs::File::open(official()?).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut text = String::new();
    let mut entry = archive.by_name("icd10cm_tabular_2021.xml").unwrap();
    std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
    Some(text)
}

#[test]
fn a_list_is_read_with_all_that_stands_in_it() {
    let (places, faults) = places_of(FIXTURE).unwrap();
    assert!(faults.bad.is_empty(), "{:?}", faults.bad);
    let of = |name: &str| places.iter().find(|p| p.place == name).unwrap();
    let names: Vec<&str> = places.iter().map(|p| p.place.as_str()).collect();
    assert_eq!(names[..4], ["chapter 1", "A00-B99", "A00-A09", "A00"]);
    assert_eq!((of("A00-A09").parent.as_str(), of("A00-B99").parent.as_str()), ("A00-B99", "chapter 1"));
    assert_eq!(of("chapter 1").extent, ("A00".to_owned(), "B99".to_owned()));
    let kinds: Vec<(&str, &str)> = of("A00").notes.iter().map(|n| (n.kind, n.text.as_str())).collect();
    assert_eq!(kinds[0], ("includes", "invented fever < 2 days"));
    assert!(kinds.contains(&("excludes1", "other invented fever (A01.-)")));
    let led: Vec<&NoteRow> = of("A00").notes.iter().filter(|n| n.lead.is_some()).collect();
    assert_eq!(led.len(), 1);
    assert!(of("A01.1X".replace('.', "").as_str()).placeholder);
    assert_eq!(of("A01").seventh[0].0, "A");
    assert_eq!(
        of("A01").seventh[1],
        (String::new(), "invented first visit".to_owned(), of("A01").seventh[1].2)
    );
    let table: Vec<&str> =
        of("A02").notes.iter().filter(|n| n.kind == "visual_impairment").map(|n| n.text.as_str()).collect();
    assert_eq!(table, ["Category 1; Less than 6/18, 20/70; At least 6/60"]);
}

#[test]
fn what_is_faulty_is_refused_with_its_line() {
    let cases = [
        (FIXTURE.replace("</ICD10CM.tabular>", ""), "cut"),
        (FIXTURE.replacen("</includes>", "</include>", 1), "no well-formed XML"),
        (
            FIXTURE.replacen("<ICD10CM.tabular>", "<!DOCTYPE x [<!ENTITY a \"b\">]><ICD10CM.tabular>", 1),
            "document type",
        ),
        (FIXTURE.replacen("<ICD10CM.tabular>", "<ICD10CM.tabular isAddenda=\"true\">", 1), "addenda"),
        (FIXTURE.replacen("fever", "fever &huge;", 1), "&huge;"),
        ("<ICD10CM.tabular>".to_owned() + &"<chapter>".repeat(5_000), "nested deeper"),
    ];
    for (text, says) in cases {
        let error = places_of(&text).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("line "), "{says}: {error}");
    }
    let (_, faults) = places_of(&FIXTURE.replacen("<name>A01.0</name>", "<name>B01.0</name>", 1)).unwrap();
    assert!(faults.bad[0].1.contains("another category"), "{:?}", faults.bad);
    let (places, faults) = places_of(&FIXTURE.replacen("<name>A01.0</name>", "<name>A00</name>", 1)).unwrap();
    assert_eq!((faults.bad.len(), places.iter().filter(|p| p.place == "A00").count()), (1, 1));
}

#[test]
fn the_edition_is_told_from_the_document_and_its_name() {
    let d = |text: &str| text.parse::<CivilDate>().unwrap();
    let fiscal = ("ICD-10-CM tabular FY2021".to_owned(), d("2020-10-01"), d("2021-09-30"));
    assert_eq!(told("icd10cm_tabular_2021.xml", "2021"), Some(fiscal.clone()));
    assert_eq!(told("tabular.xml", " 2021 "), Some(fiscal.clone()));
    assert_eq!(told("icd10cm_tabular_2020.xml", "2021"), Some(fiscal.clone()));
    assert_eq!(told("icd10cm_tabular_2021.xml", ""), Some(fiscal));
    let april = ("ICD-10-CM tabular FY2025 (April 2025)".to_owned(), d("2025-04-01"), d("2025-09-30"));
    assert_eq!(told("icd10cm-tabular-April-2025.xml", "2025"), Some(april));
    assert_eq!(told("tabular.xml", "x"), None);
}

#[test]
fn the_official_list_is_read_whole() {
    let Some(text) = official_text() else { return };
    let begun = std::time::Instant::now();
    let (places, faults) = places_of(&text).unwrap();
    println!("read in {:?}", begun.elapsed());
    assert!(faults.bad.is_empty(), "{:?}", faults.bad);
    let count = |kind| places.iter().filter(|p| p.kind == kind).count();
    assert_eq!(
        (count(PlaceKind::Chapter), count(PlaceKind::Section), count(PlaceKind::Code)),
        (22, 296, 45_017)
    );
    let notes = |kind: &str| places.iter().flat_map(|p| &p.notes).filter(|n| n.kind == kind).count();
    let found: Vec<usize> =
        ["inclusion", "excludes1", "excludes2", "code_first", "use_additional", "code_also"]
            .into_iter()
            .map(notes)
            .collect();
    assert_eq!(found, [11_617, 5_441, 2_253, 681, 1_347, 352]);
    let characters = places.iter().flat_map(|p| &p.seventh).filter(|(c, _, _)| !c.is_empty()).count();
    assert_eq!((characters, places.iter().filter(|p| p.placeholder).count()), (1_787, 245));
    let of = |name: &str| places.iter().find(|p| p.place == name).unwrap();
    assert_eq!((of("C15-C26").parent.as_str(), of("C00-C75").parent.as_str()), ("C00-C75", "C00-C96"));
    assert_eq!(of("C7A").parent, "C7A-C7A");
    assert!(of("E11").notes.iter().any(|n| n.text.contains("type 1 diabetes mellitus (E10.-)")));
}

/// Whatever looks like a code yields a range, but for what only looks so: germs, antigens, enzymes.
#[test]
fn no_code_in_a_note_of_the_official_list_is_missed() {
    let Some(text) = official_text() else { return };
    let (places, _) = places_of(&text).unwrap();
    let like = regex::Regex::new(r"[A-Z][0-9][0-9A-Z]").unwrap();
    let looks_so = ["O157", "CD30", "G6PD", "H5N1", "itamin B12"];
    let order = Order::of(&places);
    let [mut notes, mut parentheses, mut without, mut conditions, mut divided] = [0; 5];
    for note in places.iter().flat_map(|p| &p.notes) {
        let ranges: Vec<CodeRange> = note_codes::codes_in(&note.text);
        notes += 1;
        conditions += usize::from(ranges.iter().any(|r| r.only.is_some()));
        parentheses += usize::from(note.text.contains('('));
        without += usize::from(note.text.contains('(') && ranges.is_empty());
        let text = looks_so.iter().fold(note.text.clone(), |text, what| text.replace(what, ""));
        assert!(!ranges.is_empty() || !like.is_match(&text), "no range: {}", note.text);
        let says = text.contains("fifth") || text.contains("sixth") || text.contains("th character .");
        let none = ranges.iter().all(|r| r.only.is_none()) && !text.contains("to indicate intent");
        assert!(!says || ranges.is_empty() || !none, "no condition: {}", note.text);
        divided += usize::from(order.in_order(ranges.clone()) != ranges);
    }
    println!("{notes} notes, {parentheses} with a parenthesis, {without} of them name no code");
    println!("{conditions} with a condition, {divided} in the order of the list");
}
