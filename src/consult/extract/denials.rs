//! What a payer answered: claim adjustment reason codes with their group (CARC: CO-97, PR 96), remark codes (RARC: N362,
//! MA130), and reasons in words.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::around::before;
use super::words::{Phrases, Words};

/// What a text says of a denial.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Denial {
    /// CARC with their group if given: `CO-97`, `96`.
    pub reasons: Vec<String>,
    /// RARC: `N362`, `MA130`.
    pub remarks: Vec<String>,
    /// Reasons in words, by their name in the field.
    pub said: Vec<&'static str>,
    /// The claim or a line of it was denied, rejected or reduced.
    pub denied: bool,
}

/// More codes of one text are not read.
const MOST: usize = 40;

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("(?i){pattern}")).ok()
}

static GROUPED: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\b(CO|PR|OA|PI|CR)\s?[-–:#]?\s?(\d{1,3}|[ABPWY]\d{1,2})\b"));
static NUMBERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:carc|denial(?: reason)?(?: code)?s?|reason code|adjustment (?:reason )?code|denied (?:with|for|as|under|reason|code|using)?|rejected (?:with|as|for)?|reject code)\s*(?:is|of|was|code|reason|#|:|=|-)?\s*\(?(\d{1,3}|[ABPWY]\d{1,2})(\b\s*(?:/|,|and|with|\+|&|w)?\s*\(?)",
    )
});
static REMARK: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\b(MA\d{1,3}|M\d{1,3}|N\d{1,4})\b"));
static REMARK_NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:\brarcs?\b|\bremarks?\b|\bremark codes?\b|\b(?:co|pr|oa|pi)\s?-?\s?\d{1,3}|\bcarc\b|\bdeni(?:ed|al)\b(?:\s+(?:with|as|for|code|reason|codes|reasons))*|\bmoa\b|\beob\b|\bera\b|\b835\b|\breject(?:ed|ion)?\b)[^.?!\n]{0,24}$",
    )
});
static AS_NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:days?|weeks?|months?|years?|minutes?|min\b|units?|claims?|times|patients?|lines?|mg|cm|visits?|%|percent|of\b|/\d{1,2}/|/\d{2,4}\b|st\b|nd\b|rd\b|th\b|x\b)",
    )
});

static SAID: &[(&str, Option<&str>)] = &[
    (
        "bundled|inclusive|included in another|incidental to|incidental|bundling denial|unbundled denial|mutually exclusive",
        Some("bundled"),
    ),
    ("duplicate|dup claim|duplicate claim|exact duplicate", Some("duplicate")),
    (
        "medical necessity|not medically necessary|med nec|medically unnecessary|lack of necessity",
        Some("medical necessity"),
    ),
    ("timely filing|past timely|untimely", Some("timely filing")),
    (
        "prior authorization|no authorization|no auth|prior auth|precert|preauthorization|pre authorization",
        Some("authorization"),
    ),
    ("not covered|non covered|noncovered|not a covered benefit|non covered service", Some("not covered")),
    (
        "missing modifier|invalid modifier|modifier missing|inappropriate modifier|wrong modifier",
        Some("modifier"),
    ),
    (
        "invalid diagnosis|diagnosis invalid|dx invalid|invalid dx|truncated diagnosis|diagnosis code invalid",
        Some("diagnosis"),
    ),
    (
        "frequency|frequency limit|too soon|too many units|exceeds units|units exceed|over the mue|exceeds mue|mue denial|maximum units|too frequent",
        Some("frequency or units"),
    ),
    (
        "no primary procedure|without primary|without the primary|primary procedure missing",
        Some("add-on without primary"),
    ),
    ("eligibility|not eligible|coverage terminated|cob|coordination of benefits", Some("eligibility")),
    ("duplicate records|duplicate question|frequency of visits|do we need prior auth", None),
];
static DENIED: &[(&str, bool)] = &[
    (
        "denied|denial|denials|denying|denies|rejected|rejection|reject|rejects|kicked|kicked out|kicked back|came back|unpaid|not paid|got nothing|recouped|recoupment|downcoded|takeback letter|paid nothing|zero paid|returned unpaid|bounced|clawback|refused to pay|wont pay|won t pay|not paying|isn t paying",
        true,
    ),
    (
        "denied fever|denied pain|pt denies|patient denies|denies pain|denies any|denies fever|she denies|he denies",
        false,
    ),
];

static SAID_TABLE: LazyLock<Phrases<Option<&str>>> = LazyLock::new(|| Phrases::of(SAID));
static DENIED_TABLE: LazyLock<Phrases<bool>> = LazyLock::new(|| Phrases::of(DENIED));

/// What the payer answered, and where its codes stand in the text, in order: they are no codes of services.
pub(super) fn find(text: &str, words: &Words<'_>) -> (Denial, Vec<Range<usize>>) {
    let mut denial =
        Denial { denied: DENIED_TABLE.find(words).iter().any(|h| *h.means), ..Denial::default() };
    let mut taken: Vec<Range<usize>> = Vec::new();
    let push = |list: &mut Vec<String>, code: String| {
        if !list.contains(&code) && list.len() < MOST {
            list.push(code);
        }
    };
    for c in GROUPED.iter().flat_map(|r| r.captures_iter(text).take(MOST)) {
        let (Some(whole), Some(group), Some(code)) = (c.get(0), c.get(1), c.get(2)) else { continue };
        // "co 59" or "pr 1" in running text is no group; a denial or the capitals make it one.
        let written = group.as_str().chars().all(char::is_uppercase) || denial.denied;
        let tail = text.get(whole.end()..).unwrap_or_default();
        if written && !AS_NUMBER.as_ref().is_some_and(|r| r.is_match(tail)) {
            let code = code.as_str().to_ascii_uppercase();
            push(&mut denial.reasons, format!("{}-{code}", group.as_str().to_ascii_uppercase()));
            taken.push(whole.range());
        }
    }
    for c in NUMBERED.iter().flat_map(|r| r.captures_iter(text).take(MOST)) {
        let Some(code) = c.get(1) else { continue };
        let tail = text.get(code.end()..).unwrap_or_default();
        let known = taken.iter().any(|r| r.start <= code.start() && code.start() < r.end);
        let named = c.get(0).is_some_and(|w| {
            let w = w.as_str().to_lowercase();
            w.contains("carc") || w.contains("code") || w.contains("denial") || w.contains("reason")
        });
        let remark = c
            .get(2)
            .and_then(|m| text.get(m.end()..))
            .is_some_and(|t| REMARK.as_ref().and_then(|r| r.find(t)).is_some_and(|m| m.start() == 0));
        let stop = tail.is_empty() || tail.starts_with(['.', ',', ';', ')', '?', '\n', '!', '/']);
        let date = AS_NUMBER.as_ref().is_some_and(|r| r.is_match(tail));
        if !known && !date && (named || remark || stop) {
            push(&mut denial.reasons, code.as_str().to_ascii_uppercase());
            taken.push(code.range());
        }
    }
    for m in REMARK.iter().flat_map(|r| r.captures_iter(text).take(MOST)).filter_map(|c| c.get(1)) {
        let upper = m.as_str().to_ascii_uppercase();
        let tail = text.get(m.end()..).unwrap_or_default();
        let dotted = tail.starts_with('.') && tail.chars().nth(1).is_some_and(|c| c.is_ascii_alphanumeric());
        let head = before(text, m.start(), 40);
        // MA and up to three digits is nothing else; N39 or M54 alone may be a diagnosis.
        let sure = upper.starts_with("MA") && upper.len() >= 4;
        let named = REMARK_NAMED.as_ref().is_some_and(|r| r.is_match(head))
            && !head.to_lowercase().contains("dx")
            && !head.to_lowercase().contains("diagnos");
        if !dotted && (sure || named) {
            push(&mut denial.remarks, upper);
            taken.push(m.range());
        }
    }
    for hit in SAID_TABLE.find(words) {
        if let Some(reason) = hit.means.filter(|r| !denial.said.contains(r)) {
            denial.said.push(reason);
        }
    }
    denial.denied |= !denial.reasons.is_empty() || !denial.remarks.is_empty();
    if !denial.denied {
        denial.said.clear();
    }
    taken.sort_by_key(|r| r.start);
    (denial, taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_denials() {
        for (text, reasons, remarks) in [
            ("denied CO-97", &["CO-97"][..], &[][..]),
            ("PR 96", &["PR-96"], &[]),
            ("co97 denial", &["CO-97"], &[]),
            ("denied with N362", &[], &["N362"]),
            ("denied 16/M76", &["16"], &["M76"]),
            ("remark code MA130", &[], &["MA130"]),
            ("CARC 236", &["236"], &[]),
            ("CO-16, N290 and M51", &["CO-16"], &["N290", "M51"]),
            ("denied for B7", &["B7"], &[]),
            ("dx N39.0 and M54.5", &[], &[]),
            ("denied 3 times", &[], &[]),
            ("denied 5/6/2025", &[], &[]),
            ("99213 denied", &[], &[]),
            ("dx M54 N18 denied", &[], &[]),
        ] {
            let (d, _) = find(text, &Words::of(text));
            assert_eq!(
                (d.reasons.as_slice(), d.remarks.as_slice()),
                (
                    &reasons.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..],
                    &remarks.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..]
                ),
                "{text}"
            );
        }
        let (d, _) = find("denied as bundled", &Words::of("denied as bundled"));
        assert_eq!(d.said, ["bundled"]);
        assert!(!find("pt denies pain", &Words::of("pt denies pain")).0.denied);
    }
}
