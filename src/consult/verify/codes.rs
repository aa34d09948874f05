//! The codes in a sentence, and whether each can be used on the date.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::dates::Days;
use super::sentences::Sentence;
use super::{Objection, ObjectionKind, Weight, objection};
use crate::codebook::{CodeEntry, Codebook, CodebookError};
use crate::domain::{CivilDate, CodeStatus, CodeSystem};

/// A code and where it stands in its sentence.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) place: Range<usize>,
    /// As officially written.
    pub(super) code: String,
    pub(super) entry: CodeEntry,
    /// Written as a family: `N18.-`.
    family: bool,
}

impl Spot {
    /// Whether NCCI and the fee schedule may speak of it.
    pub(super) fn is_service(&self) -> bool {
        matches!(self.entry.system, CodeSystem::Cpt | CodeSystem::Hcpcs)
    }
}

/// The codebook, asked once for each code and day.
pub(super) struct Known<'a> {
    book: &'a Codebook,
    entries: BTreeMap<(String, CivilDate), Option<CodeEntry>>,
}

impl<'a> Known<'a> {
    pub(super) fn new(book: &'a Codebook) -> Self {
        Self { book, entries: BTreeMap::new() }
    }

    /// The code where a table knows it on that day, or knew it once; else an entry that says it is unknown.
    fn entry(&mut self, code: &str, on: CivilDate) -> Result<Option<CodeEntry>, CodebookError> {
        let key = (code.to_owned(), on);
        if let Some(found) = self.entries.get(&key) {
            return Ok(found.clone());
        }
        let found = self.book.show(None, code, on)?.into_iter().next();
        self.entries.insert(key, found.clone());
        Ok(found)
    }
}

/// What can be a code: CPT and HCPCS II (five characters), ICD-10-CM with its point, categories, ICD-10-PCS.
static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b(?: [A-Z]\d[0-9A-Z]\.(?:[0-9A-Z]{1,4}|-)   # E11.22, N18.-
            | [0-9]{4}[0-9AFTUM]                      # 63020, 0001A
            | [A-Z][0-9]{4}                           # J3301
            | [A-TV-Z][0-9][0-9A-Z][0-9A-Z]{0,4}      # E1122, E11
            | [0-9A-HJ-NP-Z]{7} )                     # 0SRC0J9
        ",
    )
    .ok()
});

/// What says that a code stands here, just before it.
static CALLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:\bcodes?|\bcpt|\bhcpcs|\bicd[-\w]*|\breport|\bbill|\buse|\bappend\w* to|\bassign|\bsubmit|\badd-on|\bcolumn [12])\W{0,3}$",
    )
    .ok()
});

fn called(before: &str) -> bool {
    CALLED.as_ref().is_some_and(|c| c.is_match(before))
}

/// Whether the characters around a number make it an amount, a part of a longer number, or a case number.
fn is_other_number(sentence: &str, place: &Range<usize>) -> bool {
    let before = sentence.get(..place.start).unwrap_or_default();
    let after = sentence.get(place.end..).unwrap_or_default();
    let joined = before.ends_with('-') && {
        let run: String = before.trim_end_matches('-').chars().rev().take(5).collect();
        run.len() < 5 || !run.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    joined
        || before.ends_with(['$', '#', ',', '.', '/', '['])
            && !before.ends_with("./")
            && !(before.ends_with('/')
                && before.trim_end_matches('/').ends_with(|c: char| c.is_ascii_digit()))
        || before.trim_end().ends_with("USD")
        || after.starts_with('%')
        || after.starts_with(',') && after.get(1..4).is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()))
        || after.starts_with('.') && after.get(1..2).is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()))
        || after.trim_start().starts_with("USD")
        || after.trim_start().starts_with("US dollars")
}

/// The codes of a sentence. What only looks like one is left out, unless the words before it call it a code.
pub(super) fn spots(
    sentence: &str,
    known: &mut Known<'_>,
    on: CivilDate,
) -> Result<Vec<Spot>, CodebookError> {
    let mut out = Vec::new();
    for found in SHAPE.iter().flat_map(|s| s.find_iter(sentence)) {
        let (mut place, written) = (found.range(), found.as_str());
        let after = sentence.get(place.end..).unwrap_or_default();
        let within_word = after.chars().next().is_some_and(char::is_alphanumeric);
        let digits = written.bytes().filter(u8::is_ascii_digit).count();
        if within_word || digits == 0 || (written.len() == 5 && is_other_number(sentence, &place)) {
            continue;
        }
        let family = written.ends_with('-') || after.starts_with(".-");
        let plain = written.trim_end_matches(['-', '.']);
        if after.starts_with(".-") {
            place.end += 2;
        }
        let Some(entry) = known.entry(plain, on)? else { continue };
        let named = entry.is_known();
        let sure = written.contains('.') || called(sentence.get(..place.start).unwrap_or_default());
        // `T12` is a vertebra, `A1C` a test, `1234567` a number: without a word that says code, only what is known is one.
        let meant = if named {
            sure || written.len() >= 4 || entry.billable
        } else {
            (sure && plain.len() > 2) || (written.len() == 5 && looks_listed(sentence, &place))
        };
        if meant {
            out.push(Spot { place, code: entry.code.clone(), entry, family });
        }
    }
    Ok(out)
}

/// Five characters with a modifier, in a list or with an anchor: nothing but a code is written so.
fn looks_listed(sentence: &str, place: &Range<usize>) -> bool {
    let after = sentence.get(place.end..).unwrap_or_default();
    let modifier = after.strip_prefix('-').and_then(|m| m.get(..2));
    modifier.is_some_and(|m| m.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        || after.starts_with(" (CPT")
        || after.starts_with(" (HCPCS")
        || after.starts_with(" (ICD")
}

/// Words that say that there is no such code.
const DENIES: &[&str] = &[
    "not a code",
    "no code",
    "no such code",
    "does not exist",
    "is unknown",
    "not found",
    "is in no ",
    "never a code",
    "not a valid code",
    "invalid",
    "rejected",
    "not in the",
];
/// Words that say that a code is spoken of because its time is over, or has not come, or that tell its time.
const TIMED: &[&str] = &[
    "ended",
    "end of",
    "until",
    "deleted",
    "no longer",
    "replaced",
    "expired",
    "terminated",
    "invalid",
    "not valid",
    "not yet",
    "retired",
    "former",
    "was ",
    "were ",
    "before ",
    "prior to",
    "through ",
    "from ",
    "since ",
    "begins",
    "began",
    "starting",
    "successor",
    "instead of",
    "rejected",
    "in place of",
    "new code",
];
/// Words that say that a code is a heading.
const HEADINGS: &[&str] = &[
    "heading",
    "header",
    "category",
    "categories",
    "family",
    "more characters",
    "further character",
    "incomplete",
    "subcategor",
    "codes below",
    "not billable",
    "one of ",
    "a code from",
    "the codes of",
    "rejected",
    "invalid",
    "stage",
    "7th character",
];

/// Codes that no table knows; headings and codes out of time that are named as if they could be billed.
pub(super) fn object(
    sentence: &Sentence<'_>,
    spots: &[Spot],
    days: &Days,
    known: &mut Known<'_>,
    out: &mut Vec<Objection>,
) -> Result<(), CodebookError> {
    let lower = sentence.text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    let (denies, timed, heading) = (says(DENIES), says(TIMED), says(HEADINGS));
    for spot in spots {
        // It may be valid on a day that the sentence names.
        let mut best = spot.entry.clone();
        for day in days.all() {
            if let Some(entry) = known.entry(&spot.code, day)?.filter(|e| e.status == CodeStatus::Valid) {
                best = entry;
            }
        }
        let (code, on) = (&spot.code, days.on);
        let (kind, weight, why) = match best.status {
            CodeStatus::Unknown if best.complete && !denies => {
                let why = format!("{code} is in no loaded release: it must not be named as a code.");
                (ObjectionKind::UnknownCode, Weight::Blocks, why)
            }
            CodeStatus::Unknown | CodeStatus::NoData if !denies => {
                let why = format!("{code}: no loaded table tells whether it is a code on {on}.");
                (ObjectionKind::UnknownCode, Weight::Warns, why)
            }
            CodeStatus::Header if !spot.family && !heading => {
                let why = format!("{code} is a heading on {on}: it needs more characters to be reported.");
                (ObjectionKind::NotBillable, Weight::Warns, why)
            }
            CodeStatus::Ended if !timed => {
                let until = best.valid_to.map(|d| format!(" on {d}")).unwrap_or_default();
                let why = format!("{code} ended{until}: it is not valid on {on}.");
                (ObjectionKind::NotBillable, Weight::Blocks, why)
            }
            CodeStatus::NotYetValid if !timed => {
                let from = best.valid_from.map(|d| format!(" before {d}")).unwrap_or_default();
                let why = format!("{code} is not valid{from}: the date is {on}.");
                (ObjectionKind::NotBillable, Weight::Blocks, why)
            }
            _ => continue,
        };
        let mut found = objection(kind, weight, sentence, spot.place.clone(), why);
        found.evidence = best.evidence.into_iter().collect();
        out.push(found);
    }
    Ok(())
}
