//! From a server's words and codes to one reason.

use std::sync::LazyLock;

use regex::Regex;

use super::{STATUS, pattern};
use crate::mail::parsed::BounceReport;

static REPLY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)(?:^|[\s:;#(<>\[\]'])([45][0-5][0-9])(?:[ \-#]|$)"));

/// Words and the reason they tell, in the order in which they are looked for: the specific before the general.
/// Lower case; each line `reason: words`.
static WORDS: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| include_str!("reasons.txt").lines().filter_map(|l| l.split_once(": ")).collect());

pub(super) fn report(recipient: &str, declared: &str, words: &str, failed: bool) -> BounceReport {
    let inner = STATUS.find_iter(words).map(|m| m.as_str()).find(|s| !s.starts_with('2')).unwrap_or_default();
    // A declared x.0.0 says nothing; the server's own words may say more.
    let vague = declared.is_empty() || declared.ends_with(".0.0");
    let status = if vague && !inner.is_empty() { inner } else { declared };
    let reply_code = REPLY.captures(words).and_then(|c| c.get(1)).map(|m| m.as_str()).unwrap_or_default();
    let reason = reason(status, &words.to_lowercase());
    let temporary = status.starts_with('4') || (status.is_empty() && reply_code.starts_with('4'));
    let lasting = matches!(reason, "user_unknown" | "host_unknown" | "moved");
    BounceReport {
        recipient: recipient.chars().filter(|c| !c.is_control()).take(320).collect(),
        status: status.to_owned(),
        reply_code: reply_code.to_owned(),
        reason: reason.to_owned(),
        permanent: failed && lasting && !temporary,
    }
}

fn reason(status: &str, lower: &str) -> &'static str {
    let by_status = match status.get(1..).unwrap_or_default() {
        ".1.1" | ".1.3" | ".1.0" => Some("user_unknown"),
        ".1.2" | ".1.10" | ".4.4" if status.starts_with('5') => Some("host_unknown"),
        ".1.6" => Some("moved"),
        ".2.1" => Some("suspended"),
        ".2.2" => Some("mailbox_full"),
        ".2.3" | ".3.4" => Some("too_large"),
        ".4.7" => Some("expired"),
        ".4.1" | ".4.2" | ".4.3" | ".4.6" | ".4.4" => Some("network"),
        s if s.starts_with(".3.") => Some("system"),
        s if s.starts_with(".6.") => Some("content"),
        s if s.starts_with(".7.") => Some("policy"),
        _ => None,
    };
    let by_words = WORDS.iter().find(|(_, words)| lower.contains(words)).map(|(reason, _)| *reason);
    match (by_words, by_status) {
        // Words name the cause more exactly than the codes, which many servers use loosely.
        (Some(words), None) => words,
        (
            Some(
                words @ ("mailbox_full" | "host_unknown" | "suspended" | "too_large" | "moved"
                | "relaying_denied" | "spam"),
            ),
            _,
        ) => words,
        (Some("user_unknown"), Some(s)) if s != "policy" => "user_unknown",
        (Some("policy"), Some("user_unknown")) => "policy",
        (_, Some(status)) => status,
        (None, None) => "undefined",
    }
}
