//! What a code is on a day, derived from the editions that list it. Pure.
//!
//! A date in a row beats membership. Only an edition that is known to lack a code ends it, and it ends on the day
//! before that edition begins: a gap between loaded editions is a gap in coverage, not an end.

use crate::domain::CodeStatus;

/// A row of an edition that lists the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The release that the row stands in: a delta's edition has most rows from the edition that it changes.
    pub(crate) release: i64,
    pub(crate) billable: bool,
    pub(crate) added: Option<i32>,
    pub(crate) terminated: Option<i32>,
    pub(crate) text: String,
    pub(crate) line: u32,
}

/// An edition's word on a code. Editions that say nothing are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edition {
    /// The release's id.
    pub(crate) release: i64,
    pub(crate) first: i32,
    pub(crate) last: i32,
    /// `None`: known to lack the code.
    pub(crate) listed: Option<Listed>,
}

/// What follows from them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Derived {
    pub(crate) status: CodeStatus,
    pub(crate) from: Option<i32>,
    pub(crate) to: Option<i32>,
    /// The edition it rests on, and whether that holds on the day.
    pub(crate) basis: Option<(i64, bool)>,
    /// The row that describes the code, if any edition lists it.
    pub(crate) row: Option<Listed>,
}

/// Derives the status on `day`; editions are in the order of their first days.
pub(crate) fn derive(editions: &[Edition], day: i32) -> Derived {
    let covering = editions.iter().rposition(|e| e.first <= day && day <= e.last);
    let chosen = covering.or_else(|| editions.iter().rposition(|e| e.first <= day));
    let at = |index: usize| editions.get(index);
    let listed_before = chosen.and_then(|c| editions.iter().take(c + 1).rposition(|e| e.listed.is_some()));
    let listed_after = editions.iter().position(|e| e.first > day && e.listed.is_some());

    // A row with its own dates speaks for days before its release, too.
    if let Some(edition) = listed_before.or(listed_after).and_then(at)
        && let Some(row) = &edition.listed
        && let Some(added) = row.added
        && (listed_before.is_some() || row.added.is_some())
    {
        let dropped =
            editions.iter().find(|e| e.first > edition.first && e.listed.is_none()).map(|e| e.first - 1);
        let to = row.terminated.or(dropped);
        let (status, holds) = if day < added {
            (CodeStatus::NotYetValid, true)
        } else if to.is_some_and(|to| day > to) {
            (CodeStatus::Ended, true)
        } else {
            (status_of(row), row.terminated.is_some() || day <= edition.last)
        };
        return Derived {
            status,
            from: Some(added),
            to,
            basis: Some((edition.release, holds)),
            row: Some(row.clone()),
        };
    }

    let basis = chosen.and_then(at).map(|e| (e.release, e.last >= day));
    let described = |index: Option<usize>| index.and_then(at).and_then(|e| e.listed.clone());
    match (chosen, listed_before) {
        (Some(c), Some(l)) => {
            let (from, to) = run(editions, l);
            let row = described(Some(l));
            // The newest edition that speaks lacks it: ended. Else it is what that edition says.
            let status = match &row {
                Some(row) if l == c => status_of(row),
                _ => CodeStatus::Ended,
            };
            Derived { status, from: Some(from), to, basis, row }
        }
        (Some(_), None) => match listed_after {
            Some(l) => {
                let (from, to) = run(editions, l);
                Derived {
                    status: CodeStatus::NotYetValid,
                    from: Some(from),
                    to,
                    basis,
                    row: described(Some(l)),
                }
            }
            None => Derived { status: CodeStatus::Unknown, from: None, to: None, basis, row: None },
        },
        (None, _) => {
            let row = described(listed_after);
            let status = if row.is_some() { CodeStatus::NoData } else { CodeStatus::Unknown };
            Derived { status, from: None, to: None, basis: None, row }
        }
    }
}

/// Days, both included, on which a code has one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i32,
    pub(crate) last: i32,
    pub(crate) status: CodeStatus,
}

/// What a code is on every day: the same as [`derive`] says, for all days at once. Days of which nothing is known are
/// left out.
pub(crate) fn spans(editions: &[Edition]) -> Vec<Span> {
    // The only days on which the word of the editions can change.
    let mut days = vec![i32::MIN];
    for edition in editions {
        days.push(edition.first);
        days.extend(edition.last.checked_add(1));
        if let Some(row) = &edition.listed {
            days.extend(row.added);
            days.extend(row.terminated.and_then(|t| t.checked_add(1)));
        }
    }
    days.sort_unstable();
    days.dedup();
    let mut all: Vec<Span> = Vec::new();
    for (index, first) in days.iter().enumerate() {
        let last = days.get(index + 1).map_or(i32::MAX, |next| next - 1);
        let status = derive(editions, *first).status;
        match all.last_mut() {
            Some(span) if span.status == status => span.last = last,
            _ => all.push(Span { first: *first, last, status }),
        }
    }
    all.retain(|s| !matches!(s.status, CodeStatus::Unknown | CodeStatus::NoData));
    all
}

fn status_of(row: &Listed) -> CodeStatus {
    if row.billable { CodeStatus::Valid } else { CodeStatus::Header }
}

/// The unbroken run of editions around `index` that list the code as the same kind (billable or heading).
fn run(editions: &[Edition], index: usize) -> (i32, Option<i32>) {
    let kind = |e: &Edition| e.listed.as_ref().map(|l| l.billable);
    let Some(own) = editions.get(index) else { return (0, None) };
    let from = editions
        .iter()
        .take(index)
        .rev()
        .take_while(|e| kind(e) == kind(own))
        .last()
        .map_or(own.first, |e| e.first.min(own.first));
    let to = editions.iter().skip(index + 1).find(|e| kind(e) != kind(own)).map(|e| e.first - 1);
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(billable: bool) -> Option<Listed> {
        Some(Listed { release: 1, billable, added: None, terminated: None, text: String::new(), line: 1 })
    }

    fn edition(release: i64, listed: Option<Listed>) -> Edition {
        let first = i32::try_from(release).unwrap() * 100;
        Edition { release, first, last: first + 99, listed }
    }

    #[test]
    fn absence_from_a_newer_edition_ends_a_code() {
        let editions = [edition(1, listed(true)), edition(2, listed(true)), edition(3, None)];
        let before = derive(&editions, 250);
        assert_eq!((before.status, before.from, before.to), (CodeStatus::Valid, Some(100), Some(299)));
        let after = derive(&editions, 350);
        assert_eq!((after.status, after.to, after.basis), (CodeStatus::Ended, Some(299), Some((3, true))));
    }

    #[test]
    fn an_editions_own_end_ends_nothing() {
        let d = derive(&[edition(1, listed(true))], 500);
        assert_eq!((d.status, d.to, d.basis), (CodeStatus::Valid, None, Some((1, false))));
    }

    #[test]
    fn a_code_that_becomes_a_heading_is_told_apart_by_day() {
        let editions = [edition(1, listed(true)), edition(2, listed(false))];
        assert_eq!(derive(&editions, 199).to, Some(199));
        let d = derive(&editions, 200);
        assert_eq!((d.status, d.from), (CodeStatus::Header, Some(200)));
    }

    #[test]
    fn a_gap_in_coverage_is_no_end() {
        let editions = [edition(1, listed(true)), edition(3, None)];
        let d = derive(&editions, 250);
        assert_eq!((d.status, d.basis), (CodeStatus::Valid, Some((1, false))));
    }

    #[test]
    fn before_all_editions_there_is_no_data_and_before_its_edition_it_is_not_yet_valid() {
        assert_eq!(derive(&[edition(1, listed(true))], 50).status, CodeStatus::NoData);
        let d = derive(&[edition(1, None), edition(2, listed(true))], 150);
        assert_eq!((d.status, d.from), (CodeStatus::NotYetValid, Some(200)));
        assert_eq!(derive(&[edition(1, None)], 150).status, CodeStatus::Unknown);
    }

    #[test]
    fn a_rows_own_dates_beat_membership() {
        let row = Some(Listed {
            release: 2,
            billable: true,
            added: Some(10),
            terminated: Some(120),
            text: String::new(),
            line: 1,
        });
        let editions = [edition(2, row)];
        let on = |day| {
            let d = derive(&editions, day);
            (d.status, d.basis.map(|b| b.1))
        };
        assert_eq!(on(5), (CodeStatus::NotYetValid, Some(true)));
        assert_eq!(on(50), (CodeStatus::Valid, Some(true)));
        assert_eq!(on(250), (CodeStatus::Ended, Some(true)));
    }
}
