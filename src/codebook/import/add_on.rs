//! Add-on csv: primary code (`CCCCC` for type 2), add-on code, edit type 1–3.

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::csv_rows::{is_blank, line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Input, Row};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, is_service_code};

pub(crate) const FORMAT: Format = Format {
    name: "NCCI add-on codes",
    whole_lines: true,
    matches: |head| head.upper.contains("PRIMARY_CODE") && head.upper.contains("ADD_ON_CODE"),
    read,
};

/// A pair of the add-on file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AddOnRow {
    pub(crate) code: String,
    pub(crate) primary: String,
    pub(crate) kind: u8,
    pub(crate) line: u32,
}

impl Row for AddOnRow {
    const INSERT: &str = "INSERT OR REPLACE INTO add_on VALUES (?1,?2,?3,?4,?5)";

    fn content(&self) -> String {
        format!("{}|{}|{}", self.code, self.primary, self.kind)
    }

    fn insert(&self, statement: &mut Statement<'_>, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        statement.execute(params![self.code, release, self.primary, self.kind, self.line])?;
        into.listing(&self.code, release, self.line)?;
        if self.primary != "CCCCC" {
            into.listing(&self.primary, release, self.line)?;
        }
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let mut rows = Vec::new();
    for (index, record) in reader(&input.text()).into_records().enumerate() {
        let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
        if index == 0 || is_blank(&record) {
            continue;
        }
        let line = line_of(&record);
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        let (primary, code, kind) = (cell(0), cell(1), cell(2));
        if !is_service_code(code)
            || !(is_service_code(primary) || primary == "CCCCC")
            || !matches!(kind, "1" | "2" | "3")
        {
            faults.note(line, "it is not primary code, add-on code, type 1–3")?;
            continue;
        }
        faults.rows += 1;
        rows.push(AddOnRow {
            code: code.to_owned(),
            primary: primary.to_owned(),
            kind: kind.parse().unwrap_or(0),
            line: u32::try_from(line).unwrap_or(u32::MAX),
        });
    }
    Ok(FileRows { told: heading::add_on(input.name), fewest: 4_000, ..FileRows::new("add_on", rows) })
}
