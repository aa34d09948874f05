//! Which editions speak of a code, and what each says. Pure.
//!
//! - A full edition speaks of every code: those that it does not list do not exist in it.
//! - A delta (addenda) speaks of the codes that it names; what it does not name stays as the edition before it says, if
//!   that one reaches up to it.
//! - A codes file (billable codes, and the headings that follow from them) speaks of every code but headings that it
//!   does not have: those it may only not know.
//! - Beside a full edition of the same first day, addenda and a codes file say nothing.
//! - An excerpt speaks of what it lists, and of what it is known to lack.

use crate::codebook::coverage::Loaded;
use crate::codebook::edition::{Edition, Listed};

/// What one release says of a code by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// It has a row.
    Listed(Listed),
    /// It is known to lack the code: struck by a delta, or outside an excerpt that is complete there.
    Absent,
    /// It has no row, and says no more by itself.
    Silent,
}

/// The editions that speak of a code, in the order of their first days. `releases`: those of one code system, in the
/// order of [`order`].
pub(crate) fn editions<'a>(
    releases: impl Iterator<Item = &'a Loaded>,
    mut word: impl FnMut(&Loaded) -> rusqlite::Result<Word>,
) -> rusqlite::Result<Vec<Edition>> {
    let mut all: Vec<Edition> = Vec::new();
    let mut yielding: Vec<i64> = Vec::new();
    for release in releases {
        let (first, last) = (release.begins(), release.last.unwrap_or(i32::MAX));
        let listed = match word(release)? {
            Word::Listed(row) => Some(row),
            Word::Absent => None,
            Word::Silent if release.is_full() => None,
            Word::Silent if release.kind == "delta" => {
                let before = all.iter().rev().find(|e| e.first < first && e.last >= first.saturating_sub(1));
                match before {
                    Some(edition) => edition.listed.clone(),
                    None => continue,
                }
            }
            Word::Silent if release.kind == "billable" => {
                let before = all.iter().rev().find(|e| e.first < first).and_then(|e| e.listed.as_ref());
                if before.is_some_and(|row| !row.billable) {
                    continue;
                }
                None
            }
            Word::Silent => continue,
        };
        if release.is_full() {
            all.retain(|e| e.first != first || !yielding.contains(&e.release));
        } else if matches!(release.kind.as_str(), "billable" | "delta") {
            yielding.push(release.id);
        }
        all.push(Edition { release: release.id, first, last, listed });
    }
    Ok(all)
}

/// The order in which releases speak: by their first days; of those that begin on one day the full one last, whose
/// word stands.
pub(crate) fn order(release: &Loaded) -> (i32, bool, bool) {
    (release.begins(), release.is_full(), release.kind == "delta")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::codebook::edition::{derive, spans};
    use crate::domain::CodeStatus;

    fn release(id: i64, kind: &str, first: i32, last: i32) -> Loaded {
        Loaded {
            id,
            dataset: "icd10cm".to_owned(),
            setting: None,
            name: format!("r{id}"),
            first: Some(first),
            last: Some(last),
            kind: kind.to_owned(),
            part: 0,
            rows: 0,
            implied: 0,
            source: String::new(),
        }
    }

    fn row(release: i64, billable: bool) -> Word {
        let text = String::new();
        Word::Listed(Listed { release, billable, added: None, terminated: None, text, line: 1 })
    }

    fn words(mut releases: Vec<(Loaded, Word)>) -> Vec<Edition> {
        releases.sort_by_key(|(r, _)| order(r));
        let all: Vec<Loaded> = releases.iter().map(|(r, _)| r.clone()).collect();
        editions(all.iter(), |r| Ok(releases.iter().find(|(l, _)| l.id == r.id).unwrap().1.clone())).unwrap()
    }

    /// Any releases with any word on one code.
    fn any_releases() -> impl Strategy<Value = Vec<(Loaded, Word)>> {
        let dates = (proptest::option::of(0i32..100), proptest::option::of(0i32..120));
        let word = (0u8..6, dates).prop_map(|(n, (added, terminated))| match n {
            0 => Word::Absent,
            1 => Word::Silent,
            n => Word::Listed(Listed {
                release: 0,
                billable: n != 2,
                added: added.filter(|_| n > 3),
                terminated: terminated.filter(|_| n > 4),
                text: String::new(),
                line: 1,
            }),
        });
        let kind = prop_oneof![Just("full"), Just("delta"), Just("excerpt")];
        let one = (kind, 0i32..100, 0i32..40, word);
        proptest::collection::vec(one, 0..6).prop_map(|all| {
            let made = |(id, (kind, first, days, mut word)): (i64, (&str, i32, i32, Word))| {
                if let Word::Listed(row) = &mut word {
                    row.release = id;
                }
                (release(id, kind, first, first + days), word)
            };
            (1..).zip(all).map(made).collect()
        })
    }

    proptest! {
        #[test]
        fn spans_say_of_each_day_what_the_editions_say(releases in any_releases()) {
            let editions = words(releases);
            let spans = spans(&editions);
            for pair in spans.windows(2) {
                prop_assert!(pair[0].last < pair[1].first);
            }
            for day in -5..150 {
                let derived = derive(&editions, day).status;
                let known = !matches!(derived, CodeStatus::Unknown | CodeStatus::NoData);
                let span = spans.iter().find(|s| s.first <= day && day <= s.last).map(|s| s.status);
                prop_assert_eq!(span, known.then_some(derived), "day {}", day);
            }
        }

        #[test]
        fn the_order_of_loading_changes_nothing(releases in any_releases(), turn in 0usize..6) {
            let mut turned = releases.clone();
            if !turned.is_empty() {
                let by = turn % turned.len();
                turned.rotate_left(by);
            }
            // Ids are given in the order of the book; those of one day and kind are told apart by their names.
            let distinct: BTreeSet<_> = releases.iter().map(|(r, _)| order(r)).collect();
            prop_assume!(distinct.len() == releases.len());
            prop_assert_eq!(words(releases), words(turned));
        }

        #[test]
        fn an_excerpt_that_does_not_name_a_code_says_nothing_of_it(
            releases in any_releases(), first in 0i32..100, days in 0i32..50,
        ) {
            let with_excerpt = {
                let mut all = releases.clone();
                all.push((release(9, "excerpt", first, first + days), Word::Silent));
                all
            };
            prop_assert_eq!(words(with_excerpt), words(releases));
        }

        #[test]
        fn a_full_edition_and_its_addenda_are_the_next_full_edition(
            before in proptest::option::of(any::<bool>()), after in proptest::option::of(any::<bool>()),
        ) {
            let word = |id, billable: Option<bool>| billable.map_or(Word::Silent, |b| row(id, b));
            let full = words(vec![
                (release(1, "full", 0, 99), word(1, before)),
                (release(2, "full", 100, 199), word(2, after)),
            ]);
            // Addenda name what changes, and strike what ends.
            let named = match (before, after) {
                (a, b) if a == b => Word::Silent,
                (Some(_), None) => Word::Absent,
                (_, b) => word(2, b),
            };
            let addenda = words(vec![
                (release(1, "full", 0, 99), word(1, before)),
                (release(2, "delta", 100, 199), named),
            ]);
            for day in -1..250 {
                let (a, b) = (derive(&full, day), derive(&addenda, day));
                prop_assert_eq!(
                    (a.status, a.from, a.to, a.basis), (b.status, b.from, b.to, b.basis), "day {}", day
                );
            }
        }

        #[test]
        fn a_dated_row_is_what_its_dates_say(added in 0i32..50, days in 0i32..100, first in 0i32..200) {
            let terminated = added + days;
            let listed = Listed {
                release: 1, billable: true, added: Some(added), terminated: Some(terminated),
                text: String::new(), line: 1,
            };
            let editions = words(vec![
                (release(1, "full", first, first + 10), Word::Listed(listed)),
                (release(2, "full", first + 30, first + 40), Word::Silent),
            ]);
            for day in -5..160 {
                let expected = match day {
                    d if d < added => CodeStatus::NotYetValid,
                    d if d > terminated => CodeStatus::Ended,
                    _ => CodeStatus::Valid,
                };
                prop_assert_eq!(derive(&editions, day).status, expected, "day {}", day);
            }
        }
    }

    #[test]
    fn addenda_alone_end_and_add_just_what_they_name() {
        let delta = || release(1, "delta", 100, 199);
        let status = |word, day| derive(&words(vec![(delta(), word)]), day).status;
        assert_eq!(status(row(1, true), 150), CodeStatus::Valid);
        assert_eq!(status(Word::Silent, 150), CodeStatus::Unknown);
        // Struck, but never seen: no row describes it, so it is not known what ended.
        assert_eq!(status(Word::Absent, 150), CodeStatus::Unknown);
    }

    #[test]
    fn addenda_do_not_carry_an_edition_over_a_gap() {
        let old = || (release(1, "full", 0, 99), row(1, true));
        let next = words(vec![old(), (release(2, "delta", 100, 199), Word::Silent)]);
        assert_eq!(derive(&next, 150).basis, Some((2, true)));
        // A year is missing between them: the word of the old edition stands, and does not cover the day.
        let later = words(vec![old(), (release(2, "delta", 200, 299), Word::Silent)]);
        assert_eq!(derive(&later, 250).basis, Some((1, false)));
    }

    #[test]
    fn an_april_edition_speaks_from_april_on() {
        let year = || release(1, "full", 0, 364);
        let april = || release(2, "full", 182, 364);
        let gone = words(vec![(year(), row(1, true)), (april(), Word::Silent)]);
        assert_eq!(derive(&gone, 181).status, CodeStatus::Valid);
        assert_eq!((derive(&gone, 182).status, derive(&gone, 182).to), (CodeStatus::Ended, Some(181)));
        let new = words(vec![(year(), Word::Silent), (april(), row(2, true))]);
        assert_eq!(derive(&new, 181).status, CodeStatus::NotYetValid);
        assert_eq!((derive(&new, 182).status, derive(&new, 182).from), (CodeStatus::Valid, Some(182)));
        // And the next October.
        let october = || release(3, "full", 365, 730);
        let back = words(vec![(year(), row(1, true)), (april(), row(2, false)), (october(), row(3, false))]);
        assert_eq!((derive(&back, 400).status, derive(&back, 400).from), (CodeStatus::Header, Some(182)));
    }
}
