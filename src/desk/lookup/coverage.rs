//! What the coverage documents say of a service, with the diagnoses on their lists.

use serde::Serialize;

use crate::codebook::{Codebook, CodebookError, Coverage, CoverageArea, CoverageDocument, DiagnosisListing};
use crate::domain::CivilDate;

/// The coverage documents that speak of a service in an area, and what their lists say of diagnoses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// The service.
    pub code: String,
    /// The date.
    pub on: CivilDate,
    /// The area asked for; `None`: all.
    pub area: Option<CoverageArea>,
    /// The documents in force there.
    pub documents: Vec<CoveredBy>,
    /// How many others are in force elsewhere.
    pub elsewhere: usize,
    /// The releases of code lists that were asked: what is not found is not in these, and not thereby covered.
    pub releases: Vec<Coverage>,
}

/// A document with what its lists say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoveredBy {
    /// The document.
    #[serde(flatten)]
    pub document: CoverageDocument,
    /// Each diagnosis asked for, with the lists that have it: necessary, not sufficient.
    pub diagnoses: Vec<DiagnosisListing>,
}

/// Looks it up.
///
/// # Errors
/// If the book cannot be read.
pub fn covered(
    book: &Codebook,
    code: &str,
    diagnoses: &[String],
    on: CivilDate,
    area: Option<CoverageArea>,
) -> Result<Covered, CodebookError> {
    let found = book.coverage_documents(code, on, area.as_ref())?;
    let mut documents = Vec::new();
    for document in found.documents {
        let listed = diagnoses.iter().map(|dx| book.coverage_of_diagnosis(&document, dx, Some(code)));
        let diagnoses = listed.collect::<Result<Vec<_>, _>>()?;
        documents.push(CoveredBy { document, diagnoses });
    }
    Ok(Covered {
        code: code.to_owned(),
        on,
        area,
        documents,
        elsewhere: found.elsewhere,
        releases: found.releases,
    })
}
