//! The original of a mail, unmasked: for reviewers alone, each look recorded, shown as text and never as HTML.

use axum::extract::{Path, State};
use axum::response::Html;
use serde::Serialize;
use serde_json::json;

use crate::domain::MailId;
use crate::mail::parse::parse_guarded;
use crate::web::error::sentence;
use crate::web::form::Posted;
use crate::web::frame::{self, Frame};
use crate::web::{Pages, WebError, case, queue, wording};

/// So much of a mail's text is shown; the rest only makes a page slow.
const LONGEST_TEXT: usize = 200_000;

#[derive(Serialize)]
pub(crate) struct OriginalView {
    pub(crate) number: String,
    pub(crate) subject: String,
    pub(crate) sender: String,
    pub(crate) when: String,
    pub(crate) size: String,
    pub(crate) text: String,
    pub(crate) headers: String,
    pub(crate) attachments: Vec<String>,
}

/// Posted, not linked: nothing that fetches links ahead may look at a patient's data.
pub(crate) async fn page(
    State(pages): State<Pages>,
    Path((number, mail)): Path<(String, String)>,
    Posted { signed_in, .. }: Posted,
) -> Result<Html<String>, WebError> {
    signed_in.require_review()?;
    let case = case::find(&pages, &number).await?;
    let store = &pages.desk.store;
    let id: MailId = mail.parse().map_err(|e| WebError::NotFound(sentence(&e)))?;
    // Only by way of its own case: that is whose trail records the look.
    if !store.mails_of(&case.id).await?.iter().any(|m| m.id == id) {
        return Err(WebError::NotFound(format!("{} has no such mail.", case.number)));
    }
    let (mail, sealed) = store.sealed_original(&id).await?;
    let keys = pages.keys.clone();
    let aad = id.as_str().as_bytes().to_vec();
    let opened = tokio::task::spawn_blocking(move || keys.open(&aad, &sealed));
    let bytes = opened.await.map_err(|_| WebError::Broken)?.map_err(|e| WebError::Refused(sentence(&e)))?;
    // Recorded before anything is shown.
    let actor = signed_in.user.address.to_string();
    store.record(case.id.as_str(), &actor, "original_viewed", &json!({ "mail": id.as_str() })).await?;

    let size = wording::size(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    let headers = headers_of(&bytes);
    let parsed = tokio::task::spawn_blocking(move || parse_guarded(bytes));
    let (text, subject, attachments) = match parsed.await.map_err(|_| WebError::Broken)? {
        Ok(parsed) => {
            let attached = parsed.attachments.iter().map(|a| a.name.clone()).collect();
            (parsed.text.chars().take(LONGEST_TEXT).collect(), parsed.subject, attached)
        }
        Err(e) => (format!("This mail cannot be read: {e}"), queue::subject(&case), Vec::new()),
    };
    let view = OriginalView {
        number: case.number.to_string(),
        subject,
        sender: mail.sender,
        when: mail.received_at.minute_in(&pages.desk.zone),
        size,
        text,
        headers,
        attachments,
    };
    let frame = Frame::of(&pages, &signed_in, &format!("Original, {}", case.number), "original").await?;
    frame::render(&pages, "original", &frame, &view)
}

/// The head of a mail as it came, up to the first empty line.
fn headers_of(bytes: &[u8]) -> String {
    let head = bytes.get(..bytes.len().min(64 * 1024)).unwrap_or_default();
    let text = String::from_utf8_lossy(head).replace("\r\n", "\n");
    text.split("\n\n").next().unwrap_or_default().to_owned()
}
