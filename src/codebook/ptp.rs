//! NCCI procedure-to-procedure edits: which of two codes is denied, and whether a modifier may bypass that.

use rusqlite::{Connection, params};

use crate::codebook::coverage::{Loaded, says_all};
use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, Coverage, PtpLookup, PtpRow};
use crate::domain::{CivilDate, Evidence, Setting};

/// Five characters as a number in base 36 (26 bits).
fn number(code: &str) -> i64 {
    code.bytes().take(5).fold(0, |n, b| n * 36 + i64::from(char::from(b).to_digit(36).unwrap_or(0)))
}

/// A pair of codes as one number, in the order of column 1, then column 2.
pub(crate) fn pack(one: &str, two: &str) -> i64 {
    (number(one) << 26) | number(two)
}

/// The code of a half of a packed pair.
pub(crate) fn unpack_one(number: i64) -> String {
    let mut rest = number;
    let mut code = [b'0'; 5];
    for slot in code.iter_mut().rev() {
        let digit = u32::try_from(rest.rem_euclid(36)).unwrap_or(0);
        *slot = char::from_digit(digit, 36)
            .map_or(b'0', |c| u8::try_from(c.to_ascii_uppercase()).unwrap_or(b'0'));
        rest /= 36;
    }
    code.iter().map(|b| char::from(*b)).collect()
}

/// What a row says of a day. Where a file leaves the effective date out, a row holds until its deletion date.
#[derive(PartialEq, Eq)]
enum Force {
    InForce,
    NotInForce,
}

fn force(row: &PtpRow, on: CivilDate) -> Force {
    let begun = row.effective.is_none_or(|e| e <= on);
    let over = row.deletion.is_some_and(|d| d < on);
    if row.indicator != '9' && begun && !over { Force::InForce } else { Force::NotInForce }
}

impl Codebook {
    /// The edits of a pair, in both directions. "No row" means "no edit" only where `coverage` covers the date
    /// and `complete` is true. There are none for DME suppliers.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn ptp(&self, setting: Setting, a: &str, b: &str, on: CivilDate) -> Result<PtpLookup, CodebookError> {
        let (a, b) = (a.to_ascii_uppercase(), b.to_ascii_uppercase());
        let day = on.days();
        let connection = self.connection()?;
        let doing = "looking a pair up";
        let mut best: Option<PtpLookup> = None;
        let mut seen: Option<&str> = None;
        for release in self.releases("ptp", Some(setting)).rev().filter(|r| r.begins() <= day) {
            // A release shipped in parts (f1–f4) is one: its parts are read together.
            if release.part > 0 && seen.replace(&release.name) == Some(&release.name) {
                continue;
            }
            let mut rows = Vec::new();
            for part in self.parts(release) {
                rows.extend(pair_rows(&connection, part, setting, &a, &b).doing(doing)?);
            }
            let whole = release.part > 0
                && (1..=4).all(|n| self.parts(release).any(|r| r.part == n && r.kind == "full"));
            let complete = whole || says_all(&connection, release, &[&a, &b]).doing(doing)?;
            let found = !rows.is_empty();
            let lookup = divide(rows, release.coverage(day), complete || found, on);
            if complete || found {
                return Ok(lookup);
            }
            best.get_or_insert(lookup);
        }
        if let Some(lookup) = best {
            return Ok(lookup);
        }
        // Nothing at or before the day: only rows that state their own first day can speak for it.
        for release in self.releases("ptp", Some(setting)) {
            let rows = pair_rows(&connection, release, setting, &a, &b).doing(doing)?;
            if rows.is_empty() {
                continue;
            }
            let dated = rows.iter().any(|r| r.effective.is_some() && force(r, on) == Force::InForce);
            if dated {
                let mut lookup = divide(rows, Coverage { covers: true, ..release.coverage(day) }, true, on);
                lookup.rows.retain(|r| r.effective.is_some());
                return Ok(lookup);
            }
            return Ok(PtpLookup { rows: Vec::new(), coverage: None, not_in_force: rows, complete: false });
        }
        Ok(PtpLookup { rows: Vec::new(), coverage: None, not_in_force: Vec::new(), complete: false })
    }

    /// The parts of a release; itself alone if it is in one file.
    fn parts<'a>(&'a self, release: &'a Loaded) -> impl Iterator<Item = &'a Loaded> {
        self.releases("ptp", release.setting).filter(move |r| {
            r.id == release.id
                || (release.part > 0 && r.part > 0 && r.name == release.name && r.kind == release.kind)
        })
    }
}

fn divide(rows: Vec<PtpRow>, coverage: Coverage, complete: bool, on: CivilDate) -> PtpLookup {
    let (rows, not_in_force): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|r| force(r, on) == Force::InForce);
    // A row with both its dates speaks for every day between them, whatever the release.
    let own_dates = rows.iter().any(|r| r.effective.is_some() && r.deletion.is_some());
    let coverage = Coverage { covers: coverage.covers || own_dates, ..coverage };
    PtpLookup { rows, coverage: Some(coverage), not_in_force, complete }
}

fn pair_rows(
    connection: &Connection,
    release: &Loaded,
    setting: Setting,
    a: &str,
    b: &str,
) -> rusqlite::Result<Vec<PtpRow>> {
    let mut statement = connection.prepare_cached(
        "SELECT p.effective, p.deletion, p.indicator, t.text, p.line FROM ptp p JOIN text t ON t.id=p.rationale_id
         WHERE p.release=?1 AND p.pair=?2 ORDER BY p.n",
    )?;
    let mut all = Vec::new();
    let both = [(a, b), (b, a)];
    // A code paired with itself has one direction.
    for (one, two) in both.iter().take(if a == b { 1 } else { 2 }) {
        let mut rows = statement.query(params![release.id, pack(one, two)])?;
        while let Some(row) = rows.next()? {
            let date = |days: Option<i32>| days.map(CivilDate::from_days);
            let line: u32 = row.get(4)?;
            all.push(PtpRow {
                column1: (*one).to_owned(),
                column2: (*two).to_owned(),
                indicator: char::from_digit(row.get(2)?, 10).unwrap_or('9'),
                effective: date(row.get(0)?),
                deletion: date(row.get(1)?),
                rationale: row.get(3)?,
                evidence: Evidence {
                    source: format!("NCCI PTP {setting}"),
                    release: release.name.clone(),
                    locator: format!("line {line}, {one}/{two}"),
                },
            });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packing_keeps_codes_and_their_order(a in "[0-9A-Z]{5}", b in "[0-9A-Z]{5}") {
            prop_assert_eq!(unpack_one(pack(&a, &b) >> 26), a.clone());
            prop_assert_eq!(unpack_one(pack(&a, &b) & 0x3ff_ffff), b.clone());
            prop_assert_eq!(pack(&a, "00000") < pack(&b, "00000"), a < b);
        }
    }
}
