//! Signing in and out.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::Address;
use crate::store::{DESK_CHAIN, StoreError, User};
use crate::web::form::{Fields, Posted};
use crate::web::frame::{self, Frame};
use crate::web::session::{self, SignedIn};
use crate::web::{Pages, WebError, password};

/// So many failures with one address …
const MOST_FAILURES: i64 = 10;
/// … in so many seconds, and it rests.
const WINDOW_SECONDS: i64 = 15 * 60;

#[derive(Serialize)]
pub(crate) struct SignInView {
    pub(crate) problem: String,
    pub(crate) address: String,
    pub(crate) next: String,
}

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    signed_in: Option<SignedIn>,
    Query(Next { next }): Query<Next>,
) -> Result<Response, WebError> {
    if signed_in.is_some() {
        return Ok(Redirect::to(&own_path(&next)).into_response());
    }
    show(&pages, StatusCode::OK, SignInView { problem: String::new(), address: String::new(), next })
}

fn show(pages: &Pages, status: StatusCode, view: SignInView) -> Result<Response, WebError> {
    let frame = Frame::bare(pages, "Sign in", "sign-in");
    Ok((status, frame::render(pages, "sign_in", &frame, &view)?).into_response())
}

pub(crate) async fn sign_in(
    State(pages): State<Pages>,
    jar: CookieJar,
    body: Bytes,
) -> Result<Response, WebError> {
    let fields = Fields::parse(&body);
    let (name, next) = (fields.line("address").to_owned(), fields.line("next").to_owned());
    let again = |status, problem: &str| {
        show(
            &pages,
            status,
            SignInView { problem: problem.to_owned(), address: name.clone(), next: next.clone() },
        )
    };
    match checked(&pages, &name, &fields.text("password")).await? {
        Checked::Right(user) => {
            let jar = session::open(&pages, jar, &user).await?;
            let actor = user.address.to_string();
            pages.desk.store.record(DESK_CHAIN, &actor, "signed_in", &json!({})).await?;
            Ok((jar, Redirect::to(&own_path(&next))).into_response())
        }
        Checked::Wrong => {
            tracing::warn!("a sign-in failed");
            again(StatusCode::UNAUTHORIZED, "Address and password do not fit together. Check both.")
        }
        Checked::Resting => {
            tracing::warn!("sign-ins with one address are refused for a while: too many failures");
            again(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many failed attempts with this address. Wait 15 minutes, then try again.",
            )
        }
    }
}

enum Checked {
    Right(User),
    Wrong,
    Resting,
}

/// Checks an address and a password. The semaphore also makes sure that many attempts at once cannot slip past
/// the count of failures, nor fill the memory.
async fn checked(pages: &Pages, name: &str, password: &str) -> Result<Checked, WebError> {
    let store = &pages.desk.store;
    let _turn = pages.passwords.acquire().await.map_err(|_| WebError::Broken)?;
    if store.failed_sign_ins(name, WINDOW_SECONDS).await? >= MOST_FAILURES {
        return Ok(Checked::Resting);
    }
    let user = match name.parse::<Address>() {
        Ok(address) => match store.user(&address).await {
            Ok(user) => Some(user).filter(|u| !u.disabled),
            Err(StoreError::NotFound { .. }) => None,
            Err(e) => return Err(e.into()),
        },
        Err(_) => None,
    };
    let hash = user.as_ref().map(|u| u.password_hash.clone());
    let password = password.chars().take(1001).collect::<String>();
    let right = tokio::task::spawn_blocking(move || password::verify_password(&password, hash.as_deref()));
    match (right.await.unwrap_or(false), user) {
        (true, Some(user)) => Ok(Checked::Right(user)),
        _ => {
            store.note_failed_sign_in(name).await?;
            Ok(Checked::Wrong)
        }
    }
}

pub(crate) async fn sign_out(
    State(pages): State<Pages>,
    jar: CookieJar,
    _posted: Posted,
) -> Result<Response, WebError> {
    let jar = session::close(&pages, jar).await?;
    Ok((jar, Redirect::to("/sign-in")).into_response())
}

/// A path of these pages to go to; anything that could lead elsewhere becomes the queue.
fn own_path(next: &str) -> String {
    let fine = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && next.chars().all(|c| c.is_ascii_graphic());
    if fine { next.to_owned() } else { "/queue".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        assert_eq!(own_path("/cases/CC-2026-00042?x=1"), "/cases/CC-2026-00042?x=1");
        for bad in
            ["", "https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x", "\\/e"]
        {
            assert_eq!(own_path(bad), "/queue", "{bad}");
        }
    }
}
