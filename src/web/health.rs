//! For whatever watches the desk: `ok` while the database answers.

use axum::extract::State;
use axum::http::StatusCode;

use crate::web::Pages;

pub(crate) async fn health(State(pages): State<Pages>) -> (StatusCode, &'static str) {
    match pages.desk.store.active_codebook().await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "the health check failed");
            (StatusCode::SERVICE_UNAVAILABLE, "the case database does not answer\n")
        }
    }
}
