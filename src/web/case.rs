//! A case: question, draft and evidence at one glance, and what can be done.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::desk::{DeskError, Preview, Verified};
use crate::domain::{Address, CaseNumber, CaseState};
use crate::store::{Case, CaseMail, Draft, QueueFilter};
use crate::web::case_view::{CaseFacts, CaseView};
use crate::web::frame::{self, Frame};
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError};

#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    /// Copies, as the reviewer typed them.
    #[serde(default)]
    pub(crate) cc: String,
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    signed_in: SignedIn,
    Path(number): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    let case = find(&pages, &number).await?;
    show(&pages, &signed_in, &case, &wanted.cc, None, StatusCode::OK).await
}

/// The case with this number.
pub(crate) async fn find(pages: &Pages, number: &str) -> Result<Case, WebError> {
    let number: CaseNumber = number.parse().map_err(|_| {
        WebError::NotFound(format!("`{number}` is no case number: they look like CC-2026-00042."))
    })?;
    Ok(pages.desk.store.case_by_number(number).await?)
}

/// Shows a case as it is now, with a word about what just happened.
pub(crate) async fn show(
    pages: &Pages,
    signed_in: &SignedIn,
    case: &Case,
    cc: &str,
    problem: Option<String>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let store = &pages.desk.store;
    let mails = store.mails_of(&case.id).await?;
    let drafts = store.drafts_of(&case.id).await?;
    let (preview, cannot) = preview(pages, signed_in, case, drafts.last(), &mails, cc);
    let verified = match drafts.last().filter(|_| preview.is_some()) {
        Some(draft) => pages.desk.verify(case, draft).await?,
        None => Verified::default(),
    };
    let facts = CaseFacts {
        verified: &verified,
        next: next(pages, case).await?,
        deliveries: store.deliveries_of(&case.id).await?,
        trail: store.audit_of(case.id.as_str()).await?,
        now: pages.desk.clock.now(),
        zone: &pages.desk.zone,
        role: signed_in.user.role,
        case,
        mails: &mails,
        drafts: &drafts,
        preview,
        cannot,
        cc,
        problem,
    };
    let title = format!("{} {}", case.number, crate::web::queue::subject(case));
    let frame = Frame::of(pages, signed_in, &title, "case").await?;
    Ok((status, frame::render(pages, "case", &frame, &CaseView::of(&facts))?).into_response())
}

/// The mail as it would go out, or why it cannot; neither while there is nothing to approve.
fn preview(
    pages: &Pages,
    signed_in: &SignedIn,
    case: &Case,
    draft: Option<&Draft>,
    mails: &[CaseMail],
    cc: &str,
) -> (Option<Preview>, Option<String>) {
    let Some(draft) = draft.filter(|d| case.state == CaseState::InReview && !d.text.trim().is_empty()) else {
        return (None, None);
    };
    let made = addresses(cc)
        .map_err(DeskError::Input)
        .and_then(|cc| pages.desk.preview(case, draft, mails, &signed_in.signer(), &cc, None));
    match made {
        Ok(preview) => (Some(preview), None),
        Err(error) => (None, Some(crate::web::error::sentence(&error))),
    }
}

/// Addresses separated by commas, semicolons or spaces.
pub(crate) fn addresses(text: &str) -> Result<Vec<Address>, String> {
    let mut found: Vec<Address> = Vec::new();
    let words = text.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|w| !w.is_empty());
    for word in words {
        let address: Address = word.parse().map_err(|e| format!("{e}"))?;
        if !found.iter().any(|a| a.same_as(&address)) {
            found.push(address);
        }
    }
    if found.len() > 10 {
        return Err("more than ten copies are too many".to_owned());
    }
    Ok(found)
}

/// The case that waits next, behind this one.
async fn next(pages: &Pages, case: &Case) -> Result<Option<String>, WebError> {
    let filter = QueueFilter { states: vec![CaseState::InReview], limit: Some(200) };
    let waiting = pages.desk.store.queue(&filter).await?;
    let others: Vec<&Case> = waiting.iter().map(|e| &e.case).filter(|c| c.id != case.id).collect();
    let place = |c: &Case| (c.waiting_since, c.id.clone());
    let behind = others.iter().find(|c| place(c) > place(case)).or(others.first());
    Ok(behind.map(|c| c.number.to_string()))
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn copies_are_read_once_each_and_wrong_ones_are_named() {
        let found = addresses(" a@example.org, b@example.org;A@example.org ").unwrap();
        assert_eq!(found.len(), 2);
        assert!(addresses("a@example.org, nonsense").unwrap_err().contains("nonsense"));
        assert!(addresses("").unwrap().is_empty());
    }
}
