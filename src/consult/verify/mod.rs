//! An independent pass over a text that is to be sent, whoever wrote it. It knows nothing of how the draft came about: it
//! reads the text again, finds every code and every statement that a table can confirm or refute, and looks each up anew.
//!
//! What it cannot check it says; it never changes the text. Patient data and the descriptors of licensed texts are
//! checked by the desk, which knows more than a codebook does.

mod codes;
mod dates;
mod sentences;
mod tables;

use serde::Serialize;

use crate::codebook::{Codebook, CodebookError};
use crate::domain::{CivilDate, Evidence};

/// What an objection is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionKind {
    /// A code that no loaded table knows.
    UnknownCode,
    /// A heading, an ended code, or one that begins later, without a word about it.
    NotBillable,
    /// A statement about an NCCI pair that the table contradicts.
    Pair,
    /// A unit limit (MUE, MAI) that the table contradicts.
    Units,
    /// A global period, indicator or status that the fee schedule contradicts.
    FeeSchedule,
    /// An amount or RVU that no loaded row gives.
    Amount,
    /// A date of a code that the tables contradict.
    Date,
    /// A text in quotation marks that is not the code's official text.
    Text,
    /// Words of a CPT descriptor.
    Descriptor,
    /// Something that points to a patient.
    PatientData,
    /// A citation of a source that is not listed.
    Citation,
    /// A statement of a fact of a table without its source.
    NoEvidence,
    /// A statement of the reviewer's own, without a source.
    OwnWords,
}

/// How much an objection weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It is only shown.
    Note,
    /// Likely wrong: a person should look.
    Warns,
    /// The text contradicts a table: it is not sent as it stands, unless a senior reviewer answers for it.
    Blocks,
}

/// Something in a text that does not hold, or that nobody can check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Objection {
    /// What it is about.
    pub kind: ObjectionKind,
    /// How much it weighs.
    pub weight: Weight,
    /// Where it begins in the text, in bytes.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// The words that it is about.
    pub words: String,
    /// What is wrong, in one sentence.
    pub why: String,
    /// The row that says otherwise.
    pub evidence: Vec<Evidence>,
}

/// A text to be verified.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a> {
    /// Markdown, as a draft is stored.
    pub text: &'a str,
    /// The date of service that it speaks of.
    pub on: CivilDate,
    /// The draft of the consultant that a person changed; none: the text is the consultant's own.
    pub drafted: Option<&'a str>,
    /// How many sources its anchors may point to.
    pub sources: usize,
    /// Statements whose figures were derived already: the findings of the draft.
    pub derived: &'a str,
}

/// All objections, in the order of the text. Empty: nothing in it contradicts the loaded tables.
///
/// # Errors
/// If the codebook cannot be read.
pub fn verify(checked: &Checked<'_>, book: &Codebook) -> Result<Vec<Objection>, CodebookError> {
    let mut out = Vec::new();
    let mut known = codes::Known::new(book);
    for sentence in sentences::sentences(checked.text) {
        let days = dates::Days::of(checked.on, sentence.text);
        let spots = codes::spots(sentence.text, &mut known, checked.on)?;
        codes::object(&sentence, &spots, &days, &mut known, &mut out)?;
        let stated = tables::object(&sentence, &spots, &days, checked, book, &mut out)?;
        citations(&sentence, checked, stated, &mut out);
    }
    out.sort_by_key(|o| (o.from, o.to, o.kind));
    out.dedup();
    Ok(out)
}

/// An objection to a part of a sentence.
fn objection(
    kind: ObjectionKind,
    weight: Weight,
    sentence: &sentences::Sentence<'_>,
    place: std::ops::Range<usize>,
    why: String,
) -> Objection {
    let words = sentence.text.get(place.clone()).unwrap_or(sentence.text).to_owned();
    let (from, to) = (sentence.from + place.start, sentence.from + place.end);
    Objection { kind, weight, from, to, words, why, evidence: Vec::new() }
}

/// Anchors that point to nothing; facts of a table without one; what a person added without a source.
fn citations(
    sentence: &sentences::Sentence<'_>,
    checked: &Checked<'_>,
    stated: bool,
    out: &mut Vec<Objection>,
) {
    let whole = || 0..sentence.text.len();
    let mut anchored = false;
    for (at, number) in anchors(sentence.line) {
        anchored = true;
        // A line's anchors are looked at once, with its first sentence.
        let first = sentence.line.find(sentence.text) <= sentence.line.find(|c: char| c.is_alphanumeric());
        if first && (number == 0 || number > checked.sources) {
            let why = format!("[{number}] points to no source: the answer lists {}.", checked.sources);
            let mut found = objection(ObjectionKind::Citation, Weight::Blocks, sentence, whole(), why);
            found.words = sentence.line.get(at..).unwrap_or_default().chars().take(6).collect();
            out.push(found);
        }
    }
    if anchored {
        return;
    }
    let own = checked.drafted.is_some_and(|drafted| !drafted.contains(sentence.text));
    if own {
        let why = "These are the reviewer's own words: no source stands behind them.".to_owned();
        out.push(objection(ObjectionKind::OwnWords, Weight::Note, sentence, whole(), why));
    } else if stated {
        let why = "This states a fact of a table and names no source.".to_owned();
        out.push(objection(ObjectionKind::NoEvidence, Weight::Warns, sentence, whole(), why));
    }
}

/// `[12]` and its place, for each anchor of a line.
fn anchors(line: &str) -> impl Iterator<Item = (usize, usize)> {
    line.match_indices('[').filter_map(|(at, _)| {
        let inside = line.get(at + 1..)?.split(']').next()?;
        let digits = !inside.is_empty() && inside.len() < 4 && inside.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| Some((at, inside.parse().ok()?)))?
    })
}

#[cfg(test)]
mod tests;
