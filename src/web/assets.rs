//! The style, the script and the icon, embedded; named with a digest of their bytes, so that browsers keep them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::domain::hex;

const FILES: [(&str, &str, &str); 6] = [
    ("desk.css", "text/css; charset=utf-8", include_str!("static/desk.css")),
    ("codes.css", "text/css; charset=utf-8", include_str!("static/codes.css")),
    ("codes.js", "text/javascript; charset=utf-8", include_str!("static/codes.js")),
    ("preview.css", "text/css; charset=utf-8", include_str!("static/preview.css")),
    ("desk.js", "text/javascript; charset=utf-8", include_str!("static/desk.js")),
    ("desk.svg", "image/svg+xml", include_str!("static/desk.svg")),
];

/// Stands behind the files' addresses and changes with their bytes.
pub(crate) static DIGEST: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (_, _, text) in FILES {
        hash.update(text.as_bytes());
    }
    hex(hash.finalize().iter().copied().take(5).collect::<Vec<_>>().as_slice())
});

pub(crate) async fn file(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(file, _, _)| *file == name) {
        Some((_, kind, text)) => {
            let headers = [
                (CONTENT_TYPE, *kind),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
                // A previewed mail stands in a sandbox, which has no origin of its own: it too may load its style.
                (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
            ];
            (headers, *text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
