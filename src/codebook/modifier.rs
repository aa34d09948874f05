//! Modifiers: HCPCS level II with their official texts, CPT's with our own words or none.

use rusqlite::{OptionalExtension, params};

use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, Dated, ModifierText};
use crate::domain::{CivilDate, CodeSystem, Evidence};

impl Codebook {
    /// A modifier's text. A modifier that is only known by our own words (CPT's) is not dated.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn modifier(&self, code: &str, on: CivilDate) -> Result<Dated<Option<ModifierText>>, CodebookError> {
        let code = code.to_ascii_uppercase();
        let day = on.days();
        let connection = self.connection()?;
        let mut newest = None;
        // A row states its own dates, so a release that begins later can attest an earlier day.
        let releases: Vec<_> = self.releases("hcpcs", None).collect();
        let (before, after): (Vec<_>, Vec<_>) = releases.into_iter().partition(|r| r.begins() <= day);
        for release in before.into_iter().rev().chain(after) {
            let mut statement = connection
                .prepare_cached(
                    "SELECT text, added, terminated, line FROM modifier WHERE code=?1 AND release=?2",
                )
                .doing("looking a modifier up")?;
            let row = |r: &rusqlite::Row<'_>| {
                Ok((
                    r.get::<_, String>(0)?,
                    r.get::<_, Option<i32>>(1)?,
                    r.get::<_, Option<i32>>(2)?,
                    r.get::<_, u32>(3)?,
                ))
            };
            let found = statement
                .query_row(params![code, release.id], row)
                .optional()
                .doing("looking a modifier up")?;
            if let Some((text, added, terminated, line)) = found {
                let within = added.is_some_and(|a| a <= day) && terminated.is_none_or(|t| day <= t);
                let value = within.then(|| ModifierText {
                    code: code.clone(),
                    system: CodeSystem::Hcpcs,
                    text,
                    plain_language: false,
                });
                let mut coverage = release.coverage(day);
                coverage.covers |= added.is_some_and(|_| day < release.begins()) || terminated.is_some();
                let evidence = Evidence {
                    source: "HCPCS Level II file".to_owned(),
                    release: release.name.clone(),
                    locator: format!("line {line}, modifier {code}"),
                };
                return Ok(Dated { value, coverage: Some(coverage), evidence: Some(evidence) });
            }
            if newest.is_none() && release.is_full() && release.begins() <= day {
                newest = Some(release.coverage(day));
            }
        }
        let own: Option<String> = connection
            .prepare_cached(
                "SELECT text FROM own_text WHERE dataset='modifier_text' AND code=?1 ORDER BY release DESC",
            )
            .and_then(|mut s| s.query_row([&code], |r| r.get(0)).optional())
            .doing("looking a modifier up")?;
        let value =
            own.map(|text| ModifierText { code, system: CodeSystem::Cpt, text, plain_language: true });
        Ok(Dated { value, coverage: newest, evidence: None })
    }
}
