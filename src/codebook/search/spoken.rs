//! Texts as the search compares them, for what is chosen by words elsewhere (guidance notes): the same stems, the
//! same abbreviations and spellings.

use crate::codebook::search::stem::{singular, stem};
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

/// Other words with the meaning of this one: renal for kidney.
#[must_use]
pub fn alike(word: &Spoken) -> Vec<Spoken> {
    let others = VOCABULARY.equals(&word.stem);
    // Words of other meanings may share the stem: the class must hold this very word.
    let ours = |other: &String| {
        VOCABULARY.equals(&stem(other)).iter().any(|w| *w == word.word || singular(&word.word) == *w)
    };
    others.iter().filter(|o| ours(o)).map(|o| Spoken { word: o.clone(), stem: stem(o) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_one_thing_is_opened() {
        let meant = |text: &str| -> Vec<String> {
            opened(&spoken(text)).into_iter().flat_map(|(_, w)| w).map(|w| w.word).collect()
        };
        assert_eq!(meant("ckd visit"), ["chronic", "kidney", "disease"]);
        assert_eq!(meant("table"), [""; 0]);
        // Two meanings: glucose is one of them.
        assert_eq!(meant("a1c"), [""; 0]);
        assert_eq!(spoken("Haemorrhages")[0], spoken("hemorrhage")[0].clone_with("hemorrhages"));
        let renal = |word: &str| alike(&spoken(word)[0]).iter().any(|w| w.word == "renal");
        assert!(renal("kidney") && renal("kidneys") && !renal("liver"));
        // It has the stem of "physical", an examination.
        assert!(alike(&spoken("physeal")[0]).is_empty());
    }

    impl Spoken {
        fn clone_with(&self, word: &str) -> Self {
            Self { word: word.to_owned(), stem: self.stem.clone() }
        }
    }
}
