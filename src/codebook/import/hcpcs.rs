//! HCPCS level II, fixed width, 320 bytes: 1–5 code (a modifier: 3 blanks and 4–5), 6–10 sequence, 11 record (3/4
//! code first/continued, 7/8 modifier), 12–91 long text, 92–119 short text, 120–293 details (`detail`), 269–276 added,
//! 285–292 terminated. What comes before the first record is a disclaimer.

use crate::codebook::CodebookError;
use crate::codebook::import::format::{FileRows, Format, Input};
use crate::codebook::import::hcpcs_rows::{Detail, HcpcsRows, day, fits, kept, list};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, field};
use crate::codebook::import::rows::CodeRow;

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

/// Reads codes and modifiers; continued records are joined.
fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let mut rows = HcpcsRows::default();
    for (index, line) in input.text().lines().enumerate() {
        let number = index + 1;
        let started = rows.codes.len() + rows.modifiers.len() > 0;
        if line.trim().is_empty() || line.trim() == "\u{1a}" {
            continue;
        }
        let (code, record) = (field(line, 1, 5), field(line, 11, 11));
        let sequenced =
            field(line, 6, 10).len() == 5 && field(line, 6, 10).bytes().all(|b| b.is_ascii_digit());
        if !sequenced || !fits(record, code) || line.chars().count() < 292 {
            if started {
                faults.note(
                    number,
                    "it is no HCPCS record of 320 characters (code 1–5, sequence 6–10, record 11)",
                )?;
            }
            continue;
        }
        let part = kept(code, field(line, 12, 91));
        if matches!(record, "4" | "8") {
            match rows.of(record).last_mut().filter(|row| row.code == code) {
                Some(row) => {
                    faults.rows += 1;
                    row.text = format!("{} {part}", row.text).trim().to_owned();
                }
                None => {
                    faults.note(number, format!("it continues {code}, whose first record is not above it"))?
                }
            }
            continue;
        }
        let (Ok(added), Ok(terminated)) = (day(field(line, 269, 276)), day(field(line, 285, 292))) else {
            faults.note(number, "columns 269–276 or 285–292 hold no date")?;
            continue;
        };
        faults.rows += 1;
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        rows.of(record).push(CodeRow {
            code: code.to_owned(),
            billable: true,
            added,
            terminated,
            text: part.to_owned(),
            line: number,
        });
        rows.details.push(detail(code, line, number));
    }
    Ok(FileRows { told: heading::hcpcs(input.name), fewest: 6_000, ..FileRows::new("hcpcs", rows) })
}

/// The details of a first record. A date that is none is left out: no fact rests on it.
fn detail(code: &str, line: &str, number: u32) -> Detail {
    let at = |from: usize, to: usize| field(line, from, to).to_owned();
    let several = |from: usize, wide: usize, many: usize| {
        list((0..many).map(|n| field(line, from + n * wide, from + (n + 1) * wide - 1)))
    };
    let date = |from: usize| day(field(line, from, from + 7)).unwrap_or(None);
    Detail {
        code: code.to_owned(),
        short: kept(code, field(line, 92, 119)).to_owned(),
        pricing: several(120, 2, 4),
        multiple_pricing: at(128, 128),
        issues_manual: several(129, 6, 3),
        carriers_manual: several(147, 8, 3),
        statute: at(171, 180),
        lab_certification: several(181, 3, 8),
        cross_references: several(205, 5, 5),
        coverage: at(230, 230),
        asc_group: at(231, 232),
        asc_date: date(233),
        mog_group: at(241, 243),
        mog_policy: at(244, 244),
        mog_date: date(245),
        note: at(253, 256),
        betos: at(257, 259),
        service_types: several(261, 1, 5),
        base_units: field(line, 266, 268).parse().unwrap_or(0),
        action: at(293, 293),
        action_date: date(277),
        line: number,
    }
}
