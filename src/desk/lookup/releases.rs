//! What is loaded, and what is missing for a day.

use serde::Serialize;

use crate::codebook::{Codebook, CodebookError, DatasetCoverage, Gap};
use crate::domain::CivilDate;

/// What `codes list --json` gives: a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Releases {
    /// The codebook's digest.
    pub id: String,
    /// Each dataset with its releases, oldest first.
    pub datasets: Vec<DatasetCoverage>,
    /// The day for which `missing` is told.
    pub today: CivilDate,
    /// What does not cover the day in full.
    pub missing: Vec<Gap>,
}

/// Lists them.
///
/// # Errors
/// If the book cannot be read.
pub fn releases(book: &Codebook, today: CivilDate) -> Result<Releases, CodebookError> {
    let (datasets, missing) = (book.coverage()?.to_vec(), book.gaps(today));
    Ok(Releases { id: book.id().to_owned(), datasets, today, missing })
}
