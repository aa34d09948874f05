//! ICD-10-PCS conversion table (tab-separated): current code, title, year, previous code, its title, change, month and
//! day. `NoPCS`: there is none. Titles are those of the order file and are not kept.

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::format::{FileRows, Format, Input, Row};
use crate::codebook::import::lines::Faults;
use crate::domain::CivilDate;

pub(crate) const FORMAT: Format = Format {
    name: "ICD-10-PCS conversion table",
    whole_lines: true,
    matches: |head| head.upper.starts_with("CURRENT CODE(S) ASSIGNMENT\t"),
    read,
};

/// A code and the one before it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Conversion {
    code: String,
    previous: String,
    effective: i32,
    change: String,
    line: u32,
}

impl Row for Conversion {
    const INSERT: &str = "INSERT OR IGNORE INTO conversion VALUES (?1,?2,?3,?4,?5,?6)";

    fn content(&self) -> String {
        format!("{}|{}|{}|{}", self.code, self.previous, self.effective, self.change)
    }

    fn insert(&self, statement: &mut Statement<'_>, _: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        statement.execute(params![
            self.code,
            release,
            self.previous,
            self.effective,
            self.change,
            self.line
        ])?;
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let (mut rows, mut newest) = (Vec::new(), None);
    for (index, line) in input.text().lines().enumerate().skip(1) {
        if line.trim().is_empty() || line.trim() == "\u{1a}" {
            continue;
        }
        let cells: Vec<&str> = line.split('\t').map(|c| c.trim().trim_matches('"')).collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or("");
        let day = day(cell(2), cells.last().copied().unwrap_or(""));
        let (code, previous) = (code(cell(0)), code(cell(3)));
        let change = ["New", "Revised", "Deleted"].into_iter().find(|c| *c == cell(5));
        let (Some(code), Some(previous), Some(day), Some(change)) = (code, previous, day, change) else {
            faults.note(index + 1, "it is not current code, year, previous code, change, month and day")?;
            continue;
        };
        faults.rows += 1;
        newest = newest.max(Some(day));
        rows.push(Conversion {
            code,
            previous,
            effective: day.days(),
            change: change.to_owned(),
            line: u32::try_from(index + 1).unwrap_or(u32::MAX),
        });
    }
    // It holds all changes up to its newest one.
    let undated = newest.map(|day| format!("ICD-10-PCS conversion table up to {day}"));
    Ok(FileRows { undated, ..FileRows::new("pcs_conversion", rows) })
}

/// Seven characters, or none.
fn code(cell: &str) -> Option<String> {
    let fits = cell.len() == 7 && cell.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    if cell == "NoPCS" { Some(String::new()) } else { fits.then(|| cell.to_owned()) }
}

/// The day of a change: fiscal year and `10.01` (of the calendar year before) or `04.01`.
fn day(year: &str, month_day: &str) -> Option<CivilDate> {
    let (month, day) = month_day.split_once('.')?;
    let (year, month): (i16, i8) = (year.parse().ok()?, month.parse().ok()?);
    CivilDate::new(if month >= 10 { year.checked_sub(1)? } else { year }, month, day.parse().ok()?)
}
