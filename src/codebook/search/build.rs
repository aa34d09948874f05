//! Makes the index of one code system from its codes and their names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::codebook::search::bytes::put_number;
use crate::codebook::search::encounter::Encounter;
use crate::codebook::search::index::{Index, Kind, NONE, Name, Node, Span, Stem, Word};
use crate::codebook::search::spelling::shape;
use crate::codebook::search::text::{Side, Text, path, text};
use crate::codebook::search::words::{is_neutral, stem};

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
    // Each name with its code, in a canonical order: official texts first, then by kind and text.
    let mut all: Vec<(u32, Kind, Text, &str)> = Vec::new();
    for (code, id) in codes.iter().zip(0_u32..) {
        if index.node(id).is_some_and(|n| n.encounter == 0) && !code.text.is_empty() {
            all.push((id, Kind::Official, text(&code.text, false), ""));
        }
    }
    let mut others: Vec<(u32, u8, &str, Kind)> = Vec::new();
    for name in names {
        let Some(&id) = at.get(name.code.as_str()) else { continue };
        let topic = match index.node(id) {
            Some(node) if node.encounter != 0 => node.parent,
            _ => id,
        };
        others.push((topic, name.kind as u8, &name.text, name.kind));
    }
    others.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    others.dedup_by(|a, b| (a.0, a.2) == (b.0, b.2));
    for (id, _, raw, kind) in others {
        if kind == Kind::Own
            && let Some(node) = index.nodes.get_mut(id as usize)
        {
            node.common = true;
        }
        let said = match kind {
            Kind::Official | Kind::Inclusion => text(raw, false),
            Kind::Own | Kind::Plain => text(raw, true),
            Kind::Index | Kind::External | Kind::Drug | Kind::Neoplasm => path(raw),
        };
        all.push((id, kind, said, raw));
    }
    weigh(&mut index, &all);
    store(&mut index, &all);
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

/// Words, stems and their weights: a stem tells the more, the fewer names and categories hold it.
fn weigh(index: &mut Index, all: &[(u32, Kind, Text, &str)]) {
    let mut uses: BTreeMap<&str, u32> = BTreeMap::new();
    let mut held: BTreeMap<String, (BTreeSet<u32>, BTreeSet<&str>)> = BTreeMap::new();
    let mut categories: BTreeSet<&str> = BTreeSet::new();
    let mut stems: HashMap<&str, String> = HashMap::new();
    for (node, _, text, _) in all {
        let category = index.nodes.get(*node as usize).and_then(|n| n.code.get(..3)).unwrap_or("");
        categories.insert(category);
        for said in &text.said {
            *uses.entry(&said.word).or_default() += 1;
            let stem = stems.entry(&said.word).or_insert_with(|| stem(&said.word)).clone();
            let slot = held.entry(stem).or_default();
            slot.0.insert(*node);
            slot.1.insert(category);
        }
    }
    let total = index.nodes.iter().filter(|n| n.encounter == 0).count().max(2) as f32;
    let kinds = categories.len().max(2) as f32;
    let ids: BTreeMap<&str, u32> = held.keys().map(String::as_str).zip(0_u32..).collect();
    for (text, (nodes, categories)) in &held {
        let rare = |held: usize, of: f32| (1.0 + of / held.max(1) as f32).ln() / (1.0 + of).ln();
        let weight = 0.4 * rare(nodes.len(), total) + 0.6 * rare(categories.len(), kinds);
        index.stems.push(Stem {
            text: text.as_str().into(),
            weight: weight.clamp(0.1, 1.0),
            start: 0,
            count: 0,
        });
    }
    for (word, count) in &uses {
        let stem = stems.get(word).and_then(|s| ids.get(s.as_str())).copied().unwrap_or(NONE);
        if is_neutral(word.trim_start_matches('-'))
            && let Some(slot) = index.stems.get_mut(stem as usize)
        {
            slot.weight = slot.weight.min(0.15);
        }
        index.words.push(Word { text: (*word).into(), stem, uses: *count, shape: shape(word) });
    }
}

/// Names with their words, and the lists of names by stem.
fn store(index: &mut Index, all: &[(u32, Kind, Text, &str)]) {
    let mut written: HashMap<&str, (u32, u8)> = HashMap::new();
    let mut holders: Vec<Vec<u32>> = vec![Vec::new(); index.stems.len()];
    for ((node, kind, text, raw), id) in all.iter().zip(0_u32..) {
        let start = index.said.len() as u32;
        let mut weight = 0.0;
        for said in text.said.iter().take(MOST_WORDS) {
            let Some(word) = index.word(&said.word) else { continue };
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
        let raw = raw.get(..raw.floor_char_boundary(MOST_LETTERS)).unwrap_or("");
        let place = *written.entry(raw).or_insert_with(|| {
            let place = (index.texts.len() as u32, u8::try_from(raw.len()).unwrap_or(0));
            index.texts.push_str(raw);
            place
        });
        index.names.push(Name {
            node: *node,
            kind: *kind,
            side: text.side,
            weight,
            start,
            count,
            text: place,
        });
        if *kind == Kind::Official
            && let Some(slot) = index.nodes.get_mut(*node as usize)
        {
            slot.official = id;
            slot.side = text.side;
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
