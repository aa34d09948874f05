//! Crosswalks: general equivalence mappings between ICD-9 and ICD-10, and which ICD-10-PCS codes replaced which.

use rusqlite::params;
use serde::Serialize;

use crate::codebook::codes::{compact, written};
use crate::codebook::coverage::Loaded;
use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, Dated};
use crate::domain::{CivilDate, CodeSystem, Evidence};

/// A code system of the general equivalence mappings. ICD-9-CM exists in them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MapSystem {
    /// ICD-9-CM volumes 1 and 2: diagnoses.
    Icd9cm,
    /// ICD-9-CM volume 3: procedures.
    Icd9pcs,
    /// ICD-10-CM.
    Icd10cm,
    /// ICD-10-PCS.
    Icd10pcs,
}

impl MapSystem {
    /// The dataset of the mappings from this system.
    fn dataset(self) -> &'static str {
        match self {
            Self::Icd9cm => "gem_icd9cm",
            Self::Icd9pcs => "gem_icd9pcs",
            Self::Icd10cm => "gem_icd10cm",
            Self::Icd10pcs => "gem_icd10pcs",
        }
    }

    /// The system that codes of this one are mapped to.
    #[must_use]
    pub fn target(self) -> Self {
        match self {
            Self::Icd9cm => Self::Icd10cm,
            Self::Icd9pcs => Self::Icd10pcs,
            Self::Icd10cm => Self::Icd9cm,
            Self::Icd10pcs => Self::Icd9pcs,
        }
    }

    /// A code as it is written in this system: `401.9`, `E880.1`, `00.16`, `E11.22`, `0016070`.
    #[must_use]
    pub fn written(self, code: &str) -> String {
        let at = match self {
            Self::Icd9cm if code.starts_with('E') => 4,
            Self::Icd9cm => 3,
            Self::Icd9pcs => 2,
            Self::Icd10cm => return written(CodeSystem::Icd10cm, code),
            Self::Icd10pcs => return code.to_owned(),
        };
        match code.split_at_checked(at) {
            Some((before, after)) if !after.is_empty() => format!("{before}.{after}"),
            _ => code.to_owned(),
        }
    }
}

/// One target of a general equivalence mapping. A mapping is a guide to look further from, not a translation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GemTarget {
    /// The target as written in its system; `None`: there is no equivalent.
    pub target: Option<String>,
    /// Whether source and target do not mean quite the same.
    pub approximate: bool,
    /// Whether the file says that there is no plausible target.
    pub no_map: bool,
    /// Whether it takes several codes together: one of each choice list of a scenario.
    pub combination: bool,
    /// Of a combination: which of several ways to combine; else 0.
    pub scenario: u8,
    /// Of a combination: in which list of its scenario the target stands; else 0.
    pub choice_list: u8,
    /// The flags in words.
    pub meaning: String,
    /// The row.
    pub evidence: Evidence,
}

/// A change of an ICD-10-PCS code into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conversion {
    /// The newer code; `None`: there is none.
    pub code: Option<String>,
    /// The code before; `None`: the newer one had none.
    pub previous: Option<String>,
    /// The first day of the newer code.
    pub effective: CivilDate,
    /// `New`, `Revised` or `Deleted`, as the table says.
    pub change: String,
    /// The row.
    pub evidence: Evidence,
}

const DOING: &str = "looking a mapping up";

impl Codebook {
    /// All targets of a code in the general equivalence mappings. Empty within coverage: the mappings do not have the
    /// code.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn gems(
        &self,
        from: MapSystem,
        code: &str,
        on: CivilDate,
    ) -> Result<Dated<Vec<GemTarget>>, CodebookError> {
        let (code, day) = (compact(code), on.days());
        let connection = self.connection()?;
        let mut releases = self.releases(from.dataset(), None).rev().filter(|r| r.begins() <= day);
        let Some(release) = releases.next() else {
            return Ok(Dated { value: Vec::new(), coverage: None, evidence: None });
        };
        let find = || -> rusqlite::Result<Vec<GemTarget>> {
            let mut statement = connection.prepare_cached(
                "SELECT flags, target, line FROM gem WHERE code=?1 AND release=?2 ORDER BY flags, target",
            )?;
            let row = |r: &rusqlite::Row<'_>| {
                let locator = format!("line {}, {}", r.get::<_, u32>(2)?, from.written(&code));
                Ok(target(
                    from,
                    r.get(0)?,
                    &r.get::<_, String>(1)?,
                    evidence("General equivalence mappings", release, locator),
                ))
            };
            statement.query_map(params![code, release.id], row)?.collect()
        };
        let value = find().doing(DOING)?;
        let known = release.is_full() || !value.is_empty();
        Ok(Dated {
            coverage: known.then(|| release.coverage(day)),
            evidence: value.first().map(|t| t.evidence.clone()),
            value,
        })
    }

    /// What replaced an ICD-10-PCS code, oldest change first.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn pcs_successors(&self, code: &str) -> Result<Vec<Conversion>, CodebookError> {
        self.conversions("previous", code)
    }

    /// What an ICD-10-PCS code replaced, oldest change first.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn pcs_predecessors(&self, code: &str) -> Result<Vec<Conversion>, CodebookError> {
        self.conversions("code", code)
    }

    fn conversions(&self, column: &'static str, code: &str) -> Result<Vec<Conversion>, CodebookError> {
        let code = compact(code);
        // The names of releases end in the day up to which they go.
        let Some(release) = self.releases("pcs_conversion", None).max_by(|a, b| a.name.cmp(&b.name)) else {
            return Ok(Vec::new());
        };
        let connection = self.connection()?;
        let find = || -> rusqlite::Result<Vec<Conversion>> {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT code, previous, effective, change, line FROM conversion
                 WHERE {column}=?1 AND release=?2 AND code<>previous ORDER BY effective, code, previous, change"
            ))?;
            let row = |r: &rusqlite::Row<'_>| {
                let named = |code: String| Some(code).filter(|c| !c.is_empty());
                let locator = format!("line {}, {code}", r.get::<_, u32>(4)?);
                Ok(Conversion {
                    code: named(r.get(0)?),
                    previous: named(r.get(1)?),
                    effective: CivilDate::from_days(r.get(2)?),
                    change: r.get(3)?,
                    evidence: evidence("ICD-10-PCS conversion table", release, locator),
                })
            };
            statement.query_map(params![code, release.id], row)?.collect()
        };
        find().doing(DOING)
    }
}

fn target(from: MapSystem, flags: u32, target: &str, evidence: Evidence) -> GemTarget {
    let digit = |place: u32| u8::try_from(flags / 10u32.pow(place) % 10).unwrap_or(0);
    let (approximate, no_map, combination) = (digit(4) == 1, digit(3) == 1, digit(2) == 1);
    let (scenario, choice_list) = (digit(1), digit(0));
    let none = no_map || target.is_empty();
    let meaning = if none {
        "no equivalent".to_owned()
    } else if combination {
        let about = if approximate { "approximate" } else { "identical" };
        format!(
            "{about}, only together with others: scenario {scenario}, one code of choice list {choice_list}"
        )
    } else if approximate {
        "approximate".to_owned()
    } else {
        "identical".to_owned()
    };
    GemTarget {
        target: (!none).then(|| from.target().written(target)),
        approximate,
        no_map,
        combination,
        scenario,
        choice_list,
        meaning,
        evidence,
    }
}

fn evidence(source: &str, release: &Loaded, locator: String) -> Evidence {
    Evidence { source: source.to_owned(), release: release.name.clone(), locator }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_as_their_system_writes_them() {
        assert_eq!(MapSystem::Icd9cm.written("4019"), "401.9");
        assert_eq!(MapSystem::Icd9cm.written("E8801"), "E880.1");
        assert_eq!(MapSystem::Icd9cm.written("V468"), "V46.8");
        assert_eq!(MapSystem::Icd9cm.written("650"), "650");
        assert_eq!(MapSystem::Icd9pcs.written("0016"), "00.16");
        assert_eq!(MapSystem::Icd10cm.written("E1122"), "E11.22");
    }
}
