//! NCCI PTP edits: header lines, then seven tab-separated columns: column 1, column 2, in existence prior to 1996,
//! effective, deletion (`*` open), modifier indicator, rationale. A pair repeats with other dates.
//!
//! A quarter has 4.3 million rows: lines are read as bytes, and nothing is allocated by row.

use std::collections::{BTreeMap, HashMap};

use rusqlite::params;
use sha2::{Digest, Sha256};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::format::{FileRows, Format, Input, Table};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, is_service_number, latin1};
use crate::codebook::ptp_entries::{Entry, code_of, day_number, put, put_content};
use crate::domain::{CivilDate, Setting};

pub(crate) const FORMAT: Format = Format {
    name: "NCCI PTP edits",
    whole_lines: true,
    matches: |head| head.upper.contains("COLUMN1/COLUMN2 EDITS"),
    read,
};

/// Headers are not longer; a row below that is none is a bad row.
const HEADER_LINES: usize = 20;

/// A PTP row: column 1, and the edit as column 1 sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PairRow {
    one: u32,
    edit: Entry,
}

/// A PTP file's rows.
#[derive(Debug, Default)]
struct PtpRows {
    rows: Vec<PairRow>,
    rationales: Vec<String>,
}

/// Values that come again and again: the last one, and all others by their bytes.
struct Seen<T> {
    last: Vec<u8>,
    value: T,
    all: HashMap<Vec<u8>, T>,
}

impl<T: Copy> Seen<T> {
    fn new(empty: T) -> Self {
        Self { last: Vec::new(), value: empty, all: HashMap::new() }
    }

    fn get(&mut self, bytes: &[u8], make: impl FnOnce(&[u8]) -> T) -> T {
        if self.last == bytes {
            return self.value;
        }
        self.value = match self.all.get(bytes) {
            Some(value) => *value,
            None => {
                let value = make(bytes);
                self.all.insert(bytes.to_owned(), value);
                value
            }
        };
        self.last.clear();
        self.last.extend_from_slice(bytes);
        self.value
    }
}

/// A stored date: none, or a day; `Err`: it is no date.
fn stored_day(bytes: &[u8]) -> Result<u32, ()> {
    if bytes.is_empty() || bytes == b"*" {
        return Ok(0);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ())?;
    CivilDate::from_compact(text).map(|d| day_number(Some(d.days()))).ok_or(())
}

/// Reads the rows.
fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let mut out = PtpRows::default();
    // A line has about 64 bytes.
    out.rows.reserve(input.bytes.len() / 66);
    let (mut effectives, mut deletions) = (Seen::new(Ok(0)), Seen::new(Ok(0)));
    let mut rationales = Seen::new(0u16);
    for (index, line) in input.bytes.split(|b| *b == b'\n').enumerate() {
        let number = index + 1;
        let mut columns = line.split(|b| *b == b'\t').map(<[u8]>::trim_ascii);
        let mut next = || columns.next();
        let started = !out.rows.is_empty() || number > HEADER_LINES;
        let (
            Some(one),
            Some(two),
            Some(_),
            Some(effective),
            Some(deletion),
            Some(indicator),
            Some(rationale),
        ) = (next(), next(), next(), next(), next(), next(), next())
        else {
            if started && !matches!(line.trim_ascii(), b"" | b"\x1a") {
                faults.note(number, "it has not seven tab-separated columns")?;
            }
            continue;
        };
        let (Some(one), Some(two)) = (is_service_number(one), is_service_number(two)) else {
            if started {
                faults.note(number, "columns 1 and 2 are no codes")?;
            }
            continue;
        };
        let (Ok(effective), Ok(deletion)) =
            (effectives.get(effective, stored_day), deletions.get(deletion, stored_day))
        else {
            faults.note(number, "the effective or deletion date is no date (YYYYMMDD or *)")?;
            continue;
        };
        let indicator = match indicator {
            b"0" => 0,
            b"1" => 1,
            b"9" => 9,
            _ => {
                faults.note(number, "the modifier indicator is none of 0, 1, 9")?;
                continue;
            }
        };
        let known = &mut out.rationales;
        let rationale = rationales.get(rationale, |bytes| {
            known.push(latin1(bytes).into_owned());
            u16::try_from(known.len() - 1).unwrap_or(u16::MAX)
        });
        if out.rationales.len() > usize::from(u16::MAX) {
            let why = format!("line {number}: the file has more than 65,535 rationales: it is no PTP file");
            return Err(CodebookError::bad_file(faults.file(), why));
        }
        faults.rows += 1;
        let line = u32::try_from(number).unwrap_or(u32::MAX);
        let edit = Entry { other: two, effective, deletion, indicator, rationale, line };
        out.rows.push(PairRow { one, edit });
    }
    let (setting, days, part) = heading::ptp(input.name);
    let first_line = input.bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let notice = Some(latin1(first_line).trim().to_owned()).filter(|l| l.contains("copyright"));
    Ok(FileRows {
        setting,
        needs_setting: true,
        told: days.map(|(a, b)| (a.quarter(), a, b)),
        part,
        notices: notice.into_iter().collect(),
        fewest: if setting == Some(Setting::Practitioner) { 1_500_000 } else { 1_000_000 },
        ..FileRows::new("ptp", out)
    })
}

impl Table for PtpRows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    /// Brings the rows into the order of codes and dates, whatever the file's; rationales by their text.
    fn digest(&mut self, hash: &mut Sha256) {
        let mut rationales = self.rationales.clone();
        rationales.sort();
        rationales.dedup();
        let places: Vec<u16> = self
            .rationales
            .iter()
            .map(|t| rationales.binary_search(t).ok().and_then(|i| u16::try_from(i).ok()).unwrap_or(0))
            .collect();
        for row in &mut self.rows {
            row.edit.rationale = places.get(usize::from(row.edit.rationale)).copied().unwrap_or(0);
        }
        if !self.rows.is_sorted() {
            self.rows.sort_unstable();
        }
        self.rationales = rationales;
        for text in &self.rationales {
            hash.update(text.as_bytes());
            hash.update(b"\n");
        }
        let mut content = Vec::with_capacity(70_000);
        for row in &self.rows {
            content.extend_from_slice(&row.one.to_be_bytes());
            put_content(&mut content, &row.edit);
            if content.len() > 65_536 {
                hash.update(&content);
                content.clear();
            }
        }
        hash.update(&content);
    }

    /// The edits of each code as column 1, then those of each code as column 2.
    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut s = into.connection.prepare_cached("INSERT INTO ptp_rationale VALUES (?1,?2,?3)")?;
        for (n, text) in self.rationales.iter().enumerate() {
            s.execute(params![release, i64::try_from(n).unwrap_or(0), into.text(text)?])?;
        }
        let mut attested = Attested { first_day: into.first_day.unwrap_or(i32::MIN), lines: BTreeMap::new() };
        let mut s = into.connection.prepare_cached("INSERT INTO ptp VALUES (?1,?2,?3,?4)")?;
        let mut run = Vec::new();
        for group in self.rows.chunk_by(|a, b| a.one == b.one) {
            let Some(one) = group.first().map(|r| r.one) else { continue };
            run.clear();
            for row in group {
                put(&mut run, &row.edit);
            }
            attested.note(one, group.iter().map(|r| &r.edit));
            s.execute(params![release, 1, code_of(one), run])?;
        }
        // By column 2, then column 1: the place of a row is in the order of column 1 already.
        let mut turned: Vec<(u32, u32)> =
            self.rows.iter().zip(0u32..).map(|(row, place)| (row.edit.other, place)).collect();
        turned.sort_unstable();
        for group in turned.chunk_by(|a, b| a.0 == b.0) {
            let Some((two, _)) = group.first() else { continue };
            run.clear();
            let edit = |(_, place): &(u32, u32)| self.rows.get(usize::try_from(*place).unwrap_or(0));
            let rows = group.iter().filter_map(edit);
            for row in rows.clone() {
                put(&mut run, &Entry { other: row.one, ..row.edit });
            }
            attested.note(*two, rows.map(|r| &r.edit));
            s.execute(params![release, 2, code_of(*two), run])?;
        }
        for (code, line) in attested.lines {
            into.listing(&code_of(code), release, line)?;
        }
        Ok(())
    }
}

/// The codes whose existence the release attests: an edit that is open (or ends within it) names them.
struct Attested {
    first_day: i32,
    lines: BTreeMap<u32, u32>,
}

impl Attested {
    fn note<'a>(&mut self, code: u32, edits: impl Iterator<Item = &'a Entry>) {
        let live = |e: &&Entry| e.indicator != 9 && e.deletion().is_none_or(|d| d >= self.first_day);
        if let Some(line) = edits.filter(live).map(|e| e.line).min() {
            let known = self.lines.entry(code).or_insert(line);
            *known = line.min(*known);
        }
    }
}
