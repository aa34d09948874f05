//! Texts as the search compares them, for what is chosen by words elsewhere (guidance notes): the same stems, the
//! same abbreviations and spellings.

use crate::codebook::search::stem::stem;
use crate::codebook::search::vocabulary::{MOST_WORDS, VOCABULARY};
use crate::codebook::search::words::words;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Lower case, in American spelling.
    pub word: String,
    /// What its forms have in common: `fractur` for fracture, fractured, fractures.
    pub stem: String,
}

/// The words of a text, in their order.
#[must_use]
pub fn spoken(text: &str) -> Vec<Spoken> {
    words(text)
        .into_iter()
        .map(|w| {
            let word = VOCABULARY.american(&w).to_owned();
            let stem = stem(&word);
            Spoken { word, stem }
        })
        .collect()
}

/// The abbreviations and lay phrases at the beginning of `words`, each with the number of words that it takes and what
/// it stands for. A phrase of more than one meaning stands for none.
#[must_use]
pub fn opened(words: &[Spoken]) -> Vec<(usize, Vec<Spoken>)> {
    let known = words.iter().take(MOST_WORDS).take_while(|w| VOCABULARY.has(&w.word)).count();
    (1..=known)
        .filter_map(|n| {
            let phrase = words.get(..n)?.iter().map(|w| w.word.as_str());
            match VOCABULARY.meanings(phrase)? {
                [one] => Some((n, spoken(one))),
                _ => None,
            }
        })
        .collect()
}

/// Stems of other words with the meaning of this one: renal for kidney.
#[must_use]
pub fn alike(stem_of: &str) -> Vec<String> {
    VOCABULARY.equals(stem_of).iter().map(|w| stem(w)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_one_thing_is_opened() {
        let meant = |text: &str| -> Vec<String> {
            opened(&spoken(text)).into_iter().flat_map(|(_, w)| w).map(|w| w.word).collect()
        };
        assert_eq!(meant("ckd stage 3"), ["chronic", "kidney", "disease"]);
        assert_eq!(meant("table"), [""; 0]);
        // Two meanings: glucose is one of them.
        assert_eq!(meant("a1c"), [""; 0]);
        assert_eq!(spoken("Haemorrhages")[0], spoken("hemorrhage")[0].clone_with("hemorrhages"));
        assert!(alike("kidney").contains(&"ren".to_owned()) || alike("kidney").contains(&"renal".to_owned()));
    }

    impl Spoken {
        fn clone_with(&self, word: &str) -> Self {
            Self { word: word.to_owned(), stem: self.stem.clone() }
        }
    }
}
