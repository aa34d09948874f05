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
