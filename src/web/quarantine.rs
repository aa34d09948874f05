//! Mail that was set aside: why, and another try.

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use crate::domain::{MailId, MailState, Role};
use crate::store::{Choice, QuarantinedMail};
use crate::web::error::sentence;
use crate::web::form::Posted;
use crate::web::frame::{self, Frame};
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError, case, wording};

#[derive(Serialize)]
pub(crate) struct QuarantineView {
    pub(crate) rows: Vec<RowView>,
    pub(crate) may_retry: bool,
    pub(crate) notice: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct RowView {
    pub(crate) id: String,
    pub(crate) when: String,
    pub(crate) mailbox: String,
    pub(crate) sender: String,
    pub(crate) subject: String,
    pub(crate) reason: String,
    pub(crate) suggested: Option<String>,
    pub(crate) size: String,
    pub(crate) can_retry: bool,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    retried: u8,
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Html<String>, WebError> {
    let mut rows = Vec::new();
    for mail in pages.desk.store.quarantined().await? {
        let suggested = match &mail.suggested_case {
            Some(id) => Some(pages.desk.store.case(id).await?.number.to_string()),
            None => None,
        };
        rows.push(row(&pages, mail, suggested));
    }
    let retried = "The mail is filed anew; if that fails again, it comes back here with its reason.";
    let view = QuarantineView {
        rows,
        may_retry: signed_in.user.role >= Role::Senior,
        notice: (wanted.retried == 1).then(|| retried.to_owned()),
    };
    let frame = Frame::of(&pages, &signed_in, "Quarantine", "quarantine").await?;
    frame::render(&pages, "quarantine", &frame, &view)
}

fn row(pages: &Pages, mail: QuarantinedMail, suggested: Option<String>) -> RowView {
    let or = |text: String, none: &str| if text.trim().is_empty() { none.to_owned() } else { text };
    RowView {
        id: mail.id.to_string(),
        when: mail.received_at.minute_in(&pages.desk.zone),
        mailbox: mail.mailbox,
        sender: or(mail.sender, "unknown"),
        subject: or(mail.masked_subject, "(no subject)"),
        reason: or(mail.reason, "no reason was noted"),
        suggested,
        size: wording::size(mail.size),
        can_retry: mail.state == MailState::Quarantined,
    }
}

/// Files a mail anew: as any other, as a case of its own, or into the case that the person names.
pub(crate) async fn retry(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    Posted { signed_in, fields }: Posted,
) -> Result<Response, WebError> {
    signed_in.require_senior()?;
    let id: MailId = id.parse().map_err(|e| WebError::NotFound(sentence(&e)))?;
    let choice = match (fields.line("choice"), fields.line("case")) {
        ("new", _) => Choice::NewCase,
        (_, "") => Choice::AsItIs,
        (_, number) => Choice::Into(case::find(&pages, number).await?.id),
    };
    let actor = signed_in.user.address.to_string();
    pages.desk.store.retry_mail(&id, &choice, &actor).await?;
    Ok(Redirect::to("/quarantine?retried=1").into_response())
}
