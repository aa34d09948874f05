//! Lengths, areas and counts: "2.5 cm", "4 sq cm", "23 lesions", "three polyps".

use std::sync::LazyLock;

use regex::Regex;

use super::words::{Words, number};

/// More measures of one text are not read.
const MOST: usize = 60;

/// A length or area.
#[derive(Debug, Clone, PartialEq)]
pub struct Size {
    /// In centimetres, or square centimetres.
    pub value: f64,
    /// An area; otherwise a length.
    pub area: bool,
}

/// So many of something that is counted for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub number: u32,
    /// Of what, in the singular.
    pub of: &'static str,
}

static SIZE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[^0-9a-z.$/])(\d{1,4}(?:\.\d{1,2})?|\.\d{1,2})\s?(?:cm|mm|in)?\s*(?:(?:x|by|×)\s*(\d{1,3}(?:\.\d{1,2})?)\s?)?-?\s?(sq(?:uare|\.)?\s*(?:cm|centimeters?|in|inch(?:es)?)|cm\s?(?:\^?2|²|sq)|cm|centimeters?|mm|millimeters?|inch(?:es)?)(?:$|[^a-z0-9])").ok()
});

/// What is counted, singular and plural.
const THINGS: &[(&str, &str, &str)] = &[
    ("lesion", "lesion", "lesions"),
    ("polyp", "polyp", "polyps"),
    ("skin tag", "tag", "tags"),
    ("wart", "wart", "warts"),
    ("AK", "ak", "aks"),
    ("keratosis", "keratosis", "keratoses"),
    ("mole", "mole", "moles"),
    ("cyst", "cyst", "cysts"),
    ("biopsy", "biopsy", "biopsies"),
    ("specimen", "specimen", "specimens"),
    ("laceration", "laceration", "lacerations"),
    ("laceration", "lac", "lacs"),
    ("wound", "wound", "wounds"),
    ("level", "level", "levels"),
    ("muscle", "muscle", "muscles"),
    ("trigger point", "point", "points"),
    ("injection", "injection", "injections"),
    ("site", "site", "sites"),
    ("view", "view", "views"),
    ("toenail", "nail", "nails"),
    ("toenail", "toenail", "toenails"),
    ("toe", "toe", "toes"),
    ("finger", "finger", "fingers"),
    ("vessel", "vessel", "vessels"),
    ("segment", "segment", "segments"),
    ("interspace", "interspace", "interspaces"),
    ("lead", "lead", "leads"),
    ("stent", "stent", "stents"),
    ("vaccine", "vaccine", "vaccines"),
    ("tooth", "tooth", "teeth"),
    ("region", "region", "regions"),
    ("block", "block", "blocks"),
    ("slide", "slide", "slides"),
    ("stain", "stain", "stains"),
    ("test", "test", "tests"),
    ("fetus", "fetus", "fetuses"),
    ("nerve", "nerve", "nerves"),
    ("tendon", "tendon", "tendons"),
    ("fibroid", "fibroid", "fibroids"),
    ("node", "node", "nodes"),
    ("vertebra", "vertebra", "vertebrae"),
    ("excision", "excision", "excisions"),
    ("joint", "joint", "joints"),
    ("vial", "vial", "vials"),
];

/// Lengths and areas in centimetres.
pub(super) fn sizes(text: &str) -> Vec<Size> {
    let mut out: Vec<Size> = Vec::new();
    for c in SIZE.iter().flat_map(|r| r.captures_iter(text).take(MOST)) {
        let Some(unit) = c.get(3).map(|m| m.as_str().to_lowercase()) else { continue };
        let n = |i: usize| c.get(i).and_then(|m| m.as_str().parse::<f64>().ok());
        let Some(first) = n(1) else { continue };
        let area = unit.contains("sq") || unit.contains('2') || unit.contains('²');
        let factor = match () {
            () if unit.starts_with("mm") || unit.starts_with("millim") => 0.1,
            () if unit.contains("in") && area => 6.4516,
            () if unit.starts_with("inch") => 2.54,
            () => 1.0,
        };
        let value = if area { n(2).map_or(first, |second| first * second) } else { first };
        let round = |v: f64| (v * 100.0).round() / 100.0;
        let mut add = |value: f64| {
            let size = Size { value: round(value * factor), area };
            if size.value > 0.0 && !out.contains(&size) {
                out.push(size);
            }
        };
        add(value);
        if let Some(second) = n(2).filter(|_| !area) {
            add(second);
        }
    }
    out
}

/// How many of what.
pub(super) fn counts(text: &str) -> Vec<Count> {
    let words = Words::of(text);
    let mut out: Vec<Count> = Vec::new();
    for at in 0..words.list.len() {
        if out.len() >= MOST {
            break;
        }
        let Some(n) = number(words.lower(at)).filter(|n| (1..=500).contains(n)) else { continue };
        // Up to three words describe the thing: "3 small benign lesions".
        let thing = (1..=4).map_while(|i| {
            words
                .list
                .get(at + i)
                .filter(|w| w.joined && number(&w.lower).is_none())
                .map(|w| w.lower.as_str())
        });
        let breaks = [
            "days", "weeks", "months", "years", "minutes", "min", "mg", "ml", "cm", "units", "unit", "hours",
            "and", "of", "for", "with", "on", "x", "to", "or", "in", "at", "the", "yo", "year", "yr", "mm",
            "am", "pm", "more", "day", "week", "month",
        ];
        let thing = thing.take_while(|w| !breaks.contains(w));
        let found = thing.filter_map(|w| THINGS.iter().find(|(_, one, many)| *one == w || *many == w)).next();
        let decimal = words
            .list
            .get(at)
            .is_some_and(|w| text.get(..w.start).is_some_and(|t| t.ends_with(['.', '-', '/', '#', '$'])));
        if let Some((of, ..)) = found.filter(|_| !decimal) {
            let count = Count { number: n, of };
            if !out.contains(&count) {
                out.push(count);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_areas() {
        let read =
            |text: &str| -> Vec<(f64, bool)> { sizes(text).iter().map(|s| (s.value, s.area)).collect() };
        assert_eq!(read("2.5 cm laceration"), [(2.5, false)]);
        assert_eq!(read("2.5cm x 1 cm"), [(2.5, false), (1.0, false)]);
        assert_eq!(read("4 sq cm"), [(4.0, true)]);
        assert_eq!(read("20 cm2 and 6 mm"), [(20.0, true), (0.6, false)]);
        assert!(read("99213 in 2025").is_empty());
    }

    #[test]
    fn things_that_are_counted() {
        let read =
            |text: &str| -> Vec<(u32, &str)> { counts(text).iter().map(|c| (c.number, c.of)).collect() };
        assert_eq!(read("removed 23 skin tags"), [(23, "skin tag")]);
        assert_eq!(read("three small colon polyps"), [(3, "polyp")]);
        assert_eq!(read("2-level fusion, 12 AKs"), [(2, "level"), (12, "AK")]);
        assert!(read("97110 3 days of tests").is_empty());
        assert!(read("level 4 visit").is_empty());
    }
}
