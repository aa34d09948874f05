//! The tabular list of ICD-10-CM: notes that hold for a code, 7th characters, excluded pairs, hierarchy.
//!
//! Notes stand at chapters, sections, categories and codes, and hold for all below. They are those of the edition
//! that was loaded: its coverage says whether that is the one for the date.

mod excludes;
mod hierarchy;
mod notes;
mod seventh;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

pub use excludes::{Exclusion, excluding};
pub use hierarchy::{Hierarchy, Level};
pub use notes::{NoteKind, TabularNote};
pub use seventh::{SeventhCharacter, SeventhCharacters};

use crate::codebook::Codebook;
use crate::codebook::codes::written;
use crate::codebook::coverage::Loaded;
use crate::domain::{CodeSystem, Evidence};

/// The dataset of the tabular lists.
const DATASET: &str = "icd10cm_tabular";
/// As evidence names it.
const SOURCE: &str = "ICD-10-CM tabular list";
/// No code has more places above it: six codes, four sections, a chapter.
const MOST_LEVELS: usize = 16;

/// What a place of the tabular list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// One of the 22 chapters.
    Chapter,
    /// A section (block) of categories, `E08-E13`.
    Section,
    /// A category or a code.
    Code,
}

/// A place, as the book keeps it.
#[derive(Debug, Clone)]
pub(crate) struct PlaceAt {
    place: String,
    kind: PlaceKind,
    parent: String,
    title: String,
    line: u32,
}

impl PlaceAt {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let kind = match row.get::<_, u8>(1)? {
            0 => PlaceKind::Chapter,
            1 => PlaceKind::Section,
            _ => PlaceKind::Code,
        };
        Ok(Self { place: row.get(0)?, kind, parent: row.get(2)?, title: row.get(3)?, line: row.get(4)? })
    }

    /// As it is written: `Chapter 4`, `E08-E13`, `B20` (a section of one category), `E11.2`.
    fn written(&self) -> String {
        match (self.kind, self.place.split_once('-')) {
            (PlaceKind::Chapter, _) => self.place.replacen('c', "C", 1),
            (PlaceKind::Section, Some((first, last))) if first == last => first.to_owned(),
            (PlaceKind::Section, _) => self.place.clone(),
            (PlaceKind::Code, _) => written(CodeSystem::Icd10cm, &self.place),
        }
    }
}

const COLUMNS: &str =
    "SELECT p.place, p.kind, p.parent, t.text, p.line FROM tabular_place p JOIN text t ON t.id=p.text_id";

/// A place of a release.
fn place_at(connection: &Connection, release: i64, place: &str) -> rusqlite::Result<Option<PlaceAt>> {
    connection
        .prepare_cached(&format!("{COLUMNS} WHERE p.release=?1 AND p.place=?2"))?
        .query_row(params![release, place], PlaceAt::of)
        .optional()
}

/// The places that hold for a code (without dot): it itself or, if the edition does not have it, the closest above
/// it; then those above, up to the chapter.
fn places_of(connection: &Connection, release: i64, code: &str) -> rusqlite::Result<Vec<PlaceAt>> {
    let mut next = None;
    for end in (3..=code.len().min(7)).rev() {
        next = match code.get(..end) {
            Some(prefix) => place_at(connection, release, prefix)?,
            None => None,
        };
        if next.is_some() {
            break;
        }
    }
    if let (None, Some(category)) = (&next, code.get(..3)) {
        // A category of a later edition: the smallest section around it still speaks for it.
        next = connection
            .prepare_cached(&format!(
                "{COLUMNS} WHERE p.release=?1 AND p.kind=1 AND p.first<=?2 AND p.last>=?2 ORDER BY p.first DESC, p.last LIMIT 1"
            ))?
            .query_row(params![release, category], PlaceAt::of)
            .optional()?;
    }
    let mut places: Vec<PlaceAt> = Vec::new();
    while let Some(place) = next.take().filter(|_| places.len() < MOST_LEVELS) {
        if !place.parent.is_empty() {
            next = place_at(connection, release, &place.parent)?;
        }
        places.push(place);
    }
    Ok(places)
}

/// A row as evidence: what stands where.
fn evidence(release: &Loaded, what: &str, place: &PlaceAt, line: u32) -> Evidence {
    Evidence {
        source: SOURCE.to_owned(),
        release: release.name.clone(),
        locator: format!("line {line}, {what} at {}", place.written()),
    }
}

impl Codebook {
    /// The newest tabular list at or before a day that speaks of a code, with the places that hold for it.
    fn tabular(
        &self,
        connection: &Connection,
        code: &str,
        day: i32,
    ) -> rusqlite::Result<Option<(&Loaded, Vec<PlaceAt>)>> {
        let begun = self.loaded.iter().filter(|l| l.dataset == DATASET && l.begins() <= day);
        for release in begun.rev() {
            let places = places_of(connection, release.id, code)?;
            if release.is_full() || !places.is_empty() {
                return Ok(Some((release, places)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
