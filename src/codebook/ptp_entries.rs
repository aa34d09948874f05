//! How the edits of a code are kept: one run of bytes, sorted, each edit of the same width, so that 2.5 million rows of a
//! quarter stay small and a pair is found by halving.
//!
//! An entry is 17 bytes, numbers with their highest byte first, so that the order of the bytes is the order of the
//! edits: the other code (4), effective and deletion date (3 each, see [`day_number`]), modifier indicator (1),
//! rationale (2, a number within the release), line in the file (4).

/// The bytes of an entry.
const WIDTH: usize = 17;

/// Five characters as a number in base 36 (26 bits), in the order of the codes.
pub(crate) fn code_number(code: &str) -> u32 {
    code.bytes().take(5).fold(0, |n, b| n * 36 + char::from(b).to_digit(36).unwrap_or(0))
}

/// The code of such a number.
pub(crate) fn code_of(number: u32) -> String {
    let mut rest = number;
    let mut code = ['0'; 5];
    for slot in code.iter_mut().rev() {
        *slot = char::from_digit(rest % 36, 36).unwrap_or('0').to_ascii_uppercase();
        rest /= 36;
    }
    code.iter().collect()
}

/// Day 0 of a stored date; the number 0 stands for "no date" and comes before all others.
const DAY_ZERO: i32 = 1 << 23;

/// A day (from 1970-01-01) as a number of 24 bits; all years from -9999 to 9999 fit.
pub(crate) fn day_number(day: Option<i32>) -> u32 {
    let number = |d: i32| u32::try_from(d.saturating_add(DAY_ZERO).clamp(1, 0xff_ffff)).unwrap_or(1);
    day.map_or(0, number)
}

fn day_of(number: u32) -> Option<i32> {
    let day = i32::try_from(number).ok()?.checked_sub(DAY_ZERO);
    day.filter(|_| number > 0)
}

/// An edit, seen from one of its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// The other code.
    pub(crate) other: u32,
    /// First and last day, as [`day_number`] writes them.
    pub(crate) effective: u32,
    pub(crate) deletion: u32,
    /// 0, 1 or 9.
    pub(crate) indicator: u8,
    /// Its place among the rationales of the release.
    pub(crate) rationale: u16,
    /// Its line in the file.
    pub(crate) line: u32,
}

impl Entry {
    /// First day; `None` if the file does not say.
    pub(crate) fn effective(&self) -> Option<i32> {
        day_of(self.effective)
    }

    /// Last day; `None` if it is open.
    pub(crate) fn deletion(&self) -> Option<i32> {
        day_of(self.deletion)
    }

    /// Whether it is in force on a day. Where a file leaves the effective date out, it is until its deletion date.
    pub(crate) fn in_force(&self, day: i32) -> bool {
        self.indicator != 9
            && self.effective().is_none_or(|first| first <= day)
            && self.deletion().is_none_or(|last| day <= last)
    }

    fn bytes(&self) -> [u8; WIDTH] {
        let [o0, o1, o2, o3] = self.other.to_be_bytes();
        let [_, e0, e1, e2] = self.effective.to_be_bytes();
        let [_, d0, d1, d2] = self.deletion.to_be_bytes();
        let [r0, r1] = self.rationale.to_be_bytes();
        let [l0, l1, l2, l3] = self.line.to_be_bytes();
        [o0, o1, o2, o3, e0, e1, e2, d0, d1, d2, self.indicator, r0, r1, l0, l1, l2, l3]
    }

    fn read(bytes: &[u8; WIDTH]) -> Self {
        let [o0, o1, o2, o3, e0, e1, e2, d0, d1, d2, indicator, r0, r1, l0, l1, l2, l3] = *bytes;
        Self {
            other: u32::from_be_bytes([o0, o1, o2, o3]),
            effective: u32::from_be_bytes([0, e0, e1, e2]),
            deletion: u32::from_be_bytes([0, d0, d1, d2]),
            indicator,
            rationale: u16::from_be_bytes([r0, r1]),
            line: u32::from_be_bytes([l0, l1, l2, l3]),
        }
    }
}

/// Adds an entry to a run; entries are put in their order.
pub(crate) fn put(run: &mut Vec<u8>, entry: &Entry) {
    run.extend_from_slice(&entry.bytes());
}

/// Adds an entry without its line: what counts as content.
pub(crate) fn put_content(run: &mut Vec<u8>, entry: &Entry) {
    let bytes = entry.bytes();
    run.extend_from_slice(bytes.get(..WIDTH - 4).unwrap_or(&bytes));
}

/// All entries of a run.
pub(crate) fn all(run: &[u8]) -> impl Iterator<Item = Entry> + '_ {
    run.as_chunks::<WIDTH>().0.iter().map(Entry::read)
}

/// The entries of a run for one other code.
pub(crate) fn with(run: &[u8], other: u32) -> impl Iterator<Item = Entry> + '_ {
    let entries = run.as_chunks::<WIDTH>().0;
    let begin = entries.partition_point(|bytes| Entry::read(bytes).other < other);
    entries.iter().skip(begin).map(Entry::read).take_while(move |e| e.other == other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry() -> impl Strategy<Value = Entry> {
        let date = proptest::option::of(-4_371_600i32..2_932_896);
        let indicator = prop_oneof![Just(0u8), Just(1), Just(9)];
        // Few codes, so that a code often has several entries.
        (0u32..50, date.clone(), date, indicator, any::<u16>(), any::<u32>()).prop_map(
            |(other, effective, deletion, indicator, rationale, line)| Entry {
                other,
                effective: day_number(effective),
                deletion: day_number(deletion),
                indicator,
                rationale,
                line,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_put_is_read_and_found(mut entries in proptest::collection::vec(entry(), 0..80)) {
            entries.sort();
            let mut run = Vec::new();
            for one in &entries {
                put(&mut run, one);
            }
            prop_assert_eq!(run.len(), entries.len() * WIDTH);
            prop_assert_eq!(all(&run).collect::<Vec<_>>(), entries.clone());
            for other in 0..51 {
                let expected: Vec<_> = entries.iter().copied().filter(|e| e.other == other).collect();
                prop_assert_eq!(with(&run, other).collect::<Vec<_>>(), expected);
            }
        }

        #[test]
        fn the_order_of_the_bytes_is_the_order_of_the_entries(a in entry(), b in entry()) {
            prop_assert_eq!(a.bytes().cmp(&b.bytes()), a.cmp(&b));
        }

        #[test]
        fn days_are_kept(day in proptest::option::of(-4_371_600i32..2_932_896)) {
            prop_assert_eq!(day_of(day_number(day)), day);
        }

        #[test]
        fn numbers_keep_codes_and_their_order(a in "[0-9A-Z]{5}", b in "[0-9A-Z]{5}") {
            prop_assert_eq!(code_of(code_number(&a)), a.clone());
            prop_assert_eq!(code_number(&a).cmp(&code_number(&b)), a.cmp(&b));
        }

        #[test]
        fn a_cut_run_never_panics(run in proptest::collection::vec(any::<u8>(), 0..60), other in any::<u32>()) {
            prop_assert!(all(&run).count() <= run.len() / WIDTH);
            prop_assert!(with(&run, other).count() <= run.len() / WIDTH);
        }
    }
}
