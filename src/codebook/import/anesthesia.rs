//! Anesthesia conversion factors by locality: csv (contractor, locality, name, dollars; the national factor stands in the
//! header) and txt (the same in columns, in cents).

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::{FileRows, Format, Input, Table};
use crate::codebook::import::gpci::{locality, mac, rows_of, scaled};
use crate::codebook::import::heading;
use crate::codebook::import::lines::Faults;

pub(crate) const FORMAT: Format = Format {
    name: "Medicare anesthesia conversion factors",
    whole_lines: false,
    matches: |head| {
        head.upper.starts_with("CONTRACTOR,LOCALITY,LOCALITY NAME,")
            || head.text.lines().next().is_some_and(is_fixed)
    },
    read,
};

fn is_fixed(line: &str) -> bool {
    let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|c| !c.is_empty()).collect();
    matches!(cells.as_slice(), [m, l, _, cents] if mac(m).is_some() && locality(l).is_some()
        && cents.len() == 4 && cents.bytes().all(|b| b.is_ascii_digit()))
}

/// MAC and locality (both empty: national), factor in ten-thousandths of a dollar, line.
#[derive(Debug)]
struct Rows(Vec<(String, String, i64, u32)>);

impl Table for Rows {
    fn len(&self) -> usize {
        self.0.iter().filter(|r| !r.0.is_empty()).count()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        // The columns layout lacks the national factor.
        let local = self.0.iter().filter(|r| !r.0.is_empty());
        digest_lines(hash, local.map(|(mac, locality, factor, _)| format!("{mac}/{locality} {factor}")));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut s =
            into.connection.prepare_cached("INSERT OR REPLACE INTO anesthesia VALUES (?1,?2,?3,?4,?5)")?;
        for (mac, locality, factor, line) in &self.0 {
            s.execute(params![mac, locality, release, factor, line])?;
        }
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let by_commas = text.lines().next().is_some_and(|l| l.contains(','));
    let mut rows = Vec::new();
    for (line, cells) in rows_of(&text, by_commas).map_err(|e| CodebookError::bad_file(faults.file(), e))? {
        let at = |i: usize| cells.get(i).map_or("", String::as_str);
        let number = u32::try_from(line).unwrap_or(u32::MAX);
        if at(0) == "Contractor" {
            let national = at(3).rsplit(' ').next().and_then(|n| scaled(n, 4));
            rows.extend(national.map(|factor| (String::new(), String::new(), factor, number)));
            continue;
        }
        if cells.iter().all(|c| c.trim_matches('\u{1a}').is_empty()) {
            continue;
        }
        let factor =
            if by_commas { scaled(at(3), 4) } else { scaled(at(3), 0).and_then(|c| c.checked_mul(100)) };
        match (mac(at(0)), locality(at(1)), factor) {
            (Some(mac), Some(locality), Some(factor)) => {
                faults.rows += 1;
                rows.push((mac, locality, factor, number));
            }
            _ => faults.note(line, "it is not contractor, locality, name, factor")?,
        }
    }
    let told = heading::anesthesia(input.name, input.shown);
    Ok(FileRows { told, fewest: 80, ..FileRows::new("anesthesia", Rows(rows)) })
}
