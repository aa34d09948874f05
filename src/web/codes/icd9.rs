//! The page of an ICD-9-CM code: what it becomes in ICD-10, by the general equivalence mappings.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::codebook::{Codebook, Icd9Code, Icd9Target, MapSystem};
use crate::consult::citation;
use crate::domain::{CivilDate, CodeStatus};
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::{Asked, code_address, cut, encoded};
use crate::web::codes::look;
use crate::web::codes::section::{ReleaseView, release};
use crate::web::wording::{self, Badge};
use crate::web::{Pages, WebError, frame};

#[derive(Serialize)]
struct View {
    code: String,
    on: String,
    all: Vec<CodeView>,
    /// No notices: the mappings are public.
    notices: Vec<String>,
}

#[derive(Serialize)]
struct CodeView {
    volume: &'static str,
    status: Badge,
    says: String,
    release: Option<ReleaseView>,
    combination: bool,
    rows: Vec<Row>,
    cites: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    system: &'static str,
    code: String,
    href: String,
    text: String,
    how: String,
    status: Badge,
}

/// The address of an ICD-9-CM code's page.
pub(crate) fn icd9_address(code: &str, on: CivilDate) -> String {
    format!("/codes/icd9/{}?on={on}", encoded(code))
}

/// A code in each system of ICD-9-CM that has it.
pub(crate) fn find(book: &Codebook, wanted: &str, on: CivilDate) -> Result<Vec<Icd9Code>, WebError> {
    let found = book.icd9(wanted, on)?;
    if found.is_empty() {
        let what =
            format!("`{}` is not shaped like an ICD-9-CM code (401.9, V46.8, E880.1, 81.51).", cut(wanted));
        return Err(WebError::NoCode(what));
    }
    Ok(found)
}

fn row(target: &Icd9Target, on: CivilDate) -> Row {
    Row {
        system: target.system.name(),
        code: target.code.clone().unwrap_or_else(|| "none".to_owned()),
        href: target.code.as_ref().map_or(String::new(), |code| code_address(code, Some(target.system), on)),
        text: target.description.clone(),
        how: target.meaning.clone(),
        status: wording::code_status(target.status),
    }
}

fn view(code: Icd9Code) -> CodeView {
    let mut cites: Vec<String> = code.targets.iter().map(|t| citation(&t.evidence)).collect();
    cites.dedup();
    CodeView {
        volume: match code.system {
            MapSystem::Icd9pcs => "ICD-9-CM, volume 3 (procedures)",
            _ => "ICD-9-CM (diagnoses)",
        },
        status: wording::code_status(code.status),
        says: code.statement,
        release: code.coverage.as_ref().map(release),
        combination: code.targets.iter().any(|t| t.combination),
        rows: code.targets.iter().map(|t| row(t, code.on)).collect(),
        cites,
    }
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(wanted): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let on = asked.date(&pages.desk)?;
    let found = look(&pages, move |book| find(book, &wanted, on)).await?;
    let unknown = found.iter().all(|c| c.status == CodeStatus::Unknown);
    let code = found.first().map(|c| c.code.clone()).unwrap_or_default();
    let view =
        View { on: on.to_string(), code, all: found.into_iter().map(view).collect(), notices: Vec::new() };
    let frame = reader.frame(&pages, &format!("{} · ICD-9-CM", view.code)).await?;
    let status = if unknown { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok((status, frame::render(&pages, "codes_icd9", &frame, &view)?).into_response())
}
