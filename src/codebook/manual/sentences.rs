//! Sentences of a passage: the one or two that say what a statement rests on.

use std::collections::HashSet;

use crate::codebook::manual::Passage;
use crate::codebook::manual::words::stems_of;
use crate::codebook::search::Lexer;

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
    best(passage.paragraphs.iter().map(|p| p.text.as_str()), words, most)
}

/// As [`best_sentences`], of paragraphs.
pub(crate) fn best<'a>(paragraphs: impl Iterator<Item = &'a str>, words: &str, most: usize) -> Vec<String> {
    let mut lexer = Lexer::default();
    let wanted: HashSet<String> = stems_of(&mut lexer, words).into_iter().collect();
    let codes: Vec<String> = codes_in(words).collect();
    let mut scored: Vec<(usize, f64, &str)> = Vec::new();
    for (at, sentence) in paragraphs.flat_map(sentences).enumerate() {
        let own = stems_of(&mut lexer, sentence);
        let met: HashSet<&String> = own.iter().filter(|s| wanted.contains(*s)).collect();
        let named = codes.iter().filter(|c| sentence.contains(c.as_str())).count();
        // Of two that say as much the shorter one; a reference says nothing.
        let length = f64::from(u32::try_from(own.len()).unwrap_or(u32::MAX)).max(4.0);
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let mut score = (count(met.len()) + 3.0 * count(named)) / length.powf(0.25);
        if sentence.starts_with("See ") {
            score *= 0.5;
        }
        scored.push((at, score, sentence));
    }
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let top = scored.first().map_or(0.0, |s| s.1);
    // A second one must say nearly as much.
    let mut chosen: Vec<_> = scored
        .into_iter()
        .enumerate()
        .filter(|(n, s)| *n == 0 || s.1 > top * 0.6)
        .map(|(_, s)| s)
        .take(most)
        .collect();
    chosen.sort_by_key(|s| s.0);
    chosen.into_iter().map(|s| s.2.to_owned()).collect()
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
        let best = |words, most| best(text.into_iter(), words, most);
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
