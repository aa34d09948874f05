//! Geographic practice cost indices by locality, csv and txt: title rows, then MAC, state, locality, name, and the
//! indices of work (with the 1.0 floor), practice expense and malpractice; footnote stars and notes at the end.

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::csv_rows::{line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Input, Row};
use crate::codebook::import::heading;
use crate::codebook::import::lines::Faults;

pub(crate) const FORMAT: Format = Format {
    name: "Medicare GPCI",
    whole_lines: false,
    matches: |head| head.upper.contains("GEOGRAPHIC PRACTICE COST INDICES") && head.upper.contains("PE GPCI"),
    read,
};

#[derive(Debug)]
struct PlaceIndices {
    mac: String,
    locality: String,
    state: String,
    name: String,
    /// In thousandths.
    indices: [i64; 3],
    line: u32,
}

impl Row for PlaceIndices {
    const INSERT: &str = "INSERT OR REPLACE INTO gpci VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)";

    fn content(&self) -> String {
        // The layouts write names differently.
        format!("{}/{} {} {:?}", self.mac, self.locality, self.state, self.indices)
    }

    fn insert(&self, statement: &mut Statement<'_>, _: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let [work, pe, mp] = self.indices;
        statement.execute(params![
            self.mac,
            self.locality,
            release,
            self.state,
            self.name,
            work,
            pe,
            mp,
            self.line
        ])?;
        Ok(())
    }
}

/// The rows of a file with cells: by commas, or by columns that stand at least two blanks apart.
pub(crate) fn rows_of(text: &str, by_commas: bool) -> Result<Vec<(usize, Vec<String>)>, String> {
    if by_commas {
        let mut all = Vec::new();
        for record in reader(text).into_records() {
            let record = record.map_err(|e| e.to_string())?;
            all.push((line_of(&record), record.iter().map(|c| c.trim().to_owned()).collect()));
        }
        return Ok(all);
    }
    let cells = |line: &str| {
        line.split("  ").map(|c| c.trim().to_owned()).filter(|c| !c.is_empty()).collect::<Vec<_>>()
    };
    Ok(text.lines().enumerate().map(|(i, line)| (i + 1, cells(line))).collect())
}

/// A contractor's number, five digits: a spreadsheet takes their leading zeros.
pub(crate) fn mac(text: &str) -> Option<String> {
    let text = text.trim();
    (matches!(text.len(), 4 | 5) && text.bytes().all(|b| b.is_ascii_digit())).then(|| format!("{text:0>5}"))
}

/// A locality's number, two digits.
pub(crate) fn locality(text: &str) -> Option<String> {
    let text = text.trim();
    (matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit())).then(|| format!("{text:0>2}"))
}

/// A decimal number as a whole number of `10^-places`.
pub(crate) fn scaled(text: &str, places: u32) -> Option<i64> {
    let text = text.trim();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.len() <= 9 && t.bytes().all(|b| b.is_ascii_digit());
    let places = usize::try_from(places).ok()?;
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) || part.len() > places {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let by_commas = text.lines().any(|l| l.starts_with("Medicare Administrative Contractor (MAC),"));
    let (mut rows, mut title) = (Vec::new(), String::new());
    for (line, cells) in rows_of(&text, by_commas).map_err(|e| CodebookError::bad_file(faults.file(), e))? {
        let at = |i: usize| cells.get(i).map_or("", String::as_str);
        if at(0).contains("GEOGRAPHIC PRACTICE COST") {
            at(0).clone_into(&mut title);
        }
        let Some(mac) = mac(at(0)) else { continue };
        let indices = [4, 5, 6].map(|i| scaled(at(i), 3));
        let (Some(locality), [Some(work), Some(pe), Some(mp)]) = (locality(at(2)), indices) else {
            faults.note(line, "it is not MAC, state, locality, name, and three indices")?;
            continue;
        };
        faults.rows += 1;
        rows.push(PlaceIndices {
            mac,
            locality,
            state: at(1).to_owned(),
            name: at(3).trim_end_matches('*').trim().to_owned(),
            indices: [work, pe, mp],
            line: u32::try_from(line).unwrap_or(u32::MAX),
        });
    }
    Ok(FileRows { told: heading::calendar_year("GPCI", &title), fewest: 80, ..FileRows::new("gpci", rows) })
}
