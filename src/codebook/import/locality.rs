//! Counties of each locality (`25LOCCO.csv` and txt): MAC, locality, state (only with its first row), area, counties.

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::{FileRows, Format, Input, Table};
use crate::codebook::import::gpci::{locality, mac, rows_of};
use crate::codebook::import::heading;
use crate::codebook::import::lines::Faults;

pub(crate) const FORMAT: Format = Format {
    name: "Medicare localities",
    whole_lines: false,
    matches: |head| head.upper.contains("COUNTIES INCLUDED IN") && head.upper.contains("LOCALITIES"),
    read,
};

#[derive(Debug)]
struct Rows(Vec<[String; 5]>, Vec<u32>);

impl Table for Rows {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        // The layouts write names and counties differently: they are no content that decides.
        let mut places: Vec<String> =
            self.0.iter().map(|[mac, locality, ..]| format!("{mac}/{locality}")).collect();
        places.sort();
        places.dedup();
        digest_lines(hash, places.into_iter());
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut s = into
            .connection
            .prepare_cached("INSERT OR REPLACE INTO locality VALUES (?1,?2,?3,?4,?5,?6,?7)")?;
        for ([mac, locality, state, area, counties], line) in self.0.iter().zip(&self.1) {
            s.execute(params![mac, locality, release, state, area, counties, line])?;
        }
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let by_commas = text.lines().take(5).any(|l| l.contains(",Locality Number,"));
    let (mut rows, mut lines, mut state, mut title) = (Vec::new(), Vec::new(), String::new(), String::new());
    for (line, cells) in rows_of(&text, by_commas).map_err(|e| CodebookError::bad_file(faults.file(), e))? {
        let at = |i: usize| cells.get(i).map_or("", String::as_str);
        if at(0).contains("COUNTIES INCLUDED IN") {
            at(0).clone_into(&mut title);
        }
        let (Some(mac), Some(number)) = (mac(at(0)), locality(at(1))) else { continue };
        // In the columns layout an empty state is no cell.
        let shift = usize::from(by_commas || cells.len() >= 5);
        if shift == 1 && !at(2).is_empty() {
            at(2).clone_into(&mut state);
        }
        let (area, counties) = (at(2 + shift), at(3 + shift));
        if area.is_empty() {
            faults.note(line, "it is not MAC, locality, state, area, counties")?;
            continue;
        }
        faults.rows += 1;
        let plain = |t: &str| t.trim_end_matches('*').trim().to_owned();
        rows.push([mac, number, state.clone(), plain(area), plain(counties)]);
        lines.push(u32::try_from(line).unwrap_or(u32::MAX));
    }
    let told = heading::calendar_year("Localities", &title);
    Ok(FileRows { told, fewest: 80, ..FileRows::new("locality", Rows(rows, lines)) })
}
