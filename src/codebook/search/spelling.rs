//! Typing errors: the nearest words of the index, by edit distance and by sound.

use crate::codebook::search::index::{Index, Shape};
use crate::codebook::search::words::sound;

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
    let heard = sound(word).bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    Shape { letters, length: u8::try_from(word.len()).unwrap_or(u8::MAX), sound: heard }
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
    let first = letters.first().copied();
    let mut found: Vec<(f32, &str, u32)> = Vec::new();
    for (shape, candidate) in index.shapes.iter().zip(&index.words) {
        let sounds_alike = shape.sound == own.sound && shape.length > 3;
        if !sounds_alike {
            let apart = usize::from(shape.length).abs_diff(length);
            let differing = (shape.letters ^ own.letters).count_ones();
            if apart > most || differing > 2 * most as u32 || shape.length < 3 {
                continue;
            }
        }
        let text = candidate.text.as_bytes();
        if text.first() == Some(&b'-') || text.first().is_some_and(u8::is_ascii_digit) {
            continue;
        }
        let same_start = text.first().copied() == first;
        let away = distance(&letters, text, if sounds_alike { most + 2 } else { most });
        if away > most && !sounds_alike || (!same_start && away > 1 && !sounds_alike) {
            continue;
        }
        // What sounds alike is as good as one error less; an error in the first letter is rare.
        let mut cost = away as f32 - if sounds_alike { 0.9 } else { 0.0 } + if same_start { 0.0 } else { 0.7 };
        // Of words at one distance the common ones are meant.
        cost -= (candidate.uses as f32).ln_1p() * 0.11;
        if most == 3 && away == 3 && !sounds_alike && length < 11 {
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
    let mut before = [0_usize; WIDTH];
    let mut last = [0_usize; WIDTH];
    let mut row = [0_usize; WIDTH];
    for (j, slot) in last.iter_mut().enumerate() {
        *slot = j;
    }
    let at = |row: &[usize; WIDTH], j: usize| row.get(j).copied().unwrap_or(WIDTH);
    for (i, x) in a.iter().enumerate() {
        let mut least = i + 1;
        if let Some(slot) = row.first_mut() {
            *slot = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let mut best = (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + usize::from(x != y));
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(at(&before, j - 1) + 1);
            }
            if let Some(slot) = row.get_mut(j + 1) {
                *slot = best;
            }
            least = least.min(best);
        }
        if least > most {
            return most + 1;
        }
        before = last;
        last = row;
    }
    at(&last, b.len())
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
}
