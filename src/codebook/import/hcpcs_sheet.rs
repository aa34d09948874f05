//! HCPCS level II as a workbook (`HCPC2025_OCT_ANWEB.xlsx`; its sheet is read as rows, see `workbook`): 48 columns, one
//! row a code or modifier (a modifier keeps three leading blanks), dates YYYYMMDD; entries stay after they ended.
//! Columns are found by their names.

use std::collections::BTreeMap;

use crate::codebook::CodebookError;
use crate::codebook::import::csv_rows::{is_blank, line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Input};
use crate::codebook::import::hcpcs_rows::{Detail, HcpcsRows, day, fits, kept, list};
use crate::codebook::import::heading;
use crate::codebook::import::lines::Faults;
use crate::codebook::import::rows::CodeRow;

pub(crate) const FORMAT: Format = Format {
    name: "HCPCS Level II file",
    whole_lines: false,
    matches: |head| head.upper.starts_with("HCPC,SEQNUM,RECID,"),
    read,
};

/// A row, with its columns by their names.
struct Row<'a> {
    names: &'a BTreeMap<String, usize>,
    cells: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    fn at(&self, name: &str) -> &'a str {
        self.names.get(name).and_then(|&i| self.cells.get(i)).map_or("", str::trim)
    }

    /// `PRICE1`, `PRICE2`, …, as far as there are such columns.
    fn several(&self, name: &str) -> String {
        list((1..10).map(|n| self.at(&format!("{name}{n}"))))
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let (mut rows, mut names) = (HcpcsRows::default(), None);
    for record in reader(&input.text()).into_records() {
        let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
        let Some(names) = &names else {
            names = Some(columns(&record, faults)?);
            continue;
        };
        if !is_blank(&record) {
            read_row(&Row { names, cells: &record }, line_of(&record), faults, &mut rows)?;
        }
    }
    Ok(FileRows { told: heading::hcpcs(input.name), fewest: 6_000, ..FileRows::new("hcpcs", rows) })
}

fn columns(header: &csv::StringRecord, faults: &Faults) -> Result<BTreeMap<String, usize>, CodebookError> {
    let names: BTreeMap<String, usize> =
        header.iter().enumerate().map(|(i, n)| (n.trim().to_ascii_uppercase(), i)).collect();
    for needed in ["LONG DESCRIPTION", "COV", "ADD DT", "ACT EFF DT", "TERM DT", "ACTION CD"] {
        if !names.contains_key(needed) {
            let why = format!(
                "its header has no column `{needed}`: this layout is not known; use the HCPCS file of 2018 or later"
            );
            return Err(CodebookError::bad_file(faults.file(), why));
        }
    }
    Ok(names)
}

fn read_row(
    row: &Row<'_>,
    line: usize,
    faults: &mut Faults,
    rows: &mut HcpcsRows,
) -> Result<(), CodebookError> {
    let (code, record) = (row.at("HCPC"), row.at("RECID"));
    if !matches!(record, "3" | "7") || !fits(record, code) {
        return faults.note(line, "it is no code with record 3 nor modifier with record 7");
    }
    let (Ok(added), Ok(terminated)) = (day(row.at("ADD DT")), day(row.at("TERM DT"))) else {
        return faults.note(line, "`ADD DT` or `TERM DT` holds no date");
    };
    faults.rows += 1;
    let number = u32::try_from(line).unwrap_or(u32::MAX);
    rows.of(record).push(CodeRow {
        code: code.to_owned(),
        billable: true,
        added,
        terminated,
        text: kept(code, row.at("LONG DESCRIPTION")).to_owned(),
        line: number,
    });
    let date = |name: &str| day(row.at(name)).unwrap_or(None);
    let at = |name: &str| row.at(name).to_owned();
    rows.details.push(Detail {
        code: code.to_owned(),
        short: kept(code, row.at("SHORT DESCRIPTION")).to_owned(),
        pricing: row.several("PRICE"),
        multiple_pricing: at("MULT_PI"),
        issues_manual: row.several("CIM"),
        carriers_manual: row.several("MCM"),
        statute: at("STATUTE"),
        lab_certification: row.several("LABCERT"),
        cross_references: row.several("XREF"),
        coverage: at("COV"),
        asc_group: at("ASC_GRP"),
        asc_date: date("ASC_DT"),
        mog_group: at("OPPS"),
        mog_policy: at("OPPS_PI"),
        mog_date: date("OPPS_DT"),
        note: at("PROCNOTE"),
        betos: at("BETOS"),
        service_types: row.several("TOS"),
        base_units: row.at("ANEST_BU").parse().unwrap_or(0),
        action: at("ACTION CD"),
        action_date: date("ACT EFF DT"),
        line: number,
    });
    Ok(())
}
