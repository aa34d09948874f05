//! The Sent folder: filing copies of what was sent, and finding what may have been sent.
//!
//! Both can never cause a second mail: a copy is filed after the mail is settled, and what is found only settles.

use tokio_util::sync::CancellationToken;

use super::mailbox::MailboxWork;
use super::{Step, WorkError, Worker};
use crate::clock::Clock;
use crate::config::SentCopy;
use crate::domain::{DeliveryEvent, DeliveryState};
use crate::mail::endpoint::InboxUrl;
use crate::mail::imap::{ImapError, ImapSession};
use crate::mail::maildir::{Maildir, MaildirError};
use crate::store::{Claimed, Store};

/// How often uncertain deliveries are looked for in Sent, in seconds.
const LOOK_EVERY: i64 = 60;

/// Keeps the Sent folder of one mailbox.
pub struct SentKeeper {
    store: Store,
    clock: Clock,
    mailbox: MailboxWork,
    next_look: i64,
}

impl SentKeeper {
    /// A keeper for one mailbox.
    #[must_use]
    pub fn new(store: Store, clock: Clock, mailbox: MailboxWork) -> Self {
        Self { store, clock, mailbox, next_look: 0 }
    }

    /// Files the copies that are still wanted. One that is refused is counted, and tried ten times; it keeps no
    /// other one back.
    ///
    /// # Errors
    /// If the server or the database does not answer, or a copy was refused.
    pub async fn file_copies(&self) -> Result<Step, WorkError> {
        let SentCopy::Append(folder) = self.mailbox.sent() else { return Ok(Step::Idle) };
        let wanted = self.store.copies_wanted(self.mailbox.name()).await?;
        if wanted.is_empty() {
            return Ok(Step::Idle);
        }
        let refused = match &self.mailbox.config.inbox {
            InboxUrl::Maildir(path) => {
                self.file_in_maildir(&Maildir::new(path.clone()), folder, &wanted).await?
            }
            InboxUrl::Imap { .. } => self.file_by_imap(folder, &wanted).await?,
        };
        // An error of the step, so that the next try waits and the administrator hears of it.
        refused.map_or(Ok(Step::Worked), Err)
    }

    async fn file_in_maildir(
        &self,
        inbox: &Maildir,
        folder: &str,
        wanted: &[Claimed],
    ) -> Result<Option<WorkError>, WorkError> {
        let failed =
            |source: MaildirError| WorkError::Maildir { mailbox: self.mailbox.name().to_owned(), source };
        let sent = inbox.folder(folder).map_err(failed)?;
        let mut refused = None;
        for copy in wanted {
            let (sent, bytes, name) = (sent.clone(), copy.mime.clone(), copy.delivery.id.to_string());
            let filed = tokio::task::spawn_blocking(move || {
                sent.create()?;
                sent.deliver(&bytes, &name)?;
                sent.mark_seen(&name)
            });
            match filed.await.map_err(|e| WorkError::Broken(e.to_string()))? {
                Ok(_) => self.store.note_copy(&copy.delivery.id, true).await?,
                // A full disk, a folder without rights: nothing of this very copy, so nothing is counted.
                Err(error) => refused = Some(failed(error)),
            }
        }
        Ok(refused)
    }

    async fn file_by_imap(&self, folder: &str, wanted: &[Claimed]) -> Result<Option<WorkError>, WorkError> {
        let failed = |source: ImapError| WorkError::Imap { mailbox: self.mailbox.name().to_owned(), source };
        let Some((settings, _)) = self.mailbox.imap()? else { return Ok(None) };
        let mut session = ImapSession::connect(&settings).await.map_err(failed)?;
        let mut refused = None;
        for copy in wanted {
            let id = &copy.delivery.id;
            match file_one(&mut session, folder, copy).await {
                Ok(()) => self.store.note_copy(id, true).await?,
                Err(error @ ImapError::Refused { .. }) => {
                    tracing::warn!(delivery = %id, folder, %error, "the copy of a mail is refused");
                    self.store.note_copy(id, false).await?;
                    refused = Some(failed(error));
                }
                Err(error) => return Err(failed(error)),
            }
        }
        session.logout().await;
        Ok(refused)
    }

    /// Looks for uncertain deliveries in a Sent folder that the provider fills by itself: a copy there proves that
    /// the mail went out; its absence proves nothing.
    ///
    /// # Errors
    /// If the server or the database does not answer.
    pub async fn find_uncertain(&self) -> Result<(), WorkError> {
        if *self.mailbox.sent() != SentCopy::Server {
            return Ok(());
        }
        let failed = |source: ImapError| WorkError::Imap { mailbox: self.mailbox.name().to_owned(), source };
        let mut open = self.store.deliveries(&[DeliveryState::Uncertain]).await?;
        open.retain(|d| d.mailbox == self.mailbox.name());
        if open.is_empty() {
            return Ok(());
        }
        let Some((settings, _)) = self.mailbox.imap()? else { return Ok(()) };
        let mut session = ImapSession::connect(&settings).await.map_err(failed)?;
        let folder = session.sent_folder().await.map_err(failed)?.unwrap_or_else(|| "Sent".to_owned());
        for delivery in open {
            let (id, message_id) = (delivery.id.as_str(), delivery.message_id.as_str());
            if session.find_in_folder(&folder, message_id, id).await.map_err(failed)? {
                let why = format!("its copy was found in {folder}");
                self.store.resolve(&delivery.id, DeliveryEvent::Accepted, "deliver", &why).await?;
            }
        }
        session.logout().await;
        Ok(())
    }
}

/// Files a copy, unless it is there already.
async fn file_one(session: &mut ImapSession, folder: &str, copy: &Claimed) -> Result<(), ImapError> {
    let (id, message_id) = (&copy.delivery.id, &copy.delivery.message_id);
    if session.find_in_folder(folder, message_id.as_str(), id.as_str()).await? {
        return Ok(());
    }
    session.append(folder, &copy.mime, &["\\Seen"]).await
}

impl Worker for SentKeeper {
    fn name(&self) -> String {
        format!("sent:{}", self.mailbox.name())
    }

    async fn step(&mut self, _: &CancellationToken) -> Result<Step, WorkError> {
        let now = self.clock.now().seconds();
        if now >= self.next_look {
            self.next_look = now + LOOK_EVERY;
            self.find_uncertain().await?;
        }
        self.file_copies().await
    }
}
