//! HCPCS level II in both layouts: the official files, and a workbook inside an archive.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::codebook::Codebook;
use crate::codebook::import::tests::{d, official};
use crate::codebook::import::{ImportOptions, ImportReport, import};
use crate::domain::CodeStatus;

/// The HCPCS file of October 2025 and the list of modifiers, in one book for all tests.
pub(super) struct Official {
    pub(super) workbook: PathBuf,
    pub(super) modifiers: PathBuf,
    pub(super) report: ImportReport,
    pub(super) book: Codebook,
}

/// `None`: the archives are not at hand.
pub(super) fn hcpcs() -> Option<&'static Official> {
    static BOOK: OnceLock<Option<Official>> = OnceLock::new();
    BOOK.get_or_init(|| {
        let workbook = official("october-2025-alpha-numeric-hcpcs.zip")?;
        let modifiers = official("modifiers-without-ama-text.zip")?;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("h.sqlite");
        let paths = [workbook.clone(), modifiers.clone()];
        let report = import(&file, &paths, &ImportOptions::default()).unwrap();
        // An open book needs no name: the folder goes with the end of this block.
        let book = Codebook::open(&file).unwrap();
        Some(Official { workbook, modifiers, report, book })
    })
    .as_ref()
}

#[test]
fn the_workbook_in_the_official_archive_is_one_file_with_all_its_rows() {
    let Some(Official { workbook, modifiers, report, book }) = hcpcs() else { return };
    let dir = tempfile::tempdir().unwrap();
    let one = &report.files[0];
    assert_eq!(report.files.len(), 3, "{:?}", report.files);
    assert_eq!((one.rows, one.kind.as_str(), one.skipped.len()), (8_463 + 383, "full", 0));
    assert_eq!(one.release, "hcpcs: HCPCS Level II October 2025");

    // The workbook taken out of its archive is the same file.
    let mut archive = zip::ZipArchive::new(std::fs::File::open(workbook).unwrap()).unwrap();
    let alone = dir.path().join("HCPC2025_OCT_ANWEB.xlsx");
    let notes = dir.path().join("proc_notes_JAN2026.txt");
    for path in [&alone, &notes] {
        let mut inside = archive.by_name(path.file_name().unwrap().to_str().unwrap()).unwrap();
        std::io::copy(&mut inside, &mut std::fs::File::create(path).unwrap()).unwrap();
    }
    let paths = [alone, notes, modifiers.clone()];
    let again = import(&dir.path().join("alone.sqlite"), &paths, &ImportOptions::default()).unwrap();
    assert_eq!(again.id, report.id);

    let on = d("2025-10-15");
    let drug = book.show(None, "J3301", on).unwrap().remove(0);
    assert_eq!((drug.status, drug.valid_from), (CodeStatus::Valid, Some(d("1991-01-01"))));
    let ended = book.show(None, "C9014", on).unwrap().remove(0);
    assert_eq!((ended.status, ended.valid_to), (CodeStatus::Ended, Some(d("2018-12-31"))));
    let modifier = book.modifier("a1", on).unwrap().value.unwrap();
    assert_eq!(modifier.text, "Dressing for one wound");
    assert!(modifier.code == "A1");
    let (details, priced): (i64, i64) = book
        .connection()
        .unwrap()
        .query_row("SELECT count(*), sum(pricing<>'') FROM hcpcs_detail", [], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap();
    assert_eq!((details, priced), (8_846, 8_463));
}

#[test]
fn processing_notes_are_shown_with_the_codes_that_refer_to_them() {
    let Some(Official { report, book, .. }) = hcpcs() else { return };
    let notes = report.files.iter().find(|f| f.release.starts_with("hcpcs_note")).unwrap();
    assert_eq!((notes.rows, notes.kind.as_str(), notes.skipped.len()), (NOTES, "full", 0));
    assert_eq!(notes.release, "hcpcs_note: HCPCS processing notes January 2026");
    let details = book.hcpcs_details("G0101", d("2025-10-15")).unwrap().value;
    let note = details.iter().find(|d| d.title == "Processing note").unwrap();
    assert_eq!(note.value, "0064");
    assert!(
        note.words
            .starts_with("COVERAGE AND PAYMENT BASED ON BALANCED BUDGET ACT OF 1997 (G0101 - SEC 4102;"),
        "{note:?}"
    );
    assert!(note.words.ends_with("(HCPCS processing notes January 2026, line 170)"), "{note:?}");
}

/// So many notes have a number in the official file of January 2026.
const NOTES: usize = 234;

#[test]
fn a_note_goes_on_until_an_empty_line_and_its_number_is_read_with_the_code() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes");
    let paths = ["HCPC2025_OCT_ANWEB.csv", "proc_notes_JAN2026.txt"].map(|name| folder.join(name));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("n.sqlite");
    import(&file, &paths[1..], &ImportOptions::default()).unwrap();
    let book = Codebook::open(&file).unwrap();
    let connection = book.connection().unwrap();
    let text = |number: u32| -> String {
        connection.query_row("SELECT text FROM hcpcs_note WHERE number=?1", [number], |r| r.get(0)).unwrap()
    };
    assert!(
        text(64).ends_with("THE SECOND OF WHICH IS INDENTED AS THE FIRST GOES ON (G0101)."),
        "{}",
        text(64)
    );
    assert_eq!(text(221), "A NOTE WITH TABS AND WITHOUT AN END OF PRINT.");
}
