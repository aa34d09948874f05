//! Typing errors: the nearest words of the index, by edit distance and by sound.

use crate::codebook::search::index::{Index, Shape};

/// A word's looks, for a first quick comparison.
pub(crate) fn shape(word: &str) -> Shape {
    let mut letters = 0_u32;
    for byte in word.bytes() {
        let bit = match byte {
            b'a'..=b'z' => byte - b'a',
            b'0'..=b'9' => 26 + byte % 5,
            _ => 31,
        };
        letters |= 1 << bit;
    }
    let heard =
        sound(word).bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    Shape {
        letters,
        length: u8::try_from(word.len()).unwrap_or(u8::MAX),
        first: word.bytes().next().unwrap_or(0),
        sound: heard,
    }
}

/// A word that may have been meant.
#[derive(Debug, Clone)]
pub(crate) struct Meant {
    pub(crate) word: String,
    /// 1 is certain.
    pub(crate) likely: f32,
    pub(crate) uses: u32,
}

/// The words of the index that are nearest to one that it does not have; the best first, three at most.
pub(crate) fn nearest(index: &Index, word: &str) -> Vec<Meant> {
    let length = word.len();
    let most = match length {
        0..=3 => return Vec::new(),
        4 => 1,
        5..=8 => 2,
        _ => 3,
    };
    let own = shape(word);
    let letters: Vec<u8> = word.bytes().collect();
    let mut found: Vec<(f32, &str, u32)> = Vec::new();
    for candidate in &index.words {
        let shape = candidate.shape;
        let sounds_alike = shape.sound == own.sound && shape.length > 3;
        let same_start = shape.first == own.first;
        // An error in the first letter is rare: with another one there is none.
        let allowed = if sounds_alike {
            most + 2
        } else if same_start {
            most
        } else {
            1
        };
        let extra = (shape.letters & !own.letters).count_ones() as usize;
        let lacking = (own.letters & !shape.letters).count_ones() as usize;
        let apart = usize::from(shape.length).abs_diff(length);
        if extra > allowed || lacking > allowed || apart > allowed || shape.length < 3 {
            continue;
        }
        if !shape.first.is_ascii_lowercase() {
            continue;
        }
        let away = distance(&letters, candidate.text.as_bytes(), allowed);
        if away > allowed {
            continue;
        }
        // What sounds alike is as good as one error less.
        let mut cost =
            away as f32 - if sounds_alike { 0.9 } else { 0.0 } + if same_start { 0.0 } else { 0.7 };
        // Of words at one distance the common ones are meant.
        cost -= (candidate.uses as f32).ln_1p() * 0.11;
        if away == 3 && !sounds_alike && length < 11 {
            cost += 0.6;
        }
        found.push((cost, &candidate.text, candidate.uses));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    let best = found.first().map_or(0.0, |f| f.0);
    found
        .into_iter()
        .take(3)
        .filter(|f| f.0 < best + 0.7)
        .map(|(cost, word, uses)| Meant { word: word.to_owned(), likely: 0.9 - 0.15 * (cost - best), uses })
        .collect()
}

/// Edit distance with swapped neighbours as one error (optimal string alignment); beyond `most` it is `most + 1`.
pub(crate) fn distance(a: &[u8], b: &[u8], most: usize) -> usize {
    const WIDTH: usize = 40;
    if b.len() + 1 > WIDTH || a.len() + 1 > WIDTH || a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    const FAR: u8 = WIDTH as u8;
    let mut before = [0_u8; WIDTH];
    let mut last = [0_u8; WIDTH];
    let mut row = [0_u8; WIDTH];
    for (slot, j) in last.iter_mut().zip(0..) {
        *slot = j;
    }
    let at = |row: &[u8; WIDTH], j: usize| row.get(j).copied().unwrap_or(FAR);
    for (i, x) in a.iter().enumerate() {
        let begin = u8::try_from(i + 1).unwrap_or(FAR);
        let mut least = begin;
        if let Some(slot) = row.first_mut() {
            *slot = begin;
        }
        for (j, y) in b.iter().enumerate() {
            let mut best = (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + u8::from(x != y));
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(at(&before, j - 1) + 1);
            }
            if let Some(slot) = row.get_mut(j + 1) {
                *slot = best;
            }
            least = least.min(best);
        }
        if usize::from(least) > most {
            return most + 1;
        }
        before = last;
        last = row;
    }
    usize::from(at(&last, b.len()))
}

/// How a word sounds, roughly: what people confuse when they write it by ear falls together.
pub(crate) fn sound(word: &str) -> String {
    let mut s = word.to_owned();
    for (written, heard) in [
        ("ph", "f"),
        ("rrh", "r"),
        ("rh", "r"),
        ("th", "t"),
        ("ch", "k"),
        ("ck", "k"),
        ("sch", "sk"),
        ("qu", "k"),
        ("x", "ks"),
        ("ou", "u"),
        ("eau", "o"),
        ("ei", "e"),
        ("ie", "e"),
        ("ea", "e"),
        ("ee", "e"),
        ("ai", "e"),
        ("ey", "e"),
        ("io", "o"),
        ("eo", "o"),
        ("ao", "o"),
        ("ui", "i"),
        ("tio", "so"),
        ("sce", "se"),
        ("sci", "si"),
        ("ce", "se"),
        ("ci", "si"),
        ("cy", "si"),
        ("c", "k"),
        ("z", "s"),
        ("y", "i"),
        ("gh", "g"),
        ("kn", "n"),
    ] {
        if s.contains(written) {
            s = s.replace(written, heard);
        }
    }
    for (start, heard) in [("pn", "n"), ("ps", "s"), ("pt", "t"), ("gn", "n"), ("wr", "r"), ("mn", "n")] {
        if let Some(rest) = s.strip_prefix(start) {
            s = format!("{heard}{rest}");
        }
    }
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        // Vowels in the middle of a word are told apart least of all.
        let c = if matches!(c, 'a' | 'e' | 'i' | 'o' | 'u') && !out.is_empty() { 'a' } else { c };
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_a_swap_once() {
        assert_eq!(distance(b"diabetse", b"diabetes", 3), 1);
        assert_eq!(distance(b"pnumonia", b"pneumonia", 3), 1);
        assert_eq!(distance(b"abc", b"xyz", 3), 3);
        assert_eq!(distance(b"abcdef", b"uvwxyz", 2), 3);
    }

    #[test]
    fn what_is_confused_by_ear_sounds_alike() {
        assert_eq!(sound("pneumonia"), sound("newmonia").replace('w', ""));
        assert_eq!(sound("hemorrhoids"), sound("hemoroids"));
        assert_eq!(sound("diarrhea"), sound("diarea"));
        assert_ne!(sound("kidney"), sound("kindly"));
    }
}
