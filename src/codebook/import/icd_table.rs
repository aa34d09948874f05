//! ICD-10-CM table of drugs and chemicals, and neoplasm table: entries with a code in each of six columns. What is
//! stored are the cells; the names are made from them (see names.sql).

use std::collections::BTreeSet;

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::{FileRows, Format, Input, Table};
use crate::codebook::import::heading;
use crate::codebook::import::icd_index::is_index;
use crate::codebook::import::lines::Faults;
use crate::codebook::import::term_tree::{self, TermTree, stem};
use crate::codebook::names::{UNSPECIFIED_SITE, sorted_words};

pub(crate) const FORMAT: Format =
    Format { name: "ICD-10-CM index table", whole_lines: false, matches: |head| is_index(head, true), read };

/// The most ways in which one entry is found: titles with alternatives multiply.
const MOST_WAYS: usize = 16;

/// An entry: its path, its words, its cells (column, stem).
#[derive(Debug)]
struct Entry {
    text: String,
    words: BTreeSet<String>,
    cells: Vec<(u8, String)>,
    line: u32,
}

#[derive(Debug)]
struct Entries(Vec<Entry>);

impl Table for Entries {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_lines(hash, self.0.iter().map(|e| format!("{}|{:?}|{:?}", e.text, e.words, e.cells)));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let c = into.connection;
        let mut cell = c.prepare_cached("INSERT OR IGNORE INTO table_cell VALUES (?1,?2,?3,?4,?5)")?;
        let mut entry = c.prepare_cached("INSERT OR IGNORE INTO table_entry VALUES (?1,?2,?3)")?;
        for e in &self.0 {
            let text = into.text(&e.text)?;
            for (column, code) in &e.cells {
                cell.execute(params![code, release, text, column, e.line])?;
            }
            for words in &e.words {
                entry.execute(params![words, release, text])?;
            }
        }
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let head = input.bytes.get(..input.bytes.len().min(2_000)).unwrap_or_default();
    let neoplasms = !String::from_utf8_lossy(head).contains("Substance");
    let tree = term_tree::read(input)?;
    let mut rows = Vec::new();
    for (at, term) in tree.terms.iter().enumerate() {
        let Some(coded) = tree.referred(at) else { continue };
        let mut cells = Vec::new();
        for (column, code) in (2u8..).zip(&coded.cells).filter(|(_, code)| !code.is_empty()) {
            match stem(code) {
                Some(code) => cells.push((column, code)),
                None => {
                    let line = usize::try_from(coded.line).unwrap_or(usize::MAX);
                    faults.note(line, format!("column {column} holds {code}, which is no ICD-10-CM code"))?;
                }
            }
        }
        faults.rows += 1;
        let skipped = usize::from(neoplasms);
        let mut titles = tree.path(at, |t| &t.title).split_off(skipped);
        if titles.is_empty() {
            titles.push(UNSPECIFIED_SITE);
        }
        let words = ways(&tree, at, skipped);
        rows.push(Entry { text: titles.join(", "), words, cells, line: term.line });
    }
    // The lines that a second entry of the same name would have are not kept: the order must not matter.
    rows.sort_by(|a, b| (&a.text, a.line).cmp(&(&b.text, b.line)));
    let (dataset, fewest) = if neoplasms { ("icd10cm_neoplasm", 1_500) } else { ("icd10cm_drug", 5_000) };
    let told = heading::icd10cm(input.name).or_else(|| heading::icd10cm(&tree.version));
    Ok(FileRows { told, fewest, ..FileRows::new(dataset, Entries(rows)) })
}

/// The words by which an entry is found: of each title along its path, the whole or one of its alternatives.
fn ways(tree: &TermTree, at: usize, skipped: usize) -> BTreeSet<String> {
    let mut ways = vec![String::new()];
    let titles = tree.path(at, |t| &t.essential);
    for title in titles.get(skipped.min(titles.len())..).unwrap_or_default() {
        let mut choices: Vec<&str> = vec![title];
        if title.contains(", ") {
            choices.extend(title.split(", "));
        }
        let mut longer = Vec::new();
        for way in &ways {
            longer.extend(choices.iter().map(|choice| format!("{way} {choice}")));
        }
        longer.truncate(MOST_WAYS);
        ways = longer;
    }
    if titles.len() <= skipped {
        ways = vec![UNSPECIFIED_SITE.to_owned()];
    }
    ways.iter().map(|way| sorted_words(way)).filter(|words| !words.is_empty()).collect()
}
