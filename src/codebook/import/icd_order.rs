//! ICD-10-CM order file: 1–5 sequence, 7–13 code without dot, 15 flag (1 billable, 0 heading), 17–76 short,
//! 78– long description.

use crate::codebook::CodebookError;
use crate::codebook::import::lines::{Faults, field};
use crate::codebook::import::rows::{CodeRow, Rows};

/// Reads the rows. Whether sequence numbers are missing is returned with the line after the gap.
pub(crate) fn parse(text: &str, faults: &mut Faults) -> Result<(Rows, Option<usize>), CodebookError> {
    let (mut rows, mut gap, mut last) = (Vec::new(), None, 0u32);
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
    Ok((Rows::Codes(rows), gap))
}
