//! Whether a text holds words of a CPT or CDT descriptor, without keeping the descriptors.
//!
//! Descriptors are the American Medical Association's (CDT's the American Dental Association's): of those in a file only
//! keyed hashes of word groups are kept. A group is a run of five content words of a descriptor, or a whole descriptor of
//! four; shorter ones are everyday words and are not looked for. Groups that public official texts or our own texts use,
//! too, are no sign of a descriptor and never reported.
//!
//! The key is one for all books, so that the same files give the same bytes and a group of many releases is one. It is
//! kept in the book. Who has book and program can test a guess, as with any such table; nobody can read a text out of it.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError};
use crate::domain::hex;

/// Content words of a group.
const GROUP: usize = 5;
/// A whole descriptor of so many words is a group, too.
const SHORTEST: usize = 4;
/// So many words of a text are looked at.
const MOST_WORDS: usize = 100_000;
/// The most codes that are named for one place.
const MOST_CODES: usize = 6;

/// Words that say little: descriptors and everybody's sentences differ in them first.
const LITTLE: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it", "of", "on", "or",
    "that", "the", "this", "to", "was", "were", "with",
];

/// What the check of a text found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DescriptorCheck {
    /// The loaded files had descriptors: these places of the text use their words, in the order of the text.
    Available {
        /// The places; none: no word group of a descriptor stands in the text.
        matches: Vec<DescriptorMatch>,
    },
    /// No loaded file had descriptors: nothing can be said.
    Unavailable,
}

/// A place of a text that uses the words of a descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescriptorMatch {
    /// Bytes of the text, from the first word to the last.
    pub place: Range<usize>,
    /// The codes whose descriptors have these words; of many the first few.
    pub codes: Vec<String>,
}

/// The key with which word groups are hashed.
fn key() -> [u8; 32] {
    Sha256::digest(b"caseconsultant: word groups of descriptors, 1").into()
}

/// The hasher of a key: a whole block of it lies before the words.
struct Hasher(Sha256);

impl Hasher {
    fn new(key: &[u8]) -> Self {
        let mut block = [0u8; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        Self(Sha256::new().chain_update(block))
    }

    fn of(&self, words: &[Word]) -> i64 {
        let mut hash = self.0.clone();
        for word in words {
            hash.update(word.text.as_bytes());
            hash.update(b" ");
        }
        let digest = hash.finalize();
        let mut first = [0u8; 8];
        for (to, from) in first.iter_mut().zip(digest.iter()) {
            *to = *from;
        }
        i64::from_le_bytes(first)
    }
}

/// A content word with its place.
#[derive(Debug)]
struct Word {
    text: String,
    place: Range<usize>,
}

/// The content words of a text: letters and digits in lower case, the plural's s left off.
fn words(text: &str) -> Vec<Word> {
    let mut all = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                start = None;
                let written = text.get(from..at).unwrap_or_default().to_lowercase();
                if LITTLE.contains(&written.as_str()) {
                    continue;
                }
                let plural = written.len() > 3 && written.ends_with('s') && !written.ends_with("ss");
                let kept = if plural { written.len() - 1 } else { written.len() };
                let text = written.get(..kept).unwrap_or(&written).to_owned();
                all.push(Word { text, place: from..at });
                if all.len() >= MOST_WORDS {
                    break;
                }
            }
            _ => {}
        }
    }
    all
}

/// Whether the texts of a code may not be kept: CPT's and CDT's.
pub(crate) fn is_restricted(code: &str) -> bool {
    crate::codebook::import::is_cpt(code) || code.starts_with('D')
}

/// Hashes the word groups of descriptors.
pub(crate) struct GroupHasher(Hasher);

impl GroupHasher {
    pub(crate) fn new() -> Self {
        Self(Hasher::new(&key()))
    }

    /// The word groups of a descriptor. None: it is too short.
    pub(crate) fn groups(&self, descriptor: &str) -> Vec<i64> {
        let words = words(descriptor);
        let mut all: Vec<i64> = match words.len() {
            0..SHORTEST => Vec::new(),
            SHORTEST => vec![self.0.of(&words)],
            _ => words.windows(GROUP).map(|group| self.0.of(group)).collect(),
        };
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Keeps the word groups of a descriptor of `code`.
pub(crate) fn store(
    connection: &Connection,
    release: i64,
    code: &str,
    groups: &[i64],
) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached("INSERT OR IGNORE INTO descriptor_group VALUES (?1,?2,?3)")?;
    groups.iter().try_for_each(|hash| put.execute(params![hash, code, release]).map(|_| ()))
}

/// Public official texts, and ours.
const PUBLIC: &[&str] = &[
    "SELECT text FROM text WHERE id IN (SELECT text_id FROM code)",
    "SELECT text FROM text WHERE id IN (SELECT text_id FROM name)",
    "SELECT text FROM text WHERE id IN (SELECT text_id FROM tabular_note)",
    "SELECT text FROM modifier",
    "SELECT name||' '||description FROM place_of_service",
    "SELECT text FROM own_text",
    "SELECT words FROM own_text",
];

/// Notes which groups are no sign of a descriptor, and the key. Called once, at the end of a book's build.
pub(crate) fn derive(connection: &Connection) -> rusqlite::Result<()> {
    let known: HashSet<i64> = connection
        .prepare("SELECT DISTINCT hash FROM descriptor_group")?
        .query_map([], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    if known.is_empty() {
        return Ok(());
    }
    let (key, mut public) = (key(), BTreeSet::new());
    let hasher = Hasher::new(&key);
    for sql in PUBLIC {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let words = words(row.get_ref(0)?.as_str()?);
            for size in [SHORTEST, GROUP] {
                public.extend(words.windows(size).map(|w| hasher.of(w)).filter(|hash| known.contains(hash)));
            }
        }
    }
    let mut put = connection.prepare("INSERT INTO descriptor_public VALUES (?1)")?;
    for hash in public {
        put.execute([hash])?;
    }
    connection.execute("INSERT INTO meta VALUES ('descriptor_key', ?1)", [hex(&key)]).map(|_| ())
}

const DOING: &str = "checking a text for descriptors";

impl Codebook {
    /// Whether a text uses words of CPT or CDT descriptors. The look-up is by hashes, so it is there without a licence,
    /// too, if the loaded files had descriptors.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn descriptor_check(&self, text: &str) -> Result<DescriptorCheck, CodebookError> {
        let connection = self.connection()?;
        let key: Option<String> = connection
            .prepare_cached("SELECT value FROM meta WHERE key='descriptor_key'")
            .and_then(|mut s| s.query_map([], |r| r.get(0))?.next().transpose())
            .doing(DOING)?;
        let Some(key) = key.as_deref().and_then(bytes) else { return Ok(DescriptorCheck::Unavailable) };
        let (hasher, words) = (Hasher::new(&key), words(text));
        let find = || -> rusqlite::Result<Vec<DescriptorMatch>> {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT code FROM descriptor_group WHERE hash=?1
                 AND NOT EXISTS (SELECT 1 FROM descriptor_public WHERE hash=?1) ORDER BY code LIMIT ?2",
            )?;
            let mut matches: Vec<DescriptorMatch> = Vec::new();
            for from in 0..words.len() {
                for size in [GROUP, SHORTEST] {
                    let Some(group) = words.get(from..from + size) else { continue };
                    let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
                    let most = i64::try_from(MOST_CODES).unwrap_or(i64::MAX);
                    let codes: Vec<String> = statement
                        .query_map(params![hasher.of(group), most], |r| r.get(0))?
                        .collect::<Result<_, _>>()?;
                    if !codes.is_empty() {
                        note(&mut matches, first.place.start..last.place.end, codes);
                    }
                }
            }
            Ok(matches)
        };
        Ok(DescriptorCheck::Available { matches: find().doing(DOING)? })
    }
}

/// Adds a place; one that overlaps the last makes that longer: then the codes count that have both, if there are any.
fn note(matches: &mut Vec<DescriptorMatch>, place: Range<usize>, codes: Vec<String>) {
    if let Some(last) = matches.last_mut().filter(|last| place.start < last.place.end) {
        last.place.end = last.place.end.max(place.end);
        let both: Vec<String> = last.codes.iter().filter(|c| codes.contains(c)).cloned().collect();
        if !both.is_empty() {
            last.codes = both;
        }
        return;
    }
    matches.push(DescriptorMatch { place, codes });
}

/// The bytes of hex digits.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |d: u8| char::from(d).to_digit(16).and_then(|d| u8::try_from(d).ok());
    rest.is_empty().then_some(())?;
    pairs.iter().map(|[high, low]| Some(digit(*high)? * 16 + digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        words(text).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn words_are_compared_as_people_vary_them() {
        assert_eq!(said("Polishing of the Brass Wheels, each"), said("polishing brass wheel — each"));
        assert_eq!(said("é1 glass"), ["é1", "glass"]);
        assert!(said(" \u{0} of the").is_empty());
    }

    #[test]
    fn short_descriptors_have_no_groups_and_long_ones_a_run_each() {
        let hasher = GroupHasher::new();
        assert!(hasher.groups("Polish brass wheel").is_empty());
        assert_eq!(hasher.groups("Polish small brass wheel").len(), 1);
        assert_eq!(hasher.groups("Polish the small brass wheel of a barrow").len(), 1);
        assert_eq!(hasher.groups("one two three four five six seven").len(), 3);
        assert_ne!(hasher.groups("Polish small brass wheel"), hasher.groups("Polish small brass wheel axle"));
    }

    #[test]
    fn overlapping_places_are_one_and_its_codes_those_of_both() {
        let mut matches = Vec::new();
        note(&mut matches, 0..10, vec!["1".into(), "2".into()]);
        note(&mut matches, 4..14, vec!["2".into(), "3".into()]);
        note(&mut matches, 20..24, vec!["4".into()]);
        assert_eq!(matches[0], DescriptorMatch { place: 0..14, codes: vec!["2".into()] });
        assert_eq!(matches.len(), 2);
    }

    #[test]
    fn the_key_survives_being_written() {
        assert_eq!(bytes(&hex(&key())).unwrap(), key());
        assert!(bytes("zz").is_none() && bytes("abc").is_none());
    }
}
