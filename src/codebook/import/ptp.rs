//! NCCI PTP edits: header lines, then seven tab-separated columns: column 1, column 2, in existence prior to 1996,
//! effective, deletion (`*` open), modifier indicator, rationale. A pair repeats with other dates.

use std::collections::HashMap;

use crate::codebook::CodebookError;
use crate::codebook::import::lines::{Faults, is_service_code};
use crate::codebook::import::rows::{PairRow, PtpRows, Rows};
use crate::codebook::ptp::pack;
use crate::domain::CivilDate;

/// Reads the rows.
pub(crate) fn parse(text: &str, faults: &mut Faults) -> Result<Rows, CodebookError> {
    let mut out = PtpRows::default();
    let mut known: HashMap<String, u16> = HashMap::new();
    // The same few hundred days come again and again.
    let mut days: HashMap<String, Option<i32>> = HashMap::new();
    let mut day = |text: &str| -> Option<i32> {
        if let Some(found) = days.get(text) {
            return *found;
        }
        let found = CivilDate::from_compact(text).map(CivilDate::days);
        days.insert(text.to_owned(), found);
        found
    };
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let mut columns = line.split('\t').map(str::trim);
        let mut next = || columns.next();
        let (
            Some(one),
            Some(two),
            Some(_),
            Some(effective),
            Some(deletion),
            Some(indicator),
            Some(rationale),
        ) = (next(), next(), next(), next(), next(), next(), next())
        else {
            if !out.rows.is_empty() && !line.trim().is_empty() {
                faults.note(number, "it has not seven tab-separated columns")?;
            }
            continue;
        };
        if !is_service_code(one) || !is_service_code(two) {
            if !out.rows.is_empty() {
                faults.note(number, "columns 1 and 2 are no codes")?;
            }
            continue;
        }
        let open = |text: &str| text.is_empty() || text == "*";
        let (from, to) = (day(effective), day(deletion));
        if (!open(effective) && from.is_none()) || (!open(deletion) && to.is_none()) {
            faults.note(number, "the effective or deletion date is no date (YYYYMMDD or *)")?;
            continue;
        }
        let indicator = match indicator {
            "0" => 0,
            "1" => 1,
            "9" => 9,
            _ => {
                faults.note(number, "the modifier indicator is none of 0, 1, 9")?;
                continue;
            }
        };
        let rationale = match known.get(rationale) {
            Some(id) => *id,
            None => {
                let id = u16::try_from(out.rationales.len()).unwrap_or(u16::MAX);
                known.insert(rationale.to_owned(), id);
                out.rationales.push(rationale.to_owned());
                id
            }
        };
        faults.rows += 1;
        out.rows.push(PairRow {
            pair: pack(one, two),
            effective: from,
            deletion: to,
            indicator,
            rationale,
            line: u32::try_from(number).unwrap_or(u32::MAX),
        });
    }
    Ok(Rows::Ptp(out))
}
