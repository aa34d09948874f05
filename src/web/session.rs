//! Who is signed in. The cookie holds 256 random bits; the database holds only their SHA-256, so that a copy of it
//! opens no session.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::desk::Signer;
use crate::domain::{Role, hex};
use crate::store::User;
use crate::web::{Pages, WebError};

/// The signed-in person of a request.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) user: User,
    /// What every form of this session carries.
    pub(crate) csrf: String,
}

impl SignedIn {
    /// The person as the acts know them.
    pub(crate) fn signer(&self) -> Signer {
        Signer::from(&self.user)
    }

    pub(crate) fn require_review(&self) -> Result<(), WebError> {
        if self.user.role.may_review() {
            return Ok(());
        }
        Err(WebError::Forbidden("Only reviewers change cases and read originals; you may read."))
    }

    pub(crate) fn require_senior(&self) -> Result<(), WebError> {
        if self.user.role >= Role::Senior {
            return Ok(());
        }
        Err(WebError::Forbidden("Only senior reviewers and administrators settle deliveries."))
    }

    pub(crate) fn require_admin(&self) -> Result<(), WebError> {
        if self.user.role.may_administer() {
            return Ok(());
        }
        Err(WebError::Forbidden("Only administrators see this page."))
    }
}

/// The cookie's name: with https a prefix that browsers enforce (host only, secure, whole site).
fn cookie_name(pages: &Pages) -> &'static str {
    if pages.settings.secure { "__Host-desk" } else { "desk" }
}

fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Opens a session and gives its cookie. Whatever session the browser had before ends: a token that somebody
/// planted is worth nothing after signing in.
pub(crate) async fn open(pages: &Pages, jar: CookieJar, user: &User) -> Result<CookieJar, WebError> {
    let store = &pages.desk.store;
    if let Some(before) = jar.get(cookie_name(pages)) {
        store.close_session(&hash(before.value())).await?;
    }
    let (mut token, mut csrf) = ([0u8; 32], [0u8; 32]);
    pages.desk.clock.random(&mut token);
    pages.desk.clock.random(&mut csrf);
    let (token, csrf) = (URL_SAFE_NO_PAD.encode(token), URL_SAFE_NO_PAD.encode(csrf));
    let seconds = i64::try_from(pages.settings.session.as_secs()).unwrap_or(3600);
    let until = pages.desk.clock.now().plus_seconds(seconds);
    store.open_session(&hash(&token), &user.id, &csrf, until).await?;
    Ok(jar.add(cookie(pages, token)))
}

/// Ends the session of the cookie, if there is one.
pub(crate) async fn close(pages: &Pages, jar: CookieJar) -> Result<CookieJar, WebError> {
    if let Some(cookie) = jar.get(cookie_name(pages)) {
        pages.desk.store.close_session(&hash(cookie.value())).await?;
    }
    Ok(jar.remove(cookie(pages, String::new())))
}

/// Without an end of its own: it goes with the browser, and the database ends it sooner.
fn cookie(pages: &Pages, value: String) -> Cookie<'static> {
    Cookie::build((cookie_name(pages), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(pages.settings.secure)
        .build()
}

impl OptionalFromRequestParts<Pages> for SignedIn {
    type Rejection = WebError;
    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Option<Self>, WebError> {
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(cookie) = jar.get(cookie_name(pages)) else { return Ok(None) };
        let session = pages.desk.store.session(&hash(cookie.value())).await?;
        Ok(session.map(|s| Self { user: s.user, csrf: s.csrf }))
    }
}

impl FromRequestParts<Pages> for SignedIn {
    type Rejection = WebError;
    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, WebError> {
        let signed_in = <Self as OptionalFromRequestParts<Pages>>::from_request_parts(parts, pages).await?;
        // After signing in, a page is opened again; a posted form is not repeated.
        let path = if parts.method == axum::http::Method::GET { parts.uri.path_and_query() } else { None };
        signed_in.ok_or_else(|| WebError::SignIn(path.map(ToString::to_string).unwrap_or_default()))
    }
}
