//! HCPCS level II, fixed width, 320 bytes: 1–5 code (a modifier: 3 blanks and 4–5), 6–10 sequence, 11 record (3/4
//! code first/continued, 7/8 modifier), 12–91 long text, 269–276 added, 277–284 action effective, 285–292
//! terminated. What comes before the first record is a disclaimer.

use crate::codebook::CodebookError;
use crate::codebook::import::lines::{Faults, field, is_cpt, is_service_code};
use crate::codebook::import::rows::{CodeRow, Rows};
use crate::domain::CivilDate;

/// Reads codes and modifiers; continued records are joined.
pub(crate) fn parse(text: &str, faults: &mut Faults) -> Result<Rows, CodebookError> {
    let (mut codes, mut modifiers): (Vec<CodeRow>, Vec<CodeRow>) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
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
                    row.text.push(' ');
                    row.text.push_str(part);
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
    Ok(Rows::Hcpcs(codes, modifiers))
}
