//! NCCI PTP edits: header lines, then seven tab-separated columns: column 1, column 2, in existence prior to 1996,
//! effective, deletion (`*` open), modifier indicator, rationale. A pair repeats with other dates.

use std::collections::HashMap;

use rusqlite::params;
use sha2::{Digest, Sha256};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::format::{FileRows, Format, Input, Table};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, is_service_code};
use crate::codebook::ptp::{pack, unpack_one};
use crate::domain::{CivilDate, Setting};

pub(crate) const FORMAT: Format = Format {
    name: "NCCI PTP edits",
    whole_lines: true,
    matches: |head| head.upper.contains("COLUMN1/COLUMN2 EDITS"),
    read,
};

/// A PTP row; the rationale is an index into `PtpRows::rationales`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PairRow {
    pub(crate) pair: i64,
    pub(crate) effective: Option<i32>,
    pub(crate) deletion: Option<i32>,
    pub(crate) indicator: u8,
    pub(crate) rationale: u16,
    pub(crate) line: u32,
}

/// A PTP file's rows.
#[derive(Debug, Default)]
pub(crate) struct PtpRows {
    pub(crate) rows: Vec<PairRow>,
    pub(crate) rationales: Vec<String>,
}

/// Reads the rows.
fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let mut out = PtpRows::default();
    let mut known: HashMap<String, u16> = HashMap::new();
    // The same few hundred days come again and again.
    let mut days: HashMap<String, Option<i32>> = HashMap::new();
    let mut day = |text: &str| -> Option<i32> {
        if let Some(found) = days.get(text) {
            return *found;
        }
        let found = CivilDate::from_compact(text).map(CivilDate::days);
        days.insert(text.to_owned(), found);
        found
    };
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let mut columns = line.split('\t').map(str::trim);
        let mut next = || columns.next();
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
            if !out.rows.is_empty() && !line.trim().is_empty() {
                faults.note(number, "it has not seven tab-separated columns")?;
            }
            continue;
        };
        if !is_service_code(one) || !is_service_code(two) {
            if !out.rows.is_empty() {
                faults.note(number, "columns 1 and 2 are no codes")?;
            }
            continue;
        }
        let open = |text: &str| text.is_empty() || text == "*";
        let (from, to) = (day(effective), day(deletion));
        if (!open(effective) && from.is_none()) || (!open(deletion) && to.is_none()) {
            faults.note(number, "the effective or deletion date is no date (YYYYMMDD or *)")?;
            continue;
        }
        let indicator = match indicator {
            "0" => 0,
            "1" => 1,
            "9" => 9,
            _ => {
                faults.note(number, "the modifier indicator is none of 0, 1, 9")?;
                continue;
            }
        };
        let rationale = match known.get(rationale) {
            Some(id) => *id,
            None => {
                let id = u16::try_from(out.rationales.len()).unwrap_or(u16::MAX);
                known.insert(rationale.to_owned(), id);
                out.rationales.push(rationale.to_owned());
                id
            }
        };
        faults.rows += 1;
        out.rows.push(PairRow {
            pair: pack(one, two),
            effective: from,
            deletion: to,
            indicator,
            rationale,
            line: u32::try_from(number).unwrap_or(u32::MAX),
        });
    }
    let (setting, days, part) = heading::ptp(input.name);
    Ok(FileRows {
        setting,
        needs_setting: true,
        told: days.map(|(a, b)| (a.quarter(), a, b)),
        part,
        notices: text
            .lines()
            .next()
            .filter(|l| l.contains("copyright"))
            .map(|l| l.trim().to_owned())
            .into_iter()
            .collect(),
        fewest: if setting == Some(Setting::Practitioner) { 1_500_000 } else { 1_000_000 },
        ..FileRows::new("ptp", out)
    })
}

impl Table for PtpRows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    /// Brings the rows into the order of pair and dates, whatever the file's; rationales by their text.
    fn digest(&mut self, hash: &mut Sha256) {
        let mut rationales = self.rationales.clone();
        rationales.sort();
        let places: Vec<u16> = self
            .rationales
            .iter()
            .map(|t| rationales.binary_search(t).ok().and_then(|i| u16::try_from(i).ok()).unwrap_or(0))
            .collect();
        for row in &mut self.rows {
            row.rationale = places.get(usize::from(row.rationale)).copied().unwrap_or(0);
        }
        if !self.rows.is_sorted() {
            self.rows.sort_unstable();
        }
        self.rationales = rationales;
        for text in &self.rationales {
            hash.update(text.as_bytes());
            hash.update(b"\n");
        }
        for r in &self.rows {
            hash.update(r.pair.to_le_bytes());
            hash.update(r.effective.unwrap_or(i32::MIN).to_le_bytes());
            hash.update(r.deletion.unwrap_or(i32::MAX).to_le_bytes());
            hash.update([r.indicator]);
            hash.update(r.rationale.to_le_bytes());
        }
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let rationales =
            self.rationales.iter().map(|t| into.text(t)).collect::<rusqlite::Result<Vec<_>>>()?;
        let mut s = into.connection.prepare_cached("INSERT INTO ptp VALUES (?1,?2,?3,?4,?5,?6,?7,?8)")?;
        let (mut previous, mut n) = (-1, 0);
        let first = into.first_day.unwrap_or(i32::MIN);
        // A pair that is open (or ends within the release) attests that both codes exist.
        let mut live = std::collections::BTreeMap::new();
        for r in &self.rows {
            n = if r.pair == previous { n + 1 } else { 0 };
            previous = r.pair;
            let rationale = rationales.get(usize::from(r.rationale)).copied().unwrap_or(0);
            s.execute(params![release, r.pair, n, r.effective, r.deletion, r.indicator, rationale, r.line])?;
            if r.indicator != 9 && r.deletion.is_none_or(|d| d >= first) {
                live.entry(r.pair >> 26).or_insert(r.line);
                live.entry(r.pair & 0x3ff_ffff).or_insert(r.line);
            }
        }
        for (code, line) in live {
            into.listing(&unpack_one(code), release, line)?;
        }
        Ok(())
    }
}
