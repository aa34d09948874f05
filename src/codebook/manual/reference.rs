//! Sections as people write them: `I.C.4.a.3)`, `Section I.C.1.a.2.(h)`, `ch. IV §E.4, §E.7 and §I.19`.

use std::sync::LazyLock;

use regex::Regex;

use crate::codebook::Manual;
use crate::codebook::import::of_roman;

static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(?:ch|chapter)s?\b\.?\s*([IVX]+)\b)|(?:(?:§+|\bsections?\b|\bsec\b\.?)\s*)?((?:[IVX]+|[A-Z])(?:\(\d\))?(?:\.\(?[A-Za-z0-9]+\)?(?:\(\d\))?)*)\)?").ok()
});

impl Manual {
    /// The sections that a text names, as the codebook calls them (`I.C.4.a.3`, `IV.H.6`), in its order, each once.
    /// Whether they exist, [`crate::codebook::Codebook::passage`] says.
    #[must_use]
    pub fn sections_in(self, text: &str) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let mut add = |section: String| {
            if !all.contains(&section) {
                all.push(section);
            }
        };
        if text.to_ascii_lowercase().contains("introduction") {
            let whole = text.trim();
            let named = whole.strip_prefix("Introduction: ").is_some();
            add(if named { whole.to_owned() } else { "Introduction".to_owned() });
            return all;
        }
        if let Some(rest) = text.trim().strip_prefix("Appendix ") {
            let number = rest.split([':', ',', ' ', '.']).next().unwrap_or("");
            add(if rest.starts_with(&format!("{number}: ")) {
                text.trim().to_owned()
            } else {
                format!("Appendix {number}")
            });
            return all;
        }
        let mut chapter: Option<(String, bool)> = None;
        for found in PART.as_ref().into_iter().flat_map(|p| p.captures_iter(text)) {
            if let Some(number) = found.get(1) {
                if let Some((chapter, false)) = chapter.take() {
                    add(chapter);
                }
                chapter = Some((number.as_str().to_ascii_uppercase(), false));
                continue;
            }
            let Some(named) = found.get(2).map(|m| m.as_str()) else { continue };
            let parts: Vec<&str> = named.split('.').collect();
            let top = parts.first().copied().unwrap_or("");
            match (self, &mut chapter) {
                (Self::NcciPolicy, Some((chapter, used))) if top.len() <= 4 && is_capital(top) => {
                    *used = true;
                    add(format!("{chapter}.{}", normal(&parts, 1)));
                }
                (_, None) if is_top(top, parts.len()) && (parts.len() > 1 || named == text.trim()) => {
                    add(normal(&parts, 0));
                }
                _ => {}
            }
        }
        if let Some((chapter, false)) = chapter {
            add(chapter);
        }
        all
    }
}

/// A Roman number; in small letters only above two more parts (`i.e.` is none).
fn is_top(top: &str, parts: usize) -> bool {
    of_roman(&top.to_ascii_uppercase()).is_some()
        && (parts > 2 || !top.contains(|c: char| c.is_ascii_lowercase()))
}

/// One capital, perhaps with the number of a list: `B(2)`.
fn is_capital(part: &str) -> bool {
    let letter = part.split('(').next().unwrap_or("");
    letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_uppercase())
}

/// Capitals at the top, small letters below, no brackets but those of a list's number. `depth`: of the first part.
fn normal(parts: &[&str], depth: usize) -> String {
    let one = |(at, part): (usize, &&str)| {
        let (name, list) = match part.strip_suffix(')').and_then(|p| p.rsplit_once('(')) {
            Some((name, list)) if !name.is_empty() => (name, format!("({list})")),
            _ => (*part, String::new()),
        };
        let name = name.trim_matches(['(', ')']);
        let name = if at + depth < 2 { name.to_ascii_uppercase() } else { name.to_ascii_lowercase() };
        name + &list
    };
    parts.iter().enumerate().map(one).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_as_people_write_them() {
        let guidelines = |text| Manual::OfficialGuidelines.sections_in(text);
        assert_eq!(guidelines("I.C.4.a.3"), ["I.C.4.a.3"]);
        assert_eq!(guidelines("Section I.C.1.a.2.(h) and Section IV.H"), ["I.C.1.a.2.h", "IV.H"]);
        assert_eq!(guidelines("I.C.4.a.3)"), ["I.C.4.a.3"]);
        assert_eq!(guidelines("i.c.9.A"), ["I.C.9.a"]);
        assert_eq!(guidelines("II"), ["II"]);
        assert_eq!(guidelines("Appendix I"), ["Appendix I"]);
        assert_eq!(guidelines("Appendix I: Reporting Options"), ["Appendix I: Reporting Options"]);
        assert!(guidelines("nothing here, i.e. none").is_empty());
        let policy = |text| Manual::NcciPolicy.sections_in(text);
        assert_eq!(policy("ch. IV §E.4, §E.7 and §I.19"), ["IV.E.4", "IV.E.7", "IV.I.19"]);
        assert_eq!(policy("Chapter I, Section V"), ["I.V"]);
        assert_eq!(policy("XI.P.2"), ["XI.P.2"]);
        assert_eq!(policy("ch. I §B(2).1"), ["I.B(2).1"]);
        assert_eq!(policy("ch. I and ch. II §B"), ["I", "II.B"]);
        assert_eq!(policy("IV"), ["IV"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,40}|[IVXch §.,()0-9a-d]{0,40}") {
            for manual in Manual::ALL {
                let _ = manual.sections_in(&text);
            }
        }
    }
}
