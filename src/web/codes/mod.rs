//! Case2Code: codes looked up as of a date of service, on pages and by a JSON API. One file a page; what a page of a code
//! shows is gathered by the codebook ([`crate::codebook::CodeSheet`]) and by `desk::lookup`, and only laid out here.

mod access;
mod api;
mod asked;
mod check;
mod code;
mod edits;
mod icd9;
mod manuals;
mod modifiers;
mod note;
mod places;
mod releases;
mod search;
mod section;
mod sections;
mod texts;

pub(crate) use access::Visitors;
pub(crate) use asked::code_address;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::codebook::Codebook;
use crate::web::{Pages, WebError};

/// All code pages and the API.
pub(crate) fn routes() -> Router<Pages> {
    Router::new()
        .route("/codes", get(search::page))
        .route("/codes/suggest", get(search::suggest))
        .route("/codes/check", get(check::page))
        .route("/codes/note", get(note::page).post(note::read))
        .route("/codes/manuals", get(manuals::list))
        .route("/codes/manuals/{manual}", get(manuals::contents))
        .route("/codes/manuals/{manual}/{section}", get(manuals::passage))
        .route("/codes/modifiers", get(modifiers::list))
        .route("/codes/modifiers/{modifier}", get(modifiers::page))
        .route("/codes/places", get(places::list))
        .route("/codes/places/{pos}", get(places::page))
        .route("/codes/releases", get(releases::page))
        .route("/codes/texts", get(texts::page).post(texts::act))
        .route("/codes/texts/export", get(texts::export))
        .route("/codes/icd9/{code}", get(icd9::page))
        .route("/codes/{code}", get(code::page))
        .route("/codes/{code}/edits", get(edits::page))
        .merge(api::routes())
}

/// Looks something up in the book in use, off the paths that wait for the network.
async fn look<T: Send + 'static>(
    pages: &Pages,
    up: impl FnOnce(&Codebook) -> Result<T, WebError> + Send + 'static,
) -> Result<T, WebError> {
    let book: Arc<Codebook> = pages.desk.book.now();
    tokio::task::spawn_blocking(move || up(&book)).await.map_err(|error| {
        tracing::error!(%error, "a look-up broke down");
        WebError::Broken
    })?
}

/// The notices that belong to what a page shows.
fn notices(
    book: &Codebook,
    cited: &[crate::domain::Evidence],
    cpt: bool,
    own_words: bool,
) -> Result<Vec<String>, WebError> {
    let loaded = book.coverage()?;
    Ok(crate::consult::notice_lines(&crate::consult::Shown { cited, cpt, own_words }, book.notices(), loaded))
}
