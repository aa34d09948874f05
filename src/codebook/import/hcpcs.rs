//! HCPCS level II, fixed width, 320 bytes: 1–5 code (a modifier: 3 blanks and 4–5), 6–10 sequence, 11 record (3/4
//! code first/continued, 7/8 modifier), 12–91 long text, 269–276 added, 277–284 action effective, 285–292
//! terminated. What comes before the first record is a disclaimer.

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::format::{FileRows, Format, Input, Table};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, field, is_cpt, is_service_code};
use crate::codebook::import::rows::{CodeRow, digest_codes, store_codes};
use crate::domain::CivilDate;

pub(crate) const FORMAT: Format = Format {
    name: "HCPCS Level II file",
    whole_lines: true,
    matches: |head| head.text.lines().any(is_record),
    read,
};

fn is_record(line: &str) -> bool {
    line.chars().count() == 320
        && field(line, 6, 10).len() == 5
        && field(line, 6, 10).bytes().all(|b| b.is_ascii_digit())
        && matches!(field(line, 11, 11), "3" | "4" | "7" | "8")
}

#[derive(Debug)]
pub(crate) struct HcpcsRows {
    pub(crate) codes: Vec<CodeRow>,
    pub(crate) modifiers: Vec<CodeRow>,
}

impl Table for HcpcsRows {
    fn len(&self) -> usize {
        self.codes.len() + self.modifiers.len()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_codes(hash, self.codes.iter().chain(&self.modifiers));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        store_codes(into, "hcpcs", release, &self.codes)?;
        let mut s =
            into.connection.prepare_cached("INSERT OR REPLACE INTO modifier VALUES (?1,?2,?3,?4,?5,?6)")?;
        for m in &self.modifiers {
            s.execute(params![m.code, release, m.added, m.terminated, m.text, m.line])?;
        }
        Ok(())
    }

    fn codes(&self) -> Vec<String> {
        self.codes.iter().map(|r| r.code.clone()).collect()
    }
}

/// Reads codes and modifiers; continued records are joined.
fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let (mut codes, mut modifiers): (Vec<CodeRow>, Vec<CodeRow>) = (Vec::new(), Vec::new());
    for (index, line) in input.text().lines().enumerate() {
        let number = index + 1;
        let started = !codes.is_empty() || !modifiers.is_empty();
        if line.trim().is_empty() || line.trim() == "\u{1a}" {
            continue;
        }
        let (code, record) = (field(line, 1, 5), field(line, 11, 11));
        let sequenced =
            field(line, 6, 10).len() == 5 && field(line, 6, 10).bytes().all(|b| b.is_ascii_digit());
        let fits = match record {
            "3" | "4" => is_service_code(code) && !is_cpt(code),
            "7" | "8" => code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphanumeric()),
            _ => false,
        };
        if !sequenced || !fits || line.chars().count() < 292 {
            if started {
                faults.note(
                    number,
                    "it is no HCPCS record of 320 characters (code 1–5, sequence 6–10, record 11)",
                )?;
            }
            continue;
        }
        let into = if matches!(record, "3" | "4") { &mut codes } else { &mut modifiers };
        let part = field(line, 12, 91);
        if matches!(record, "4" | "8") {
            match into.last_mut().filter(|row| row.code == code) {
                Some(row) => {
                    faults.rows += 1;
                    // CDT's texts are the ADA's.
                    if !(row.code.starts_with('D') && row.code.len() == 5) {
                        row.text.push(' ');
                        row.text.push_str(part);
                    }
                }
                None => {
                    faults.note(number, format!("it continues {code}, whose first record is not above it"))?
                }
            }
            continue;
        }
        let added = field(line, 269, 276);
        let terminated = field(line, 285, 292);
        let date = |text: &str| CivilDate::from_compact(text).map(CivilDate::days);
        if (!added.is_empty() && date(added).is_none())
            || (!terminated.is_empty() && date(terminated).is_none())
        {
            faults.note(number, "columns 269–276 or 285–292 hold no date")?;
            continue;
        }
        faults.rows += 1;
        into.push(CodeRow {
            code: code.to_owned(),
            billable: true,
            added: date(added),
            terminated: date(terminated),
            // CDT's texts are the ADA's.
            text: if code.starts_with('D') && code.len() == 5 { String::new() } else { part.to_owned() },
            line: u32::try_from(number).unwrap_or(u32::MAX),
        });
    }
    Ok(FileRows {
        told: heading::hcpcs(input.name),
        fewest: 6_000,
        ..FileRows::new("hcpcs", HcpcsRows { codes, modifiers })
    })
}
