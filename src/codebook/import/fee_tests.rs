//! The fee schedule's archives: both layouts of each file, and what they hold.

use std::sync::OnceLock;

use crate::codebook::Codebook;
use crate::codebook::import::tests::{d, official};
use crate::codebook::import::{ImportOptions, ImportReport, import};

/// The release of October 2025, whole, in one book for all tests: its import takes long without optimization. `None`:
/// the archive is not at hand.
pub(crate) fn rvu25d() -> Option<&'static (ImportReport, Codebook)> {
    static BOOK: OnceLock<Option<(ImportReport, Codebook)>> = OnceLock::new();
    BOOK.get_or_init(|| {
        let path = official("rvu25d.zip")?;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f.sqlite");
        let report = import(&file, &[path], &ImportOptions::default()).unwrap();
        // An open book needs no name: the folder goes with the end of this block.
        Some((report, Codebook::open(&file).unwrap()))
    })
    .as_ref()
}

fn both(report: &ImportReport, expected: &[(&str, usize)]) {
    for (release, rows) in expected {
        let same = report.files.iter().filter(|f| f.release == *release && f.rows == *rows).count();
        assert_eq!(same, 2, "{release} with {rows} rows in {:?}", report.files);
    }
    assert!(report.files.iter().all(|f| f.skipped.is_empty() && f.kind == "full"), "{:?}", report.files);
    assert!(report.ignored.is_empty(), "{:?}", report.ignored);
}

#[test]
fn both_layouts_of_a_release_agree() {
    let Some((report, book)) = rvu25d() else { return };
    assert_eq!(report.files.len(), 10, "{:?}", report.files);
    both(report, &[("pprrvu: RVU25D (October 2025)", 19_090), ("gpci: GPCI 2025", 109)]);
    let on = d("2025-11-03");
    let fee = book.fee("63030", "", on).unwrap().value.unwrap();
    assert_eq!((fee.shares, fee.na_nonfacility), ([Some(0.11), Some(0.76), Some(0.13)], true));
    let mri = book.fee("70553", "TC", on).unwrap().value.unwrap();
    assert_eq!((mri.cap, mri.imaging_family.as_str()), ([Some(10.99), Some(10.99), Some(0.05)], "88"));
    assert!(mri.na_facility);
}

#[test]
fn the_layouts_of_2024_agree() {
    let Some(path) = official("rvu24b.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    // All but the caps, whose layout is that of 2025: they are most of the rows.
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let folder = dir.path().join("rvu24b");
    std::fs::create_dir(&folder).unwrap();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().rsplit('/').next().unwrap().to_owned();
        if file.is_file() && !name.starts_with("OPPSCAP") {
            std::io::copy(&mut file, &mut std::fs::File::create(folder.join(name)).unwrap()).unwrap();
        }
    }
    let report = import(&dir.path().join("f.sqlite"), &[folder], &ImportOptions::default()).unwrap();
    assert_eq!(report.files.len(), 8, "{:?}", report.files);
    both(&report, &[("pprrvu: RVU24B (April 2024)", 18_534)]);
}
