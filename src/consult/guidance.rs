//! Guidance notes: what manuals and guidelines say, in our own words, each with its source, edition and section.
//! They live in `config/guidance/*.toml`; a note is data, the rules only choose it.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::domain::{CivilDate, Evidence};

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config/guidance");

/// The edition of a note whose source was not read.
pub const ESTABLISHED: &str = "established knowledge";
/// What stands for its section.
pub const NOT_READ: &str = "section not cited";

/// One statement of a manual or guideline.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Its name among the notes.
    pub id: String,
    /// The field's topic.
    pub topic: String,
    /// Shown only where a rule cites it.
    #[serde(default)]
    pub cited: bool,
    /// One of these codes or ranges must be in the question.
    #[serde(default)]
    pub codes: Vec<String>,
    /// And one of these.
    #[serde(default)]
    pub with_codes: Vec<String>,
    /// One of these modifiers must be in the question.
    #[serde(default)]
    pub modifiers: Vec<String>,
    /// One word of each group must be in the text.
    #[serde(default)]
    pub terms: Vec<Vec<String>>,
    /// None of these may be in the text.
    #[serde(default)]
    pub without: Vec<String>,
    /// What it says, in our own words.
    pub statement: String,
    /// The manual or guideline.
    pub source: String,
    /// Its edition.
    pub edition: String,
    /// Its section; absent where `read` is false.
    #[serde(default)]
    pub section: String,
    /// Whether the section was read; otherwise it is established knowledge, and no section is cited.
    pub read: bool,
    /// Codes that it leads to: offered as candidates if the codebook has them.
    #[serde(default)]
    pub suggest: Vec<String>,
    /// The suggested codes only go with another code, which the note does not name.
    #[serde(default)]
    pub additional: bool,
    /// Words of the question must not be searched for codes: what they name is not to be coded.
    #[serde(default)]
    pub no_search: bool,
    /// First date of service it holds for.
    #[serde(default)]
    pub from: Option<String>,
    /// Last date of service it holds for.
    #[serde(default)]
    pub to: Option<String>,
}

#[derive(Deserialize)]
struct NoteFile {
    note: Vec<Note>,
}

#[derive(Deserialize)]
struct EvaluationFile {
    codes: Vec<String>,
}

/// The files of the folder that are lists of codes, no notes.
const LISTS: &[&str] = &["evaluation.toml", "first_listed.toml"];

static NOTES: LazyLock<Vec<Note>> = LazyLock::new(|| {
    let is_list = |path: &std::path::Path| LISTS.iter().any(|l| path.as_os_str() == *l);
    let mut files: Vec<_> = FOLDER.files().filter(|f| !is_list(f.path())).collect();
    files.sort_by_key(|f| f.path().to_owned());
    files
        .iter()
        .filter_map(|f| f.contents_utf8())
        .filter_map(|text| toml::from_str::<NoteFile>(text).ok())
        .flat_map(|f| f.note)
        .collect()
});

static EVALUATION: LazyLock<Vec<String>> = LazyLock::new(|| {
    FOLDER
        .get_file("evaluation.toml")
        .and_then(|f| f.contents_utf8())
        .and_then(|text| toml::from_str::<EvaluationFile>(text).ok())
        .map(|f| f.codes)
        .unwrap_or_default()
});

/// What a question brings to the choice of notes.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'a> {
    /// Lower-case text.
    pub text: &'a str,
    /// Codes of the question.
    pub codes: &'a [String],
    /// Modifiers of the question.
    pub modifiers: &'a [String],
    /// Date of service.
    pub on: CivilDate,
}

impl Note {
    /// Where the statement can be checked.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let section = if self.read { self.section.as_str() } else { NOT_READ };
        Evidence { source: self.source.clone(), release: self.edition.clone(), locator: section.to_owned() }
    }

    /// What it says; a source that was not read is named in the sentence itself.
    #[must_use]
    pub fn text(&self) -> String {
        if self.read {
            self.statement.clone()
        } else {
            let (said, source) = (self.statement.trim_end_matches('.'), &self.source);
            format!("{said} ({source}; {ESTABLISHED}, confirm before citing).")
        }
    }

    fn applies(&self, matter: Matter<'_>) -> bool {
        let any_code = |list: &[String]| {
            list.is_empty() || matter.codes.iter().any(|c| list.iter().any(|range| in_range(c, range)))
        };
        let in_time = |bound: &Option<String>, late: bool| match bound.as_ref().and_then(|b| b.parse().ok()) {
            Some(date) if late => matter.on <= date,
            Some(date) => matter.on >= date,
            None => true,
        };
        !self.cited
            && any_code(&self.codes)
            && any_code(&self.with_codes)
            && (self.modifiers.is_empty() || self.modifiers.iter().any(|m| matter.modifiers.contains(m)))
            && self.terms.iter().all(|group| group.iter().any(|term| has_word(matter.text, term)))
            && !self.without.iter().any(|term| matter.text.contains(term.as_str()))
            && in_time(&self.from, false)
            && in_time(&self.to, true)
    }
}

/// Whether a code is the one named, or lies in the range `FIRST-LAST`.
#[must_use]
pub fn in_range(code: &str, range: &str) -> bool {
    match range.split_once('-') {
        Some((first, last)) => code.len() == first.len() && code >= first && code <= last,
        None => code == range,
    }
}

/// Whether a term stands in the text as a word of its own.
pub(crate) fn has_word(text: &str, term: &str) -> bool {
    text.match_indices(term).any(|(at, found)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// The note with this id.
#[must_use]
pub fn note(id: &str) -> Option<&'static Note> {
    NOTES.iter().find(|n| n.id == id)
}

/// The notes that apply to a question, in the order of their files.
#[must_use]
pub fn matching(matter: Matter<'_>) -> Vec<&'static Note> {
    NOTES.iter().filter(|n| n.applies(matter)).collect()
}

/// Whether a code is evaluation and management (E/M).
#[must_use]
pub fn is_evaluation(code: &str) -> bool {
    EVALUATION.iter().any(|range| in_range(code, range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_is_well_formed() {
        let mut ids = Vec::new();
        for file in FOLDER.files() {
            let text = file.contents_utf8().unwrap();
            if file.path().as_os_str() == "evaluation.toml" {
                toml::from_str::<EvaluationFile>(text).unwrap();
                continue;
            }
            if file.path().as_os_str() == "first_listed.toml" {
                assert!(crate::consult::rules::diagnoses::is_well_formed(text));
                continue;
            }
            for note in toml::from_str::<NoteFile>(text).unwrap().note {
                assert!(note.statement.ends_with('.'), "{}", note.id);
                assert!(!note.source.is_empty() && !note.edition.is_empty());
                // A section that was not read is not cited, and only such a note is established knowledge.
                assert_eq!(note.read, !note.section.is_empty(), "{}", note.id);
                assert_eq!(note.read, note.edition != ESTABLISHED, "{}", note.id);
                assert_eq!(note.read, !note.text().contains(ESTABLISHED));
                let chosen = !note.codes.is_empty() || !note.modifiers.is_empty() || !note.terms.is_empty();
                assert!(note.cited || chosen, "{} would be shown to everybody", note.id);
                for date in note.from.iter().chain(note.to.iter()) {
                    date.parse::<CivilDate>().unwrap();
                }
                ids.push(note.id);
            }
        }
        assert_eq!(ids.len(), NOTES.len());
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), NOTES.len(), "two notes share an id");
    }

    #[test]
    fn evaluation_and_management() {
        for code in ["99213", "92014", "G0463", "99291"] {
            assert!(is_evaluation(code), "{code}");
        }
        for code in ["20610", "J3301", "97110", "90834"] {
            assert!(!is_evaluation(code), "{code}");
        }
    }
}
