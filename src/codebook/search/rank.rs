//! Which codes fit a query best: how much of what is asked a name covers, how little else it says, and what follows
//! from side, encounter and the guidelines' defaults.

use std::collections::{BTreeMap, HashMap};

use crate::codebook::search::index::{Index, NONE, Name, Node};
use crate::codebook::search::query::Query;
use crate::codebook::search::score::prior;
use crate::codebook::search::stem::{singular, stem};
use crate::codebook::search::text::Side;

/// How many names are looked at closely, and how many headings are opened.
const NAMES: usize = 220;
const HEADINGS: usize = 40;
/// How much a word counts that may only ask for a 7th character.
const ENCOUNTER: f32 = 0.3;
/// The most codes below a heading that are looked at.
const BELOW: usize = 1500;

/// A code that fits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) node: u32,
    /// The name it was found by.
    pub(crate) name: u32,
    pub(crate) score: f32,
}

/// A token as one index has it.
pub(crate) struct Sought {
    weight: f32,
    /// Words that are the same but for number, with their stem and how good they are.
    pub(crate) options: Vec<([Option<u32>; 3], u32, f32)>,
}

/// How much of a query a set of tokens covers.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cover {
    mask: u64,
    set: bool,
    pub(crate) share: f32,
    weight: f32,
}

pub(crate) struct Ranking<'a> {
    pub(crate) index: &'a Index,
    pub(crate) query: &'a Query,
    pub(crate) sought: Vec<Sought>,
    /// The weight of each slot, and of all.
    slots: Vec<f32>,
    total: f32,
    /// Token bits by stem, in the order of stems.
    bits: Vec<(u32, u64)>,
    /// The names that hold any token.
    touched: Vec<u32>,
    /// By name: the tokens that it holds.
    pub(crate) masks: Vec<u64>,
    /// By code: the tokens that any of its names holds.
    pub(crate) nodes: Vec<u64>,
    covers: Vec<Cover>,
    pub(crate) day: i32,
}

/// The codes of one index that fit, the best first.
pub(crate) fn rank(index: &Index, query: &Query, day: i32, limit: usize) -> Vec<Found> {
    let mut ranking = Ranking::new(index, query, day);
    let names = ranking.names();
    let mut best: HashMap<u32, Found> = HashMap::new();
    let mut headings = 0;
    for (name, _) in names {
        let Some(named) = index.name(name) else { continue };
        let Some(node) = index.node(named.node) else { continue };
        ranking.offer(&mut best, name, named.node, 0.0);
        // A name of the code for an unspecified side is one of the codes for each side.
        let top = match node.side {
            Side::Unspecified if query.side != Side::None && node.parent != NONE => node.parent,
            _ => named.node,
        };
        let Some(heading) = index.node(top) else { continue };
        let topic = heading.end - top > 1 && !heading.has_encounters;
        if topic && headings < HEADINGS {
            headings += 1;
            let (below, most) = ranking.below(name, top, heading.end, top != named.node);
            for node in below {
                ranking.offer(&mut best, name, node, most);
            }
        }
    }
    ranking.give_back();
    let mut all: Vec<Found> = best.into_values().collect();
    if query.wants_heading {
        categories(index, &mut all, day);
    }
    let code = |f: &Found| index.node(f.node).map_or("", |n| &*n.code);
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| code(a).cmp(code(b))));
    all.truncate(limit);
    all
}

/// Puts the categories of what was found before it.
fn categories(index: &Index, all: &mut Vec<Found>, day: i32) {
    let mut above: HashMap<u32, Found> = HashMap::new();
    for found in all.iter() {
        let mut id = found.node;
        while let Some(parent) = index.node(id).map(|n| n.parent).filter(|p| *p != NONE) {
            id = parent;
        }
        let Some(node) = index.node(id) else { continue };
        if node.code.len() == 3 && id != found.node && index.valid(node, day).is_some() {
            let score = found.score + 0.02;
            let slot = above.entry(id).or_insert(Found { node: id, score, ..*found });
            slot.score = slot.score.max(score);
        }
    }
    all.retain(|f| !above.contains_key(&f.node));
    all.extend(above.into_values());
}

impl<'a> Ranking<'a> {
    fn new(index: &'a Index, query: &'a Query, day: i32) -> Self {
        let mut bits: BTreeMap<u32, u64> = BTreeMap::new();
        let mut sought = Vec::new();
        for (at, token) in query.tokens.iter().enumerate() {
            let mut options = Vec::new();
            let mut weight = 0.0_f32;
            for (word, factor) in &token.options {
                let id = index.word(word);
                let stem = id
                    .and_then(|id| index.words.get(id as usize))
                    .map(|w| w.stem)
                    .or_else(|| index.stem(&stem(word)));
                if let Some(stem) = stem {
                    *bits.entry(stem).or_default() |= 1 << at;
                    if weight == 0.0 {
                        weight = index.stem_weight(stem);
                    }
                    let one = singular(word);
                    let many = index.word(&format!("{one}s"));
                    options.push(([id, index.word(&one), many], stem, *factor));
                }
            }
            let mut weight = if options.is_empty() { 0.4 } else { weight } * token.scale;
            if index.has_encounters && query.encounter_bits & (1 << at) != 0 {
                weight *= ENCOUNTER;
            }
            sought.push(Sought { weight, options });
        }
        let of = |t: &usize| sought.get(*t).map_or(0.0, |s: &Sought| s.weight);
        let slots: Vec<f32> = query
            .slots
            .iter()
            .map(|s| {
                let way = |w: &crate::codebook::search::query::Way| {
                    let most = w.tokens.iter().map(of).fold(0.0, f32::max);
                    most + 0.35 * (w.tokens.iter().map(of).sum::<f32>() - most)
                };
                s.ways.iter().map(way).fold(0.0, f32::max)
            })
            .collect();
        let total = slots.iter().sum::<f32>().max(0.01);
        let (masks, nodes) = index.spare();
        Self {
            index,
            query,
            sought,
            slots,
            total,
            bits: bits.into_iter().collect(),
            touched: Vec::new(),
            masks,
            nodes,
            covers: vec![Cover::default(); 512],
            day,
        }
    }

    /// The tokens that a stem stands for.
    pub(crate) fn bits(&self, stem: u32) -> u64 {
        let at = self.bits.binary_search_by_key(&stem, |b| b.0).ok();
        at.and_then(|at| self.bits.get(at)).map_or(0, |b| b.1)
    }

    /// Wipes the tables that the next search may use, and gives them back.
    fn give_back(self) {
        let (mut masks, mut nodes) = (self.masks, self.nodes);
        for name in self.touched {
            if let Some(mask) = masks.get_mut(name as usize) {
                *mask = 0;
            }
            if let Some(node) = self.index.name(name).and_then(|n| nodes.get_mut(n.node as usize)) {
                *node = 0;
            }
        }
        self.index.keep(masks, nodes);
    }

    /// The names that promise most.
    fn names(&mut self) -> Vec<(u32, f32)> {
        let mut touched: Vec<u32> = Vec::new();
        let mut stems = self.bits.clone();
        let count = |s: u32| self.index.stems.get(s as usize).map_or(0, |s| s.count);
        stems.sort_by_key(|(s, _)| (count(*s), *s));
        for (stem, bits) in stems {
            let masks = &mut self.masks;
            // What is very common only adds to what is found already.
            let common = touched.len() > 3000 && count_of(self.index, stem) > 4000;
            self.index.holders(stem, |name| {
                if let Some(mask) = masks.get_mut(name as usize) {
                    if *mask == 0 {
                        if common {
                            return;
                        }
                        touched.push(name);
                    }
                    *mask |= bits;
                }
            });
        }
        let mut scored: Vec<(u32, f32)> = Vec::with_capacity(touched.len());
        for name in touched.iter().copied() {
            let mask = self.masks.get(name as usize).copied().unwrap_or(0);
            let cover = self.cover(mask);
            let Some(named) = self.index.name(name) else { continue };
            if let Some(all) = self.nodes.get_mut(named.node as usize) {
                *all |= mask;
            }
            let fits = cover.weight / (cover.weight + (named.weight - cover.weight).max(0.0)).max(0.01);
            scored.push((name, cover.share * (0.5 + 0.5 * fits) * prior(named.kind)));
        }
        self.touched = touched;
        let better = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if scored.len() > NAMES {
            scored.select_nth_unstable_by(NAMES, better);
            scored.truncate(NAMES);
        }
        scored.sort_by(better);
        scored
    }

    /// How much of the query a set of tokens covers; remembered.
    pub(crate) fn cover(&mut self, mask: u64) -> Cover {
        let place = (mask.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize;
        if let Some(cover) = self.covers.get(place)
            && cover.set
            && cover.mask == mask
        {
            return *cover;
        }
        let mut share = 0.0;
        for (slot, weight) in self.query.slots.iter().zip(&self.slots) {
            let mut best = 0.0_f32;
            for way in &slot.ways {
                let (mut all, mut have) = (0.0, 0.0);
                for t in &way.tokens {
                    let w = self.sought.get(*t).map_or(0.0, |s| s.weight);
                    all += w;
                    if mask & (1 << t) != 0 {
                        have += w;
                    }
                }
                let part: f32 = if all > 0.0 { have / all } else { 0.0 };
                best = best.max(part.powf(1.3) * way.factor);
            }
            share += best * weight;
        }
        let mut weight = 0.0;
        for (at, sought) in self.sought.iter().enumerate() {
            if mask & (1 << at) != 0 {
                weight += sought.weight;
            }
        }
        let cover = Cover { mask, set: true, share: share / self.total, weight };
        if let Some(slot) = self.covers.get_mut(place) {
            *slot = cover;
        }
        cover
    }

    /// The codes below a heading that fit best with one of its names.
    /// With them, how much of the query the best of them names itself, where the heading does not.
    fn below(&mut self, name: u32, from: u32, end: u32, of_side: bool) -> (Vec<u32>, f32) {
        let mut most = 0.0_f32;
        let above = self.index.node(from).map_or(0, |n| mask_of(&self.masks, n.official));
        let own = self.masks.get(name as usize).copied().unwrap_or(0);
        let mut found: Vec<(f32, u32)> = Vec::new();
        for id in (from + 1..end).take(BELOW) {
            let Some(node) = self.index.node(id) else { continue };
            if node.encounter != 0 || !node.billable && !node.has_encounters {
                continue;
            }
            if of_side && node.side != self.query.side {
                continue;
            }
            let mask = self.masks.get(node.official as usize).copied().unwrap_or(0);
            let share = self.cover(own | mask).share;
            most = most.max(self.cover(mask & !above).share);
            let heavy = self.index.name(node.official).map_or(9.0, |n| n.weight);
            found.push((share - 0.03 * heavy - self.side(node, None), id));
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(10);
        (found.into_iter().map(|f| f.1).collect(), most)
    }

    pub(crate) fn side(&self, node: &Node, name: Option<&Name>) -> f32 {
        let own = match node.side {
            Side::None => name.map_or(Side::None, |n| n.side),
            side => side,
        };
        match (self.query.side, own) {
            (Side::None, Side::Right | Side::Left) => 0.05,
            (Side::None, Side::Both) => 0.06,
            (Side::None, _) | (Side::Unspecified, _) => 0.0,
            (asked, own) if asked == own => -0.03,
            (_, Side::Unspecified) => 0.13,
            (_, Side::None) => 0.02,
            _ => 0.35,
        }
    }
}

pub(crate) fn mask_of(masks: &[u64], name: u32) -> u64 {
    masks.get(name as usize).copied().unwrap_or(0)
}

fn count_of(index: &Index, stem: u32) -> u32 {
    index.stems.get(stem as usize).map_or(0, |s| s.count)
}
