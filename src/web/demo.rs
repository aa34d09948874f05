//! The demo's mail program: write a question, read the replies. Only `demo` serves it; it needs no sign-in, as an
//! asker has none, and listens on this machine alone.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};
use axum::routing::get;
use serde::{Deserialize, Serialize};

use crate::domain::{Address, DeliveryId, Mailbox, MessageId};
use crate::mail::compose::Outgoing;
use crate::mail::maildir::{Content, Maildir};
use crate::mail::parse_guarded;
use crate::web::form::Fields;
use crate::web::frame::{self, Frame};
use crate::web::{Pages, WebError, guard, routes};

/// So many mails are shown, the newest first.
const MOST_MAILS: usize = 50;
/// Larger mail is not shown here.
const LARGEST: u64 = 1024 * 1024;

/// The two Maildirs of the demo.
#[derive(Clone)]
struct Post {
    pages: Pages,
    inbox: Arc<PathBuf>,
    outbox: Arc<PathBuf>,
}

/// All pages, and the demo's mail program at `/demo`.
pub fn demo_router(pages: Pages, inbox: PathBuf, outbox: PathBuf) -> Router {
    let post = Post { pages: pages.clone(), inbox: Arc::new(inbox), outbox: Arc::new(outbox) };
    let demo = Router::new().route("/demo", get(page).post(write)).with_state(post);
    guard::guard(routes().merge(demo), &pages).with_state(pages)
}

#[derive(Serialize)]
struct DemoView {
    from: String,
    subject: String,
    text: String,
    in_reply_to: String,
    references: String,
    problem: String,
    sent: bool,
    mails: Vec<MailView>,
}

#[derive(Serialize)]
struct MailView {
    when: String,
    from: String,
    to: String,
    subject: String,
    text: String,
    automatic: bool,
    message_id: String,
    references: String,
    reply_link: String,
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    sent: u8,
    /// The Message-ID that is answered.
    #[serde(default)]
    reply: String,
}

async fn page(State(post): State<Post>, Query(wanted): Query<Wanted>) -> Result<Html<String>, WebError> {
    let mails = received(&post).await?;
    let mut view = DemoView {
        from: "coder@clinic.example".to_owned(),
        subject: String::new(),
        text: String::new(),
        in_reply_to: String::new(),
        references: String::new(),
        problem: String::new(),
        sent: wanted.sent == 1,
        mails,
    };
    if let Some(mail) = view.mails.iter().find(|m| !wanted.reply.is_empty() && m.message_id == wanted.reply) {
        let subject = mail.subject.trim_start_matches("Re: ");
        (view.from, view.subject) = (mail.to.clone(), format!("Re: {subject}"));
        (view.in_reply_to, view.references) = (mail.message_id.clone(), mail.references.clone());
    }
    show(&post, &view)
}

fn show(post: &Post, view: &DemoView) -> Result<Html<String>, WebError> {
    let frame = Frame::bare(&post.pages, "Write a question", "demo");
    frame::render(&post.pages, "demo", &frame, view)
}

/// What the askers got, newest first.
async fn received(post: &Post) -> Result<Vec<MailView>, WebError> {
    let (outbox, zone) = (Maildir::new(post.outbox.as_path()), post.pages.desk.zone.clone());
    let read = tokio::task::spawn_blocking(move || {
        let mut entries = outbox.list().map(|l| l.entries).unwrap_or_default();
        entries.sort_by_key(|e| std::cmp::Reverse((e.delivered, e.base.clone())));
        let mut mails = Vec::new();
        for entry in entries.into_iter().take(MOST_MAILS) {
            let Ok(Content::Whole(bytes)) = outbox.read(&entry.base, LARGEST) else { continue };
            let automatic =
                bytes.windows(16).take(4096).any(|w| w.eq_ignore_ascii_case(b"\r\nAuto-Submitted"));
            let Ok(mail) = parse_guarded(bytes) else { continue };
            let ids = |list: &[MessageId]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            let id = mail.message_id.as_ref().map(|m| m.as_str().to_owned()).unwrap_or_default();
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("reply", &id).finish();
            mails.push(MailView {
                when: entry.delivered.map(|at| at.minute_in(&zone)).unwrap_or_default(),
                from: mail.from_raw,
                to: mail.to.first().map(|m| m.address.to_string()).unwrap_or_default(),
                subject: mail.subject,
                text: mail.text,
                automatic,
                message_id: id,
                reply_link: format!("/demo?{query}"),
                references: ids(&mail.references),
            });
        }
        mails
    });
    read.await.map_err(|_| WebError::Broken)
}

/// Puts a mail into the desk's inbox, as a mail server would.
async fn write(State(post): State<Post>, body: Bytes) -> Result<axum::response::Response, WebError> {
    use axum::response::IntoResponse;
    let fields = Fields::parse(&body);
    let mut view = DemoView {
        from: fields.line("from").to_owned(),
        subject: fields.line("subject").to_owned(),
        text: fields.text("text"),
        in_reply_to: fields.line("in_reply_to").to_owned(),
        references: fields.line("references").to_owned(),
        problem: String::new(),
        sent: false,
        mails: Vec::new(),
    };
    let from: Result<Address, _> = view.from.parse();
    view.problem = match &from {
        Err(error) => format!("{error}."),
        Ok(_) if view.text.trim().is_empty() => "Write a question first.".to_owned(),
        Ok(_) => String::new(),
    };
    let (Ok(from), "") = (from, view.problem.as_str()) else {
        view.mails = received(&post).await?;
        return Ok(show(&post, &view)?.into_response());
    };
    let desk = &post.pages.desk;
    let Some(mailbox) = desk.mailboxes.values().next() else { return Err(WebError::Broken) };
    let id = DeliveryId::fresh(desk.clock.new_id());
    let Some(message_id) = MessageId::new(&format!("{}@{}", id, from.domain())) else {
        return Err(WebError::Broken);
    };
    let mail = Outgoing {
        from: Mailbox { name: String::new(), address: from },
        to: mailbox.address.clone(),
        cc: Vec::new(),
        reply_to: None,
        subject: view.subject.clone(),
        message_id,
        in_reply_to: MessageId::new(&view.in_reply_to),
        references: view.references.split_whitespace().filter_map(MessageId::new).collect(),
        date: desk.clock.now(),
        zone_offset: "+0000".to_owned(),
        text: view.text.clone(),
        html: None,
        attachments: Vec::new(),
        automatic: false,
        delivery: id.clone(),
    };
    // An asker's program does not write our header.
    let bytes = without_delivery_header(&mail.to_bytes());
    let inbox = Maildir::new(post.inbox.as_path());
    let put = tokio::task::spawn_blocking(move || inbox.deliver(&bytes, &id.to_string()));
    match put.await {
        Ok(Ok(_)) => Ok(Redirect::to("/demo?sent=1").into_response()),
        _ => Err(WebError::Broken),
    }
}

fn without_delivery_header(mail: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(mail);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let ours = crate::mail::parse::DELIVERY_HEADER;
    let kept: Vec<&str> = head.split("\r\n").filter(|line| !line.starts_with(ours)).collect();
    format!("{}\r\n\r\n{body}", kept.join("\r\n")).into_bytes()
}
