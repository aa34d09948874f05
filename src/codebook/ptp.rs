//! NCCI procedure-to-procedure edits: which of two codes is denied, and whether a modifier may bypass that.

use rusqlite::{Connection, OptionalExtension, params};

use crate::codebook::coverage::{Loaded, Said, newest_of};
use crate::codebook::error::SqlContext;
use crate::codebook::ptp_entries::{Entry, all, code_of};
use crate::codebook::{Codebook, CodebookError, Coverage, PtpEdits, PtpLookup, PtpRow, PtpSide};
use crate::domain::{CivilDate, Evidence, Setting};

/// Whether a row is in force on a day. Where a file leaves the effective date out, it is until its deletion date.
pub(crate) fn in_force(row: &PtpRow, on: CivilDate) -> bool {
    let begun = row.effective.is_none_or(|e| e <= on);
    let over = row.deletion.is_some_and(|d| d < on);
    row.indicator != '9' && begun && !over
}

impl Codebook {
    /// The edits of a pair, in both directions. "No row" means "no edit" only where `coverage` covers the date
    /// and `complete` is true. There are none for DME suppliers.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn ptp(&self, setting: Setting, a: &str, b: &str, on: CivilDate) -> Result<PtpLookup, CodebookError> {
        self.ptp_pairs(setting, &[a, b], on).look_up(a, b)
    }

    /// The edits in force on a date in which a code stands: how many have it as column 1 and as column 2, and those of
    /// `side` from the `offset`-th on, at most `limit`, in the order of the other code.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn edits_of(
        &self,
        setting: Setting,
        code: &str,
        side: PtpSide,
        on: CivilDate,
        limit: usize,
        offset: usize,
    ) -> Result<PtpEdits, CodebookError> {
        let (code, day) = (code.to_ascii_uppercase(), on.days());
        let connection = self.connection()?;
        let found = newest_of(self.ptp_releases(setting, day), |release| {
            let mut counts = [0_usize; 2];
            let mut chosen: Vec<(&Loaded, Entry)> = Vec::new();
            for part in self.parts(release) {
                for ((number, count), of) in (1..).zip(&mut counts).zip([PtpSide::Column1, PtpSide::Column2])
                {
                    let mut take = |run: &[u8]| {
                        let open = all(run).filter(|e| e.in_force(day));
                        if of == side && limit > 0 {
                            let before = chosen.len();
                            chosen.extend(open.map(|e| (part, e)));
                            *count += chosen.len() - before;
                        } else {
                            *count += open.count();
                        }
                    };
                    run(&connection, part, number, &code, &mut take)?;
                }
            }
            let [as_column1, as_column2] = counts;
            chosen.sort_by_key(|(_, e)| *e);
            let mut rows = Vec::new();
            for (part, edit) in chosen.iter().skip(offset).take(limit) {
                let other = code_of(edit.other);
                let (first, second) =
                    if side == PtpSide::Column1 { (&code, &other) } else { (&other, &code) };
                rows.push(row(&connection, part, setting, first, second, edit)?);
            }
            let complete = self.is_whole(release);
            let coverage = Some(release.coverage(day));
            let edits = PtpEdits { as_column1, as_column2, rows, coverage, complete };
            Ok(match as_column1 + as_column2 {
                0 if complete => Said::None(edits),
                0 => Said::Nothing(edits),
                _ => Said::Rows(edits),
            })
        });
        let nothing =
            PtpEdits { as_column1: 0, as_column2: 0, rows: Vec::new(), coverage: None, complete: false };
        Ok(found.doing("listing the edits of a code")?.unwrap_or(nothing))
    }

    /// The releases of the pair table that begin at or before a day, newest first, with the day on which each begins. One
    /// that is shipped in parts stands once: [`Codebook::parts`] has the others.
    pub(crate) fn ptp_releases(&self, setting: Setting, day: i32) -> impl Iterator<Item = (i32, &Loaded)> {
        let mut last: Option<&Loaded> = None;
        self.loaded.iter().rev().filter_map(move |release| {
            if release.dataset != "ptp" || release.setting != Some(setting) || release.begins() > day {
                return None;
            }
            let again = |l: &Loaded| release.part > 0 && l.part > 0 && l.name == release.name;
            if last.is_some_and(again) {
                return None;
            }
            last = Some(release);
            Some((release.begins(), release))
        })
    }

    /// The parts of a release; itself alone if it is in one file.
    pub(crate) fn parts<'a>(&'a self, release: &'a Loaded) -> impl Iterator<Item = &'a Loaded> {
        self.releases("ptp", release.setting).filter(move |r| {
            r.id == release.id
                || (release.part > 0 && r.part > 0 && r.name == release.name && r.kind == release.kind)
        })
    }
}

/// The rows in force and the others, with what they rest on.
pub(crate) fn divide(rows: Vec<PtpRow>, coverage: Coverage, complete: bool, on: CivilDate) -> PtpLookup {
    let (rows, not_in_force): (Vec<_>, Vec<_>) = rows.into_iter().partition(|r| in_force(r, on));
    // A row with both its dates speaks for every day between them, whatever the release.
    let own_dates = rows.iter().any(|r| r.effective.is_some() && r.deletion.is_some());
    let coverage = Coverage { covers: coverage.covers || own_dates, ..coverage };
    PtpLookup { rows, coverage: Some(coverage), not_in_force, complete }
}

/// Reads the run of a code's edits, if the release has one.
pub(crate) fn run<T>(
    connection: &Connection,
    release: &Loaded,
    side: i64,
    code: &str,
    read: impl FnOnce(&[u8]) -> T,
) -> rusqlite::Result<Option<T>> {
    let mut statement =
        connection.prepare_cached("SELECT entries FROM ptp WHERE release=?1 AND side=?2 AND code=?3")?;
    let mut rows = statement.query(params![release.id, side, code])?;
    match rows.next()? {
        Some(row) => Ok(Some(read(row.get_ref(0)?.as_blob()?))),
        None => Ok(None),
    }
}

/// An edit with its rationale and its line.
pub(crate) fn row(
    connection: &Connection,
    release: &Loaded,
    setting: Setting,
    one: &str,
    two: &str,
    edit: &Entry,
) -> rusqlite::Result<PtpRow> {
    let rationale = connection
        .prepare_cached(
            "SELECT t.text FROM ptp_rationale r JOIN text t ON t.id=r.text_id WHERE r.release=?1 AND r.n=?2",
        )?
        .query_row(params![release.id, edit.rationale], |r| r.get(0))
        .optional()?;
    Ok(PtpRow {
        column1: one.to_owned(),
        column2: two.to_owned(),
        indicator: char::from_digit(u32::from(edit.indicator), 10).unwrap_or('9'),
        effective: edit.effective().map(CivilDate::from_days),
        deletion: edit.deletion().map(CivilDate::from_days),
        rationale: rationale.unwrap_or_default(),
        evidence: Evidence {
            source: format!("NCCI PTP {setting}"),
            release: release.name.clone(),
            locator: format!("line {}, {one}/{two}", edit.line),
        },
    })
}
