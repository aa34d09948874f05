//! Writing a version of the draft, with the very mail beside it; and the choice of how to decline.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use crate::desk::{Edit, Preview};
use crate::domain::{CaseState, DeliveryKind, DraftId};
use crate::store::{Case, CaseMail, Draft};
use crate::web::case_view::{self, MailPreview, MailView, ObjectionView};
use crate::web::error::sentence;
use crate::web::form::Posted;
use crate::web::frame::{self, Frame};
use crate::web::guard::PREVIEW_POLICY;
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError, case, queue};

#[derive(Serialize)]
pub(crate) struct EditView {
    pub(crate) number: String,
    pub(crate) version: i64,
    pub(crate) subject: String,
    pub(crate) heading: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    /// What happened meanwhile, if the text could not be saved.
    pub(crate) conflict: Option<String>,
    pub(crate) problem: Option<String>,
    pub(crate) mails: Vec<MailView>,
    pub(crate) sources: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct PreviewView {
    pub(crate) problem: Option<String>,
    pub(crate) mail: Option<MailPreview>,
    pub(crate) objections: Vec<ObjectionView>,
}

#[derive(Serialize)]
pub(crate) struct DeclineView {
    pub(crate) number: String,
    pub(crate) version: i64,
    pub(crate) subject: String,
    pub(crate) reason: String,
    pub(crate) problem: Option<String>,
}

#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    #[serde(default)]
    kind: String,
}

/// What the editor needs of a case.
struct Material {
    case: Case,
    mails: Vec<CaseMail>,
    drafts: Vec<Draft>,
}

impl Material {
    async fn of(pages: &Pages, number: &str) -> Result<Self, WebError> {
        let case = case::find(pages, number).await?;
        let mails = pages.desk.store.mails_of(&case.id).await?;
        let drafts = pages.desk.store.drafts_of(&case.id).await?;
        Ok(Self { case, mails, drafts })
    }

    /// The text that editing begins with: the newest version of that kind, else what fits the kind.
    fn first_text(&self, kind: DeliveryKind) -> String {
        let newest = self.drafts.last();
        if let Some(draft) = newest.filter(|d| d.kind == kind) {
            return draft.text.clone();
        }
        match kind {
            DeliveryKind::AskBack => {
                let missing = newest.map(|d| d.answer.missing.clone()).unwrap_or_default();
                let lines: Vec<String> = missing.iter().map(|m| format!("- {m}\n")).collect();
                format!("To answer your question we need to know:\n\n{}", lines.concat())
            }
            DeliveryKind::Decline => "We cannot answer this question at this desk, because ".to_owned(),
            _ => {
                let answers = self.drafts.iter().rev().find(|d| d.kind == kind && !d.text.is_empty());
                answers.map(|d| d.text.clone()).unwrap_or_default()
            }
        }
    }

    fn view(&self, pages: &Pages, kind: DeliveryKind, text: String) -> EditView {
        EditView {
            number: self.case.number.to_string(),
            version: self.case.version,
            subject: queue::subject(&self.case),
            heading: match kind {
                DeliveryKind::AskBack => "ask back",
                DeliveryKind::Decline => "decline with a reply",
                _ => "edit the answer",
            },
            kind: kind.as_str(),
            text,
            conflict: None,
            problem: None,
            mails: case_view::mails(&self.mails, &pages.desk.zone),
            sources: self.drafts.last().map(|d| d.answer.sources.clone()).unwrap_or_default(),
        }
    }
}

/// The kind that is asked for; else the newest draft's.
fn kind_of(word: &str, drafts: &[Draft]) -> DeliveryKind {
    let asked = word
        .parse()
        .ok()
        .filter(|k| matches!(k, DeliveryKind::Answer | DeliveryKind::AskBack | DeliveryKind::Decline));
    asked.or(drafts.last().map(|d| d.kind)).unwrap_or(DeliveryKind::Answer)
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    signed_in: SignedIn,
    Path(number): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    signed_in.require_review()?;
    let material = Material::of(&pages, &number).await?;
    if material.case.state != CaseState::InReview {
        return Err(not_now(&material.case));
    }
    let kind = kind_of(&wanted.kind, &material.drafts);
    let text = material.first_text(kind);
    show(&pages, &signed_in, StatusCode::OK, &material.view(&pages, kind, text)).await
}

fn not_now(case: &Case) -> WebError {
    WebError::Refused(format!("{} is {}: there is nothing to edit now.", case.number, case.state))
}

async fn show(
    pages: &Pages,
    signed_in: &SignedIn,
    status: StatusCode,
    view: &EditView,
) -> Result<Response, WebError> {
    let frame = Frame::of(pages, signed_in, &format!("{} {}", view.number, view.heading), "edit").await?;
    Ok((status, frame::render(pages, "edit", &frame, view)?).into_response())
}

/// Stores what was typed as a new version. If the case changed meanwhile, the page comes back with the text.
pub(crate) async fn save(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    Posted { signed_in, fields }: Posted,
) -> Result<Response, WebError> {
    signed_in.require_review()?;
    let material = Material::of(&pages, &number).await?;
    let kind = kind_of(fields.line("kind"), &material.drafts);
    let edit = Edit {
        case_id: material.case.id.clone(),
        case_version: fields.parsed("version")?,
        kind,
        text: fields.text("text"),
    };
    let Err(error) = pages.desk.edit(&edit, &signed_in.signer()).await else {
        return Ok(Redirect::to(&format!("/cases/{}", material.case.number)).into_response());
    };
    // Read again: what the page shows must be what made the save fail.
    let material = Material::of(&pages, &number).await?;
    let mut view = material.view(&pages, kind, edit.text.clone());
    let status = if error.is_conflict() || material.case.state != CaseState::InReview {
        let newest = material.drafts.last().map(|d| format!("version {} by {}", d.version, d.author));
        let state = &crate::web::wording::state(material.case.state).label;
        view.conflict = Some(match newest {
            Some(newest) => format!("{number} is now {state}; its newest draft is {newest}."),
            None => format!("{number} is now {state}."),
        });
        StatusCode::CONFLICT
    } else {
        let shown = sentence(&error);
        match WebError::from(error) {
            WebError::Broken => return Err(WebError::Broken),
            _ => view.problem = Some(shown),
        }
        StatusCode::UNPROCESSABLE_ENTITY
    };
    show(&pages, &signed_in, status, &view).await
}

/// The stored draft as a mail, for the frame beside the editor.
pub(crate) async fn preview_stored(
    State(pages): State<Pages>,
    signed_in: SignedIn,
    Path(number): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    signed_in.require_review()?;
    let material = Material::of(&pages, &number).await?;
    let kind = kind_of(&wanted.kind, &material.drafts);
    let text = material.first_text(kind);
    preview(&pages, &signed_in, &material, kind, text).await
}

/// What is being typed as a mail, before it is stored.
pub(crate) async fn preview_typed(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    Posted { signed_in, fields }: Posted,
) -> Result<Response, WebError> {
    signed_in.require_review()?;
    let material = Material::of(&pages, &number).await?;
    let kind = kind_of(fields.line("kind"), &material.drafts);
    preview(&pages, &signed_in, &material, kind, fields.text("text")).await
}

async fn preview(
    pages: &Pages,
    signed_in: &SignedIn,
    material: &Material,
    kind: DeliveryKind,
    text: String,
) -> Result<Response, WebError> {
    let mut objections = Vec::new();
    let made: Result<Preview, String> = match material.drafts.last() {
        Some(draft) => {
            let id = DraftId::fresh(pages.desk.clock.new_id());
            let draft = Draft { id, kind, text, ..draft.clone() };
            objections = case_view::objections(&pages.desk.verify(&material.case, &draft).await?);
            let signer = signed_in.signer();
            pages
                .desk
                .preview(&material.case, &draft, &material.mails, &signer, &[], None)
                .map_err(|e| sentence(&e))
        }
        None => Err("There is no draft yet.".to_owned()),
    };
    let (mail, problem) = match made {
        Ok(preview) => (Some(case_view::mail_preview(&preview)), None),
        Err(problem) => (None, Some(problem)),
    };
    let frame = Frame::bare(pages, "Preview", "preview");
    let html: Html<String> =
        frame::render(pages, "preview", &frame, &PreviewView { problem, mail, objections })?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, PREVIEW_POLICY),
        (HeaderName::from_static("x-frame-options"), "SAMEORIGIN"),
    ];
    Ok((headers, html).into_response())
}

pub(crate) async fn decline_page(
    State(pages): State<Pages>,
    signed_in: SignedIn,
    Path(number): Path<String>,
) -> Result<Response, WebError> {
    signed_in.require_review()?;
    let case = case::find(&pages, &number).await?;
    if case.state != CaseState::InReview {
        return Err(not_now(&case));
    }
    show_decline(&pages, &signed_in, &case, "", None).await
}

/// The choice of how to decline; again with what was typed, if that could not be taken.
pub(crate) async fn show_decline(
    pages: &Pages,
    signed_in: &SignedIn,
    case: &Case,
    reason: &str,
    problem: Option<String>,
) -> Result<Response, WebError> {
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = DeclineView {
        number: case.number.to_string(),
        version: case.version,
        subject: queue::subject(case),
        reason: reason.to_owned(),
        problem,
    };
    let frame = Frame::of(pages, signed_in, &format!("Decline {}", case.number), "decline").await?;
    Ok((status, frame::render(pages, "decline", &frame, &view)?).into_response())
}
