//! The paragraphs above code lists: HTML as plain text, bounded, and without what could be a CPT descriptor.

use std::sync::LazyLock;

use regex::Regex;

/// The most characters of a paragraph that are kept.
const MOST: usize = 2_000;

static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<[^<>]{0,2000}>").ok());
/// A CPT number with a text that follows it: in brackets, or after a dash or colon up to the end of the clause.
static TOLD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\b(\d{4}[0-9FTU])\s*(?:\((?:[^()]{0,40}[a-z][^()]{0,400})\)|(?:\s[-–—]+\s|:\s+|\s+["“])[A-Za-z][^;.\n]{0,400})"#)
        .ok()
});

/// A paragraph as plain text; empty if it says nothing (`N/A`).
pub(crate) fn plain(html: &str) -> String {
    // Some are encoded twice.
    let decoded = entities(&entities(html));
    let bare = TAG.as_ref().map_or_else(|| decoded.clone(), |r| r.replace_all(&decoded, " ").into_owned());
    let words = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    let quiet = ["n/a", "na", "not applicable", "none"];
    if quiet.contains(&words.trim_end_matches('.').to_lowercase().as_str()) {
        return String::new();
    }
    let kept = without_descriptors(&words);
    match kept.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} …", kept.get(..end).unwrap_or_default().trim_end()),
        None => kept,
    }
}

/// Takes out what stands as a text beside a CPT number, and says so: descriptors may not be kept.
fn without_descriptors(text: &str) -> String {
    TOLD.as_ref().map_or_else(|| text.to_owned(), |r| r.replace_all(text, "$1 […]").into_owned())
}

fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let end = rest.char_indices().take(12).find(|(_, c)| *c == ';').map(|(i, _)| i);
        let found = end.and_then(|end| Some((end, entity(rest.get(1..end)?)?)));
        match found {
            Some((end, c)) => {
                out.push(c);
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let found = match name.strip_prefix('#') {
        Some(code) => match code.strip_prefix(['x', 'X']) {
            Some(hex) => number(hex, 16),
            None => number(code, 10),
        },
        None => match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" | "ldquo" | "rdquo" => Some('"'),
            "apos" | "lsquo" | "rsquo" => Some('\''),
            "nbsp" | "ensp" | "emsp" => Some(' '),
            "ndash" | "mdash" => Some('–'),
            "sol" => Some('/'),
            "bull" => Some('•'),
            "ge" => Some('≥'),
            "le" => Some('≤'),
            "deg" => Some('°'),
            "reg" | "trade" => Some(' '),
            _ => None,
        },
    };
    found.map(|c| if c.is_control() { ' ' } else { c })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_plain_text() {
        assert_eq!(
            plain("<p>Bill &#8211;KX &amp;amp; a&nbsp;tear.</p><br/>Then &lt; 3"),
            "Bill –KX & a tear. Then < 3"
        );
        assert_eq!(plain("<p>N/A</p>"), "");
        assert_eq!(plain("R&D & x"), "R&D & x");
        assert!(plain(&"a b ".repeat(3000)).chars().count() <= MOST + 2);
    }

    /// The descriptors here are invented.
    #[test]
    fn a_text_beside_a_cpt_number_is_not_kept() {
        assert_eq!(plain("For CPT codes 93306, 93307 and 93308:"), "For CPT codes 93306, 93307 and 93308:");
        assert_eq!(plain("93306 (some invented words) with KX"), "93306 […] with KX");
        assert_eq!(
            plain("Report 93306 - Invented words here; then 93307: Other words. End."),
            "Report 93306 […]; then 93307 […]. End."
        );
        assert_eq!(plain("Codes 93306 (and 93307)"), "Codes 93306 […]");
        assert_eq!(plain("G0008 (a public text) stays"), "G0008 (a public text) stays");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,80}|(&#?[a-z0-9]{0,6};?){0,8}|[<>&a-z ]{0,60}") {
            let _ = plain(&text);
        }
    }
}
