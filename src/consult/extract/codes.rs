//! Codes in a text: CPT and HCPCS with modifiers and units, ICD-10-CM dotted and undotted, lists and ranges.
//! Numbers that only look like codes (zip codes, phone and claim numbers, amounts) are told apart by what stands
//! around them. Whether a code exists is the codebook's word, not ours.

use std::ops::Range;

use super::around::{
    AMOUNT_AFTER, DIAGNOSIS_BEFORE, FOREIGN_BEFORE, HOW_OFTEN, ICD9, ICD9_NAMED, LINK, OR_LINK,
    SERVICE_AFTER, SERVICE_BEFORE, SPACED, STATE_BEFORE, STREET_AFTER, THING_AFTER, THROUGH, before, says,
};
use super::sides::Side;
use super::{attached, chain, sides};

/// A text with more code-shaped words is no question: the rest of them is not read.
const MOST: usize = 2_000;

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
    /// ICD-9-CM with its dot, where the text speaks of ICD-9 or the shape can be nothing else.
    Icd9,
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
    /// The side of the body that is named beside it.
    pub side: Option<Side>,
}

impl CodeMention {
    pub(super) fn new(word: &str, kind: MentionKind) -> Self {
        Self {
            code: word.to_ascii_uppercase(),
            kind,
            modifiers: Vec::new(),
            units: None,
            service: false,
            diagnosis: false,
            range_end: None,
            alternative: false,
            side: None,
        }
    }
}

/// A mention and where it stands, with what is written at it.
pub(super) struct Spot {
    pub start: usize,
    pub end: usize,
    pub mention: CodeMention,
}

/// Every code-shaped word of the text that is not plainly something else. What lies in `taken` (in order) is
/// another subject's.
pub(super) fn find(text: &str, taken: &[Range<usize>]) -> Vec<CodeMention> {
    merge(spots(text, taken))
}

/// The mentions with their places, in the order of the text.
pub(super) fn spots(text: &str, taken: &[Range<usize>]) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    chain::read(text, MOST, &mut |start, end, mention| finish(text, start, end, mention, taken, &mut spots));
    for c in SPACED.iter().flat_map(|r| r.captures_iter(text).take(MOST)) {
        if let (Some(whole), Some(a), Some(b)) = (c.get(0), c.get(1), c.get(2)) {
            let word = format!("{}{}", a.as_str(), b.as_str());
            let mention = CodeMention::new(&word, MentionKind::Diagnosis);
            finish(text, whole.start(), whole.end(), mention, taken, &mut spots);
        }
    }
    let named = says(&ICD9_NAMED, text);
    for m in ICD9.iter().flat_map(|r| r.captures_iter(text).take(MOST)).filter_map(|c| c.get(1)) {
        // "427.31" alone may be an amount; without the word ICD-9 only what is called a diagnosis counts.
        if named || says(&DIAGNOSIS_BEFORE, before(text, m.start(), 24)) {
            let mention = CodeMention::new(m.as_str(), MentionKind::Icd9);
            finish(text, m.start(), m.end(), mention, taken, &mut spots);
        }
    }
    spots.sort_by_key(|s| s.start);
    link(text, &mut spots);
    beside(text, &mut spots);
    spots
}

/// Reads what stands around a code and keeps it, unless it is plainly something else.
fn finish(
    text: &str,
    start: usize,
    end: usize,
    mut mention: CodeMention,
    taken: &[Range<usize>],
    spots: &mut Vec<Spot>,
) {
    let next = taken.partition_point(|r| r.end <= start);
    if taken.get(next).is_some_and(|r| r.start < end) {
        return;
    }
    let head = before(text, start, 48);
    let tail = text.get(end..).unwrap_or_default();
    let number = mention.code.bytes().all(|b| b.is_ascii_digit());
    let attached = !mention.modifiers.is_empty();
    let foreign = !attached
        && ((number
            && (says(&STATE_BEFORE, head) || says(&AMOUNT_AFTER, tail) || says(&STREET_AFTER, tail)))
            || says(&FOREIGN_BEFORE, head));
    let other_thing = mention.kind == MentionKind::MaybeDiagnosis
        && (says(&THING_AFTER, tail)
            || mention.code.strip_prefix('Q').is_some_and(|rest| {
                let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                says(&HOW_OFTEN, if unit.is_empty() { tail } else { unit })
            }));
    if foreign || other_thing {
        return;
    }
    let diagnosis = matches!(mention.kind, MentionKind::Diagnosis | MentionKind::Icd9);
    let end = if diagnosis { end } else { attached::modifiers(text, end, &mut mention) };
    if !diagnosis && mention.units.is_none() {
        mention.units = attached::units(text, end, head);
    }
    mention.diagnosis = says(&DIAGNOSIS_BEFORE, head);
    mention.service = !mention.modifiers.is_empty()
        || mention.units.is_some()
        || says(&SERVICE_BEFORE, head)
        || says(&SERVICE_AFTER, tail);
    let listed = attached::last_digits(text, end, &mention);
    spots.push(Spot { start, end, mention });
    spots.extend(listed);
}

/// Codes that stand beside one another ("63020 and 63030", "99213/99214") share what is said around them.
fn link(text: &str, spots: &mut Vec<Spot>) {
    let mut ends: Vec<usize> = Vec::new();
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
            b.mention.alternative |= or;
            if through && a.mention.modifiers.is_empty() && a.mention.code < b.mention.code {
                a.mention.range_end = Some(b.mention.code.clone());
                ends.push(i + 1);
            }
        } else {
            b.mention.diagnosis |= a.mention.diagnosis && b.mention.kind != MentionKind::Cpt;
        }
    }
    // The last code of a range is part of it, no mention of its own.
    let mut at = 0;
    spots.retain(|_| {
        at += 1;
        ends.binary_search(&(at - 1)).is_err()
    });
}

/// The side of the body that stands beside each code.
fn beside(text: &str, spots: &mut [Spot]) {
    let bounds: Vec<(usize, usize)> = spots.iter().map(|s| (s.start, s.end)).collect();
    for (i, spot) in spots.iter_mut().enumerate() {
        let previous = i.checked_sub(1).and_then(|p| bounds.get(p)).map_or(0, |b| b.1);
        let next = bounds.get(i + 1).map_or(text.len(), |b| b.0);
        spot.mention.side = sides::by_modifier(&spot.mention.modifiers).or_else(|| {
            let head = text.get(previous..spot.start).unwrap_or_default();
            let tail = text.get(spot.end..next).unwrap_or_default();
            sides::around(head, tail)
        });
    }
}

/// Each code once, unless it stands on two lines that differ (20610-RT, 20610-LT).
fn merge(spots: Vec<Spot>) -> Vec<CodeMention> {
    let mut out: Vec<CodeMention> = Vec::new();
    let mut places: std::collections::HashMap<String, Vec<usize>> = std::collections::HashMap::new();
    for Spot { mention, .. } in spots {
        let bare = |m: &CodeMention| m.modifiers.is_empty() && m.units.is_none();
        let same = |m: &CodeMention| {
            (bare(m) || bare(&mention) || (m.modifiers == mention.modifiers && m.units == mention.units))
                && (m.side == mention.side || m.side.is_none() || mention.side.is_none())
        };
        let here = places.entry(mention.code.clone()).or_default();
        let known = here.iter().copied().find(|i| out.get(*i).is_some_and(same));
        match known.and_then(|i| out.get_mut(i)) {
            Some(known) => {
                known.service |= mention.service;
                known.diagnosis |= mention.diagnosis;
                known.range_end = known.range_end.take().or(mention.range_end);
                known.side = known.side.or(mention.side);
                if known.modifiers.is_empty() {
                    known.modifiers = mention.modifiers;
                }
                known.units = known.units.or(mention.units);
            }
            None => {
                here.push(out.len());
                out.push(mention);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
