//! PPRRVU csv: title and notices, then a header whose names are spread over several rows. Columns are found by
//! those names, since their number changes by year. The description column is never read: it is CPT text.

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::csv_rows::{is_blank, line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Input, Table};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, is_service_code};
use crate::codebook::{CodebookError, FeeRow};

pub(crate) const FORMAT: Format = Format {
    name: "Medicare fee schedule (PPRRVU)",
    whole_lines: true,
    matches: |head| {
        head.upper.contains("\nHCPCS,MOD,DESCRIPTION") || head.upper.starts_with("HCPCS,MOD,DESCRIPTION")
    },
    read,
};

/// A fee schedule row with its line. CPT's text column was never read.
#[derive(Debug)]
pub(crate) struct FeeLine {
    pub(crate) row: crate::codebook::FeeRow,
    pub(crate) line: u32,
}

#[derive(Debug)]
struct FeeLines(Vec<FeeLine>);

impl Table for FeeLines {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_lines(hash, self.0.iter().map(|r| format!("{:?}", r.row)));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut s = into.connection.prepare_cached(
            "INSERT OR REPLACE INTO fee VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)",
        )?;
        for l in &self.0 {
            let r = &l.row;
            s.execute(params![
                r.code,
                r.modifier,
                release,
                r.status.to_string(),
                r.global_days,
                r.pctc,
                r.multiple,
                r.bilateral,
                r.assistant,
                r.co_surgeon,
                r.team,
                r.endoscopic_base,
                r.work_rvu,
                r.pe_nonfacility,
                r.pe_facility,
                r.mp_rvu,
                r.conversion_factor,
                l.line
            ])?;
            into.listing(&r.code, release, l.line)?;
        }
        Ok(())
    }
}

/// What stands above the rows.
#[derive(Debug, Default)]
struct Above {
    title: String,
    notices: Vec<String>,
}

/// Where the columns are.
struct Columns {
    names: Vec<String>,
}

impl Columns {
    fn at(&self, name: &str, faults: &Faults) -> Result<usize, CodebookError> {
        self.nth(name, 0, faults)
    }

    fn nth(&self, name: &str, nth: usize, faults: &Faults) -> Result<usize, CodebookError> {
        let mut found = self.names.iter().enumerate().filter(|(_, n)| *n == name).map(|(i, _)| i);
        found.nth(nth).ok_or_else(|| {
            let why = format!("its header has no column `{name}`: this layout is not known; use the PPRRVU csv of 2024 or later");
            CodebookError::bad_file(faults.file(), why)
        })
    }
}

/// Reads the rows, and what stands above them.
fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let (mut above, mut previous, mut rows) = (Above::default(), Vec::<String>::new(), Vec::new());
    let mut columns: Option<[usize; 19]> = None;
    for record in reader(&input.text()).into_records() {
        let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        if let Some(at) = &columns {
            if is_blank(&record) {
                continue;
            }
            read_row(&record, at, faults, &mut rows)?;
        } else if cell(0) == "HCPCS" && cell(1) == "MOD" {
            let names = record
                .iter()
                .enumerate()
                .map(|(i, name)| {
                    let upper = previous.get(i).map_or("", |p| p.trim());
                    format!("{upper} {}", name.trim()).trim().to_ascii_uppercase()
                })
                .collect();
            columns = Some(locate(&Columns { names }, faults)?);
        } else {
            if cell(2).contains("Fee Schedule") {
                above.title = cell(2).to_owned();
            } else if cell(2).to_ascii_lowercase().contains("copyright") {
                above.notices.push(cell(2).to_owned());
            }
            previous = record.iter().map(str::to_owned).collect();
        }
    }
    Ok(FileRows {
        told: heading::fee(&above.title),
        notices: above.notices,
        fewest: 10_000,
        ..FileRows::new("pprrvu", FeeLines(rows))
    })
}

fn locate(c: &Columns, f: &Faults) -> Result<[usize; 19], CodebookError> {
    Ok([
        c.at("HCPCS", f)?,
        c.at("MOD", f)?,
        c.at("STATUS CODE", f)?,
        c.at("WORK RVU", f)?,
        c.at("NON-FAC PE RVU", f)?,
        c.nth("NA INDICATOR", 0, f)?,
        c.at("FACILITY PE RVU", f)?,
        c.nth("NA INDICATOR", 1, f)?,
        c.at("MP RVU", f)?,
        c.at("PCTC IND", f)?,
        c.at("GLOB DAYS", f)?,
        c.at("MULT PROC", f)?,
        c.at("BILAT SURG", f)?,
        c.at("ASST SURG", f)?,
        c.at("CO- SURG", f)?,
        c.at("TEAM SURG", f)?,
        c.at("ENDO BASE", f)?,
        c.at("CONV FACTOR", f)?,
        0,
    ])
}

fn read_row(
    record: &csv::StringRecord,
    at: &[usize; 19],
    faults: &mut Faults,
    rows: &mut Vec<FeeLine>,
) -> Result<(), CodebookError> {
    let line = line_of(record);
    let [
        code,
        modifier,
        status,
        work,
        pe_non,
        na_non,
        pe_fac,
        na_fac,
        mp,
        pctc,
        glob,
        mult,
        bilat,
        asst,
        co,
        team,
        endo,
        cf,
        _,
    ] = at.map(|i| record.get(i).unwrap_or("").trim());
    let status = match (is_service_code(code), status.chars().next(), modifier.len()) {
        (true, Some(status), 0 | 2) if status.is_ascii_uppercase() => status,
        _ => return faults.note(line, "it is not code, modifier, …, status"),
    };
    let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
    if number(work).is_none() || number(cf).is_none() {
        return faults.note(line, "work RVU or conversion factor is no number");
    }
    let unless_na = |value: &str, na: &str| if na == "NA" { None } else { number(value) };
    faults.rows += 1;
    rows.push(FeeLine {
        row: FeeRow {
            code: code.to_owned(),
            modifier: modifier.to_owned(),
            status,
            global_days: glob.to_owned(),
            pctc: pctc.to_owned(),
            multiple: mult.to_owned(),
            bilateral: bilat.to_owned(),
            assistant: asst.to_owned(),
            co_surgeon: co.to_owned(),
            team: team.to_owned(),
            work_rvu: number(work),
            pe_nonfacility: unless_na(pe_non, na_non),
            pe_facility: unless_na(pe_fac, na_fac),
            mp_rvu: number(mp),
            endoscopic_base: endo.to_owned(),
            conversion_factor: number(cf),
        },
        line: u32::try_from(line).unwrap_or(u32::MAX),
    });
    Ok(())
}
