//! Ranges in the order of the tabular list. That is not the order of the characters: C7A stands between C75 and C76,
//! M1A before M10, so C43-C44 holds C4A and C76-C80 does not hold C7A.

use crate::codebook::code_range::CodeRange;
use crate::codebook::import::tabular::places::{Place, PlaceKind};

/// The codes of an edition, in both orders.
pub(crate) struct Order {
    /// In the order of the list.
    listed: Vec<String>,
    /// By their characters: code, and its number in `listed`.
    sorted: Vec<(String, usize)>,
}

impl Order {
    pub(crate) fn of(places: &[Place]) -> Self {
        let codes = places.iter().filter(|p| p.kind == PlaceKind::Code);
        let listed: Vec<String> = codes.map(|p| p.place.clone()).collect();
        let mut sorted: Vec<(String, usize)> = listed.iter().cloned().zip(0..).collect();
        sorted.sort();
        Self { listed, sorted }
    }

    /// The same codes as ranges of characters: a range that the list fills otherwise is divided.
    pub(crate) fn in_order(&self, ranges: Vec<CodeRange>) -> Vec<CodeRange> {
        ranges.into_iter().flat_map(|range| self.divided(&range).unwrap_or_else(|| vec![range])).collect()
    }

    /// `None` if both orders agree on it, or if the list does not have both its ends.
    fn divided(&self, range: &CodeRange) -> Option<Vec<CodeRange>> {
        if range.first == range.last {
            return None;
        }
        let (from, to) = (self.at(&range.first)?, self.end_of(self.at(&range.last)?));
        let low = self.sorted.partition_point(|(code, _)| *code < range.first);
        let beyond = |code: &str| code.get(..range.last.len()).unwrap_or(code) > range.last.as_str();
        let high = self.sorted.partition_point(|(code, _)| !beyond(code));
        let slice = self.sorted.get(low..high)?;
        if from > to || (slice.len() == to - from + 1 && slice.iter().all(|(_, n)| (from..=to).contains(n))) {
            return None;
        }
        let mut pieces: Vec<(String, String)> = Vec::new();
        let mut n = from;
        while n <= to {
            let code = self.listed.get(n)?;
            let end = self.end_of(n);
            if end > to {
                n += 1;
                continue;
            }
            match pieces.last_mut() {
                Some((_, last)) if self.follows(last, code) => last.clone_from(code),
                _ => pieces.push((code.clone(), code.clone())),
            }
            n = end + 1;
        }
        let piece = |(first, last)| CodeRange { first, last, ..range.clone() };
        Some(pieces.into_iter().map(piece).collect())
    }

    fn at(&self, code: &str) -> Option<usize> {
        let index = self.sorted.binary_search_by(|(c, _)| c.as_str().cmp(code)).ok()?;
        self.sorted.get(index).map(|(_, n)| *n)
    }

    /// The number of the last code below a code.
    fn end_of(&self, n: usize) -> usize {
        let Some(code) = self.listed.get(n) else { return n };
        let below = self.listed.iter().skip(n + 1).take_while(|c| c.starts_with(code.as_str())).count();
        n + below
    }

    /// Whether no code stands between all below `last` and `code`, by their characters.
    fn follows(&self, last: &str, code: &str) -> bool {
        let next = self.sorted.partition_point(|(c, _)| c.get(..last.len()).unwrap_or(c) <= last);
        self.sorted.get(next).is_some_and(|(c, _)| c == code)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codebook::code_range::{Named, named};

    fn order(listed: &[&str]) -> Order {
        let listed: Vec<String> = listed.iter().map(|c| (*c).to_owned()).collect();
        let mut sorted: Vec<(String, usize)> = listed.iter().cloned().zip(0..).collect();
        sorted.sort();
        Order { listed, sorted }
    }

    fn range(first: &str, last: &str) -> CodeRange {
        CodeRange { first: first.to_owned(), last: last.to_owned(), only: None, except: false }
    }

    const NEOPLASMS: &[&str] =
        &["C43", "C430", "C4A", "C4A0", "C44", "C440", "C75", "C7A", "C7A0", "C7B", "C76", "C80", "C800"];

    #[test]
    fn a_range_follows_the_list() {
        let order = order(NEOPLASMS);
        let of = |a: &str, b: &str| -> Vec<(String, String)> {
            order.in_order(vec![range(a, b)]).into_iter().map(|r| (r.first, r.last)).collect()
        };
        let pairs = |p: &[(&str, &str)]| -> Vec<(String, String)> {
            p.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        assert_eq!(of("C43", "C44"), pairs(&[("C43", "C43"), ("C4A", "C4A"), ("C44", "C44")]));
        assert_eq!(of("C76", "C80"), pairs(&[("C76", "C76"), ("C80", "C80")]));
        assert_eq!(of("C43", "C80"), pairs(&[("C43", "C80")]));
        assert_eq!(of("C430", "C99"), pairs(&[("C430", "C99")]));
    }

    proptest! {
        #[test]
        fn a_divided_range_names_what_the_list_holds_between(a in 0usize..13, b in 0usize..13) {
            let order = order(NEOPLASMS);
            let (a, b) = (a.min(b), a.max(b));
            let end = order.end_of(b);
            let ranges = order.in_order(vec![range(NEOPLASMS[a], NEOPLASMS[b])]);
            prop_assume!(NEOPLASMS[a] <= NEOPLASMS[b]);
            for (n, code) in NEOPLASMS.iter().enumerate() {
                prop_assert_eq!(named(&ranges, code) != Named::No, (a..=end).contains(&n) ||
                    NEOPLASMS[a].starts_with(code), "{} in {:?}", code, ranges);
            }
        }
    }
}
