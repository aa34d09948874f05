//! Waiting for new mail: IDLE (RFC 2177), or asking every few seconds where the server has none.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::ImapError;
use super::session::ImapSession;
use super::wire::Limits;

/// A server may hang up on an IDLE of 30 minutes.
const LONGEST: Duration = Duration::from_secs(28 * 60);
/// How often a server without IDLE is asked.
const POLL: Duration = Duration::from_secs(10);

/// Why the waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdleEnd {
    /// There may be new mail: list the UIDs.
    NewData,
    /// The time is over; the server is still there.
    Timeout,
    /// Waiting was called off.
    Cancelled,
}

impl ImapSession {
    /// Waits in the selected folder until mail comes, `longest` is over (28 minutes at most) or `cancel` fires. Mail
    /// that was told of since the last [`ImapSession::uids`] ends it at once.
    ///
    /// A connection that died silently is noticed when the waiting ends, by the command timeout: so let `longest` be
    /// a minute or so.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn idle(
        &mut self,
        longest: Duration,
        cancel: &CancellationToken,
    ) -> Result<IdleEnd, ImapError> {
        let end = match self.wire.new_mail {
            true => IdleEnd::NewData,
            false if self.capabilities.has("IDLE") => self.wait(longest.min(LONGEST), cancel).await?,
            false => self.poll(longest.min(LONGEST), cancel).await?,
        };
        match self.wire.new_mail {
            true if end != IdleEnd::Cancelled => {
                self.wire.new_mail = false;
                Ok(IdleEnd::NewData)
            }
            _ => Ok(end),
        }
    }

    async fn wait(&mut self, longest: Duration, cancel: &CancellationToken) -> Result<IdleEnd, ImapError> {
        let step = "IDLE";
        let limits = Limits::small(self.timeouts.command);
        let tag = self.wire.open(step, "IDLE", limits).await?;
        let asked = Instant::now() + limits.time;
        if !self.wire.wait_for_go_ahead(step, &tag, asked, limits, &mut |_| {}).await? {
            return Err(ImapError::Protocol { step, why: "it ended before it began" });
        }
        let until = Instant::now() + longest;
        let end = loop {
            if self.wire.new_mail {
                break IdleEnd::NewData;
            }
            tokio::select! {
                () = cancel.cancelled() => break IdleEnd::Cancelled,
                answer = self.wire.next(step, until, limits, |_| ()) => match answer {
                    Ok(()) => {}
                    Err(ImapError::Timeout { .. }) => break IdleEnd::Timeout,
                    Err(error) => return Err(error),
                },
            }
        };
        self.wire.say(step, "DONE", limits.time).await?;
        self.wire.finish(step, &tag, Instant::now() + limits.time, limits, &mut |_| {}).await?;
        Ok(end)
    }

    async fn poll(&mut self, longest: Duration, cancel: &CancellationToken) -> Result<IdleEnd, ImapError> {
        let until = Instant::now() + longest;
        loop {
            let pause = POLL.min(until.saturating_duration_since(Instant::now()));
            tokio::select! {
                () = cancel.cancelled() => return Ok(IdleEnd::Cancelled),
                () = sleep(pause) => {}
            }
            self.noop().await?;
            if self.wire.new_mail {
                return Ok(IdleEnd::NewData);
            }
            if Instant::now() >= until {
                return Ok(IdleEnd::Timeout);
            }
        }
    }
}
