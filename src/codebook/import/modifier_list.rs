//! A list of modifiers (`mod_code,mod_type,mod_category,mod_description`): which exist, of CPT or HCPCS level II, and
//! what each is about. The descriptions are not read: CPT's may not be kept, and those of level II are in the HCPCS file.

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::csv_rows::{is_blank, line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Input, Row};
use crate::codebook::import::lines::Faults;

pub(crate) const FORMAT: Format =
    Format { name: "Modifiers", whole_lines: false, matches: |head| has_header(&head.upper), read };

fn has_header(upper: &str) -> bool {
    let first = upper.lines().next().unwrap_or("").replace('"', "");
    first.starts_with("MOD_CODE,") && first.contains("MOD_TYPE") && first.contains("MOD_CATEGORY")
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Listed {
    code: String,
    system: &'static str,
    category: String,
    line: u32,
}

impl Row for Listed {
    const INSERT: &str = "INSERT OR IGNORE INTO modifier_list VALUES (?1,?2,?3,?4,?5)";

    fn content(&self) -> String {
        format!("{}|{}|{}", self.code, self.system, self.category)
    }

    fn insert(&self, statement: &mut Statement<'_>, _: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        statement.execute(params![self.code, self.system, release, self.category, self.line])?;
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let (mut order, mut rows) = (None, Vec::new());
    for record in reader(&text).into_records() {
        let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
        let Some(order) = order else {
            order = Some(
                ["mod_code", "mod_type", "mod_category"]
                    .map(|name| record.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name))),
            );
            continue;
        };
        if is_blank(&record) {
            continue;
        }
        let [code, system, category] =
            order.map(|column: Option<usize>| column.and_then(|i| record.get(i)).map_or("", str::trim));
        let system = match system.to_ascii_uppercase().as_str() {
            "CPT" => "cpt",
            "HCPCS" => "hcpcs",
            _ => "",
        };
        if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) || system.is_empty() {
            faults.note(line_of(&record), "it is not a modifier of two characters, and CPT or HCPCS")?;
            continue;
        }
        faults.rows += 1;
        rows.push(Listed {
            code: code.to_ascii_uppercase(),
            system,
            category: if category == "NA" { String::new() } else { category.to_owned() },
            line: u32::try_from(line_of(&record)).unwrap_or(u32::MAX),
        });
    }
    // The first of two equal codes is kept, whatever their order in the file.
    rows.sort();
    rows.dedup_by(|b, a| a.code == b.code && a.system == b.system);
    Ok(FileRows {
        undated: Some("Modifiers".to_owned()),
        fewest: 300,
        ..FileRows::new("modifier_list", rows)
    })
}
