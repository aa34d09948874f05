//! Modifiers in words: "mod 59", "modifier -RT", "can I append 25".

use std::sync::LazyLock;

use regex::Regex;

/// CPT's two-character modifiers (numbers alone, no text of theirs) and the HCPCS level II modifiers that
/// coders write most. Others count if the codebook knows them.
const KNOWN: &str = "22 23 24 25 26 27 32 33 47 50 51 52 53 54 55 56 57 58 59 62 63 66 73 74 76 77 78 79 80 81 82 \
     90 91 92 93 95 96 97 99 P1 P2 P3 P4 P5 P6 LT RT TC XE XS XP XU AS AA AD QK QS QX QY QZ GA GX GY GZ GC GE \
     GT GQ GP GO GN GW GV GG JW JZ KX PT AT AI AQ AR CR CS CQ CO CT ET EY FS FT FX FY KS LC LD LM LQ LR PA PB PC \
     PI PN PO PS PD Q0 Q1 Q5 Q6 Q7 Q8 Q9 RC RI RR NU UE SA SG TA T1 T2 T3 T4 T5 T6 T7 T8 T9 FA F1 F2 F3 F4 F5 F6 \
     F7 F8 F9 E1 E2 E3 E4 1P 2P 3P 8P G8 QW V1 V2 V3";

/// Whether this is a modifier that a coder may write (upper case).
#[must_use]
pub fn is_modifier(text: &str) -> bool {
    KNOWN.split_whitespace().any(|m| m == text)
}

static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:mod(?:ifier)?s?\.?)\s*#?-?\s*([0-9A-Z]{2})\b((?:\s*(?:,|/|or|and|&)\s*-?[0-9A-Z]{2}\b)*)",
    )
    .ok()
});
static VERBS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:append|appending|add|use|using|attach|need|needs|put|gets?|carr(?:y|ies)|with|without|or|an?)\s+(?:a\s+|an\s+|the\s+)?-?((?:[2-9][0-9])|X[ESPU]|RT|LT|TC)(?:\s*(?:or|/)\s*-?((?:[2-9][0-9])|X[ESPU]|RT|LT|TC))?\s*(?:$|[?.,;)\n]|\s(?:on|to|for|with|modifier|or|and|here|if|needed|required|appended)\b)",
    )
    .ok()
});
/// "25 modifier", "a 59 mod".
static CALLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[\s(/,-])([0-9A-Z]{2})(?:\s*(?:or|/|and|,)\s*-?([0-9A-Z]{2}))?\s+mod(?:ifier)?s?\b")
        .ok()
});
static DASHED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?:^|[\s(,/])-([0-9A-Z]{2})\b").ok());
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[.?!;:,]\s+|\s)((?:22|24|25|26|33|50|51|52|53|57|58|59|62|66|76|77|78|79|80|82|91|95|X[ESPU]|AS)(?:\s+or\s+(?:24|25|26|50|51|52|53|57|58|59|62|76|77|78|79|80|82|91))*)\s*\?").ok()
});

/// "62 for both?" at the beginning of a sentence.
static LEADING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[.?!;:]\s+|\n\s*)-?((?:2[2-7]|5[0-9]|62|66|7[6-9]|8[02]|9[1-5])|AS|X[ESPU])\s+(?:for|on|or|vs\.?|versus)\b(?:\s+-?((?:2[2-7]|5[0-9]|62|66|7[6-9]|8[02]|9[1-5])|AS|X[ESPU])\b)?").ok()
});
/// Modifiers of letters that are no other word of the field where they stand in capitals.
const LETTERS: &str =
    "QX QK QZ QY QS GA GX GY GZ JW JZ KX XE XS XP XU Q5 Q6 Q7 Q8 Q9 GC GE GP GN CQ FS FX GT GQ GW GV QW";

/// The place of a piece of a text in it.
fn offset(text: &str, piece: &str) -> usize {
    piece.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

/// Modifiers that the text asks about, each once, in the order of the text.
pub(super) fn asked(text: &str) -> Vec<String> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut keep = |at: usize, word: &str| {
        for part in word.split(|c: char| !c.is_ascii_alphanumeric()) {
            let upper = part.to_ascii_uppercase();
            if is_modifier(&upper) {
                found.push((at, upper));
            }
        }
    };
    for regex in [&*WORDS, &*VERBS, &*CALLED, &*LEADING, &*DASHED, &*BARE].into_iter().flatten() {
        for caps in regex.captures_iter(text).take(200) {
            let at = caps.get(0).map_or(0, |m| m.start());
            for group in caps.iter().skip(1).flatten() {
                keep(at, group.as_str());
            }
        }
    }
    for c in PLACED.iter().flat_map(|r| r.captures_iter(text).take(40)) {
        let word = c.get(1).map_or("", |m| m.as_str());
        if word.bytes().all(|b| !b.is_ascii_lowercase()) && is_modifier(word) {
            found.push((c.get(0).map_or(0, |m| m.start()), word.to_owned()));
        }
    }
    for (at, word) in
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() == 2).map(|w| (offset(text, w), w))
    {
        if LETTERS.split(' ').any(|m| m == word) {
            found.push((at, word.to_owned()));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    let mut out: Vec<String> = Vec::new();
    for (_, m) in found {
        if !out.contains(&m) {
            out.push(m);
        }
    }
    out
}

/// A modifier that is asked about for a code: "append 25 to 99213", "59 on 97597".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The modifier.
    pub modifier: String,
    /// The code that it is to go on.
    pub code: String,
}

static PLACED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[\s(,/]-?)([0-9A-Z]{2})(?:\s+mod(?:ifier)?)?\s+(?:on|to|onto)\s+(?:the\s+|our\s+|my\s+|both\s+)?(?:(?:cpt|hcpcs|code|visit|em|e/m|injection|procedure|line|add-?on)\s+)?((?:\d{5})|(?:\d{4}[FTUM])|(?:[A-Z]\d{4}))\b",
    )
    .ok()
});

/// Modifiers that are said to go on a code elsewhere in the sentence.
pub(super) fn placed(text: &str) -> Vec<Placed> {
    let mut out: Vec<Placed> = Vec::new();
    for c in PLACED.iter().flat_map(|r| r.captures_iter(text).take(40)) {
        let (Some(m), Some(code)) = (c.get(1), c.get(2)) else { continue };
        let spelt = m.as_str().bytes().all(|b| b.is_ascii_digit())
            || m.as_str().bytes().all(|b| !b.is_ascii_lowercase());
        let modifier = m.as_str().to_ascii_uppercase();
        let placed = Placed { modifier, code: code.as_str().to_ascii_uppercase() };
        if spelt && is_modifier(&placed.modifier) && !out.contains(&placed) {
            out.push(placed);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_in_words() {
        assert_eq!(asked("do I need mod 59 here"), ["59"]);
        assert_eq!(asked("modifier -RT on the second"), ["RT"]);
        assert_eq!(asked("modifiers 50 and 51?"), ["50", "51"]);
        assert_eq!(asked("can I append 25 to the visit"), ["25"]);
        assert_eq!(asked("Same visit. 58 or 78?"), ["58", "78"]);
        assert_eq!(asked("add 59?"), ["59"]);
        assert_eq!(asked("billed -XU for it"), ["XU"]);
    }

    #[test]
    fn numbers_that_are_no_modifiers() {
        let on = placed("append 25 to 99213, or 59 on the 20610?");
        assert_eq!((on[0].modifier.as_str(), on[0].code.as_str(), on.len()), ("25", "99213", 2));
        for text in ["for 25 minutes", "a 59 year old", "with 50 mg", "use 80 units", "in 25 days", "99213"] {
            assert!(asked(text).is_empty(), "{text}: {:?}", asked(text));
        }
    }
}
