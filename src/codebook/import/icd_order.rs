//! ICD-10-CM order file: 1–5 sequence, 7–13 code without dot, 15 flag (1 billable, 0 heading), 17–76 short,
//! 78– long description.

use crate::codebook::CodebookError;
use crate::codebook::import::format::{FileRows, Format, Head, Input};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, field};
use crate::codebook::import::rows::{CodeRow, CodeRows};

pub(crate) const FORMAT: Format = Format { name: "ICD-10-CM order file", whole_lines: true, matches, read };

fn matches(head: &Head<'_>) -> bool {
    let Some(line) = head.text.lines().next() else { return false };
    let code = field(line, 7, 13);
    field(line, 1, 5).len() == 5
        && field(line, 1, 5).bytes().all(|b| b.is_ascii_digit())
        && code.len() >= 3
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && matches!(field(line, 15, 15), "0" | "1")
        && !field(line, 78, 90).is_empty()
}

/// Reads the rows, and notes the line after which sequence numbers are missing.
fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let (mut rows, mut gap, mut last) = (Vec::new(), None, 0u32);
    for (index, line) in input.text().lines().enumerate() {
        let number = index + 1;
        if line.trim().is_empty() || line.trim() == "\u{1a}" {
            continue;
        }
        let (code, flag, long) = (field(line, 7, 13), field(line, 15, 15), field(line, 78, usize::MAX));
        let Ok(sequence) = field(line, 1, 5).parse::<u32>() else {
            faults.note(number, "columns 1–5 hold no sequence number")?;
            continue;
        };
        if !(3..=7).contains(&code.len())
            || !code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        {
            faults.note(number, "columns 7–13 hold no ICD-10-CM code")?;
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
    Ok(FileRows {
        told: heading::icd10cm(input.name),
        gap,
        fewest: 90_000,
        ..FileRows::new("icd10cm", CodeRows { system: "icd10cm", rows })
    })
}
