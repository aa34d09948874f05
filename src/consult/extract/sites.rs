//! The CMS place of service: by its number ("POS 22") or in words ("in the office", "SNF", "by video").

use std::sync::LazyLock;

use regex::Regex;

use super::words::{Phrases, Words};

static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:pos|place of service|plos)\s*(?:code|is|was|of)?\s*[:#=]?\s*(\d{1,2})\b").ok()
});

/// Phrases and the place's two digits; none where the words mean something else.
static WORDS: &[(&str, &str)] = &[
    ("by telehealth at home|telehealth from home|patient at home by video|video visit from home", "10"),
    (
        "telehealth|telemedicine|video visit|audio only|by video|via video|virtual visit|zoom visit|televisit|phone visit|telephone visit",
        "02",
    ),
    (
        "in the office|in office|office visit|in our office|in an office|in the clinic|in clinic|in our clinic|office setting|private practice|physician office|doctor s office|in the doctor s office|office procedure|in my office|office only|office|clinic",
        "11",
    ),
    ("home visit|house call|in the home|patient s home|at home visit|in her home|in his home", "12"),
    ("assisted living|alf", "13"),
    ("group home", "14"),
    ("urgent care", "20"),
    ("inpatient hospital|hospital inpatient|on the floor|icu|hospital stay|inpatient", "21"),
    ("off campus outpatient|off campus hospital|off campus", "19"),
    (
        "hospital outpatient|outpatient hospital|hopd|on campus outpatient|hospital outpatient department|outpatient department|outpatient surgery at the hospital|outpt hospital",
        "22",
    ),
    ("emergency room|emergency department|in the er|in the ed|er visit|ed visit", "23"),
    ("asc|ascs|ambulatory surgery center|ambulatory surgical center|surgery center|surgicenter", "24"),
    ("birthing center", "25"),
    ("skilled nursing facility|snf|skilled nursing|snf part a", "31"),
    ("nursing facility|nursing home|long term care facility|ltc facility", "32"),
    ("hospice", "34"),
    ("fqhc|federally qualified", "50"),
    ("rural health clinic|rhc", "72"),
    ("dialysis facility|dialysis center|esrd facility|dialysis unit", "65"),
    ("independent lab|independent laboratory|reference lab", "81"),
    ("pharmacy", "01"),
    ("school based", "03"),
    ("psychiatric hospital|inpatient psych|psych hospital", "51"),
    ("partial hospitalization|php program", "52"),
    ("inpatient rehab|irf", "61"),
    (
        "home office|post office|office manager|billing office|front office|back office|office staff|our office is|clinic staff|office of inspector|hospital clinic|outpatient clinic|hospital based clinic|wound clinic|pain clinic|coumadin clinic|central billing office|business office|hospice benefit|pharmacy benefit|specialty pharmacy|home office|telehealth modifier|inpatient only list|inpatient only",
        "",
    ),
];

static TABLE: LazyLock<Phrases<&'static str>> = LazyLock::new(|| Phrases::of(WORDS));

/// The place of service, two digits. A number beats words; of several places in words none is chosen but the first of
/// the same kind.
pub(super) fn find(text: &str, words: &Words<'_>) -> Option<String> {
    if let Some(c) = NAMED.as_ref().and_then(|r| r.captures(text)) {
        let digits = c.get(1)?.as_str();
        return Some(format!("{digits:0>2}"));
    }
    let mut found: Vec<&'static str> = Vec::new();
    for hit in TABLE.find(words) {
        if !hit.means.is_empty() && !found.contains(hit.means) {
            found.push(hit.means);
        }
    }
    // "ICU" and "telehealth" narrow what else is said; two plain places leave it open.
    match found.as_slice() {
        [one] => Some((*one).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_service() {
        let read = |text: &str| find(text, &Words::of(text));
        for (text, want) in [
            ("POS 22", Some("22")),
            ("pos:2", Some("02")),
            ("in the office", Some("11")),
            ("at our ASC", Some("24")),
            ("seen in the SNF", Some("31")),
            ("telehealth visit", Some("02")),
            ("office or ASC", None),
            ("post op", None),
        ] {
            assert_eq!(read(text).as_deref(), want, "{text}");
        }
    }
}
