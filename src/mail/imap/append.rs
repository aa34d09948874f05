//! Changing what is on the server: marking and moving a mail that was filed, and filing a copy of ours.

use super::ImapError;
use super::folder;
use super::session::ImapSession;
use super::wire::{Limits, Part, quoted};

impl ImapSession {
    /// Marks a mail as read. Nothing happens if it is marked already, or gone.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn mark_seen(&mut self, uid: u32) -> Result<(), ImapError> {
        let limits = Limits::small(self.timeouts.command);
        self.wire.run("STORE", &format!(r"UID STORE {uid} +FLAGS.SILENT (\Seen)"), limits, |_| {}).await
    }

    /// Moves a mail into another folder, which is created if need be. Nothing happens if the mail is gone.
    ///
    /// Without MOVE it is copied, marked as deleted and, where the server can do so for this mail alone
    /// (UIDPLUS), removed; otherwise it stays, marked as deleted.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn move_to(&mut self, uid: u32, target: &str) -> Result<(), ImapError> {
        let folder = quoted(&folder::encode(target));
        if self.capabilities.has("MOVE") {
            return self.with_folder("MOVE", &format!("UID MOVE {uid} {folder}"), target).await;
        }
        self.with_folder("COPY", &format!("UID COPY {uid} {folder}"), target).await?;
        let limits = Limits::small(self.timeouts.command);
        let mark = format!(r"UID STORE {uid} +FLAGS.SILENT (\Seen \Deleted)");
        self.wire.run("STORE", &mark, limits, |_| {}).await?;
        if self.capabilities.has("UIDPLUS") {
            self.wire.run("EXPUNGE", &format!("UID EXPUNGE {uid}"), limits, |_| {}).await?;
        }
        Ok(())
    }

    /// Files a mail into a folder, which is created if need be. `flags` as in `\Seen`.
    ///
    /// An append whose answer is lost may have worked: look with [`ImapSession::find_in_folder`] before it is
    /// repeated.
    ///
    /// # Errors
    /// See [`ImapError`]; [`ImapError::Refused`] for a full quota.
    pub async fn append(&mut self, target: &str, bytes: &[u8], flags: &[&str]) -> Result<(), ImapError> {
        let command =
            format!("APPEND {} ({}) {{{}}}", quoted(&folder::encode(target)), flags.join(" "), bytes.len());
        let parts = [Part::Line(command.as_bytes()), Part::Literal(bytes)];
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let limits = Limits::sized(self.timeouts.command, size);
        match self.wire.run_parts("APPEND", &parts, limits, |_| {}).await {
            Err(ImapError::Refused { try_create: true, .. }) => {
                self.create(target).await?;
                self.wire.run_parts("APPEND", &parts, limits, |_| {}).await
            }
            other => other,
        }
    }

    async fn with_folder(&mut self, step: &'static str, line: &str, target: &str) -> Result<(), ImapError> {
        let limits = Limits::small(self.timeouts.command);
        match self.wire.run(step, line, limits, |_| {}).await {
            Err(ImapError::Refused { try_create: true, .. }) => {
                self.create(target).await?;
                self.wire.run(step, line, limits, |_| {}).await
            }
            other => other,
        }
    }

    async fn create(&mut self, target: &str) -> Result<(), ImapError> {
        let limits = Limits::small(self.timeouts.command);
        self.wire.run("CREATE", &format!("CREATE {}", quoted(&folder::encode(target))), limits, |_| {}).await
    }
}
