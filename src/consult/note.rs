//! A pasted note: the phrases in it that describe something, what is said of each (present, denied, suspected, a family's or a
//! past disease), and the codes that fit. Candidates for a coder to choose from, never a coding of the note.

use crate::codebook::{CodeEntry, Codebook, CodebookError, SearchHit};
use crate::consult::candidates::{EMPTY, shares_enough};
use crate::consult::extract;
use crate::domain::{CivilDate, CodeStatus, CodeSystem};

/// How much of a note is read, in characters, and how many phrases of it are looked up.
const LONGEST: usize = 20_000;
const PHRASES: usize = 60;
/// How many codes are offered for a phrase.
const OFFERED: usize = 4;
/// From this score on, a phrase of one word may lead to a code whose text says more.
const SURE: f64 = 0.75;

/// What a note says of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Described as present.
    Present,
    /// A past disease or operation.
    Past,
    /// A relative's disease.
    Family,
    /// Suspected, to be ruled out.
    Uncertain,
    /// Denied, or looked for and not found.
    Denied,
}

impl Said {
    /// In words, with what it means for coding.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Present => "described as present",
            Self::Past => "a past condition: a history code, unless it is still treated",
            Self::Family => "a relative's condition: a family history code",
            Self::Uncertain => {
                "suspected or to be ruled out: not coded for outpatients, the sign or symptom is (guideline IV.H)"
            }
            Self::Denied => "denied or not found: not coded",
        }
    }
}

/// A phrase of a note.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// As it stands in the note.
    pub text: String,
    /// What the note says of it.
    pub said: Said,
    /// The codes that fit; none for what is denied.
    pub codes: Vec<SearchHit>,
    /// Whether the note itself names the code.
    pub named: bool,
}

/// What triggers a reading of what follows, until the sentence turns.
const TRIGGERS: &[(&str, Said)] = &[
    ("family history of", Said::Family),
    ("family hx of", Said::Family),
    ("fh of", Said::Family),
    ("fhx of", Said::Family),
    ("mother with", Said::Family),
    ("father with", Said::Family),
    ("mother had", Said::Family),
    ("father had", Said::Family),
    ("personal history of", Said::Past),
    ("past medical history of", Said::Present),
    ("history of", Said::Past),
    ("hx of", Said::Past),
    ("h/o", Said::Past),
    ("status post", Said::Past),
    ("s/p", Said::Past),
    ("rule out", Said::Uncertain),
    ("ruled out", Said::Denied),
    ("r/o", Said::Uncertain),
    ("possible", Said::Uncertain),
    ("possibly", Said::Uncertain),
    ("probable", Said::Uncertain),
    ("probably", Said::Uncertain),
    ("suspected", Said::Uncertain),
    ("suspicious for", Said::Uncertain),
    ("concern for", Said::Uncertain),
    ("concerning for", Said::Uncertain),
    ("questionable", Said::Uncertain),
    ("versus", Said::Uncertain),
    ("vs", Said::Uncertain),
    ("cannot exclude", Said::Uncertain),
    ("denies any", Said::Denied),
    ("denies", Said::Denied),
    ("denied", Said::Denied),
    ("negative for", Said::Denied),
    ("no evidence of", Said::Denied),
    ("no signs of", Said::Denied),
    ("no sign of", Said::Denied),
    ("no history of", Said::Denied),
    ("no hx of", Said::Denied),
    ("no family history of", Said::Denied),
    ("no known", Said::Denied),
    ("no", Said::Denied),
    ("not", Said::Denied),
    ("never had", Said::Denied),
];

/// Words after which the trigger before holds no longer.
const TURNS: &[&str] = &[
    "but",
    "however",
    "except",
    "although",
    "presents",
    "reports",
    "reported",
    "complains",
    "admits",
    "positive for",
    "now with",
    "has",
    "shows",
    "assessment",
    "impression",
    "plan",
    "diagnosis",
    "here for",
    "seen for",
];

/// Reads a masked note.
///
/// # Errors
/// If the codebook cannot be read.
pub fn read_note(text: &str, on: CivilDate, book: &Codebook) -> Result<Vec<Phrase>, CodebookError> {
    let text: String = text.chars().take(LONGEST).collect();
    let mut all: Vec<Phrase> = Vec::new();
    named(&text, on, book, &mut all)?;
    for (said, phrase) in sentences(&text).iter().flat_map(|s| clauses(s)) {
        let words = kept(&phrase);
        if words.is_empty() || all.iter().any(|p| p.text.eq_ignore_ascii_case(&phrase)) {
            continue;
        }
        if all.len() >= PHRASES {
            break;
        }
        let codes = match said {
            Said::Denied => Vec::new(),
            said => search(&words, said, on, book)?,
        };
        // What describes nothing that any code says is no phrase to show; what is denied is shown if it would have.
        let tells = match said {
            Said::Denied => !search(&words, Said::Present, on, book)?.is_empty(),
            _ => !codes.is_empty(),
        };
        if tells {
            all.push(Phrase { text: phrase, said, codes, named: false });
        }
    }
    Ok(all)
}

/// Codes that the note names itself.
fn named(text: &str, on: CivilDate, book: &Codebook, all: &mut Vec<Phrase>) -> Result<(), CodebookError> {
    for mention in extract::read(text, on).codes.iter().take(PHRASES / 2) {
        let entries = book.show(None, &mention.code, on)?;
        let Some(entry) = entries.into_iter().find(CodeEntry::is_known) else { continue };
        if all.iter().any(|p| p.text == mention.code) {
            continue;
        }
        let hit = SearchHit {
            code: entry.code.clone(),
            system: entry.system,
            billable: entry.status == CodeStatus::Valid && entry.billable,
            description: entry.description,
            cpt_text: None,
            name: None,
            score: 1.0,
        };
        all.push(Phrase { text: mention.code.clone(), said: Said::Present, codes: vec![hit], named: true });
    }
    Ok(())
}

fn search(
    words: &[String],
    said: Said,
    on: CivilDate,
    book: &Codebook,
) -> Result<Vec<SearchHit>, CodebookError> {
    let joined = words.join(" ");
    let query = match said {
        Said::Family => format!("family history of {joined}"),
        Said::Past => format!("personal history of {joined}"),
        _ => joined.clone(),
    };
    let mut found = book.search(&query, Some(CodeSystem::Icd10cm), on, OFFERED)?;
    if said == Said::Past {
        found.extend(book.search(&joined, Some(CodeSystem::Icd10cm), on, OFFERED)?);
    }
    found.retain(|hit| {
        shares_enough(&joined.to_lowercase(), &hit.description) || (hit.score >= SURE && words.len() <= 3)
    });
    // A history code is told by its text; what else was found is the present disease.
    if said == Said::Family {
        found.retain(|hit| hit.description.to_lowercase().contains("family history"));
    }
    let mut seen: Vec<String> = Vec::new();
    found.retain(|hit| {
        let fresh = !seen.contains(&hit.code);
        seen.push(hit.code.clone());
        fresh
    });
    found.truncate(OFFERED);
    Ok(found)
}

/// Sentences: a full stop inside a number or a code ends none.
fn sentences(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let next_blank = letters.peek().is_none_or(|n| n.is_whitespace());
        if matches!(c, '\n' | '\r' | ';' | '!' | '?' | ':' | '•') || (c == '.' && next_blank) {
            all.push(String::new());
        } else if let Some(last) = all.last_mut() {
            last.push(if c.is_control() { ' ' } else { c });
        }
    }
    all.retain(|s| !s.trim().is_empty());
    all
}

/// The clauses of a sentence with what is said of each. A trigger holds over commas until the sentence turns.
fn clauses(sentence: &str) -> Vec<(Said, String)> {
    let mut all = Vec::new();
    let mut said = Said::Present;
    let lower = sentence.to_lowercase();
    let header = ["family history", "family hx", "fhx"].iter().any(|h| lower.trim() == *h);
    if header {
        return all;
    }
    for part in sentence.split(',') {
        let mut words: Vec<&str> = Vec::new();
        let tokens: Vec<&str> = part.split_whitespace().collect();
        let mut at = 0;
        while let Some(rest) = tokens.get(at..).filter(|r| !r.is_empty()) {
            if let Some((length, new)) = trigger(rest) {
                flush(&mut words, said, &mut all);
                said = new;
                at += length;
            } else if let Some(length) = turn(rest) {
                flush(&mut words, said, &mut all);
                said = Said::Present;
                at += length;
            } else {
                words.extend(rest.first());
                at += 1;
            }
        }
        flush(&mut words, said, &mut all);
        // "Possible" and "history of" speak of what stands beside them, a denial of a whole list.
        if matches!(said, Said::Uncertain) {
            said = Said::Present;
        }
    }
    all
}

fn flush(words: &mut Vec<&str>, said: Said, all: &mut Vec<(Said, String)>) {
    let edge = |w: &str| {
        matches!(w.to_lowercase().as_str(), "or" | "and" | "the" | "a" | "an" | "any" | "of" | "with" | "for")
    };
    let first = words.iter().position(|w| !edge(w)).unwrap_or(words.len());
    let last = words.iter().rposition(|w| !edge(w)).map_or(0, |i| i + 1);
    // A denied list is a phrase each: "chest pain or fever".
    let kept = words.get(first..last).unwrap_or_default();
    let parts: Vec<&[&str]> = match said {
        Said::Denied | Said::Family => {
            kept.split(|w| matches!(w.to_lowercase().as_str(), "or" | "and")).collect()
        }
        _ => vec![kept],
    };
    for part in parts {
        let text = part
            .join(" ")
            .trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ']' | '[' | ')' | '('))
            .to_owned();
        if !text.is_empty() && part.len() <= 14 {
            all.push((said, text));
        }
    }
    words.clear();
}

fn begins(tokens: &[&str], phrase: &str) -> Option<usize> {
    let mut length = 0;
    for word in phrase.split(' ') {
        let token = tokens.get(length)?;
        let plain = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
        if !plain.eq_ignore_ascii_case(word) {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// The longest trigger at the beginning.
fn trigger(tokens: &[&str]) -> Option<(usize, Said)> {
    // "No longer", "not only" and the like deny nothing that follows.
    if ["no longer", "no change", "not only", "no show", "no. "]
        .iter()
        .any(|p| begins(tokens, p.trim()).is_some())
    {
        return None;
    }
    let found = TRIGGERS.iter().filter_map(|(phrase, said)| Some((begins(tokens, phrase)?, *said)));
    found.max_by_key(|(length, _)| *length)
}

fn turn(tokens: &[&str]) -> Option<usize> {
    TURNS.iter().filter_map(|phrase| begins(tokens, phrase)).max()
}

/// The words of a phrase that describe; placeholders of what was masked describe nothing.
fn kept(phrase: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut masked = false;
    for c in phrase.chars() {
        match c {
            '[' => masked = true,
            ']' => masked = false,
            c if !masked => bare.push(c),
            _ => {}
        }
    }
    let empty: Vec<&str> = EMPTY.split_whitespace().collect();
    bare.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '/')))
        .filter(|w| !w.is_empty() && !empty.contains(&w.to_lowercase().as_str()))
        .filter(|w| w.chars().any(char::is_alphabetic))
        .take(12)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(sentence: &str) -> Vec<(Said, String)> {
        clauses(sentence)
    }

    #[test]
    fn what_is_denied_suspected_past_or_a_relatives_is_told_apart() {
        let one = |s, t: &str| (s, t.to_owned());
        assert_eq!(
            said("Patient has low back pain, denies fever, chills or weight loss"),
            [
                one(Said::Present, "Patient"),
                one(Said::Present, "low back pain"),
                one(Said::Denied, "fever"),
                one(Said::Denied, "chills"),
                one(Said::Denied, "weight loss")
            ]
        );
        assert_eq!(said("no chest pain but reports cough").last(), Some(&one(Said::Present, "cough")));
        assert_eq!(
            said("R/O pneumonia, asthma"),
            [one(Said::Uncertain, "pneumonia"), one(Said::Present, "asthma")]
        );
        assert_eq!(
            said("Family history of breast cancer and diabetes"),
            [one(Said::Family, "breast cancer"), one(Said::Family, "diabetes")]
        );
        assert_eq!(said("h/o stroke"), [one(Said::Past, "stroke")]);
        assert_eq!(said("No family history of colon cancer"), [one(Said::Denied, "colon cancer")]);
        assert_eq!(
            said("Type 2 diabetes without complications"),
            [one(Said::Present, "Type 2 diabetes without complications")]
        );
    }

    #[test]
    fn a_note_gives_candidates_with_their_phrases() {
        let book = Codebook::starter().unwrap();
        let note = "Assessment: low back pain. Denies hypertension. Billed 99213, dx M54.50.";
        let found = read_note(note, "2025-11-01".parse().unwrap(), &book).unwrap();
        let of = |text: &str| found.iter().find(|p| p.text.to_lowercase() == text);
        assert!(of("m54.50").unwrap().named);
        let pain = of("low back pain").unwrap();
        assert!(pain.codes.iter().any(|c| c.code.starts_with("M54.5")), "{pain:?}");
        assert!(found.iter().all(|p| p.said != Said::Denied || p.codes.is_empty()));
    }

    #[test]
    fn any_bytes_are_read_within_bounds() {
        let book = Codebook::starter().unwrap();
        let on = "2025-11-01".parse().unwrap();
        for hostile in ["", "\u{0}\u{202e}\u{feff}", "[[[[", &"no ".repeat(40_000), &"é,".repeat(30_000)] {
            assert!(read_note(hostile, on, &book).unwrap().len() <= PHRASES);
        }
    }
}
