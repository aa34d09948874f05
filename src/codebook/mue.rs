//! Medically unlikely edits: the most units of a code by one practitioner (or facility) for one patient and day.

use rusqlite::{OptionalExtension, params};

use crate::codebook::{Codebook, CodebookError, Dated, Mue};
use crate::domain::{CivilDate, Evidence, Setting};

/// What an MUE adjudication indicator means for units above the limit.
pub(crate) fn meaning_of_mai(mai: u8) -> &'static str {
    match mai {
        1 => "for each claim line: more units on another line need a modifier that fits",
        2 => "for the day, absolute: nothing overrides it; check units and code",
        3 => {
            "for the day, clinical: above it all units of the day are denied, an appeal with records is possible"
        }
        _ => "",
    }
}

impl Codebook {
    /// The MUE of a code. No value within coverage: none published, which is not "unlimited".
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn mue(
        &self,
        setting: Setting,
        code: &str,
        on: CivilDate,
    ) -> Result<Dated<Option<Mue>>, CodebookError> {
        let code = code.to_ascii_uppercase();
        self.newest("mue", Some(setting), &[&code], on, &|connection, release| {
            let mut statement = connection.prepare_cached(
                "SELECT m.units, m.mai, t.text, m.line FROM mue m JOIN text t ON t.id=m.rationale_id WHERE m.code=?1 AND m.release=?2",
            )?;
            let row = |r: &rusqlite::Row<'_>| {
                let line: u32 = r.get(3)?;
                let evidence = Evidence {
                    source: format!("NCCI MUE {setting}"),
                    release: release.name.clone(),
                    locator: format!("line {line}, {code}"),
                };
                Ok((Mue { code: code.clone(), units: r.get(0)?, mai: r.get(1)?, rationale: r.get(2)? }, evidence))
            };
            statement.query_row(params![code, release.id], row).optional()
        })
    }
}
