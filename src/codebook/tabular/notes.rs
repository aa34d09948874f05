//! The notes that hold for a code.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::codebook::code_range::{CodeRange, Named, Only, named};
use crate::codebook::codes::compact;
use crate::codebook::coverage::Loaded;
use crate::codebook::error::SqlContext;
use crate::codebook::tabular::{PlaceAt, PlaceKind, evidence};
use crate::codebook::{Codebook, CodebookError, Dated};
use crate::domain::{CivilDate, Evidence};

/// What a note of the tabular list says (ICD-10-CM conventions, OCG section I.A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Further defines, or gives examples of, what is coded here.
    Includes,
    /// A condition for which the code is used.
    Inclusion,
    /// "Not coded here": the two are not reported together, unless they are unrelated (I.A.12.a).
    Excludes1,
    /// "Not included here": both may be reported (I.A.12.b).
    Excludes2,
    /// The underlying condition is sequenced first (I.A.13).
    CodeFirst,
    /// A second code is added behind (I.A.13).
    UseAdditional,
    /// Two codes may be required, in either order (I.A.17).
    CodeAlso,
    /// A note on the use of the codes.
    Note,
    /// How the 7th character is assigned.
    SeventhNote,
    /// A row of the table of visual impairment at H54.
    VisualImpairment,
}

impl NoteKind {
    /// All, in the order in which they are read.
    pub const ALL: &'static [Self] = &[
        Self::Includes,
        Self::Inclusion,
        Self::Excludes1,
        Self::Excludes2,
        Self::CodeFirst,
        Self::UseAdditional,
        Self::CodeAlso,
        Self::Note,
        Self::SeventhNote,
        Self::VisualImpairment,
    ];

    /// As the book keeps it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Includes => "includes",
            Self::Inclusion => "inclusion",
            Self::Excludes1 => "excludes1",
            Self::Excludes2 => "excludes2",
            Self::CodeFirst => "code_first",
            Self::UseAdditional => "use_additional",
            Self::CodeAlso => "code_also",
            Self::Note => "note",
            Self::SeventhNote => "seventh_note",
            Self::VisualImpairment => "visual_impairment",
        }
    }

    /// As the tabular list prints it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Includes => "Includes",
            Self::Inclusion => "Inclusion term",
            Self::Excludes1 => "Excludes1",
            Self::Excludes2 => "Excludes2",
            Self::CodeFirst => "Code first",
            Self::UseAdditional => "Use additional code",
            Self::CodeAlso => "Code also",
            Self::Note => "Note",
            Self::SeventhNote => "7th character",
            Self::VisualImpairment => "Visual impairment",
        }
    }
}

/// A note of the tabular list that holds for a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TabularNote {
    /// What it says.
    pub kind: NoteKind,
    /// Its official text.
    pub text: String,
    /// The line above it in the same list that ends in a colon (`meningitis (in):`). The file does not tell where
    /// such an indented list ends: the line may belong to it or not.
    pub lead: Option<String>,
    /// Where it stands: `E11.2`, `E08-E13`, `Chapter 4`.
    pub place: String,
    /// What kind of place that is.
    pub place_kind: PlaceKind,
    /// The official title of that place.
    pub title: String,
    /// Whether it stands above the code: at a code, section or chapter that it belongs to.
    pub inherited: bool,
    /// The codes that it names; empty if it names none.
    pub codes: Vec<CodeRange>,
    /// The row, with the edition.
    pub evidence: Evidence,
}

impl TabularNote {
    /// Whether it names a code, with or without dot.
    #[must_use]
    pub fn names(&self, code: &str) -> Named {
        named(&self.codes, &compact(code))
    }
}

impl Codebook {
    /// All notes that hold for an ICD-10-CM code, its own first, then those of the codes, sections and the chapter
    /// above it. A code that the edition does not have inherits those of the closest code above that it has. No
    /// coverage: no tabular list of the date, or before it, is loaded.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn notes(&self, code: &str, on: CivilDate) -> Result<Dated<Vec<TabularNote>>, CodebookError> {
        let doing = "looking the notes of a code up";
        let code = compact(code);
        let connection = self.connection()?;
        let Some((release, places)) = self.tabular(&connection, &code, on.days()).doing(doing)? else {
            return Ok(Dated { value: Vec::new(), coverage: None, evidence: None });
        };
        let mut notes = Vec::new();
        for place in &places {
            notes_at(&connection, release, place, &code, &|_| true, &mut notes).doing(doing)?;
        }
        Ok(Dated { value: notes, coverage: Some(release.coverage(on.days())), evidence: None })
    }
}

/// Adds the notes that stand at a place.
pub(super) fn notes_at(
    connection: &Connection,
    release: &Loaded,
    place: &PlaceAt,
    code: &str,
    wanted: &dyn Fn(NoteKind) -> bool,
    into: &mut Vec<TabularNote>,
) -> rusqlite::Result<()> {
    let begin = into.len();
    let mut numbers: Vec<(u32, String)> = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT n.n, n.kind, n.lead, t.text, n.line FROM tabular_note n JOIN text t ON t.id=n.text_id
         WHERE n.release=?1 AND n.place=?2 ORDER BY n.n",
    )?;
    let mut rows = statement.query(params![release.id, place.place])?;
    while let Some(row) = rows.next()? {
        let kept = row.get_ref(1)?.as_str().unwrap_or_default();
        let Some(kind) = NoteKind::ALL.iter().copied().find(|k| k.as_str() == kept && wanted(*k)) else {
            continue;
        };
        let (n, text, line): (u32, String, u32) = (row.get(0)?, row.get(3)?, row.get(4)?);
        let above: Option<u32> = row.get(2)?;
        let lead = above.and_then(|a| numbers.iter().find(|(n, _)| *n == a)).map(|(_, text)| text.clone());
        numbers.push((n, text.clone()));
        into.push(TabularNote {
            kind,
            text,
            lead,
            place: place.written(),
            place_kind: place.kind,
            title: place.title.clone(),
            inherited: place.place != code,
            codes: Vec::new(),
            evidence: evidence(release, kind.title(), place, line),
        });
    }
    if numbers.is_empty() {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(
        "SELECT n, first, last, only_if, except_it FROM tabular_range WHERE release=?1 AND place=?2 ORDER BY n, k",
    )?;
    let mut rows = statement.query(params![release.id, place.place])?;
    while let Some(row) = rows.next()? {
        let n: u32 = row.get(0)?;
        let Ok(index) = numbers.binary_search_by_key(&n, |(n, _)| *n) else { continue };
        if let Some(note) = into.get_mut(begin + index) {
            note.codes.push(CodeRange {
                first: row.get(1)?,
                last: row.get(2)?,
                only: Only::from_kept(row.get_ref(3)?.as_str().unwrap_or_default()),
                except: row.get(4)?,
            });
        }
    }
    Ok(())
}
