//! Pairs of codes of which a note of the tabular list excludes one from the other.

use rusqlite::params;
use serde::Serialize;

use crate::codebook::code_range::Named;
use crate::codebook::codes::{compact, written};
use crate::codebook::error::SqlContext;
use crate::codebook::tabular::notes::{NoteKind, TabularNote, notes_at};
use crate::codebook::tabular::places_of;
use crate::codebook::{Codebook, CodebookError, Dated};
use crate::domain::{CivilDate, CodeSystem};

/// An Excludes note that holds for one code and names another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// The note, with where it stands. [`NoteKind::Excludes1`]: a conflict unless the two are unrelated;
    /// [`NoteKind::Excludes2`]: both may be coded.
    pub note: TabularNote,
    /// The code for which the note holds.
    pub code: String,
    /// The code that it names.
    pub named: String,
    /// Whether it names only some of the codes below that one (a heading was asked for).
    pub in_part: bool,
}

/// Of the notes that hold for a code those that exclude another one, each with whether it names only some of the codes
/// below that one. Two codes of which one is above the other exclude nothing.
pub fn excluding<'n>(
    code: &str,
    other: &str,
    notes: &'n [TabularNote],
) -> impl Iterator<Item = (&'n TabularNote, bool)> {
    let (code, other) = (compact(code), compact(other));
    let related = code.starts_with(&other) || other.starts_with(&code);
    notes.iter().filter(move |_| !related).filter_map(move |note| {
        if !matches!(note.kind, NoteKind::Excludes1 | NoteKind::Excludes2) {
            return None;
        }
        let how = note.names(&other);
        // A note that names both says nothing of the one to the other.
        let says = how != Named::No && note.names(&code) != Named::Whole;
        says.then_some((note, how == Named::Part))
    })
}

impl Codebook {
    /// The Excludes notes by which one of two ICD-10-CM codes excludes the other, in both directions: notes at the
    /// codes themselves and at all places above them, naming the other code or one above it. Excludes1 first. Two
    /// codes of which one is above the other exclude nothing.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn excludes(&self, a: &str, b: &str, on: CivilDate) -> Result<Dated<Vec<Exclusion>>, CodebookError> {
        let doing = "looking excluded codes up";
        let (a, b) = (compact(a), compact(b));
        let connection = self.connection()?;
        let Some((release, places)) = self.tabular(&connection, &a, on.days()).doing(doing)? else {
            return Ok(Dated { value: Vec::new(), coverage: None, evidence: None });
        };
        let coverage = Some(release.coverage(on.days()));
        let others = places_of(&connection, release.id, &b).doing(doing)?;
        let mut near = connection
            .prepare_cached(
                "SELECT 1 FROM tabular_range WHERE release=?1 AND place=?2
                 AND first<=?3||'~' AND last>=substr(?3,1,length(last))",
            )
            .doing(doing)?;
        let mut found = Vec::new();
        for (code, other, places) in [(&a, &b, &places), (&b, &a, &others)] {
            let mut notes = Vec::new();
            for place in places {
                // Most places name nothing near: their notes need not be read.
                if !near.exists(params![release.id, place.place, other]).doing(doing)? {
                    continue;
                }
                let wanted = |kind| matches!(kind, NoteKind::Excludes1 | NoteKind::Excludes2);
                notes_at(&connection, release, place, code, &wanted, &mut notes).doing(doing)?;
            }
            for (note, in_part) in excluding(code, other, &notes) {
                found.push(Exclusion {
                    note: note.clone(),
                    code: written(CodeSystem::Icd10cm, code),
                    named: written(CodeSystem::Icd10cm, other),
                    in_part,
                });
            }
        }
        found.sort_by_key(|e| e.note.kind);
        Ok(Dated { value: found, coverage, evidence: None })
    }
}
