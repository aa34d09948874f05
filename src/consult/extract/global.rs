//! Facts of a global period: how long after the operation, and why the patient was seen or operated on again.

use std::sync::LazyLock;

use regex::Regex;

use super::words::{Phrases, Words, number};

/// What a text says of the time after an operation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GlobalFacts {
    /// Days since the operation.
    pub days_after: Option<u32>,
    /// "within the global", "post-op".
    pub in_global: bool,
    /// Back in the operating room.
    pub return_to_or: bool,
    /// Planned or staged.
    pub staged: bool,
    /// Not related to the operation.
    pub unrelated: bool,
    /// A complication of it.
    pub complication: bool,
    /// By the same physician (true) or another (false).
    pub same_physician: Option<bool>,
}

#[derive(Debug)]
enum Said {
    InGlobal,
    Return,
    Staged,
    Unrelated,
    Complication,
    Same,
    Other,
    Nothing,
}

static WORDS: &[(&str, Said)] = &[
    (
        "global|in the global|within the global|global period|postop|post op|postoperative|post operative|pod|90 day global|10 day global|s p surgery|during the global|in global",
        Said::InGlobal,
    ),
    (
        "return to the or|return to or|returned to the or|returned to or|back to the or|back to or|taken back to the or|took back to the or|take back to the or|taken back|took back|takeback|take back|return to the operating room|returned to the operating room|back to the operating room|return trip to the or|unplanned return",
        Said::Return,
    ),
    (
        "staged|planned|second stage|stage 2|planned return|more extensive|preplanned|pre planned",
        Said::Staged,
    ),
    (
        "unrelated|not related|nothing to do with|different problem|different body part|other knee|opposite side|contralateral|different reason",
        Said::Unrelated,
    ),
    (
        "complication|complications|dehiscence|wound infection|post op infection|postop infection|hematoma|seroma|bleeding|anastomotic leak|surgical site infection|ssi",
        Said::Complication,
    ),
    ("same surgeon|same physician|same doctor|same provider|same doc|same md", Said::Same),
    (
        "different surgeon|different physician|different doctor|another surgeon|different provider|another physician|another doctor|other surgeon|different md",
        Said::Other,
    ),
    (
        "unplanned|global fee|global payment|billed global|bill global|globally|global billing|bill it globally|global service|global component|global days of|not planned",
        Said::Nothing,
    ),
];

static TABLE: LazyLock<Phrases<Said>> = LazyLock::new(|| Phrases::of(WORDS));

static POST_OP_DAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:post-?\s?op(?:erative)?\s*(?:day|d)?|pod)\s*#?\s*(\d{1,3})\b").ok()
});
static AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|a)\s*-?\s*(days?|d|weeks?|wks?|wk|months?|mos?)\s*-?\s*(?:after|post\b|post-?\s?op|postop|s/p|status post|following|out from|out of surgery|from surgery|since (?:surgery|the surgery|her|his)|later)").ok()
});

/// Reads the facts.
pub(super) fn find(text: &str, words: &Words<'_>) -> GlobalFacts {
    let mut facts = GlobalFacts::default();
    let (mut same, mut other) = (false, false);
    for hit in TABLE.find(words) {
        match hit.means {
            Said::InGlobal => facts.in_global = true,
            Said::Return => facts.return_to_or = true,
            Said::Staged => facts.staged = true,
            Said::Unrelated => facts.unrelated = true,
            Said::Complication => facts.complication = true,
            Said::Same => same = true,
            Said::Other => other = true,
            Said::Nothing => {}
        }
    }
    facts.same_physician = (same != other).then_some(same);
    let named = POST_OP_DAY.as_ref().and_then(|r| r.captures(text)).and_then(|c| number(c.get(1)?.as_str()));
    let after = || {
        AFTER.as_ref().and_then(|r| r.captures(text)).and_then(|c| {
            let written = c.get(1)?.as_str().to_lowercase();
            // "30 weeks after 7 visits" counts no days since an operation.
            let tail = text.get(c.get(0)?.end()..).unwrap_or_default().trim_start();
            if tail.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            let n = if written == "a" { 1 } else { number(&written)? };
            let factor = match c.get(2)?.as_str().to_lowercase().as_bytes().first() {
                Some(b'w') => 7,
                Some(b'm') => 30,
                _ => 1,
            };
            Some(n * factor)
        })
    };
    facts.days_after = named.or_else(after);
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_after_an_operation() {
        let days = |text: &str| find(text, &Words::of(text)).days_after;
        assert_eq!(days("post-op day 5"), Some(5));
        assert_eq!(days("POD#2"), Some(2));
        assert_eq!(days("20 days after lap chole"), Some(20));
        assert_eq!(days("3 weeks after TKA"), Some(21));
        assert_eq!(days("two weeks post-op"), Some(14));
        assert_eq!(days("14 months ago"), None);
        assert_eq!(days("every 3 weeks"), None);
    }

    #[test]
    fn why_again() {
        let read = |text: &str| find(text, &Words::of(text));
        let f = read("within the global, taken back to the OR for dehiscence by the same surgeon");
        assert!(f.in_global && f.return_to_or && f.complication && !f.staged);
        assert_eq!(f.same_physician, Some(true));
        assert!(read("staged procedure").staged);
        assert!(!read("unplanned return to the OR").staged);
        assert!(!read("do not bill it globally").in_global);
    }
}
