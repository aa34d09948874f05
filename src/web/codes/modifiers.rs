//! Modifiers: all of them, and a page for each.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use crate::codebook::{Codebook, ModifierText};
use crate::consult::citation;
use crate::consult::rules::bypass::is_associated;
use crate::domain::{CivilDate, CodeSystem};
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::{Asked, cut};
use crate::web::codes::section::{ReleaseView, release};
use crate::web::codes::{look, notices};
use crate::web::{Pages, WebError, frame};

#[derive(Serialize)]
struct ListView {
    on: String,
    rows: Vec<Row>,
    hidden_cpt: bool,
    notices: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    code: String,
    href: String,
    text: String,
    own_text: bool,
    system: &'static str,
}

/// Every modifier that the book knows on the date; CPT's only where the reader may see them.
pub(crate) fn all(book: &Codebook, on: CivilDate, cpt: bool) -> Result<Vec<ModifierText>, WebError> {
    let known = book.modifiers(on)?.into_iter().map(|known| known.modifier);
    Ok(known.filter(|m| cpt || m.system != CodeSystem::Cpt).collect())
}

fn row(m: ModifierText, on: CivilDate) -> Row {
    Row {
        href: format!("/codes/modifiers/{}?on={on}", m.code),
        code: m.code,
        text: m.text,
        own_text: m.plain_language,
        system: m.system.name(),
    }
}

pub(crate) async fn list(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, WebError> {
    let (on, cpt) = (asked.date(&pages.desk)?, reader.cpt);
    let view = look(&pages, move |book| {
        let rows: Vec<Row> = all(book, on, cpt)?.into_iter().map(|m| row(m, on)).collect();
        let has_cpt = rows.iter().any(|r| r.own_text);
        let notices = notices(book, &[], has_cpt, has_cpt)?;
        Ok(ListView { on: on.to_string(), rows, hidden_cpt: !cpt, notices })
    })
    .await?;
    let frame = reader.frame(&pages, "Modifiers").await?;
    frame::render(&pages, "codes_modifiers", &frame, &view)
}

#[derive(Serialize)]
struct ModifierView {
    code: String,
    on: String,
    known: bool,
    system: &'static str,
    text: String,
    own_text: bool,
    associated: bool,
    release: Option<ReleaseView>,
    cite: String,
    notices: Vec<String>,
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(modifier): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let on = asked.date(&pages.desk)?;
    let code = modifier.trim().to_ascii_uppercase();
    if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(WebError::NoCode(format!("`{}` is no modifier: they have two characters.", cut(&code))));
    }
    // Modifiers of two digits are CPT's.
    if code.bytes().all(|b| b.is_ascii_digit()) {
        reader.require_cpt()?;
    }
    let view = look(&pages, move |book| {
        let found = book.modifier(&code, on)?;
        let cpt = found.value.as_ref().is_some_and(|m| m.system == CodeSystem::Cpt);
        let (text, own_text) =
            found.value.as_ref().map_or((String::new(), false), |m| (m.text.clone(), m.plain_language));
        Ok(ModifierView {
            on: on.to_string(),
            known: found.value.is_some(),
            system: found.value.as_ref().map_or("", |m| m.system.name()),
            text,
            own_text,
            associated: is_associated(&code),
            release: found.coverage.as_ref().map(release),
            cite: found.evidence.as_ref().map(citation).unwrap_or_default(),
            notices: notices(book, &[], cpt, own_text)?,
            code,
        })
    })
    .await?;
    let frame = reader.frame(&pages, &format!("Modifier {}", view.code)).await?;
    let status = if view.known { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Ok((status, frame::render(&pages, "codes_modifier", &frame, &view)?).into_response())
}
