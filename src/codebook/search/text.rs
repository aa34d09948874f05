//! What a name says beside its topic: the side of the body, what is absent, which words are of little weight.

use crate::codebook::search::words::{Lexer, is_empty_word, is_neutral};

/// The side of the body that a text or a query names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Side {
    /// None is said.
    #[default]
    None,
    Right,
    Left,
    Both,
    /// A code for an unspecified side, beside others for each side.
    Unspecified,
}

impl Side {
    pub(crate) fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Right,
            2 => Self::Left,
            3 => Self::Both,
            4 => Self::Unspecified,
            _ => Self::None,
        }
    }
}

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// In the form of [`words`]; with a hyphen before it if its absence is said (`without obstruction`).
    pub(crate) word: String,
    /// Of little weight: it only says that something is not specified.
    pub(crate) light: bool,
}

/// A text, taken apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text {
    pub(crate) said: Vec<Said>,
    pub(crate) side: Side,
}

/// How many words a denial reaches.
const DENIED: usize = 5;
/// How many words after `unspecified` are not asked for.
const UNSPECIFIED: usize = 3;

/// A text of the classification, or a path of its index: what stands in parentheses may be there or not.
pub(crate) fn path(lexer: &mut Lexer, raw: &str) -> Text {
    let mut all = Text::default();
    for (at, part) in raw.split(['(', ')']).enumerate() {
        let part = text(lexer, part, false);
        all.said.extend(part.said.into_iter().map(|s| Said { light: s.light || at % 2 == 1, ..s }));
        if at % 2 == 0 && part.side != Side::None {
            all.side = part.side;
        }
    }
    all
}

/// Takes a text apart. `lax`: written by people, `R` and `L` are sides.
pub(crate) fn text(lexer: &mut Lexer, raw: &str, lax: bool) -> Text {
    let (mut said, mut right, mut left, mut both) = (Vec::new(), false, false, false);
    for segment in raw.split([',', ';', '(', ')']) {
        let (mut denied, mut unspecified, mut since) = (0, 0, said.len());
        for word in lexer.words(segment) {
            match side_of(&word, lax) {
                // A side ends a denial: without foreign body of right index finger.
                Side::Right => (right, denied) = (true, 0),
                Side::Left => (left, denied) = (true, 0),
                Side::Both => (both, denied) = (true, 0),
                Side::None | Side::Unspecified => {
                    match word.as_str() {
                        "without" | "no" | "negative" | "neg" | "denies" | "absent"
                            if lax || word == "without" || word == "no" =>
                        {
                            denied = if lax { 3 } else { DENIED };
                            continue;
                        }
                        "not" if !lax => {
                            denied = DENIED;
                            continue;
                        }
                        "not" | "non" => {
                            denied = 1;
                            continue;
                        }
                        "with" | "but" | "has" | "due" => {
                            denied = 0;
                            since = said.len();
                            continue;
                        }
                        "unknown" => {
                            for said in said.iter_mut().skip(since) {
                                let said: &mut Said = said;
                                said.light = true;
                            }
                        }
                        _ => {}
                    }
                    if is_empty_word(&word) {
                        continue;
                    }
                    let light = denied > 0 || unspecified > 0 || is_neutral(&word);
                    unspecified = if word == "unspecified" {
                        UNSPECIFIED
                    } else {
                        usize::saturating_sub(unspecified, 1)
                    };
                    let word = if denied > 0 { format!("-{word}") } else { word };
                    denied = usize::saturating_sub(denied, 1);
                    said.push(Said { word, light });
                }
            }
        }
    }
    // Displaced is what a fracture is unless it is said not to be (guidelines I.C.19.c).
    if said.iter().any(|s| s.word.starts_with("fracture")) {
        for said in said.iter_mut().filter(|s| s.word == "displaced") {
            said.light = true;
        }
    }
    let side = match (right, left, both) {
        (_, _, true) | (true, true, _) => Side::Both,
        (true, ..) => Side::Right,
        (_, true, _) => Side::Left,
        _ => Side::None,
    };
    Text { said, side }
}

/// The side that a word names; `lax` as in [`text`].
pub(crate) fn side_of(word: &str, lax: bool) -> Side {
    match word {
        "right" => Side::Right,
        "left" => Side::Left,
        "bilateral" | "bilaterally" => Side::Both,
        "rt" | "r" if lax => Side::Right,
        "lt" | "l" if lax => Side::Left,
        "bilat" | "b/l" | "both" | "ou" | "bil" if lax => Side::Both,
        _ => Side::None,
    }
}
