//! What can be counted of a draft without understanding it.

use std::collections::BTreeSet;

use crate::cli::eval::Drafted;
use crate::codebook::{Codebook, CodebookError};
use crate::domain::{CivilDate, CodeStatus};

/// The draft without its sources and the publishers' notices.
pub(super) fn own_text(text: &str) -> &str {
    let end = ["\n## Sources", "\n---\n"].iter().filter_map(|mark| text.find(mark)).min();
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The number of words that a reader has to read.
pub(super) fn words(text: &str) -> usize {
    own_text(text).split_whitespace().count()
}

/// Everything in a text that has the form of a code.
pub(super) fn codes(text: &str) -> BTreeSet<String> {
    let part = |c: char| !(c.is_ascii_alphanumeric() || c == '.');
    let words = text.split(part).map(|w| w.trim_matches('.'));
    words.filter(|w| is_code(w)).map(str::to_owned).collect()
}

fn is_code(word: &str) -> bool {
    let (head, tail) = word.split_once('.').unwrap_or((word, ""));
    let all = |text: &str, fits: fn(&u8) -> bool| text.bytes().all(|b| fits(&b));
    let number = |text: &str| !text.is_empty() && all(text, u8::is_ascii_digit);
    let capital = |text: &str| all(text, |b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let mut letters = head.chars();
    let first = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    if word.contains('.') {
        // A diagnosis with its dot.
        let second = letters.next().is_some_and(|c| c.is_ascii_digit());
        return first
            && second
            && head.len() == 3
            && capital(head)
            && (1..=4).contains(&tail.len())
            && capital(tail);
    }
    let rest = head.get(1..).unwrap_or_default();
    let most = head.get(..head.len().saturating_sub(1)).unwrap_or_default();
    let last = head.ends_with(['F', 'T', 'U', 'M']);
    match head.len() {
        5 => number(head) || (first && number(rest)) || (number(most) && last),
        // A category; A1C and the like are no codes.
        3 => first && number(head.get(1..2).unwrap_or_default()) && capital(rest) && head != "A1C",
        _ => false,
    }
}

/// Codes that the draft names of itself and the codebook has in no system, or claims to be valid and are not.
pub(super) fn not_in_book(
    d: &Drafted,
    book: &Codebook,
    day: CivilDate,
) -> Result<Vec<String>, CodebookError> {
    let asked = codes(&format!("{} {}", d.case.subject, d.case.body).to_uppercase());
    let mut out = Vec::new();
    for code in codes(own_text(&d.answer.text)) {
        let entries = book.show(None, &code, day)?;
        let known = entries.iter().any(|e| !matches!(e.status, CodeStatus::Unknown | CodeStatus::NoData));
        if !known && !asked.contains(&code) {
            out.push(code);
        }
    }
    for code in d.answer.codes.iter().filter(|c| c.status == CodeStatus::Valid) {
        if book.show(Some(code.system), &code.code, day)?.iter().all(|e| !e.is_known()) {
            out.push(code.code.clone());
        }
    }
    Ok(out)
}

/// The value below which so many percent lie; the smallest possible one of an empty list.
pub(super) fn percentile<T: Ord + Copy + Default>(values: impl Iterator<Item = T>, percent: usize) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    let at = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or_default()
}
