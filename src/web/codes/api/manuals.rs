//! The manuals as JSON: editions, contents, passages.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::codebook::{Coverage, Dated, FoundPassage, Manual, ManualEdition, Passage, SectionRef};
use crate::domain::{CivilDate, Evidence};
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::{self, Asked};
use crate::web::codes::look;
use crate::web::codes::manuals::{self, ManualsFor};
use crate::web::{Pages, WebError};

/// The most passages of one answer.
const MOST: usize = 100;

#[derive(Serialize)]
pub(super) struct Manuals {
    on: CivilDate,
    manuals: Vec<ManualEdition>,
}

pub(super) async fn list(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(asked): Query<Asked>,
) -> Result<Json<Manuals>, WebError> {
    let (on, readable) = (asked.date(&pages.desk)?, manuals::readable(&reader));
    let all = look(&pages, move |book| Ok(book.manuals(on))).await?;
    Ok(Json(Manuals { on, manuals: all.into_iter().filter(|m| readable.contains(&m.manual)).collect() }))
}

#[derive(Serialize)]
pub(super) struct Contents {
    on: CivilDate,
    manual: Manual,
    coverage: Option<Coverage>,
    sections: Vec<SectionRef>,
}

pub(super) async fn contents(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Contents>, WebError> {
    let (on, manual) = (asked.date(&pages.desk)?, manuals::manual(&key, &reader)?);
    let found = look(&pages, move |book| Ok(book.manual_contents(manual, on)?)).await?;
    Ok(Json(Contents { on, manual, coverage: found.coverage, sections: found.value }))
}

#[derive(Serialize)]
struct PassageAnswer {
    on: CivilDate,
    manual: Manual,
    passage: Option<Passage>,
    coverage: Option<Coverage>,
    evidence: Option<Evidence>,
}

pub(super) async fn passage(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path((key, section)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let (on, manual) = (asked.date(&pages.desk)?, manuals::manual(&key, &reader)?);
    let Dated { value: passage, coverage, evidence } =
        look(&pages, move |book| Ok(book.passage(manual, &section, on)?)).await?;
    let status = if passage.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Ok((status, Json(PassageAnswer { on, manual, passage, coverage, evidence })).into_response())
}

#[derive(Serialize)]
pub(super) struct Found {
    query: String,
    on: CivilDate,
    passages: Vec<Dated<FoundPassage>>,
}

pub(super) async fn find(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(wanted): Query<ManualsFor>,
) -> Result<Json<Found>, WebError> {
    let on = asked::date(&wanted.on, &pages.desk)?;
    let limit = match wanted.limit.trim() {
        "" => 10,
        text => match text.parse() {
            Ok(n @ 1..=MOST) => n,
            _ => return Err(WebError::Input(format!("`limit` is a number from 1 to {MOST}."))),
        },
    };
    let among = match manuals::chosen(&wanted.manual, &reader)? {
        Some(one) => vec![one],
        None => manuals::readable(&reader),
    };
    let query = wanted.q.clone();
    let passages = look(&pages, move |book| manuals::find(book, &wanted.q, on, &among, limit)).await?;
    Ok(Json(Found { query: query.trim().to_owned(), on, passages }))
}
