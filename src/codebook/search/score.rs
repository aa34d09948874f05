//! How well a code fits by one of its names: what of the query is covered, what the name says beyond it, and what
//! follows from side, 7th character and the guidelines' defaults.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::codebook::search::build::LIGHT;
use crate::codebook::search::encounter::{Encounter, Visit};
use crate::codebook::search::index::{Kind, NONE, Name, Node};
use crate::codebook::search::rank::{Found, Ranking, mask_of};

impl Ranking<'_> {
    /// Scores a code by a name of itself or of a heading above it, and keeps it if it is the best so far.
    pub(crate) fn offer(&mut self, best: &mut HashMap<u32, Found>, name: u32, node: u32, most: f32) {
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
            let above = if name.node == node_id {
                None
            } else {
                index.node(name.node).and_then(|n| index.name(n.official))
            };
            let (_, residue, _, odd) = self.residue(named, name, above);
            special += if whole && name.kind == Kind::Own && name.node == node_id { 0.25 * odd } else { odd };
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
        let (open, denied) = self.leaves_open(node);
        let mut score = cover.powf(1.4) * (0.55 + 0.45 * fit) * (0.75 + 0.25 * exact) * prior(name.kind);
        if whole {
            score += if name.kind == Kind::Own { 0.06 } else { 0.045 };
        }
        score -= if open { 0.1 } else { 0.2 } * missed + 0.1 * dropped + far;
        score -= self.side(node, Some(name));
        score -= 0.045 * special.min(3.0);
        score += match (open, denied) {
            (_, true) => 0.016,
            (true, _) => 0.012,
            _ => 0.0,
        };
        if node.common {
            score += 0.02;
        }
        score += match (span.billable, self.query.wants_heading) {
            (true, false) => 0.03,
            (false, true) => 0.15 - 0.02 * node.code.len() as f32,
            (false, false) => -0.24,
            (true, true) => -0.1,
        };
        if node.code.starts_with(['V', 'W', 'X', 'Y']) && index.nodes.len() > 20_000 && name.kind != Kind::Own
        {
            score -= 0.03;
        }
        Some((chosen, score))
    }

    /// Whether the official text leaves something open (unspecified, unknown), and whether it denies something that
    /// nobody asked for (without complications).
    fn leaves_open(&self, node: &Node) -> (bool, bool) {
        let Some(name) = self.index.name(node.official) else { return (false, false) };
        let (mut open, mut denied) = (false, false);
        for (word, _) in self.index.words_of(name) {
            open |= self.index.open_words.contains(&word);
            denied |= self.index.words.get(word as usize).is_some_and(|w| w.text.starts_with('-'));
        }
        (open, denied)
    }

    /// Weights of a name's words that are asked for and that are not; how exactly they are written; specials that
    /// nobody asked for.
    fn weigh(&self, name: &Name, mask: u64) -> (f32, f32, f32, f32) {
        let (mut matched, mut unmatched, mut exact, mut special) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        for (word, light) in self.index.words_of(name) {
            let Some(w) = self.index.words.get(word as usize) else { continue };
            let weight = self.index.stem_weight(w.stem);
            let asked = self.bits(w.stem) & mask;
            if asked == 0 {
                unmatched += weight * if light { LIGHT } else { 1.0 };
                special += w.special;
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
            if told.contains(&w.stem) || self.bits(w.stem) != 0 {
                continue;
            }
            residue += self.index.stem_weight(w.stem) * if light { LIGHT } else { 1.0 };
            special += w.special;
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

/// How far a name of this kind is trusted.
pub(crate) fn prior(kind: Kind) -> f32 {
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
pub(crate) fn unasked(word: &str) -> f32 {
    match word {
        "pregnancy" | "childbirth" | "puerperium" | "newborn" | "neonatal" | "maternal" | "fetus"
        | "fetal" | "sequela" | "sequelae" | "family" | "history" | "postprocedural" | "intraoperative"
        | "congenital" | "juvenile" | "elsewhere" | "postpartum" | "obstetric" | "syphilitic"
        | "gonococcal" | "tuberculous" | "assault" | "undetermined" | "underdosing" | "adverse" | "self"
        | "military" | "war" | "terrorism" | "noncompliance" | "suspected" => 1.0,
        "other" => 0.7,
        "induced" | "secondary" | "screening" | "personal" | "exposure" | "following" | "complicating"
        | "hereditary" | "specified" | "recurrent" | "external" | "late" | "chronic" | "neoplasm" => 0.4,
        _ => 0.0,
    }
}
