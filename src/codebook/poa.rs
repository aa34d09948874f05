//! Diagnoses that need no present-on-admission indicator on inpatient claims.

use rusqlite::{OptionalExtension, params};

use crate::codebook::codes::{compact, written};
use crate::codebook::{Codebook, CodebookError, Dated};
use crate::domain::{CivilDate, CodeSystem, Evidence};

impl Codebook {
    /// Whether a diagnosis is exempt from POA reporting. `Some(false)` stands with a row only if a list of deletions
    /// names it; `None` within coverage: it is not on the list, so it is not exempt; without coverage: not known.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn poa_exempt(&self, code: &str, on: CivilDate) -> Result<Dated<Option<bool>>, CodebookError> {
        let code = compact(code);
        self.newest("poa_exempt", None, &[&code], on, &|connection, release| {
            let mut statement = connection
                .prepare_cached("SELECT exempt, line FROM poa_exempt WHERE code=?1 AND release=?2")?;
            let row = |r: &rusqlite::Row<'_>| {
                let written = written(CodeSystem::Icd10cm, &code);
                let evidence = Evidence {
                    source: "POA-exempt list".to_owned(),
                    release: release.name.clone(),
                    locator: format!("line {}, {written}", r.get::<_, u32>(1)?),
                };
                Ok((r.get(0)?, evidence))
            };
            statement.query_row(params![code, release.id], row).optional()
        })
    }
}
