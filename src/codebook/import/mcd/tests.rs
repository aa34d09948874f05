//! The exports of the Medicare Coverage Database: from the archives as CMS ships them to the answers.

use std::path::{Path, PathBuf};

use crate::codebook::import::mcd::export;
use crate::codebook::import::tests::{d, none, official};
use crate::codebook::import::{ImportReport, import};
use crate::codebook::{Codebook, CoverageArea};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes").join(name)
}

fn imported(folder: &Path, paths: &[PathBuf]) -> (Codebook, ImportReport) {
    let file = folder.join("book.sqlite");
    let report = import(&file, paths, &none()).unwrap();
    (Codebook::open(&file).unwrap(), report)
}

#[test]
fn an_export_inside_an_archive_is_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let (_, report) =
        imported(dir.path(), &["current_article.zip", "current_lcd.zip", "ncd.zip"].map(fixture));
    let read: Vec<_> = report.files.iter().map(|f| (f.release.as_str(), f.rows)).collect();
    assert_eq!(
        read,
        [
            ("mcd_article: Medicare Coverage Database articles, 2026-07-01", 16),
            ("mcd_lcd: Medicare Coverage Database LCDs, 2026-07-01", 3),
            ("mcd_ncd: Medicare Coverage Database NCDs, 2026-07-01", 2),
        ]
    );
    assert!(report.files.iter().all(|f| f.skipped.is_empty()), "{report:?}");
}

#[test]
fn the_inner_archive_and_unpacked_tables_give_the_same_book() {
    let dir = tempfile::tempdir().unwrap();
    let mut outer =
        zip::ZipArchive::new(std::fs::File::open(fixture("current_article.zip")).unwrap()).unwrap();
    let inner = dir.path().join("current_article_csv.zip");
    let mut entry = outer.by_name("current_article_csv.zip").unwrap();
    std::io::copy(&mut entry, &mut std::fs::File::create(&inner).unwrap()).unwrap();
    let folder = dir.path().join("tables");
    zip::ZipArchive::new(std::fs::File::open(&inner).unwrap()).unwrap().extract(&folder).unwrap();
    let ids: Vec<String> = [fixture("current_article.zip"), inner, folder]
        .into_iter()
        .enumerate()
        .map(|(n, path)| import(&dir.path().join(format!("{n}.sqlite")), &[path], &none()).unwrap().id)
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn texts_of_codes_are_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut paths: Vec<PathBuf> = ["current_article.zip", "current_lcd.zip"].map(fixture).to_vec();
    paths.push(fixture("ncd.zip"));
    let (book, _) = imported(dir.path(), &paths);
    let bytes = std::fs::read(dir.path().join("book.sqlite")).unwrap();
    let holds = |what: &[u8]| bytes.windows(what.len()).any(|w| w.eq_ignore_ascii_case(what));
    assert!(holds(b"Applicable to codes 93306") && !holds(b"TEXT OF ANOTHER OWNER"));
    drop(book);
}

#[test]
fn the_columns_may_stand_in_any_order_and_windows_letters_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let lcd = b"TITLE,LCD_ID,status,LCD_VERSION,rev_eff_date,last_updated\r\n\"Wheels \x96 more\",7,A,2,2026-01-01 00:00:00,2026-07-01 00:00:00\r\n";
    std::fs::write(dir.path().join("lcd.csv"), lcd).unwrap();
    let (_, text) = export::in_folder(&[dir.path().join("lcd.csv")]).unwrap().unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("@lcd.csv\tlcd_id\tlcd_version\ttitle")
            && text.contains("2\t7\t2\tWheels – more\t2026-01-01"),
        "{text}"
    );
}

#[test]
fn a_damaged_or_swollen_export_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("book.sqlite");
    let zipped = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        let mut out = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        out.start_file("ncd_trkg.csv", zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut out, bytes).unwrap();
        out.finish().unwrap();
        path
    };
    let cases = [
        (zipped("bomb.zip", &vec![b'a'; 60_000_000]), "far beyond"),
        (zipped("none.zip", b"NCD_id,NCD_vrsn_num\n"), "no row of data"),
        (zipped("odd.zip", b"NCD_id,NCD_vrsn_num\nx,1\n"), "no id and version"),
    ];
    for (path, says) in cases {
        let error = import(&book, &[path], &none()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// The official list, and a state's LCD with its diagnoses.
#[test]
fn the_real_documents_are_listed_and_joined() {
    let Some(path) = official("mcd-documents-2025-08.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    let begun = std::time::Instant::now();
    let (book, report) = imported(dir.path(), &[path]);
    println!(
        "import {:?}: {:?}",
        begun.elapsed(),
        report.files.iter().map(|f| (&f.release, f.rows)).collect::<Vec<_>>()
    );
    let list = report.files.iter().find(|f| f.release.contains("list of LCDs")).unwrap();
    assert_eq!((list.rows, list.kind.as_str(), list.skipped.len()), (3_133, "full", 0));
    let (on, wisconsin) = (d("2025-08-06"), CoverageArea::read("WI").unwrap());
    let begun = std::time::Instant::now();
    for _ in 0..1000 {
        book.coverage_documents("93306", on, Some(&wisconsin)).unwrap();
    }
    println!("documents of 93306 {:?} each", begun.elapsed() / 1000);
    let found = book.coverage_documents("93306", on, Some(&wisconsin)).unwrap();
    let ids: Vec<_> = found.documents.iter().map(|d| (d.id.as_str(), d.version, d.coverage.covers)).collect();
    assert_eq!(ids, [("L33577", 43, true), ("A56781", 34, true)], "{found:?}");
    let article = &found.documents[1];
    assert_eq!((article.covered, article.effective), (121, Some(d("2025-01-01"))));
    let begun = std::time::Instant::now();
    for _ in 0..1000 {
        book.coverage_of_diagnosis(article, "A18.84", Some("93306")).unwrap();
    }
    println!("a diagnosis of it {:?} each", begun.elapsed() / 1000);
    let listed = book.coverage_of_diagnosis(article, "A18.84", Some("93306")).unwrap();
    assert_eq!((listed.lists.len(), listed.lists[0].for_service), (1, Some(true)));
    assert!(book.coverage_of_diagnosis(article, "Z00.00", None).unwrap().lists.is_empty());
}
