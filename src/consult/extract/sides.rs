//! Right, left, both: the side of the body that a text names, beside a code or at all.

use std::sync::LazyLock;

use super::words::{Phrases, Words};

/// A side of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The right.
    Right,
    /// The left.
    Left,
    /// Both.
    Bilateral,
}

impl Side {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Left => "left",
            Self::Bilateral => "bilateral",
        }
    }
}

/// How far from a code, in characters, a side may stand.
const REACH: usize = 48;

/// Parts of the body that have sides, and words that stand between a side and its part.
const PARTS: &str = "knee knees shoulder shoulders hip hips ankle ankles wrist wrists elbow elbows hand hands foot feet \
    finger fingers thumb thumbs toe toes heel heels eye eyes ear ears breast breasts kidney kidneys ovary ovaries lung lungs \
    arm arms leg legs thigh thighs calf calves forearm forearms humerus femur tibia fibula radius ulna clavicle scapula \
    rotator cuff si sacroiliac joint joints inguinal hernia hernias carotid renal femoral leg extremity upper lower side sides sided \
    hemiparesis hemiplegia weakness cheek temple nostril sinus sinuses maxillary turbinate turbinates tonsil vocal great \
    big index middle ring little small first second third fourth fifth 1st 2nd 3rd 4th 5th medial lateral distal proximal total \
    ureter ureteral testicle testis adrenal axilla axillary groin buttock flank chest neck main coronary heart cardiac ventricle \
    subclavian jugular ij vein veins lobe lobectomy mastectomy lumpectomy tka tha cataract iol carpal tunnel trigger plantar \
    leg's knee's achilles acl meniscus glute gluteal facet facets c2 c3 c4 c5 c6 c7 l1 l2 l3 l4 l5 s1 transforaminal paraspinal \
    occipital facial lid eyelid brow orbit orbital cornea retina pleural thoracentesis lower nares ac glenohumeral subacromial bursa \
    dominant nondominant non sciatica leg, stroke hemisphere side; ankle, knee, breast, dcis oophorectomy salpingectomy";

static SIDES: &[(&str, Option<Side>)] = &[
    (
        "bilateral|bilaterally|bilat|both sides|on both sides|b l|each side|right and left|left and right|lt and rt|rt and lt|rt lt",
        Some(Side::Bilateral),
    ),
    ("right|rt", Some(Side::Right)),
    ("left|lt", Some(Side::Left)),
    ("both|each", None),
    // What holds the word without its meaning.
    (
        "right now|right away|all right|right code|right way|is this right|is that right|are these right|the right|right modifier|right order",
        None,
    ),
    ("left over|left out|left off|left ama|left the|left without|has left|have left|left message", None),
];

static TABLE: LazyLock<Phrases<Option<Side>>> = LazyLock::new(|| Phrases::of(SIDES));

/// The side that modifiers on a line tell.
pub(super) fn by_modifier(modifiers: &[String]) -> Option<Side> {
    let has = |m: &str| modifiers.iter().any(|x| x == m);
    match (has("RT"), has("LT"), has("50")) {
        (_, _, true) | (true, true, _) => Some(Side::Bilateral),
        (true, ..) => Some(Side::Right),
        (_, true, _) => Some(Side::Left),
        _ => None,
    }
}

/// The side named close behind a code, or close before it, in the same part of the sentence.
pub(super) fn around(head: &str, tail: &str) -> Option<Side> {
    let stop = |c: char| matches!(c, '.' | ';' | '?' | '!' | '\n' | ',' | '+');
    let tail = tail.get(..tail.find(stop).map_or(tail.len(), |at| at + 1)).unwrap_or_default();
    let tail = tail.get(..tail.char_indices().nth(REACH).map_or(tail.len(), |(i, _)| i)).unwrap_or_default();
    if let Some(side) = named(tail).into_iter().next() {
        return Some(side);
    }
    let from = head.char_indices().rev().nth(REACH / 2).map_or(0, |(i, _)| i);
    let head = head.get(from..).unwrap_or_default();
    let head = head.get(head.rfind(stop).map_or(0, |at| at + 1)..).unwrap_or_default();
    // "… and 20610": what stands before the "and" belongs to the code before it.
    if head.trim_start().to_lowercase().starts_with("and ") && head.len() < 6 {
        return None;
    }
    let words = Words::of(head);
    let near = words.list.len().saturating_sub(3);
    let hit = TABLE.find(&words).into_iter().rfind(|h| h.at >= near && h.means.is_some())?;
    *hit.means
}

/// The sides that a text names, each once.
pub(super) fn named(text: &str) -> Vec<Side> {
    let words = Words::of(text);
    let mut out = Vec::new();
    for hit in TABLE.find(&words) {
        let next = words.lower(hit.at + hit.len);
        let joined = words.list.get(hit.at + hit.len).is_some_and(|w| w.joined);
        let part = joined && next.len() > 1 && PARTS.split_whitespace().any(|p| p == next);
        let end = words.list.get(hit.at + hit.len - 1).map_or(0, |w| w.end);
        let stop = text.get(end..).and_then(|t| t.chars().next());
        let side = match hit.means {
            Some(Side::Bilateral) => Some(Side::Bilateral),
            Some(side) if part => Some(*side),
            // Short for itself: "20610 RT", but not "is 20610 right?".
            Some(side) if words.lower(hit.at).len() == 2 && stop != Some('?') => Some(*side),
            None if part && matches!(words.lower(hit.at), "both" | "each") && hit.len == 1 => {
                Some(Side::Bilateral)
            }
            // "the right knee": the phrase of the table ends before the part.
            None if part && words.lower(hit.at + hit.len - 1) == "right" => Some(Side::Right),
            _ => None,
        };
        // "r knee", "l hip" are not in the table: single letters are many things.
        out.extend(side.filter(|s| !out.contains(s)));
    }
    for (at, word) in words.list.iter().enumerate() {
        let side = match word.lower.as_str() {
            "r" => Side::Right,
            "l" => Side::Left,
            _ => continue,
        };
        let next = words.lower(at + 1);
        if next.len() > 2 && PARTS.split_whitespace().any(|p| p == next) && !out.contains(&side) {
            out.push(side);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_in_words() {
        assert_eq!(named("left shoulder and the right knee"), [Side::Left, Side::Right]);
        assert_eq!(named("both knees, bilat"), [Side::Bilateral]);
        assert_eq!(named("R knee"), [Side::Right]);
        for text in [
            "is this right?",
            "all right, she left the practice",
            "the right code",
            "right away",
            "20610 right?",
        ] {
            assert!(named(text).is_empty(), "{text}");
        }
    }
}
