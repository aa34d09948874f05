//! ICD-10-CM and ICD-10-PCS order files: 1–5 sequence, 7–13 code without dot, 15 flag (1 billable, 0 heading), 17–76
//! short, 78– long description.

use crate::codebook::CodebookError;
use crate::codebook::import::format::{FileRows, Format, Head, Input};
use crate::codebook::import::icd_release::{IcdSystem, of_file};
use crate::codebook::import::lines::{Faults, field};
use crate::codebook::import::rows::{CodeRow, CodeRows};

pub(crate) const FORMAT: Format =
    Format { name: "ICD-10-CM order file", whole_lines: true, matches: |h| matches(h, IcdSystem::Cm), read };

/// The layout is the same; what differs are the codes, and how its editions are told.
pub(crate) const PCS_FORMAT: Format =
    Format { name: "ICD-10-PCS order file", matches: |h| matches(h, IcdSystem::Pcs), ..FORMAT };

fn matches(head: &Head<'_>, system: IcdSystem) -> bool {
    let Some(line) = head.text.lines().next() else { return false };
    let code = field(line, 7, 13);
    field(line, 1, 5).len() == 5
        && field(line, 1, 5).bytes().all(|b| b.is_ascii_digit())
        && code.len() >= 3
        && IcdSystem::Pcs.fits(code)
        && matches!(field(line, 15, 15), "0" | "1")
        && !field(line, 78, 90).is_empty()
        && system_of(head.name, &head.text) == system
}

fn system_of(name: &str, text: &str) -> IcdSystem {
    // The last line of a head may be cut.
    let whole = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
    IcdSystem::of(name, whole.lines().take(200).map(|l| field(l, 7, 13)).filter(|c| c.len() > 2))
}

/// Reads the rows, and notes the line after which sequence numbers are missing.
fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let (mut rows, mut gap, mut last) = (Vec::new(), None, 0u32);
    let text = input.text();
    let system = system_of(input.name, &text);
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if line.trim().is_empty() || line.trim() == "\u{1a}" {
            continue;
        }
        let (code, flag, long) = (field(line, 7, 13), field(line, 15, 15), field(line, 78, usize::MAX));
        let Ok(sequence) = field(line, 1, 5).parse::<u32>() else {
            faults.note(number, "columns 1–5 hold no sequence number")?;
            continue;
        };
        if !system.fits(code) {
            faults.note(number, "columns 7–13 hold no code of the classification")?;
            continue;
        }
        if !matches!(flag, "0" | "1") || long.is_empty() {
            faults.note(number, "column 15 is neither 0 nor 1, or the long description is missing")?;
            continue;
        }
        if sequence != last + 1 && gap.is_none() {
            gap = Some(number);
        }
        last = sequence;
        faults.rows += 1;
        rows.push(CodeRow {
            code: code.to_owned(),
            billable: flag == "1",
            added: None,
            terminated: None,
            text: long.to_owned(),
            line: u32::try_from(number).unwrap_or(u32::MAX),
        });
    }
    let billable = rows.iter().filter(|r| r.billable).count();
    let system_name = system.as_str();
    Ok(FileRows {
        told: of_file(system, input, billable),
        gap,
        fewest: if system == IcdSystem::Cm { 90_000 } else { 70_000 },
        ..FileRows::new(system_name, CodeRows { system: system_name, rows, implied: 0 })
    })
}
