//! The fee schedule's archives: both layouts of each file, and what they hold.

use crate::codebook::Codebook;
use crate::codebook::import::tests::{d, official};
use crate::codebook::import::{ImportOptions, import};

#[test]
fn both_layouts_of_a_release_agree() {
    let names = ["rvu24b.zip", "rvu25d.zip"];
    let Some(paths) = names.iter().map(|n| official(n)).collect::<Option<Vec<_>>>() else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("f.sqlite");
    let report = import(&file, &paths, &ImportOptions::default()).unwrap();
    let told: Vec<_> = report.files.iter().map(|f| (f.release.as_str(), f.rows, f.kind.as_str())).collect();
    println!("{told:#?} {:?}", report.ignored);
    assert_eq!((report.files.len(), report.ignored.len()), (20, 0));
    assert!(report.files.iter().all(|f| f.skipped.is_empty() && f.kind == "full"));
    for (release, rows) in [
        ("pprrvu: RVU24B (April 2024)", 18_534),
        ("pprrvu: RVU25D (October 2025)", 19_090),
        ("gpci: GPCI 2025", 109),
    ] {
        assert_eq!(told.iter().filter(|t| t.0 == release && t.1 == rows).count(), 2, "{release}");
    }
    let book = Codebook::open(&file).unwrap();
    let fee = book.fee("63030", "", d("2025-11-03")).unwrap().value.unwrap();
    assert_eq!((fee.shares, fee.na_nonfacility), ([Some(0.11), Some(0.76), Some(0.13)], true));
    let mri = book.fee("70553", "TC", d("2025-11-03")).unwrap().value.unwrap();
    assert_eq!((mri.cap, mri.imaging_family.as_str()), ([Some(10.99), Some(10.99), Some(0.05)], "88"));
    assert!(mri.na_facility);
}
