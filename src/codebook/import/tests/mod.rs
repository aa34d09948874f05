//! Importing: real archives where they are at hand, faulty files, and the book in use.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use crate::codebook::import::format::{FORMATS, recognise};
use crate::codebook::import::source::SourceFile;
use crate::codebook::import::{ImportOptions, import, read};
use crate::codebook::{Codebook, PtpSide};
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Setting};

pub(crate) fn d(text: &str) -> CivilDate {
    text.parse().unwrap()
}

pub(crate) fn official(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cms").join(name);
    if !path.is_file() {
        println!("skipped: {name} is not at hand");
        return None;
    }
    Some(path)
}

fn order_line(n: usize, code: &str, flag: u8, text: &str) -> String {
    format!("{n:05} {code:<7} {flag} {:<60} {text}\r\n", text.chars().take(60).collect::<String>())
}

fn order_file(folder: &Path, year: u16) -> PathBuf {
    let text = order_line(1, "A00", 0, "Cholera") + &order_line(2, "A000", 1, "Cholera due to one thing");
    let path = folder.join(format!("icd10cm_order_{year}.txt"));
    std::fs::write(&path, text).unwrap();
    path
}

pub(crate) fn none() -> ImportOptions {
    ImportOptions::default()
}

#[test]
fn the_order_of_files_and_a_second_import_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (order_file(dir.path(), 2025), order_file(dir.path(), 2026));
    let (one, two) = (dir.path().join("one.sqlite"), dir.path().join("two.sqlite"));
    let first = import(&one, &[a.clone(), b.clone()], &none()).unwrap();
    import(&two, std::slice::from_ref(&b), &none()).unwrap();
    let second = import(&two, std::slice::from_ref(&a), &none()).unwrap();
    assert_eq!(first.id, second.id);
    let before = std::fs::metadata(&one).unwrap().modified().unwrap();
    let again = import(&one, &[a], &none()).unwrap();
    assert!(!again.changed && again.id == first.id);
    assert_eq!(std::fs::metadata(&one).unwrap().modified().unwrap(), before);
    let book = Codebook::open(&one).unwrap();
    assert_eq!(book.id(), first.id);
    let entry = book.show(None, "A00.0", d("2026-01-05")).unwrap().remove(0);
    assert_eq!((entry.status, entry.valid_from), (CodeStatus::Valid, Some(d("2024-10-01"))));
}

#[test]
fn a_faulty_file_leaves_the_book_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("book.sqlite");
    import(&book, &[order_file(dir.path(), 2026)], &none()).unwrap();
    let before = std::fs::read(&book).unwrap();
    let faulty = dir.path().join("icd10cm_order_2025.txt");
    let whole = order_line(1, "A00", 0, "Cholera") + &order_line(2, "A000", 1, "Cholera due to one thing");
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("cut in the middle", whole.as_bytes()[..whole.len() - 12].to_vec(), "line 2"),
        ("a bad row", (whole.clone() + "garbage\r\n").into_bytes(), "line 3"),
        ("no code file", b"Dear Sir or Madam\n".to_vec(), "no code file"),
        ("empty", Vec::new(), "no code file"),
        ("a cut archive", b"PK\x03\x04garbage".to_vec(), "damaged or cut"),
    ];
    for (what, bytes, says) in cases {
        std::fs::write(&faulty, bytes).unwrap();
        let error = import(&book, std::slice::from_ref(&faulty), &none()).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("icd10cm_order_2025.txt"), "{what}: {error}");
        assert_eq!(std::fs::read(&book).unwrap(), before, "{what}");
    }
    assert!(!dir.path().join("book.sqlite.building").exists());
    // What a killed import left behind is replaced by the next.
    std::fs::write(dir.path().join("book.sqlite.building"), b"half a book").unwrap();
    import(&book, &[order_file(dir.path(), 2024)], &none()).unwrap();
}

#[test]
fn a_book_of_another_form_is_to_be_moved_away_and_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (path, file) = (dir.path().join("book.sqlite"), order_file(dir.path(), 2026));
    import(&path, std::slice::from_ref(&file), &none()).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("UPDATE meta SET value='1' WHERE key='schema'", []).unwrap();
    drop(connection);
    let said = |outcome: Result<(), crate::codebook::CodebookError>| outcome.unwrap_err().to_string();
    let opened = said(Codebook::open(&path).map(drop));
    assert!(opened.contains("form 1") && opened.contains("move it away"), "{opened}");
    // The advice must not lead in a circle: an import refuses it with the same words.
    assert_eq!(said(import(&path, std::slice::from_ref(&file), &none()).map(drop)), opened);
    std::fs::create_dir(dir.path().join("sources")).unwrap();
    let opened = said(Codebook::open(&path).map(drop));
    assert!(opened.contains(&dir.path().join("sources").display().to_string()), "{opened}");
    std::fs::remove_file(&path).unwrap();
    import(&path, &[file], &none()).unwrap();
}

#[test]
fn a_file_in_utf16_is_read_and_junk_is_called_so() {
    let dir = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(order_file(dir.path(), 2026)).unwrap();
    let wide = dir.path().join("icd10cm_order_2025.txt");
    let bytes: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(&wide, &bytes).unwrap();
    let book = dir.path().join("book.sqlite");
    let report = import(&book, std::slice::from_ref(&wide), &none()).unwrap();
    assert_eq!(report.files[0].rows, 2);
    std::fs::write(&wide, &bytes[..bytes.len() - 1]).unwrap();
    let error = import(&book, std::slice::from_ref(&wide), &none()).unwrap_err().to_string();
    assert!(error.contains("UTF-16"), "{error}");
    // Capital letters and digits of EBCDIC.
    std::fs::write(&wide, [0xc3, 0xd6, 0xc4, 0xc5, 0xe2, 0x40, 0xf2, 0xf0, 0xf2, 0xf6, 0x15].repeat(90))
        .unwrap();
    let error = import(&book, std::slice::from_ref(&wide), &none()).unwrap_err().to_string();
    assert!(error.contains("no text"), "{error}");
}

#[test]
fn a_file_that_tells_no_release_asks_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("codes.txt");
    std::fs::copy(order_file(dir.path(), 2026), &path).unwrap();
    let book = dir.path().join("book.sqlite");
    let error = import(&book, std::slice::from_ref(&path), &none()).unwrap_err().to_string();
    assert!(error.contains("--release") && !book.exists(), "{error}");
    let told = ImportOptions {
        release: Some("FY2026".to_owned()),
        from: Some(d("2025-10-01")),
        to: Some(d("2026-09-30")),
        ..none()
    };
    assert!(import(&book, &[path], &told).unwrap().changed);
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_refused() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    zip.start_file("icd10cm_order_2026.txt", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(order_line(1, "A00", 0, "Cholera").as_bytes()).unwrap();
    for _ in 0..40 {
        zip.write_all(&vec![b' '; 1_000_000]).unwrap();
    }
    zip.finish().unwrap();
    let error = import(&dir.path().join("b.sqlite"), &[path], &none()).unwrap_err().to_string();
    assert!(error.contains("unpacks to more than"), "{error}");
}

#[test]
fn the_real_icd_editions_have_their_counts_and_end_codes() {
    let names = ["2026", "2024", "2025"].map(|y| format!("{y}-code-descriptions-tabular-order.zip"));
    let Some(paths) = names.iter().map(|n| official(n)).collect::<Option<Vec<_>>>() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("icd.sqlite");
    let report = import(&path, &paths, &none()).unwrap();
    // Each archive has its codes file and the addenda beside the order file, which add nothing to it.
    let (full, beside): (Vec<_>, Vec<_>) = report.files.iter().partition(|f| f.kind == "full");
    assert_eq!(full.iter().map(|f| f.rows).collect::<Vec<_>>(), [98_186, 97_296, 97_584]);
    assert!(beside.len() == 9 && beside.iter().all(|f| f.superfluous), "{beside:?}");
    let book = Codebook::open(&path).unwrap();
    let billable: i64 = book
        .connection()
        .unwrap()
        .query_row(
            "SELECT sum(c.billable) FROM code c JOIN release r ON r.id=c.release
             WHERE c.system='icd10cm' AND r.kind='full'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(billable, 74_044 + 74_260 + 74_719);
    let ended = book.show(None, "S30.1XXA", d("2025-10-01")).unwrap().remove(0);
    assert_eq!((ended.status, ended.valid_to), (CodeStatus::Ended, Some(d("2025-09-30"))));
    let wrong = book.show(None, "E11.2X", d("2025-10-01")).unwrap().remove(0);
    assert_eq!((wrong.status, wrong.complete), (CodeStatus::Unknown, true));
    let hits = book.search("t2dm with ckd", Some(CodeSystem::Icd10cm), d("2026-01-05"), 5).unwrap();
    assert_eq!(hits.first().map(|h| h.code.as_str()), Some("E11.22"));
}

#[test]
fn the_real_ncci_tables_say_what_they_say() {
    let names = [
        "ncci-mue-2024q3.zip",
        "ncci-add-on-codes-2024.zip",
        "rvu24b.zip",
        "rvu25d.zip",
        "ncci-2026-excerpts.zip",
    ];
    let Some(paths) = names.iter().map(|n| official(n)).collect::<Option<Vec<_>>>() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ncci.sqlite");
    let report = import(&path, &paths, &none()).unwrap();
    for file in &report.files {
        println!("{} {} {}", file.release, file.rows, file.kind);
        assert!(file.skipped.is_empty(), "{:?}", file.skipped);
    }
    let book = Codebook::open(&path).unwrap();
    let on = d("2024-08-01");
    let mue = book.mue(Setting::Practitioner, "97110", on).unwrap().value.unwrap();
    assert_eq!((mue.units, mue.mai), (6, 3));
    assert_eq!(book.add_on("29826", on).unwrap().value.unwrap().primaries.len(), 11);
    // Rows with their own dates speak for days before the release; a row that never was in force does not.
    let p = book.ptp(Setting::Practitioner, "0001A", "36591", d("2023-06-01")).unwrap();
    assert!(p.rows.len() == 1 && p.coverage.unwrap().covers);
    let p = book.ptp(Setting::Practitioner, "0001A", "G0008", d("2022-01-01")).unwrap();
    assert!(p.rows.is_empty());
    assert_eq!(book.show(None, "80053", d("2025-10-01")).unwrap()[0].status, CodeStatus::Valid);
}

#[test]
fn the_real_hcpcs_file_is_read_with_its_own_dates() {
    let Some(path) = official("2019-alpha-numeric-hcpcs.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("h.sqlite");
    let report = import(&book, &[path], &none()).unwrap();
    // The codes, and the notes on how they are processed.
    let kinds: Vec<&str> = report.files.iter().map(|f| f.kind.as_str()).collect();
    assert_eq!(kinds, ["full", "full"], "{report:?}");
    assert!(report.files.iter().all(|f| f.skipped.is_empty()));
    let book = Codebook::open(&book).unwrap();
    let e = book.show(None, "E0607", d("1990-01-01")).unwrap().remove(0);
    assert_eq!((e.status, e.valid_from), (CodeStatus::Valid, Some(d("1986-01-01"))));
}

#[test]
fn the_real_ptp_file_is_imported_and_looked_up() {
    let Some(path) = official("ncci-ptp-practitioner-2024q3.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ptp.sqlite");
    let begun = std::time::Instant::now();
    let report = import(&file, &[path], &none()).unwrap();
    println!(
        "import {:?}, {} rows, {} bytes",
        begun.elapsed(),
        report.files[0].rows,
        std::fs::metadata(&file).unwrap().len()
    );
    assert_eq!(report.files[0].rows, 2_546_017);
    let book = Codebook::open(&file).unwrap();
    let on = d("2024-08-01");
    let p = book.ptp(Setting::Practitioner, "63020", "63030", on).unwrap();
    assert!(p.rows.is_empty() && p.complete && p.coverage.unwrap().covers);
    let begun = std::time::Instant::now();
    for _ in 0..1000 {
        book.ptp(Setting::Practitioner, "20610", "20605", on).unwrap();
    }
    println!("ptp {:?} each", begun.elapsed() / 1000);
    let begun = std::time::Instant::now();
    let edits = book.edits_of(Setting::Practitioner, "36591", PtpSide::Column2, on, 25, 100).unwrap();
    println!("edits of 36591 {:?}: {} + {}", begun.elapsed(), edits.as_column1, edits.as_column2);
    assert!(edits.complete && edits.rows.len() == 25 && edits.as_column2 > 125);
    for row in &edits.rows {
        let pair = book.ptp(Setting::Practitioner, &row.column2, &row.column1, on).unwrap();
        assert!(pair.rows.contains(row));
    }
    let begun = std::time::Instant::now();
    for _ in 0..20 {
        Codebook::starter().unwrap();
    }
    println!("starter {:?}", begun.elapsed() / 20);
    let starter = Codebook::starter().unwrap();
    let begun = std::time::Instant::now();
    for _ in 0..1000 {
        starter.show(None, "E11.22", on).unwrap();
    }
    println!("show {:?} each", begun.elapsed() / 1000);
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        starter.search("type 2 diabetes with ckd 3b", None, on, 10).unwrap();
    }
    println!("search {:?} each", begun.elapsed() / 100);
}

mod canonical;
mod mutation;
mod same_day;

/// The official columns, with invented rationales.
fn ptp_part(folder: &Path, part: u8, rows: &[&str]) -> PathBuf {
    let path = folder.join(format!("ccipra-v322r0-f{part}.txt"));
    std::fs::write(&path, format!("COLUMN1/COLUMN2 EDITS\n{}\n", rows.join("\n"))).unwrap();
    path
}

#[test]
fn parts_of_a_release_are_whole_once_all_are_there() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ptp.sqlite");
    let on = d("2026-08-01");
    // Whole parts, however small: a manifest would say so; here the rows are padded with ended edits.
    let whole = |part: u8, rows: &[&str]| {
        let path = ptp_part(dir.path(), part, rows);
        let parsed = super::source::SourceFile {
            shown: path.display().to_string(),
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            format: &super::ptp::FORMAT,
            bytes: std::fs::read(&path).unwrap(),
            at: 0,
        };
        assert_eq!(
            read(&parsed, None, &none()).unwrap().heading.kind,
            "full",
            "a part is not taken for an excerpt"
        );
        path
    };
    let mut paths = vec![
        whole(1, &["20610\t20605\t\t20240101\t*\t1\tA", "20610\t20600\t\t20240101\t20250101\t1\tA"]),
        whole(2, &["29827\t20610\t\t20240101\t*\t0\tB"]),
        whole(4, &["63030\t20610\t\t20240101\t*\t9\tB"]),
    ];
    import(&file, &paths, &none()).unwrap();
    let book = Codebook::open(&file).unwrap();
    assert!(!book.ptp(Setting::Practitioner, "11111", "22222", on).unwrap().complete);
    let kinds = |book: &Codebook| -> Vec<String> {
        let all = book.coverage().unwrap();
        all.iter().filter(|c| c.dataset == "ptp").flat_map(|c| &c.releases).map(|r| r.kind.clone()).collect()
    };
    assert_eq!(kinds(&book), ["partial", "partial", "partial"]);
    let missing = |book: &Codebook, on| {
        let gap = |g: &crate::codebook::Gap| g.dataset == "ptp" && g.setting == Some(Setting::Practitioner);
        book.gaps(on).into_iter().find(gap)
    };
    assert!(missing(&book, on).unwrap().incomplete);
    paths = vec![whole(3, &["29826\t29827\t\t20240101\t*\t1\tA"])];
    import(&file, &paths, &none()).unwrap();
    let book = Codebook::open(&file).unwrap();
    let lookup = book.ptp(Setting::Practitioner, "11111", "22222", on).unwrap();
    assert!(lookup.complete && lookup.rows.is_empty() && lookup.coverage.unwrap().covers);
    assert_eq!(kinds(&book), ["full", "full", "full", "full"]);
    assert_eq!(missing(&book, on), None);
    assert_eq!(missing(&book, d("2026-10-01")).unwrap().covered_to, Some(d("2026-09-30")));
    let edits = |side| book.edits_of(Setting::Practitioner, "20610", side, on, 10, 0).unwrap();
    let one = edits(PtpSide::Column1);
    assert_eq!((one.as_column1, one.as_column2, one.rows.len()), (1, 1, 1), "{one:?}");
    assert_eq!(edits(PtpSide::Column2).rows[0].column1, "29827");
}

fn try_all(bytes: &[u8]) {
    let _ = recognise("f", bytes);
    for format in FORMATS {
        let file =
            SourceFile { shown: "f".to_owned(), name: "f".to_owned(), format, bytes: bytes.to_vec(), at: 0 };
        let _ = read(&file, None, &none());
    }
}

proptest! {
    #[test]
    fn no_importer_panics_on_any_bytes(mut bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        try_all(&bytes);
        bytes.push(b'\n');
        try_all(&bytes);
    }

    #[test]
    fn no_importer_panics_on_damaged_lines(line in 0usize..6, at in 0usize..400, byte in any::<u8>()) {
        let lines = [
            order_line(1, "A000", 1, "Cholera"),
            format!("{:<5}{}{}{:<309}\n", "A0100", "00100", "3", "Taxi"),
            "20610\t20605\t\t20240101\t*\t1\tMutually exclusive procedures\n".to_owned(),
            "HCPCS,Practitioner Services MUE Values,MUE Adjudication Indicator,R\n97110,6,3 Date,x\n".to_owned(),
            "primary_code,add_on_code,aoc_edit_type\n63030,63035,1\n".to_owned(),
            "# Plain-language texts\n20610\tA needle\twords\n".to_owned(),
        ];
        let mut bytes = lines[line].clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        try_all(&bytes);
    }
}
