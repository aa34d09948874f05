//! The queue: what waits, longest first.

use axum::extract::{Query, State};
use axum::response::{Html, Redirect};
use serde::{Deserialize, Serialize};

use crate::domain::{CaseNumber, CaseState, Timestamp};
use crate::store::{Case, DeskStatus, QueueFilter};
use crate::web::frame::{self, Frame};
use crate::web::session::SignedIn;
use crate::web::wording::{self, Badge};
use crate::web::{Pages, WebError};

/// A case that waits longer than this (in seconds) is shown as late.
const LATE: i64 = 24 * 3600;
/// So many rows at most: nobody reads more, and narrower lists are a click away.
const MOST_ROWS: usize = 300;

/// What the queue shows of one kind of case.
struct Show {
    key: &'static str,
    label: &'static str,
    heading: &'static str,
    empty: &'static str,
    states: &'static [CaseState],
}

use CaseState as S;

const SHOWS: [Show; 6] = [
    Show {
        key: "waiting",
        label: "To review",
        heading: "To review",
        empty: "Nothing waits for review.",
        states: &[S::InReview, S::Undeliverable],
    },
    Show {
        key: "drafting",
        label: "Being drafted",
        heading: "Being drafted",
        empty: "No draft is being written.",
        states: &[S::Received, S::Drafting],
    },
    Show {
        key: "approved",
        label: "Going out",
        heading: "Going out",
        empty: "No approved answer is on its way.",
        states: &[S::Approved],
    },
    Show {
        key: "asked",
        label: "Asked back",
        heading: "Waiting for the asker",
        empty: "No asker owes us an answer.",
        states: &[S::AwaitingAsker],
    },
    Show {
        key: "done",
        label: "Done",
        heading: "Done",
        empty: "No case is done yet.",
        states: &[S::Answered, S::Declined, S::Closed],
    },
    Show {
        key: "all",
        label: "All",
        heading: "All cases",
        empty: "There is no case yet.",
        states: CaseState::ALL,
    },
];

#[derive(Serialize)]
pub(crate) struct QueueView {
    pub(crate) heading: String,
    pub(crate) empty: String,
    pub(crate) filters: Vec<FilterView>,
    pub(crate) rows: Vec<RowView>,
    pub(crate) more: bool,
    pub(crate) notice: Option<NoticeView>,
}

#[derive(Serialize)]
pub(crate) struct FilterView {
    pub(crate) key: String,
    pub(crate) label: String,
    pub(crate) count: i64,
    pub(crate) active: bool,
}

#[derive(Serialize)]
pub(crate) struct RowView {
    pub(crate) number: String,
    pub(crate) subject: String,
    pub(crate) asker: String,
    pub(crate) verdict: Option<Badge>,
    pub(crate) flags: Vec<Badge>,
    pub(crate) state: Badge,
    pub(crate) waited: String,
    pub(crate) since: String,
    pub(crate) since_local: String,
    pub(crate) late: bool,
}

/// What has just been done to a case, with the way back while there is one.
#[derive(Serialize)]
pub(crate) struct NoticeView {
    pub(crate) text: String,
    pub(crate) number: String,
    pub(crate) void_version: Option<i64>,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    show: String,
    /// The case that was dealt with a moment ago.
    #[serde(default)]
    done: String,
}

pub(crate) async fn home() -> Redirect {
    Redirect::to("/queue")
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Html<String>, WebError> {
    let store = &pages.desk.store;
    let status = store.status().await?;
    let [first, ..] = &SHOWS;
    let show = SHOWS.iter().find(|s| s.key == wanted.show).unwrap_or(first);
    let filter = QueueFilter { states: show.states.to_vec(), limit: Some(MOST_ROWS + 1) };
    let entries = store.queue(&filter).await?;
    let now = pages.desk.clock.now();
    let rows = entries.iter().take(MOST_ROWS).map(|entry| row(&pages, &entry.case, now)).collect();
    let notice = match wanted.done.parse::<CaseNumber>() {
        Ok(number) => Some(notice(&store.case_by_number(number).await?)),
        Err(_) => None,
    };
    let view = QueueView {
        heading: show.heading.to_owned(),
        empty: show.empty.to_owned(),
        filters: SHOWS.iter().map(|s| filter_view(s, show.key, &status)).collect(),
        rows,
        more: entries.len() > MOST_ROWS,
        notice,
    };
    let frame = Frame::with(&pages, &signed_in, show.heading, "queue", &status);
    frame::render(&pages, "queue", &frame, &view)
}

fn filter_view(show: &Show, active: &str, status: &DeskStatus) -> FilterView {
    let count = show.states.iter().filter_map(|s| status.cases.get(s.as_str())).sum();
    FilterView { key: show.key.to_owned(), label: show.label.to_owned(), count, active: show.key == active }
}

fn row(pages: &Pages, case: &Case, now: Timestamp) -> RowView {
    let waited = now.seconds() - case.waiting_since.seconds();
    let waits = matches!(case.state, S::Received | S::Drafting | S::InReview | S::Undeliverable);
    RowView {
        number: case.number.to_string(),
        subject: subject(case),
        asker: asker(case),
        verdict: case.verdict.map(wording::verdict),
        flags: flags(case),
        state: wording::state(case.state),
        waited: wording::span(waited),
        since: case.waiting_since.to_string(),
        since_local: case.waiting_since.minute_in(&pages.desk.zone),
        late: waits && waited > LATE,
    }
}

/// The subject, or what stands for one.
pub(crate) fn subject(case: &Case) -> String {
    let subject = case.masked_subject.trim();
    if subject.is_empty() { "(no subject)".to_owned() } else { subject.to_owned() }
}

/// Whom an answer goes to, or that a person must decide.
pub(crate) fn asker(case: &Case) -> String {
    case.asker.as_ref().map_or_else(|| "no clear sender".to_owned(), ToString::to_string)
}

/// The flags of a case, the most pressing first.
pub(crate) fn flags(case: &Case) -> Vec<Badge> {
    let mut flags: Vec<Badge> = case.flags.iter().map(|f| wording::flag(f)).collect();
    if !case.stale.is_empty() {
        flags.insert(0, Badge { word: "stale".to_owned(), label: "draft outdated".to_owned() });
    }
    flags
}

fn notice(case: &Case) -> NoticeView {
    let (text, void) = match case.state {
        S::Approved => ("Approved; it goes out in a moment.", true),
        S::AwaitingAsker => ("The question back goes out in a moment.", false),
        S::Declined => ("Declined.", false),
        S::Closed => ("Closed.", false),
        S::Drafting | S::Received => ("A new draft is being written.", false),
        S::InReview => ("Back in review.", false),
        S::Answered => ("Answered.", false),
        S::Undeliverable => ("The answer could not be delivered.", false),
    };
    NoticeView {
        text: text.to_owned(),
        number: case.number.to_string(),
        void_version: void.then_some(case.version),
    }
}
