//! Add-on codes and the primaries that they need.

use rusqlite::params;

use crate::codebook::{AddOn, Codebook, CodebookError, Dated};
use crate::domain::{CivilDate, Evidence};

const SOURCE: &str = "NCCI add-on codes";

impl Codebook {
    /// A code as an add-on code: its type and its primaries. `None` within coverage: it is not in the file (40
    /// codes are add-on codes by the fee schedule's ZZZ alone, and the other way round).
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn add_on(&self, code: &str, on: CivilDate) -> Result<Dated<Option<AddOn>>, CodebookError> {
        let code = code.to_ascii_uppercase();
        self.newest("add_on", None, &[&code], on, &|connection, release| {
            let mut statement = connection.prepare_cached(
                "SELECT primary_code, kind, line FROM add_on WHERE code=?1 AND release=?2 ORDER BY primary_code",
            )?;
            let mut rows = statement.query(params![code, release.id])?;
            let mut found: Option<(AddOn, u32)> = None;
            while let Some(row) = rows.next()? {
                let (primary, kind, line): (String, u8, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let (add_on, first) = found
                    .get_or_insert_with(|| (AddOn { code: code.clone(), kind, primaries: Vec::new() }, line));
                *first = line.min(*first);
                if primary != "CCCCC" {
                    add_on.primaries.push(primary);
                }
            }
            Ok(found.map(|(add_on, line)| {
                let locator = format!("line {line}, {code}");
                (add_on, Evidence { source: SOURCE.to_owned(), release: release.name.clone(), locator })
            }))
        })
    }

    /// The add-on codes that name this code as a primary.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn add_ons_of(&self, primary: &str, on: CivilDate) -> Result<Dated<Vec<String>>, CodebookError> {
        let primary = primary.to_ascii_uppercase();
        let found = self.newest("add_on", None, &[&primary], on, &|connection, release| {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT code FROM add_on WHERE primary_code=?1 AND release=?2 ORDER BY code",
            )?;
            let codes = statement
                .query_map(params![primary, release.id], |r| r.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            let locator = format!("primary {primary}");
            let evidence = Evidence { source: SOURCE.to_owned(), release: release.name.clone(), locator };
            Ok((!codes.is_empty()).then_some((codes, evidence)))
        })?;
        Ok(Dated {
            value: found.value.unwrap_or_default(),
            coverage: found.coverage,
            evidence: found.evidence,
        })
    }
}
