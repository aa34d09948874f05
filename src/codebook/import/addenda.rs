//! Addenda to the ICD-10-CM and ICD-10-PCS order and codes files: `Add:`, `Delete:`, `Revise from:`, `Revise to:`, and
//! at the end how many of each, and between which files. From column 14 the order file's layout without sequence
//! number (ICD-10-PCS: without flag, too), or the codes file's.
//!
//! What is stored is what the newer edition says of the codes named: a code that becomes a heading is deleted and
//! added again, so the last word stands. A codes addenda file knows no headings; of them it tells only a code that it
//! deletes and divides.

use std::collections::BTreeMap;

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::{FileRows, Format, Head, Input, Table};
use crate::codebook::import::icd_release::{IcdSystem, of_addenda};
use crate::codebook::import::lines::{Faults, field};
use crate::codebook::import::rows::{CodeRow, digest_codes, store_codes};

pub(crate) const FORMAT: Format = Format { name: "ICD-10 addenda", whole_lines: true, matches, read };

const ACTIONS: [&str; 4] = ["Add:", "Delete:", "Revise from:", "Revise to:"];

fn matches(head: &Head<'_>) -> bool {
    let Some(line) = head.text.lines().find(|l| !l.trim().is_empty()) else { return false };
    ACTIONS.contains(&field(line, 1, 13)) && line.get(13..).is_some_and(|rest| rest.len() > 8)
}

/// What the newer edition says of the codes that changed.
#[derive(Debug)]
struct Changes {
    system: &'static str,
    rows: Vec<CodeRow>,
    /// Codes that it no longer has.
    absent: Vec<String>,
}

impl Table for Changes {
    fn len(&self) -> usize {
        self.rows.len() + self.absent.len()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_codes(hash, self.rows.iter());
        digest_lines(hash, self.absent.iter().map(|c| format!("absent {c}")));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        store_codes(into, self.system, release, &self.rows)?;
        let mut s = into.connection.prepare_cached("INSERT OR IGNORE INTO absent VALUES (?1,?2)")?;
        for code in &self.absent {
            s.execute(params![code, release])?;
        }
        Ok(())
    }
}

/// The last word on each code, and whether it is that the code is deleted: an addition stands above a deletion.
type Last = BTreeMap<String, (CodeRow, bool)>;

/// Where the fields stand.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Layout {
    /// 14 flag, 16–22 code, 85– long description.
    Order,
    /// 14–20 code, 83– long description; a heading has three characters.
    PcsOrder,
    /// 14–20 code, 22– description.
    Codes,
}

impl Layout {
    fn of(system: IcdSystem, text: &str) -> Self {
        let first = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
        if matches!(field(first, 14, 14), "0" | "1") && field(first, 15, 15).is_empty() {
            Self::Order
        // Only what compares order files counts headings.
        } else if system == IcdSystem::Pcs && text.lines().any(|l| l.trim() == "Headers") {
            Self::PcsOrder
        } else {
            Self::Codes
        }
    }

    /// Code, whether it is billable, description.
    fn fields(self, line: &str) -> (&str, bool, &str) {
        match self {
            Self::Order => (field(line, 16, 22), field(line, 14, 14) == "1", field(line, 85, usize::MAX)),
            Self::PcsOrder => {
                let code = field(line, 14, 20);
                (code, code.len() == 7, field(line, 83, usize::MAX))
            }
            Self::Codes => (field(line, 14, 20), true, field(line, 22, usize::MAX)),
        }
    }
}

/// What the file's end says of it.
#[derive(Debug, Default)]
struct Summary {
    /// The files compared: before, after.
    files: Vec<String>,
    /// Additions, deletions, revisions.
    stated: BTreeMap<String, usize>,
}

impl Summary {
    /// Takes a line of the summary, if it is one.
    fn take(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, "codes" | "headers", "in", file] => self.files.push((*file).to_owned()),
            [count, what @ ("additions" | "deletions" | "revisions")] => {
                *self.stated.entry((*what).to_owned()).or_default() += count.parse().unwrap_or(0);
            }
            _ => {}
        }
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let of_actions = text.lines().filter(|l| ACTIONS.contains(&field(l, 1, 13)));
    let first = of_actions.clone().take(200).map(|l| field(l, 14, 20)).filter(|c| !c.contains(' '));
    let named = text.lines().find(|l| l.contains("icd10pcs")).map_or(input.name, |_| "icd10pcs");
    let system = IcdSystem::of(named, first);
    let layout = Layout::of(system, &text);
    let mut summary = Summary::default();
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    let mut last = Last::new();
    for (index, line) in text.lines().enumerate() {
        let action = field(line, 1, 13);
        if !ACTIONS.contains(&action) {
            summary.take(line);
            continue;
        }
        let number = index + 1;
        let (code, billable, long) = layout.fields(line);
        if !system.fits(code) || long.is_empty() {
            faults.note(number, "it names no code with its description")?;
            continue;
        }
        faults.rows += 1;
        let row = CodeRow {
            code: code.to_owned(),
            billable,
            added: None,
            terminated: None,
            text: long.to_owned(),
            line: u32::try_from(number).unwrap_or(u32::MAX),
        };
        let what = match action {
            "Add:" => "additions",
            "Delete:" => "deletions",
            "Revise to:" => "revisions",
            _ => continue,
        };
        *counted.entry(what).or_default() += 1;
        if what == "deletions" {
            last.entry(row.code.clone()).or_insert((row, true));
        } else {
            last.insert(row.code.clone(), (row, false));
        }
    }
    for (what, stated) in &summary.stated {
        let found = counted.get(what.as_str()).copied().unwrap_or(0);
        if found + faults.bad.len() < *stated {
            let why =
                format!("it has {found} {what}, and says at its end that it has {stated}: download it again");
            return Err(CodebookError::bad_file(input.shown, why));
        }
    }
    let told = match summary.files.as_slice() {
        [before, .., after] => of_addenda(system, before, after),
        _ => None,
    };
    let what = if layout == Layout::Codes { "codes addenda" } else { "order addenda" };
    let told = told.map(|(name, from, to)| (format!("{name} ({what})"), from, to));
    let (rows, absent) = divide(last, layout == Layout::Codes);
    let name = system.as_str();
    Ok(FileRows { told, kind: "delta", ..FileRows::new(name, Changes { system: name, rows, absent }) })
}

/// Rows of the newer edition, and codes that it lacks. A codes file lacks headings: a deleted code below which codes
/// are added is one.
fn divide(last: Last, codes_alone: bool) -> (Vec<CodeRow>, Vec<String>) {
    let added: Vec<String> = last.iter().filter(|(_, (_, gone))| !gone).map(|(c, _)| c.clone()).collect();
    let is_divided = |code: &str| {
        let next = added.partition_point(|c| c.as_str() <= code);
        added.get(next).is_some_and(|c| c.starts_with(code))
    };
    let (mut rows, mut absent) = (Vec::new(), Vec::new());
    for (code, (row, gone)) in last {
        if !gone {
            rows.push(row);
        } else if codes_alone && is_divided(&code) {
            rows.push(CodeRow { billable: false, ..row });
        } else {
            absent.push(code);
        }
    }
    (rows, absent)
}
