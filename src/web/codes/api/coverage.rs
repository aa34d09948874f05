//! The coverage documents of a service, as JSON.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use crate::desk::lookup::{self, Covered};
use crate::web::codes::access::CodeReader;
use crate::web::codes::{asked, edits, look};
use crate::web::{Pages, WebError};

#[derive(Debug, Default, Deserialize)]
pub(super) struct CoverageFor {
    #[serde(default)]
    on: String,
    #[serde(default)]
    area: String,
    #[serde(default)]
    dx: String,
}

/// Their paragraphs name CPT numbers.
pub(super) async fn coverage(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(code): Path<String>,
    Query(wanted): Query<CoverageFor>,
) -> Result<Json<Covered>, WebError> {
    reader.require_cpt()?;
    let (code, on) = (edits::service_code(&code)?, asked::date(&wanted.on, &pages.desk)?);
    let (area, diagnoses) = (asked::area(&wanted.area)?, asked::diagnoses(&wanted.dx)?);
    let found = look(&pages, move |book| Ok(lookup::covered(book, &code, &diagnoses, on, area)?));
    Ok(Json(found.await?))
}
