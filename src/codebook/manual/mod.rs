//! Manuals as passages: the ICD-10-CM Official Guidelines and the NCCI Policy Manual, by section, by words and by the
//! codes that they name, in the edition that is in force on a date.

mod found;
mod links;
mod reference;
mod sentences;
mod words;

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use crate::codebook::coverage::Loaded;
use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, Coverage, Dated};
use crate::domain::{CivilDate, Evidence};

pub use found::FoundPassage;
pub use links::{Named as NamedInManual, NamedInText};
pub use sentences::{best_sentences, sentences};
pub(crate) use words::index;

/// A manual that is cut into passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Manual {
    /// ICD-10-CM Official Guidelines for Coding and Reporting.
    OfficialGuidelines,
    /// National Correct Coding Initiative Policy Manual for Medicare Services.
    NcciPolicy,
}

impl Manual {
    /// All manuals.
    pub const ALL: [Self; 2] = [Self::OfficialGuidelines, Self::NcciPolicy];

    /// In addresses and on the command line: `guidelines`, `ncci`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::OfficialGuidelines => "guidelines",
            Self::NcciPolicy => "ncci",
        }
    }

    /// From its key, or another usual name of it (`ICD10CM`, `NCCI Policy Manual`).
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let key = key.trim().to_ascii_lowercase().replace(['-', ' ', '_'], "");
        match key.as_str() {
            "guidelines"
            | "icd10cm"
            | "icd10cmguidelines"
            | "officialguidelines"
            | "icd10cmofficialguidelines" => Some(Self::OfficialGuidelines),
            "ncci" | "policy" | "nccipolicy" | "nccipolicymanual" | "nccipolicymanualformedicare" => {
                Some(Self::NcciPolicy)
            }
            _ => None,
        }
    }

    /// Its name, as evidence names it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::OfficialGuidelines => "ICD-10-CM Official Guidelines",
            Self::NcciPolicy => "NCCI Policy Manual",
        }
    }

    pub(crate) fn dataset(self) -> &'static str {
        match self {
            Self::OfficialGuidelines => "icd10cm_guidelines",
            Self::NcciPolicy => "ncci_manual",
        }
    }

    /// A section as one cites it: `Section I.C.4.a.3`, `chapter IV §H.6`.
    #[must_use]
    pub fn cited(self, section: &str) -> String {
        if section.starts_with("Appendix") || section.starts_with("Introduction") {
            return section.replacen(": ", ", ", 1);
        }
        if section == "Acronyms" {
            return "list of acronyms".to_owned();
        }
        match self {
            Self::OfficialGuidelines => format!("Section {section}"),
            Self::NcciPolicy => match section.split_once('.') {
                Some((chapter, rest)) => format!("chapter {chapter} §{rest}"),
                None => format!("chapter {section}"),
            },
        }
    }
}

/// A section of a manual, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionRef {
    /// As the codebook calls it: `I.C.4.a.3`, `IV.H.6`.
    pub section: String,
    /// Empty for a numbered paragraph without a title.
    pub title: String,
    /// The page on which it begins, as the manual numbers it: `40`, `IV-12`.
    pub page: String,
    /// How deep it lies: 0 at the top.
    pub depth: usize,
}

/// A paragraph of a section, or an item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassageParagraph {
    /// The page on which it begins.
    pub page: String,
    /// In the manual's own words.
    pub text: String,
}

/// A section of a manual with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// The manual.
    pub manual: Manual,
    /// The section.
    pub at: SectionRef,
    /// As one cites it: `Section I.C.4.a.3`.
    pub cited: String,
    /// The sections around it, the outermost first.
    pub within: Vec<SectionRef>,
    /// Its own text; that of the sections below it is theirs.
    pub paragraphs: Vec<PassageParagraph>,
    /// The sections directly below it.
    pub below: Vec<SectionRef>,
    /// The section before it in the manual.
    pub previous: Option<SectionRef>,
    /// The section after it.
    pub next: Option<SectionRef>,
}

/// A manual with the edition that is in force on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManualEdition {
    /// The manual.
    pub manual: Manual,
    /// Its edition; `None`: none is loaded that began by the date.
    pub coverage: Option<Coverage>,
    /// How many sections it has.
    pub sections: u64,
    /// All editions in the book, the newest first: name, first and last day.
    pub editions: Vec<Coverage>,
}

const DOING: &str = "reading a manual";

impl Codebook {
    /// The manuals with their editions.
    #[must_use]
    pub fn manuals(&self, on: CivilDate) -> Vec<ManualEdition> {
        let edition = |manual: Manual| {
            let release = self.manual_release(manual, on);
            ManualEdition {
                manual,
                coverage: release.map(|r| r.coverage(on.days())),
                sections: release.map_or(0, |r| r.rows),
                editions: self
                    .releases(manual.dataset(), None)
                    .rev()
                    .map(|r| r.coverage(on.days()))
                    .collect(),
            }
        };
        Manual::ALL.into_iter().map(edition).collect()
    }

    /// The edition in force on a day: the newest that began by then.
    pub(crate) fn manual_release(&self, manual: Manual, on: CivilDate) -> Option<&Loaded> {
        self.releases(manual.dataset(), None).rev().find(|r| r.begins() <= on.days())
    }

    /// All sections of a manual in their order, in the edition in force on a date. No coverage: none is loaded.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn manual_contents(
        &self,
        manual: Manual,
        on: CivilDate,
    ) -> Result<Dated<Vec<SectionRef>>, CodebookError> {
        let Some(release) = self.manual_release(manual, on) else {
            return Ok(Dated { value: Vec::new(), coverage: None, evidence: None });
        };
        let connection = self.connection()?;
        let read = || -> rusqlite::Result<Vec<SectionRef>> {
            let sql =
                "SELECT n, section, parent, title, page FROM manual_section WHERE release=?1 ORDER BY n";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([release.id])?;
            let mut all: Vec<SectionRef> = Vec::new();
            while let Some(r) = rows.next()? {
                let above: Option<i64> = r.get(2)?;
                let above = above.and_then(|at| usize::try_from(at).ok());
                let depth = above.and_then(|at| all.get(at)).map_or(0, |s| s.depth + 1);
                all.push(SectionRef { section: r.get(1)?, title: r.get(3)?, page: r.get(4)?, depth });
            }
            Ok(all)
        };
        Ok(Dated { value: read().doing(DOING)?, coverage: Some(release.coverage(on.days())), evidence: None })
    }

    /// A section of a manual by its name (`I.C.4.a.3`, `Section I.C.4.a.3)`, `ch. IV §H.6`; of several the first), in
    /// the edition in force on a date. The newest edition before the date, where it does not cover it: see the coverage.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn passage(
        &self,
        manual: Manual,
        section: &str,
        on: CivilDate,
    ) -> Result<Dated<Option<Passage>>, CodebookError> {
        let Some(release) = self.manual_release(manual, on) else {
            return Ok(Dated { value: None, coverage: None, evidence: None });
        };
        let coverage = Some(release.coverage(on.days()));
        let connection = self.connection()?;
        let named = manual.sections_in(section);
        let exact = std::iter::once(section).chain(named.first().map(String::as_str));
        for section in exact {
            if let Some(n) = number_of(&connection, release.id, section).doing(DOING)? {
                let passage = read(&connection, manual, release.id, n).doing(DOING)?;
                let evidence = passage.as_ref().map(|p| evidence(manual, release, &p.at.section, &p.at.page));
                return Ok(Dated { value: passage, coverage, evidence });
            }
        }
        Ok(Dated { value: None, coverage, evidence: None })
    }
}

/// Where a passage stands: edition, section and page.
pub(crate) fn evidence(manual: Manual, release: &Loaded, section: &str, page: &str) -> Evidence {
    let page = if page.is_empty() { String::new() } else { format!(", page {page}") };
    Evidence {
        source: manual.title().to_owned(),
        release: release.name.clone(),
        locator: manual.cited(section) + &page,
    }
}

fn number_of(connection: &Connection, release: i64, section: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT n FROM manual_section WHERE release=?1 AND section=?2")?
        .query_row(params![release, section], |r| r.get(0))
        .optional()
}

/// The sections around one, itself last.
pub(crate) fn ancestry(connection: &Connection, release: i64, n: i64) -> rusqlite::Result<Vec<SectionRef>> {
    let mut statement = connection.prepare_cached(
        "SELECT section, title, page, parent FROM manual_section WHERE release=?1 AND n=?2",
    )?;
    let (mut all, mut at) = (Vec::new(), Some(n));
    // Parents stand before their children.
    while let Some(n) = at {
        let found: Option<(SectionRef, Option<i64>)> = statement
            .query_row(params![release, n], |r| {
                let section = SectionRef { section: r.get(0)?, title: r.get(1)?, page: r.get(2)?, depth: 0 };
                Ok((section, r.get(3)?))
            })
            .optional()?;
        at = found.as_ref().and_then(|(_, parent)| *parent).filter(|parent| *parent < n);
        all.extend(found.map(|(section, _)| section));
    }
    all.reverse();
    for (depth, section) in all.iter_mut().enumerate() {
        section.depth = depth;
    }
    Ok(all)
}

fn read(connection: &Connection, manual: Manual, release: i64, n: i64) -> rusqlite::Result<Option<Passage>> {
    let mut within = ancestry(connection, release, n)?;
    let Some(at) = within.pop() else { return Ok(None) };
    let depth = at.depth;
    let section = |depth: usize| {
        move |r: &rusqlite::Row<'_>| {
            Ok(SectionRef { section: r.get(0)?, title: r.get(1)?, page: r.get(2)?, depth })
        }
    };
    let beside =
        |n: i64| -> rusqlite::Result<Option<SectionRef>> { Ok(ancestry(connection, release, n)?.pop()) };
    let paragraphs = connection
        .prepare_cached("SELECT page, text FROM manual_paragraph WHERE release=?1 AND n=?2 ORDER BY k")?
        .query_map(params![release, n], |r| Ok(PassageParagraph { page: r.get(0)?, text: r.get(1)? }))?
        .collect::<Result<_, _>>()?;
    let below = connection
        .prepare_cached(
            "SELECT section, title, page FROM manual_section WHERE release=?1 AND parent=?2 ORDER BY n",
        )?
        .query_map(params![release, n], section(depth + 1))?
        .collect::<Result<_, _>>()?;
    Ok(Some(Passage {
        manual,
        cited: manual.cited(&at.section),
        at,
        within,
        paragraphs,
        below,
        previous: if n > 0 { beside(n - 1)? } else { None },
        next: beside(n + 1)?,
    }))
}

#[cfg(test)]
mod tests;
