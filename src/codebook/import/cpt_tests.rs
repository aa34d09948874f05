//! CPT of a site that holds a licence, and what is kept of descriptors without one. All texts are invented.

use std::path::{Path, PathBuf};

use crate::codebook::import::tests::{d, none};
use crate::codebook::import::{ImportOptions, import};
use crate::codebook::{Codebook, DescriptorCheck, DescriptorMatch};
use crate::domain::{CodeStatus, CodeSystem};

fn licensed() -> ImportOptions {
    ImportOptions { cpt_licence: true, cpt_notice: "A configured notice.".to_owned(), ..none() }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes").join(name)
}

const FILES: [&str; 5] = [
    "CPT2026_LONGULT.txt",
    "CPT2026_MEDU.txt",
    "CPT2026_SHORTU.txt",
    "CPT2026_ConsumerDescriptor.txt",
    "CPT2026_ClinicianDescriptor.txt",
];

fn all() -> Vec<PathBuf> {
    FILES.map(fixture).to_vec()
}

fn matches(book: &Codebook, text: &str) -> Vec<DescriptorMatch> {
    match book.descriptor_check(text).unwrap() {
        DescriptorCheck::Available { matches } => matches,
        DescriptorCheck::Unavailable => panic!("there are descriptors"),
    }
}

#[test]
fn without_the_licence_the_files_are_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b.sqlite");
    for path in all() {
        let error = import(&file, std::slice::from_ref(&path), &none()).unwrap_err().to_string();
        assert!(error.contains("cpt_licence = true") && error.contains("[codebook]"), "{error}");
        assert!(!error.contains("lampwright") && !file.exists());
    }
}

#[test]
fn descriptors_are_shown_only_by_a_book_that_is_opened_with_the_licence() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b.sqlite");
    let report = import(&file, &all(), &licensed()).unwrap();
    assert!(report.files.iter().all(|f| f.kind == "excerpt" && f.skipped.is_empty()), "{report:?}");
    assert!(report.files.iter().all(|f| f.release.ends_with(": CPT 2026")), "{report:?}");
    let on = d("2026-02-03");

    let open = Codebook::open(&file).unwrap().with_cpt_texts(true);
    let texts = open.cpt_texts("99801", on).unwrap().unwrap();
    assert!(
        texts.long.starts_with("Frobnication of the tarnished") && texts.short == "FROBNICATE LAMPWRIGHT"
    );
    assert!(texts.consumer.contains("polishes") && texts.clinician.len() == 2);
    assert_eq!((texts.coverage.release.as_str(), texts.coverage.covers), ("CPT 2026", true));
    assert_eq!(texts.evidence.locator, "line 6, 99801");
    // Of a later day the newest edition, which does not cover it; of an earlier one none.
    assert!(!open.cpt_texts("99801", d("2027-01-01")).unwrap().unwrap().coverage.covers);
    assert!(open.cpt_texts("99801", d("2025-12-31")).unwrap().is_none());
    let sheet = open.sheet(CodeSystem::Cpt, "99801", on).unwrap();
    assert_eq!(sheet.entry.status, CodeStatus::Valid);
    assert!(sheet.entry.description.is_empty(), "no draft takes a descriptor from an entry");
    assert_eq!(sheet.cpt_texts.unwrap().long, texts.long);
    // The files' notice in its own words; the configured one for those that have none.
    let notices = format!("{:?}", open.notices());
    assert!(notices.contains("An invented notice for tests, in the place where the publisher has its own."));
    assert!(notices.contains("A configured notice."));
    let hits = open.search_shown("tarnished lampwright", None, on, 5, false).unwrap();
    assert_eq!(hits[0].code, "99801");
    assert!(hits[0].cpt_text.as_ref().is_some_and(|t| *t == texts.long) && hits[0].description.is_empty());
    // What goes out in mails is searched without them.
    assert!(open.search("tarnished lampwright", None, on, 5).unwrap().iter().all(|h| h.code != "99801"));

    let locked = Codebook::open(&file).unwrap();
    assert!(locked.holds_cpt_texts() && !locked.shows_cpt_texts());
    assert!(locked.cpt_texts("99801", on).unwrap().is_none());
    let sheet = serde_json::to_string(&locked.sheets(None, "99801", on).unwrap()).unwrap();
    assert!(sheet.contains("CPT 2026") && !sheet.to_lowercase().contains("lampwright"), "{sheet}");
    let hits = locked.search_shown("tarnished lampwright", None, on, 5, false).unwrap();
    assert!(hits.iter().all(|h| h.code != "99801" && h.cpt_text.is_none()), "{hits:?}");
    // A book without any says so.
    let none = Codebook::starter().unwrap().with_cpt_texts(true);
    assert!(!none.holds_cpt_texts() && none.cpt_texts("63030", on).unwrap().is_none());
}

#[test]
fn an_edition_is_told_by_a_name_or_an_argument() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b.sqlite");
    let plain = dir.path().join("LONGULT.txt");
    std::fs::copy(fixture(FILES[0]), &plain).unwrap();
    let error = import(&file, std::slice::from_ref(&plain), &licensed()).unwrap_err().to_string();
    assert!(error.contains("--release \"CPT 2026\""), "{error}");
    let named = ImportOptions { release: Some("CPT 2024".to_owned()), ..licensed() };
    import(&file, std::slice::from_ref(&plain), &named).unwrap();
    let book = Codebook::open(&file).unwrap().with_cpt_texts(true);
    assert!(book.cpt_texts("99802", d("2024-12-31")).unwrap().unwrap().coverage.covers);
    // Which descriptors a listing has is never guessed, and the twins in upper case are passed over.
    for (name, says) in [("texts 2026 cpt.txt", "keep the name"), ("CPT2026_LONGUT.txt", "no code file")] {
        let other = dir.path().join(name);
        std::fs::copy(fixture(FILES[0]), &other).unwrap();
        let error = import(&file, std::slice::from_ref(&other), &licensed()).unwrap_err().to_string();
        assert!(error.contains(says), "{name}: {error}");
    }
}

#[test]
fn the_consolidated_list_has_all_kinds() {
    let dir = tempfile::tempdir().unwrap();
    let (file, list) = (dir.path().join("b.sqlite"), dir.path().join("CPT 2026 list.txt"));
    let text = "Concept Id\tCPT Code\tLong\tMedium\tShort\tConsumer\tSpanish Consumer\n\
                1\t99803\t\"A \"\"long\"\" snark\"\tMED SNARK\tSNARK\tA snark\tUn snark\n2\t\tHeading\t\t\t\t\n";
    std::fs::write(&list, text).unwrap();
    import(&file, &[list], &licensed()).unwrap();
    let book = Codebook::open(&file).unwrap().with_cpt_texts(true);
    let texts = book.cpt_texts("99803", d("2026-06-01")).unwrap().unwrap();
    assert_eq!((texts.long.as_str(), texts.consumer.as_str()), ("A \"long\" snark", "A snark"));
}

#[test]
fn the_same_files_give_the_same_bytes_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one.sqlite"), dir.path().join("two.sqlite"));
    let mut paths = all();
    paths.push(fixture("icd10cm_order_2025.txt"));
    import(&one, &paths, &licensed()).unwrap();
    paths.reverse();
    for path in &paths {
        import(&two, std::slice::from_ref(path), &licensed()).unwrap();
    }
    assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
}

#[test]
fn a_text_is_checked_for_the_words_of_descriptors() {
    let starter = Codebook::starter().unwrap();
    assert_eq!(starter.descriptor_check("anything at all").unwrap(), DescriptorCheck::Unavailable);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b.sqlite");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/starter");
    import(&file, &[vec![folder.clone()], all()].concat(), &licensed()).unwrap();
    // The check needs no licence: it compares hashes.
    let book = Codebook::open(&file).unwrap();
    let text = "Dear coder, 99801 is (frobnication of tarnished\nlampwrights; each brindle quandary) today.";
    let found = matches(&book, text);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(one.codes, ["99801"]);
    let place = text.get(one.place.clone()).unwrap();
    assert!(place.starts_with("frobnication") && place.ends_with("quandary"), "{place}");
    assert!(matches(&book, "A tarnished lampwright had a brindle cow.").is_empty());
    // Words that a public text has, too, tell nothing.
    assert!(matches(&book, "Type 2 diabetes mellitus with diabetic chronic kidney disease").is_empty());
    assert!(!matches(&book, "kidney disease frobnicated weekly by lampwrights").is_empty());
    // No false alarm on any official text of the starter, on ours, or on what our guidance says.
    let connection = book.connection().unwrap();
    let texts: Vec<String> = connection
        .prepare("SELECT text FROM text UNION SELECT text FROM own_text UNION SELECT text FROM modifier")
        .unwrap()
        .query_map([], |r| r.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    drop(connection);
    assert!(texts.len() > 500, "{}", texts.len());
    for text in &texts {
        assert!(matches(&book, text).is_empty(), "{text}");
    }
    for entry in std::fs::read_dir(folder.join("../guidance")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(matches(&book, &text).is_empty());
    }
}

#[test]
fn of_the_descriptors_in_a_fee_schedule_only_hashes_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (file, csv) = (dir.path().join("b.sqlite"), dir.path().join("PPRRVU2025_Oct.csv"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/starter");
    let plain = std::fs::read_to_string(folder.join("PPRRVU2025_Oct.csv")).unwrap();
    let described = plain
        .replace("\n63030,,,", "\n63030,,Gadzook marzipan brindle hullabaloo,")
        .replace("Admin influenza virus vac", "Public marzipan text of somebody");
    assert!(described.contains("Gadzook") && described.contains("Public marzipan"));
    std::fs::write(&csv, described).unwrap();
    import(&file, &[csv], &none()).unwrap();
    let book = Codebook::open(&file).unwrap();
    assert_eq!(matches(&book, "the gadzook: marzipan, brindle hullabaloos!")[0].codes, ["63030"]);
    assert!(matches(&book, "Public marzipan text of somebody").is_empty());
    assert!(!book.holds_cpt_texts());
    let bytes = std::fs::read(&file).unwrap();
    for word in ["Gadzook", "gadzook", "hullabaloo"] {
        assert!(!bytes.windows(word.len()).any(|w| w == word.as_bytes()), "{word} is in the book");
    }
    // With or without its descriptors it is the same release.
    let blank = dir.path().join("again").join("PPRRVU2025_Oct.csv");
    std::fs::create_dir(dir.path().join("again")).unwrap();
    std::fs::write(&blank, plain).unwrap();
    assert!(import(&file, &[blank], &none()).is_ok());
}
