//! Words with hyphens and dots: a code with its modifiers, a range, codes glued together by a missing blank, or
//! something else.

use super::around::{CHAIN, DOTTED, says};
use super::codes::{CodeMention, MentionKind};
use super::is_modifier;

/// What the shape of a word says.
pub(super) fn kind_of(word: &str) -> Option<MentionKind> {
    if !(3..=8).contains(&word.len()) {
        return None;
    }
    if says(&DOTTED, word) {
        return Some(MentionKind::Diagnosis);
    }
    let bytes = word.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphabetic);
    if !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let upper = bytes.iter().all(|b| !b.is_ascii_lowercase());
    match bytes.len() {
        5 if (0..5).all(digit) => Some(MentionKind::Cpt),
        5 if (0..4).all(digit) && bytes.get(4).is_some_and(|b| b"FTUMftum".contains(b)) => {
            Some(MentionKind::Cpt)
        }
        5 if letter(0) && (1..5).all(digit) => Some(MentionKind::HcpcsOrDiagnosis),
        7 if digit(0)
            && !(0..5).all(digit)
            && (1..7).any(letter)
            && ((1..7).any(digit) || (upper && word.ends_with('Z'))) =>
        {
            Some(MentionKind::InpatientProcedure)
        }
        3..=7 if letter(0) && digit(1) && (digit(2) || letter(2)) => Some(MentionKind::MaybeDiagnosis),
        // ICD-10-PCS outside of the medical and surgical section: XW033E5, GZB0ZZZ.
        7 if letter(0) && upper && (1..7).any(digit) => Some(MentionKind::MaybeDiagnosis),
        _ => None,
    }
}

/// A place and the mention read there: where it begins and ends in the text.
type Sink<'a> = dyn FnMut(usize, usize, CodeMention) + 'a;

/// Tells of every code-shaped word, at most `most`.
pub(super) fn read(text: &str, most: usize, found: &mut Sink<'_>) {
    let Some(chains) = &*CHAIN else { return };
    let mut left = most;
    for chain in chains.find_iter(text) {
        read_chain(text, chain.start(), chain.as_str(), &mut |start, end, mention| {
            if left > 0 {
                left -= 1;
                found(start, end, mention);
            }
        });
        if left == 0 {
            return;
        }
    }
}

fn read_chain(text: &str, start: usize, chain: &str, found: &mut Sink<'_>) {
    let mut offset = start;
    let mut parts: Vec<(usize, &str)> = Vec::new();
    for part in chain.split(['-', '–']) {
        parts.push((offset, part));
        let gap = text.get(offset + part.len()..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
        offset += part.len() + gap;
    }
    let digits_only = |p: &str| p.bytes().all(|b| b.is_ascii_digit());
    let mut rest = parts.as_slice();
    while let Some(((at, part), tail)) = rest.split_first() {
        rest = tail;
        let Some(kind) = kind_of(part) else {
            // `12-34567` is no code: what follows a number and a hyphen belongs to that number.
            if digits_only(part) {
                return;
            }
            read_dotted_words(*at, part, found);
            continue;
        };
        let mut mention = CodeMention::new(part, kind);
        let mut end = at + part.len();
        while let Some(((next_at, next), tail)) = rest.split_first() {
            let upper = next.to_ascii_uppercase();
            let is_five = kind_of(next).is_some() && next.len() == part.len();
            let last_two = part.get(part.len().saturating_sub(2)..).unwrap_or_default();
            if is_modifier(&upper) && mention.modifiers.len() < 4 && kind != MentionKind::Diagnosis {
                mention.modifiers.push(upper);
            } else if let Some(count) = modifier_with_units(&upper) {
                mention.modifiers.push(count.0);
                mention.units = Some(count.1);
            } else if is_five && mention.modifiers.is_empty() {
                mention.range_end = Some(next.to_ascii_uppercase());
            } else if next.len() == 2 && digits_only(next) && digits_only(part) && next > &last_two {
                let head = part.get(..part.len().saturating_sub(2)).unwrap_or_default();
                mention.range_end = Some(format!("{head}{next}"));
            } else if digits_only(next) {
                return;
            } else {
                break;
            }
            end = next_at + next.len();
            rest = tail;
        }
        found(*at, end, mention);
    }
}

/// `59x2` at the end of a chain.
fn modifier_with_units(upper: &str) -> Option<(String, u32)> {
    let (modifier, count) = upper.split_once('X')?;
    (is_modifier(modifier)).then_some(())?;
    Some((modifier.to_owned(), count.parse().ok()?))
}

/// `63020.Then` or `B20.And`: words that a missing blank has glued together; `97110x3`; `63020RT`.
fn read_dotted_words(at: usize, part: &str, found: &mut Sink<'_>) {
    let mut offset = at;
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    for word in part.split('.') {
        let whole = word.len() == part.len();
        if let Some(kind) = kind_of(word).filter(|_| !whole) {
            let money = digits == part.len() - 1;
            if !money {
                found(offset, offset + word.len(), CodeMention::new(word, kind));
            }
        } else if let Some((code, units)) = word
            .split_once(['x', 'X'])
            .filter(|(c, u)| is_service(c) && !u.is_empty() && u.bytes().all(|b| b.is_ascii_digit()))
        {
            let mut mention = CodeMention::new(code, kind_of(code).unwrap_or(MentionKind::Cpt));
            mention.units = units.parse().ok().filter(|n| *n > 0);
            found(offset, offset + word.len(), mention);
        } else if let Some((code, side)) = word
            .split_at_checked(5)
            .filter(|(c, s)| is_service(c) && matches!(s.to_ascii_uppercase().as_str(), "RT" | "LT" | "TC"))
        {
            let mut mention = CodeMention::new(code, MentionKind::Cpt);
            mention.modifiers.push(side.to_ascii_uppercase());
            found(offset, offset + word.len(), mention);
        }
        offset += word.len() + 1;
    }
}

fn is_service(word: &str) -> bool {
    matches!(kind_of(word), Some(MentionKind::Cpt | MentionKind::HcpcsOrDiagnosis))
}
