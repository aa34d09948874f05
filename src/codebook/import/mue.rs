//! MUE csv: a notice of several lines in the first cell, the header `HCPCS/⏎CPT Code`, then code, units, MAI (its
//! leading digit), rationale. The setting stands in the header.

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::csv_rows::{is_blank, line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Input, Row};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, is_service_code};
use crate::domain::Setting;

pub(crate) const FORMAT: Format = Format {
    name: "NCCI MUE values",
    whole_lines: true,
    matches: |head| head.upper.contains("MUE VALUES") && head.upper.contains("MUE ADJUDICATION INDICATOR"),
    read,
};

/// An MUE row.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MueRow {
    pub(crate) code: String,
    pub(crate) units: u32,
    pub(crate) mai: u8,
    pub(crate) rationale: String,
    pub(crate) line: u32,
}

impl Row for MueRow {
    const INSERT: &str = "INSERT OR REPLACE INTO mue VALUES (?1,?2,?3,?4,?5,?6)";

    fn content(&self) -> String {
        format!("{}|{}|{}|{}", self.code, self.units, self.mai, self.rationale)
    }

    fn insert(&self, statement: &mut Statement<'_>, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        statement.execute(params![
            self.code,
            release,
            self.units,
            self.mai,
            into.text(&self.rationale)?,
            self.line
        ])?;
        into.listing(&self.code, release, self.line)?;
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let (mut rows, mut setting, mut notices, mut header) = (Vec::new(), None, Vec::new(), false);
    for record in reader(&input.text()).into_records() {
        let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
        let line = line_of(&record);
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        if !header {
            let title = cell(1).to_ascii_uppercase();
            if title.contains("MUE VALUES") {
                header = true;
                setting = [
                    ("PRACTITIONER", Setting::Practitioner),
                    ("HOSPITAL", Setting::Hospital),
                    ("DME", Setting::Dme),
                ]
                .into_iter()
                .find(|(word, _)| title.contains(word))
                .map(|(_, s)| s);
            } else {
                notices.extend(cell(0).lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned));
            }
            continue;
        }
        if is_blank(&record) {
            continue;
        }
        let (code, units, mai) = (cell(0), cell(1).parse::<u32>(), cell(2).get(..1).unwrap_or(""));
        match (is_service_code(code), units, mai) {
            (true, Ok(units), "1" | "2" | "3") => {
                faults.rows += 1;
                rows.push(MueRow {
                    code: code.to_owned(),
                    units,
                    mai: mai.parse().unwrap_or(0),
                    rationale: cell(3).to_owned(),
                    line: u32::try_from(line).unwrap_or(u32::MAX),
                });
            }
            _ => faults.note(line, "it is not code, units, adjudication indicator 1–3, rationale")?,
        }
    }
    Ok(FileRows {
        setting,
        needs_setting: true,
        told: heading::mue(input.name).map(|(a, b)| (a.quarter(), a, b)),
        notices,
        fewest: if setting == Some(Setting::Dme) { 1_500 } else { 10_000 },
        ..FileRows::new("mue", rows)
    })
}
