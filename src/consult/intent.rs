//! What the asker wants to know, and whether it is for this desk at all.

use std::sync::LazyLock;

use regex::Regex;

use super::elsewhere::{Elsewhere, elsewhere};
use super::facts::Facts;

/// The kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// May these be reported together?
    Pair,
    /// Is this claim right, why was it denied?
    ClaimCheck,
    /// How many units?
    Units,
    /// Is this code valid?
    Validity,
    /// Does this modifier belong here?
    Modifier,
    /// Which code for this description?
    WhichCode,
    /// What is this code?
    WhatIs,
    /// Not a question for this desk.
    OutOfScope(Elsewhere),
    /// A question of compliance, without codes to look up.
    Compliance,
    /// Nothing of the above was recognised.
    Unclear,
}

fn words(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("(?i)(?:{pattern})")).ok()
}

macro_rules! patterns {
    ($($name:ident = $pattern:literal;)+) => {
        $(static $name: LazyLock<Option<Regex>> = LazyLock::new(|| words($pattern));)+
    };
}

patterns! {
    TOGETHER = r"\b(?:together|same (?:day|session|visit|claim|encounter|date)|bundl|unbundl|ncci|cci|ptp|edits?|both|in addition to|along with|combin|separately)";
    DENIED = r"\b(?:den(?:ied|ial|y)|reject|kicked|returned|unpaid|appeal|resubmit|claim was|our claim|billed|correct\?|is this right|look right|check this)";
    UNITS = r"\bhow many (?:units?|per|are allowed|can)|\bunits?\b.{0,40}\?|\bmax(?:imum)?(?: number of)? units?|\bmue\b";
    VALID = r"\b(?:valid|invalid|deleted|expired|active code|still (?:valid|billable|active)|retired|discontinued|terminated|new code for|replaced|what is wrong)\b";
    WHICH = r"\b(?:which|what|need(?:ed)?|correct|right|best|find|looking for)\b[^.?!]{0,40}\b(?:codes?|icd|cpt|hcpcs|dx|diagnos[ie]s)\b|\b(?:how (?:do|would|should) (?:we|i|you) code|code for|codes? (?:please|pls)|icd-?10 for|[jgq][- ]?codes?\s+(?:and units|pls|please|for)|need (?:a )?(?:dx|cpt|icd))\b|\b(?:dx|cpt|code|icd-?10)\s*\?";
    WHAT_IS = r"\b(?:what is|what's|what does|meaning of|describe|description of|define|tell me about|explain|look up|info on)\b";
    COMPLIANCE = r"\b(?:waiv(?:e|er|ing)|write off|overpayment|60-day|kickback|upcod|cloned?|backdat|falsif|add (?:to|the) .{0,20}(?:note|record)|change the (?:date|note|record|diagnosis)|false claims?|fraud|late signature|forgot to sign|no signature|put one of them on|maximi[sz]e)";
    INSTRUCTION = r"\b(?:ignore (?:all |any |your |the |previous |prior |above )+(?:rules|instructions|guidelines|guidance)|disregard (?:all |any |your |the |previous )+(?:rules|instructions)|you are now|system (?:note|prompt|message)|note to (?:the )?(?:assistant|ai|system|bot)|reply (?:only )?(?:with |that )|act as (?:a|an)|new instructions|override your|pretend)\b";
    POLAR = r"(?m)(?:^|[.?!:;,\n]\s*|\bso\s+|\bbut\s+)\s*(?:\d[.)]\s*)?(?:can|could|may|is|are|do|does|should|will|would|did|must|need|needs|ok|okay|correct|right|allowed|please advise if|wondering if|whether)\b[^.?!\n]*(?:\n[^.?!\n]+)*\?";
    POLAR_TAIL = r"\b(?:ok|okay|allowed|correct|right|payable|billable|together)\s*\?";
    HOW_MANY = r"\bhow many\b";
}

fn says(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|r| r.is_match(text))
}

/// What the question is.
pub(crate) fn intent(facts: &Facts) -> Intent {
    let text = facts.text.as_str();
    if let Some(elsewhere) = elsewhere(facts) {
        return Intent::OutOfScope(elsewhere);
    }
    let services = facts.service_codes().len();
    if facts.entries.is_empty() {
        return match () {
            () if is_compliance(text) => Intent::Compliance,
            () if says(&WHICH, text) => Intent::WhichCode,
            () if !facts.modifiers.is_empty() => Intent::Modifier,
            () => Intent::Unclear,
        };
    }
    if services == 0 && facts.diagnoses.is_empty() {
        return Intent::WhatIs;
    }
    if says(&UNITS, text) && services <= 1 {
        return Intent::Units;
    }
    if services >= 2 && (says(&TOGETHER, text) || !says(&DENIED, text)) {
        return Intent::Pair;
    }
    if services == 0 && says(&VALID, text) {
        return Intent::Validity;
    }
    if services == 0 && says(&WHICH, text) {
        return Intent::WhichCode;
    }
    if services >= 1 && (says(&DENIED, text) || facts.lines.iter().any(|l| l.units.is_some())) {
        return if services == 1 && says(&VALID, text) { Intent::Validity } else { Intent::ClaimCheck };
    }
    if says(&VALID, text) {
        return Intent::Validity;
    }
    if !facts.modifiers.is_empty() && services >= 1 {
        return Intent::Modifier;
    }
    if says(&WHAT_IS, text) || services + facts.diagnoses.len() >= 1 {
        return Intent::WhatIs;
    }
    Intent::Unclear
}

/// Whether the text touches compliance (a second reviewer looks at it).
pub(crate) fn is_compliance(text: &str) -> bool {
    says(&COMPLIANCE, text)
}

/// Whether the text holds words that are aimed at the system. They are only ever data.
pub(crate) fn is_instruction_like(text: &str) -> bool {
    says(&INSTRUCTION, text)
}

/// Whether the text asks something that is answered by yes or no.
pub(crate) fn is_polar(text: &str) -> bool {
    (says(&POLAR, text) || says(&POLAR_TAIL, text)) && !says(&HOW_MANY, text)
}

/// Whether the text asks if codes go together.
pub(crate) fn asks_together(text: &str) -> bool {
    says(&TOGETHER, text)
}

/// Whether a code is looked for by its description, and in which system.
pub(crate) fn asks_for_code(text: &str) -> bool {
    says(&WHICH, text)
}
