//! OPPS cap of imaging by locality: csv, and txt in columns (1–5 code, 6–7 modifier, 9 status, carrier, locality, two
//! amounts in dollars).

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::format::{FileRows, Format, Input, Row};
use crate::codebook::import::gpci::{locality, mac, rows_of, scaled};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, field, is_service_code};

pub(crate) const FORMAT: Format = Format {
    name: "Medicare OPPS cap",
    whole_lines: true,
    matches: |head| {
        head.upper.starts_with("HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY")
            || head.text.lines().next().is_some_and(|l| {
                let cells = fixed(l);
                let at = |i: usize| cells.get(i).map_or("", String::as_str);
                is_service_code(at(0))
                    && mac(at(3)).is_some()
                    && locality(at(4)).is_some()
                    && scaled(at(5), 2).is_some()
            })
    },
    read,
};

fn fixed(line: &str) -> Vec<String> {
    let mut cells: Vec<String> =
        [(1, 5), (6, 7), (8, 9)].iter().map(|&(a, b)| field(line, a, b).to_owned()).collect();
    cells.extend(line.get(9..).unwrap_or("").split_whitespace().map(str::to_owned));
    cells
}

#[derive(Debug)]
struct Cap {
    code: String,
    modifier: String,
    mac: String,
    locality: String,
    /// In cents: facility, non-facility.
    cents: [i64; 2],
    line: u32,
}

impl Row for Cap {
    const INSERT: &str = "INSERT OR REPLACE INTO opps_cap VALUES (?1,?2,?3,?4,?5,?6,?7,?8)";

    fn content(&self) -> String {
        format!("{}|{}|{}|{}|{:?}", self.code, self.modifier, self.mac, self.locality, self.cents)
    }

    fn insert(&self, statement: &mut Statement<'_>, _: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let [facility, nonfacility] = self.cents;
        statement.execute(params![
            self.code,
            self.modifier,
            self.mac,
            self.locality,
            release,
            facility,
            nonfacility,
            self.line
        ])?;
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let by_commas = text.lines().next().is_some_and(|l| l.contains(','));
    let all = if by_commas {
        rows_of(&text, true).map_err(|e| CodebookError::bad_file(faults.file(), e))?
    } else {
        text.lines().enumerate().map(|(i, l)| (i + 1, fixed(l))).collect()
    };
    let mut rows = Vec::new();
    for (line, cells) in all {
        let at = |i: usize| cells.get(i).map_or("", String::as_str);
        if at(0) == "HCPCS" || cells.iter().all(|c| c.trim_matches('\u{1a}').is_empty()) {
            continue;
        }
        let prices = (scaled(at(5), 2), scaled(at(6), 2));
        let (true, Some(mac), Some(locality), (Some(facility), Some(nonfacility))) =
            (is_service_code(at(0)), mac(at(3)), locality(at(4)), prices)
        else {
            faults.note(line, "it is not code, modifier, status, carrier, locality, two amounts")?;
            continue;
        };
        faults.rows += 1;
        rows.push(Cap {
            code: at(0).to_owned(),
            modifier: at(1).to_owned(),
            mac,
            locality,
            cents: [facility, nonfacility],
            line: u32::try_from(line).unwrap_or(u32::MAX),
        });
    }
    let told = heading::rvu_archive(input.shown).map(|(name, a, b)| (format!("OPPS cap {name}"), a, b));
    Ok(FileRows { told, fewest: 5_000, ..FileRows::new("opps_cap", rows) })
}
