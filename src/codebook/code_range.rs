//! Codes as a note names them: a range of beginnings, perhaps only those with certain later characters.

use serde::Serialize;

/// Codes that a note of the tabular list names: from one beginning to another, `O10-O16`, or below one, `E11.-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CodeRange {
    /// The first beginning, without dot.
    pub first: String,
    /// The last beginning: codes that begin with it belong to the range.
    pub last: String,
    /// Which of them: those with certain characters (`T36-T50 with fifth or sixth character 5`).
    pub only: Option<Only>,
    /// Whether the note takes these codes out of what it names (`except O62.3`).
    pub except: bool,
}

/// A condition on the later characters of a code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// From this character on (counted from 1, without dot) one of these stands: `with .51-.52`.
    At(u8, Vec<String>),
    /// The character of intent is one of these: the sixth, or the fifth where the sixth is a placeholder or missing.
    Intent(Vec<String>),
    /// The code, without a 7th character, ends with one of these: `with final characters -23`.
    Final(Vec<String>),
}

/// How far a note names a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// Not at all.
    No,
    /// Only some of the codes below it.
    Part,
    /// It, and with it all below it.
    Whole,
}

impl CodeRange {
    /// Whether it names a code (without dot).
    #[must_use]
    pub fn names(&self, code: &str) -> Named {
        let up_to_last = code.get(..self.last.len()).unwrap_or(code);
        if code >= self.first.as_str() && up_to_last <= self.last.as_str() {
            // A heading above the range's end (T88 in T80-T88.6) is named in part.
            let whole = if code.len() < self.last.len() && self.last.starts_with(code) && code != self.first {
                Named::Part
            } else {
                Named::Whole
            };
            return whole.min(self.only.as_ref().map_or(Named::Whole, |o| o.met(code)));
        }
        // A heading above the range's beginning.
        if self.first.starts_with(code) || (code < self.first.as_str() && self.last.starts_with(code)) {
            return Named::Part;
        }
        Named::No
    }
}

/// What a note's ranges together say of a code.
#[must_use]
pub fn named(ranges: &[CodeRange], code: &str) -> Named {
    let best = ranges.iter().filter(|r| !r.except).map(|r| r.names(code)).max().unwrap_or(Named::No);
    match ranges.iter().filter(|r| r.except).map(|r| r.names(code)).max() {
        Some(Named::Whole) => Named::No,
        Some(Named::Part) => best.min(Named::Part),
        _ => best,
    }
}

impl Only {
    fn met(&self, code: &str) -> Named {
        let told = |known: Option<bool>| match known {
            Some(true) => Named::Whole,
            Some(false) => Named::No,
            None => Named::Part,
        };
        match self {
            Self::At(position, wanted) => {
                let tail = code.get(usize::from(position.saturating_sub(1))..).unwrap_or("");
                if wanted.iter().any(|w| tail.starts_with(w.as_str())) {
                    return Named::Whole;
                }
                told(if wanted.iter().any(|w| w.starts_with(tail)) { None } else { Some(false) })
            }
            Self::Intent(wanted) => {
                let at = |n: usize| code.get(n - 1..n).filter(|c| *c != "X");
                told(at(6).or_else(|| at(5)).map(|c| wanted.iter().any(|w| w == c)))
            }
            Self::Final(wanted) => {
                let body = code.get(..code.len().min(6)).unwrap_or(code);
                let met = wanted.iter().any(|w| body.len() >= w.len() + 3 && body.ends_with(w.as_str()));
                told(if met || body.len() >= 6 { Some(met) } else { None })
            }
        }
    }

    /// As the book keeps it.
    pub(crate) fn kept(&self) -> String {
        match self {
            Self::At(position, wanted) => format!("{position}:{}", wanted.join("|")),
            Self::Intent(wanted) => format!("intent:{}", wanted.join("|")),
            Self::Final(wanted) => format!("final:{}", wanted.join("|")),
        }
    }

    /// From what the book keeps; nothing: no condition.
    pub(crate) fn from_kept(kept: &str) -> Option<Self> {
        let (how, wanted) = kept.split_once(':')?;
        let wanted = wanted.split('|').map(str::to_owned).collect();
        Some(match how {
            "intent" => Self::Intent(wanted),
            "final" => Self::Final(wanted),
            position => Self::At(position.parse().ok()?, wanted),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(first: &str, last: &str, only: Option<Only>) -> CodeRange {
        CodeRange { first: first.to_owned(), last: last.to_owned(), only, except: false }
    }

    fn of(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn a_range_names_what_is_below_its_ends_and_headings_in_part() {
        let r = range("T80", "T886", None);
        assert_eq!(r.names("T8021XA"), Named::Whole);
        assert_eq!(r.names("T886XXA"), Named::Whole);
        assert_eq!(r.names("T888XXA"), Named::No);
        assert_eq!(r.names("T88"), Named::Part);
        assert_eq!(range("E1121", "E1121", None).names("E11"), Named::Part);
        assert_eq!(range("E11", "E11", None).names("E1122"), Named::Whole);
        assert_eq!(range("E11", "E11", None).names("E10"), Named::No);
        assert_eq!(range("K8000", "K8019", None).names("K80"), Named::Part);
        assert_eq!(range("K8000", "K8019", None).names("K801"), Named::Part);
        assert_eq!(range("K8000", "K8019", None).names("K802"), Named::No);
    }

    #[test]
    fn later_characters_narrow_a_range() {
        let five = range("T36", "T50", Some(Only::Intent(of(&["5"]))));
        assert_eq!(five.names("T360X5A"), Named::Whole);
        assert_eq!(five.names("T360X1A"), Named::No);
        assert_eq!(five.names("T36"), Named::Part);
        let carbon_monoxide = range("T51", "T65", Some(Only::Intent(of(&["1"]))));
        assert_eq!(carbon_monoxide.names("T5801XA"), Named::Whole);
        let eye = range("E08", "E13", Some(Only::At(4, of(&["39"]))));
        assert_eq!(
            (eye.names("E1139"), eye.names("E1136"), eye.names("E11")),
            (Named::Whole, Named::No, Named::Part)
        );
        let fluency = range("I69", "I69", Some(Only::Final(of(&["23"]))));
        assert_eq!((fluency.names("I69323"), fluency.names("I69320")), (Named::Whole, Named::No));
        assert_eq!(fluency.names("I6932"), Named::Part);
    }

    #[test]
    fn an_exception_is_not_named() {
        let mut out = range("O623", "O623", None);
        out.except = true;
        let note = [range("O62", "O62", None), out];
        assert_eq!(
            (named(&note, "O624"), named(&note, "O623"), named(&note, "O62")),
            (Named::Whole, Named::No, Named::Part)
        );
    }

    proptest! {
        #[test]
        fn whatever_is_named_names_all_below_it(
            first in "[A-C][0-9][0-9A]([0-9A]{0,3})", last in "[A-C][0-9][0-9A]([0-9A]{0,3})",
            code in "[A-C][0-9][0-9A]([0-9A]{0,3})", more in "[0-9A-Z]",
        ) {
            let r = range(&first, &last, None);
            if r.names(&code) == Named::Whole {
                prop_assert_eq!(r.names(&(code.clone() + &more)), Named::Whole);
            }
            if r.names(&code) == Named::No && code.len() >= first.len().max(last.len()) {
                prop_assert_eq!(r.names(&(code + &more)), Named::No);
            }
        }

        #[test]
        fn a_condition_is_kept_as_it_is(position in 1u8..8, wanted in proptest::collection::vec("[0-9A-Z]{1,3}", 1..4)) {
            for only in [Only::At(position, wanted.clone()), Only::Intent(wanted.clone()), Only::Final(wanted)] {
                prop_assert_eq!(Only::from_kept(&only.kept()), Some(only));
            }
        }
    }
}
