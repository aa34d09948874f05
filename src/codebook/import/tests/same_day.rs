//! Two releases that begin on one day: a row in either goes before "none" of the other.

use std::path::{Path, PathBuf};

use super::{d, none};
use crate::codebook::import::{ImportOptions, import};
use crate::codebook::{Codebook, PtpSide};
use crate::domain::Setting;

/// A book of two full releases of one day, named so that the one with `row` comes first, or last.
fn book(header: &str, row: &str, other: &str, row_last: bool) -> (Codebook, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("book.sqlite");
    let names = if row_last { ["b", "a"] } else { ["a", "b"] };
    for (name, line) in names.iter().zip([row, other]) {
        let file: PathBuf = dir.path().join(format!("{name}.txt"));
        std::fs::write(&file, format!("{header}\n{line}\n")).unwrap();
        let options = ImportOptions {
            release: Some((*name).to_owned()),
            from: Some(d("2026-07-01")),
            to: Some(d("2026-09-30")),
            setting: Some(Setting::Practitioner),
            ..none()
        };
        import(&path, &[file], &options).unwrap();
    }
    // So few rows are taken for an excerpt, which never says "none" of a code.
    let connection = rusqlite::Connection::open(&path).unwrap();
    let full = connection.execute("UPDATE release SET kind='full' WHERE name IN ('a','b')", []).unwrap();
    assert_eq!(full, 2);
    (Codebook::open(&path).unwrap(), dir)
}

#[test]
fn a_limit_of_units_goes_before_none() {
    let header = "HCPCS,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale";
    for last in [false, true] {
        let (book, _dir) = book(header, "97110,6,3 Date,x", "97140,4,3 Date,x", last);
        let units = |code| {
            let found = book.mue(Setting::Practitioner, code, d("2026-08-01")).unwrap();
            assert!(found.coverage.unwrap().covers);
            found.value.map(|m| m.units)
        };
        assert_eq!((units("97110"), units("97140"), units("97150")), (Some(6), Some(4), None), "{last}");
    }
}

#[test]
fn an_edit_goes_before_none() {
    let header = "COLUMN1/COLUMN2 EDITS";
    for last in [false, true] {
        let (book, _dir) =
            book(header, "20610\t20605\t\t20240101\t*\t1\tA", "63030\t63020\t\t20240101\t*\t1\tA", last);
        let on = d("2026-08-01");
        let rows = |a, b| {
            let found = book.ptp(Setting::Practitioner, a, b, on).unwrap();
            assert!(found.complete && found.coverage.unwrap().covers);
            found.rows.len()
        };
        assert_eq!(
            (rows("20605", "20610"), rows("63030", "63020"), rows("20610", "63030")),
            (1, 1, 0),
            "{last}"
        );
        let edits = |code| {
            let found = book.edits_of(Setting::Practitioner, code, PtpSide::Column1, on, 9, 0).unwrap();
            assert!(found.complete);
            found.as_column1
        };
        assert_eq!((edits("20610"), edits("63030"), edits("11042")), (1, 1, 0), "{last}");
    }
}

#[test]
fn an_add_on_code_goes_before_none() {
    for last in [false, true] {
        let (book, _dir) =
            book("primary_code,add_on_code,aoc_edit_type", "63030,63035,1", "22612,22614,1", last);
        let on = d("2026-08-01");
        let known = |code| book.add_on(code, on).unwrap().value.is_some();
        assert!(known("63035") && known("22614") && !known("22612"), "{last}");
        let of = |primary| book.add_ons_of(primary, on).unwrap();
        assert_eq!(
            (of("63030").value, of("22612").value),
            (vec!["63035".to_owned()], vec!["22614".to_owned()])
        );
        assert!(of("63035").value.is_empty() && of("63035").coverage.is_some(), "{last}");
    }
}

#[test]
fn a_codes_file_has_its_own_rows_and_headings_apart() {
    let dir = tempfile::tempdir().unwrap();
    let codes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes/icd10cm_codes_2026.txt");
    let file = dir.path().join("b.sqlite");
    let report = import(&file, std::slice::from_ref(&codes), &none()).unwrap();
    let book = Codebook::open(&file).unwrap();
    let lines = std::fs::read_to_string(codes).unwrap().lines().count();
    let [one] = report.files.as_slice() else { panic!("{report:?}") };
    assert_eq!(one.rows, lines);
    assert!(one.implied > 0);
    let stored: i64 = book
        .connection()
        .unwrap()
        .query_row("SELECT count(*) FROM code WHERE system='icd10cm' AND billable=0", [], |r| r.get(0))
        .unwrap();
    assert_eq!(i64::try_from(one.implied).unwrap(), stored);
    let loaded = book.coverage().unwrap().iter().find(|d| d.dataset == "icd10cm").unwrap();
    let release = &loaded.releases[0];
    assert_eq!((release.rows, release.implied), (lines as u64, one.implied as u64));
}
