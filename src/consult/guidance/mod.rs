//! Guidance notes: what manuals and guidelines say, in our own words, each with its source, edition and section.
//! They live in `config/guidance/*.toml`; a note is data, the rules only choose it.
//!
//! [`mod@note`] is a note's form · [`mod@library`] reads and indexes all of them · `terms` finds their words in a text ·
//! [`choice`] tells which of those that apply are worth saying · [`coverage`] is the list of what there must be.

mod asker;
pub mod choice;
pub mod coverage;
pub mod library;
pub mod note;
pub mod pattern;
pub(crate) mod terms;
pub mod well_formed;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde::Deserialize;

pub use asker::{claim_group, payer_group};
pub use choice::{Match, Matter, matching};
pub use library::{Library, library};
pub(crate) use note::first_sentence;
pub use note::{Ask, ClaimGroup, ESTABLISHED, NOT_READ, Note, PayerGroup, Says, Trigger};
pub use pattern::in_range;

#[derive(Deserialize)]
struct EvaluationFile {
    codes: Vec<String>,
}

static EVALUATION: LazyLock<Vec<String>> = LazyLock::new(|| {
    library::FOLDER
        .get_file("evaluation.toml")
        .and_then(|f| f.contents_utf8())
        .and_then(|text| toml::from_str::<EvaluationFile>(text).ok())
        .map(|f| f.codes)
        .unwrap_or_default()
});

/// The note with this id.
#[must_use]
pub fn note(id: &str) -> Option<&'static Note> {
    library().note(id)
}

/// Whether a code is evaluation and management (E/M).
#[must_use]
pub fn is_evaluation(code: &str) -> bool {
    EVALUATION.iter().any(|range| in_range(code, range))
}

/// Whether a term stands in the text as a word of its own, letter by letter.
pub(crate) fn has_word(text: &str, term: &str) -> bool {
    text.match_indices(term).any(|(at, found)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}
