//! Where a diagnosis stands in a coverage document.

use rusqlite::params;

use crate::codebook::error::SqlContext;
use crate::codebook::mcd::{CoverageDocument, DiagnosisListing, ListedDiagnosis, named, runs};
use crate::codebook::{Codebook, CodebookError};
use crate::domain::Evidence;

impl Codebook {
    /// On which lists of a document a diagnosis stands. On one that supports medical necessity: necessary, not
    /// sufficient; the paragraph above the list may ask for more. `service`: whether the paragraph names it.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn coverage_of_diagnosis(
        &self,
        document: &CoverageDocument,
        diagnosis: &str,
        service: Option<&str>,
    ) -> Result<DiagnosisListing, CodebookError> {
        let code = diagnosis.replace('.', "").trim().to_ascii_uppercase();
        let mut out = DiagnosisListing { code, lists: Vec::new(), evidence: None };
        let Some(key) = runs::key(&out.code) else { return Ok(out) };
        let connection = self.connection()?;
        let doing = "looking a diagnosis up in a coverage document";
        let mut statement = connection
            .prepare_cached(
                "SELECT g.list, g.grp, g.codes, n.text, s.text FROM coverage_group g
                 JOIN text n ON n.id=g.note_id JOIN text s ON s.id=g.star_id
                 WHERE g.kind=?1 AND g.number=?2 AND g.version=?3 ORDER BY g.list DESC, g.grp, g.release DESC",
            )
            .doing(doing)?;
        let mut read = || -> rusqlite::Result<()> {
            let mut rows =
                statement.query(params![document.kind.word(), document.number, document.version])?;
            while let Some(row) = rows.next()? {
                let (covered, group): (bool, u16) = (row.get(0)?, row.get(1)?);
                // The newest release's word on a group stands.
                if out.lists.iter().any(|l: &ListedDiagnosis| l.covered == covered && l.group == group) {
                    continue;
                }
                let Some(starred) = runs::find(row.get_ref(2)?.as_blob()?, &key) else { continue };
                let note: String = row.get(3)?;
                out.lists.push(ListedDiagnosis {
                    covered,
                    group,
                    for_service: service.and_then(|s| named::names(&note, s)),
                    note,
                    asterisk: if starred { row.get(4)? } else { String::new() },
                });
            }
            Ok(())
        };
        read().doing(doing)?;
        drop(statement);
        out.evidence = out.lists.first().map(|first| {
            let list = if first.covered { "supporting" } else { "not supporting" };
            let locator = format!(
                "{}, diagnoses {list} medical necessity, group {}, {}",
                document.evidence.locator, first.group, out.code
            );
            Evidence { locator, ..document.evidence.clone() }
        });
        Ok(out)
    }

    /// The diagnoses of a document's list, without their dots: those that support medical necessity, or those that do
    /// not.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn coverage_diagnoses(
        &self,
        document: &CoverageDocument,
        covered: bool,
    ) -> Result<Vec<String>, CodebookError> {
        let connection = self.connection()?;
        let key = params![document.kind.word(), document.number, document.version, covered];
        let runs: Vec<Vec<u8>> = connection
            .prepare_cached(
                "SELECT codes FROM coverage_group WHERE kind=?1 AND number=?2 AND version=?3 AND list=?4",
            )
            .and_then(|mut s| s.query_map(key, |r| r.get(0))?.collect())
            .doing("listing the diagnoses of a coverage document")?;
        let mut all: Vec<String> = runs.iter().flat_map(|run| runs::codes(run)).collect();
        all.sort();
        all.dedup();
        Ok(all)
    }
}
