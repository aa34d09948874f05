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
        r"^\s*\)?\s*(?:(?:[(,]?\s*(?:[x×*]|times)\s*(\d{1,4})(?:\s*(?:units?|u))?)|(?:[(,:]?\s*(?:for|at|with|-)?\s*(\d{1,4})\s*(?:units?|u))|(?:[(,]?\s*(?:units?|qty|quantity)\s*(?:of)?\s*[:=]?\s*(\d{1,4})))(?:$|[^0-9a-z.%]|\.(?:$|[^0-9]))",
    )
});
pub(super) static UNITS_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:^|[\s(])(\d{1,4})\s*(?:(?:units?|u)\s+(?:of\s+|for\s+)?(?:cpt\s+|hcpcs\s+)?|[x×]\s*(?:of\s+)?)$",
    )
});
/// What follows a count that is none of units: "x 3 days".
pub(super) static OTHER_COUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:units?\s+)?(?:days?|visits?|weeks?|wks?|months?|sessions?|years?|times|dates?|claims?|patients?|mg|ml|mcg|min(?:ute)?s?|hours?|hrs?|cm|views?|vials?|doses?|syringes?|bags?|of (?:botox|insulin|heparin|drug)|wasted|discarded)\b",
    )
});
/// "modifier 59", "with mod -RT" after a code.
pub(super) static MODIFIER_NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*[,(]?\s*(?:w/|with|and|has|had|plus|using|\+|&)?\s*(?:an?\s+|the\s+)?mod(?:ifier)?s?\.?\s*(?:code\s*)?#?\s?-?\s*([0-9a-z]{2})\b",
    )
});
/// "with a 25 modifier".
pub(super) static MODIFIER_CALLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"^\s*[,(]?\s*(?:w/|with|and|plus|\+)?\s*(?:an?\s+|the\s+)?-?([0-9a-z]{2})\s+mod(?:ifier)?s?\b")
});
/// " -59", "RT": what is a modifier wherever it stands behind a code.
pub(super) static MODIFIER_SURE: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^(?:\s+-\s?([0-9a-z]{2})|\s*[,(/-]?\s*(LT|RT))\b"));
/// "with 25", "/25", " 25", ",59": a modifier if what follows does not make it a number of something.
pub(super) static MODIFIER_BARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^(?:\s*,?\s*(?:w/|with\b|plus\b|\+)\s*(?:an?\s+|the\s+)?-?|\s*[,/]\s*-?|\s+\(?-?|\s*\(-?)([0-9a-z]{2})\b",
    )
});
/// What may stand behind a bare modifier.
pub(super) static MODIFIER_END: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:$|[,;?!)/\n+&]|\.(?:$|\D)|-\s|x\s?\d|(?:ok|okay|needed|required|allowed|correct|and|or|with|w|plus|on|was|were|is|are|denied|rejected|paid|billed|both|together|same|vs|but|for (?:the|a|this|medicare|both|same|dos)|when|if|because|dx|units?|by|to|at|as|in|not|appended|attached|did|does|got|came|mod(?:ifier)?|[0-9]{5}|[a-z][0-9]{4}|[a-z][0-9][0-9a-z]\.[0-9a-z]{1,4}|[2-9][0-9]|lt|rt|xs|xu|xe|xp|gp|go|gn|kx|jw|jz|ga|gy|gz|gx|tc)\b)",
    )
});
/// What makes a modifier behind a comma a question: "G0438, 59?", "45385, 33 or PT".
pub(super) static ASKED_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^(?:\s+mod(?:ifier)?)?\s*(?:\?|(?:needed|required|too|also|ok|okay|allowed)\s*\?|(?:or|vs\.?|versus)\s+-?(?:mod(?:ifier)?\s+)?(?:[2-9][0-9]|[a-z][a-z0-9])\b)",
    )
});
/// "/14", ", 14", "or 5" behind a code: the last digits of another.
pub(super) static LAST_DIGITS: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^\s*(/|,|\bor\b|\band\b|&|,\s*(?:or|and)\b)\s*(\d{1,2})\b"));
/// A diagnosis with a blank after its letter: "M 54.5".
pub(super) static SPACED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b([A-TV-Z]) (\d[0-9A-Z]\.[0-9A-Z]{1,4})\b").ok());
/// ICD-9-CM with its dot.
pub(super) static ICD9: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"(?:^|[^0-9a-z.$-])(\d{3}\.\d{1,2}|v\d\d\.\d{1,2}|e\d{3}\.\d)(?:$|[^0-9a-z.%]|\.(?:\s|$))")
});
pub(super) static ICD9_NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\bicd[- ]?9\b"));
/// "q12h", "q4 weeks": how often, no code.
pub(super) static HOW_OFTEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^\s*(?:-\s*)?(?:h|hr|hrs|hours?|d|days?|w|wks?|weeks?|m|mo|months?)\b"));
/// What makes a letter with digits something else: an N95 mask, a B12 shot, an H1B visa.
pub(super) static THING_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^[\s-]*(?:masks?|respirators?|visas?|vitamins?|deficien|shots?|injections?|forms?|school|levels?)\b",
    )
});
pub(super) static FOREIGN_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:[$€£#]\s*|\b(?:zip(?:\s*code)?|phone|tel|fax|call|ext|extension|acct|account|mrn|invoice|ticket|po box|p\.o\. box|box|suite|ste|apt|bldg|unit #|npi|tax id|tin|ein|room|rm|icn|dcn|tcn|batch|era|eft|contract|serial|lot|ndc|accession|dept)\.?\s*(?:no\.?|num(?:ber)?|#|id)?\s*(?:is|was|of)?\s*[:#]?\s*|\b(?:claim|case|ref(?:erence)?|auth(?:orization)?|check|policy|member|patient|pt|order|audit|control|group|plan|subscriber|employee|chart|encounter|visit|document|confirmation|provider|license|permit)\s*(?:no\b\.?|num(?:ber)?\b|nbr\b|#|id\b)\s*(?:is|was)?\s*[:#]?\s*)$",
    )
});
pub(super) static STATE_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // States whose letters are also a word of the field (CT, PA, OR …) need the comma of "Hartford, CT".
    Regex::new(r"(?:(?:[a-z],?|^|\n)\s+(?:A[KRZ]|CA|FL|I[AL]|K[SY]|M[INT]|N[CDEHJMVY]|OH|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]|DC)|[a-z],\s*(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]|tx|fl|ny|nj|tn|ky|wv|wi|mn|mi|az|nm|nv|ut|wy|mt|ks|vt|nh)|[a-z]{3,}\s+(?:tx|fl|ny|nj|tn|ky|wv|wi|mn|mi|az|nm|nv|ut|wy|ks|vt|nh))\.?\s+$").ok()
});
pub(super) static STREET_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s+(?:[nsew]\.?\s+|north\s+|south\s+|east\s+|west\s+)?[a-z0-9]{1,20}\s+(?:[a-z]{1,16}\s+)?(?:st|street|ave|avenue|rd|road|blvd|boulevard|drive|dr|lane|ln|way|hwy|highway|pkwy|parkway|court|plaza|circle|suite)\b",
    )
});
pub(super) static AMOUNT_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:(?:dollars|usd|bucks|miles|patients|claims|visits|encounters|lives|members|employees|people|charts|records|beds|rvus?|points|iu|copies)\b|%|,\d{3}|\.\d)",
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
