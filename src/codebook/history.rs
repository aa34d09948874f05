//! What happened to a code over the loaded editions, and what stands in its place. Only what the tables say.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use crate::codebook::codes::{compact, evidence};
use crate::codebook::coverage::Loaded;
use crate::codebook::edition::{Edition, Listed};
use crate::codebook::error::SqlContext;
use crate::codebook::import::{is_cpt, is_service_code};
use crate::codebook::{CodeEntry, Codebook, CodebookError};
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence};

/// What an edition changed of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The oldest loaded edition that speaks of it lists it: since when it exists is not known.
    FirstListed,
    /// New: the edition before lacks it, or the row states its first day.
    Added,
    /// Its official text was revised.
    TextRevised,
    /// It was divided: it needs more characters now.
    BecameHeading,
    /// It was a heading, and can be billed now.
    BecameBillable,
    /// It ended: an edition lacks it, or the row states its last day.
    Ended,
}

/// A change of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeChange {
    /// What changed.
    pub kind: ChangeKind,
    /// The first day of the change; for an end, the last day of the code. `None` for a list without dates.
    pub on: Option<CivilDate>,
    /// The release that says so.
    pub release: String,
    /// For a revised text, and for an end: the text before.
    pub text_before: Option<String>,
    /// For a revised text, and for a new code: the text from then on.
    pub text: Option<String>,
    /// The row that says so; `None` for an end by absence.
    pub evidence: Option<Evidence>,
}

/// Why a code is offered in the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Succession {
    /// The code became a heading, and this one stands below it.
    Below,
    /// The ICD-10-PCS conversion table says that it came in the other's place.
    Converted,
    /// The HCPCS level II file refers from the ended code to it.
    CrossReference,
}

/// A code in the place of one that cannot be used on a date.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Successor {
    /// What the tables say.
    pub why: Succession,
    /// The code, on the date asked for.
    pub entry: CodeEntry,
}

/// The most successors that are named.
const MOST_SUCCESSORS: usize = 60;

impl Codebook {
    /// The changes of a code over the loaded editions, oldest first. Of CPT numbers there is only what the fee
    /// schedules say: when they list them.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn history(&self, system: CodeSystem, code: &str) -> Result<Vec<CodeChange>, CodebookError> {
        let code = compact(code);
        let editions = {
            let connection = self.connection()?;
            self.editions(&connection, system, &code).doing("reading the history of a code")?
        };
        Ok(changes(&editions, &|id| self.loaded.iter().find(|l| l.id == id), system, &code))
    }

    /// What the tables name in the place of a code that cannot be used on a date: the codes below it, if it is a
    /// heading then; if it has ended, those of the ICD-10-PCS conversion table and the HCPCS cross-references. Empty if
    /// they name nothing: nothing is guessed. What they name may itself be unknown to the loaded releases.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn successors(
        &self,
        system: CodeSystem,
        code: &str,
        on: CivilDate,
    ) -> Result<Vec<Successor>, CodebookError> {
        let code = compact(code);
        let (why, entries) = match (self.entry(system, &code, on, false)?.status, system) {
            (CodeStatus::Header, _) => {
                (Succession::Below, self.children(system, &code, on, MOST_SUCCESSORS)?)
            }
            (CodeStatus::Ended, CodeSystem::Icd10pcs) => {
                let changes = self.pcs_successors(&code)?;
                let made = changes.into_iter().filter(|c| c.effective <= on).filter_map(|c| c.code);
                (Succession::Converted, self.named(made, on)?)
            }
            (CodeStatus::Ended, CodeSystem::Hcpcs) => {
                (Succession::CrossReference, self.named(self.cross_references(&code)?.into_iter(), on)?)
            }
            _ => return Ok(Vec::new()),
        };
        let over = |e: &CodeEntry| matches!(e.status, CodeStatus::Ended | CodeStatus::NotYetValid);
        Ok(entries.into_iter().filter(|e| !over(e)).map(|entry| Successor { why, entry }).collect())
    }

    /// The entries of codes that a table names, each once.
    fn named(
        &self,
        codes: impl Iterator<Item = String>,
        on: CivilDate,
    ) -> Result<Vec<CodeEntry>, CodebookError> {
        let mut entries: Vec<CodeEntry> = Vec::new();
        for code in codes.take(MOST_SUCCESSORS) {
            let system = match code.len() {
                7 => CodeSystem::Icd10pcs,
                _ if is_cpt(&code) => CodeSystem::Cpt,
                _ => CodeSystem::Hcpcs,
            };
            if !entries.iter().any(|e| e.code == code) {
                entries.push(self.entry(system, &code, on, false)?);
            }
        }
        Ok(entries)
    }

    /// The codes to which the newest HCPCS file that has a code refers from it.
    fn cross_references(&self, code: &str) -> Result<Vec<String>, CodebookError> {
        let doing = "reading the cross-references of a code";
        let connection = self.connection()?;
        for release in self.releases("hcpcs", None).rev() {
            let found: Option<String> = connection
                .prepare_cached("SELECT cross_references FROM hcpcs_detail WHERE code=?1 AND release=?2")
                .and_then(|mut s| s.query_row(params![code, release.id], |r| r.get(0)).optional())
                .doing(doing)?;
            if let Some(codes) = found {
                return Ok(codes.split(' ').filter(|c| is_service_code(c)).map(str::to_owned).collect());
            }
        }
        Ok(Vec::new())
    }
}

fn changes<'a>(
    editions: &[Edition],
    release: &dyn Fn(i64) -> Option<&'a Loaded>,
    system: CodeSystem,
    code: &str,
) -> Vec<CodeChange> {
    let mut all: Vec<CodeChange> = Vec::new();
    let date = |day: i32| Some(day).filter(|d| *d > i32::MIN).map(CivilDate::from_days);
    let mut before: Option<&Edition> = None;
    for edition in editions {
        let name = release(edition.release).map_or(String::new(), |r| r.name.clone());
        let change = |kind, on: Option<CivilDate>, row: Option<&Listed>| CodeChange {
            kind,
            on,
            release: name.clone(),
            text_before: None,
            text: None,
            evidence: row.and_then(|row| release(row.release).map(|r| evidence(r, system, code, row))),
        };
        let previous = before.map(|e| e.listed.as_ref());
        match (previous, &edition.listed) {
            (None | Some(None), Some(row)) => {
                let (kind, on) = match (row.added, before) {
                    (Some(added), _) => (ChangeKind::Added, date(added)),
                    (None, Some(_)) => (ChangeKind::Added, date(edition.first)),
                    (None, None) => (ChangeKind::FirstListed, date(edition.first)),
                };
                all.push(CodeChange { text: words(row), ..change(kind, on, Some(row)) });
            }
            (Some(Some(old)), Some(row)) => {
                if old.text != row.text {
                    all.push(CodeChange {
                        text_before: words(old),
                        text: words(row),
                        ..change(ChangeKind::TextRevised, date(edition.first), Some(row))
                    });
                }
                if old.billable != row.billable {
                    let kind =
                        if row.billable { ChangeKind::BecameBillable } else { ChangeKind::BecameHeading };
                    all.push(change(kind, date(edition.first), Some(row)));
                }
            }
            // A row that stated its own end has ended by then.
            (Some(Some(old)), None) if old.terminated.is_none() => {
                let ended = change(ChangeKind::Ended, date(edition.first.saturating_sub(1)), None);
                all.push(CodeChange { text_before: words(old), ..ended });
            }
            _ => {}
        }
        // An end that a row states, once: the day may be corrected by a later edition.
        if let Some(row) = &edition.listed
            && row.terminated != previous.flatten().and_then(|old| old.terminated)
        {
            all.retain(|c| c.kind != ChangeKind::Ended);
            if let Some(last) = row.terminated {
                let ended = change(ChangeKind::Ended, date(last), Some(row));
                all.push(CodeChange { text_before: words(row), ..ended });
            }
        }
        before = Some(edition);
    }
    all.sort_by_key(|c| c.on);
    all
}

fn words(row: &Listed) -> Option<String> {
    Some(row.text.clone()).filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str, billable: bool, terminated: Option<i32>) -> Option<Listed> {
        let added = terminated.map(|_| 5);
        Some(Listed { release: 1, billable, added, terminated, text: text.to_owned(), line: 1 })
    }

    fn kinds(words: Vec<Option<Listed>>) -> Vec<(ChangeKind, i32)> {
        let edition = |(release, listed): (i64, Option<Listed>)| {
            let first = i32::try_from(release).unwrap() * 100;
            Edition { release, first, last: first + 99, listed }
        };
        let editions: Vec<_> = (1..).zip(words).map(edition).collect();
        let all = changes(&editions, &|_| None, CodeSystem::Icd10cm, "A000");
        all.iter().map(|c| (c.kind, c.on.unwrap().days())).collect()
    }

    #[test]
    fn each_kind_of_change_is_told_with_its_day() {
        use ChangeKind::{Added, BecameBillable, BecameHeading, Ended, FirstListed, TextRevised};
        let valid = || listed("a", true, None);
        assert_eq!(kinds(vec![valid(), valid()]), [(FirstListed, 100)]);
        assert_eq!(kinds(vec![None, valid(), None]), [(Added, 200), (Ended, 299)]);
        assert_eq!(kinds(vec![valid(), listed("b", true, None)]), [(FirstListed, 100), (TextRevised, 200)]);
        assert_eq!(
            kinds(vec![valid(), listed("a", false, None), valid()]),
            [(FirstListed, 100), (BecameHeading, 200), (BecameBillable, 300)]
        );
        assert_eq!(kinds(vec![valid(), None, valid()]), [(FirstListed, 100), (Ended, 199), (Added, 300)]);
    }

    #[test]
    fn an_end_that_a_row_states_is_told_once_and_as_last_corrected() {
        use ChangeKind::{Added, Ended};
        let until = |day| listed("a", true, Some(day));
        assert_eq!(kinds(vec![until(150), until(150), None]), [(Added, 5), (Ended, 150)]);
        assert_eq!(kinds(vec![until(150), until(180)]), [(Added, 5), (Ended, 180)]);
    }
}
