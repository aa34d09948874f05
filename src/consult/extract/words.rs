//! A text as words, and tables of phrases looked up in it: one pass over the text, whatever the size of a table.

use std::collections::HashMap;

/// A run of letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case.
    pub lower: String,
    /// Its first byte in the text.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// Whether it is joined with the word before it into one phrase: blanks or a hyphen between them, no stop.
    pub joined: bool,
}

/// The words of a text.
#[derive(Debug)]
pub(super) struct Words<'a> {
    /// The text.
    pub text: &'a str,
    /// Its words in order.
    pub list: Vec<Word>,
}

impl<'a> Words<'a> {
    /// Cuts a text into words.
    pub(super) fn of(text: &'a str) -> Self {
        let mut list: Vec<Word> = Vec::new();
        let mut start = None;
        for (at, c) in text.char_indices().chain(std::iter::once((text.len(), ' '))) {
            match (start, c.is_alphanumeric()) {
                (None, true) => start = Some(at),
                (Some(from), false) => {
                    let end_before = list.last().map_or(0, |w| w.end);
                    let gap = text.get(end_before..from).unwrap_or_default();
                    let joined = !list.is_empty() && is_joint(gap);
                    let lower = text.get(from..at).unwrap_or_default().to_lowercase();
                    list.push(Word { lower, start: from, end: at, joined });
                    start = None;
                }
                _ => {}
            }
        }
        Self { text, list }
    }

    /// A word as it is written.
    pub(super) fn written(&self, at: usize) -> &'a str {
        self.list.get(at).and_then(|w| self.text.get(w.start..w.end)).unwrap_or_default()
    }

    /// A word in lower case; empty beyond the ends.
    pub(super) fn lower(&self, at: usize) -> &str {
        self.list.get(at).map_or("", |w| w.lower.as_str())
    }

    /// Whether these words stand at this place.
    fn stands(&self, at: usize, phrase: &[&str]) -> bool {
        phrase
            .iter()
            .enumerate()
            .all(|(i, word)| self.list.get(at + i).is_some_and(|w| w.lower == *word && (i == 0 || w.joined)))
    }
}

/// What may stand between two words of one phrase: blanks, at most one line end, a hyphen, a slash, an apostrophe.
fn is_joint(gap: &str) -> bool {
    gap.len() <= 6
        && gap.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '-' | '–' | '/' | '\'' | '’' | '&'))
        && gap.matches('\n').count() <= 1
}

/// A table of phrases, each with what it means.
#[derive(Debug)]
pub(super) struct Phrases<T: 'static> {
    /// By their first word; the longest first.
    by_first: HashMap<&'static str, Vec<(Vec<&'static str>, &'static T)>>,
}

/// A phrase that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit<T: 'static> {
    /// The place of its first word.
    pub at: usize,
    /// The number of its words.
    pub len: usize,
    /// What the table says of it.
    pub means: &'static T,
}

impl<T: 'static> Phrases<T> {
    /// A table; a row's phrases are parted by `|`.
    pub(super) fn of(rows: &'static [(&'static str, T)]) -> Self {
        let mut by_first: HashMap<&'static str, Vec<(Vec<&'static str>, &'static T)>> = HashMap::new();
        for (phrases, means) in rows {
            for phrase in phrases.split('|') {
                let words: Vec<&'static str> = phrase.split_whitespace().collect();
                if let Some(first) = words.first() {
                    by_first.entry(first).or_default().push((words, means));
                }
            }
        }
        for list in by_first.values_mut() {
            list.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        Self { by_first }
    }

    /// All phrases of a text, in its order; of those that begin or lie in one another the longest.
    pub(super) fn find(&self, words: &Words<'_>) -> Vec<Hit<T>> {
        let mut hits = Vec::new();
        let mut at = 0;
        while let Some(word) = words.list.get(at) {
            let found = self
                .by_first
                .get(word.lower.as_str())
                .and_then(|list| list.iter().find(|(phrase, _)| words.stands(at, phrase)));
            match found {
                Some((phrase, means)) => {
                    hits.push(Hit { at, len: phrase.len(), means: *means });
                    at += phrase.len();
                }
                None => at += 1,
            }
        }
        hits
    }
}

/// A number in digits or in words, up to twenty.
pub(super) fn number(word: &str) -> Option<u32> {
    const WORDS: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    if word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit()) {
        return word.parse().ok();
    }
    WORDS.iter().position(|w| *w == word).and_then(|n| u32::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_of_joined_words() {
        static TABLE: &[(&str, u8)] = &[("blue cross|bcbs", 1), ("blue cross blue shield", 2), ("shield", 3)];
        let table = Phrases::of(TABLE);
        let find =
            |text: &str| -> Vec<u8> { table.find(&Words::of(text)).iter().map(|h| *h.means).collect() };
        assert_eq!(find("Blue Cross-Blue Shield, then BCBS"), [2, 1]);
        assert_eq!(find("sky is blue. Cross the road"), [0; 0]);
        assert_eq!(find("Blue\nCross"), [1]);
    }

    #[test]
    fn numbers() {
        assert_eq!(number("twelve"), Some(12));
        assert_eq!(number("23"), Some(23));
        assert_eq!(number("99213"), None);
        assert_eq!(number("a"), None);
    }
}
