//! Which codes fit a query best: how much of what is asked a name covers, how little else it says, and what follows
//! from side, encounter and the guidelines' defaults.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::codebook::search::build::LIGHT;
use crate::codebook::search::encounter::{Encounter, Visit};
use crate::codebook::search::index::{Index, Kind, NONE, Name, Node};
use crate::codebook::search::query::Query;
use crate::codebook::search::text::Side;
use crate::codebook::search::words::{singular, stem};

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
struct Sought {
    weight: f32,
    /// Words that are the same but for number, with their stem and how good they are.
    options: Vec<([Option<u32>; 3], u32, f32)>,
}

/// How much of a query a set of tokens covers.
#[derive(Clone, Copy, Default)]
struct Cover {
    mask: u64,
    set: bool,
    share: f32,
    weight: f32,
}

struct Ranking<'a> {
    index: &'a Index,
    query: &'a Query,
    sought: Vec<Sought>,
    /// The weight of each slot, and of all.
    slots: Vec<f32>,
    total: f32,
    /// By stem: token bits.
    bits: HashMap<u32, u64>,
    /// By name: the tokens that it holds.
    masks: Vec<u64>,
    /// By code: the tokens that any of its names holds.
    nodes: Vec<u64>,
    covers: Vec<Cover>,
    day: i32,
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
        let mut bits: HashMap<u32, u64> = HashMap::new();
        let mut sought = Vec::new();
        for (at, token) in query.tokens.iter().enumerate() {
            let mut options = Vec::new();
            let mut weight = 0.0_f32;
            for (word, factor) in &token.options {
                let id = index.word(word);
                let stem = id.and_then(|id| index.words.get(id as usize)).map(|w| w.stem).or_else(|| index.stem(&stem(word)));
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
        Self {
            index,
            query,
            sought,
            slots,
            total,
            bits,
            masks: vec![0; index.names.len()],
            nodes: vec![0; index.nodes.len()],
            covers: vec![Cover::default(); 512],
            day,
        }
    }

    /// The names that promise most.
    fn names(&mut self) -> Vec<(u32, f32)> {
        let mut touched: Vec<u32> = Vec::new();
        let mut stems: Vec<(u32, u64)> = self.bits.iter().map(|(s, b)| (*s, *b)).collect();
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
        for name in touched {
            let mask = self.masks.get(name as usize).copied().unwrap_or(0);
            let cover = self.cover(mask);
            let Some(named) = self.index.name(name) else { continue };
            if let Some(all) = self.nodes.get_mut(named.node as usize) {
                *all |= mask;
            }
            let fits = cover.weight / (cover.weight + (named.weight - cover.weight).max(0.0)).max(0.01);
            scored.push((name, cover.share * (0.5 + 0.5 * fits) * prior(named.kind)));
        }
        let better = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if scored.len() > NAMES {
            scored.select_nth_unstable_by(NAMES, better);
            scored.truncate(NAMES);
        }
        scored.sort_by(better);
        scored
    }

    /// How much of the query a set of tokens covers; remembered.
    fn cover(&mut self, mask: u64) -> Cover {
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

    fn side(&self, node: &Node, name: Option<&Name>) -> f32 {
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

    /// Scores a code by a name of itself or of a heading above it, and keeps it if it is the best so far.
    fn offer(&mut self, best: &mut HashMap<u32, Found>, name: u32, node: u32, most: f32) {
        let Some((node, score)) = self.score(name, node, most) else { return };
        let found = Found { node, name, score };
        let slot = best.entry(node).or_insert(found);
        if score.total_cmp(&slot.score) == Ordering::Greater {
            *slot = found;
        }
    }

    fn score(&mut self, name_id: u32, node_id: u32, most: f32) -> Option<(u32, f32)> {
        let index = self.index;
        let node = index.node(node_id)?;
        let name = index.name(name_id)?;
        let own = self.masks.get(name_id as usize).copied().unwrap_or(0);
        let official = mask_of(&self.masks, node.official);
        let mut mask = own | official;
        let chosen = if node.has_encounters { self.choose(node_id, node, &mut mask)? } else { node_id };
        let told = index.node(chosen)?;
        let span = index.valid(told, self.day)?;
        let cover = self.cover(mask).share;
        let alone = self.cover(own).share;
        // What only the official text of the code adds counts a little less.
        let cover = alone + 0.94 * (cover - alone);
        // What other names of the code say, half.
        let union = mask | self.nodes.get(node_id as usize).copied().unwrap_or(0);
        let cover = cover + 0.5 * (self.cover(union).share - cover).max(0.0);
        // What the query says, and others below the heading say themselves, but not this code.
        let (mut missed, mut dropped) = (0.0, 0.0);
        let (matched, unmatched, exact, strange) = self.weigh(name, mask);
        // The name is just what is asked.
        let whole = strange == 0.0 && alone > 0.95 && unmatched < 0.03 * matched;
        let mut rest = unmatched;
        let mut special = strange;
        let mut far = 0.0_f32;
        if node.official != name_id && node.official != NONE {
            let named = index.name(node.official)?;
            let above = if name.node == node_id { None } else { index.node(name.node).and_then(|n| index.name(n.official)) };
            let (_, residue, _, odd) = self.residue(named, name, above);
            special += if whole && name.kind == Kind::Own { 0.25 * odd } else { odd };
            if name.node == node_id {
                far = 0.01 * residue.min(4.0);
            } else {
                let above = index.node(name.node).map_or(NONE, |n| n.official);
                let above = mask_of(&self.masks, above);
                missed = (most - self.cover(official & !above).share).max(0.0);
                dropped = self.cover(above & !official).share;
                rest += if most > 0.0 && missed < 0.1 { 0.5 } else { 0.8 } * residue;
            }
        }
        let fit = matched / (matched + rest).max(0.01);
        let open = self.is_open(node);
        let mut score = cover.powf(1.4) * (0.55 + 0.45 * fit) * (0.75 + 0.25 * exact) * prior(name.kind);
        if whole {
            score += if name.kind == Kind::Own { 0.06 } else { 0.045 };
        }
        score -= if open { 0.1 } else { 0.2 } * missed + 0.1 * dropped + far;
        score -= self.side(node, Some(name));
        score -= 0.045 * special.min(3.0);
        if open {
            score += 0.012;
        }
        if node.common {
            score += 0.02;
        }
        score += match (span.billable, self.query.wants_heading) {
            (true, false) => 0.03,
            (false, true) => 0.15 - 0.02 * node.code.len() as f32,
            (false, false) => -0.24,
            (true, true) => -0.1,
        };
        if node.code.starts_with(['V', 'W', 'X', 'Y']) && index.nodes.len() > 20_000 && name.kind != Kind::Own {
            score -= 0.03;
        }
        Some((chosen, score))
    }

    /// Whether the official text leaves something open: unspecified, unknown.
    fn is_open(&self, node: &Node) -> bool {
        let Some(name) = self.index.name(node.official) else { return false };
        self.index.words_of(name).any(|(w, _)| self.index.open_words.contains(&w))
    }

    /// Weights of a name's words that are asked for and that are not; how exactly they are written; specials that
    /// nobody asked for.
    fn weigh(&self, name: &Name, mask: u64) -> (f32, f32, f32, f32) {
        let (mut matched, mut unmatched, mut exact, mut special) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        for (word, light) in self.index.words_of(name) {
            let Some(w) = self.index.words.get(word as usize) else { continue };
            let weight = self.index.stem_weight(w.stem);
            let asked = self.bits.get(&w.stem).copied().unwrap_or(0) & mask;
            if asked == 0 {
                unmatched += weight * if light { LIGHT } else { 1.0 };
                special += unasked(&w.text);
                continue;
            }
            matched += weight;
            let good = self
                .sought
                .iter()
                .enumerate()
                .filter(|(at, _)| asked & (1 << at) != 0)
                .flat_map(|(_, s)| s.options.iter())
                .filter(|o| o.1 == w.stem)
                .map(|o| if o.0.contains(&Some(word)) { o.2 } else { o.2 - 0.2 })
                .fold(0.0, f32::max);
            exact += good * weight;
        }
        (matched, unmatched, if matched > 0.0 { exact / matched } else { 0.0 }, special)
    }

    /// What a code's official text says beyond a name and the heading that the name belongs to.
    fn residue(&self, official: &Name, name: &Name, above: Option<&Name>) -> (f32, f32, f32, f32) {
        let stem = |w: u32| self.index.words.get(w as usize).map_or(NONE, |w| w.stem);
        let mut told: Vec<u32> = self.index.words_of(name).map(|(w, _)| stem(w)).collect();
        if let Some(above) = above {
            told.extend(self.index.words_of(above).map(|(w, _)| stem(w)));
        }
        let (mut residue, mut special) = (0.0, 0.0);
        for (word, light) in self.index.words_of(official) {
            let Some(w) = self.index.words.get(word as usize) else { continue };
            if told.contains(&w.stem) || self.bits.contains_key(&w.stem) {
                continue;
            }
            residue += self.index.stem_weight(w.stem) * if light { LIGHT } else { 1.0 };
            special += unasked(&w.text);
        }
        (0.0, residue, 0.0, special)
    }

    /// The 7th character that fits, of those that are valid on the day.
    fn choose(&self, id: u32, node: &Node, mask: &mut u64) -> Option<u32> {
        let asked = self.query.encounter;
        let mut best: Option<(u32, u32)> = None;
        for below in id + 1..node.end {
            let Some(child) = self.index.node(below) else { continue };
            if child.encounter == 0 || self.index.valid(child, self.day).is_none() {
                continue;
            }
            let far = Encounter::from_byte(child.encounter).distance(asked);
            if best.is_none_or(|b| far < b.0) {
                best = Some((far, below));
            }
        }
        if best.is_none_or(|(far, _)| far < 8) || asked.visit == Visit::None {
            *mask |= self.query.encounter_bits;
        }
        Some(best.map_or(id, |b| b.1))
    }
}

fn mask_of(masks: &[u64], name: u32) -> u64 {
    masks.get(name as usize).copied().unwrap_or(0)
}

fn count_of(index: &Index, stem: u32) -> u32 {
    index.stems.get(stem as usize).map_or(0, |s| s.count)
}

/// How far a name of this kind is trusted.
fn prior(kind: Kind) -> f32 {
    match kind {
        Kind::Own | Kind::Official => 1.0,
        Kind::Plain | Kind::Inclusion => 0.98,
        Kind::Index => 0.97,
        Kind::Neoplasm => 0.96,
        Kind::External => 0.94,
        Kind::Drug => 0.9,
    }
}

/// Words that make a code special: whoever means it says so.
fn unasked(word: &str) -> f32 {
    match word {
        "pregnancy" | "childbirth" | "puerperium" | "newborn" | "neonatal" | "maternal" | "fetus" | "fetal" | "sequela"
        | "sequelae" | "family" | "history" | "postprocedural" | "intraoperative" | "congenital" | "juvenile" | "elsewhere"
        | "postpartum" | "obstetric" | "syphilitic" | "gonococcal" | "tuberculous" | "assault" | "undetermined"
        | "underdosing" | "adverse" | "self" | "military" | "war" | "terrorism" | "noncompliance" | "suspected" => 1.0,
        "other" => 0.7,
        "induced" | "secondary" | "screening" | "personal" | "exposure" | "following" | "complicating"
        | "hereditary" | "specified" | "recurrent" | "external" | "late" | "chronic" | "neoplasm" => 0.4,
        _ => 0.0,
    }
}
