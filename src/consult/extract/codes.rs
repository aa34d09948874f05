//! Codes in a text: CPT and HCPCS with modifiers and units, ICD-10-CM dotted and undotted, lists and ranges.
//! Numbers that only look like codes (zip codes, phone and claim numbers, amounts) are told apart by what stands
//! around them. Whether a code exists is the codebook's word, not ours.

use std::sync::LazyLock;

use regex::Regex;

use super::around::{
    AMOUNT_AFTER, CHAIN, DIAGNOSIS_BEFORE, DOTTED, FOREIGN_BEFORE, LINK, MODIFIER_AFTER, OR_LINK,
    SERVICE_AFTER, SERVICE_BEFORE, STATE_BEFORE, STREET_AFTER, THROUGH, UNITS_AFTER, UNITS_BEFORE, before,
    says,
};
use super::is_modifier;

/// What a word's shape says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MentionKind {
    /// Five digits, or four and a letter: CPT.
    Cpt,
    /// A letter and four digits: HCPCS level II, or an ICD-10-CM code without its dot.
    HcpcsOrDiagnosis,
    /// ICD-10-CM with its dot.
    Diagnosis,
    /// A letter, a digit and one to five more, without a dot: ICD-10-CM if the codebook knows it.
    MaybeDiagnosis,
    /// Seven characters beginning with a digit: ICD-10-PCS.
    InpatientProcedure,
}

/// A code-shaped word and what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeMention {
    /// The code as it is officially written, upper case.
    pub code: String,
    /// What its shape says.
    pub kind: MentionKind,
    /// Modifiers written at it.
    pub modifiers: Vec<String>,
    /// Units written at it.
    pub units: Option<u32>,
    /// What stands around it speaks of a service ("CPT", "billed", a modifier, units, another code beside it).
    pub service: bool,
    /// What stands before it speaks of a diagnosis ("dx", "ICD-10").
    pub diagnosis: bool,
    /// Last code of a range that begins here.
    pub range_end: Option<String>,
    /// Joined with the code before it by "/" or "or": one of the two is meant.
    pub alternative: bool,
}

fn kind_of(word: &str) -> Option<MentionKind> {
    if says(&DOTTED, word) {
        return Some(MentionKind::Diagnosis);
    }
    let bytes = word.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphabetic);
    let all_alnum = bytes.iter().all(u8::is_ascii_alphanumeric);
    if !all_alnum {
        return None;
    }
    match bytes.len() {
        5 if (0..5).all(digit) => Some(MentionKind::Cpt),
        5 if (0..4).all(digit) && bytes.get(4).is_some_and(|b| b"FTUMftum".contains(b)) => {
            Some(MentionKind::Cpt)
        }
        5 if letter(0) && (1..5).all(digit) => Some(MentionKind::HcpcsOrDiagnosis),
        7 if digit(0) && !(0..5).all(digit) && (1..7).any(letter) && (1..7).any(digit) => {
            Some(MentionKind::InpatientProcedure)
        }
        3..=7 if letter(0) && digit(1) && (digit(2) || letter(2)) => Some(MentionKind::MaybeDiagnosis),
        _ => None,
    }
}

struct Spot {
    start: usize,
    end: usize,
    mention: CodeMention,
}

/// Every code-shaped word of the text that is not plainly something else.
pub(super) fn find(text: &str) -> Vec<CodeMention> {
    let Some(chains) = &*CHAIN else { return Vec::new() };
    let mut spots: Vec<Spot> = Vec::new();
    for chain in chains.find_iter(text) {
        read_chain(text, chain.start(), chain.as_str(), &mut spots);
    }
    link(text, &mut spots);
    merge(spots)
}

/// One word, possibly with hyphens: a code with modifiers, a range, or something else.
fn read_chain(text: &str, start: usize, chain: &str, spots: &mut Vec<Spot>) {
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
            read_dotted_words(text, *at, part, spots);
            continue;
        };
        let mut mention = new_mention(part, kind);
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
                mention.range_end = Some(new_mention(next, kind).code);
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
        finish(text, *at, end, mention, spots);
    }
}

/// `59x2` at the end of a chain.
fn modifier_with_units(upper: &str) -> Option<(String, u32)> {
    let (modifier, count) = upper.split_once('X')?;
    (is_modifier(modifier)).then_some(())?;
    Some((modifier.to_owned(), count.parse().ok()?))
}

/// `63020.Then` or `B20.And`: words that a missing blank has glued together.
fn read_dotted_words(text: &str, at: usize, part: &str, spots: &mut Vec<Spot>) {
    let mut offset = at;
    for word in part.split('.') {
        if let Some(kind) = kind_of(word).filter(|_| word.len() != part.len()) {
            let money = part.bytes().filter(u8::is_ascii_digit).count() == part.len() - 1;
            if !money {
                finish(text, offset, offset + word.len(), new_mention(word, kind), spots);
            }
        } else if let Some((code, units)) = word
            .split_once(['x', 'X'])
            .filter(|(c, u)| kind_of(c) == Some(MentionKind::Cpt) && u.bytes().all(|b| b.is_ascii_digit()))
        {
            let mut mention = new_mention(code, MentionKind::Cpt);
            mention.units = units.parse().ok();
            finish(text, offset, offset + word.len(), mention, spots);
        }
        offset += word.len() + 1;
    }
}

fn new_mention(word: &str, kind: MentionKind) -> CodeMention {
    CodeMention {
        code: word.to_ascii_uppercase(),
        kind,
        modifiers: Vec::new(),
        units: None,
        service: false,
        diagnosis: false,
        range_end: None,
        alternative: false,
    }
}

/// Reads what stands around a code and keeps it, unless it is plainly something else.
fn finish(text: &str, start: usize, end: usize, mut mention: CodeMention, spots: &mut Vec<Spot>) {
    let head = before(text, start, 48);
    let tail = text.get(end..).unwrap_or_default();
    let number = mention.code.bytes().all(|b| b.is_ascii_digit());
    let attached = !mention.modifiers.is_empty();
    let foreign = number
        && !attached
        && (says(&FOREIGN_BEFORE, head)
            || says(&STATE_BEFORE, head)
            || says(&AMOUNT_AFTER, tail)
            || says(&STREET_AFTER, tail));
    if foreign {
        return;
    }
    let mut end = end;
    while let Some(c) = MODIFIER_AFTER.as_ref().and_then(|r| r.captures(text.get(end..).unwrap_or_default()))
    {
        let word =
            c.iter().skip(1).flatten().next().map(|m| m.as_str().to_ascii_uppercase()).unwrap_or_default();
        if !is_modifier(&word) || mention.modifiers.len() >= 4 {
            break;
        }
        end += c.get(0).map_or(0, |m| m.end());
        if !mention.modifiers.contains(&word) {
            mention.modifiers.push(word);
        }
    }
    let count = |r: &LazyLock<Option<Regex>>, t: &str| {
        r.as_ref()
            .and_then(|r| r.captures(t))
            .and_then(|c| c.iter().skip(1).flatten().next().and_then(|m| m.as_str().parse::<u32>().ok()))
    };
    mention.units = mention
        .units
        .or_else(|| count(&UNITS_AFTER, text.get(end..).unwrap_or_default()))
        .or_else(|| count(&UNITS_BEFORE, head))
        .filter(|n| *n > 0);
    mention.diagnosis = says(&DIAGNOSIS_BEFORE, head);
    mention.service = attached
        || !mention.modifiers.is_empty()
        || mention.units.is_some()
        || says(&SERVICE_BEFORE, head)
        || says(&SERVICE_AFTER, tail);
    spots.push(Spot { start, end, mention });
}

/// Codes that stand beside one another ("63020 and 63030", "99213/99214") share what is said around them.
fn link(text: &str, spots: &mut [Spot]) {
    let mut linked: Vec<(usize, bool, bool)> = Vec::new();
    for (i, pair) in spots.windows(2).enumerate() {
        let [a, b] = pair else { continue };
        let between = text.get(a.end..b.start).unwrap_or("?");
        if between.len() <= 16 && says(&LINK, between) {
            linked.push((i, says(&OR_LINK, between), says(&THROUGH, between)));
        }
    }
    for (i, or, through) in linked {
        let Some([a, b]) = spots.get_mut(i..i + 2) else { continue };
        let same_kind = a.mention.kind == b.mention.kind;
        if same_kind {
            a.mention.service = true;
            b.mention.service = true;
            b.mention.diagnosis |= a.mention.diagnosis;
            b.mention.alternative = or;
            if through && a.mention.modifiers.is_empty() {
                a.mention.range_end = Some(b.mention.code.clone());
            }
        } else {
            b.mention.diagnosis |= a.mention.diagnosis && b.mention.kind != MentionKind::Cpt;
        }
    }
}

/// Each code once, unless it stands on two lines that differ (20610-RT, 20610-LT).
fn merge(spots: Vec<Spot>) -> Vec<CodeMention> {
    let mut out: Vec<CodeMention> = Vec::new();
    for Spot { mention, .. } in spots {
        let bare = |m: &CodeMention| m.modifiers.is_empty() && m.units.is_none();
        let known = out.iter_mut().find(|m| {
            m.code == mention.code
                && (bare(m)
                    || bare(&mention)
                    || (m.modifiers == mention.modifiers && m.units == mention.units))
        });
        match known {
            Some(known) => {
                known.service |= mention.service;
                known.diagnosis |= mention.diagnosis;
                known.range_end = known.range_end.take().or(mention.range_end);
                if bare(known) {
                    known.modifiers = mention.modifiers;
                    known.units = mention.units;
                }
            }
            None => out.push(mention),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        find(text).into_iter().map(|m| m.code).collect()
    }

    /// "Claim:" and "new patient" stand before codes as often as before numbers; "claim number" never does.
    #[test]
    fn words_of_the_trade_are_no_number_labels() {
        assert_eq!(codes("Outpatient hospital facility claim: 90834 and 99213"), ["90834", "99213"]);
        assert_eq!(codes("new patient 99203, please check 20610"), ["99203", "20610"]);
        assert!(codes("claim number 63020, case #63030, order no. 99213, patient ID 97110").is_empty());
    }

    #[test]
    fn codes_in_lists_ranges_and_with_modifiers() {
        assert_eq!(codes("Can 63020 and 63030 be billed together?"), ["63020", "63030"]);
        assert_eq!(codes("99213/99214 with 20610"), ["99213", "99214", "20610"]);
        let m = find("63020-50-51 x1, 97110 x 3; 3 units of 97140");
        assert_eq!(m[0].modifiers, ["50", "51"]);
        assert_eq!(m[0].units, Some(1));
        assert_eq!(m[1].units, Some(3));
        assert_eq!(m[2].units, Some(3));
        let m = find("98940-98942 and 99202-05");
        assert_eq!(m[0].range_end.as_deref(), Some("98942"));
        assert_eq!(m[1].range_end.as_deref(), Some("99205"));
        assert_eq!(find("99213 with modifier 25 and 20610")[0].modifiers, ["25"]);
        assert_eq!(find("29880 RT")[0].modifiers, ["RT"]);
        assert_eq!(find("97110x3")[0].units, Some(3));
        assert_eq!(find("11200 x2. Correct?")[0].units, Some(2));
        assert_eq!(find("20610-RT and 20610-LT").len(), 2);
        assert_eq!(find("43239 and 43235. They want 43235-59").len(), 2);
    }

    #[test]
    fn diagnoses_with_and_without_dots() {
        assert_eq!(codes("dx M50.121 and e11.22"), ["M50.121", "E11.22"]);
        let m = find("dx E1122, A0100");
        assert!(m.iter().all(|m| m.diagnosis), "{m:?}");
        assert_eq!(m[1].kind, MentionKind::HcpcsOrDiagnosis);
        assert!(find("A0100 x 2 billed")[0].service);
    }

    #[test]
    fn false_friends() {
        for text in [
            "Springfield, IL 62704",
            "zip 10021",
            "claim number 63020",
            "Claim #63020 was denied",
            "it cost $63020",
            "call 555-63020",
            "62704-1234",
            "we have 12345 patients",
            "63,020 dollars and 63020 dollars",
            "acct 99213",
            "20610 Main Street",
        ] {
            assert_eq!(codes(text), [""; 0], "{text}");
        }
    }
}
