//! Where a code stands: chapter, sections, and the codes above it.

use serde::Serialize;

use crate::codebook::codes::compact;
use crate::codebook::coverage::Loaded;
use crate::codebook::error::SqlContext;
use crate::codebook::tabular::{DATASET, MOST_LEVELS, PlaceAt, PlaceKind, SOURCE, place_at, places_of};
use crate::codebook::{Codebook, CodebookError, Coverage};
use crate::domain::{CivilDate, CodeSystem, Evidence};

/// The tables in which places are looked for: the list itself, and the csv lists of an edition.
const DATASETS: [&str; 4] = [DATASET, "icd10cm_categories", "icd10cm_sections", "icd10cm_chapters"];

/// A level of the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Level {
    /// `Chapter 4`, `E08-E13`, `E11.2`.
    pub place: String,
    /// What it is.
    pub kind: PlaceKind,
    /// Its official title; a chapter's and a section's without the range behind it.
    pub title: String,
    /// The release it was read from.
    pub coverage: Option<Coverage>,
    /// The row.
    pub evidence: Option<Evidence>,
}

/// Where a code stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Hierarchy {
    /// Its chapter; `None`: no list of the date, or before it, is loaded, or the code is in none.
    pub chapter: Option<Level>,
    /// Its sections, the widest first.
    pub sections: Vec<Level>,
    /// The codes above it, the category first, with the texts of the date.
    pub codes: Vec<Level>,
}

impl Codebook {
    /// Chapter, sections and codes above an ICD-10-CM code. Chapter and sections are those of the list that covers
    /// the date; if none does, of the newest before it.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn hierarchy(&self, code: &str, on: CivilDate) -> Result<Hierarchy, CodebookError> {
        let doing = "looking the hierarchy of a code up";
        let (code, day) = (compact(code), on.days());
        let mut hierarchy = Hierarchy::default();
        let Some(category) = code.get(..3) else { return Ok(hierarchy) };
        {
            let connection = self.connection()?;
            let mut sources: Vec<&Loaded> = self
                .loaded
                .iter()
                .filter(|l| DATASETS.contains(&l.dataset.as_str()) && l.begins() <= day)
                .collect();
            sources.sort_by_key(|l| (!l.holds_on(day), std::cmp::Reverse(l.begins())));
            let find = |place: &str| -> rusqlite::Result<Option<(&Loaded, PlaceAt)>> {
                for source in &sources {
                    if let Some(at) = place_at(&connection, source.id, place)? {
                        return Ok(Some((source, at)));
                    }
                }
                Ok(None)
            };
            let mut next = match find(category).doing(doing)? {
                Some((_, at)) => find(&at.parent).doing(doing)?,
                None => {
                    let mut around = None;
                    for source in &sources {
                        let places = places_of(&connection, source.id, category).doing(doing)?;
                        if let Some(at) = places.into_iter().next() {
                            around = Some((*source, at));
                            break;
                        }
                    }
                    around
                }
            };
            for _ in 0..MOST_LEVELS {
                let Some((source, at)) = next.take() else { break };
                let level = level(source, &at, day);
                match at.kind {
                    PlaceKind::Chapter => hierarchy.chapter = Some(level),
                    PlaceKind::Section => hierarchy.sections.insert(0, level),
                    PlaceKind::Code => {}
                }
                if !at.parent.is_empty() {
                    next = find(&at.parent).doing(doing)?;
                }
            }
        }
        for end in 3..code.len() {
            let Some(above) = code.get(..end) else { continue };
            let entry = self.entry(CodeSystem::Icd10cm, above, on, false)?;
            if entry.is_known() {
                hierarchy.codes.push(Level {
                    place: entry.code,
                    kind: PlaceKind::Code,
                    title: entry.description,
                    coverage: entry.coverage,
                    evidence: entry.evidence,
                });
            }
        }
        Ok(hierarchy)
    }
}

fn level(source: &Loaded, at: &PlaceAt, day: i32) -> Level {
    let place = at.written();
    let title = at.title.rsplit_once(" (").map_or(at.title.as_str(), |(title, _)| title);
    let named = if source.dataset == DATASET { SOURCE } else { "ICD-10-CM list of chapters and sections" };
    Level {
        kind: at.kind,
        title: title.to_owned(),
        coverage: Some(source.coverage(day)),
        evidence: Some(Evidence {
            source: named.to_owned(),
            release: source.name.clone(),
            locator: format!("line {}, {place}", at.line),
        }),
        place,
    }
}
