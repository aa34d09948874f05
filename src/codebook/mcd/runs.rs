//! How the diagnosis lists of coverage documents are kept: runs of bytes of the same width, sorted, so that half a
//! million rows of an export stay small and a diagnosis is found by halving.

use crate::codebook::mcd::CoverageKind;

/// A code of a list: seven characters without the dot, filled up with blanks, and whether it has an asterisk.
const CODE: usize = 8;
/// A place of a diagnosis: kind (1), number (4), version (2), list (1), group (2).
const PLACE: usize = 10;

/// A diagnosis in a list of a document version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) kind: CoverageKind,
    pub(crate) number: u32,
    pub(crate) version: u16,
    /// Whether the list is of diagnoses that support medical necessity.
    pub(crate) covered: bool,
    pub(crate) group: u16,
}

/// A diagnosis without its dot as it stands in a run; `None`: no diagnosis has so many characters.
pub(crate) fn key(code: &str) -> Option<[u8; 7]> {
    let mut key = [b' '; 7];
    let fits = (1..=7).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    for (slot, byte) in key.iter_mut().zip(code.bytes()) {
        *slot = byte.to_ascii_uppercase();
    }
    fits.then_some(key)
}

/// Adds a code to a run; codes are put in their order.
pub(crate) fn put_code(run: &mut Vec<u8>, code: &[u8; 7], starred: bool) {
    run.extend_from_slice(code);
    run.push(u8::from(starred));
}

/// Whether a run has a code, and whether that has an asterisk.
pub(crate) fn find(run: &[u8], code: &[u8; 7]) -> Option<bool> {
    let entries = run.as_chunks::<CODE>().0;
    let [.., _] = entries else { return None };
    let begin = entries.partition_point(|e| e.first_chunk::<7>().is_some_and(|c| c < code));
    let entry = entries.get(begin)?;
    entry.first_chunk::<7>().filter(|c| *c == code)?;
    entry.last().map(|star| *star == 1)
}

/// All codes of a run, without their dots.
pub(crate) fn codes(run: &[u8]) -> impl Iterator<Item = String> + '_ {
    let text = |e: &[u8; CODE]| {
        e.first_chunk::<7>().map_or(String::new(), |c| String::from_utf8_lossy(c).trim_end().to_owned())
    };
    run.as_chunks::<CODE>().0.iter().map(text)
}

/// Adds a place to a run.
pub(crate) fn put_place(run: &mut Vec<u8>, place: &Place) {
    run.push(place.kind.number());
    run.extend_from_slice(&place.number.to_be_bytes());
    run.extend_from_slice(&place.version.to_be_bytes());
    run.push(u8::from(place.covered));
    run.extend_from_slice(&place.group.to_be_bytes());
}

/// All places of a run.
pub(crate) fn places(run: &[u8]) -> impl Iterator<Item = Place> + '_ {
    run.as_chunks::<PLACE>().0.iter().filter_map(|bytes| {
        let [kind, n0, n1, n2, n3, v0, v1, covered, g0, g1] = *bytes;
        Some(Place {
            kind: CoverageKind::of_number(kind)?,
            number: u32::from_be_bytes([n0, n1, n2, n3]),
            version: u16::from_be_bytes([v0, v1]),
            covered: covered == 1,
            group: u16::from_be_bytes([g0, g1]),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn what_is_put_is_found_and_nothing_else(
            listed in proptest::collection::btree_map("[A-C][0-9]{1,2}[0-9A-Z]{0,4}", any::<bool>(), 0..60),
            asked in "[A-C][0-9]{1,2}[0-9A-Z]{0,4}",
        ) {
            let mut run = Vec::new();
            let keys: BTreeMap<[u8; 7], bool> = listed.iter().map(|(c, s)| (key(c).unwrap(), *s)).collect();
            keys.iter().for_each(|(c, s)| put_code(&mut run, c, *s));
            prop_assert_eq!(codes(&run).collect::<Vec<_>>(), listed.keys().cloned().collect::<Vec<_>>());
            for code in listed.keys().chain([&asked]) {
                prop_assert_eq!(find(&run, &key(code).unwrap()), listed.get(code).copied());
            }
        }

        #[test]
        fn places_are_kept(number in any::<u32>(), version in any::<u16>(), covered in any::<bool>(), group in any::<u16>()) {
            for kind in CoverageKind::ALL {
                let place = Place { kind, number, version, covered, group };
                let mut run = Vec::new();
                put_place(&mut run, &place);
                prop_assert_eq!(places(&run).collect::<Vec<_>>(), vec![place]);
            }
        }

        #[test]
        fn a_cut_run_never_panics(run in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = (find(&run, &key("E1122").unwrap()), codes(&run).count(), places(&run).count());
        }
    }

    #[test]
    fn what_is_no_diagnosis_has_no_key() {
        assert!(
            key("").is_none() && key("E11.22").is_none() && key("E1122XXX").is_none() && key("é11").is_none()
        );
        assert_eq!(key("e11").unwrap(), *b"E11    ");
    }
}
