//! Which version of a document is in force on a day. Pure: it weighs what the loaded releases say.
//!
//! An export that has only the documents in force says of each version when it began, and seldom when it ended: it ends
//! before the next one that any release has, on its own last day, with the retirement of the document, or, if a later
//! full release no longer has the document, at some day before that.

use crate::codebook::mcd::CoverageKind;

/// A version as one release has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) version: u16,
    /// First and last day; `None`: not known, or open.
    pub(crate) first: Option<i32>,
    pub(crate) last: Option<i32>,
    /// The release that has it.
    pub(crate) release: i64,
}

/// A loaded release of coverage documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edition {
    pub(crate) id: i64,
    /// The day when it was made, and the last day for which it speaks; `None`: it is not dated.
    pub(crate) days: Option<(i32, i32)>,
    /// Whether it has all documents in force, of these kinds.
    pub(crate) full: bool,
    pub(crate) kinds: &'static [CoverageKind],
}

/// The version in force on a day, the release that speaks for it best, and whether that is known for the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InForce {
    pub(crate) version: u16,
    pub(crate) release: i64,
    pub(crate) covers: bool,
}

/// Weighs the versions of one document.
pub(crate) fn in_force(
    kind: CoverageKind,
    versions: &[Version],
    editions: &[Edition],
    day: i32,
) -> Option<InForce> {
    // A file without dates says nothing of when a version began: another may.
    let first =
        |v: &Version| versions.iter().filter(|w| w.version == v.version).filter_map(|w| w.first).max();
    let begun = versions.iter().filter(|v| first(v).is_none_or(|f| f <= day));
    let newest = begun.max_by_key(|v| (first(v), v.version))?;
    let same = || versions.iter().filter(|v| v.version == newest.version);
    if same().any(|v| v.last.is_some_and(|last| last < day)) {
        return None;
    }
    let edition = |v: &Version| editions.iter().find(|e| e.id == v.release);
    let last_seen = versions.iter().filter_map(edition).filter_map(|e| e.days).map(|d| d.0).max();
    let dropped = editions.iter().any(|e| {
        e.full
            && e.kinds.contains(&kind)
            && e.days.is_some_and(|(made, _)| made <= day && last_seen.is_some_and(|seen| seen < made))
    });
    if dropped {
        return None;
    }
    let best =
        same().filter_map(|v| edition(v).map(|e| (e.days, v))).max_by_key(|(days, v)| (*days, v.release));
    let (days, version) = best?;
    Some(InForce {
        version: version.version,
        release: version.release,
        covers: days.is_some_and(|(_, to)| day <= to),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &[CoverageKind] = &[CoverageKind::Lcd];

    fn edition(id: i64, made: i32) -> Edition {
        Edition { id, days: Some((made, made + 6)), full: true, kinds: LOCAL }
    }

    fn version(version: u16, first: i32, last: Option<i32>, release: i64) -> Version {
        Version { version, first: Some(first), last, release }
    }

    fn on(versions: &[Version], editions: &[Edition], day: i32) -> Option<(u16, i64, bool)> {
        in_force(CoverageKind::Lcd, versions, editions, day).map(|f| (f.version, f.release, f.covers))
    }

    #[test]
    fn a_version_ends_before_the_next_that_any_release_has() {
        let editions = [edition(1, 100), edition(2, 200)];
        let versions = [version(3, 50, None, 1), version(4, 150, None, 2)];
        assert_eq!(on(&versions, &editions, 40), None);
        assert_eq!(on(&versions, &editions, 90), Some((3, 1, true)));
        // After the release that has it: not verified, though no other version had begun.
        assert_eq!(on(&versions, &editions, 149), Some((3, 1, false)));
        assert_eq!(on(&versions, &editions, 150), Some((4, 2, true)));
        assert_eq!(on(&versions, &editions, 206), Some((4, 2, true)));
        assert_eq!(on(&versions, &editions, 207), Some((4, 2, false)));
    }

    #[test]
    fn what_is_retired_or_dropped_is_not_in_force() {
        let one = [edition(1, 100)];
        assert_eq!(on(&[version(3, 50, Some(80), 1)], &one, 80), Some((3, 1, true)));
        assert_eq!(on(&[version(3, 50, Some(80), 1)], &one, 81), None);
        let editions = [edition(1, 100), edition(2, 200)];
        assert_eq!(on(&[version(3, 50, None, 1)], &editions, 199), Some((3, 1, false)));
        assert_eq!(on(&[version(3, 50, None, 1)], &editions, 200), None);
        let national = Edition { kinds: &[CoverageKind::Ncd], ..edition(2, 200) };
        assert_eq!(on(&[version(3, 50, None, 1)], &[edition(1, 100), national], 200), Some((3, 1, false)));
    }

    #[test]
    fn a_file_without_dates_adds_to_what_others_say_and_proves_nothing_alone() {
        let undated = Edition { id: 9, days: None, full: false, kinds: LOCAL };
        let bare = Version { version: 34, first: None, last: None, release: 9 };
        assert_eq!(on(&[bare], &[undated], 70), Some((34, 9, false)));
        let versions = [bare, version(34, 50, None, 1)];
        assert_eq!(on(&versions, &[edition(1, 100), undated], 70), Some((34, 1, true)));
        // Before the dated row begins, the undated one must not say that it holds.
        assert_eq!(on(&versions, &[edition(1, 100), undated], 40), None);
    }
}
