//! Around every page: security headers, limits, the refusal of foreign forms, and pages for errors.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::web::error::ErrorText;
use crate::web::frame::{self, Frame};
use crate::web::{Pages, WebError};

/// Larger than any draft, far smaller than what would hurt.
const LARGEST_BODY: usize = 1024 * 1024;
/// Far longer than any page takes.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// Nothing but our own files; no inline script, no inline style.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
                      frame-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// For a previewed mail, which has styles of its own: no script, no form, no image, in our frames alone.
pub(crate) const PREVIEW_POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; \
                                         form-action 'none'; frame-ancestors 'self'; sandbox";

/// Wraps the pages. The outermost layer is named last.
pub(crate) fn guard(routes: Router<Pages>, pages: &Pages) -> Router<Pages> {
    routes
        .layer(from_fn(refuse_foreign_forms))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| WebError::Broken.into_response()))
        .layer(from_fn_with_state(pages.clone(), error_pages))
        .layer(from_fn_with_state(pages.clone(), headers))
}

/// Refuses whatever another site makes a browser post here. The CSRF token does the same for sessions; this also
/// guards the sign-in, which has none yet.
async fn refuse_foreign_forms(request: Request, next: Next) -> Response {
    let reading = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !reading && is_foreign(request.headers()) {
        return WebError::Csrf.into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let value = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = value(HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    match (value(header::ORIGIN), value(header::HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, from)| from != host),
        (Some(_), None) => true,
        // No browser leaves out both; the CSRF token still decides.
        (None, _) => false,
    }
}

/// Gives every error a page that says what to do.
async fn error_pages(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    let plain = request.uri().path() == "/health" || request.uri().path().starts_with("/static/");
    let is_api = request.uri().path().starts_with("/api/");
    let is_codes = request.uri().path().starts_with("/codes");
    let response = next.run(request).await;
    let status = response.status();
    if plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let is_ready = |kind: &HeaderValue| {
        let start: &[u8] = if is_api { b"application/json" } else { b"text/html" };
        kind.as_bytes().starts_with(start)
    };
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(is_ready);
    if is_page {
        return response;
    }
    let text =
        response.extensions().get::<ErrorText>().cloned().unwrap_or_else(|| ErrorText::of_status(status));
    if is_api {
        let said = serde_json::json!({ "error": { "status": status.as_u16(), "title": text.title, "what": text.what, "todo": text.todo } });
        return (status, axum::Json(said)).into_response();
    }
    let frame = Frame::bare(&pages, &text.title, "error");
    let (back, name) = if is_codes { ("/codes", "Codes") } else { ("/queue", "Queue") };
    let view = serde_json::json!({
        "title": text.title, "what": text.what, "todo": text.todo, "back": back, "name": name,
    });
    match frame::render(&pages, "error", &frame, &view) {
        Ok(html) => (status, html).into_response(),
        // Even without templates something must be said.
        Err(_) => (status, format!("{}\n{}\n{}\n", text.title, text.what, text.todo)).into_response(),
    }
}

async fn headers(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &'static str| {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    };
    set("content-security-policy", POLICY);
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set("referrer-policy", "same-origin");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    // Pages show what patients' coders wrote: no cache keeps them.
    set("cache-control", "no-store");
    if pages.settings.secure {
        set("strict-transport-security", "max-age=31536000");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_post() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs
                .iter()
                .map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)))
                .collect::<HeaderMap>()
        };
        assert!(!is_foreign(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(is_foreign(&headers(&[("sec-fetch-site", "cross-site"), ("host", "desk")])));
        assert!(is_foreign(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(!is_foreign(&headers(&[("origin", "http://desk:80"), ("host", "desk:80")])));
        assert!(is_foreign(&headers(&[("origin", "http://evil"), ("host", "desk")])));
        assert!(is_foreign(&headers(&[("origin", "null"), ("host", "desk")])));
    }
}
