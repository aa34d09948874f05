//! Codes for a description: offered as candidates for a person to choose from, never asserted.

use std::collections::BTreeSet;

use crate::codebook::{CodeEntry, Codebook, CodebookError, spoken};
use crate::consult::extract::Drug;
use crate::consult::guidance::{Note, has_word};
use crate::domain::{CivilDate, CodeStatus, CodeSystem};

/// How many candidates an answer shows beside those of guidance notes.
const SHOWN: usize = 5;
/// How many codes of notes it shows, and how many of one note without comparing them with the question.
const SUGGESTED: usize = 6;
const FEW: usize = 2;
/// Scores of the search below which a hit is chance, and from which it is sure without a look at its words.
const FAIR: f64 = 0.45;
const GOOD: f64 = 0.8;

/// A candidate and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    /// The codebook's entry on the date.
    pub entry: CodeEntry,
    /// A guidance note leads to it; otherwise it was found by its words.
    pub by_note: bool,
}

/// Words that describe no disease or service.
pub(crate) const EMPTY: &str = "a an the of and or with without for to in on at is are was were be been has have had do does did \
     she he her his they them their we our us i you your it its this that these those which what who how when where why \
     can could may should would will please pls thanks thank hello hi dear good morning afternoon code codes coding \
     icd icd9 icd-9 icd10 icd-10 icd-10-cm 10 cm cpt hcpcs dx diagnosis diagnoses bill billed billing billable claim visit office seen \
     patient pt year old yo order takes taking every night day daily no not any need needed correct right use used \
     regards best question desk team also both same regarding about help";

/// The system that is asked for, if the text tells.
fn wanted(text: &str) -> Option<CodeSystem> {
    let has = |w: &str| has_word(text, w);
    if has("cpt") || has("procedure code") {
        Some(CodeSystem::Cpt)
    } else if has("hcpcs") || has("j code") || has("j-code") || has("drug code") {
        Some(CodeSystem::Hcpcs)
    } else if has("icd") || text.contains("icd-10") || text.contains("icd10") || has("dx") || has("diagnosis")
    {
        Some(CodeSystem::Icd10cm)
    } else {
        None
    }
}

/// The codes of notes that fit the question. A note that names many codes is a list to choose from: of those only the
/// ones stay whose texts have something of the question that the others lack.
fn suggested(
    notes: &[&Note],
    asked: &str,
    on: CivilDate,
    book: &Codebook,
) -> Result<Vec<CodeEntry>, CodebookError> {
    let question: BTreeSet<String> = spoken(asked).into_iter().map(|w| w.stem).collect();
    let mut ordered: Vec<&Note> = notes.to_vec();
    // What goes with another code comes after it.
    ordered.sort_by_key(|n| n.additional);
    let mut out = Vec::new();
    for note in ordered {
        let mut entries: Vec<(CodeEntry, BTreeSet<String>)> = Vec::new();
        for code in &note.suggest {
            let found = book.show(None, code, on)?.into_iter().find(|e| e.status == CodeStatus::Valid);
            entries.extend(found.map(|e| {
                let stems = spoken(&e.description).into_iter().map(|w| w.stem).collect();
                (e, stems)
            }));
        }
        if entries.len() > FEW {
            nearest(&question, &mut entries);
        }
        out.extend(entries.into_iter().map(|(e, _)| e));
    }
    Ok(out)
}

/// Of several codes those whose texts have something of the question that the others lack.
fn nearest(question: &BTreeSet<String>, entries: &mut Vec<(CodeEntry, BTreeSet<String>)>) {
    let common = |stem: &String| entries.iter().all(|(_, stems)| stems.contains(stem));
    let shared: Vec<usize> = entries
        .iter()
        .map(|(_, stems)| stems.iter().filter(|s| question.contains(*s) && !common(s)).count())
        .collect();
    let most = shared.iter().copied().max().unwrap_or(0);
    let mut each = shared.iter();
    entries.retain(|_| each.next().is_some_and(|n| *n == most && most > 0));
}

/// The billable codes below a heading that fit the question's words best; none if its words tell nothing.
pub(crate) fn below(children: &[CodeEntry], asked: &str) -> Vec<Candidate> {
    let question: BTreeSet<String> = spoken(asked).into_iter().map(|w| w.stem).collect();
    let billable = children.iter().filter(|e| e.status == CodeStatus::Valid);
    let mut entries: Vec<(CodeEntry, BTreeSet<String>)> =
        billable.map(|e| (e.clone(), spoken(&e.description).into_iter().map(|w| w.stem).collect())).collect();
    if entries.len() > 1 {
        nearest(&question, &mut entries);
    }
    entries.truncate(SHOWN);
    entries.into_iter().map(|(entry, _)| Candidate { entry, by_note: false }).collect()
}

/// Candidates: those of notes first, then those found by the words of `text` (lower case; empty: none are looked for).
/// `asked` is all that the question says.
pub(crate) fn find(
    text: &str,
    asked: &str,
    notes: &[&Note],
    on: CivilDate,
    book: &Codebook,
) -> Result<Vec<Candidate>, CodebookError> {
    let mut out: Vec<Candidate> = Vec::new();
    for entry in suggested(notes, asked, on, book)? {
        if out.len() < SUGGESTED && !out.iter().any(|c| c.entry.code == entry.code) {
            out.push(Candidate { entry, by_note: true });
        }
    }
    let by_notes = out.len();
    // What several notes lead to is a whole answer; single words of the question would only add noise to it.
    if by_notes > 1 {
        return Ok(out);
    }
    let system = wanted(text);
    let mut hits = Vec::new();
    for phrase in phrases(text) {
        let found = book.search(&phrase, system, on, 3)?;
        hits.extend(found.into_iter().filter(|hit| {
            hit.score >= FAIR && (hit.score >= GOOD || shares_enough(&phrase, &hit.description))
        }));
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.code.cmp(&b.code)));
    for hit in hits.into_iter().filter(|h| h.billable) {
        if out.len() >= by_notes + SHOWN || (by_notes > 0 && out.len() >= by_notes + 2) {
            break;
        }
        let category = |code: &str| code.chars().take(3).collect::<String>();
        let known = |c: &Candidate| {
            c.entry.code == hit.code || (c.by_note && category(&c.entry.code) == category(&hit.code))
        };
        if out.iter().any(known) {
            continue;
        }
        let entry = book.show(Some(hit.system), &hit.code, on)?.into_iter().next();
        if let Some(entry) = entry.filter(|e| e.status == CodeStatus::Valid) {
            out.push(Candidate { entry, by_note: false });
        }
    }
    Ok(out)
}

/// The codes of drugs that the question names, first of all: HCPCS names them by their generic names.
pub(crate) fn drugs(
    drugs: &[Drug],
    on: CivilDate,
    book: &Codebook,
    out: &mut Vec<Candidate>,
) -> Result<(), CodebookError> {
    let mut found = Vec::new();
    for drug in drugs.iter().take(3) {
        let name = spoken(drug.generic);
        for hit in book.search(drug.generic, Some(CodeSystem::Hcpcs), on, 4)? {
            let text = spoken(&hit.description);
            let named = name.iter().all(|w| text.iter().any(|t| t.stem == w.stem));
            if !named || !hit.billable || out.iter().any(|c| c.entry.code == hit.code) {
                continue;
            }
            let entry = book.show(Some(hit.system), &hit.code, on)?.into_iter().next();
            found.extend(
                entry
                    .filter(|e| e.status == CodeStatus::Valid)
                    .map(|entry| Candidate { entry, by_note: false }),
            );
        }
    }
    // Words alone found what is not named: beside a drug's own codes they are noise.
    if !found.is_empty() {
        out.retain(|c| c.by_note);
    }
    out.extend(found);
    Ok(())
}

/// Whether a description has more in common with a phrase than one chance word: two words, or all of a description
/// of one. Phrases with abbreviations are left to the search, which knows what they stand for.
pub(crate) fn shares_enough(phrase: &str, description: &str) -> bool {
    let stem = |w: &str| w.chars().take(5).collect::<String>();
    let words = |text: &str| -> Vec<String> {
        let mut words: Vec<String> = text
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| w.chars().count() >= 4 && !matches!(*w, "unspecified" | "with" | "without" | "other"))
            .map(stem)
            .collect();
        words.sort();
        words.dedup();
        words
    };
    const WORDS: &[&str] =
        &["cut", "doc", "eye", "leg", "arm", "hip", "toe", "ear", "old", "new", "two", "one", "ago", "kid"];
    let short = phrase.split([' ', '-']).any(|w| (2..=3).contains(&w.chars().count()) && !WORDS.contains(&w));
    let (asked, said) = (words(phrase), words(description));
    let shared = said.iter().filter(|w| asked.contains(w)).count();
    short || shared >= 2 || (shared == 1 && said.len() <= 2)
}

/// The phrases of a text that describe something: at least two words that are not empty.
fn phrases(text: &str) -> Vec<String> {
    let empty: Vec<&str> = EMPTY.split_whitespace().collect();
    let mut out: Vec<String> = Vec::new();
    for part in text.split(['.', '?', '!', ';', '\n', ':', '–', ',']).take(40) {
        let denied = ["no ", "without ", "denies ", "not "].iter().any(|n| part.trim_start().starts_with(n));
        if denied {
            continue;
        }
        let kept: Vec<&str> = part
            .split(|c: char| !(c.is_alphanumeric() || c == '-'))
            .filter(|w| !w.is_empty() && !empty.contains(w) && !w.chars().all(|c| c.is_ascii_digit()))
            .take(12)
            .collect();
        let joined = kept.join(" ");
        if kept.len() >= 2 && !out.contains(&joined) {
            out.push(joined);
        }
    }
    out.truncate(8);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_chance_word_is_no_candidate() {
        assert!(shares_enough("probable pneumonia", "Pneumonia, unspecified organism"));
        assert!(shares_enough("pain left knee", "Pain in left knee"));
        assert!(shares_enough("htn heart failure", "Hypertensive heart disease"));
        assert!(!shares_enough(
            "closed cut face sutures",
            "Sewing a long-torn tendon back through an open cut"
        ));
        assert!(!shares_enough("clinic quit lisinopril", "Clinic visit/encounter, all-inclusive"));
        assert!(!shares_enough("surgeon poison sumac", "Surgeon takes pressure off one nerve in the neck"));
    }

    #[test]
    fn phrases_hold_what_describes() {
        let found = phrases("t2dm + ckd 3b on insulin – which codes?\nhello coding desk,\nthanks");
        assert_eq!(found, ["t2dm ckd 3b insulin"]);
    }
}
