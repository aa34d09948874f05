//! The review pages: sign in, work through the queue, look at question, draft and evidence at one glance, edit,
//! approve, decline, ask back; settle deliveries; see what is stuck.
//!
//! Each page is one file. `session` knows who is signed in, `form` reads what is posted (and refuses what has
//! no CSRF token), `guard` sets headers and limits and turns every error into a page that says what to do.
//! Everything works without JavaScript. `codes` is Case2Code: the code pages and their JSON API.

mod acts;
mod assets;
mod case;
mod case_view;
mod codes;
mod deliveries;
mod demo;
mod edit;
mod error;
mod form;
mod frame;
mod guard;
mod health;
mod original;
mod overview;
mod password;
mod prose;
mod quarantine;
mod queue;
mod session;
mod sign_in;
mod users;
mod wording;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tokio::sync::Semaphore;

use crate::desk::Desk;
use crate::privacy::Keys;

pub use demo::demo_router;
pub use error::WebError;
pub use password::{PasswordError, check_new_password, hash_password, verify_password};

/// What the pages show besides the case database and need to know of the configuration.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// After so long a person signs in again.
    pub session: Duration,
    /// Whether people reach the pages by https: then the cookie is for https alone.
    pub secure: bool,
    /// Whether a proxy of ours stands in front: then it names the address that a request came from.
    pub behind_proxy: bool,
    /// Whether people who are not signed in may read the code pages.
    pub public_codes: bool,
    /// Whether those may show them CPT numbers.
    pub public_cpt: bool,
    /// The case database as the overview names it; no password.
    pub database: String,
    /// The codebook as the overview names it.
    pub codebook: String,
}

/// What every page works with. Cheap to clone.
#[derive(Clone)]
pub struct Pages {
    /// The reviewer's acts, and through it the store, the clock and the templates.
    pub desk: Desk,
    /// Opens sealed originals.
    pub keys: Arc<Keys>,
    /// The rest.
    pub settings: Arc<WebSettings>,
    /// Password checks cost much memory on purpose: only a few at a time.
    passwords: Arc<Semaphore>,
    /// How much the public has asked of late.
    visitors: Arc<codes::Visitors>,
}

impl Pages {
    /// The pages of a desk.
    #[must_use]
    pub fn new(desk: Desk, keys: Arc<Keys>, settings: WebSettings) -> Self {
        Self {
            desk,
            keys,
            settings: Arc::new(settings),
            passwords: Arc::new(Semaphore::new(2)),
            visitors: Arc::default(),
        }
    }
}

/// All pages, with their guards.
pub fn router(pages: Pages) -> Router {
    guard::guard(routes(), &pages).with_state(pages)
}

fn routes() -> Router<Pages> {
    Router::new()
        .route("/", get(queue::home))
        .route("/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/queue", get(queue::page))
        .route("/cases/{number}", get(case::page))
        .route("/cases/{number}/original/{mail}", post(original::page))
        .route("/cases/{number}/edit", get(edit::page).post(edit::save))
        .route("/cases/{number}/preview", get(edit::preview_stored).post(edit::preview_typed))
        .route("/cases/{number}/decline", get(edit::decline_page).post(acts::decline))
        .route("/cases/{number}/approve", post(acts::approve))
        .route("/cases/{number}/redo", post(acts::redo))
        .route("/cases/{number}/void", post(acts::void))
        .route("/cases/{number}/close", post(acts::close))
        .route("/cases/{number}/reopen", post(acts::reopen))
        .route("/cases/{number}/asker", post(acts::set_asker))
        .route("/deliveries", get(deliveries::page))
        .route("/deliveries/{id}/settle", post(deliveries::settle))
        .route("/quarantine", get(quarantine::page))
        .route("/quarantine/{id}/retry", post(quarantine::retry))
        .route("/overview", get(overview::page))
        .route("/users", get(users::page))
        .route("/health", get(health::health))
        .route("/static/{file}", get(assets::file))
        .merge(codes::routes())
}
