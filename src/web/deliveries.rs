//! Deliveries that wait for a person: uncertain and failed ones.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use crate::domain::{CaseId, DeliveryEvent, DeliveryId, DeliveryState, Role};
use crate::store::Delivery;
use crate::web::error::sentence;
use crate::web::form::Posted;
use crate::web::frame::{self, Frame};
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError, wording};

#[derive(Serialize)]
pub(crate) struct DeliveriesView {
    pub(crate) uncertain: Vec<RowView>,
    pub(crate) failed: Vec<RowView>,
    pub(crate) may_settle: bool,
    pub(crate) problem: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct RowView {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) kind: &'static str,
    pub(crate) recipient: String,
    pub(crate) when: String,
    pub(crate) attempt: i64,
    pub(crate) reply: String,
    pub(crate) message_id: String,
}

pub(crate) async fn page(State(pages): State<Pages>, signed_in: SignedIn) -> Result<Response, WebError> {
    show(&pages, &signed_in, StatusCode::OK, None).await
}

async fn show(
    pages: &Pages,
    signed_in: &SignedIn,
    status: StatusCode,
    problem: Option<String>,
) -> Result<Response, WebError> {
    let store = &pages.desk.store;
    let open = store.deliveries(&[DeliveryState::Uncertain, DeliveryState::Failed]).await?;
    let mut numbers: BTreeMap<CaseId, String> = BTreeMap::new();
    for delivery in &open {
        if !numbers.contains_key(&delivery.case_id) {
            let case = store.case(&delivery.case_id).await?;
            numbers.insert(delivery.case_id.clone(), case.number.to_string());
        }
    }
    let rows = |state: DeliveryState| -> Vec<RowView> {
        let found = open.iter().filter(|d| d.state == state);
        found.map(|d| row(pages, d, numbers.get(&d.case_id).cloned().unwrap_or_default())).collect()
    };
    let view = DeliveriesView {
        uncertain: rows(DeliveryState::Uncertain),
        failed: rows(DeliveryState::Failed),
        may_settle: signed_in.user.role >= Role::Senior,
        problem,
    };
    let frame = Frame::of(pages, signed_in, "Deliveries to settle", "deliveries").await?;
    Ok((status, frame::render(pages, "deliveries", &frame, &view)?).into_response())
}

fn row(pages: &Pages, delivery: &Delivery, number: String) -> RowView {
    RowView {
        id: delivery.id.to_string(),
        number,
        kind: wording::kind(delivery.kind),
        recipient: delivery.recipient.to_string(),
        when: delivery.settled_at.unwrap_or(delivery.created_at).minute_in(&pages.desk.zone),
        attempt: delivery.attempt,
        reply: delivery.reply.clone(),
        message_id: delivery.message_id.to_string(),
    }
}

/// A person says what became of a mail.
pub(crate) async fn settle(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    Posted { signed_in, fields }: Posted,
) -> Result<Response, WebError> {
    signed_in.require_senior()?;
    let id: DeliveryId = id.parse().map_err(|e| WebError::NotFound(sentence(&e)))?;
    let event: DeliveryEvent = fields.parsed("event")?;
    // What was decided on is the attempt that was shown: a later one is another question.
    let now = pages.desk.store.delivery(&id).await?.delivery;
    if now.attempt != fields.parsed::<i64>("attempt")? {
        let problem = "This mail was tried again meanwhile: look at it anew.".to_owned();
        return show(&pages, &signed_in, StatusCode::CONFLICT, Some(problem)).await;
    }
    let (signer, role) = (signed_in.signer(), signed_in.user.role);
    match pages.desk.settle(&id, event, "", &signer, role).await {
        Ok(()) => Ok(Redirect::to("/deliveries").into_response()),
        Err(error) => {
            let problem = sentence(&error);
            match WebError::from(error) {
                WebError::Broken => Err(WebError::Broken),
                _ => show(&pages, &signed_in, StatusCode::CONFLICT, Some(problem)).await,
            }
        }
    }
}
