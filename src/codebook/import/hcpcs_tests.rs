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
    assert_eq!(report.files.len(), 2, "{:?}", report.files);
    assert_eq!((one.rows, one.kind.as_str(), one.skipped.len()), (8_463 + 383, "full", 0));
    assert_eq!(one.release, "hcpcs: HCPCS Level II October 2025");

    // The workbook taken out of its archive is the same file.
    let mut archive = zip::ZipArchive::new(std::fs::File::open(workbook).unwrap()).unwrap();
    let alone = dir.path().join("HCPC2025_OCT_ANWEB.xlsx");
    let mut inside = archive.by_name("HCPC2025_OCT_ANWEB.xlsx").unwrap();
    std::io::copy(&mut inside, &mut std::fs::File::create(&alone).unwrap()).unwrap();
    let paths = [alone, modifiers.clone()];
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
