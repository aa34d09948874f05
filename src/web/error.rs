//! What can go wrong with a request, for the person who made it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::codebook::CodebookError;
use crate::desk::DeskError;
use crate::render::RenderError;
use crate::store::StoreError;

/// Why a page cannot be shown or an act not be done. `guard` makes a page of it.
#[derive(Debug)]
pub enum WebError {
    /// Nobody is signed in; the path to come back to.
    SignIn(String),
    /// The person's role does not allow it.
    Forbidden(&'static str),
    /// The form was not one of ours, or came from a session that has ended.
    Csrf,
    /// There is no such thing.
    NotFound(String),
    /// What stands in the address is no code.
    NoCode(String),
    /// What was sent cannot be taken.
    Input(String),
    /// It cannot be done now, and why.
    Refused(String),
    /// Too many attempts.
    TooMany,
    /// Nobody is signed in, and a program asks: a page to sign in would not help it.
    NoSession,
    /// The public asks too much at once.
    Busy,
    /// The database does not answer, or a template is at fault: the log says more.
    Broken,
}

/// The text of an error page, carried to the middleware that renders it.
#[derive(Debug, Clone)]
pub(crate) struct ErrorText {
    pub(crate) title: String,
    pub(crate) what: String,
    pub(crate) todo: String,
}

impl ErrorText {
    pub(crate) fn new(title: &str, what: impl Into<String>, todo: &str) -> Self {
        Self { title: title.to_owned(), what: what.into(), todo: todo.to_owned() }
    }

    /// For answers that the framework gave by itself.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::new(
                "There is no such page",
                "The address leads nowhere: perhaps it was cut off, or the page was moved.",
                "Begin with the queue.",
            ),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                "This cannot be opened by its address",
                "It belongs to a button on another page.",
                "Go to the case and press the button there.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                "That is too much at once",
                "What was sent is larger than a mail may be.",
                "Go back, shorten the text and send it again.",
            ),
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Self::new(
                "It took too long",
                "The desk is busy or its database does not answer.",
                "Try again in a minute; tell an administrator if it stays so.",
            ),
            status if status.is_client_error() => Self::new(
                "That could not be read",
                "The request was not complete.",
                "Go back, reload the page and try again.",
            ),
            _ => Self::new(
                "Something is broken here",
                "Nothing was changed by this request unless the case's history says so.",
                "Try again; if it happens again, an administrator finds the reason in the log.",
            ),
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::SignIn(next) => {
                let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
                return Redirect::to(&format!("/sign-in?next={next}")).into_response();
            }
            Self::Forbidden(what) => (
                StatusCode::FORBIDDEN,
                ErrorText::new(
                    "That is not yours to do",
                    what,
                    "Ask an administrator if your role should allow it.",
                ),
            ),
            Self::Csrf => (
                StatusCode::FORBIDDEN,
                ErrorText::new(
                    "The form is out of date",
                    "It was opened in another session, or did not come from these pages. Nothing was changed.",
                    "Go back, reload the page (copy what you typed first) and send it again.",
                ),
            ),
            Self::NotFound(what) => (
                StatusCode::NOT_FOUND,
                ErrorText::new("Not found", what, "Check the number, or look for the case in the queue."),
            ),
            Self::NoCode(what) => (
                StatusCode::NOT_FOUND,
                ErrorText::new("That is no code", what, "Check it, or search by words."),
            ),
            Self::Input(what) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                ErrorText::new(
                    "That cannot be taken as it is",
                    what,
                    "Go back, correct it and send it again.",
                ),
            ),
            Self::Refused(what) => (
                StatusCode::CONFLICT,
                ErrorText::new("That is not possible now", what, "Look at it again and decide anew."),
            ),
            Self::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                ErrorText::new("Too many attempts", "The sign-in rests for a while.", "Wait 15 minutes."),
            ),
            Self::NoSession => (
                StatusCode::UNAUTHORIZED,
                ErrorText::new(
                    "Sign in first",
                    "The codes of this desk are for signed-in people.",
                    "Sign in at /sign-in and send the session's cookie with the request.",
                ),
            ),
            Self::Busy => (
                StatusCode::TOO_MANY_REQUESTS,
                ErrorText::new(
                    "That was a lot at once",
                    "From this address more was asked than the public pages answer in a minute.",
                    "Wait a minute, or sign in.",
                ),
            ),
            Self::Broken => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                (status, ErrorText::of_status(status))
            }
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(text);
        response
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { .. } => Self::NotFound(sentence(&error)),
            StoreError::Changed(_) | StoreError::Refused(_) | StoreError::Illegal(_) => {
                Self::Refused(sentence(&error))
            }
            StoreError::Database { .. }
            | StoreError::Open(_)
            | StoreError::Word(_)
            | StoreError::Crashed(_) => {
                tracing::error!(%error, "a page could not be shown");
                Self::Broken
            }
        }
    }
}

impl From<DeskError> for WebError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Store(error) => error.into(),
            DeskError::Input(_) => Self::Input(sentence(&error)),
            DeskError::NotSendable(_) | DeskError::NotAsShown(_) => Self::Refused(sentence(&error)),
            DeskError::Render(error) => error.into(),
        }
    }
}

impl From<CodebookError> for WebError {
    fn from(error: CodebookError) -> Self {
        tracing::error!(%error, "the codebook cannot be read");
        Self::Broken
    }
}

impl From<RenderError> for WebError {
    fn from(error: RenderError) -> Self {
        tracing::error!(%error, "a template is at fault");
        Self::Broken
    }
}

/// An error's text as a sentence of its own.
pub(crate) fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let text: String = first.into_iter().flatten().chain(letters).collect();
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}
