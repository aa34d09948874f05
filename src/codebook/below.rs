//! The codes below a heading.

use rusqlite::params;

use crate::codebook::codes::{compact, written};
use crate::codebook::error::SqlContext;
use crate::codebook::{BillableBelow, CodeEntry, Codebook, CodebookError};
use crate::domain::{CivilDate, CodeSystem};

impl Codebook {
    /// The codes directly below a heading that are valid (or headings themselves) on the date.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn children(
        &self,
        system: CodeSystem,
        code: &str,
        on: CivilDate,
        limit: usize,
    ) -> Result<Vec<CodeEntry>, CodebookError> {
        let mut entries = Vec::new();
        for child in self.child_codes(system, &compact(code), on, limit)? {
            entries.push(self.entry(system, &child, on, false)?);
        }
        Ok(entries)
    }

    /// The codes below a heading, however far, that can be billed on the date: the first `most`, and how many there are.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn billable_below(
        &self,
        system: CodeSystem,
        code: &str,
        on: CivilDate,
        most: usize,
    ) -> Result<BillableBelow, CodebookError> {
        let doing = "listing the billable codes below a heading";
        let connection = self.connection()?;
        let mut statement = connection
            .prepare_cached(
                "SELECT code FROM validity WHERE system=?1 AND code>?2 AND code<?2||'~' AND first<=?3 AND last>=?3
                 AND status='valid' ORDER BY code",
            )
            .doing(doing)?;
        let mut rows = statement.query(params![system.as_str(), compact(code), on.days()]).doing(doing)?;
        let mut below = BillableBelow::default();
        while let Some(row) = rows.next().doing(doing)? {
            if below.count < most {
                below.codes.push(written(system, row.get_ref(0).doing(doing)?.as_str().unwrap_or_default()));
            }
            below.count += 1;
        }
        Ok(below)
    }

    /// The codes below a heading, of whatever release: one that a delta adds stands below a heading which the delta
    /// does not name. Those that the day's editions have; of a day after the last edition, those that had not ended.
    pub(crate) fn child_codes(
        &self,
        system: CodeSystem,
        code: &str,
        on: CivilDate,
        limit: usize,
    ) -> Result<Vec<String>, CodebookError> {
        let doing = "listing the codes below a heading";
        let connection = self.connection()?;
        let mut statement = connection
            .prepare_cached(
                "SELECT code FROM validity WHERE system=?1 AND code>?2 AND code<?2||'~' AND first<=?3 AND last>=?3
                 AND status IN ('valid','header') ORDER BY code",
            )
            .doing(doing)?;
        let mut rows = statement.query(params![system.as_str(), code, on.days()]).doing(doing)?;
        let mut children: Vec<String> = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let below: String = row.get(0).doing(doing)?;
            if children.last().is_some_and(|child| below.starts_with(child.as_str())) {
                continue;
            }
            if children.len() >= limit {
                break;
            }
            children.push(below);
        }
        Ok(children)
    }
}
