//! The same files give the same bytes, in any order and in any number of imports.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{none, order_line};
use crate::codebook::import::{ImportOptions, import};

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Small files of several formats: editions that follow one another, one edition twice with its rows in another
/// order (a file of the same content), parts of one release, tables that share codes and texts.
fn files(folder: &Path) -> Vec<PathBuf> {
    let order = |rows: &[(&str, u8, &str)]| -> String {
        rows.iter().enumerate().map(|(i, (c, f, t))| order_line(i + 1, c, *f, t)).collect()
    };
    let old = order(&[("A00", 0, "Cholera"), ("A000", 1, "Cholera of one kind"), ("A001", 1, "It ends")]);
    let new = order(&[("A00", 0, "Cholera"), ("A000", 0, "Cholera of one kind"), ("A0001", 1, "It begins")]);
    let turned =
        order(&[("A000", 0, "Cholera of one kind"), ("A00", 0, "Cholera"), ("A0001", 1, "It begins")]);
    let pairs = |rows: &[&str]| format!("COLUMN1/COLUMN2 EDITS\n{}\n", rows.join("\n"));
    let mue = |setting: &str, rows: &str| {
        format!(
            "\"A notice\n(copyright)\",,,\nHCPCS/CPT Code,{setting} MUE Values,MUE Adjudication Indicator,MUE Rationale\n{rows}"
        )
    };
    std::fs::create_dir_all(folder.join("again")).unwrap();
    vec![
        write(folder, "icd10cm_order_2025.txt", &old),
        write(folder, "icd10cm_order_2026.txt", &new),
        write(&folder.join("again"), "icd10cm_order_2026.txt", &turned),
        write(
            folder,
            "ccipra-v322r0-f1.txt",
            &pairs(&[
                "20610\t20605\t\t20240101\t*\t1\tZ reason",
                "20610\t20600\t\t20240101\t20250101\t0\tA reason",
            ]),
        ),
        write(folder, "ccipra-v322r0-f2.txt", &pairs(&["63030\t20610\t\t20240101\t*\t9\tA reason"])),
        write(
            folder,
            "MUE_Eff_07-01-2024.csv",
            &mue("Practitioner Services", "20610,2,3 Date,Z reason\n97110,6,3 Date,M\n"),
        ),
        write(folder, "MUE_DME_Eff_07-01-2024.csv", &mue("DME Supplier", "E0607,1,1 Line,M\n")),
        write(
            folder,
            "AOC_2024-06-03.csv",
            "primary_code,add_on_code,aoc_edit_type\n63030,63035,1\nCCCCC,99292,2\n",
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_number_of_imports_give_the_same_bytes(
        picks in proptest::sample::subsequence((0..8).collect::<Vec<usize>>(), 1..=8).prop_shuffle(),
        cuts in proptest::collection::vec(any::<bool>(), 8),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let files = files(dir.path());
        let mut sorted = picks.clone();
        sorted.sort_unstable();
        let (one, many) = (dir.path().join("one.sqlite"), dir.path().join("many.sqlite"));
        let all: Vec<PathBuf> = sorted.iter().map(|i| files[*i].clone()).collect();
        let first = import(&one, &all, &none()).unwrap();
        let mut batch = Vec::new();
        let mut id = String::new();
        for (n, pick) in picks.iter().enumerate() {
            batch.push(files[*pick].clone());
            if cuts[n] || n + 1 == picks.len() {
                id = import(&many, &std::mem::take(&mut batch), &none()).unwrap().id;
            }
        }
        prop_assert_eq!(first.id, id);
        prop_assert!(std::fs::read(&one).unwrap() == std::fs::read(&many).unwrap(), "{:?} {:?}", picks, cuts);
        // And once more: nothing is written.
        let before = std::fs::metadata(&many).unwrap().modified().unwrap();
        prop_assert!(!import(&many, &all, &none()).unwrap().changed);
        prop_assert_eq!(std::fs::metadata(&many).unwrap().modified().unwrap(), before);
    }
}

#[test]
fn a_corrected_file_is_refused_until_it_is_to_replace_and_then_leaves_no_trace_of_the_faulty_one() {
    let dir = tempfile::tempdir().unwrap();
    let right = write(dir.path(), "icd10cm_order_2026.txt", &order_line(1, "A00", 1, "Cholera"));
    let wrong_folder = dir.path().join("wrong");
    std::fs::create_dir(&wrong_folder).unwrap();
    let wrong = write(&wrong_folder, "icd10cm_order_2026.txt", &order_line(1, "A00", 1, "Chlorea"));
    let (book, clean) = (dir.path().join("book.sqlite"), dir.path().join("clean.sqlite"));
    import(&book, &[wrong], &none()).unwrap();
    let before = std::fs::read(&book).unwrap();
    let error = import(&book, std::slice::from_ref(&right), &none()).unwrap_err().to_string();
    assert!(error.contains("--replace") && error.contains("icd10cm_order_2026.txt"), "{error}");
    assert_eq!(std::fs::read(&book).unwrap(), before);
    let replace = ImportOptions { replace: true, ..none() };
    let report = import(&book, std::slice::from_ref(&right), &replace).unwrap();
    assert!(report.changed && report.files[0].replaced);
    import(&clean, &[right], &none()).unwrap();
    assert!(std::fs::read(&book).unwrap() == std::fs::read(&clean).unwrap());
}

#[test]
fn the_report_counts_what_an_edition_adds_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    // So small a file is taken for an excerpt, which ends nothing, unless a manifest says that it is whole.
    let report = import(&dir.path().join("excerpts.sqlite"), &files, &none()).unwrap();
    assert!(report.files.iter().all(|f| f.changes.is_none()), "{report:?}");
    let manifest = manifest(&[("icd10cm_order_2025.txt", 2025), ("icd10cm_order_2026.txt", 2026)]);
    write(dir.path(), "starter.toml", &manifest);
    let report = import(&dir.path().join("full.sqlite"), &[dir.path().to_owned()], &none()).unwrap();
    let changes: Vec<_> = report.files.iter().map(|f| f.changes.map(|c| (c.added, c.ended))).collect();
    assert_eq!(changes, [None, Some((1, 1))]);
}

/// A manifest of whole ICD-10-CM editions.
pub(super) fn manifest(files: &[(&str, u16)]) -> String {
    let entry = |(name, year): &(&str, u16)| {
        format!(
            "[[file]]\nname = \"{name}\"\ndataset = \"icd10cm\"\nrelease = \"FY{year}\"\nfrom = \"{}-10-01\"\nto = \"{year}-09-30\"\nkind = \"full\"\nsource = \"s, {name}\"\n",
            year - 1
        )
    };
    "# whole editions\n".to_owned() + &files.iter().map(entry).collect::<String>()
}
