//! Intake (T1): each cycle compares what is in a mailbox with what is stored, and stores the difference, sealed.
//!
//! Nothing is remembered but what is stored: a cycle that breaks off is done again by the next one. "Seen" flags
//! mean nothing to us; the UIDs (or file names) decide.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::mailbox::MailboxWork;
use super::{Step, WorkError, Worker};
use crate::clock::Clock;
use crate::config::{ImportFrom, OnFiled};
use crate::domain::{MailId, Timestamp};
use crate::mail::endpoint::InboxUrl;
use crate::mail::imap::{Fetched, ImapError, ImapSession, Listed, Selected, batches};
use crate::mail::maildir::{Content, Entry, Maildir, MaildirError};
use crate::mail::{digest_fields, parse_guarded};
use crate::privacy::{Keys, mask};
use crate::store::{Dialect, MailboxRow, NewMail, Store, TooLarge, Unmarked};

/// IDLE is left and the mailbox compared at least so often.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// The right to read a mailbox is held so long after the last look, in seconds.
const LEASE_SECONDS: i64 = 150;
/// So many mails are marked on the server in one go.
const MARK_BATCH: i64 = 64;
/// Batches of T1: at most so many mails, so many bytes.
const BATCH_MAILS: usize = 64;
const BATCH_BYTES: u64 = 8 * 1024 * 1024;

/// Reads one mailbox.
pub struct Intake {
    store: Store,
    keys: Arc<Keys>,
    clock: Clock,
    mailbox: MailboxWork,
    holder: String,
    session: Option<(ImapSession, Selected)>,
    known: Option<HashSet<String>>,
    older: HashSet<String>,
    warned: HashSet<String>,
}

/// What a cycle did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// Mails stored.
    pub stored: usize,
    /// Mails marked on the server.
    pub marked: usize,
}

impl Intake {
    /// An intake for one mailbox, which must be registered with the store.
    #[must_use]
    pub fn new(store: Store, keys: Arc<Keys>, clock: Clock, mailbox: MailboxWork) -> Self {
        let holder = clock.new_id();
        Self {
            store,
            keys,
            clock,
            mailbox,
            holder,
            session: None,
            known: None,
            older: HashSet::new(),
            warned: HashSet::new(),
        }
    }

    /// One cycle: look, store what is new, mark what is filed.
    ///
    /// # Errors
    /// If the server or the database does not answer. The connection is dropped; the next cycle connects anew.
    pub async fn cycle(&mut self) -> Result<Cycle, WorkError> {
        let name = self.mailbox.name().to_owned();
        let shared = self.store.dialect() == Dialect::Postgres;
        if shared && !self.store.lease_mailbox(&name, &self.holder, LEASE_SECONDS).await? {
            self.known = None;
            return Ok(Cycle::default()); // Another process reads it.
        }
        // "Never looked at": the mailbox was reset.
        if self.known.is_none() || self.store.mailbox(&name).await?.last_look_at.is_none() {
            self.known = Some(self.store.known_keys(&name, self.mailbox.config.max_size).await?);
            self.older = self.store.older_mail(&name).await?;
        }
        let done = match self.mailbox.config.inbox.clone() {
            InboxUrl::Maildir(path) => self.maildir_cycle(&Maildir::new(path)).await,
            InboxUrl::Imap { .. } => self.imap_cycle().await,
        };
        if done.is_err() {
            self.session = None;
            self.known = None;
        }
        done
    }

    async fn maildir_cycle(&mut self, maildir: &Maildir) -> Result<Cycle, WorkError> {
        let name = self.mailbox.name().to_owned();
        let failed = |source: MaildirError| WorkError::Maildir { mailbox: name.clone(), source };
        let row = self.store.mailbox(self.mailbox.name()).await?;
        let listing = blocking({
            let maildir = maildir.clone();
            move || {
                maildir.create()?;
                maildir.list()
            }
        })
        .await?
        .map_err(failed)?;
        for problem in &listing.problems {
            tracing::warn!(mailbox = name, problem, "something in the Maildir cannot be read as a mail");
        }
        if row.baseline_uidvalidity == 0 && row.import_after.micros() > 0 {
            self.note_older_mail(&row, &listing.entries).await?;
        }
        let is_older = |e: &&Entry| self.older.contains(&e.base);
        let older = listing.entries.iter().filter(is_older).count();
        let new: Vec<Entry> =
            listing.entries.iter().filter(|e| !is_older(e) && !self.knows(&e.base)).cloned().collect();
        let (mut stored, mut batch, mut bytes) = (0, Vec::new(), 0u64);
        for entry in &new {
            let read = blocking({
                let (maildir, base, limit) =
                    (maildir.clone(), entry.base.clone(), self.mailbox.config.max_size);
                move || maildir.read(&base, limit)
            })
            .await?;
            let (content, too_large) = match read {
                Ok(Content::Whole(content)) => (content, None),
                Ok(Content::TooLarge { size, head }) => (head, Some(self.too_large(size))),
                Ok(Content::Vanished) => {
                    self.warn_once(&entry.base, "it was taken away before it was read");
                    continue;
                }
                // One bad file must not keep the others out: it counts as missing until it can be read.
                Err(error) => {
                    self.warn_once(&entry.base, &error.to_string());
                    continue;
                }
            };
            bytes += entry.size;
            let arrived = entry.delivered.unwrap_or_else(|| self.clock.now());
            batch.push(self.seal(entry.base.clone(), entry.size, arrived, content, too_large).await?);
            if batch.len() >= BATCH_MAILS || bytes >= BATCH_BYTES {
                stored += self.take_in(std::mem::take(&mut batch)).await?;
                bytes = 0;
            }
        }
        stored += self.take_in(batch).await?;
        let missing = new.iter().filter(|e| !self.knows(&e.base)).count();
        self.store.note_look(&name, 0, listing.entries.len(), missing, older).await?;
        let marked = self.mark_in_maildir(maildir).await?;
        Ok(Cycle { stored, marked })
    }

    /// At the first look with `import_from` "now" or a date: what is older by its file's time stays unopened. The
    /// names decide from then on, since a mail that is moved in later keeps the time of its file.
    async fn note_older_mail(&mut self, row: &MailboxRow, entries: &[Entry]) -> Result<(), WorkError> {
        let is_older =
            |e: &&Entry| e.delivered.is_some_and(|at| at < row.import_after) && !self.knows(&e.base);
        let older: Vec<&str> = entries.iter().filter(is_older).map(|e| e.base.as_str()).collect();
        self.store.set_older_mail(&row.name, &older).await?;
        self.older = self.store.older_mail(&row.name).await?;
        Ok(())
    }

    async fn mark_in_maildir(&self, maildir: &Maildir) -> Result<usize, WorkError> {
        let name = self.mailbox.name().to_owned();
        let failed = |source: MaildirError| WorkError::Maildir { mailbox: name.clone(), source };
        let unmarked = self.store.unmarked(&name, MARK_BATCH).await?;
        let (mut done, mut refused) = (Vec::new(), None);
        for mail in &unmarked {
            let (maildir, base, on_filed) =
                (maildir.clone(), mail.source_key.clone(), self.mailbox.on_filed().clone());
            let marked = blocking(move || match on_filed {
                OnFiled::Nothing => Ok(true),
                OnFiled::Seen => maildir.mark_seen(&base),
                OnFiled::Move(folder) => {
                    let target = maildir.folder(&folder)?;
                    target.create()?;
                    maildir.move_to(&base, &target)
                }
            })
            .await?;
            match marked {
                Ok(_) => done.push(mail.id.clone()),
                Err(error) => refused = Some(failed(error)),
            }
        }
        self.note_marked(&done, refused).await
    }

    async fn imap_cycle(&mut self) -> Result<Cycle, WorkError> {
        let name = self.mailbox.name().to_owned();
        let failed = |source: ImapError| WorkError::Imap { mailbox: name.clone(), source };
        let (mut session, selected) = match self.session.take() {
            Some(open) => open,
            None => self.connect().await?,
        };
        let uids = session.uids().await.map_err(failed)?;
        let row = self.with_baseline(&mut session, selected, &uids).await?;
        let below = |uid: u32| {
            row.baseline_uidvalidity == i64::from(selected.uidvalidity) && i64::from(uid) < row.baseline_uid
        };
        let key = |uid: u32| format!("{}:{uid}", selected.uidvalidity);
        let unknown: Vec<u32> =
            uids.iter().copied().filter(|uid| !below(*uid) && !self.knows(&key(*uid))).collect();
        let listed = session.sizes(&unknown).await.map_err(failed)?;
        let (older, new): (Vec<Listed>, Vec<Listed>) =
            listed.into_iter().partition(|m| m.internal_date.is_some_and(|at| at < row.import_after));
        let (large, small): (Vec<Listed>, Vec<Listed>) =
            new.iter().cloned().partition(|m| m.size > self.mailbox.config.max_size);
        let mut stored = 0;
        for batch in batches(&small) {
            let mut mails = Vec::new();
            for fetched in self.fetch(&mut session, &batch).await.map_err(failed)? {
                let arrived = batch.iter().find(|m| m.uid == fetched.uid).and_then(|m| m.internal_date);
                let size = u64::try_from(fetched.bytes.len()).unwrap_or(u64::MAX);
                let arrived = arrived.unwrap_or_else(|| self.clock.now());
                mails.push(self.seal(key(fetched.uid), size, arrived, fetched.bytes, None).await?);
            }
            stored += self.take_in(mails).await?;
        }
        for mail in large {
            let head = match session.fetch_header(mail.uid).await {
                Ok(Some(head)) => head,
                Ok(None) => continue,
                Err(error @ ImapError::Refused { .. }) => {
                    self.warn_once(&key(mail.uid), &error.to_string());
                    continue;
                }
                Err(error) => return Err(failed(error)),
            };
            let arrived = mail.internal_date.unwrap_or_else(|| self.clock.now());
            let why = self.too_large(mail.size);
            let sealed = self.seal(key(mail.uid), mail.size, arrived, head, Some(why)).await?;
            stored += self.take_in(vec![sealed]).await?;
        }
        let missing = new.iter().filter(|m| !self.knows(&key(m.uid))).count();
        let older = older.len() + uids.iter().filter(|uid| below(**uid)).count();
        self.store.note_look(&name, selected.uidvalidity, uids.len(), missing, older).await?;
        let marked = self.mark_by_imap(&mut session, selected).await?;
        self.session = Some((session, selected));
        Ok(Cycle { stored, marked })
    }

    /// A batch; if the server refuses it, each mail by itself. What it still refuses counts as missing.
    async fn fetch(
        &mut self,
        session: &mut ImapSession,
        batch: &[Listed],
    ) -> Result<Vec<Fetched>, ImapError> {
        match session.fetch(batch).await {
            Err(ImapError::Refused { reply, .. }) => {
                tracing::warn!(mailbox = self.mailbox.name(), reply, "a batch is refused: mail by mail");
            }
            other => return other,
        }
        let mut mails = Vec::new();
        for mail in batch {
            match session.fetch(std::slice::from_ref(mail)).await {
                Ok(fetched) => mails.extend(fetched),
                Err(error @ ImapError::Refused { .. }) => {
                    self.warn_once(&format!("UID {}", mail.uid), &error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(mails)
    }

    /// Tells of a mail that cannot be read, once: the mailbox is looked at every second or minute.
    fn warn_once(&mut self, mail: &str, why: &str) {
        if self.warned.insert(mail.to_owned()) {
            tracing::warn!(
                mailbox = self.mailbox.name(),
                mail,
                why,
                "a mail cannot be read; it counts as missing"
            );
        }
    }

    async fn connect(&mut self) -> Result<(ImapSession, Selected), WorkError> {
        let name = self.mailbox.name().to_owned();
        let failed = |source: ImapError| WorkError::Imap { mailbox: name.clone(), source };
        let Some((settings, folder)) = self.mailbox.imap()? else {
            return Err(self.mailbox.setup("it has no IMAP server".to_owned()));
        };
        let mut session = ImapSession::connect(&settings).await.map_err(failed)?;
        let selected = session.select(&folder).await.map_err(failed)?;
        tracing::info!(
            mailbox = name,
            uidvalidity = selected.uidvalidity,
            mails = selected.exists,
            "connected"
        );
        Ok((session, selected))
    }

    /// At the first look with `import_from = "now"`: what was there before the desk's first start stays unopened. The
    /// UIDs decide from then on, so that no difference between two clocks can lose a mail.
    async fn with_baseline(
        &self,
        session: &mut ImapSession,
        selected: Selected,
        uids: &[u32],
    ) -> Result<MailboxRow, WorkError> {
        let name = self.mailbox.name();
        let mut row = self.store.mailbox(name).await?;
        if self.mailbox.config.import_from != ImportFrom::Now {
            return Ok(row);
        }
        if row.baseline_uidvalidity == 0 {
            let failed = |source: ImapError| WorkError::Imap { mailbox: name.to_owned(), source };
            let listed = session.sizes(uids).await.map_err(failed)?;
            let since_start = listed
                .iter()
                .filter(|m| m.internal_date.is_none_or(|at| at.seconds() >= row.import_after.seconds()))
                .map(|m| m.uid)
                .min();
            let behind_last = uids.iter().max().map_or(1, |uid| uid.saturating_add(1));
            let first = since_start.unwrap_or_else(|| selected.uidnext.unwrap_or(behind_last));
            self.store.set_baseline(name, selected.uidvalidity, first).await?;
            row = self.store.mailbox(name).await?;
        }
        if row.baseline_uidvalidity == i64::from(selected.uidvalidity) {
            row.import_after = Timestamp::from_micros(0);
        }
        Ok(row)
    }

    async fn mark_by_imap(&self, session: &mut ImapSession, selected: Selected) -> Result<usize, WorkError> {
        let name = self.mailbox.name().to_owned();
        let failed = |source: ImapError| WorkError::Imap { mailbox: name.clone(), source };
        let unmarked = self.store.unmarked(&name, MARK_BATCH).await?;
        let (mut done, mut refused) = (Vec::new(), None);
        for Unmarked { id, source_key } in &unmarked {
            let here = source_key.split_once(':').and_then(|(validity, uid)| {
                (validity.parse() == Ok(selected.uidvalidity)).then(|| uid.parse::<u32>().ok())?
            });
            // Under another UIDVALIDITY the mail has no name any more: nothing to mark.
            if let Some(uid) = here {
                let marked = match self.mailbox.on_filed() {
                    OnFiled::Nothing => Ok(()),
                    OnFiled::Seen => session.mark_seen(uid).await,
                    OnFiled::Move(folder) => session.move_to(uid, folder).await,
                };
                match marked {
                    Ok(()) => {}
                    Err(error @ ImapError::Refused { .. }) => {
                        refused = Some(failed(error));
                        continue;
                    }
                    Err(error) => return Err(failed(error)),
                }
            }
            done.push(id.clone());
        }
        self.note_marked(&done, refused).await
    }

    /// Notes what was marked; then tells of what could not be.
    async fn note_marked(&self, done: &[MailId], refused: Option<WorkError>) -> Result<usize, WorkError> {
        if !done.is_empty() {
            self.store.marked(done).await?;
        }
        refused.map_or(Ok(done.len()), Err)
    }

    fn knows(&self, key: &str) -> bool {
        self.known.as_ref().is_some_and(|known| known.contains(key))
    }

    async fn take_in(&mut self, batch: Vec<NewMail>) -> Result<usize, WorkError> {
        if batch.is_empty() {
            return Ok(0);
        }
        let keys: Vec<String> = batch.iter().map(|m| m.source_key.clone()).collect();
        let stored = self.store.take_in(batch).await?;
        if let Some(known) = &mut self.known {
            known.extend(keys);
        }
        Ok(stored)
    }

    async fn seal(
        &self,
        source_key: String,
        size: u64,
        arrived_at: Timestamp,
        bytes: Vec<u8>,
        too_large: Option<String>,
    ) -> Result<NewMail, WorkError> {
        let (keys, clock, mailbox) =
            (Arc::clone(&self.keys), self.clock.clone(), self.mailbox.name().to_owned());
        blocking(move || {
            let id = MailId::fresh(clock.new_id());
            let too_large = too_large.map(|reason| shown_of(reason, &bytes));
            let content_digest = keys.content_digest(&digest_fields(&bytes));
            let sealed = keys.seal(&clock, id.as_str().as_bytes(), &bytes)?;
            Ok(NewMail { id, mailbox, source_key, size, sealed, content_digest, arrived_at, too_large })
        })
        .await?
        .map_err(|e: crate::privacy::SealError| WorkError::Broken(e.to_string()))
    }

    fn too_large(&self, size: u64) -> String {
        let megabytes = |n: u64| n.div_ceil(1_000_000);
        format!(
            "it has {} MB, and max_size is {} MB: it stays in the mailbox; raise max_size and start the desk \
             again to take it in, or ask for a smaller mail",
            megabytes(size),
            megabytes(self.mailbox.config.max_size)
        )
    }
}

/// Whose a mail is of which only the headers are stored.
fn shown_of(reason: String, head: &[u8]) -> TooLarge {
    let Ok(mail) = parse_guarded(head.to_vec()) else { return TooLarge { reason, ..TooLarge::default() } };
    let senders: Vec<String> = mail.from.iter().map(|from| from.address.to_string()).collect();
    TooLarge { reason, sender: senders.join(", "), masked_subject: mask(&mail.subject).text }
}

/// Runs what blocks (files, cryptography) away from the other workers.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, WorkError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| WorkError::Broken(format!("intake broke down: {e}")))
}

impl Worker for Intake {
    fn name(&self) -> String {
        format!("intake:{}", self.mailbox.name())
    }

    async fn step(&mut self, _: &CancellationToken) -> Result<Step, WorkError> {
        let done = self.cycle().await?;
        Ok(if done == Cycle::default() { Step::Idle } else { Step::Worked })
    }

    /// IDLE, until mail comes, a minute is over, or something filed waits to be marked.
    async fn rest(&mut self, cancel: &CancellationToken) -> Result<bool, WorkError> {
        let name = self.mailbox.name().to_owned();
        let Some((session, _)) = &mut self.session else { return Ok(false) };
        let (stop, bell) = (cancel.child_token(), self.store.bell());
        let outcome = {
            let idle = session.idle(LONGEST_REST, &stop);
            tokio::pin!(idle);
            loop {
                tokio::select! {
                    end = &mut idle => break end,
                    () = bell.notified(), if !stop.is_cancelled() => {
                        if self.store.unmarked(&name, 1).await.is_ok_and(|waiting| !waiting.is_empty()) {
                            stop.cancel();
                        }
                    }
                }
            }
        };
        match outcome {
            Ok(_) => Ok(true),
            Err(source) => {
                self.session = None;
                self.known = None;
                Err(WorkError::Imap { mailbox: name, source })
            }
        }
    }

    async fn stop(&mut self) {
        if let Some((session, _)) = self.session.take() {
            session.logout().await;
        }
        let _ = self.store.release_mailbox(self.mailbox.name(), &self.holder).await;
    }
}
