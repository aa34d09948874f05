//! Recall of the search on searches with known answers; see `tests/bench/search`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use caseconsultant::codebook::Codebook;
use caseconsultant::domain::{CivilDate, CodeSystem};
use rusqlite::{Connection, OpenFlags, params};
use serde::Deserialize;

#[path = "../../benches/full_book/mod.rs"]
mod full_book;

/// A search with its answers.
#[derive(Debug, Deserialize)]
struct Asked {
    query: String,
    system: CodeSystem,
    accept: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
}

/// How often the answer stood at rank 1, and an acceptable one among the first 5 and 10.
#[derive(Debug, Default, Clone, Copy)]
struct Recall {
    asked: u32,
    first: u32,
    five: u32,
    ten: u32,
}

impl Recall {
    fn note(&mut self, asked: &Asked, found: &[String]) {
        let among = |n: usize, with: bool| {
            let fits = |c: &&String| asked.accept.contains(c) || (with && asked.also.contains(c));
            u32::from(found.iter().take(n).any(|c| fits(&c)))
        };
        self.asked += 1;
        self.first += among(1, false);
        self.five += among(5, true);
        self.ten += among(10, true);
    }

    fn shares(self) -> String {
        let share = |n: u32| f64::from(n) / f64::from(self.asked.max(1));
        format!("{:.3} {:.3} {:.3}", share(self.first), share(self.five), share(self.ten))
    }
}

fn main() {
    let mut files = Vec::new();
    let (mut misses, mut on) = (false, "2026-01-05".parse::<CivilDate>().unwrap());
    let mut given = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--misses" => misses = true,
            "--on" => on = given.next().unwrap().parse().unwrap(),
            _ => files.push(argument),
        }
    }
    if files.is_empty() {
        files.push(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/search_own.jsonl").to_owned());
    }
    let Some(path) = full_book::path() else { return };
    let book = Codebook::open(&path).unwrap();
    let plain = descriptions(&path, on);
    let mut tally: BTreeMap<String, (Recall, Recall)> = BTreeMap::new();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    book.search("warm up", None, on, 1).unwrap();
    for line in files
        .iter()
        .flat_map(|f| std::fs::read_to_string(f).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
    {
        let asked: Asked = serde_json::from_str(&line).unwrap();
        let begun = Instant::now();
        let hits = book.search(&asked.query, Some(asked.system), on, 10).unwrap();
        ours.push(begun.elapsed());
        let begun = Instant::now();
        let peers = fts(&plain, &asked);
        theirs.push(begun.elapsed());
        let codes: Vec<String> = hits.iter().map(|h| h.code.clone()).collect();
        let groups = asked
            .kinds
            .iter()
            .map(|k| format!("  {k}"))
            .chain([asked.system.as_str().to_owned(), "all".to_owned()]);
        for group in groups {
            let slot = tally.entry(group).or_default();
            slot.0.note(&asked, &codes);
            slot.1.note(&asked, &peers);
        }
        if misses && !codes.first().is_some_and(|c| asked.accept.contains(c)) {
            println!("[{}] {} wanted {}", asked.system.as_str(), asked.query, asked.accept.join(", "));
            for hit in hits.iter().take(3) {
                println!(
                    "    {:<8} {:.3} {} <- {}",
                    hit.code,
                    hit.score,
                    hit.description,
                    hit.name.as_deref().unwrap_or("its text")
                );
            }
        }
    }
    println!("{:<14} {:>5}   {:<20} {:<20}", "recall@1 @5 @10", "asked", "ours", "FTS5, official texts");
    for (group, (our, their)) in &tally {
        println!("{group:<14} {:>5}   {:<20} {:<20}", our.asked, our.shares(), their.shares());
    }
    for (what, mut times) in [("ours", ours), ("FTS5", theirs)] {
        times.sort();
        let at = |percent: usize| micros(times[(times.len() - 1) * percent / 100]);
        println!("{what}: p50 {:.0} µs   p99 {:.0} µs", at(50), at(99));
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The peer: an FTS5 table over the official descriptions that are valid on the day.
fn descriptions(book: &Path, on: CivilDate) -> Connection {
    let source = Connection::open_with_flags(book, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let peer = Connection::open_in_memory().unwrap();
    peer.execute_batch("CREATE VIRTUAL TABLE t USING fts5(system UNINDEXED, code UNINDEXED, text, tokenize='porter unicode61')").unwrap();
    let mut read = source
        .prepare(
            "SELECT v.system, v.code, t.text, max(c.release) FROM validity v JOIN code c ON c.system=v.system AND c.code=v.code
             JOIN text t ON t.id=c.text_id WHERE v.first<=?1 AND v.last>=?1 AND v.status='valid' GROUP BY v.system, v.code",
        )
        .unwrap();
    let mut rows = read.query([on.days()]).unwrap();
    peer.execute_batch("BEGIN").unwrap();
    let mut put = peer.prepare("INSERT INTO t VALUES (?1,?2,?3)").unwrap();
    while let Some(r) = rows.next().unwrap() {
        let (system, code, text): (String, String, String) =
            (r.get(0).unwrap(), r.get(1).unwrap(), r.get(2).unwrap());
        let dotted = if system == "icd10cm" && code.len() > 3 {
            format!("{}.{}", &code[..3], &code[3..])
        } else {
            code
        };
        put.execute(params![system, dotted, text]).unwrap();
    }
    drop(put);
    peer.execute_batch("COMMIT").unwrap();
    peer
}

/// What a plain search gives: any of the words, ranked by BM25.
fn fts(peer: &Connection, asked: &Asked) -> Vec<String> {
    let words: Vec<String> = asked
        .query
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(|w| format!("\"{w}\""))
        .collect();
    let mut find = peer
        .prepare_cached("SELECT code FROM t WHERE t MATCH ?1 AND system=?2 ORDER BY rank LIMIT 10")
        .unwrap();
    let found = find.query_map(params![words.join(" OR "), asked.system.as_str()], |r| r.get(0)).unwrap();
    found.map(Result::unwrap).collect()
}
