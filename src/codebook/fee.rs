//! The Medicare fee schedule's relative values and payment indicators.

use rusqlite::{OptionalExtension, params};

use crate::codebook::{Codebook, CodebookError, Dated, FeeRow};
use crate::domain::{CivilDate, Evidence};

impl Codebook {
    /// The row of a code with a modifier (empty, `26`, `TC` or `53`).
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn fee(
        &self,
        code: &str,
        modifier: &str,
        on: CivilDate,
    ) -> Result<Dated<Option<FeeRow>>, CodebookError> {
        let (code, modifier) = (code.to_ascii_uppercase(), modifier.to_ascii_uppercase());
        self.newest("pprrvu", None, &[&code], on, &|connection, release| {
            let mut statement = connection.prepare_cached(
                "SELECT status, global_days, pctc, multiple, bilateral, assistant, co_surgeon, team, endoscopic_base,
                        work_rvu, pe_nonfacility, pe_facility, mp_rvu, conversion_factor, line,
                        pre, intra, post, na_nonfacility, na_facility, supervision, imaging_family,
                        cap_nonfacility, cap_facility, cap_mp
                 FROM fee WHERE code=?1 AND modifier=?2 AND release=?3",
            )?;
            let row = |r: &rusqlite::Row<'_>| {
                let fee = FeeRow {
                    code: code.clone(),
                    modifier: modifier.clone(),
                    status: r.get::<_, String>(0)?.chars().next().unwrap_or(' '),
                    global_days: r.get(1)?,
                    pctc: r.get(2)?,
                    multiple: r.get(3)?,
                    bilateral: r.get(4)?,
                    assistant: r.get(5)?,
                    co_surgeon: r.get(6)?,
                    team: r.get(7)?,
                    endoscopic_base: r.get(8)?,
                    work_rvu: r.get(9)?,
                    pe_nonfacility: r.get(10)?,
                    pe_facility: r.get(11)?,
                    mp_rvu: r.get(12)?,
                    conversion_factor: r.get(13)?,
                    shares: [r.get(15)?, r.get(16)?, r.get(17)?],
                    na_nonfacility: r.get(18)?,
                    na_facility: r.get(19)?,
                    supervision: r.get(20)?,
                    imaging_family: r.get(21)?,
                    cap: [r.get(22)?, r.get(23)?, r.get(24)?],
                };
                let dash = if modifier.is_empty() { "" } else { "-" };
                let locator = format!("line {}, {code}{dash}{modifier}", r.get::<_, u32>(14)?);
                Ok((fee, Evidence { source: "Medicare fee schedule (PPRRVU)".to_owned(), release: release.name.clone(), locator }))
            };
            statement.query_row(params![code, modifier, release.id], row).optional()
        })
    }
}
