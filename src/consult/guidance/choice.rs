//! Which notes apply to a question, and which of them are worth saying: the more exactly a note's trigger speaks of the
//! question, and the more of the question it explains, the earlier it stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::consult::guidance::library::{Library, Ready, library};
use crate::consult::guidance::note::{Ask, ClaimGroup, Note};
use crate::consult::guidance::pattern::Pattern;
use crate::consult::guidance::terms::{Found, TermId};
use crate::domain::CivilDate;

/// What a code, and a modifier, of the question is worth to a note that names it.
const OF_CODES: f64 = 2.2;
const OF_FURTHER: f64 = 0.4;
const OF_MODIFIERS: f64 = 1.6;
/// A note's topic is that of the question, or is another field's.
const WANTED: f64 = 1.3;
const UNWANTED: f64 = 0.6;

/// A pattern of one code, or of a range within ten.
const EXACT: f64 = 0.8;

/// What a question brings to the choice of notes.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'a> {
    /// Lower-case text.
    pub text: &'a str,
    /// Codes of the question, as they are officially written.
    pub codes: &'a [String],
    /// Modifiers of the question.
    pub modifiers: &'a [String],
    /// Date of service.
    pub on: CivilDate,
    /// The kind of claim, if it is said.
    pub claim: Option<ClaimGroup>,
    /// The topics that the question is about, if it tells.
    pub topics: &'a [&'a str],
    /// The topics that it hardly is about.
    pub averse: &'a [&'a str],
}

/// A note that applies.
#[derive(Debug, Clone)]
pub struct Match<'a> {
    /// The note.
    pub note: &'a Note,
    /// How well it fits: more is better.
    pub score: f64,
    /// What of the question it explains: words, codes and modifiers.
    explains: BTreeSet<Part>,
    /// The codes are named by themselves.
    exact: bool,
    /// The terms that were found.
    terms: Vec<String>,
    /// What it asks for and the text does not tell.
    pub open: Vec<&'a Ask>,
}

/// A part of a question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(usize),
    Code(String),
    Modifier(String),
}

/// The notes that apply to a question, the best first.
#[must_use]
pub fn matching<'a>(matter: Matter<'_>) -> Vec<Match<'a>> {
    library().matching(matter)
}

impl Library {
    /// The notes that apply to a question, the best first.
    #[must_use]
    pub fn matching<'a>(&'a self, matter: Matter<'_>) -> Vec<Match<'a>> {
        let found = self.terms.find(matter.text);
        let mut by_term: HashMap<TermId, Vec<Found>> = HashMap::new();
        for f in found {
            by_term.entry(f.term).or_default().push(f);
        }
        let mut groups: BTreeMap<usize, u32> = BTreeMap::new();
        for term in by_term.keys() {
            for (trigger, group) in self.by_term.get(term).into_iter().flatten() {
                *groups.entry(*trigger).or_default() |= 1_u32.checked_shl(*group as u32).unwrap_or(0);
            }
        }
        let mut best: BTreeMap<usize, Match<'a>> = BTreeMap::new();
        let alone = self.by_codes_alone.iter().copied();
        let full = groups
            .into_iter()
            .filter(|(t, bits)| self.triggers.get(*t).is_some_and(|t| bits & t.must == t.must));
        for place in alone.chain(full.map(|(t, _)| t)) {
            let Some((trigger, note)) =
                self.triggers.get(place).and_then(|t| Some((t, self.notes().get(t.note)?)))
            else {
                continue;
            };
            let Some(m) = self.weigh(trigger, note, matter, &by_term) else { continue };
            let better = best.get(&trigger.note).is_none_or(|known| known.score < m.score);
            if better {
                best.insert(trigger.note, m);
            }
        }
        let mut all: Vec<Match<'a>> = best.into_values().collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        for m in &mut all {
            m.open = self.open(m.note, &by_term);
        }
        all
    }

    /// The score of a trigger that holds, with what it explains.
    fn weigh<'a>(
        &self,
        trigger: &Ready,
        note: &'a Note,
        matter: Matter<'_>,
        found: &HashMap<TermId, Vec<Found>>,
    ) -> Option<Match<'a>> {
        if !note.holds_on(matter.on) || trigger.without.iter().any(|t| found.contains_key(t)) {
            return None;
        }
        if matter.claim.is_some_and(|claim| !note.settings.is_empty() && !note.settings.contains(&claim)) {
            return None;
        }
        if matter.codes.iter().any(|c| trigger.without_codes.iter().any(|p| p.fits(c))) {
            return None;
        }
        let mut score = 0.0;
        let mut explains = BTreeSet::new();
        let mut exact = true;
        let mut terms: Vec<String> = Vec::new();
        if !trigger.with_codes.is_empty() && !two_codes(trigger, matter.codes) {
            return None;
        }
        for patterns in [&trigger.codes, &trigger.with_codes] {
            if patterns.is_empty() {
                continue;
            }
            let before = explains.len();
            let best = codes(patterns, matter.codes, &mut explains)?;
            exact &= best >= EXACT;
            // Each further code of the question that the note names counts, too.
            let further = explains.len().saturating_sub(before + 1).min(3) as f64;
            score += (OF_CODES + OF_FURTHER * further) * best;
        }
        if !trigger.modifiers.is_empty() {
            let fitting: Vec<&String> =
                matter.modifiers.iter().filter(|m| trigger.modifiers.contains(m)).collect();
            fitting.first()?;
            score += OF_MODIFIERS;
            explains.extend(fitting.into_iter().map(|m| Part::Modifier(m.clone())));
        }
        for group in &trigger.groups {
            let fitting: Vec<&Found> = group.iter().filter_map(|t| found.get(t)).flatten().collect();
            let weight = |f: &&Found| {
                let words = self.terms.length(f.term).clamp(1, 3) as f64;
                (1.6 + 0.8 * (words - 1.0)) * self.terms.tells(f.term)
            };
            score += fitting.iter().map(weight).fold(0.0, f64::max);
            terms.extend(fitting.iter().map(|f| self.terms.name(f.term).to_owned()));
            explains.extend(fitting.iter().flat_map(|f| (f.words.0..f.words.1).map(Part::Word)));
        }
        // Each further part of the question that it explains counts a little.
        score += 0.1 * explains.len().min(12) as f64;
        if matter.topics.contains(&note.topic.as_str()) {
            score *= WANTED;
        } else if matter.averse.contains(&note.topic.as_str()) {
            score *= UNWANTED;
        }
        Some(Match { note, score, explains, exact, terms, open: Vec::new() })
    }

    /// What a note asks for and no term of the text tells.
    fn open<'a>(&self, note: &'a Note, found: &HashMap<TermId, Vec<Found>>) -> Vec<&'a Ask> {
        let told =
            |ask: &Ask| ask.unless.iter().any(|t| self.terms.id(t).is_some_and(|id| found.contains_key(&id)));
        note.ask.iter().filter(|ask| !told(ask)).collect()
    }
}

/// Whether one code is of the first and another of the second list: 99213 alone is no pair of visits.
fn two_codes(trigger: &Ready, codes: &[String]) -> bool {
    if trigger.codes.is_empty() {
        return true;
    }
    let of = |list: &[Pattern], code: &String| list.iter().any(|p| p.fits(code));
    codes.iter().any(|a| of(&trigger.codes, a) && codes.iter().any(|b| a != b && of(&trigger.with_codes, b)))
}

/// The exactness of the best pattern that fits a code; `None` if none fits.
fn codes(patterns: &[Pattern], codes: &[String], explains: &mut BTreeSet<Part>) -> Option<f64> {
    let mut best: Option<f64> = None;
    for code in codes {
        let exact = patterns.iter().filter(|p| p.fits(code)).map(Pattern::exactness).fold(0.0, f64::max);
        if exact > 0.0 {
            explains.insert(Part::Code(code.clone()));
            best = Some(best.unwrap_or(0.0).max(exact));
        }
    }
    best
}

impl Match<'_> {
    /// Whether this code is one that the note was chosen by.
    #[must_use]
    pub fn explains_code(&self, code: &str) -> bool {
        self.explains.iter().any(|p| matches!(p, Part::Code(c) if c == code))
    }

    /// Whether each code that it was chosen by is named by itself, or in a range of few.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// How many codes of the question it explains.
    #[must_use]
    pub fn codes(&self) -> usize {
        self.explains.iter().filter(|p| matches!(p, Part::Code(_))).count()
    }

    /// How many words.
    #[must_use]
    pub fn words(&self) -> usize {
        self.explains.iter().filter(|p| matches!(p, Part::Word(_))).count()
    }

    /// What it was chosen by, for a writer of notes: codes, modifiers, terms.
    #[must_use]
    pub fn why(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for part in &self.explains {
            match part {
                Part::Code(code) | Part::Modifier(code) => parts.push(code.clone()),
                Part::Word(_) => {}
            }
        }
        parts.extend(self.terms.iter().cloned());
        parts.join(", ")
    }

    /// How many modifiers.
    #[must_use]
    pub fn modifiers(&self) -> usize {
        self.explains.iter().filter(|p| matches!(p, Part::Modifier(_))).count()
    }

    /// Whether another note of the same subject explains all that this one does, and more.
    fn is_within(&self, other: &Self) -> bool {
        self.note.subject() == other.note.subject()
            && self.explains.len() < other.explains.len()
            && self.explains.is_subset(&other.explains)
    }
}

/// The notes worth saying, at most `most`, and the rest for a reviewer; both the best first.
#[must_use]
pub fn chosen<'a>(all: Vec<Match<'a>>, most: usize) -> (Vec<Match<'a>>, Vec<Match<'a>>) {
    /// A note that fits so much less than the best one is not worth saying beside it.
    const FAR: f64 = 0.55;
    /// So many notes of one subject.
    const OF_SUBJECT: usize = 2;
    /// What speaks of the question in passing.
    const LEAST: f64 = 1.3;
    let top = all.first().map_or(0.0, |m| m.score);
    let (mut said, mut also): (Vec<Match<'a>>, Vec<Match<'a>>) = (Vec::new(), Vec::new());
    let within: Vec<bool> = all.iter().map(|m| all.iter().any(|other| m.is_within(other))).collect();
    for (m, within) in all.into_iter().zip(within) {
        let of_subject = said.iter().filter(|s| s.note.subject() == m.note.subject()).count();
        if within || said.len() >= most || of_subject >= OF_SUBJECT || m.score < (FAR * top).max(LEAST) {
            also.push(m);
        } else {
            said.push(m);
        }
    }
    (said, also)
}
