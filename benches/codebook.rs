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
