//! The index of one code system, as the book holds it: words and stems, names, codes, and which names hold a stem.
//! A few megabytes; read once, at the first search.

use std::sync::Mutex;

use crate::codebook::search::bytes::{Reader, put_number, put_text};
use crate::codebook::search::score::unasked;
use crate::codebook::search::text::Side;

/// No entry.
pub(crate) const NONE: u32 = u32::MAX;

/// Where a name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The official text.
    Official,
    /// Our own name for it.
    Own,
    /// An inclusion term of the tabular list.
    Inclusion,
    /// The alphabetic index.
    Index,
    /// The index of external causes.
    External,
    /// The table of drugs.
    Drug,
    /// The neoplasm table.
    Neoplasm,
    /// A plain-language text, or its search words.
    Plain,
}

impl Kind {
    /// As in table `name`.
    pub(crate) fn told(kind: &str) -> Self {
        match kind {
            "inclusion" => Self::Inclusion,
            "external" => Self::External,
            "drug" => Self::Drug,
            "neoplasm" => Self::Neoplasm,
            _ => Self::Index,
        }
    }

    fn from_byte(byte: u8) -> Self {
        const ALL: [Kind; 8] = [
            Kind::Official,
            Kind::Own,
            Kind::Inclusion,
            Kind::Index,
            Kind::External,
            Kind::Drug,
            Kind::Neoplasm,
            Kind::Plain,
        ];
        ALL.get(usize::from(byte)).copied().unwrap_or(Kind::Index)
    }
}

/// A word as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) text: Box<str>,
    pub(crate) stem: u32,
    /// In how many names.
    pub(crate) uses: u32,
    pub(crate) shape: Shape,
    /// How special a code is for it: see `score::unasked`.
    pub(crate) special: f32,
}

/// What forms of a word have in common.
#[derive(Debug, Clone)]
pub(crate) struct Stem {
    pub(crate) text: Box<str>,
    /// How much it tells: 0 nothing, 1 most.
    pub(crate) weight: f32,
    /// The names that hold it, in [`Index::postings`].
    pub(crate) start: u32,
    pub(crate) count: u32,
}

/// A name of a code.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) node: u32,
    pub(crate) kind: Kind,
    pub(crate) side: Side,
    /// The sum of its words' weights.
    pub(crate) weight: f32,
    /// Where its words begin in [`Index::said`].
    pub(crate) start: u32,
    pub(crate) count: u8,
    /// As it is written, in [`Index::texts`]; official texts are in the book.
    pub(crate) text: (u32, u8),
}

/// A code or heading.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) code: Box<str>,
    pub(crate) parent: u32,
    /// The first node that is not below it; the nodes stand in the order of their codes.
    pub(crate) end: u32,
    /// Its official name; [`NONE`] for a 7th character, which is found by its stem.
    pub(crate) official: u32,
    pub(crate) side: Side,
    /// The 7th character's meaning, as a byte of `Encounter`; 0: it has none.
    pub(crate) encounter: u8,
    /// Whether the nodes below are 7th characters of this one.
    pub(crate) has_encounters: bool,
    /// Whether we have names of our own for it: it is common.
    pub(crate) common: bool,
    /// Whether the newest edition says that it can be billed.
    pub(crate) billable: bool,
    /// When it is valid, in [`Index::spans`].
    pub(crate) span: u32,
}

/// A time in which a code is valid (or a heading), and the billable flag of that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub(crate) from: i32,
    pub(crate) to: i32,
    pub(crate) billable: bool,
}

/// A number for each name, and one for each node.
type Tables = (Vec<u64>, Vec<u64>);

/// The index of one code system.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// In alphabetical order.
    pub(crate) words: Vec<Word>,
    pub(crate) stems: Vec<Stem>,
    pub(crate) postings: Vec<u8>,
    pub(crate) names: Vec<Name>,
    /// Words of names: twice the word's number, plus one if it is of little weight.
    pub(crate) said: Vec<u32>,
    /// The names as they are written, one after the other.
    pub(crate) texts: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) spans: Vec<Vec<Span>>,
    /// Whether there are 7th characters.
    pub(crate) has_encounters: bool,
    /// The words that leave something open.
    pub(crate) open_words: Vec<u32>,
    /// Wiped tables for searches, one number for each name and each node.
    spare: Mutex<Vec<Tables>>,
}

/// What of a word's looks is compared first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// The letters it has, as bits.
    pub(crate) letters: u32,
    pub(crate) length: u8,
    pub(crate) first: u8,
    /// A hash of how it sounds.
    pub(crate) sound: u32,
}

impl Index {
    pub(crate) fn word(&self, text: &str) -> Option<u32> {
        let at = self.words.binary_search_by(|w| (*w.text).cmp(text)).ok()?;
        u32::try_from(at).ok()
    }

    /// The stem with this text. Stems stand in alphabetical order, too.
    pub(crate) fn stem(&self, text: &str) -> Option<u32> {
        let at = self.stems.binary_search_by(|s| (*s.text).cmp(text)).ok()?;
        u32::try_from(at).ok()
    }

    /// Words that begin so, the most used first, and how many.
    pub(crate) fn beginning(&self, start: &str, most: usize) -> Vec<(u32, u32)> {
        let from = self.words.partition_point(|w| &*w.text < start);
        let below = self.words.get(from..).unwrap_or(&[]).iter().take_while(|w| w.text.starts_with(start));
        let mut found: Vec<(u32, u32)> = below.zip(from as u32..).map(|(w, id)| (w.uses, id)).collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(most);
        found.into_iter().map(|(uses, id)| (id, uses)).collect()
    }

    pub(crate) fn stem_weight(&self, stem: u32) -> f32 {
        self.stems.get(stem as usize).map_or(0.0, |s| s.weight)
    }

    pub(crate) fn node(&self, id: u32) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    pub(crate) fn name(&self, id: u32) -> Option<&Name> {
        self.names.get(id as usize)
    }

    /// The words of a name: number and whether of little weight.
    pub(crate) fn words_of(&self, name: &Name) -> impl Iterator<Item = (u32, bool)> + '_ {
        let start = name.start as usize;
        let range = self.said.get(start..start + usize::from(name.count)).unwrap_or(&[]);
        range.iter().map(|w| (w >> 1, w & 1 == 1))
    }

    /// A name as it is written; none for official texts.
    pub(crate) fn written(&self, name: &Name) -> Option<&str> {
        let (start, length) = (name.text.0 as usize, usize::from(name.text.1));
        self.texts.get(start..start + length).filter(|t| !t.is_empty())
    }

    /// The names that hold a stem, in order.
    pub(crate) fn holders(&self, stem: u32, mut each: impl FnMut(u32)) {
        let Some(stem) = self.stems.get(stem as usize) else { return };
        let mut reader = Reader::at(&self.postings, stem.start as usize);
        let mut name = 0;
        for _ in 0..stem.count {
            name += reader.number();
            each(name);
        }
    }

    /// The span that holds on a day.
    pub(crate) fn valid(&self, node: &Node, day: i32) -> Option<Span> {
        let spans = self.spans.get(node.span as usize)?;
        spans.iter().find(|s| s.from <= day && day <= s.to).copied()
    }

    /// Wiped tables: those of an earlier search, or new ones.
    pub(crate) fn spare(&self) -> Tables {
        let kept = self.spare.lock().ok().and_then(|mut spare| spare.pop());
        kept.unwrap_or_else(|| (vec![0; self.names.len()], vec![0; self.nodes.len()]))
    }

    /// Keeps wiped tables for the next search; a few, however many searches ran at once.
    pub(crate) fn keep(&self, names: Vec<u64>, nodes: Vec<u64>) {
        if let Ok(mut spare) = self.spare.lock()
            && spare.len() < 4
        {
            spare.push((names, nodes));
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_number(&mut out, self.words.len() as u32);
        for word in &self.words {
            put_text(&mut out, &word.text);
            put_number(&mut out, word.stem);
            put_number(&mut out, word.uses);
            out.extend(word.shape.letters.to_le_bytes());
            out.extend(word.shape.sound.to_le_bytes());
        }
        put_number(&mut out, self.stems.len() as u32);
        for stem in &self.stems {
            put_text(&mut out, &stem.text);
            out.extend(stem.weight.to_le_bytes());
            put_number(&mut out, stem.count);
            put_number(&mut out, stem.start);
        }
        put_number(&mut out, self.postings.len() as u32);
        out.extend(&self.postings);
        put_number(&mut out, self.names.len() as u32);
        for name in &self.names {
            put_number(&mut out, name.node);
            out.push(name.kind as u8 | ((name.side as u8) << 4));
            out.extend(name.weight.to_le_bytes());
            out.push(name.count);
            put_number(&mut out, name.text.0);
            out.push(name.text.1);
        }
        put_number(&mut out, self.said.len() as u32);
        for word in &self.said {
            put_number(&mut out, *word);
        }
        put_text(&mut out, &self.texts);
        put_number(&mut out, self.nodes.len() as u32);
        for (at, node) in self.nodes.iter().enumerate() {
            put_text(&mut out, &node.code);
            put_number(&mut out, node.parent.wrapping_add(1));
            put_number(&mut out, node.end - at as u32);
            put_number(&mut out, node.official.wrapping_add(1));
            let flags =
                u8::from(node.has_encounters) | u8::from(node.common) << 1 | u8::from(node.billable) << 2;
            out.push(flags | ((node.side as u8) << 4));
            out.push(node.encounter);
            put_number(&mut out, node.span);
        }
        put_number(&mut out, self.spans.len() as u32);
        for spans in &self.spans {
            put_number(&mut out, spans.len() as u32);
            for span in spans {
                out.extend(span.from.to_le_bytes());
                out.extend(span.to.to_le_bytes());
                out.push(u8::from(span.billable));
            }
        }
        out
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut r = Reader::at(bytes, 0);
        let mut index = Self::default();
        let n = r.count();
        index.words = (0..n)
            .map(|_| {
                let text: Box<str> = r.text().into();
                let (stem, uses) = (r.number(), r.number());
                let letters = u32::from_le_bytes(r.four());
                let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
                let first = text.bytes().next().unwrap_or(0);
                let shape = Shape { letters, length, first, sound: u32::from_le_bytes(r.four()) };
                let special = unasked(&text);
                Word { text, stem, uses, shape, special }
            })
            .collect();
        let n = r.count();
        index.stems = (0..n)
            .map(|_| {
                let text = r.text().into();
                let weight = f32::from_le_bytes(r.four());
                let count = r.number();
                Stem { text, weight, count, start: r.number() }
            })
            .collect();
        let n = r.count();
        index.postings = r.take(n).to_vec();
        let n = r.count();
        let mut start = 0;
        index.names = (0..n)
            .map(|_| {
                let node = r.number();
                let told = r.byte();
                let weight = f32::from_le_bytes(r.four());
                let count = r.byte();
                let text = (r.number(), r.byte());
                let (kind, side) = (Kind::from_byte(told & 15), Side::from_byte(told >> 4));
                let name = Name { node, kind, side, weight, start, count, text };
                start += u32::from(count);
                name
            })
            .collect();
        let n = r.count();
        index.said = (0..n).map(|_| r.number()).collect();
        index.texts = r.text().to_owned();
        let n = r.count();
        index.nodes = (0..n)
            .map(|at| {
                let code = r.text().into();
                let parent = r.number().wrapping_sub(1);
                let end = at as u32 + r.number();
                let official = r.number().wrapping_sub(1);
                let flags = r.byte();
                Node {
                    code,
                    parent,
                    end,
                    official,
                    side: Side::from_byte(flags >> 4),
                    encounter: r.byte(),
                    has_encounters: flags & 1 == 1,
                    common: flags & 2 == 2,
                    billable: flags & 4 == 4,
                    span: r.number(),
                }
            })
            .collect();
        let n = r.count();
        index.spans = (0..n)
            .map(|_| {
                let n = r.count();
                (0..n)
                    .map(|_| Span {
                        from: i32::from_le_bytes(r.four()),
                        to: i32::from_le_bytes(r.four()),
                        billable: r.byte() == 1,
                    })
                    .collect()
            })
            .collect();
        index.has_encounters = index.nodes.iter().any(|n| n.has_encounters);
        index.open_words = ["unspecified", "unknown"].iter().filter_map(|w| index.word(w)).collect();
        index
    }
}
