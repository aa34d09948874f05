//! Running the desk: workers, pages, signals, the end.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{App, AppError};
use crate::store::Dialect;
use crate::work::book::BookKeeper;
use crate::work::copies::SentKeeper;
use crate::work::deliver::Deliverer;
use crate::work::draft::Drafter;
use crate::work::file::Filer;
use crate::work::housekeeping::Housekeeper;
use crate::work::intake::Intake;
use crate::work::{Worker, run};

/// How long what has begun may take to end.
const GRACE: Duration = Duration::from_secs(30);

/// A part of the desk that `serve --only` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Reads mailboxes and files what comes.
    Intake,
    /// Drafts answers.
    Draft,
    /// Sends what is approved.
    Deliver,
    /// Serves the pages.
    Web,
}

/// Runs the desk (or some of its parts) until a signal or `cancel` ends it. `ready` is told the pages' address (if
/// they are among the parts) once everything is up.
///
/// # Errors
/// If a part cannot start, or ended although nobody asked it to.
pub async fn serve(
    app: App,
    only: &[Part],
    pages: Option<axum::Router>,
    cancel: CancellationToken,
    ready: impl FnOnce(Option<SocketAddr>),
) -> Result<(), AppError> {
    let has = |part: Part| only.is_empty() || only.contains(&part);
    if !only.is_empty() && app.store.dialect() == Dialect::Sqlite {
        return Err(AppError::Setup(
            "`--only` needs PostgreSQL: an SQLite database is served by one process".to_owned(),
        ));
    }
    // What another program may have taken is taken first: no worker has begun anything if it is refused.
    let listen = app.config.web.listen;
    let pages = match pages.filter(|_| has(Part::Web)) {
        Some(pages) => Some((pages, bind(listen).await?)),
        None => None,
    };
    let mut signals = Signals::receive()?;
    app.register_mailboxes().await?;
    if let Some(before) = app.store.activate_codebook(&app.desk.book.id()).await? {
        tracing::info!(before, now = app.desk.book.id(), "another codebook is in use");
    }
    if app.store.dialect() == Dialect::Sqlite {
        // The only process: whatever is still claimed was left behind by one that was killed.
        app.store.end_leases(true).await?;
    }
    app.store.forget_the_dead().await?;
    let drafter =
        Drafter::new(app.store.clone(), app.desk.book.clone(), app.clock.clone(), app.desk.zone.clone());
    if has(Part::Draft) {
        let outdated = drafter.recheck_drafts().await.map_err(|e| AppError::Setup(e.to_string()))?;
        if outdated > 0 {
            tracing::warn!(outdated, "drafts rest on what the new codebook changed");
        }
    }
    let mut tasks: JoinSet<String> = JoinSet::new();
    let mut start = Starter { app: &app, cancel: &cancel, tasks: &mut tasks };
    if has(Part::Intake) {
        start.worker(Filer::new(app.desk.clone(), app.keys.clone()));
        for mailbox in &app.mailboxes {
            let (store, keys, clock) = (app.store.clone(), app.keys.clone(), app.clock.clone());
            start.worker(Intake::new(store, keys, clock, mailbox.clone()));
        }
    }
    let keeper = has(Part::Draft).then(|| drafter.clone());
    start.worker(BookKeeper::new(app.store.clone(), app.clock.clone(), app.desk.book.clone(), keeper));
    if has(Part::Draft) {
        start.worker(drafter);
    }
    if has(Part::Deliver) {
        for mailbox in &app.mailboxes {
            start.worker(Deliverer::new(app.store.clone(), app.clock.clone(), mailbox.clone()));
            start.worker(SentKeeper::new(app.store.clone(), app.clock.clone(), mailbox.clone()));
        }
        start.worker(Housekeeper::new(app.store.clone(), app.clock.clone(), &app.mailboxes));
    }
    {
        let (store, url, cancel) = (app.store.clone(), app.store_url.clone(), cancel.clone());
        if app.store.dialect() == Dialect::Postgres {
            tasks.spawn(async move {
                store.listen(&url, &cancel).await;
                "the listener".to_owned()
            });
        }
    }
    let address = pages.map(|(pages, (listener, address))| {
        spawn_pages(listener, pages, &cancel, &mut tasks);
        address
    });
    ready(address);
    let outcome = wait(&cancel, &mut tasks, &mut signals).await;
    if let Err(error) = app.store.end_signs_of_life().await {
        tracing::warn!(%error, "the workers' signs of life stay");
    }
    app.store.close().await;
    outcome
}

struct Starter<'a> {
    app: &'a App,
    cancel: &'a CancellationToken,
    tasks: &'a mut JoinSet<String>,
}

impl Starter<'_> {
    fn worker(&mut self, worker: impl Worker + 'static) {
        let (store, clock, cancel) = (self.app.store.clone(), self.app.clock.clone(), self.cancel.clone());
        let name = worker.name();
        self.tasks.spawn(async move {
            run(worker, store, clock, cancel).await;
            name
        });
    }
}

async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), AppError> {
    let taken = |e: std::io::Error| {
        AppError::Setup(format!("the pages cannot be served on {listen}: {e}. Choose another [web] listen"))
    };
    let listener = TcpListener::bind(listen).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    Ok((listener, address))
}

fn spawn_pages(
    listener: TcpListener,
    pages: axum::Router,
    cancel: &CancellationToken,
    tasks: &mut JoinSet<String>,
) {
    let cancel = cancel.clone();
    tasks.spawn(async move {
        let service = pages.into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(listener, service).with_graceful_shutdown(cancel.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, "the pages ended");
        }
        "the pages".to_owned()
    });
}

/// What tells the program to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn receive() -> Result<Self, AppError> {
        let setup = |e: std::io::Error| AppError::Setup(format!("signals cannot be received: {e}"));
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(setup)?,
            interrupt: signal(SignalKind::interrupt()).map_err(setup)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Until a signal comes, `cancel` fires or a task dies; then up to 30 s for what has begun. A second signal ends it
/// at once.
async fn wait(
    cancel: &CancellationToken,
    tasks: &mut JoinSet<String>,
    signals: &mut Signals,
) -> Result<(), AppError> {
    let mut dead = None;
    tokio::select! {
        () = signals.next() => tracing::info!("told to stop"),
        () = cancel.cancelled() => {}
        ended = tasks.join_next() => {
            dead = Some(match ended {
                Some(Ok(name)) => name,
                Some(Err(error)) => format!("a worker ({error})"),
                None => "everything".to_owned(),
            });
        }
    }
    cancel.cancel();
    let finish = async { while tasks.join_next().await.is_some() {} };
    tokio::select! {
        () = finish => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!("some work did not end in time; it is taken up again at the next start"),
        () = signals.next() => tracing::warn!("told to stop twice"),
    }
    tasks.abort_all();
    match dead {
        None => Ok(()),
        Some(name) => Err(AppError::DeadWorker(name)),
    }
}
