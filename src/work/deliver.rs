//! Delivery: T5 claim, then connect, MAIL and RCPT, then T5b, DATA, and T6 with what became of it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::mailbox::MailboxWork;
use super::{Step, WorkError, Worker};
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::mail::maildir::Maildir;
use crate::mail::smtp::{BeforeData, Envelope, SendOutcome, SmtpSession, SmtpSettings};
use crate::store::{Claimed, Delivery, Settlement, Store, StoreError};

/// The outcome of an attempt is written down, with these pauses between the tries, …
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// … for so long, or until the program ends: then the delivery is uncertain, and the log has what is known.
const SETTLE_WITHIN: Duration = Duration::from_secs(600);

/// Sends what is queued for one mailbox.
pub struct Deliverer {
    store: Store,
    clock: Clock,
    mailbox: MailboxWork,
}

/// How an attempt ended, with the server's words and, if the mailbox itself is at fault, what to tell the
/// administrator.
struct Attempt {
    settlement: Settlement,
    reply: String,
    trouble: Option<String>,
}

impl Deliverer {
    /// A deliverer for one mailbox.
    #[must_use]
    pub fn new(store: Store, clock: Clock, mailbox: MailboxWork) -> Self {
        Self { store, clock, mailbox }
    }

    /// Sends one mail, if one is due. With `cancel` fired before DATA, the claim is given back.
    ///
    /// # Errors
    /// If the database does not answer, or the mailbox's server wants an administrator.
    pub async fn deliver_one(&self, cancel: &CancellationToken) -> Result<Step, WorkError> {
        let Some(claimed) = self.store.claim_delivery(self.mailbox.name()).await? else {
            return Ok(Step::Idle);
        };
        let attempt = match self.mailbox.outgoing_maildir() {
            Some(path) => self.put_into(&Maildir::new(path.clone()), &claimed).await?,
            None => self.send(&claimed, cancel).await?,
        };
        let Some(attempt) = attempt else { return Ok(Step::Worked) };
        self.settle(&claimed.delivery, &attempt).await?;
        match attempt.trouble {
            Some(why) => Err(self.mailbox.setup(why)),
            None => Ok(Step::Worked),
        }
    }

    /// Into a Maildir: the delivery's id is the file's name, so that doing it twice is doing it once.
    async fn put_into(&self, maildir: &Maildir, claimed: &Claimed) -> Result<Option<Attempt>, WorkError> {
        if !self.store.begin_data(&claimed.delivery).await? {
            return Ok(None);
        }
        let (maildir, bytes, name) = (maildir.clone(), claimed.mime.clone(), claimed.delivery.id.to_string());
        let put = tokio::task::spawn_blocking(move || {
            maildir.create()?;
            maildir.deliver(&bytes, &name)
        });
        Ok(Some(match put.await {
            Ok(Ok(_)) => Attempt {
                settlement: Settlement::Accepted,
                reply: "put into the Maildir".to_owned(),
                trouble: None,
            },
            Ok(Err(error)) => self.deferred(claimed, &error.to_string(), true).await,
            Err(_) => self.deferred(claimed, "the program broke down", false).await,
        }))
    }

    async fn send(
        &self,
        claimed: &Claimed,
        cancel: &CancellationToken,
    ) -> Result<Option<Attempt>, WorkError> {
        let settings = match self.mailbox.smtp() {
            Ok(Some(settings)) => settings,
            Ok(None) => {
                return Ok(Some(self.deferred(claimed, "the mailbox has no SMTP server", true).await));
            }
            Err(error) => return Ok(Some(self.deferred(claimed, &error.to_string(), true).await)),
        };
        let envelope =
            Envelope { from: claimed.envelope_sender.clone(), to: claimed.delivery.recipient.clone() };
        let before_data = tokio::select! {
            ready = prepare(&settings, &envelope) => ready,
            () = cancel.cancelled() => {
                let settlement = Settlement::Deferred { not_before: self.clock.now() };
                let reply = "the program was stopped before the mail was sent".to_owned();
                return Ok(Some(Attempt { settlement, reply, trouble: None }));
            }
        };
        let ready = match before_data {
            Ok(ready) => ready,
            Err(BeforeData::Deferred(error)) => {
                return Ok(Some(
                    self.deferred(claimed, &error.to_string(), error.needs_administrator()).await,
                ));
            }
            // A "no" to the mailbox itself (not permitted to send as it, a quota) says nothing of this mail.
            Err(BeforeData::Refused { reply, about_recipient: false }) => {
                let why = format!("the server does not take {} as a sender: {reply}", self.mailbox.address());
                return Ok(Some(self.deferred(claimed, &why, true).await));
            }
            Err(BeforeData::Refused { reply, about_recipient: true }) => {
                let settlement = Settlement::Refused;
                return Ok(Some(Attempt { settlement, reply: reply.to_string(), trouble: None }));
            }
        };
        match self.store.begin_data(&claimed.delivery).await {
            Ok(true) => {}
            // The claim no longer holds, or nobody knows: nothing is sent.
            Ok(false) => {
                ready.cancel().await;
                return Ok(None);
            }
            Err(error) => {
                ready.cancel().await;
                return Err(error.into());
            }
        }
        Ok(Some(match ready.transmit(&claimed.mime).await {
            SendOutcome::Accepted { reply } => {
                Attempt { settlement: Settlement::Accepted, reply: reply.to_string(), trouble: None }
            }
            SendOutcome::Refused { reply } => {
                Attempt { settlement: Settlement::Refused, reply: reply.to_string(), trouble: None }
            }
            SendOutcome::Deferred { reply } => self.deferred(claimed, &reply.to_string(), false).await,
            SendOutcome::Lost { what } => {
                Attempt { settlement: Settlement::Lost, reply: what, trouble: None }
            }
        }))
    }

    /// Later: after `retry_first`, then twice as long each time up to `retry_most`; never, after `give_up_after`.
    async fn deferred(&self, claimed: &Claimed, reply: &str, trouble: bool) -> Attempt {
        let (delivery, now) = (&claimed.delivery, self.clock.now());
        let config = &self.mailbox.delivery;
        let seconds = |d: Duration| i64::try_from(d.as_secs()).unwrap_or(i64::MAX);
        let over = |begun: Timestamp| begun.plus_seconds(seconds(config.give_up_after)) <= now;
        if over(delivery.created_at) {
            // What a person sent again gets its whole time again. Without an answer nothing is given up.
            let resent = self.store.resent_at(delivery).await;
            if resent.is_ok_and(|at| at.is_none_or(over)) {
                let reply = format!("given up; the last word was: {reply}");
                return Attempt { settlement: Settlement::Refused, reply, trouble: None };
            }
        }
        let doubled = u32::try_from(delivery.attempt.clamp(1, 20) - 1).unwrap_or(0);
        let wait = seconds(config.retry_first)
            .saturating_mul(2i64.saturating_pow(doubled))
            .min(seconds(config.retry_most));
        Attempt {
            settlement: Settlement::Deferred { not_before: now.plus_seconds(wait) },
            reply: reply.to_owned(),
            trouble: trouble.then(|| reply.to_owned()),
        }
    }

    /// T6, tried again for ten minutes: a server's "yes" must not be lost to a database that is busy, full or away.
    async fn settle(&self, delivery: &Delivery, attempt: &Attempt) -> Result<(), WorkError> {
        let (mut waited, mut pause) = (Duration::ZERO, FIRST_PAUSE);
        loop {
            let settled =
                self.store.settle(&delivery.id, delivery.attempt, &attempt.settlement, &attempt.reply).await;
            let error = match settled {
                Err(error @ StoreError::Database { .. }) => error,
                outcome => return Ok(outcome?),
            };
            let given_up = waited >= SETTLE_WITHIN;
            if waited.is_zero() || given_up {
                let (id, outcome, reply) = (&delivery.id, &attempt.settlement, &attempt.reply);
                tracing::error!(
                    delivery = %id, attempt = delivery.attempt, ?outcome, reply, %error, given_up,
                    "what became of a mail cannot be written down"
                );
            }
            if given_up {
                return Err(error.into());
            }
            tokio::time::sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

async fn prepare(
    settings: &SmtpSettings,
    envelope: &Envelope,
) -> Result<crate::mail::smtp::Ready, BeforeData> {
    SmtpSession::connect(settings).await?.prepare(envelope).await
}

impl Worker for Deliverer {
    fn name(&self) -> String {
        format!("deliver:{}", self.mailbox.name())
    }

    async fn step(&mut self, cancel: &CancellationToken) -> Result<Step, WorkError> {
        self.deliver_one(cancel).await
    }
}
