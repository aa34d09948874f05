//! Sentences of a passage: the one or two that say what a statement rests on.

use crate::codebook::manual::Passage;
use crate::codebook::manual::words::stems;

/// What ends in a point and ends no sentence.
const ABBREVIATIONS: &[&str] = &[
    "e.g", "i.e", "etc", "vs", "no", "dr", "st", "fig", "vol", "pp", "p.l", "u.s", "inc", "approx", "ch",
    "sec", "cf",
];

/// The sentences of a text.
#[must_use]
pub fn sentences(text: &str) -> Vec<&str> {
    let (mut all, mut begun) = (Vec::new(), 0);
    let mut ends = text.char_indices().filter(|(_, c)| matches!(c, '.' | '?' | '!')).peekable();
    while let Some((at, end)) = ends.next() {
        // Closing quotes and brackets belong to it.
        let tail: usize = text.get(at + 1..).map_or(0, |rest| {
            rest.chars().take_while(|c| matches!(c, '”' | '"' | ')' | ']' | '’')).map(char::len_utf8).sum()
        });
        let stop = at + 1 + tail;
        let Some(rest) = text.get(stop..) else { break };
        let next = rest.trim_start().chars().next();
        let new = rest.starts_with(char::is_whitespace)
            && next
                .is_none_or(|c| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '“' | '"' | '(' | '•'));
        let before = text.get(begun..at).unwrap_or("");
        let word = before.rsplit([' ', '(']).next().unwrap_or("").to_lowercase();
        // `Section I.C.19. Adverse effects` is one reference.
        let numbered = word.contains('.') && word.split('.').all(|p| p.len() <= 2);
        let abbreviated =
            end == '.' && (ABBREVIATIONS.contains(&word.as_str()) || numbered || word.len() == 1);
        if rest.is_empty() || (new && !abbreviated) {
            all.extend(text.get(begun..stop).map(str::trim).filter(|s| !s.is_empty()));
            begun = stop;
        }
        while ends.peek().is_some_and(|(next, _)| *next < stop) {
            ends.next();
        }
    }
    all.extend(text.get(begun..).map(str::trim).filter(|s| !s.is_empty()));
    all
}

/// The sentences of a passage that have most of the words, at most `most` (one or two for a mail), in their order. If
/// none has any: the first.
#[must_use]
pub fn best_sentences(passage: &Passage, words: &str, most: usize) -> Vec<String> {
    let found = Wanted::new(words).best(passage.paragraphs.iter().map(|p| p.text.as_str()), most);
    found.into_iter().map(|(_, sentence)| sentence.to_owned()).collect()
}

/// Words and codes that a sentence should have.
#[derive(Debug)]
pub(crate) struct Wanted {
    stems: Vec<String>,
    codes: Vec<String>,
}

impl Wanted {
    pub(crate) fn new(words: &str) -> Self {
        let mut stems = stems(words);
        stems.sort();
        stems.dedup();
        // As many as there are bits to count them by.
        stems.truncate(64);
        Self { stems, codes: codes_in(words).collect() }
    }

    /// The best sentences of some paragraphs, each with its paragraph's number, in their order.
    pub(crate) fn best<'a>(
        &self,
        paragraphs: impl Iterator<Item = &'a str>,
        most: usize,
    ) -> Vec<(usize, &'a str)> {
        let mut scored: Vec<(usize, f64, usize, &str)> = Vec::new();
        for (paragraph, text) in paragraphs.enumerate() {
            for sentence in sentences(text) {
                scored.push((scored.len(), self.score(sentence), paragraph, sentence));
            }
        }
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let top = scored.first().map_or(0.0, |s| s.1);
        // A second one must say nearly as much.
        let good = scored.into_iter().enumerate().filter(|(n, s)| *n == 0 || s.1 > top * 0.6);
        let mut chosen: Vec<_> = good.map(|(_, s)| s).take(most).collect();
        chosen.sort_by_key(|s| s.0);
        chosen.into_iter().map(|(_, _, paragraph, sentence)| (paragraph, sentence)).collect()
    }

    /// Forms of a word begin with its stem, nearly always: that is enough to choose by, and quick.
    fn score(&self, sentence: &str) -> f64 {
        let (mut met, mut length) = (0_u64, 0_u32);
        for word in sentence.to_ascii_lowercase().split(|c: char| !c.is_alphanumeric()) {
            length += u32::from(word.len() > 3);
            for (n, stem) in self.stems.iter().enumerate() {
                let same = if stem.len() > 3 { word.starts_with(stem.as_str()) } else { word == stem };
                met |= u64::from(same) << n;
            }
        }
        let named = self.codes.iter().filter(|c| sentence.contains(c.as_str())).count();
        let named = u32::try_from(named).unwrap_or(u32::MAX);
        // Of two that say as much the shorter one; a reference says nothing.
        let score = f64::from(met.count_ones().saturating_add(named.saturating_mul(3)));
        let score = score / f64::from(length.max(4)).powf(0.25);
        if sentence.starts_with("See ") { score * 0.5 } else { score }
    }
}

/// Words with a figure in them: codes as they are written.
fn codes_in(words: &str) -> impl Iterator<Item = String> + '_ {
    words
        .split([' ', ',', ';', '/', '('])
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_uppercase())
        .filter(|w| w.len() >= 3 && w.contains(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_they_end() {
        let text = "Assign code E11.9 first (e.g., for type 2). See Section I.C.19. Adverse effects. “Stop.” Next one? Yes";
        assert_eq!(
            sentences(text),
            [
                "Assign code E11.9 first (e.g., for type 2).",
                "See Section I.C.19. Adverse effects.",
                "“Stop.”",
                "Next one?",
                "Yes"
            ]
        );
        assert_eq!(sentences("Ménière’s…"), ["Ménière’s…"]);
        assert!(sentences("").is_empty());
    }

    #[test]
    fn the_sentence_with_the_words_and_codes_is_chosen() {
        let text = [
            "Water is wet. Insulin use is reported with code Z79.4. Other drugs are not.",
            "Insulin is a drug.",
        ];
        let best = |words, most| -> Vec<&str> {
            Wanted::new(words).best(text.into_iter(), most).into_iter().map(|(_, s)| s).collect()
        };
        assert_eq!(best("long-term insulin Z79.4", 1), ["Insulin use is reported with code Z79.4."]);
        assert_eq!(best("insulin drugs", 2), ["Insulin is a drug."]);
        assert_eq!(best("drugs", 2), ["Other drugs are not.", "Insulin is a drug."]);
        assert_eq!(best("nothing of it", 2), ["Water is wet."]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(text in "[a-zé .?!”(]{0,60}") {
            let kept: String = sentences(&text).join("").split_whitespace().collect();
            let all: String = text.split_whitespace().collect();
            proptest::prop_assert_eq!(kept, all);
        }
    }
}
