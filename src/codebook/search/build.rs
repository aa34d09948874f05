//! Makes the index of one code system from its codes and their names.

use std::collections::{BTreeSet, HashMap};

use crate::codebook::search::bytes::put_number;
use crate::codebook::search::encounter::Encounter;
use crate::codebook::search::index::{Index, Kind, NONE, Name, Node, Span, Stem, Word};
use crate::codebook::search::spelling::shape;
use crate::codebook::search::stem::stem;
use crate::codebook::search::text::{Side, Text, path, text};
use crate::codebook::search::words::{Lexer, is_neutral};

/// A code as the book has it.
#[derive(Debug, Clone)]
pub(crate) struct Coded {
    /// Without its dot.
    pub(crate) code: String,
    /// Its newest official text; empty for CPT.
    pub(crate) text: String,
    pub(crate) billable: bool,
    pub(crate) spans: Vec<Span>,
}

/// Another name of a code.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) code: String,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// A name that goes into the index.
struct Entry<'a> {
    node: u32,
    kind: Kind,
    text: Text,
    /// As it is written; empty for official texts.
    raw: &'a str,
}

/// The most words of a name that are kept.
const MOST_WORDS: usize = 60;
/// How much of a name is kept for showing.
const MOST_LETTERS: usize = 160;

/// Makes the index. `codes` in the order of their codes, each once; `by_seventh`: 7th characters are told apart from
/// their topic (ICD-10-CM).
pub(crate) fn build(codes: &[Coded], names: &[Named], by_seventh: bool) -> Index {
    let mut index = Index::default();
    nodes(&mut index, codes, by_seventh);
    let at: HashMap<&str, u32> = codes.iter().zip(0_u32..).map(|(c, id)| (c.code.as_str(), id)).collect();
    let mut raw: Vec<(u32, Kind, &str)> = Vec::new();
    for (code, id) in codes.iter().zip(0_u32..) {
        if index.node(id).is_some_and(|n| n.encounter == 0) && !code.text.is_empty() {
            raw.push((id, Kind::Official, &code.text));
        }
    }
    for name in names {
        let Some(&id) = at.get(name.code.as_str()) else { continue };
        // A name of one 7th character is one of the topic.
        let topic = match index.node(id) {
            Some(node) if node.encounter != 0 => node.parent,
            _ => id,
        };
        raw.push((topic, name.kind, &name.text));
    }
    // By code, the official text first; of a name that is told twice the better source.
    raw.sort_by(|a, b| (a.0, a.1 as u8, a.2).cmp(&(b.0, b.1 as u8, b.2)));
    raw.dedup();
    let mut lexer = Lexer::default();
    let mut all: Vec<Entry<'_>> = Vec::with_capacity(raw.len());
    for (node, kind, raw) in raw {
        if kind == Kind::Own
            && let Some(node) = index.nodes.get_mut(node as usize)
        {
            node.common = true;
        }
        let text = match kind {
            Kind::Official if !by_seventh => text(&mut lexer, raw, false),
            Kind::Own | Kind::Plain => text(&mut lexer, raw, true),
            _ => path(&mut lexer, raw),
        };
        let raw = if kind == Kind::Official { "" } else { raw };
        all.push(Entry { node, kind, text, raw });
    }
    let numbers = weigh(&mut index, &all);
    store(&mut index, &all, &numbers);
    sides(&mut index);
    index
}

/// The codes, what is below which, and what 7th characters mean.
fn nodes(index: &mut Index, codes: &[Coded], by_seventh: bool) {
    let mut spans: HashMap<&[Span], u32> = HashMap::new();
    let mut above: Vec<u32> = Vec::new();
    for (code, id) in codes.iter().zip(0_u32..) {
        while let Some(&last) = above.last() {
            let holds = index.node(last).is_some_and(|n| by_seventh && code.code.starts_with(&*n.code));
            if holds {
                break;
            }
            above.pop();
            if let Some(node) = index.nodes.get_mut(last as usize) {
                node.end = id;
            }
        }
        let parent = above.last().copied().unwrap_or(NONE);
        let mut encounter = 0;
        if by_seventh && code.code.len() == 7 {
            let topic = codes.get(parent as usize).map_or("", |c| c.text.as_str());
            let told =
                if code.text.starts_with(topic) { code.text.get(topic.len()..) } else { tail(&code.text) };
            if let Some(e) = told.and_then(Encounter::of_text)
                && parent != NONE
            {
                encounter = e.to_byte();
                if let Some(node) = index.nodes.get_mut(parent as usize) {
                    node.has_encounters = true;
                }
            }
        }
        let next = spans.len() as u32;
        let span = *spans.entry(&code.spans).or_insert(next);
        if span == next {
            index.spans.push(code.spans.clone());
        }
        index.nodes.push(Node {
            code: code.code.as_str().into(),
            parent,
            end: codes.len() as u32,
            official: NONE,
            side: Side::None,
            encounter,
            has_encounters: false,
            common: false,
            billable: code.billable,
            span,
        });
        above.push(id);
    }
}

/// What follows the last comma before the encounter.
fn tail(text: &str) -> Option<&str> {
    let at = ["initial encounter", "subsequent encounter", "sequela"]
        .iter()
        .filter_map(|w| text.rfind(w))
        .min()?;
    text.get(at..)
}

/// Words and stems with their weights: a stem tells the more, the fewer codes and categories hold it. Gives the number
/// of each word.
fn weigh<'a>(index: &mut Index, all: &'a [Entry<'_>]) -> HashMap<&'a str, u32> {
    let mut uses: HashMap<&str, u32> = HashMap::new();
    for said in all.iter().flat_map(|e| &e.text.said) {
        *uses.entry(&said.word).or_default() += 1;
    }
    let mut words: Vec<(&str, u32, String)> = uses.into_iter().map(|(w, n)| (w, n, stem(w))).collect();
    words.sort_unstable();
    let mut stems: Vec<&str> = words.iter().map(|(_, _, stem)| stem.as_str()).collect();
    stems.sort_unstable();
    stems.dedup();
    let place = |stem: &str| stems.binary_search(&stem).map_or(NONE, |at| at as u32);
    let numbers: HashMap<&str, u32> = words.iter().map(|(w, ..)| *w).zip(0..).collect();
    for (word, uses, stem) in &words {
        index.words.push(Word {
            text: (*word).into(),
            stem: place(stem),
            uses: *uses,
            shape: shape(word),
            special: 0.0,
        });
    }
    // The names stand in the order of their codes: each code and category is met in one run.
    let mut held: Vec<Held> = vec![Held::default(); stems.len()];
    let (mut category, mut categories) = ("", 0_u32);
    for entry in all {
        let own = index.nodes.get(entry.node as usize).and_then(|n| n.code.get(..3)).unwrap_or("");
        if own != category {
            category = own;
            categories += 1;
        }
        for said in &entry.text.said {
            let word = numbers.get(said.word.as_str()).copied().unwrap_or(NONE);
            let stem = index.words.get(word as usize).map_or(NONE, |w| w.stem);
            if let Some(held) = held.get_mut(stem as usize) {
                held.note(entry.node, categories);
            }
        }
    }
    let total = index.nodes.iter().filter(|n| n.encounter == 0).count().max(2) as f32;
    let kinds = categories.max(2) as f32;
    let rare = |held: u32, of: f32| (1.0 + of / held.max(1) as f32).ln() / (1.0 + of).ln();
    for (text, held) in stems.iter().zip(held) {
        let weight = 0.4 * rare(held.nodes, total) + 0.6 * rare(held.categories, kinds);
        index.stems.push(Stem { text: (*text).into(), weight: weight.clamp(0.1, 1.0), start: 0, count: 0 });
    }
    for word in &index.words {
        if is_neutral(word.text.trim_start_matches('-'))
            && let Some(stem) = index.stems.get_mut(word.stem as usize)
        {
            stem.weight = stem.weight.min(0.15);
        }
    }
    numbers
}

/// In how many codes and categories a stem was met, and in which last.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    nodes: u32,
    node: u32,
    categories: u32,
    category: u32,
}

impl Held {
    /// `category` counts from 1.
    fn note(&mut self, node: u32, category: u32) {
        if self.nodes == 0 || self.node != node {
            self.nodes += 1;
            self.node = node;
        }
        if self.category != category {
            self.categories += 1;
            self.category = category;
        }
    }
}

/// Names with their words, and the lists of names by stem.
fn store(index: &mut Index, all: &[Entry<'_>], numbers: &HashMap<&str, u32>) {
    let mut written: HashMap<&str, (u32, u8)> = HashMap::new();
    let mut holders: Vec<Vec<u32>> = vec![Vec::new(); index.stems.len()];
    for (entry, id) in all.iter().zip(0_u32..) {
        let start = index.said.len() as u32;
        let mut weight = 0.0;
        for said in entry.text.said.iter().take(MOST_WORDS) {
            let Some(&word) = numbers.get(said.word.as_str()) else { continue };
            let stem = index.words.get(word as usize).map_or(NONE, |w| w.stem);
            weight += index.stem_weight(stem) * if said.light { LIGHT } else { 1.0 };
            index.said.push((word << 1) | u32::from(said.light));
            if let Some(list) = holders.get_mut(stem as usize)
                && list.last() != Some(&id)
            {
                list.push(id);
            }
        }
        let count = u8::try_from(index.said.len() - start as usize).unwrap_or(u8::MAX);
        let raw = entry.raw.get(..entry.raw.floor_char_boundary(MOST_LETTERS)).unwrap_or("");
        let text = *written.entry(raw).or_insert_with(|| {
            let place = (index.texts.len() as u32, u8::try_from(raw.len()).unwrap_or(0));
            index.texts.push_str(raw);
            place
        });
        let (node, kind, side) = (entry.node, entry.kind, entry.text.side);
        index.names.push(Name { node, kind, side, weight, start, count, text });
        if kind == Kind::Official
            && let Some(slot) = index.nodes.get_mut(node as usize)
        {
            slot.official = id;
            slot.side = side;
        }
    }
    for (stem, list) in index.stems.iter_mut().zip(holders) {
        stem.start = index.postings.len() as u32;
        stem.count = list.len() as u32;
        let mut before = 0;
        for name in list {
            put_number(&mut index.postings, name - before);
            before = name;
        }
    }
}

/// How much less a word counts that only says what is not specified or not there.
pub(crate) const LIGHT: f32 = 0.2;

/// Codes for an unspecified side: siblings name a side, and they do not.
fn sides(index: &mut Index) {
    let mut sided: BTreeSet<u32> = BTreeSet::new();
    for node in &index.nodes {
        if matches!(node.side, Side::Right | Side::Left) {
            sided.insert(node.parent);
        }
    }
    let unspecified = index.word("unspecified");
    let mut set = Vec::new();
    for (node, id) in index.nodes.iter().zip(0_usize..) {
        if node.side == Side::None && node.parent != NONE && sided.contains(&node.parent) {
            let says = index
                .name(node.official)
                .is_some_and(|n| index.words_of(n).any(|(w, _)| Some(w) == unspecified));
            if says {
                set.push(id);
            }
        }
    }
    for id in set {
        if let Some(node) = index.nodes.get_mut(id) {
            node.side = Side::Unspecified;
        }
    }
}
