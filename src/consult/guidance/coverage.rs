//! The list of what the notes must speak of (`config/guidance/coverage.toml`): subjects with the sources wanted, and the
//! notes that are there for them.

use serde::Deserialize;

use crate::consult::guidance::library::{FOLDER, Library};

/// A subject that must be there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// What must be spoken of.
    pub subject: String,
    /// The source from which: one of the notes must cite one whose name holds this.
    pub source: String,
    /// Ids of notes, or `sepsis.*` for all of a subject.
    pub notes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CoverageFile {
    want: Vec<Subject>,
}

/// The list, or why it cannot be read.
///
/// # Errors
/// The file is not well formed.
pub fn wanted() -> Result<Vec<Subject>, String> {
    let text = FOLDER.get_file("coverage.toml").and_then(|f| f.contents_utf8()).unwrap_or_default();
    read(text)
}

/// Reads such a list.
///
/// # Errors
/// The text is not well formed.
pub fn read(text: &str) -> Result<Vec<Subject>, String> {
    toml::from_str::<CoverageFile>(text)
        .map(|f| f.want)
        .map_err(|e| format!("coverage.toml: {}", e.message()))
}

/// What is lacking of the list: a line each.
#[must_use]
pub fn gaps(wanted: &[Subject], library: &Library) -> Vec<String> {
    let mut out = Vec::new();
    for want in wanted {
        let subject = &want.subject;
        let mut sources = Vec::new();
        for id in &want.notes {
            let before = sources.len();
            let of_subject = id.strip_suffix(".*");
            sources.extend(
                library
                    .notes()
                    .iter()
                    .filter(|n| of_subject.map_or(n.id == *id, |s| n.subject() == s))
                    .map(|n| n.source.as_str()),
            );
            if sources.len() == before {
                out.push(format!("{subject}: there is no note `{id}`"));
            }
        }
        if want.notes.is_empty() {
            out.push(format!("{subject}: no note speaks of it (wanted from {})", want.source));
        } else if !sources.is_empty() && !sources.iter().any(|s| s.contains(want.source.as_str())) {
            out.push(format!("{subject}: none of its notes cites {}", want.source));
        }
    }
    out
}
