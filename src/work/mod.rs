//! The workers: each stage of a question's way is one worker with a public `step()`.
//!
//! A step claims its work (attempt + 1 is committed before the work begins), does it outside of any transaction,
//! and writes the outcome. [`run`] repeats steps until it is told to stop: it waits for the store's bell or a
//! second's poll, and backs off after an error. A step that fails touches nothing but its own item.

pub mod book;
pub mod copies;
pub mod deliver;
pub mod draft;
pub mod file;
pub mod housekeeping;
pub mod intake;
pub mod mailbox;

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::mail::backoff::Backoff;
use crate::mail::imap::ImapError;
use crate::mail::maildir::MaildirError;
use crate::store::{Store, StoreError};

/// What a step found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It did something: there may be more.
    Worked,
    /// There was nothing to do.
    Idle,
}

/// Why a step could not do its work. The item it was about is untouched, or counted one attempt more.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The case database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail server.
    #[error("mailbox {mailbox}: {source}")]
    Imap {
        /// The mailbox's name.
        mailbox: String,
        /// What happened.
        source: ImapError,
    },
    /// A Maildir.
    #[error("mailbox {mailbox}: {source}")]
    Maildir {
        /// The mailbox's name.
        mailbox: String,
        /// What happened.
        source: MaildirError,
    },
    /// A mailbox cannot be used as it is configured.
    #[error("mailbox {mailbox}: {why}")]
    Setup {
        /// The mailbox's name.
        mailbox: String,
        /// What to do.
        why: String,
    },
    /// A computation broke down.
    #[error("{0}")]
    Broken(String),
}

/// A stage of a question's way.
pub trait Worker: Send {
    /// Its name, for signs of life and logs: `file`, `draft`, `intake:consult` …
    fn name(&self) -> String;

    /// Does one piece of work, if there is one.
    fn step(&mut self, cancel: &CancellationToken) -> impl Future<Output = Result<Step, WorkError>> + Send;

    /// Waits for work in a way of its own (IDLE) and says `true`; by default [`run`] waits for the bell, or a second.
    fn rest(&mut self, cancel: &CancellationToken) -> impl Future<Output = Result<bool, WorkError>> + Send {
        let _ = cancel;
        async { Ok(false) }
    }

    /// Gives back what is claimed, at the end.
    fn stop(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// How long a worker without work waits before it looks again: other processes may have written to the database.
const POLL: Duration = Duration::from_secs(1);
/// How often a healthy worker gives a sign of life, in seconds.
const SIGN_EVERY: i64 = 15;

/// Runs a worker until `cancel` fires. Errors are logged, shown on the admin page and in `check`, and followed by a
/// jittered pause of 2 to 80 s; they never end a worker.
pub async fn run<W: Worker>(mut worker: W, store: Store, clock: Clock, cancel: CancellationToken) {
    let (name, bell) = (worker.name(), store.bell());
    let mut backoff = Backoff::default();
    let mut last_sign = 0;
    while !cancel.is_cancelled() {
        let rung = bell.notified();
        tokio::pin!(rung);
        rung.as_mut().enable();
        let outcome = match worker.step(&cancel).await {
            Ok(Step::Idle) => worker.rest(&cancel).await.map(|rested| !rested),
            outcome => outcome.map(|_| false),
        };
        match outcome {
            Ok(wait) => {
                if backoff.failures() > 0 {
                    tracing::info!(worker = name, "works again");
                    last_sign = 0;
                }
                backoff.reset();
                let now = clock.now().seconds();
                if now - last_sign >= SIGN_EVERY {
                    last_sign = now;
                    if let Err(error) = store.sign_of_life(&name, "").await {
                        tracing::warn!(worker = name, %error, "cannot give a sign of life");
                    }
                }
                if wait {
                    tokio::select! {
                        () = &mut rung => {}
                        () = tokio::time::sleep(POLL) => {}
                        () = cancel.cancelled() => {}
                    }
                }
            }
            Err(error) => {
                let pause = backoff.failed(&clock);
                tracing::warn!(worker = name, %error, pause = pause.as_secs(), "will try again");
                let _ = store.sign_of_life(&name, &error.to_string()).await;
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = cancel.cancelled() => {}
                }
            }
        }
    }
    worker.stop().await;
}
