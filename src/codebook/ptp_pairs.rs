//! Many pairs of one claim at once: the run of a code's edits is read once, however many other codes stand beside it.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::codebook::coverage::{Loaded, Said, newest_of, says_all};
use crate::codebook::error::SqlContext;
use crate::codebook::ptp::{divide, in_force, row, run};
use crate::codebook::ptp_entries::{Entry, code_number, with};
use crate::codebook::{Codebook, CodebookError, Coverage, PtpLookup, PtpRow};
use crate::domain::{CivilDate, Setting};

/// A release of the pair table, its parts read together.
struct Release<'a> {
    loaded: &'a Loaded,
    /// Its parts, and whether they are all there; asked for only as far back as a pair makes it necessary.
    parts: OnceCell<(Vec<&'a Loaded>, bool)>,
}

/// The edits of a code in a part of a release that name another code of the claim.
type Runs = BTreeMap<(i64, String), Vec<Entry>>;

/// The pair table for the codes of one claim on a date. Not shared between threads.
pub struct PtpPairs<'a> {
    book: &'a Codebook,
    setting: Setting,
    on: CivilDate,
    /// The codes' numbers, sorted.
    numbers: Vec<u32>,
    /// Newest first, those that begin at or before the date.
    before: Vec<Release<'a>>,
    runs: RefCell<Runs>,
}

impl Codebook {
    /// The pair table for some codes: [`PtpPairs::look_up`] then answers each pair as [`Codebook::ptp`] does, and
    /// reads each code's edits once. A code that is not among `codes` is never found.
    #[must_use]
    pub fn ptp_pairs(&self, setting: Setting, codes: &[&str], on: CivilDate) -> PtpPairs<'_> {
        let day = on.days();
        let release = |(_, loaded)| Release { loaded, parts: OnceCell::new() };
        let before = self.ptp_releases(setting, day).map(release).collect();
        let mut numbers: Vec<u32> = codes.iter().map(|c| code_number(&c.to_ascii_uppercase())).collect();
        numbers.sort_unstable();
        numbers.dedup();
        PtpPairs { book: self, setting, on, numbers, before, runs: RefCell::default() }
    }
}

impl PtpPairs<'_> {
    /// The edits of a pair, in both directions, as [`Codebook::ptp`] finds them.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn look_up(&self, a: &str, b: &str) -> Result<PtpLookup, CodebookError> {
        let (a, b) = (a.to_ascii_uppercase(), b.to_ascii_uppercase());
        let doing = "looking a pair up";
        let connection = self.book.connection()?;
        let releases = self.before.iter().map(|r| (r.loaded.begins(), r));
        let found = newest_of(releases, |release| {
            let (parts, whole) = release.parts.get_or_init(|| {
                (self.book.parts(release.loaded).collect(), self.book.is_whole(release.loaded))
            });
            let mut rows = Vec::new();
            for part in parts {
                rows.extend(self.pair_rows(&connection, part, &a, &b)?);
            }
            let complete = *whole || says_all(&connection, release.loaded, &[&a, &b])?;
            let found = !rows.is_empty();
            let lookup = divide(rows, release.loaded.coverage(self.on.days()), complete || found, self.on);
            Ok(match (found, complete) {
                (true, _) => Said::Rows(lookup),
                (false, true) => Said::None(lookup),
                (false, false) => Said::Nothing(lookup),
            })
        });
        match found.doing(doing)? {
            Some(lookup) => Ok(lookup),
            None => self.after(&connection, &a, &b).doing(doing),
        }
    }

    /// Nothing at or before the day: only rows that state their own first day can speak for it.
    fn after(&self, connection: &Connection, a: &str, b: &str) -> rusqlite::Result<PtpLookup> {
        for release in self.book.releases("ptp", Some(self.setting)) {
            let rows = self.pair_rows(connection, release, a, b)?;
            if rows.is_empty() {
                continue;
            }
            if rows.iter().any(|r| r.effective.is_some() && in_force(r, self.on)) {
                let coverage = Coverage { covers: true, ..release.coverage(self.on.days()) };
                let mut lookup = divide(rows, coverage, true, self.on);
                lookup.rows.retain(|r| r.effective.is_some());
                return Ok(lookup);
            }
            return Ok(PtpLookup { rows: Vec::new(), coverage: None, not_in_force: rows, complete: false });
        }
        Ok(PtpLookup { rows: Vec::new(), coverage: None, not_in_force: Vec::new(), complete: false })
    }

    fn pair_rows(
        &self,
        connection: &Connection,
        part: &Loaded,
        a: &str,
        b: &str,
    ) -> rusqlite::Result<Vec<PtpRow>> {
        let mut found = Vec::new();
        let both = [(a, b), (b, a)];
        // A code paired with itself has one direction.
        for (one, two) in both.iter().take(if a == b { 1 } else { 2 }) {
            let other = code_number(two);
            let edits: Vec<Entry> = self.entries(connection, part, one, |entries| {
                entries.iter().copied().filter(|e| e.other == other).collect()
            })?;
            for edit in edits {
                found.push(row(connection, part, self.setting, one, two, &edit)?);
            }
        }
        Ok(found)
    }

    /// The edits of a code as column 1 with the codes of the claim.
    fn entries<T>(
        &self,
        connection: &Connection,
        part: &Loaded,
        one: &str,
        take: impl FnOnce(&[Entry]) -> T,
    ) -> rusqlite::Result<T> {
        let key = (part.id, one.to_owned());
        if let Some(kept) = self.runs.borrow().get(&key) {
            return Ok(take(kept));
        }
        let named = |bytes: &[u8]| self.numbers.iter().flat_map(|n| with(bytes, *n)).collect::<Vec<_>>();
        let entries = run(connection, part, 1, one, named)?.unwrap_or_default();
        let taken = take(&entries);
        self.runs.borrow_mut().insert(key, entries);
        Ok(taken)
    }
}
