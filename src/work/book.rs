//! A codebook that an import swaps in is taken into use while the desk runs: what waits for review is consulted
//! again, and only what a change concerns is marked as outdated.

use tokio_util::sync::CancellationToken;

use super::draft::Drafter;
use super::{Step, WorkError, Worker};
use crate::clock::Clock;
use crate::desk::BookInUse;
use crate::store::Store;

/// How often it looks whether the file was replaced, in seconds.
const EVERY: i64 = 2;

/// Watches the codebook's file.
pub struct BookKeeper {
    store: Store,
    clock: Clock,
    book: BookInUse,
    /// Consults again what waits for review; only where this process drafts.
    drafter: Option<Drafter>,
    next: i64,
    /// The book was taken, but not everything that follows from it is done.
    unfinished: bool,
}

impl BookKeeper {
    /// A keeper of this book.
    #[must_use]
    pub fn new(store: Store, clock: Clock, book: BookInUse, drafter: Option<Drafter>) -> Self {
        Self { store, clock, book, drafter, next: 0, unfinished: false }
    }

    /// One look: takes a new book into use. Whether there was one.
    ///
    /// # Errors
    /// If the new file is no codebook (the one in use stays), or the database does not answer.
    pub async fn look(&mut self) -> Result<bool, WorkError> {
        if self.book.is_replaced() {
            let book = self.book.clone();
            let taken = tokio::task::spawn_blocking(move || book.take_newer()).await;
            let broken = |e: &dyn std::fmt::Display| {
                WorkError::Broken(format!("the codebook that was swapped in cannot be used: {e}"))
            };
            self.unfinished |= taken.map_err(|e| broken(&e))?.map_err(|e| broken(&e))?;
        }
        if !self.unfinished {
            return Ok(false);
        }
        let id = self.book.id();
        let before = self.store.activate_codebook(&id).await?;
        tracing::info!(before, now = id, "another codebook is in use");
        if let Some(drafter) = &self.drafter {
            let outdated = drafter.recheck_drafts().await?;
            if outdated > 0 {
                tracing::warn!(outdated, "drafts rest on what the new codebook changed");
            }
        }
        self.unfinished = false;
        Ok(true)
    }
}

impl Worker for BookKeeper {
    fn name(&self) -> String {
        "codebook".to_owned()
    }

    async fn step(&mut self, _: &CancellationToken) -> Result<Step, WorkError> {
        let now = self.clock.now().seconds();
        if now >= self.next || self.unfinished {
            self.next = now + EVERY;
            self.look().await?;
        }
        Ok(Step::Idle)
    }
}
