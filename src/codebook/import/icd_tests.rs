//! Codes files, addenda, ICD-10-PCS, POA-exempt lists and mappings, imported and looked up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::codebook::import::import;
use crate::codebook::import::tests::{d, none, official};
use crate::codebook::import::{ImportOptions, ImportReport};
use crate::codebook::{Codebook, MapSystem, Succession};
use crate::domain::{CodeStatus, CodeSystem};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes").join(name)
}

fn fixtures(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(|n| fixture(n)).collect()
}

fn build(dir: &Path, paths: &[PathBuf], options: &ImportOptions) -> (Codebook, ImportReport) {
    let path = dir.join("book.sqlite");
    let report = import(&path, paths, options).unwrap();
    (Codebook::open(&path).unwrap(), report)
}

fn told(release: &str, from: &str) -> ImportOptions {
    ImportOptions {
        release: Some(release.to_owned()),
        from: Some(d(from)),
        to: Some(d("2026-09-30")),
        ..none()
    }
}

fn read_as(report: &ImportReport) -> Vec<String> {
    report.files.iter().map(|f| format!("{} {} {}", f.release, f.kind, f.rows)).collect()
}

#[test]
fn poa_lists_say_what_is_exempt_and_since_when_not() {
    let dir = tempfile::tempdir().unwrap();
    let names = [
        "POAexemptCodesFY26.txt",
        "POAexemptAddCodesFY26.txt",
        "POAexemptDeleteCodesFY26.txt",
        "POAexemptReviseCodesFY26.txt",
    ];
    let (book, report) = build(dir.path(), &fixtures(&names), &none());
    assert_eq!(read_as(&report)[2], "poa_exempt: POA-exempt list FY2026 (deletions) delta 1");
    let on = d("2026-01-05");
    let exempt = book.poa_exempt("W11.XXXD", on).unwrap();
    assert_eq!((exempt.value, exempt.evidence.unwrap().locator), (Some(true), "line 2, W11.XXXD".to_owned()));
    assert_eq!(book.poa_exempt("A00.9", on).unwrap().value, Some(false));
    // The fixture is an excerpt, so what it lacks is not known.
    assert!(book.poa_exempt("B99.0", on).unwrap().coverage.is_none());
    assert!(book.poa_exempt("A00.0", d("2024-01-05")).unwrap().coverage.is_none());
}

#[test]
fn the_real_poa_list_is_complete() {
    let Some(path) = official("2026-poa-exempt.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    let (book, report) = build(dir.path(), &[path], &none());
    let rows: Vec<_> = report.files.iter().map(|f| (f.rows, f.kind.as_str(), f.skipped.len())).collect();
    assert_eq!(rows, [(209, "delta", 0), (38_349, "full", 0), (14, "delta", 0), (25, "delta", 0)]);
    let on = d("2026-01-05");
    assert_eq!(book.poa_exempt("Z99.89", on).unwrap().value, Some(true));
    let not = book.poa_exempt("E11.22", on).unwrap();
    assert!(not.value.is_none() && not.coverage.unwrap().covers);
    assert_eq!(book.poa_exempt("S30.1XXD", on).unwrap().value, None);
}

#[test]
fn mappings_give_all_targets_with_their_flags_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let names = ["2018_I9gem.txt", "2018_I10gem.txt", "2018_gem_i9pcs.txt", "2018_gem_pcsi9.txt"];
    let (book, report) = build(dir.path(), &fixtures(&names), &none());
    let datasets: Vec<_> = report.files.iter().map(|f| f.release.as_str()).collect();
    let expected =
        ["gem_icd9cm: GEM 2018", "gem_icd10cm: GEM 2018", "gem_icd9pcs: GEM 2018", "gem_icd10pcs: GEM 2018"];
    assert_eq!(datasets, expected);
    let on = d("2026-01-05");
    let all = |from, code| -> Vec<String> {
        let found = book.gems(from, code, on).unwrap();
        assert!(found.coverage.is_some_and(|c| !c.covers));
        found
            .value
            .into_iter()
            .map(|t| format!("{} {}", t.target.as_deref().unwrap_or("-"), t.meaning))
            .collect()
    };
    assert_eq!(all(MapSystem::Icd9cm, "001.0"), ["A00.0 identical"]);
    let both = [
        "A00.10 approximate, only together with others: scenario 1, one code of choice list 1",
        "B99.0 approximate, only together with others: scenario 1, one code of choice list 2",
    ];
    assert_eq!(all(MapSystem::Icd9cm, "0019"), both);
    assert_eq!(all(MapSystem::Icd9cm, "V46.8"), ["- no equivalent"]);
    assert_eq!(all(MapSystem::Icd10cm, "w11.xxxa"), ["E880.1 approximate"]);
    assert_eq!(all(MapSystem::Icd9pcs, "00.16"), ["0016070 approximate", "0016071 approximate"]);
    assert_eq!(all(MapSystem::Icd10pcs, "B00ZZZZ"), ["- no equivalent"]);
    assert!(book.gems(MapSystem::Icd9cm, "99999", on).unwrap().coverage.is_none());
}

#[test]
fn the_real_mappings_have_their_counts_and_all_targets() {
    let Some(path) = official("2018-gems.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    let (book, report) = build(dir.path(), &[path], &none());
    let rows: Vec<_> = report.files.iter().map(|f| (f.release.as_str(), f.rows, f.kind.as_str())).collect();
    let expected = [
        ("gem_icd10cm: GEM 2018", 81_593, "full"),
        ("gem_icd9cm: GEM 2018", 24_860, "full"),
        ("gem_icd9pcs: GEM 2018", 73_593, "full"),
        ("gem_icd10pcs: GEM 2018", 101_025, "full"),
    ];
    assert_eq!(rows, expected);
    assert!(report.files.iter().all(|f| f.skipped.is_empty()));
    let stored: i64 =
        book.connection().unwrap().query_row("SELECT count(*) FROM gem", [], |r| r.get(0)).unwrap();
    assert_eq!(stored, 81_593 + 24_860 + 73_593 + 101_025);
    let targets: Vec<_> = book.gems(MapSystem::Icd9cm, "401.9", d("2018-01-05")).unwrap().value;
    let named: Vec<_> = targets.iter().filter_map(|t| t.target.as_deref()).collect();
    assert_eq!(named, ["I10", "I16.9"]);
    assert!(targets.iter().all(|t| t.approximate));
    let begun = std::time::Instant::now();
    for _ in 0..1000 {
        book.gems(MapSystem::Icd10cm, "E11.22", d("2018-01-05")).unwrap();
    }
    println!("gems {:?} each", begun.elapsed() / 1000);
}

#[test]
fn procedures_are_looked_up_with_their_tables() {
    let dir = tempfile::tempdir().unwrap();
    let options = told("ICD-10-PCS FY2026", "2025-10-01");
    let (book, report) = build(dir.path(), &fixtures(&["icd10pcs_order_2026.txt"]), &options);
    assert_eq!(read_as(&report), ["icd10pcs: ICD-10-PCS FY2026 excerpt 5"]);
    let on = d("2026-01-05");
    let e = book.show(None, "0016070", on).unwrap().remove(0);
    assert_eq!((e.system, e.status, e.billable), (CodeSystem::Icd10pcs, CodeStatus::Valid, true));
    assert_eq!(e.description, "Polishing of Tower Bell with Wax, Open Approach");
    let e = book.show(Some(CodeSystem::Icd10pcs), "001", on).unwrap().remove(0);
    assert_eq!(
        (e.status, e.successors),
        (CodeStatus::Header, vec!["0016070".to_owned(), "0016071".to_owned()])
    );
    assert_eq!(book.show(Some(CodeSystem::Icd10pcs), "b00zzzz", on).unwrap()[0].status, CodeStatus::Valid);
}

#[test]
fn a_file_that_october_and_april_share_asks_which_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = fixture("icd10pcs_codes_2026.txt");
    let error = import(&dir.path().join("b"), &[path], &none()).unwrap_err().to_string();
    assert!(error.contains("--release"), "{error}");
}

#[test]
fn the_conversion_table_names_successors() {
    let dir = tempfile::tempdir().unwrap();
    let (book, _) = build(dir.path(), &fixtures(&["icd10pcs_conversion_table.txt"]), &none());
    let after = book.pcs_successors("0016071").unwrap().remove(0);
    assert_eq!((after.code.as_deref(), after.effective), (Some("0016070"), d("2026-04-01")));
    let before = book.pcs_predecessors("0TXB0Z6").unwrap().remove(0);
    assert_eq!((before.previous, before.effective, before.change.as_str()), (None, d("2025-10-01"), "New"));
}

#[test]
fn tables_name_what_came_in_the_place_of_an_ended_code() {
    let dir = tempfile::tempdir().unwrap();
    let options = told("ICD-10-PCS FY2026", "2025-10-01");
    let path = dir.path().join("book.sqlite");
    import(&path, &fixtures(&["icd10pcs_order_2026.txt"]), &options).unwrap();
    let more = ["order_addenda_2026.txt", "icd10pcs_conversion_table.txt", "HCPC2025_OCT_ANWEB.csv"];
    import(&path, &fixtures(&more), &none()).unwrap();
    let book = Codebook::open(&path).unwrap();
    let of = |system, code, on: &str| -> Vec<(Succession, String)> {
        let all = book.successors(system, code, d(on)).unwrap();
        all.into_iter().map(|s| (s.why, s.entry.code)).collect()
    };
    let pcs = CodeSystem::Icd10pcs;
    assert_eq!(of(pcs, "0016071", "2026-04-05"), [(Succession::Converted, "0016070".to_owned())]);
    assert_eq!(of(pcs, "0016071", "2026-03-31"), []);
    let cross = [(Succession::CrossReference, "J9991".to_owned())];
    assert_eq!(of(CodeSystem::Hcpcs, "C9990", "2025-11-05"), cross);
    assert_eq!(of(CodeSystem::Hcpcs, "C9990", "2018-11-05"), []);
    assert_eq!(of(CodeSystem::Hcpcs, "A4321", "2025-11-05"), []);
}

#[test]
fn a_diagnosis_with_a_letter_second_is_no_procedure() {
    let dir = tempfile::tempdir().unwrap();
    let line =
        |n: usize, code: &str, flag: u8| format!("{n:05} {code:<7} {flag} {:<60} Moonwort\r\n", "Moonwort");
    let file = dir.path().join("icd10cm_order_2026.txt");
    std::fs::write(&file, line(1, "QA0", 0) + &line(2, "QA00101", 1) + &line(3, "BW03ZZA", 1)).unwrap();
    let (book, _) = build(dir.path(), &[file], &none());
    let found = |code: &str| -> Vec<(CodeSystem, CodeStatus)> {
        let all = book.show(None, code, d("2026-01-05")).unwrap();
        all.into_iter().map(|e| (e.system, e.status)).collect()
    };
    assert_eq!(found("QA00101"), [(CodeSystem::Icd10cm, CodeStatus::Valid)]);
    // The shape of a procedure, and a diagnosis none the less.
    assert_eq!(found("BW03ZZA"), [(CodeSystem::Icd10cm, CodeStatus::Valid)]);
    // Unknown ones are told of once, in the likelier system.
    let systems = |code| found(code).into_iter().map(|f| f.0).collect::<Vec<_>>();
    assert_eq!(systems("BW03ZZZ"), [CodeSystem::Icd10pcs]);
    assert_eq!(systems("B20XXXA"), [CodeSystem::Icd10cm]);
    assert_eq!(systems("02HM3JZ"), [CodeSystem::Icd10pcs]);
    assert_eq!(systems("QB00101"), [CodeSystem::Icd10cm]);
}

#[test]
fn the_real_procedure_editions_are_told_apart() {
    let Some(april) = official("2026-icd10pcs.zip") else { return };
    let Some(october) = official("2026-icd10pcs-october.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    let (book, report) = build(dir.path(), &[april, october], &none());
    let mut read = read_as(&report);
    read.sort();
    let headings: Vec<usize> =
        report.files.iter().filter(|f| f.kind == "billable").map(|f| f.implied).collect();
    assert!(headings.len() == 2 && headings.contains(&917) && headings.contains(&914), "{headings:?}");
    let expected = [
        "icd10pcs: ICD-10-PCS FY2026 (April 2026) (codes addenda) delta 82".to_owned(),
        "icd10pcs: ICD-10-PCS FY2026 (April 2026) (order addenda) delta 86".to_owned(),
        "icd10pcs: ICD-10-PCS FY2026 (April 2026) billable 79193".to_owned(),
        "icd10pcs: ICD-10-PCS FY2026 (April 2026) full 80110".to_owned(),
        "icd10pcs: ICD-10-PCS FY2026 (codes addenda) delta 183".to_owned(),
        "icd10pcs: ICD-10-PCS FY2026 billable 79115".to_owned(),
        "pcs_conversion: ICD-10-PCS conversion table up to 2026-04-01 full 17848".to_owned(),
    ];
    assert_eq!(read, expected);
    assert!(report.files.iter().all(|f| f.skipped.is_empty()));
    let show = |code: &str, on: &str| book.show(Some(CodeSystem::Icd10pcs), code, d(on)).unwrap().remove(0);
    assert_eq!(show("02HM3JZ", "2026-04-01").status, CodeStatus::Valid);
    let new = show("02HM3JZ", "2026-01-05");
    assert_eq!((new.status, new.valid_from), (CodeStatus::NotYetValid, Some(d("2026-04-01"))));
    let ended = show("30233AZ", "2026-04-01");
    assert_eq!((ended.status, ended.valid_to), (CodeStatus::Ended, Some(d("2026-03-31"))));
    assert_eq!(show("30233AZ", "2026-01-05").status, CodeStatus::Valid);
    let heading = show("0TX", "2026-04-01");
    assert_eq!(
        (heading.status, heading.description.as_str()),
        (CodeStatus::Header, "Urinary System, Transfer")
    );
    let after: Vec<_> = book.pcs_successors("30233AZ").unwrap().into_iter().filter_map(|c| c.code).collect();
    assert!(after.contains(&"3E033AZ".to_owned()), "{after:?}");
}

/// Files of an official archive, unpacked.
fn unpacked(dir: &Path, archive: &str, names: &[&str]) -> Option<Vec<PathBuf>> {
    let file = std::fs::File::open(official(archive)?).unwrap();
    let mut zip = zip::ZipArchive::new(file).unwrap();
    let mut paths = Vec::new();
    for name in names {
        let path = dir.join(name);
        std::io::copy(&mut zip.by_name(name).unwrap(), &mut std::fs::File::create(&path).unwrap()).unwrap();
        paths.push(path);
    }
    Some(paths)
}

/// What every code is on every day.
fn validity(dir: &Path, name: &str, paths: &[PathBuf]) -> (Codebook, BTreeSet<String>) {
    let (book, lines, _) = validity_and_report(dir, name, paths);
    (book, lines)
}

fn validity_and_report(
    dir: &Path,
    name: &str,
    paths: &[PathBuf],
) -> (Codebook, BTreeSet<String>, ImportReport) {
    let path = dir.join(name);
    let report = import(&path, paths, &none()).unwrap();
    let book = Codebook::open(&path).unwrap();
    let lines = book
        .connection()
        .unwrap()
        .prepare("SELECT code||' '||first||' '||last||' '||status FROM validity WHERE system='icd10cm'")
        .unwrap()
        .query_map([], |r| r.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    (book, lines, report)
}

fn join(parts: &[&[PathBuf]]) -> Vec<PathBuf> {
    parts.concat()
}

#[test]
fn addenda_lead_to_the_next_edition_and_add_nothing_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let f = |name: &str| vec![fixture(name)];
    let (order25, orders, codes) = (
        f("icd10cm_order_2025.txt"),
        f("icd10cm_order_addenda_2026.txt"),
        f("icd10cm_codes_addenda_2026.txt"),
    );
    let (book, _) = validity(dir.path(), "a", &join(&[&order25, &orders]));
    let show = |book: &Codebook, code: &str, on: &str| book.show(None, code, d(on)).unwrap().remove(0);
    let heading = show(&book, "A00.1", "2026-01-05");
    assert_eq!((heading.status, heading.valid_from), (CodeStatus::Header, Some(d("2025-10-01"))));
    assert_eq!(show(&book, "A00.1", "2025-09-30").status, CodeStatus::Valid);
    assert_eq!(show(&book, "A00.10", "2026-01-05").status, CodeStatus::Valid);
    // The heading's own row stands in the edition before.
    let below = |on: &str| -> Vec<String> {
        let all = book.children(CodeSystem::Icd10cm, "A00", d(on), 9).unwrap();
        all.into_iter().map(|e| e.code).collect()
    };
    assert_eq!(below("2026-01-05"), ["A00.0", "A00.1"]);
    assert_eq!(below("2025-01-05"), ["A00.0", "A00.1", "A00.9"]);
    let ended = show(&book, "A00.9", "2026-01-05");
    assert_eq!((ended.status, ended.valid_to), (CodeStatus::Ended, Some(d("2025-09-30"))));
    let revised = show(&book, "B99.0", "2026-01-05");
    assert_eq!(
        (revised.description.as_str(), revised.evidence.unwrap().source.as_str()),
        ("Moonwort rash", "ICD-10-CM addenda")
    );
    // The codes addenda alone say the same of billable codes, and of those that are divided.
    let (book, _) = validity(dir.path(), "b", &join(&[&order25, &codes]));
    assert_eq!(show(&book, "A00.1", "2026-01-05").status, CodeStatus::Header);
    assert_eq!(show(&book, "A00.9", "2026-01-05").status, CodeStatus::Ended);
}

#[test]
fn addenda_that_lack_what_they_say_they_have_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read_to_string(fixture("icd10cm_order_addenda_2026.txt")).unwrap();
    let mut lines: Vec<&str> = whole.lines().collect();
    lines.remove(3);
    let path = dir.path().join("icd10cm_order_addenda_2026.txt");
    std::fs::write(&path, lines.join("\r\n") + "\r\n").unwrap();
    let error = import(&dir.path().join("b"), &[path], &none()).unwrap_err().to_string();
    assert!(error.contains("2 additions") && error.contains("has 3"), "{error}");
}

#[test]
fn the_real_addenda_and_codes_files_say_what_the_order_files_say() {
    let dir = tempfile::tempdir().unwrap();
    let archive = |year: u16| format!("{year}-code-descriptions-tabular-order.zip");
    let Some(full25) = unpacked(dir.path(), &archive(2025), &["icd10cm_order_2025.txt"]) else { return };
    let names = [
        "icd10cm_order_2026.txt",
        "icd10cm_order_addenda_2026.txt",
        "icd10cm_codes_addenda_2026.txt",
        "icd10cm_codes_2026.txt",
    ];
    let Some(files) = unpacked(dir.path(), &archive(2026), &names) else { return };
    let [full26, orders, codes, list] = [0, 1, 2, 3].map(|n| vec![files[n].clone()]);
    let (_, expected) = validity(dir.path(), "full", &join(&[&full25, &full26]));
    let (by_addenda, found) = validity(dir.path(), "addenda", &join(&[&orders, &full25]));
    assert!(found == expected, "{:?}", found.symmetric_difference(&expected).take(9).collect::<Vec<_>>());
    let e = by_addenda.show(None, "B88.0", d("2026-01-05")).unwrap().remove(0);
    assert!(e.coverage.unwrap().covers && e.successors == ["B88.01", "B88.09"], "{:?}", e.successors);
    // A new heading below one that the addenda do not name.
    let breast = by_addenda.children(CodeSystem::Icd10cm, "C50", d("2026-01-05"), 60).unwrap();
    assert!(breast.iter().any(|e| e.code == "C50.A"), "{breast:?}");
    // Beside both full editions they change nothing, nor does the codes file; the report says so.
    let files = join(&[&list, &full26, &codes, &full25, &orders]);
    let (all, found, report) = validity_and_report(dir.path(), "all", &files);
    let superfluous: Vec<_> = report.files.iter().map(|f| f.superfluous).collect();
    assert_eq!(superfluous, [true, false, true, false, true]);
    assert!(found == expected, "{:?}", found.symmetric_difference(&expected).take(9).collect::<Vec<_>>());
    let rows: i64 = all.connection().unwrap().query_row("SELECT count(*) FROM code WHERE system='icd10cm' AND release IN (SELECT id FROM release WHERE kind='billable')", [], |r| r.get(0)).unwrap();
    assert_eq!(rows, 0);
    // A codes file in the place of the order file knows all but the one new heading that ends in X, and keeps texts.
    let (by_list, found) = validity(dir.path(), "list", &join(&[&full25, &list]));
    let differ: Vec<_> = found.symmetric_difference(&expected).collect();
    assert!(differ.iter().all(|l| l.starts_with("T36AX ")), "{differ:?}");
    let e = by_list.show(None, "E11.2", d("2026-01-05")).unwrap().remove(0);
    assert_eq!(
        (e.status, e.description.as_str()),
        (CodeStatus::Header, "Type 2 diabetes mellitus with kidney complications")
    );
    let e = by_list.show(None, "C50.A", d("2026-01-05")).unwrap().remove(0);
    assert_eq!((e.status, e.description.as_str()), (CodeStatus::Header, ""));
}
