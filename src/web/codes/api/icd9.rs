//! ICD-9-CM codes in JSON: what each becomes.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::domain::CodeStatus;
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::Asked;
use crate::web::codes::{icd9, look};
use crate::web::{Pages, WebError};

/// The code in each system of ICD-9-CM that has it; 404 if full mappings lack it.
pub(super) async fn show(
    State(pages): State<Pages>,
    _reader: CodeReader,
    Path(wanted): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let on = asked.date(&pages.desk)?;
    let found = look(&pages, move |book| icd9::find(book, &wanted, on)).await?;
    let unknown = found.iter().all(|c| c.status == CodeStatus::Unknown);
    let status = if unknown { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok((status, Json(found)).into_response())
}
