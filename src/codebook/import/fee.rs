//! PPRRVU csv: title and notices, then a header whose names are spread over several rows. Columns are found by
//! those names, since their number changes by year. The description column is CPT text: of it only hashes of word groups are
//! kept.

use rusqlite::{Statement, params};

use crate::codebook::descriptors::{self, GroupHasher};
use crate::codebook::import::build::Writer;
use crate::codebook::import::csv_rows::{is_blank, line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Input, Row};
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

/// A fee schedule row with its line.
#[derive(Debug)]
pub(crate) struct FeeLine {
    pub(crate) row: crate::codebook::FeeRow,
    pub(crate) line: u32,
    /// Of its CPT or CDT descriptor the hashes of word groups.
    groups: Vec<i64>,
}

impl Row for FeeLine {
    const INSERT: &str =
        "INSERT OR REPLACE INTO fee VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,
             ?19,?20,?21,?22,?23,?24,?25,?26,?27,?28)";

    fn content(&self) -> String {
        format!("{:?}", self.row)
    }

    fn insert(&self, statement: &mut Statement<'_>, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let r = &self.row;
        let ([pre, intra, post], [cap_nonfacility, cap_facility, cap_mp]) = (r.shares, r.cap);
        statement.execute(params![
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
            self.line,
            pre,
            intra,
            post,
            r.na_nonfacility,
            r.na_facility,
            r.supervision,
            r.imaging_family,
            cap_nonfacility,
            cap_facility,
            cap_mp
        ])?;
        into.listing(&r.code, release, self.line)?;
        descriptors::store(into.connection, release, &r.code, &self.groups)?;
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
    let mut columns: Option<Vec<usize>> = None;
    let hasher = GroupHasher::new();
    for record in reader(&input.text()).into_records() {
        let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        if let Some(at) = &columns {
            if is_blank(&record) {
                continue;
            }
            let cells: Vec<&str> = at.iter().map(|&i| record.get(i).unwrap_or("").trim()).collect();
            fee_row(&cells, line_of(&record), &hasher, faults, &mut rows)?;
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
            let title = record.iter().find(|c| c.contains("Fee Schedule")).map(str::trim);
            let notice = record.iter().find(|c| c.to_ascii_lowercase().contains("copyright")).map(str::trim);
            if let Some(title) = title {
                title.clone_into(&mut above.title);
            } else if let Some(notice) = notice {
                above.notices.push(notice.to_owned());
            }
            previous = record.iter().map(str::to_owned).collect();
        }
    }
    let told = heading::fee(&above.title).or_else(|| heading::fee_name(input.name));
    let qp = heading::is_qp(input.name) || heading::is_qp(&above.title);
    Ok(schedule(rows, told, qp, above.notices))
}

/// The rows of a fee schedule. The one of qualifying participants (QP) in an advanced payment model is a dataset of
/// its own: whoever is not known to be one is paid by the other.
pub(crate) fn schedule(
    rows: Vec<FeeLine>,
    told: Option<heading::Told>,
    qp: bool,
    notices: Vec<String>,
) -> FileRows {
    // By their conversion factors, should the names not say it (2026, Federal Register).
    let qp = qp || rows.first().is_some_and(|l| l.row.conversion_factor == Some(33.5675));
    let dataset = if qp { "pprrvu_qp" } else { "pprrvu" };
    FileRows { told, notices, fewest: 10_000, ..FileRows::new(dataset, rows) }
}

/// The columns in the order of [`fee_row`].
fn locate(c: &Columns, f: &Faults) -> Result<Vec<usize>, CodebookError> {
    let mut at = vec![c.at("HCPCS", f)?, c.at("MOD", f)?, c.at("STATUS CODE", f)?, c.at("WORK RVU", f)?];
    at.push(c.at("NON-FAC PE RVU", f)?);
    at.push(c.nth("NA INDICATOR", 0, f)?);
    at.push(c.at("FACILITY PE RVU", f)?);
    at.push(c.nth("NA INDICATOR", 1, f)?);
    for name in [
        "MP RVU",
        "PCTC IND",
        "GLOB DAYS",
        "MULT PROC",
        "BILAT SURG",
        "ASST SURG",
        "CO- SURG",
        "TEAM SURG",
        "ENDO BASE",
        "CONV FACTOR",
        "PRE OP",
        "INTRA OP",
        "POST OP",
        "DIAGNOSTIC PROCEDURES",
        "FAMILY INDICATOR",
    ] {
        at.push(c.at(name, f)?);
    }
    for nth in 0..3 {
        at.push(c.nth("PAYMENT AMOUNT", nth, f)?);
    }
    at.push(c.at("DESCRIPTION", f)?);
    Ok(at)
}

/// A row from its cells: code, modifier, status, work, PE non-facility, NA, PE facility, NA, MP, PC/TC, global,
/// multiple, bilateral, assistant, co-surgeon, team, endoscopic base, CF, pre, intra, post, supervision, imaging
/// family, PE and PE and MP of the OPPS cap, descriptor.
pub(crate) fn fee_row(
    cells: &[&str],
    line: usize,
    hasher: &GroupHasher,
    faults: &mut Faults,
    rows: &mut Vec<FeeLine>,
) -> Result<(), CodebookError> {
    let at = |i: usize| cells.get(i).copied().unwrap_or("");
    let (code, modifier) = (at(0), at(1));
    let status = match (is_service_code(code), at(2).chars().next(), modifier.len()) {
        (true, Some(status), 0 | 2) if status.is_ascii_uppercase() => status,
        _ => return faults.note(line, "it is not code, modifier, …, status"),
    };
    let number = |i: usize| at(i).parse::<f64>().ok().filter(|n| n.is_finite() && n.abs() < 1e6);
    if number(3).is_none() || number(17).is_none() {
        return faults.note(line, "work RVU or conversion factor is no number");
    }
    let (na_nonfacility, na_facility) = (at(5) == "NA", at(7) == "NA");
    faults.rows += 1;
    rows.push(FeeLine {
        row: FeeRow {
            code: code.to_owned(),
            modifier: modifier.to_owned(),
            status,
            global_days: at(10).to_owned(),
            pctc: at(9).to_owned(),
            multiple: at(11).to_owned(),
            bilateral: at(12).to_owned(),
            assistant: at(13).to_owned(),
            co_surgeon: at(14).to_owned(),
            team: at(15).to_owned(),
            work_rvu: number(3),
            pe_nonfacility: number(4).filter(|_| !na_nonfacility),
            pe_facility: number(6).filter(|_| !na_facility),
            mp_rvu: number(8),
            endoscopic_base: at(16).to_owned(),
            conversion_factor: number(17),
            shares: [number(18), number(19), number(20)],
            na_nonfacility,
            na_facility,
            supervision: at(21).to_owned(),
            imaging_family: at(22).to_owned(),
            cap: [number(23), number(24), number(25)],
        },
        line: u32::try_from(line).unwrap_or(u32::MAX),
        groups: if descriptors::is_restricted(code) { hasher.groups(at(26)) } else { Vec::new() },
    });
    Ok(())
}
