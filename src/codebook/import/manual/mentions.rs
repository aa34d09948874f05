//! The codes that a manual's text names: alone or from one to another.

use std::sync::LazyLock;

use regex::Regex;

/// Codes from one to another, without dots; both the same for one code. An ICD-10-CM code stands for all below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mention {
    /// `icd10cm`, or `service` for CPT and HCPCS.
    pub(crate) system: &'static str,
    pub(crate) first: String,
    pub(crate) last: String,
}

static DIAGNOSES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let code = r"([A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?)\b";
    Regex::new(&format!(r"\b{code}(?:(?:\.?-)?\s*(?:-|–|through|to)\s*{code})?")).ok()
});

static SERVICES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let code = r"([0-9]{4}[0-9A-Z]|[A-V][0-9]{4})\b";
    Regex::new(&format!(r"\b{code}(?:\s*(?:-|–|through|to)\s*{code})?")).ok()
});

/// The diagnoses that a text names.
pub(crate) fn diagnoses(text: &str) -> Vec<Mention> {
    mentions("icd10cm", DIAGNOSES.as_ref(), text)
}

/// The service codes that a text names.
pub(crate) fn services(text: &str) -> Vec<Mention> {
    mentions("service", SERVICES.as_ref(), text)
}

/// Where codes stand in a text, both ends of a range each: diagnoses, or services.
pub(crate) fn named_codes(of_diagnoses: bool, text: &str) -> Vec<(usize, usize)> {
    let pattern = if of_diagnoses { DIAGNOSES.as_ref() } else { SERVICES.as_ref() };
    let found = pattern.into_iter().flat_map(|p| p.captures_iter(text));
    found.flat_map(|c| [c.get(1), c.get(2)]).flatten().map(|m| (m.start(), m.end())).collect()
}

fn mentions(system: &'static str, pattern: Option<&Regex>, text: &str) -> Vec<Mention> {
    let mut all = Vec::new();
    for found in pattern.into_iter().flat_map(|p| p.captures_iter(text)) {
        let at = |n: usize| found.get(n).map(|m| m.as_str().replace('.', ""));
        let Some(first) = at(1) else { continue };
        let last = at(2).unwrap_or_else(|| first.clone());
        let one = |code: String| Mention { system, first: code.clone(), last: code };
        // What runs backwards, or from one kind to another, names two codes.
        let kind =
            |code: &str| (code.len() == 5, code.as_bytes().first().is_some_and(u8::is_ascii_alphabetic));
        if first > last || (system == "service" && kind(&first) != kind(&last)) {
            all.extend([one(first), one(last)]);
        } else {
            all.push(Mention { system, first, last });
        }
    }
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(mentions: Vec<Mention>) -> Vec<String> {
        let one = |m: Mention| if m.first == m.last { m.first } else { format!("{}-{}", m.first, m.last) };
        mentions.into_iter().map(one).collect()
    }

    #[test]
    fn codes_and_ranges_are_found_in_sentences() {
        let text = "Codes from A00.0 through T88.9, Z00-Z99.8; code E11.-, category I10 to be assigned, T36-T50, H1N1 and \
                    COVID-19, U07.1, Z91.A-, S72.141D (see Section I.C.19.g)";
        let expected = ["A000-T889", "E11", "I10", "S72141D", "T36-T50", "U071", "Z00-Z998", "Z91A"];
        assert_eq!(said(diagnoses(text)), expected);
        let text = "CPT codes 97110-97124, 0054T or G0101 through G0103 in fiscal year 2026, P.L. 101-239, 12 units of J3471, 90210-99";
        assert_eq!(said(services(text)), ["0054T", "90210", "97110-97124", "G0101-G0103", "J3471"]);
        assert_eq!(said(services("70010 to G0101")), ["70010", "G0101"]);
    }
}
