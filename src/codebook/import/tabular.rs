//! ICD-10-CM tabular list (XML, icd10cm_tabular.xsd): chapters, sections and codes with their notes, and the 7th
//! characters. The list of valid codes is the order file's: 7th characters are not expanded here.

mod note_codes;
mod places;
mod ranges;

pub(crate) use places::{Place, PlaceKind, ends, section, sections_above};

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::{FileRows, Format, Input, Row, Table};
use crate::codebook::import::heading::{self, Told};
use crate::codebook::import::lines::Faults;
use crate::codebook::import::tabular::places::{Document, read_places};
use crate::codebook::import::tabular::ranges::Order;
use crate::domain::CivilDate;

pub(crate) const FORMAT: Format = Format {
    name: "ICD-10-CM tabular list",
    whole_lines: false,
    matches: |head| head.upper.contains("<ICD10CM.TABULAR"),
    read,
};

/// No edition has fewer codes (2021: 45,017).
const FEWEST: usize = 40_000;

/// All places of an edition, in its order.
#[derive(Debug)]
struct TabularRows(Vec<Place>);

impl Table for TabularRows {
    fn len(&self) -> usize {
        self.0.iter().filter(|p| p.kind == PlaceKind::Code).count()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_lines(hash, self.0.iter().map(Place::content));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let insert = |sql: &'static str| into.connection.prepare_cached(sql);
        let mut place = insert(Place::INSERT)?;
        let mut note = insert("INSERT OR REPLACE INTO tabular_note VALUES (?1,?2,?3,?4,?5,?6,?7)")?;
        let mut range = insert("INSERT OR REPLACE INTO tabular_range VALUES (?1,?2,?3,?4,?5,?6,?7,?8)")?;
        let mut seventh = insert("INSERT OR REPLACE INTO tabular_seventh VALUES (?1,?2,?3,?4,?5,?6)")?;
        let mut name = insert("INSERT OR IGNORE INTO name VALUES ('icd10cm',?1,?2,'inclusion',?3,?4)")?;
        for p in &self.0 {
            p.insert(&mut place, into, release)?;
            for (n, one) in (0u32..).zip(&p.notes) {
                let text = into.text(&one.text)?;
                note.execute(params![release, p.place, n, one.kind, one.lead, text, one.line])?;
                for (k, r) in (0u32..).zip(&one.ranges) {
                    let only = r.only.as_ref().map_or_else(String::new, |o| o.kept());
                    range.execute(params![release, p.place, n, k, r.first, r.last, only, r.except])?;
                }
                if one.kind == "inclusion" && p.kind == PlaceKind::Code {
                    name.execute(params![p.place, release, text, one.line])?;
                }
            }
            for (n, (character, text, line)) in (0u32..).zip(&p.seventh) {
                seventh.execute(params![release, p.place, n, character, into.text(text)?, line])?;
            }
        }
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let Document { mut places, version } = read_places(&text, input.shown, faults)?;
    let order = Order::of(&places);
    for place in &mut places {
        for note in &mut place.notes {
            note.ranges = order.in_order(note_codes::codes_in(&note.text));
        }
    }
    let told = told(input.name, &version);
    Ok(FileRows { told, fewest: FEWEST, ..FileRows::new("icd10cm_tabular", TabularRows(places)) })
}

/// The fiscal year that the document states (`<version>2021</version>`); its name tells whether it is the issue of
/// January or April, and stands in for a version that is missing.
fn told(name: &str, version: &str) -> Option<Told> {
    let stated =
        version.trim().get(..4).and_then(|y| y.parse::<i16>().ok()).filter(|y| (2009..2100).contains(y));
    let named = heading::icd10cm(name)
        .map(|(label, from, to)| (label.replacen("ICD-10-CM", "ICD-10-CM tabular", 1), from, to));
    let Some(year) = stated else { return named };
    if let Some(named) = named.filter(|(_, _, to)| to.year() == year) {
        return Some(named);
    }
    let (from, to) = (CivilDate::new(year.checked_sub(1)?, 10, 1)?, CivilDate::new(year, 9, 30)?);
    Some((format!("ICD-10-CM tabular FY{year}"), from, to))
}

#[cfg(test)]
mod tests;
