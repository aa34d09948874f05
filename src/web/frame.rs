//! What stands around every page: the desk's name, who is signed in, what waits.

use axum::response::Html;
use serde::Serialize;

use crate::domain::{CaseState, DeliveryState, MailState};
use crate::store::DeskStatus;
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError, assets};

/// The frame of a page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Frame {
    pub(crate) desk: String,
    pub(crate) title: String,
    /// Which entry of the navigation it belongs to.
    pub(crate) page: &'static str,
    pub(crate) assets: String,
    pub(crate) csrf: String,
    pub(crate) user: Option<FrameUser>,
    pub(crate) signed_in: bool,
    /// Whether the person is a senior reviewer or an administrator.
    pub(crate) senior: bool,
    pub(crate) counts: Counts,
}

/// Who is signed in.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FrameUser {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) role: &'static str,
    pub(crate) may_administer: bool,
}

/// What waits for a person.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) waiting: i64,
    pub(crate) unsettled: i64,
    pub(crate) quarantined: i64,
}

impl Counts {
    pub(crate) fn of(status: &DeskStatus) -> Self {
        let count =
            |map: &std::collections::BTreeMap<String, i64>, word: &str| map.get(word).copied().unwrap_or(0);
        Self {
            waiting: count(&status.cases, CaseState::InReview.as_str())
                + count(&status.cases, CaseState::Undeliverable.as_str()),
            unsettled: count(&status.deliveries, DeliveryState::Uncertain.as_str())
                + count(&status.deliveries, DeliveryState::Failed.as_str()),
            quarantined: count(&status.mails, MailState::Quarantined.as_str())
                + count(&status.mails, MailState::TooLarge.as_str()),
        }
    }
}

impl Frame {
    /// Without a person: sign-in and errors.
    pub(crate) fn bare(pages: &Pages, title: &str, page: &'static str) -> Self {
        Self {
            desk: pages.desk.name.clone(),
            title: title.to_owned(),
            page,
            assets: assets::DIGEST.clone(),
            csrf: String::new(),
            user: None,
            signed_in: false,
            senior: false,
            counts: Counts::default(),
        }
    }

    /// For a signed-in person.
    pub(crate) async fn of(
        pages: &Pages,
        signed_in: &SignedIn,
        title: &str,
        page: &'static str,
    ) -> Result<Self, WebError> {
        let status = pages.desk.store.status().await?;
        Ok(Self::with(pages, signed_in, title, page, &status))
    }

    /// As [`Frame::of`], with counts that were read already.
    pub(crate) fn with(
        pages: &Pages,
        signed_in: &SignedIn,
        title: &str,
        page: &'static str,
        status: &DeskStatus,
    ) -> Self {
        let user = &signed_in.user;
        Self {
            csrf: signed_in.csrf.clone(),
            user: Some(FrameUser {
                name: signed_in.signer().name,
                address: user.address.to_string(),
                role: user.role.as_str(),
                may_administer: user.role.may_administer(),
            }),
            signed_in: true,
            senior: user.role >= crate::domain::Role::Senior,
            counts: Counts::of(status),
            ..Self::bare(pages, title, page)
        }
    }
}

#[derive(Serialize)]
struct Framed<'a, V> {
    frame: &'a Frame,
    page: &'a V,
}

/// Renders a page with its frame.
pub(crate) fn render(
    pages: &Pages,
    template: &str,
    frame: &Frame,
    view: &impl Serialize,
) -> Result<Html<String>, WebError> {
    Ok(Html(pages.desk.renderer.page(template, &Framed { frame, page: view })?))
}
