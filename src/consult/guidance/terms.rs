//! Terms of notes in texts: by stems, with abbreviations and spellings opened as the search opens them. A phrase stands
//! contiguously, but small function words may stand in between.

use std::collections::{HashMap, HashSet};

use crate::codebook::{Spoken, alike, opened, spoken};

/// The longest text that is read, in words: beyond it, a mail is a chart and no question.
const MOST_WORDS: usize = 8_000;

/// So many of the words below may stand in one phrase.
const MOST_SMALL: usize = 3;

/// Words that may stand in a phrase, or be left out of it.
const SMALL: &[&str] = &[
    "a", "an", "the", "of", "in", "on", "for", "to", "by", "at", "from", "with", "his", "her", "my", "our",
    "your", "their", "this", "that", "is", "was", "were", "be", "been", "and",
];

/// Abbreviations with a meaning of their own in this field: they do not stand for a disease here.
const OWN_MEANING: &[&str] = &[
    "abn", "add", "asc", "at", "bad", "both", "cap", "cc", "cm", "co", "cs", "cut", "ed", "er", "fat", "hv",
    "icd", "ip", "mat", "mc", "mcc", "mod", "nec", "nos", "obs", "op", "pa", "pos", "pt", "pts", "px", "ra",
    "rad", "rec", "sp", "tc", "temp", "tob", "w", "lab", "gap", "cat", "bill", "fee", "id", "ins", "ma",
    "np", "ot", "st", "pr", "oa", "gp", "go", "gn", "fs", "kx", "jw", "jz", "ga", "gx", "gy", "gz", "as",
];

/// With fewer notes a term of several of them would seem common.
const LEAST_NOTES: f64 = 200.0;

/// A term's place among all of them.
pub(crate) type TermId = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TermWord {
    stem: usize,
    small: bool,
}

/// The terms of all notes.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    stems: HashMap<String, usize>,
    /// The words themselves: what a text writes apart may be one of them.
    whole: HashSet<String>,
    /// Other stems with the meaning of one of ours.
    alike: HashMap<String, Vec<usize>>,
    ids: HashMap<String, TermId>,
    /// By term: how many notes name it, and the last of them; the number of its words that count.
    uses: Vec<(usize, usize)>,
    notes: usize,
    lengths: Vec<usize>,
    names: Vec<String>,
    /// By the first stem of a way to say it.
    starts: HashMap<usize, Vec<(TermId, Vec<TermWord>)>>,
}

/// A term that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// Which one.
    pub(crate) term: TermId,
    /// The first of its words, and the one after its last.
    pub(crate) words: (usize, usize),
}

impl Terms {
    /// Takes up a term of the note with this number.
    pub(crate) fn add(&mut self, term: &str, note: usize) -> TermId {
        self.notes = self.notes.max(note + 1);
        if let Some(id) = self.ids.get(term) {
            if let Some((uses, last)) = self.uses.get_mut(*id)
                && *last != note
            {
                (*uses, *last) = (*uses + 1, note);
            }
            return *id;
        }
        let id = self.uses.len();
        self.ids.insert(term.to_owned(), id);
        self.uses.push((1, note));
        self.names.push(term.to_owned());
        let words = spoken(term);
        self.lengths.push(words.iter().filter(|w| !is_small(&w.word)).count());
        self.way(id, &words);
        if let Some((_, meant)) = opened_here(&words).into_iter().find(|(n, _)| *n == words.len()) {
            self.way(id, &meant);
        }
        // "follow up" is written in one word, too.
        if let [a, b] = words.as_slice()
            && a.word.len() + b.word.len() >= 6
        {
            self.way(id, &spoken(&format!("{}{}", a.word, b.word)));
        }
        id
    }

    fn way(&mut self, id: TermId, words: &[Spoken]) {
        let way: Vec<TermWord> =
            words.iter().map(|w| TermWord { stem: self.stem(w), small: is_small(&w.word) }).collect();
        self.whole.extend(words.iter().map(|w| w.word.clone()));
        let Some(first) = way.first().map(|w| w.stem) else { return };
        let ways = self.starts.entry(first).or_default();
        if !ways.iter().any(|(i, w)| *i == id && *w == way) {
            ways.push((id, way));
        }
    }

    fn stem(&mut self, word: &Spoken) -> usize {
        let key = self::key(word);
        if let Some(known) = self.stems.get(key) {
            return *known;
        }
        let new = self.stems.len();
        self.stems.insert(key.to_owned(), new);
        for other in alike(word) {
            self.alike.entry(self::key(&other).to_owned()).or_default().push(new);
        }
        new
    }

    /// The number of a term that a note names.
    pub(crate) fn id(&self, term: &str) -> Option<TermId> {
        self.ids.get(term).copied()
    }

    /// The term as its notes write it.
    pub(crate) fn name(&self, term: TermId) -> &str {
        self.names.get(term).map_or("", String::as_str)
    }

    /// How much a term tells: 1 for a term of one note, near 0 for one that very many name ("code", "which").
    pub(crate) fn tells(&self, term: TermId) -> f64 {
        let uses = self.uses.get(term).map_or(1, |(uses, _)| *uses).max(1) as f64;
        let all = (self.notes as f64).max(LEAST_NOTES);
        ((all / uses).ln() / all.ln()).clamp(0.0, 1.0).powf(1.7)
    }

    /// How many words of a term count.
    pub(crate) fn length(&self, term: TermId) -> usize {
        self.lengths.get(term).copied().unwrap_or(1)
    }

    /// The terms that stand in a text.
    pub(crate) fn find(&self, text: &str) -> Vec<Found> {
        let mut words = spoken(text);
        words.truncate(MOST_WORDS);
        let lattice = self.lattice(&words);
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for node in &lattice {
            for edge in &node.edges {
                for (term, way) in self.starts.get(&edge.stem).into_iter().flatten() {
                    let rest = way.get(1..).unwrap_or_default();
                    if let Some(end) = follow(&lattice, edge.to, rest, MOST_SMALL) {
                        let words = (node.place, end.max(node.place + 1));
                        if seen.insert((*term, words)) {
                            found.push(Found { term: *term, words });
                        }
                    }
                }
            }
        }
        found
    }

    /// The text as a graph: from each word to the next, with what abbreviations stand for as ways around them.
    fn lattice(&self, words: &[Spoken]) -> Vec<Node> {
        let mut nodes: Vec<Node> =
            (0..=words.len()).map(|place| Node { place, edges: Vec::new(), skip: None }).collect();
        for (at, word) in words.iter().enumerate() {
            let mut edges = self.edges(word, at + 1);
            // "single-use" and "singleuse", "follow up" and "followup".
            if let Some(next) = words.get(at + 1) {
                let joined = format!("{}{}", word.word, next.word);
                let known = joined.len() >= 6 && self.whole.contains(&joined);
                for one in known.then(|| spoken(&joined)).into_iter().flatten() {
                    edges.extend(self.stems.get(key(&one)).map(|stem| Edge { stem: *stem, to: at + 2 }));
                }
            }
            for (taken, meant) in opened_here(words.get(at..).unwrap_or_default()) {
                if !meant.iter().any(|w| self.stems.contains_key(key(w))) {
                    continue;
                }
                // The first word leaves from here, the last one ends after what was written.
                let mut from = None;
                for (i, w) in meant.iter().enumerate() {
                    let last = i + 1 == meant.len();
                    let to = if last { at + taken } else { nodes.len() };
                    let new = self.edges(w, to);
                    match from {
                        None => edges.extend(new),
                        Some(node) => {
                            if let Some(node) = nodes.get_mut::<usize>(node) {
                                node.edges.extend(new);
                                node.skip = is_small(&w.word).then_some(to);
                            }
                        }
                    }
                    if !last {
                        nodes.push(Node { place: at, edges: Vec::new(), skip: None });
                        from = Some(nodes.len() - 1);
                    }
                }
            }
            if let Some(node) = nodes.get_mut(at) {
                node.edges.extend(edges);
                node.skip = is_small(&word.word).then_some(at + 1);
            }
        }
        nodes
    }

    fn edges(&self, word: &Spoken, to: usize) -> Vec<Edge> {
        let own = self.stems.get(key(word)).copied();
        let others = self.alike.get(key(word)).into_iter().flatten().copied();
        own.into_iter().chain(others).map(|stem| Edge { stem, to }).collect()
    }
}

#[derive(Debug)]
struct Edge {
    stem: usize,
    to: usize,
}

#[derive(Debug)]
struct Node {
    /// The word of the text that it stands before.
    place: usize,
    edges: Vec<Edge>,
    /// The node after the next word, if that word may be passed over.
    skip: Option<usize>,
}

/// Where the words of a term end in the text, if they follow from a node.
fn follow(lattice: &[Node], at: usize, words: &[TermWord], small: usize) -> Option<usize> {
    let node = lattice.get(at)?;
    let Some((first, rest)) = words.split_first() else { return Some(node.place) };
    let next = node.edges.iter().filter(|e| e.stem == first.stem);
    if let Some(end) = next.filter_map(|e| follow(lattice, e.to, rest, small)).next() {
        return Some(end);
    }
    // A small word more in the text, or one less.
    if small > 0
        && let Some(past) = node.skip
        && let Some(end) = follow(lattice, past, words, small - 1)
    {
        return Some(end);
    }
    if first.small && !rest.is_empty() { follow(lattice, at, rest, small) } else { None }
}

/// What words are compared by: the stem; a short stem stands for a word only in its plain forms, or physeal would be
/// physical.
fn key(word: &Spoken) -> &str {
    const FORMS: &[&str] = &[
        "", "s", "es", "ed", "ing", "e", "er", "y", "ys", "ies", "ied", "al", "ic", "ion", "ions", "is", "t",
        "us",
    ];
    let rest = word.word.strip_prefix(word.stem.as_str());
    let plain = word.stem.len() > 4 || rest.is_none_or(|r| FORMS.contains(&r));
    if plain { &word.stem } else { &word.word }
}

fn is_small(word: &str) -> bool {
    SMALL.contains(&word)
}

fn opened_here(words: &[Spoken]) -> Vec<(usize, Vec<Spoken>)> {
    let own = words.first().is_none_or(|w| OWN_MEANING.contains(&w.word.as_str()) || is_small(&w.word));
    if own { Vec::new() } else { opened(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(term: &str, text: &str) -> bool {
        let mut terms = Terms::default();
        let id = terms.add(term, 0);
        terms.find(text).iter().any(|f| f.term == id)
    }

    #[test]
    fn a_term_is_found_in_its_forms() {
        for (term, text) in [
            ("chronic kidney disease", "pt has CKD 3b"),
            ("ckd", "chronic kidney disease, stage 3"),
            ("ckd", "chronic renal disease"),
            ("type 2 diabetes", "T2DM on insulin"),
            ("heart failure", "CHF"),
            ("fracture", "the fractured wrist"),
            ("hemorrhage", "Haemorrhages"),
            ("incident to", "billed incident-to the physician"),
            ("date of service", "wrong date of the service"),
            ("date of service", "service date, date service"),
            ("follow up", "a followup visit"),
            ("followup", "a follow-up visit"),
            ("single dose", "single-dose vial"),
            ("co-pay", "waive copays"),
            ("e/m", "an E/M with it"),
        ] {
            assert!(has(term, text), "{term} in {text}");
        }
        for (term, text) in [
            ("incident to", "an incident report"),
            ("date of service", "date and place of service"),
            ("abnormal", "the ABN was signed"),
            ("pneumonia", "therapy cap"),
            ("heart failure", "heart rate, failure to bill"),
            ("ms", "ours"),
        ] {
            assert!(!has(term, text), "{term} in {text}");
        }
    }

    #[test]
    fn any_text_is_read_within_bounds() {
        let mut terms = Terms::default();
        terms.add("chronic kidney disease", 0);
        for text in ["", "\u{0}\u{202e}", &"ckd ".repeat(50_000), &"the of ".repeat(50_000)] {
            assert!(terms.find(text).len() <= MOST_WORDS);
        }
    }
}
