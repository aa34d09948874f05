//! Places of service in JSON.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use crate::codebook::PlaceOfService;
use crate::web::codes::access::CodeReader;
use crate::web::codes::{look, places};
use crate::web::{Pages, WebError};

#[derive(Serialize)]
pub(super) struct Places {
    places: Vec<PlaceOfService>,
}

/// All of the newest list; none if none is loaded.
pub(super) async fn all(State(pages): State<Pages>, _reader: CodeReader) -> Result<Json<Places>, WebError> {
    let places = look(&pages, |book| Ok(book.places_of_service()?)).await?;
    Ok(Json(Places { places }))
}

/// One of them; 404 if the list does not have it.
pub(super) async fn one(
    State(pages): State<Pages>,
    _reader: CodeReader,
    Path(wanted): Path<String>,
) -> Result<Json<PlaceOfService>, WebError> {
    Ok(Json(look(&pages, move |book| places::place(book, &wanted)).await?))
}
