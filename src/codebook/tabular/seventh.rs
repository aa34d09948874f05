//! 7th characters and placeholders.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use crate::codebook::codes::{compact, written};
use crate::codebook::error::SqlContext;
use crate::codebook::tabular::notes::{NoteKind, TabularNote, notes_at};
use crate::codebook::tabular::{PlaceKind, evidence};
use crate::codebook::{Codebook, CodebookError, Dated};
use crate::domain::{CivilDate, CodeStatus, CodeSystem};

/// A 7th character and its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeventhCharacter {
    /// A letter or digit.
    pub character: String,
    /// What it means, in the official words: `initial encounter for closed fracture`.
    pub meaning: String,
    /// Further terms that belong to it.
    pub terms: Vec<String>,
}

/// The definition of the 7th characters that holds for a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeventhCharacters {
    /// The category or code at which it stands.
    pub place: String,
    /// How the characters are assigned, in the official words.
    pub note: String,
    /// The characters, in the order of the list.
    pub characters: Vec<SeventhCharacter>,
    /// Notes above the code that speak of 7th characters: some do not apply to all codes of a category (S06).
    pub limits: Vec<TabularNote>,
}

impl SeventhCharacters {
    /// What the 7th character of a complete code means; `None` if it has none, or one that is not defined.
    #[must_use]
    pub fn of(&self, code: &str) -> Option<&SeventhCharacter> {
        let plain = compact(code);
        let character = plain.get(6..7)?;
        self.characters.iter().find(|c| c.character == character)
    }

    /// A code with a 7th character, filled up with the placeholder X (OCG I.A.4): `S02.0` and `A` is `S02.0XXA`.
    /// `None` for a character that is not defined, or a code of seven characters.
    #[must_use]
    pub fn complete(&self, code: &str, character: &str) -> Option<String> {
        let plain = compact(code);
        let defined = self.characters.iter().any(|c| c.character == character);
        (defined && (3..7).contains(&plain.len()))
            .then(|| written(CodeSystem::Icd10cm, &format!("{plain:X<6}{character}")))
    }
}

impl Codebook {
    /// The 7th characters of an ICD-10-CM code: the definition at the closest place above it. It holds for codes of
    /// later editions, too, as long as the code at which it stands is still in the list of the date. `None` within
    /// coverage: the code takes none.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn seventh_characters(
        &self,
        code: &str,
        on: CivilDate,
    ) -> Result<Dated<Option<SeventhCharacters>>, CodebookError> {
        let doing = "looking 7th characters up";
        let code = compact(code);
        let nothing = |coverage| Dated { value: None, coverage, evidence: None };
        let (found, coverage) = {
            let connection = self.connection()?;
            let Some((release, places)) = self.tabular(&connection, &code, on.days()).doing(doing)? else {
                return Ok(nothing(None));
            };
            let coverage = Some(release.coverage(on.days()));
            let mut statement = connection
                .prepare_cached(
                    "SELECT s.character, t.text, s.line FROM tabular_seventh s JOIN text t ON t.id=s.text_id
                     WHERE s.release=?1 AND s.place=?2 ORDER BY s.n",
                )
                .doing(doing)?;
            let mut found = None;
            for place in places.iter().filter(|p| p.kind == PlaceKind::Code) {
                let mut characters: Vec<SeventhCharacter> = Vec::new();
                let mut first = None;
                let mut rows = statement.query(params![release.id, place.place]).doing(doing)?;
                while let Some(row) = rows.next().doing(doing)? {
                    let (character, text): (String, String) =
                        (row.get(0).doing(doing)?, row.get(1).doing(doing)?);
                    first = first.or(Some(row.get::<_, u32>(2).doing(doing)?));
                    match characters.last_mut() {
                        Some(last) if character.is_empty() => last.terms.push(text),
                        _ => {
                            characters.push(SeventhCharacter { character, meaning: text, terms: Vec::new() })
                        }
                    }
                }
                let Some(line) = first else { continue };
                let mut notes = Vec::new();
                let own = |kind| matches!(kind, NoteKind::SeventhNote | NoteKind::Note);
                for above in &places {
                    notes_at(&connection, release, above, &code, &own, &mut notes).doing(doing)?;
                }
                let at = place.written();
                let note = notes.iter().find(|n| n.kind == NoteKind::SeventhNote && n.place == at);
                let note = note.map_or_else(String::new, |n| n.text.clone());
                notes.retain(|n| n.kind == NoteKind::Note && n.text.contains("7th character"));
                let row = evidence(release, "7th characters", place, line);
                found = Some((SeventhCharacters { place: at, note, characters, limits: notes }, row));
                break;
            }
            (found, coverage)
        };
        let Some((definition, row)) = found else { return Ok(nothing(coverage)) };
        let stands = self.entry(CodeSystem::Icd10cm, &compact(&definition.place), on, false)?;
        let gone =
            matches!(stands.status, CodeStatus::Ended | CodeStatus::Unknown) && stands.coverage.is_some();
        if gone && stands.complete {
            return Ok(nothing(coverage));
        }
        Ok(Dated { value: Some(definition), coverage, evidence: Some(row) })
    }

    /// The code at or above this one that the list marks as having a placeholder X: `T36.0X` for `T36.0X5A`.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn placeholder(&self, code: &str, on: CivilDate) -> Result<Dated<Option<String>>, CodebookError> {
        let doing = "looking a placeholder up";
        let code = compact(code);
        let connection = self.connection()?;
        let Some((release, places)) = self.tabular(&connection, &code, on.days()).doing(doing)? else {
            return Ok(Dated { value: None, coverage: None, evidence: None });
        };
        let mut statement = connection
            .prepare_cached("SELECT placeholder FROM tabular_place WHERE release=?1 AND place=?2")
            .doing(doing)?;
        let coverage = Some(release.coverage(on.days()));
        for place in places.iter().filter(|p| p.kind == PlaceKind::Code) {
            let marked = statement
                .query_row(params![release.id, place.place], |r| r.get(0))
                .optional()
                .doing(doing)?;
            if marked == Some(true) {
                let row = evidence(release, "placeholder", place, place.line);
                return Ok(Dated { value: Some(place.written()), coverage, evidence: Some(row) });
            }
        }
        Ok(Dated { value: None, coverage, evidence: None })
    }
}
