//! Places of service: CMS's list as a comma-separated file (`pos_code,pos_type,pos_name,pos_description`), and ours of
//! the same (code, setting, name; tab-separated, `#` begins a comment). CMS publishes the list without a date and
//! names the numbers in between, too, as unassigned: they are no places.

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::csv_rows::{is_blank, line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Input, Row};
use crate::codebook::import::lines::Faults;

pub(crate) const FORMAT: Format = Format {
    name: "Place of service codes",
    whole_lines: false,
    matches: |head| head.upper.starts_with("# PLACE OF SERVICE CODES") || has_header(&head.upper),
    read,
};

fn has_header(upper: &str) -> bool {
    let first = upper.lines().next().unwrap_or("").replace('"', "");
    first.starts_with("POS_CODE,") && first.contains("POS_TYPE") && first.contains("POS_NAME")
}

#[derive(Debug)]
struct Place {
    code: String,
    facility: bool,
    name: String,
    description: String,
    line: u32,
}

impl Row for Place {
    const INSERT: &str = "INSERT OR REPLACE INTO place_of_service VALUES (?1,?2,?3,?4,?5,?6)";

    fn content(&self) -> String {
        format!("{}|{}|{}|{}", self.code, self.facility, self.name, self.description)
    }

    fn insert(&self, statement: &mut Statement<'_>, _: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        statement.execute(params![
            self.code,
            release,
            self.facility,
            self.name,
            self.description,
            self.line
        ])?;
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let mut places = Vec::new();
    if text.starts_with('#') {
        for (index, line) in text.lines().enumerate() {
            if !line.starts_with('#') && !line.trim().is_empty() {
                let cells: Vec<&str> = line.split('\t').collect();
                take(&cells, index + 1, faults, &mut places)?;
            }
        }
    } else {
        let mut order = None;
        for record in reader(&text).into_records() {
            let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
            let Some(order) = order else {
                order = Some(columns(&record));
                continue;
            };
            if !is_blank(&record) {
                let cells: [&str; 4] = order.map(|c| c.and_then(|i| record.get(i)).unwrap_or(""));
                take(&cells, line_of(&record), faults, &mut places)?;
            }
        }
    }
    // A code that stands twice counts once, as its last row has it.
    places.reverse();
    places.sort_by(|a, b| a.code.cmp(&b.code));
    places.dedup_by(|b, a| a.code == b.code);
    Ok(FileRows {
        undated: Some("Place of service codes".to_owned()),
        fewest: 40,
        ..FileRows::new("place_of_service", places)
    })
}

/// Where the columns stand: code, type, name, description.
fn columns(header: &csv::StringRecord) -> [Option<usize>; 4] {
    ["pos_code", "pos_type", "pos_name", "pos_description"]
        .map(|name| header.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name)))
}

fn take(
    cells: &[&str],
    line: usize,
    faults: &mut Faults,
    places: &mut Vec<Place>,
) -> Result<(), CodebookError> {
    let at = |i: usize| cells.get(i).map_or("", |c| c.trim());
    let facility = match at(1).to_ascii_lowercase().as_str() {
        "facility" => true,
        "non-facility" => false,
        "unassigned" => {
            faults.rows += 1;
            return Ok(());
        }
        _ => return faults.note(line, "its type is not facility, non-facility or unassigned"),
    };
    let (code, name) = (at(0), at(2));
    if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_digit()) || name.is_empty() {
        return faults.note(line, "it is not a code of two digits, a type and a name");
    }
    faults.rows += 1;
    places.push(Place {
        code: code.to_owned(),
        facility,
        name: name.to_owned(),
        description: at(3).to_owned(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
    });
    Ok(())
}
