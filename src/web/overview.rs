//! How the desk is doing, for administrators: what is stuck shows at once.

use axum::extract::State;
use axum::response::Html;
use serde::Serialize;

use crate::codebook::Codebook;
use crate::domain::CivilDate;
use crate::domain::{DeliveryState, MailState};
use crate::store::DeskStatus;
use crate::web::frame::{self, Frame};
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError, wording};

/// A worker or mailbox of which nothing was heard for so many seconds is shown as late.
const LATE: i64 = 5 * 60;

#[derive(Serialize)]
pub(crate) struct OverviewView {
    pub(crate) tiles: Vec<Tile>,
    pub(crate) workers: Vec<WorkerView>,
    pub(crate) mailboxes: Vec<MailboxView>,
    pub(crate) database: String,
    pub(crate) codebook: String,
    pub(crate) releases: Vec<Release>,
    /// What does not cover today.
    pub(crate) missing: Vec<String>,
}

/// A release in the codebook.
#[derive(Serialize)]
pub(crate) struct Release {
    pub(crate) dataset: String,
    pub(crate) release: String,
    pub(crate) covers: String,
    pub(crate) rows: u64,
}

#[derive(Serialize)]
pub(crate) struct Tile {
    pub(crate) number: i64,
    pub(crate) label: &'static str,
    pub(crate) link: &'static str,
    pub(crate) kind: &'static str,
}

#[derive(Serialize)]
pub(crate) struct WorkerView {
    pub(crate) name: String,
    pub(crate) ago: String,
    pub(crate) late: bool,
    pub(crate) note: String,
}

#[derive(Serialize)]
pub(crate) struct MailboxView {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) ago: String,
    pub(crate) late: bool,
    pub(crate) on_server: i64,
    pub(crate) missing: i64,
    pub(crate) older: i64,
}

pub(crate) async fn page(State(pages): State<Pages>, signed_in: SignedIn) -> Result<Html<String>, WebError> {
    signed_in.require_admin()?;
    let store = &pages.desk.store;
    let (status, now) = (store.status().await?, pages.desk.clock.now());
    let since = |at: crate::domain::Timestamp| now.seconds() - at.seconds();
    let workers = status.signs_of_life.iter().map(|sign| WorkerView {
        name: sign.worker.clone(),
        ago: format!("{} ago", wording::span(since(sign.at))),
        late: since(sign.at) > LATE,
        note: sign.note.clone(),
    });
    let mailboxes = store.mailboxes().await?.into_iter().map(|row| {
        let configured = pages.desk.mailboxes.get(&row.name);
        MailboxView {
            address: configured.map_or("not in the configuration".to_owned(), |m| m.address.to_string()),
            ago: row
                .last_look_at
                .map_or("never".to_owned(), |at| format!("{} ago", wording::span(since(at)))),
            late: configured.is_some() && row.last_look_at.is_none_or(|at| since(at) > LATE),
            name: row.name,
            on_server: row.on_server,
            missing: row.missing,
            older: row.older_mail,
        }
    });
    let today = pages.desk.clock.today(&pages.desk.zone);
    let view = OverviewView {
        missing: pages.desk.book.now().gaps(today).iter().map(ToString::to_string).collect(),
        tiles: tiles(&status),
        workers: workers.collect(),
        mailboxes: mailboxes.collect(),
        database: pages.settings.database.clone(),
        codebook: pages.settings.codebook.clone(),
        releases: releases(&pages.desk.book.now())?,
    };
    let frame = Frame::with(&pages, &signed_in, "Overview", "overview", &status);
    frame::render(&pages, "overview", &frame, &view)
}

fn releases(book: &Codebook) -> Result<Vec<Release>, WebError> {
    let or = |date: Option<CivilDate>, open: &str| date.map_or(open.to_owned(), |d| d.to_string());
    let mut all = Vec::new();
    for dataset in book.coverage()? {
        let setting = dataset.setting.map_or(String::new(), |s| format!(" {s}"));
        all.extend(dataset.releases.iter().map(|r| Release {
            dataset: format!("{}{setting}", dataset.dataset),
            covers: format!("{} to {}", or(r.from, "the beginning"), or(r.to, "open")),
            release: r.name.clone(),
            rows: r.rows,
        }));
    }
    Ok(all)
}

fn tiles(status: &DeskStatus) -> Vec<Tile> {
    let counts = frame::Counts::of(status);
    let of = |map: &std::collections::BTreeMap<String, i64>, word: &str| map.get(word).copied().unwrap_or(0);
    let unfiled = of(&status.mails, MailState::Received.as_str());
    let queued = of(&status.deliveries, DeliveryState::Queued.as_str());
    let alarm = |n: i64| if n > 0 { "alarm" } else { "" };
    vec![
        Tile { number: counts.waiting, label: "to review", link: "/queue", kind: "" },
        Tile { number: unfiled, label: "mails to file", link: "/overview", kind: "" },
        Tile { number: queued, label: "mails to send", link: "/queue?show=approved", kind: "" },
        Tile {
            number: counts.unsettled,
            label: "deliveries to settle",
            link: "/deliveries",
            kind: alarm(counts.unsettled),
        },
        Tile {
            number: counts.quarantined,
            label: "in quarantine",
            link: "/quarantine",
            kind: alarm(counts.quarantined),
        },
    ]
}
