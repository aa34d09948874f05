//! Housekeeping: leases whose holder did not come back, and the policy for uncertain deliveries.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::mailbox::MailboxWork;
use super::{Step, WorkError, Worker};
use crate::clock::Clock;
use crate::domain::{DeliveryEvent, DeliveryState};
use crate::store::{Store, StoreError};

/// How often it looks, in seconds.
const EVERY: i64 = 10;

/// Ends leases, and sends uncertain mails again where the policy says so.
pub struct Housekeeper {
    store: Store,
    clock: Clock,
    resend: BTreeSet<String>,
    next: i64,
}

impl Housekeeper {
    /// A housekeeper for these mailboxes.
    #[must_use]
    pub fn new(store: Store, clock: Clock, mailboxes: &[MailboxWork]) -> Self {
        let resend =
            mailboxes.iter().filter(|m| m.resends_uncertain()).map(|m| m.name().to_owned()).collect();
        Self { store, clock, resend, next: 0 }
    }

    /// One round.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn round(&self) -> Result<(), WorkError> {
        let ended = self.store.end_leases(false).await?;
        if ended > 0 {
            tracing::warn!(ended, "deliveries were left behind by a worker that did not come back");
        }
        if !self.resend.is_empty() {
            for delivery in self.store.deliveries(&[DeliveryState::Uncertain]).await? {
                // Once, and by itself only: what is uncertain again after that waits for a person.
                if self.resend.contains(&delivery.mailbox) && delivery.attempt <= 1 {
                    let reason = "on_uncertain = \"resend\": the same bytes, the same Message-ID";
                    match self.store.resolve(&delivery.id, DeliveryEvent::Resend, "deliver", reason).await {
                        // Its case has moved on: a person settles it.
                        Err(StoreError::Refused(_)) => {}
                        outcome => outcome?,
                    }
                }
            }
        }
        Ok(())
    }
}

impl Worker for Housekeeper {
    fn name(&self) -> String {
        "housekeeping".to_owned()
    }

    async fn step(&mut self, _: &CancellationToken) -> Result<Step, WorkError> {
        let now = self.clock.now().seconds();
        if now >= self.next {
            self.next = now + EVERY;
            self.round().await?;
        }
        Ok(Step::Idle)
    }
}
