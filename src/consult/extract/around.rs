//! What the words around a number tell of it: a code, its modifiers and units, or a zip code, a phone number, an amount.

use std::sync::LazyLock;

use regex::Regex;

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("(?i){pattern}")).ok()
}

pub(super) static CHAIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"[a-z0-9]+(?:\.[a-z0-9]+)*(?:[-–][a-z0-9]+(?:\.[a-z0-9]+)*)*"));
pub(super) static DOTTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^[a-z][0-9][0-9a-z]\.[0-9a-z]{1,4}$"));
pub(super) static UNITS_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:(?:[x×*]\s*(\d{1,4})(?:\s*units?)?)|(?:[(,:]?\s*(\d{1,4})\s*units?)|(?:[(,]?\s*(?:units?|qty)\s*[:=]?\s*(\d{1,4})))(?:$|[^0-9a-z.%]|\.(?:$|[^0-9]))",
    )
});
pub(super) static UNITS_BEFORE: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?:^|\s)(\d{1,4})\s*(?:units?\s+(?:of\s+)?|[x×]\s*)$"));
pub(super) static MODIFIER_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^(?:\s*,?\s*(?:w/|with|and|has|plus)?\s*(?:an?\s+)?mod(?:ifier)?s?\.?\s*#?-?\s*([0-9a-z]{2})|\s+-([0-9a-z]{2})|\s*[,-]?\s*(LT|RT))\b",
    )
});
pub(super) static FOREIGN_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:[$€£#]\s*|\b(?:zip(?:\s*code)?|phone|tel|fax|call|ext|acct|account|mrn|invoice|ticket|po box|box|suite|ste|npi|tax id|tin|room|icn|dcn|batch)\s*(?:no\.?|num(?:ber)?|#|id)?\s*(?:is|was)?\s*[:#]?\s*|\b(?:claim|case|ref(?:erence)?|auth(?:orization)?|check|policy|member|patient|order|audit|control)\s*(?:no\b\.?|num(?:ber)?\b|#|id\b)\s*(?:is|was)?\s*[:#]?\s*)$",
    )
});
pub(super) static STATE_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:[a-z],?|^|\n)\s+(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\s+$").ok()
});
pub(super) static STREET_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"^\s+(?:[nsew]\.?\s+)?[a-z]+\s+(?:st(?:reet)?|ave(?:nue)?|rd|road|blvd|drive|lane|way|hwy|pkwy)\b")
});
pub(super) static AMOUNT_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:(?:dollars|usd|miles|patients|claims|visits|encounters|lives|members|employees|people|charts|records|%)\b|%|,\d{3}|\.\d)",
    )
});
pub(super) static SERVICE_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:cpt|hcpcs|codes?|procedures?|bill(?:ed|ing)?|report(?:ed|ing)?|charged?|coded|add-?on|with|for|of|is|does|are|vs\.?|does)\s*(?:codes?|#|:|was|is|the)?\s*$",
    )
});
pub(super) static SERVICE_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:was|were|is|be|got|gets|keeps|came|had|has been|has)?\s*(?:been\s+)?(?:billed|billable|bill|denied|rejected|reported|paid|bundled|bundles|a valid|valid|invalid|coded|deleted|still|require|an add-?on|code)\b",
    )
});
pub(super) static DIAGNOSIS_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:dx|dxs|diag(?:nosis|noses|nostic codes?)?|icd(?:[- ]?10)?(?:[- ]?cm)?|z[- ]?code)\b[^.;?!\n]{0,40}$",
    )
});
pub(super) static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"^\s*(?:,|/|\+|&|;|and|with|or|vs\.?|versus|then|plus|to|through|thru|-|–|\s)*\s*$")
});
pub(super) static OR_LINK: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^\s*(?:/|or|vs\.?|versus)\s*$"));
pub(super) static THROUGH: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"^\s+(?:to|through|thru)\s+$"));

/// Whether a text matches.
pub(super) fn says(r: &LazyLock<Option<Regex>>, text: &str) -> bool {
    r.as_ref().is_some_and(|r| r.is_match(text))
}

/// The last `n` characters of the text before `at`.
pub(super) fn before(text: &str, at: usize, n: usize) -> &str {
    let head = text.get(..at).unwrap_or_default();
    let start = head.char_indices().rev().nth(n.saturating_sub(1)).map_or(0, |(i, _)| i);
    head.get(start..).unwrap_or_default()
}
