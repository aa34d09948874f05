//! The services that a paragraph names: `Applicable to codes 93306, 93307 and C8923-C8929`.

use std::sync::LazyLock;

use regex::Regex;

static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b([A-V]\d{4}|\d{4}[0-9FTUM])\b(?:\s*(?:-|–|—|to|through)\s*([A-V]\d{4}|\d{4}[0-9FTUM])\b)?")
        .ok()
});

/// First and last code of each range that a text names; a single code is both. A diagnosis of five characters that is
/// written without its dot may be among them.
pub(crate) fn named_services(text: &str) -> Vec<(String, String)> {
    let Some(pattern) = NAMED.as_ref() else { return Vec::new() };
    let found = pattern.captures_iter(text).filter_map(|c| {
        let all = c.get(0)?;
        let before = text.get(..all.start()).and_then(|t| t.chars().next_back());
        let after = text.get(all.end()..).and_then(|t| t.chars().next());
        // `Z0181.8` and `1.23456` are no services.
        if before == Some('.')
            || (after == Some('.') && text.get(all.end() + 1..)?.starts_with(|c: char| c.is_ascii_digit()))
        {
            return None;
        }
        let first = c.get(1)?.as_str().to_owned();
        let last = c.get(2).map_or_else(|| first.clone(), |m| m.as_str().to_owned());
        Some(if last < first { (first.clone(), first) } else { (first, last) })
    });
    found.collect()
}

/// Whether a text that names services names this one; `None`: it names none.
pub(crate) fn names(text: &str, code: &str) -> Option<bool> {
    let all = named_services(text);
    let same_letter = |a: &str, b: &str| {
        a.starts_with(|c: char| c.is_ascii_digit()) == b.starts_with(|c: char| c.is_ascii_digit())
    };
    let has = |(first, last): &(String, String)| {
        same_letter(first, code) && first.as_str() <= code && code <= last.as_str()
    };
    (!all.is_empty()).then(|| all.iter().any(has))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_tells_for_which_services_its_list_is() {
        let text = "Applicable to codes 93306, 93307 and C8923-C8929. With Z01.818, code 0054T.";
        for (code, named) in
            [("93306", true), ("C8925", true), ("0054T", true), ("93308", false), ("D8925", false)]
        {
            assert_eq!(names(text, code), Some(named), "{code}");
        }
        assert_eq!(names("Use an additional code for 2.12345 and E11.22.", "93306"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,60}|[0-9A-C. -]{0,40}") {
            let _ = names(&text, "93306");
        }
    }
}
