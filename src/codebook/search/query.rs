//! What a query asks for: its words with their alternatives, and beside the topic the side, the encounter, and
//! whether a heading is wanted.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::codebook::search::encounter::Encounter;
use crate::codebook::search::index::Index;
use crate::codebook::search::spelling::nearest;
use crate::codebook::search::stem::stem;
use crate::codebook::search::text::{Side, side_of, text};
use crate::codebook::search::vocabulary::{MOST_WORDS, VOCABULARY};
use crate::codebook::search::words::{Lexer, is_empty_word, is_neutral, words};

/// The most words of a query that are read, and tokens that it may come to.
const MOST_READ: usize = 24;
pub(crate) const MOST_TOKENS: usize = 64;

/// A word that is looked for, in any of several forms.
#[derive(Debug, Clone, Default)]
pub(crate) struct Token {
    /// Each with how good it is: 1 as written.
    pub(crate) options: Vec<(String, f32)>,
    /// How much it counts beside the others.
    pub(crate) scale: f32,
}

/// One way to say what is asked: all of the tokens.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) tokens: Vec<usize>,
    pub(crate) factor: f32,
}

/// One thing that is asked for, in any of several ways.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot {
    pub(crate) ways: Vec<Way>,
}

/// A query, understood.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) tokens: Vec<Token>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) side: Side,
    pub(crate) encounter: Encounter,
    /// The tokens that ask for a 7th character, as bits.
    pub(crate) encounter_bits: u64,
    pub(crate) wants_heading: bool,
}

/// A word with its place in the query.
#[derive(Debug, Clone)]
struct Item {
    word: String,
    denied: bool,
    /// Other words that may have been meant.
    also: Vec<(String, f32)>,
}

/// Reads a query against the indexes that are searched. `typing`: its last word may be unfinished.
pub(crate) fn read(query: &str, indexes: &[&Index], typing: bool) -> Query {
    let mut out = Query::default();
    let mut items = items(query, &mut out);
    // The first letter of a word tells nothing yet.
    if typing && items.len() > 1 && items.last().is_some_and(|i| i.word.len() == 1) {
        items.pop();
    }
    let last = items.len().saturating_sub(1);
    for (at, item) in items.iter_mut().enumerate() {
        spell(item, indexes, typing && at == last);
    }
    let mut at = 0;
    while at < items.len() {
        at += phrase(&items, at, indexes, &mut out);
    }
    out
}

/// The words that mean something, with denials; what is not topic is heard and taken out.
fn items(query: &str, out: &mut Query) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for segment in query.split([',', ';', '\n']) {
        let (mut denied, mut joined) = (0_usize, false);
        for word in words(segment) {
            match word.as_str() {
                "without" | "no" | "denies" => {
                    denied = 2;
                    continue;
                }
                "not" | "non" => {
                    denied = 1;
                    joined = word == "non";
                    continue;
                }
                "with" | "but" | "and" => {
                    denied = 0;
                    continue;
                }
                "heading" | "category" => {
                    out.wants_heading = true;
                    continue;
                }
                _ => {}
            }
            if is_empty_word(&word) || items.len() >= MOST_READ {
                continue;
            }
            let word = VOCABULARY.american(&word).to_owned();
            for part in words(&word) {
                let also = if joined { vec![(format!("non{part}"), 1.0)] } else { Vec::new() };
                items.push(Item { word: part, denied: denied > 0, also });
            }
            joined = false;
            denied = denied.saturating_sub(1);
        }
    }
    items
}

fn known(indexes: &[&Index], word: &str) -> bool {
    let stem = stem(word);
    indexes.iter().any(|i| i.stem(&stem).is_some())
}

/// The words that several indexes know, each once with the best that one of them says of it; the best first.
fn once_each<R>(
    found: impl IntoIterator<Item = (String, R)>,
    order: impl Fn(&R, &R) -> Ordering,
) -> Vec<(String, R)> {
    let mut best: BTreeMap<String, R> = BTreeMap::new();
    for (word, rank) in found {
        match best.get_mut(&word) {
            Some(known) if order(&rank, known) == Ordering::Less => *known = rank,
            Some(_) => {}
            None => {
                best.insert(word, rank);
            }
        }
    }
    let mut all: Vec<(String, R)> = best.into_iter().collect();
    all.sort_by(|a, b| order(&a.1, &b.1));
    all
}

/// Puts a word right that no index has.
fn spell(item: &mut Item, indexes: &[&Index], unfinished: bool) {
    let word = item.word.as_str();
    let is_known = known(indexes, word) || VOCABULARY.has(word) || side(word) != Side::None;
    let begun = |least: usize| -> Vec<(String, f32)> {
        if word.len() < least {
            return Vec::new();
        }
        let mut found: Vec<(String, u32)> = Vec::new();
        for index in indexes {
            for (id, uses) in index.beginning(word, 6) {
                if let Some(w) = index.words.get(id as usize)
                    && &*w.text != word
                {
                    found.push((w.text.to_string(), uses));
                }
            }
        }
        let found = once_each(found, |a, b| b.cmp(a));
        // Of the words that begin so the most used is the likeliest.
        let most = found.first().map_or(1, |f| f.1).max(1);
        let likely = |uses: u32| 0.8 + 0.15 * uses as f32 / most as f32;
        found.into_iter().take(6).map(|(w, uses)| (w, likely(uses))).collect()
    };
    if unfinished {
        item.also = begun(2);
    }
    if is_known || item.denied || !item.also.is_empty() {
        return;
    }
    let letters = word.bytes().all(|b| b.is_ascii_lowercase());
    if !letters {
        return;
    }
    item.also = begun(4);
    if item.also.is_empty() {
        let meant = indexes.iter().flat_map(|index| nearest(index, word));
        let meant = meant.map(|m| (m.word, (m.likely, m.uses)));
        let all = once_each(meant, |a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        let mut found = all.into_iter().take(3).map(|(w, (likely, _))| (w, likely));
        // The best one takes the word's place: phrases are looked up with it.
        if let Some((best, _)) = found.next() {
            item.word = best;
        }
        item.also = found.collect();
    }
}

fn side(word: &str) -> Side {
    side_of(word, true)
}

/// Takes the longest phrase that means something; else one word. Returns how many words it took.
fn phrase(items: &[Item], at: usize, indexes: &[&Index], out: &mut Query) -> usize {
    let rest = items.get(at..).unwrap_or(&[]);
    for length in (1..=MOST_WORDS.min(rest.len())).rev() {
        let part = rest.get(..length).unwrap_or(&[]);
        if length == 1 && part.iter().any(|i| side(&i.word) != Side::None) {
            continue;
        }
        if length > 1 && part.iter().any(|i| i.denied) && !part.iter().all(|i| i.denied) {
            continue;
        }
        let Some(meanings) = VOCABULARY.meanings(part.iter().map(|i| i.word.as_str())) else { continue };
        let mut slot = Slot::default();
        let denied = part.iter().any(|i| i.denied);
        for (nth, meaning) in meanings.iter().take(5).enumerate() {
            let told = text(&mut Lexer::default(), meaning, true);
            if nth == 0 && told.side != Side::None {
                out.side = told.side;
            }
            let mut way = Way { tokens: Vec::new(), factor: if nth == 0 { 0.97 } else { 0.95 } };
            let mut before = String::new();
            for said in told.said {
                let word = if denied { format!("-{}", said.word) } else { said.word };
                let at = token(&word, &[], out);
                if let Some(at) = at.filter(|_| nth == 0 && out.encounter.hear(&word, &before)) {
                    out.encounter_bits |= 1 << at;
                }
                way.tokens.extend(at);
                before = word;
            }
            slot.ways.push(way);
        }
        let mut way = Way { tokens: Vec::new(), factor: 1.0 };
        for item in part {
            if side(&item.word) == Side::None {
                let written = if item.denied { format!("-{}", item.word) } else { item.word.clone() };
                let at = token(&written, &item.also, out);
                if let Some(at) = at.filter(|_| out.encounter.hear(&item.word, "")) {
                    out.encounter_bits |= 1 << at;
                }
                way.tokens.extend(at);
            }
        }
        slot.ways.push(way);
        slot.ways.retain(|w| !w.tokens.is_empty());
        if !slot.ways.is_empty() {
            out.slots.push(slot);
        }
        return length;
    }
    let Some(item) = rest.first() else { return 1 };
    let told = side(&item.word);
    if told != Side::None {
        out.side = if out.side != Side::None && out.side != told { Side::Both } else { told };
        // Single letters and "both" may be more than a side; official words are not.
        if !matches!(item.word.as_str(), "both") {
            return 1;
        }
    }
    let before = at.checked_sub(1).and_then(|b| items.get(b)).map_or("", |i| i.word.as_str());
    let heard = out.encounter.hear(&item.word, before);
    let written = if item.denied { format!("-{}", item.word) } else { item.word.clone() };
    let Some(first) = token(&written, &item.also, out) else { return 1 };
    if heard {
        out.encounter_bits |= 1 << first;
    }
    let mut ways = vec![Way { tokens: vec![first], factor: 1.0 }];
    // Written apart what is one word, or in one what is two.
    if let Some(next) = rest.get(1) {
        let joined = format!("{}{}", item.word, next.word);
        if joined.len() > 5 && !item.denied && known(indexes, &joined) && side(&next.word) == Side::None {
            let second = token(&next.word, &next.also, out);
            let whole = token(&joined, &[], out);
            let mut slot = Slot {
                ways: vec![Way {
                    tokens: [Some(first), second].into_iter().flatten().collect(),
                    factor: 1.0,
                }],
            };
            slot.ways.extend(whole.map(|w| Way { tokens: vec![w], factor: 1.0 }));
            out.slots.push(slot);
            return 2;
        }
    }
    if !known(indexes, &item.word) && item.word.len() > 6 && item.word.is_ascii() {
        for cut in 3..item.word.len() - 2 {
            let (Some(a), Some(b)) = (item.word.get(..cut), item.word.get(cut..)) else { continue };
            if known(indexes, a) && known(indexes, b) && a.len() + b.len() > 6 {
                let tokens = [token(a, &[], out), token(b, &[], out)].into_iter().flatten().collect();
                ways.push(Way { tokens, factor: 0.95 });
                break;
            }
        }
    }
    out.slots.push(Slot { ways });
    1
}

/// Adds a word to the query's tokens.
fn token(word: &str, also: &[(String, f32)], out: &mut Query) -> Option<usize> {
    if let Some(at) = out.tokens.iter().position(|t| t.options.first().is_some_and(|o| o.0 == word)) {
        return Some(at);
    }
    if out.tokens.len() >= MOST_TOKENS {
        return None;
    }
    let mut options = vec![(word.to_owned(), 1.0)];
    let bare = word.trim_start_matches('-');
    let sign = if bare.len() < word.len() { "-" } else { "" };
    for (other, factor) in also {
        let sign = if other.starts_with("non") { "" } else { sign };
        options.push((format!("{sign}{other}"), *factor));
    }
    for other in VOCABULARY.equals(&stem(bare)) {
        options.push((format!("{sign}{other}"), 0.95));
    }
    let number = bare.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let scale = if word == "both" { 0.3 } else { 1.0 }
        * match (number, is_neutral(bare) || !sign.is_empty()) {
            (true, _) => 0.6,
            (_, true) => 0.5,
            _ => 1.0,
        };
    out.tokens.push(Token { options, scale });
    Some(out.tokens.len() - 1)
}
