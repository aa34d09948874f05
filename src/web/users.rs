//! Who may sign in.

use axum::extract::State;
use axum::response::Html;
use serde::Serialize;

use crate::web::frame::{self, Frame};
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError};

#[derive(Serialize)]
pub(crate) struct UsersView {
    pub(crate) rows: Vec<UserView>,
}

#[derive(Serialize)]
pub(crate) struct UserView {
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) credential: String,
    pub(crate) role: &'static str,
    pub(crate) disabled: bool,
}

pub(crate) async fn page(State(pages): State<Pages>, signed_in: SignedIn) -> Result<Html<String>, WebError> {
    signed_in.require_admin()?;
    let users = pages.desk.store.users().await?;
    let rows = users.into_iter().map(|u| UserView {
        address: u.address.to_string(),
        name: u.name,
        credential: u.credential,
        role: u.role.as_str(),
        disabled: u.disabled,
    });
    let view = UsersView { rows: rows.collect() };
    let frame = Frame::of(&pages, &signed_in, "Users", "users").await?;
    frame::render(&pages, "users", &frame, &view)
}
