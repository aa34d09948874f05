//! Modifiers: HCPCS level II with their official texts, CPT's with our own words or none.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, Dated, ModifierText};
use crate::domain::{CivilDate, CodeSystem, Evidence};

/// A modifier of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownModifier {
    /// The modifier with its text, official or ours; empty where there is neither.
    #[serde(flatten)]
    pub modifier: ModifierText,
    /// What it is about, by the loaded list of modifiers: `General`, `Anatomic Hand`, …; empty: not told.
    pub category: String,
    /// The row of the HCPCS file or of the list; none for those known by our own words alone.
    pub evidence: Option<Evidence>,
}

impl Codebook {
    /// All modifiers that the book knows on a date, by code: those of the HCPCS file within their dates, with official
    /// texts, and CPT's, which have no dates, with our own words or none. A look-up each: some milliseconds.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn modifiers(&self, on: CivilDate) -> Result<Vec<KnownModifier>, CodebookError> {
        let doing = "listing the modifiers";
        let codes: Vec<String> = self
            .connection()?
            .prepare_cached(
                "SELECT code FROM modifier UNION SELECT code FROM modifier_list
                 UNION SELECT code FROM own_text WHERE dataset='modifier_text' ORDER BY code",
            )
            .and_then(|mut s| s.query_map([], |r| r.get(0))?.collect())
            .doing(doing)?;
        let mut all = Vec::new();
        for code in codes {
            let found = self.modifier(&code, on)?;
            let Some(modifier) = found.value else { continue };
            let listed = self.listed(&code)?;
            let category = listed.as_ref().map(|l| l.category.clone()).unwrap_or_default();
            let evidence = found.evidence.or(listed.map(|l| l.evidence));
            all.push(KnownModifier { modifier, category, evidence });
        }
        Ok(all)
    }

    /// A modifier's text. A modifier that is only known by our own words or by a list (CPT's) is not dated.
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
        drop(connection);
        let listed = self.listed(&code)?;
        let system = listed.as_ref().map_or(CodeSystem::Cpt, |l| l.system);
        let value = match own {
            Some(text) => Some(ModifierText { code, system, text, plain_language: true }),
            // A list has no dates: it does not speak against a HCPCS edition that lacks the modifier.
            None => listed
                .as_ref()
                .filter(|_| system == CodeSystem::Cpt || newest.is_none())
                .map(|_| ModifierText { code, system, text: String::new(), plain_language: false }),
        };
        let evidence = listed.filter(|_| value.as_ref().is_some_and(|v| !v.plain_language));
        Ok(Dated { value, coverage: newest, evidence: evidence.map(|l| l.evidence) })
    }

    /// The row of the newest list that has the modifier. What stands as both is HCPCS, whose text is public.
    fn listed(&self, code: &str) -> Result<Option<Listed>, CodebookError> {
        let doing = "looking a modifier up in the list";
        let connection = self.connection()?;
        let mut statement = connection
            .prepare_cached(
                "SELECT system, category, line FROM modifier_list WHERE code=?1 AND release=?2 ORDER BY system DESC",
            )
            .doing(doing)?;
        for release in self.releases("modifier_list", None).rev() {
            let row = |r: &rusqlite::Row<'_>| {
                let evidence = Evidence {
                    source: "List of modifiers".to_owned(),
                    release: release.name.clone(),
                    locator: format!("line {}, modifier {code}", r.get::<_, u32>(2)?),
                };
                let hcpcs = r.get::<_, String>(0)? == "hcpcs";
                let system = if hcpcs { CodeSystem::Hcpcs } else { CodeSystem::Cpt };
                Ok(Listed { system, category: r.get(1)?, evidence })
            };
            let found = statement.query_row(params![code, release.id], row).optional().doing(doing)?;
            if found.is_some() || release.is_full() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

/// What a list says of a modifier.
struct Listed {
    system: CodeSystem,
    category: String,
    evidence: Evidence,
}
