//! How long look-ups take with everything loaded, each beside a peer in the same run: plain SQLite through rusqlite.
//! `cargo bench --bench codebook`; the book as in benches/full_book.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use caseconsultant::codebook::Codebook;
use caseconsultant::consult::{self, claim::Claim};
use caseconsultant::domain::{CivilDate, CodeSystem, Setting};
use rusqlite::{Connection, OpenFlags, params};

mod full_book;

const ROUNDS: usize = 2_000;
/// Fewer for the search: its peer takes tens of milliseconds for a common word.
const SEARCHES: usize = 480;

/// Codes of all systems, headings and what is not there.
const CODES: &[&str] =
    &["63020", "M50.121", "E11.9", "J3301", "S52.501A", "E11", "99999", "U07.1", "A0425", "0016070"];

const PAIRS: &[(&str, &str)] =
    &[("63020", "63030"), ("99213", "20610"), ("23412", "29826"), ("90834", "99213"), ("97110", "97112")];

/// A claim as large as they come: 20 lines and 12 diagnoses.
const LINES: &[&str] = &[
    "99214-25",
    "20610-RT",
    "J3301x4",
    "36415",
    "80053",
    "85025",
    "83036",
    "84443",
    "93000",
    "71046",
    "96372",
    "J1885x2",
    "97110-GPx2",
    "97140-59",
    "97112",
    "90471",
    "G0008",
    "63030-51",
    "63047",
    "29826-RT",
];
const DIAGNOSES: &[&str] = &[
    "E11.22", "N18.32", "I10", "M17.11", "M25.561", "M54.50", "M51.26", "J44.9", "Z79.4", "S52.501A",
    "E78.5", "R07.9",
];

/// Look-ups in the tabular list.
const PLACES: &[&str] = &["E11.22", "S52.501B", "T36.0X5A", "R07.9", "C7A.00"];
const EXCLUDED: &[(&str, &str)] =
    &[("E11.22", "E10.9"), ("S52.501B", "T36.0X5A"), ("R07.9", "I10"), ("M54.50", "M51.26")];

/// What people write, of every kind.
const QUERIES: &[&str] = &[
    "ckd 3b",
    "t2dm with neuropathy",
    "broken wrist right",
    "pnumonia",
    "fall from ladder",
    "low back pain",
    "afib",
    "hx of breast cancer",
    "kenalog injection",
    "neulasta",
    "wheelchair",
    "diabetic foot ulcer left heel",
    "pressure ulcer sacrum stage 3",
    "tylenol overdose accidental",
    "haemorrhoids",
    "fracture",
    "right",
    "cancer",
    "screening colonoscopy",
    "distal radius fracture right subsequent visit routine healing",
    "M54.5",
    "S52",
    "sob",
    "a",
];

fn main() {
    let Some(path) = full_book::path() else { return };
    let on: CivilDate = "2026-01-05".parse().unwrap();
    let before = resident();
    let begun = Instant::now();
    let book = Codebook::open(&path).unwrap();
    let opened = begun.elapsed();
    let peer = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let begun = Instant::now();
    book.search("fracture", None, on, 10).unwrap();
    let first = begun.elapsed();
    println!("{:<26} {:>8.1} ms", "open", opened.as_secs_f64() * 1e3);
    println!("{:<26} {:>8.1} ms  (reads the indexes)", "first search", first.as_secs_f64() * 1e3);

    let (mut show, mut point) = (Vec::new(), Vec::new());
    let mut by_code = peer.prepare("SELECT text_id FROM code WHERE system='icd10cm' AND code=?1").unwrap();
    let (mut pair, mut pair_peer) = (Vec::new(), Vec::new());
    let mut listed = peer.prepare("SELECT release FROM listing WHERE code=?1").unwrap();
    for round in 0..ROUNDS {
        // Interleaved, so that all see the same machine.
        let code = CODES[round % CODES.len()];
        show.push(timed(|| book.show(None, code, on).unwrap().len()));
        point.push(timed(|| rows(&mut by_code, &code.replace('.', ""))));
        let (one, two) = PAIRS[round % PAIRS.len()];
        pair.push(timed(|| usize::from(book.ptp(Setting::Practitioner, one, two, on).is_ok())));
        pair_peer.push(timed(|| rows(&mut listed, one) + rows(&mut listed, two)));
    }
    line("show", &show, "one point query", &point);
    line("pair", &pair, "two point queries", &pair_peer);

    tabular(&book, on);
    let owned = |all: &[&str]| -> Vec<String> { all.iter().map(|&one| one.to_owned()).collect() };
    let claim = Claim::read(&owned(LINES), &owned(DIAGNOSES), Setting::Practitioner, on).unwrap();
    let (mut check, mut check_peer) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        check.push(timed(|| consult::check(&claim, &book).unwrap().len()));
        check_peer.push(timed(|| {
            let all = || claim.lines.iter().map(|l| l.code.as_str());
            all().flat_map(|_| all()).map(|code| rows(&mut listed, code)).sum()
        }));
    }
    line("claim of 20 lines", &check, "400 point queries", &check_peer);

    let fts = descriptions(&path);
    let mut find = fts.prepare("SELECT rowid FROM t WHERE t MATCH ?1 ORDER BY rank LIMIT 10").unwrap();
    let (mut search, mut search_one, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..SEARCHES {
        let query = QUERIES[round % QUERIES.len()];
        search.push(timed(|| book.search(query, None, on, 10).unwrap().len()));
        search_one.push(timed(|| book.search(query, Some(CodeSystem::Icd10cm), on, 10).unwrap().len()));
        let words: Vec<String> = query.split(' ').map(|w| format!("\"{w}\"")).collect();
        plain.push(timed(|| rows(&mut find, &words.join(" OR "))));
    }
    line("search, all systems", &search, "FTS5", &plain);
    line("search, ICD-10-CM", &search_one, "FTS5", &plain);
    if let (Some(before), Some(after)) = (before, resident()) {
        println!(
            "{:<26} {:>8.1} MB",
            "memory beyond the start",
            after.saturating_sub(before) as f64 / 1024.0
        );
    }
}

/// Notes, 7th characters, hierarchy and Excludes1, in turn; they have no peer.
fn tabular(book: &Codebook, on: CivilDate) {
    let mut times: [Vec<Duration>; 4] = Default::default();
    for round in 0..ROUNDS {
        let (code, (one, two)) = (PLACES[round % PLACES.len()], EXCLUDED[round % EXCLUDED.len()]);
        times[0].push(timed(|| book.notes(code, on).unwrap().value.len()));
        times[1].push(timed(|| usize::from(book.seventh_characters(code, on).unwrap().value.is_some())));
        times[2].push(timed(|| book.hierarchy(code, on).unwrap().codes.len()));
        times[3].push(timed(|| usize::from(book.excludes(one, two, on).is_ok())));
    }
    for (what, times) in ["notes", "7th characters", "hierarchy", "excludes"].iter().zip(&times) {
        println!("{what:<26} {}", shares(times));
    }
}

fn rows(statement: &mut rusqlite::Statement<'_>, given: &str) -> usize {
    let mut rows = statement.query(params![given]).unwrap();
    let mut n = 0;
    while rows.next().unwrap().is_some() {
        n += 1;
    }
    n
}

/// The peer of the search: an FTS5 table over all official descriptions.
fn descriptions(book: &Path) -> Connection {
    let fts = Connection::open_in_memory().unwrap();
    fts.execute_batch("CREATE VIRTUAL TABLE t USING fts5(text)").unwrap();
    fts.execute("ATTACH ?1 AS book", [format!("file:{}?mode=ro", book.display())]).unwrap();
    fts.execute_batch(
        "INSERT INTO t(text) SELECT DISTINCT t.text FROM book.code c JOIN book.text t ON t.id=c.text_id; DETACH book;",
    )
    .unwrap();
    fts
}

fn line(what: &str, ours: &[Duration], peer: &str, theirs: &[Duration]) {
    println!("{what:<26} {}   {peer:<18} {}", shares(ours), shares(theirs));
}

fn shares(times: &[Duration]) -> String {
    let mut times = times.to_vec();
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e6;
    format!("p50 {:>8.1} µs  p99 {:>8.1} µs", at(50), at(99))
}

fn timed(work: impl FnOnce() -> usize) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// Resident memory in kB, where the system tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("RssAnon:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
