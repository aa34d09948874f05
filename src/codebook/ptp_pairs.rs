//! Many pairs of one claim at once: the run of a code's edits is read once, however many other codes stand beside it.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::codebook::coverage::{Loaded, says_all};
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
        let mut before: Vec<Release<'_>> = Vec::new();
        for release in self.releases("ptp", Some(setting)).rev().filter(|r| r.begins() <= day) {
            // A release shipped in parts is one.
            let seen = |r: &Release<'_>| r.loaded.part > 0 && r.loaded.name == release.name;
            if release.part > 0 && before.last().is_some_and(seen) {
                continue;
            }
            before.push(Release { loaded: release, parts: OnceCell::new() });
        }
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
        let mut best: Option<PtpLookup> = None;
        // Of releases that begin on one day a row in any of them goes before "no edit".
        let mut none: Option<(i32, PtpLookup)> = None;
        for release in &self.before {
            let book = self.book;
            if none.as_ref().is_some_and(|(begins, _)| *begins != release.loaded.begins()) {
                break;
            }
            let (parts, whole) = release
                .parts
                .get_or_init(|| (book.parts(release.loaded).collect(), book.is_whole(release.loaded)));
            let mut rows = Vec::new();
            for part in parts {
                rows.extend(self.pair_rows(&connection, part, &a, &b).doing(doing)?);
            }
            let complete = *whole || says_all(&connection, release.loaded, &[&a, &b]).doing(doing)?;
            let found = !rows.is_empty();
            let lookup = divide(rows, release.loaded.coverage(self.on.days()), complete || found, self.on);
            if found {
                return Ok(lookup);
            }
            if complete {
                none.get_or_insert((release.loaded.begins(), lookup));
            } else {
                best.get_or_insert(lookup);
            }
        }
        if let Some(lookup) = none.map(|(_, lookup)| lookup).or(best) {
            return Ok(lookup);
        }
        self.after(&connection, &a, &b).doing(doing)
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
