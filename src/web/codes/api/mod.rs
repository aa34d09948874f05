//! The JSON API: the same look-ups in the same shapes as the command line's `--json`. `openapi.json` describes it; a test
//! holds the two against each other.

mod coverage;
mod icd9;
mod manuals;
mod places;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::codebook::{
    CodeEntry, Coverage, Locality, ModifierText, Payment, PaymentQuery, PaymentSetting, PtpEdits, PtpSide,
};
use crate::desk::lookup::{self, PairFacts, Releases, Searched, Typed};
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence, Setting};
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::{self, Asked, cut, is_code_shaped};
use crate::web::codes::{check, code, edits, look, modifiers as modifier_pages, search, texts};
use crate::web::{Pages, WebError};

/// The description of the API, OpenAPI 3.1.
const OPENAPI: &str = include_str!("openapi.json");
/// The most hits of one answer.
const MOST_HITS: usize = 100;
/// The most edits of one answer.
const MOST_ROWS: usize = 500;

pub(crate) fn routes() -> Router<Pages> {
    Router::new()
        .route("/api/v1/openapi.json", get(openapi))
        .route("/api/v1/search", get(find))
        .route("/api/v1/suggest", get(suggest))
        .route("/api/v1/codes/{code}", get(show))
        .route("/api/v1/codes/{code}/edits", get(edits_of))
        .route("/api/v1/codes/{code}/payment", get(payment))
        .route("/api/v1/icd9/{code}", get(icd9::show))
        .route("/api/v1/codes/{code}/coverage", get(coverage::coverage))
        .route("/api/v1/localities", get(localities))
        .route("/api/v1/pair", get(pair))
        .route("/api/v1/check", post(check_claim))
        .route("/api/v1/releases", get(releases))
        .route("/api/v1/manuals", get(manuals::list))
        .route("/api/v1/manuals/{manual}", get(manuals::contents))
        .route("/api/v1/manuals/{manual}/{section}", get(manuals::passage))
        .route("/api/v1/passages", get(manuals::find))
        .route("/api/v1/modifiers", get(modifiers))
        .route("/api/v1/modifiers/{modifier}", get(modifier))
        .route("/api/v1/places", get(places::all))
        .route("/api/v1/places/{pos}", get(places::one))
}

async fn openapi() -> Response {
    ([(CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

#[derive(Debug, Default, Deserialize)]
struct FindFor {
    #[serde(default)]
    q: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    limit: String,
}

async fn hits(
    pages: &Pages,
    reader: &CodeReader,
    wanted: FindFor,
    usual: usize,
    typing: bool,
) -> Result<Searched, WebError> {
    let (on, system) = (asked::date(&wanted.on, &pages.desk)?, asked::system(&wanted.system)?);
    let limit = match wanted.limit.trim() {
        "" => usual,
        text => match text.parse() {
            Ok(n @ 1..=MOST_HITS) => n,
            _ => return Err(WebError::Input(format!("`limit` is a number from 1 to {MOST_HITS}."))),
        },
    };
    let cpt = reader.cpt;
    look(pages, move |book| search::find(book, &wanted.q, system, on, limit, (cpt, typing))).await
}

async fn find(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(wanted): Query<FindFor>,
) -> Result<Json<Searched>, WebError> {
    Ok(Json(hits(&pages, &reader, wanted, 20, false).await?))
}

#[derive(Serialize)]
struct Suggestion {
    code: String,
    system: CodeSystem,
    description: String,
    billable: bool,
}

#[derive(Serialize)]
struct Suggestions {
    query: String,
    suggestions: Vec<Suggestion>,
}

async fn suggest(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(wanted): Query<FindFor>,
) -> Result<Json<Suggestions>, WebError> {
    let found = hits(&pages, &reader, wanted, 10, true).await?;
    let suggestion = |h: lookup::Hit| Suggestion {
        code: h.hit.code,
        system: h.hit.system,
        description: h.hit.description,
        billable: h.hit.billable,
    };
    let suggestions = found.hits.into_iter().map(suggestion).collect();
    Ok(Json(Suggestions { query: found.query, suggestions }))
}

/// A code; one that no release has is an answer too, with its status (404 for `unknown`).
async fn show(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(wanted): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let (on, system) = (asked.date(&pages.desk)?, asked.system()?);
    let wanted = wanted.trim().to_ascii_uppercase();
    if !is_code_shaped(&wanted) {
        return Err(WebError::Input(format!("`{}` is not shaped like a code.", cut(&wanted))));
    }
    let cpt = reader.cpt;
    let own = texts::approved(&pages, &wanted).await?;
    let sheet = look(&pages, move |book| {
        let (mut sheet, _) = code::first(book, book.show(system, &wanted, on)?, on, cpt)?;
        texts::put(&mut sheet, own);
        Ok(sheet)
    })
    .await?;
    let unknown = sheet.entry.status == CodeStatus::Unknown && !CodeEntry::is_known(&sheet.entry);
    let status = if unknown { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok((status, Json(sheet)).into_response())
}

#[derive(Debug, Default, Deserialize)]
struct PairFor {
    #[serde(default)]
    a: String,
    #[serde(default)]
    b: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    setting: String,
}

async fn pair(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(wanted): Query<PairFor>,
) -> Result<Json<PairFacts>, WebError> {
    reader.require_cpt()?;
    let (a, b) = (edits::service_code(&wanted.a)?, edits::service_code(&wanted.b)?);
    let asked = Asked { on: wanted.on, setting: wanted.setting, ..Asked::default() };
    let (on, setting) = (asked.date(&pages.desk)?, asked.setting()?);
    Ok(Json(look(&pages, move |book| Ok(lookup::pair(book, setting, &a, &b, on)?)).await?))
}

#[derive(Debug, Default, Deserialize)]
struct EditsFor {
    #[serde(default)]
    on: String,
    #[serde(default)]
    setting: String,
    #[serde(default)]
    side: String,
    #[serde(default)]
    offset: String,
    #[serde(default)]
    limit: String,
}

#[derive(Serialize)]
struct Edits {
    code: String,
    on: CivilDate,
    setting: Setting,
    side: PtpSide,
    offset: usize,
    #[serde(flatten)]
    edits: PtpEdits,
}

async fn edits_of(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(code): Path<String>,
    Query(wanted): Query<EditsFor>,
) -> Result<Json<Edits>, WebError> {
    reader.require_cpt()?;
    let code = edits::service_code(&code)?;
    let side = match wanted.side.trim() {
        "" | "column1" => PtpSide::Column1,
        "column2" => PtpSide::Column2,
        _ => return Err(WebError::Input("`side` is column1 or column2.".to_owned())),
    };
    let number = |name: &str, text: &str, usual: usize, least: usize, most: usize| match text.trim() {
        "" => Ok(usual),
        text => text
            .parse()
            .ok()
            .filter(|n| (least..=most).contains(n))
            .ok_or_else(|| WebError::Input(format!("`{name}` is a number from {least} to {most}."))),
    };
    let offset = number("offset", &wanted.offset, 0, 0, 10_000_000)?;
    let limit = number("limit", &wanted.limit, 100, 1, MOST_ROWS)?;
    let asked = Asked { on: wanted.on, setting: wanted.setting, ..Asked::default() };
    let (on, setting) = (asked.date(&pages.desk)?, asked.setting()?);
    let found = look(&pages, move |book| {
        let edits = book.edits_of(setting, &code, side, on, limit, offset)?;
        Ok(Edits { code, on, setting, side, offset, edits })
    })
    .await?;
    Ok(Json(found))
}

#[derive(Debug, Default, Deserialize)]
struct PaymentFor {
    #[serde(default)]
    on: String,
    #[serde(default)]
    locality: String,
    #[serde(default)]
    modifiers: String,
    #[serde(default)]
    setting: String,
}

/// What the fee schedule allows for a code.
async fn payment(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(code): Path<String>,
    Query(wanted): Query<PaymentFor>,
) -> Result<Json<Payment>, WebError> {
    let code = edits::service_code(&code)?;
    if code.starts_with(|c: char| c.is_ascii_digit()) {
        reader.require_cpt()?;
    }
    let on = asked::date(&wanted.on, &pages.desk)?;
    let setting = match wanted.setting.trim() {
        "" | "non_facility" => PaymentSetting::NonFacility,
        "facility" => PaymentSetting::Facility,
        _ => return Err(WebError::Input("`setting` is facility or non_facility.".to_owned())),
    };
    let found = look(&pages, move |book| {
        let locality = asked::locality(book, &wanted.locality, on)?;
        let modifiers: Vec<&str> =
            wanted.modifiers.split([',', '-', ' ']).filter(|m| !m.is_empty()).take(4).collect();
        let locality = locality.as_ref();
        let query = PaymentQuery { code: &code, modifiers: &modifiers, locality, setting, minutes: None, on };
        Ok(book.payment(&query)?)
    })
    .await?;
    Ok(Json(found))
}

#[derive(Serialize)]
struct Localities {
    on: CivilDate,
    coverage: Option<Coverage>,
    localities: Vec<Locality>,
}

async fn localities(
    State(pages): State<Pages>,
    _reader: CodeReader,
    Query(asked): Query<Asked>,
) -> Result<Json<Localities>, WebError> {
    let on = asked.date(&pages.desk)?;
    let found = look(&pages, move |book| Ok(book.localities(on)?)).await?;
    Ok(Json(Localities { on, coverage: found.coverage, localities: found.value }))
}

/// A claim as the API takes it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimFor {
    lines: Vec<String>,
    #[serde(default)]
    diagnoses: Vec<String>,
    #[serde(default)]
    on: String,
    #[serde(default)]
    setting: String,
    #[serde(default)]
    locality: String,
}

async fn check_claim(
    State(pages): State<Pages>,
    reader: CodeReader,
    body: Bytes,
) -> Result<Json<lookup::Checked>, WebError> {
    reader.require_cpt()?;
    let claim: ClaimFor = serde_json::from_slice(&body)
        .map_err(|e| WebError::Input(format!("The body is no claim in JSON: {e}.")))?;
    let typed = Typed {
        lines: claim.lines.join("\n"),
        diagnoses: claim.diagnoses.join("\n"),
        on: claim.on,
        setting: claim.setting,
        locality: claim.locality,
    };
    let today = pages.desk.clock.today(&pages.desk.zone);
    let found = look(&pages, move |book| check::run(book, &typed, today)).await?;
    found.map(|(_, checked)| Json(checked)).map_err(WebError::Input)
}

async fn releases(
    State(pages): State<Pages>,
    _reader: CodeReader,
    Query(asked): Query<Asked>,
) -> Result<Json<Releases>, WebError> {
    let on = asked.date(&pages.desk)?;
    Ok(Json(look(&pages, move |book| Ok(lookup::releases(book, on)?)).await?))
}

#[derive(Serialize)]
struct Modifiers {
    on: CivilDate,
    modifiers: Vec<ModifierText>,
}

async fn modifiers(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(asked): Query<Asked>,
) -> Result<Json<Modifiers>, WebError> {
    let (on, cpt) = (asked.date(&pages.desk)?, reader.cpt);
    let modifiers = look(&pages, move |book| modifier_pages::all(book, on, cpt)).await?;
    Ok(Json(Modifiers { on, modifiers }))
}

#[derive(Serialize)]
struct ModifierAnswer {
    code: String,
    on: CivilDate,
    system: Option<CodeSystem>,
    text: String,
    plain_language: bool,
    coverage: Option<Coverage>,
    evidence: Option<Evidence>,
}

async fn modifier(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(wanted): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let on = asked.date(&pages.desk)?;
    let code = wanted.trim().to_ascii_uppercase();
    if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(WebError::Input(format!("`{}` is no modifier: they have two characters.", cut(&wanted))));
    }
    let asked_for = code.clone();
    let found = look(&pages, move |book| Ok(book.modifier(&asked_for, on)?)).await?;
    if found.value.as_ref().is_none_or(|m| m.system == CodeSystem::Cpt)
        && code.bytes().all(|b| b.is_ascii_digit())
    {
        reader.require_cpt()?;
    }
    let status = if found.value.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let answer = ModifierAnswer {
        code,
        on,
        system: found.value.as_ref().map(|m| m.system),
        text: found.value.as_ref().map(|m| m.text.clone()).unwrap_or_default(),
        plain_language: found.value.is_some_and(|m| m.plain_language),
        coverage: found.coverage,
        evidence: found.evidence,
    };
    Ok((status, Json(answer)).into_response())
}
