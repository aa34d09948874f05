//! What a form posts: its fields, and the proof that it is one of ours.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use subtle::ConstantTimeEq;

use crate::web::session::SignedIn;
use crate::web::{Pages, WebError};

/// The fields of a form. Absent ones are empty.
#[derive(Debug, Default)]
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// A field's text, with the line ends of mails and drafts.
    pub(crate) fn text(&self, name: &str) -> String {
        self.0.get(name).map(|text| text.replace("\r\n", "\n")).unwrap_or_default()
    }

    /// A field, as one line.
    pub(crate) fn line(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// A field that must be of a type: a page of ours always sends it right.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, name: &str) -> Result<T, WebError> {
        let wrong = |_| WebError::Input(format!("The field `{name}` is missing or was changed."));
        self.line(name).parse().map_err(wrong)
    }
}

/// A form of a signed-in person, with this session's CSRF token in it.
pub(crate) struct Posted {
    pub(crate) signed_in: SignedIn,
    pub(crate) fields: Fields,
}

impl FromRequest<Pages> for Posted {
    type Rejection = axum::response::Response;
    async fn from_request(request: Request, pages: &Pages) -> Result<Self, Self::Rejection> {
        use axum::response::IntoResponse;
        let (mut parts, body) = request.into_parts();
        let signed_in = <SignedIn as FromRequestParts<Pages>>::from_request_parts(&mut parts, pages)
            .await
            .map_err(IntoResponse::into_response)?;
        let bytes = Bytes::from_request(Request::from_parts(parts, body), pages)
            .await
            .map_err(IntoResponse::into_response)?;
        let fields = Fields::parse(&bytes);
        let same: bool = fields.line("csrf").as_bytes().ct_eq(signed_in.csrf.as_bytes()).into();
        if !same {
            return Err(WebError::Csrf.into_response());
        }
        Ok(Self { signed_in, fields })
    }
}
