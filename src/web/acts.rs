//! The buttons of a case: approve, decline, redo, take back, close, reopen, choose the recipient. Each form names
//! the version of the case that it was shown with.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use crate::desk::{Decision, DeskError, Overruling};
use crate::domain::{Address, CaseEvent};
use crate::store::{Case, StoreError};
use crate::web::error::sentence;
use crate::web::form::Posted;
use crate::web::frame::{self, Frame};
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError, case, edit};

#[derive(Serialize)]
pub(crate) struct ChangedView {
    pub(crate) number: String,
    pub(crate) what: String,
    /// What was typed, so that it is not lost.
    pub(crate) kept: String,
}

/// Answers an act: on to the queue or the case, or a page that says what happened instead.
async fn answer(
    pages: &Pages,
    signed_in: &SignedIn,
    case: &Case,
    done: Result<(), DeskError>,
    to: String,
    kept: &str,
) -> Result<Response, WebError> {
    let error = match done {
        Ok(()) => return Ok(Redirect::to(&to).into_response()),
        Err(error) => error,
    };
    let refused = error.is_conflict()
        || matches!(
            error,
            DeskError::Store(StoreError::Refused(_) | StoreError::Illegal(_)) | DeskError::NotSendable(_)
        );
    if !refused {
        return Err(error.into());
    }
    let view = ChangedView { number: case.number.to_string(), what: sentence(&error), kept: kept.to_owned() };
    let frame = Frame::of(pages, signed_in, "Changed meanwhile", "changed").await?;
    Ok((StatusCode::CONFLICT, frame::render(pages, "changed", &frame, &view)?).into_response())
}

fn to_queue(case: &Case) -> String {
    format!("/queue?done={}", case.number)
}

fn to_case(case: &Case) -> String {
    format!("/cases/{}", case.number)
}

/// T4: approves the mail that the page showed; its digest is posted back.
pub(crate) async fn approve(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    Posted { signed_in, fields }: Posted,
) -> Result<Response, WebError> {
    signed_in.require_review()?;
    let case = case::find(&pages, &number).await?;
    let decision = Decision {
        case_id: case.id.clone(),
        case_version: fields.parsed("version")?,
        draft_id: fields.parsed("draft")?,
        delivery_id: fields.parsed("delivery")?,
        digest: fields.line("digest").to_owned(),
        cc: case::addresses(fields.line("cc")).map_err(WebError::Input)?,
        overruling: Some(fields.text("overrule"))
            .filter(|reason| !reason.trim().is_empty())
            .map(|reason| Overruling { reason, role: signed_in.user.role }),
    };
    let done = pages.desk.approve(&decision, &signed_in.signer()).await;
    answer(&pages, &signed_in, &case, done, to_queue(&case), "").await
}

/// Declines without a reply.
pub(crate) async fn decline(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    Posted { signed_in, fields }: Posted,
) -> Result<Response, WebError> {
    signed_in.require_review()?;
    let case = case::find(&pages, &number).await?;
    let (version, reason) = (fields.parsed("version")?, fields.text("reason"));
    let done = pages.desk.decline_silently(&case.id, version, &reason, &signed_in.signer()).await;
    if let Err(DeskError::Input(what)) = &done {
        let problem = Some(sentence(what));
        return edit::show_decline(&pages, &signed_in, &case, &reason, problem).await;
    }
    answer(&pages, &signed_in, &case, done, to_queue(&case), &reason).await
}

async fn moved(
    pages: &Pages,
    number: &str,
    posted: Posted,
    event: CaseEvent,
    to: fn(&Case) -> String,
) -> Result<Response, WebError> {
    let Posted { signed_in, fields } = posted;
    signed_in.require_review()?;
    let case = case::find(pages, number).await?;
    let (version, reason) = (fields.parsed("version")?, fields.text("reason"));
    let done = pages.desk.move_case(&case.id, version, event, &reason, &signed_in.signer()).await;
    answer(pages, &signed_in, &case, done, to(&case), "").await
}

pub(crate) async fn redo(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    posted: Posted,
) -> Result<Response, WebError> {
    moved(&pages, &number, posted, CaseEvent::Redo, to_case).await
}

pub(crate) async fn close(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    posted: Posted,
) -> Result<Response, WebError> {
    moved(&pages, &number, posted, CaseEvent::Close, to_queue).await
}

pub(crate) async fn reopen(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    posted: Posted,
) -> Result<Response, WebError> {
    moved(&pages, &number, posted, CaseEvent::Reopen, to_case).await
}

/// Takes an approval back within the undo window.
pub(crate) async fn void(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    Posted { signed_in, fields }: Posted,
) -> Result<Response, WebError> {
    signed_in.require_review()?;
    let case = case::find(&pages, &number).await?;
    let done = pages.desk.void(&case.id, fields.parsed("version")?, "", &signed_in.signer()).await;
    answer(&pages, &signed_in, &case, done, to_case(&case), "").await
}

/// Chooses whom the answer goes to, where the mail does not say.
pub(crate) async fn set_asker(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    Posted { signed_in, fields }: Posted,
) -> Result<Response, WebError> {
    signed_in.require_review()?;
    let case = case::find(&pages, &number).await?;
    let asker: Address = match fields.line("asker").parse() {
        Ok(asker) => asker,
        Err(error) => {
            let problem = Some(sentence(&error));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return case::show(&pages, &signed_in, &case, "", problem, status).await;
        }
    };
    let version = fields.parsed("version")?;
    let done = pages.desk.set_asker(&case.id, version, &asker, &signed_in.signer()).await;
    answer(&pages, &signed_in, &case, done, to_case(&case), fields.line("asker")).await
}
