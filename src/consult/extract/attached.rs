//! What is written behind a code: its modifiers, its units, and the last digits of further codes ("99213, 14").

use std::sync::LazyLock;

use regex::Regex;

use super::around::{
    ASKED_AFTER, LAST_DIGITS, MODIFIER_BARE, MODIFIER_CALLED, MODIFIER_END, MODIFIER_NAMED, MODIFIER_SURE,
    OTHER_COUNT, UNITS_AFTER, UNITS_BEFORE, says,
};
use super::codes::{CodeMention, MentionKind, Spot};
use super::is_modifier;

/// Modifiers of letters that are told from words even in lower case.
const LETTERS: &[&str] =
    &["lt", "rt", "tc", "kx", "gp", "gn", "jw", "jz", "xs", "xu", "xe", "xp", "qw", "gz", "gy", "gx", "ga"];

/// The most modifiers of a line.
const MOST: usize = 4;

/// Adds the modifiers that stand behind a code; where they end.
pub(super) fn modifiers(text: &str, end: usize, mention: &mut CodeMention) -> usize {
    let mut end = end;
    for _ in 0..MOST * 2 {
        let tail = text.get(end..).unwrap_or_default();
        let Some((word, length)) = next_modifier(tail, &mention.code) else { break };
        if mention.modifiers.len() >= MOST {
            break;
        }
        end += length;
        if !mention.modifiers.contains(&word) {
            mention.modifiers.push(word);
        }
    }
    end
}

/// The modifier at the beginning of a text, and the length of what names it.
fn next_modifier(tail: &str, code: &str) -> Option<(String, usize)> {
    for pattern in [&MODIFIER_NAMED, &MODIFIER_CALLED, &MODIFIER_SURE] {
        let Some(c) = pattern.as_ref().and_then(|r| r.captures(tail)) else { continue };
        let group = c.iter().skip(1).flatten().next()?;
        let word = group.as_str();
        if tail.trim_start().starts_with(',') && says(&ASKED_AFTER, tail.get(group.end()..)?) {
            return None;
        }
        if is_modifier(&word.to_ascii_uppercase()) {
            return Some((word.to_ascii_uppercase(), c.get(0)?.end()));
        }
    }
    let c = MODIFIER_BARE.as_ref()?.captures(tail)?;
    let (whole, word) = (c.get(0)?, c.get(1)?.as_str());
    let upper = word.to_ascii_uppercase();
    let numeric = word.bytes().all(|b| b.is_ascii_digit());
    let spelt = numeric || word == upper || LETTERS.contains(&word);
    // A slash may lead to the last digits of the next code: "29880/81".
    let last = code.get(code.len().saturating_sub(2)..).and_then(|d| d.parse::<u32>().ok());
    let step = word.parse::<u32>().ok().zip(last).and_then(|(b, a)| b.checked_sub(a));
    let next = whole.as_str().trim_start().starts_with('/') && step.is_some_and(|s| (1..=4).contains(&s));
    let asked = says(&ASKED_AFTER, tail.get(whole.end()..)?)
        && !whole.as_str().contains('-')
        && tail.trim_start().starts_with(',');
    let sure =
        !next && !asked && spelt && is_modifier(&upper) && says(&MODIFIER_END, tail.get(whole.end()..)?);
    sure.then(|| (upper, whole.end()))
}

fn count(pattern: &LazyLock<Option<Regex>>, text: &str) -> Option<(u32, usize)> {
    let c = pattern.as_ref()?.captures(text)?;
    let number = c.iter().skip(1).flatten().next()?;
    Some((number.as_str().parse().ok()?, number.end()))
}

/// The units written behind a code (from `end`) or before it.
pub(super) fn units(text: &str, end: usize, head: &str) -> Option<u32> {
    let tail = text.get(end..).unwrap_or_default();
    count(&UNITS_AFTER, tail)
        .filter(|(_, at)| !says(&OTHER_COUNT, tail.get(*at..).unwrap_or_default()))
        .or_else(|| count(&UNITS_BEFORE, head))
        .map(|(n, _)| n)
        .filter(|n| *n > 0)
}

/// The codes whose last digits stand behind a code: "99213, 14", "99213/14/15".
pub(super) fn last_digits(text: &str, end: usize, first: &CodeMention) -> Vec<Spot> {
    let mut out: Vec<Spot> = Vec::new();
    if first.kind != MentionKind::Cpt || !first.modifiers.is_empty() || first.range_end.is_some() {
        return out;
    }
    let (mut at, mut code) = (end, first.code.clone());
    while let Some(tail) = text.get(at..) {
        let Some(c) = LAST_DIGITS.as_ref().and_then(|r| r.captures(tail)) else { break };
        let (Some(joint), Some(digits), Some(whole)) = (c.get(1), c.get(2), c.get(0)) else { break };
        let split = code.len().saturating_sub(digits.len());
        let (head, last) = (code.get(..split).unwrap_or_default(), code.get(split..).unwrap_or_default());
        let step = digits.as_str().parse::<u32>().ok().zip(last.parse::<u32>().ok());
        let Some(step) = step.and_then(|(b, a)| b.checked_sub(a)).filter(|s| *s > 0) else { break };
        let slash = joint.as_str() == "/";
        let after = tail.get(whole.end()..).unwrap_or_default();
        let near = slash && step <= 4;
        let plain = digits.len() == 2
            && !is_modifier(digits.as_str())
            && (says(&MODIFIER_END, after) || after.trim_start().starts_with("for "));
        if !(near || plain) || after.starts_with('/') && after.get(1..).is_some_and(|a| a.starts_with("20")) {
            break;
        }
        code = format!("{head}{}", digits.as_str());
        let mut mention = CodeMention::new(&code, MentionKind::Cpt);
        mention.service = true;
        mention.alternative = slash || joint.as_str().to_ascii_lowercase().ends_with("or");
        let start = at + digits.start();
        at += whole.end();
        out.push(Spot { start, end: at, mention });
        if out.len() >= 8 {
            break;
        }
    }
    out
}
