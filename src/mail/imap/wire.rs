//! Commands and their answers: each under a timeout and a limit on its size, and ended only by its own tagged
//! answer.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_imap::Client;
use async_imap::imap_proto::{MailboxDatum, Response, ResponseCode, Status};
use futures::FutureExt;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout_at};

use super::ImapError;
use crate::mail::stream::{Overflow, Stream};

/// How much an answer without mails in it may hold: the list of a million UIDs takes 8 MB.
const ANSWER_LIMIT: u64 = 32 * 1024 * 1024;

/// What a command may take.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// In time.
    pub(super) time: Duration,
    /// In bytes read.
    pub(super) bytes: u64,
}

impl Limits {
    /// For a command with a small answer.
    pub(super) fn small(time: Duration) -> Self {
        Self { time, bytes: ANSWER_LIMIT }
    }

    /// For a command that moves `size` bytes of mail: a slow line (32 KB/s) is still allowed.
    pub(super) fn sized(time: Duration, size: u64) -> Self {
        let time = time.saturating_add(Duration::from_secs(size / 32_768));
        // RFC822.SIZE is an estimate with some servers, and each answer has words around the mail.
        Self { time, bytes: size.saturating_mul(2).saturating_add(ANSWER_LIMIT) }
    }
}

/// A connection that commands go over.
pub(super) struct Wire {
    client: Client<Stream>,
    commands: u32,
    /// A command was left in the middle, by an error or because its future was dropped: nothing that comes next
    /// could be trusted.
    broken: bool,
    /// The server told of new mail while something else was going on.
    pub(super) new_mail: bool,
}

/// A part of a command.
pub(super) enum Part<'a> {
    /// Sent at once.
    Line(&'a [u8]),
    /// Sent when the server asks for it.
    Literal(&'a [u8]),
}

impl Wire {
    /// Begins to talk; the greeting is read with [`Wire::greeting`].
    pub(super) fn new(stream: Stream) -> Self {
        Self { client: Client::new(stream), commands: 0, broken: false, new_mail: false }
    }

    /// Gives the bare connection back. What the server sent ahead is thrown away.
    pub(super) fn into_stream(self) -> Stream {
        self.client.into_inner()
    }

    /// Reads the greeting.
    pub(super) async fn greeting(&mut self, limit: Duration) -> Result<(), ImapError> {
        let step = "the greeting";
        let limits = Limits { time: limit, bytes: 64 * 1024 };
        let deadline = self.begin(step, limits)?;
        let asks_for_sign_in = self
            .next(step, deadline, limits, |greeting| {
                matches!(greeting, Response::Data { status: Status::Ok, .. })
            })
            .await?;
        if !asks_for_sign_in {
            // PREAUTH would make us skip the sign-in, and STARTTLS with it (RFC 9051, 11.1).
            return Err(ImapError::Protocol { step, why: "it is no IMAP greeting that asks for a sign-in" });
        }
        self.broken = false;
        Ok(())
    }

    /// Runs a command of one line and shows each untagged answer to `each`.
    pub(super) async fn run(
        &mut self,
        step: &'static str,
        line: &str,
        limits: Limits,
        each: impl FnMut(&Response<'_>),
    ) -> Result<(), ImapError> {
        self.run_parts(step, &[Part::Line(line.as_bytes())], limits, each).await
    }

    /// Runs a command whose literals wait for the server's go-ahead.
    pub(super) async fn run_parts(
        &mut self,
        step: &'static str,
        parts: &[Part<'_>],
        limits: Limits,
        mut each: impl FnMut(&Response<'_>),
    ) -> Result<(), ImapError> {
        let deadline = self.begin(step, limits)?;
        let tag = self.tag();
        let mut bytes = format!("{tag} ").into_bytes();
        for part in parts {
            match part {
                Part::Line(text) => bytes.extend_from_slice(text),
                Part::Literal(content) => {
                    bytes.extend_from_slice(b"\r\n");
                    self.write(step, deadline, limits, &bytes).await?;
                    bytes.clear();
                    if !self.wait_for_go_ahead(step, &tag, deadline, limits, &mut each).await? {
                        return Err(ImapError::Protocol { step, why: "it ended before the data was sent" });
                    }
                    bytes.extend_from_slice(content);
                }
            }
        }
        bytes.extend_from_slice(b"\r\n");
        self.write(step, deadline, limits, &bytes).await?;
        self.finish(step, &tag, deadline, limits, &mut each).await
    }

    /// Writes a line outside of a command (`DONE`, an answer to a challenge).
    pub(super) async fn say(
        &mut self,
        step: &'static str,
        line: &str,
        time: Duration,
    ) -> Result<(), ImapError> {
        let limits = Limits::small(time);
        self.write(step, Instant::now() + time, limits, format!("{line}\r\n").as_bytes()).await
    }

    /// Sends a command that goes on after the server's go-ahead (IDLE, AUTHENTICATE); gives its tag.
    pub(super) async fn open(
        &mut self,
        step: &'static str,
        line: &str,
        limits: Limits,
    ) -> Result<String, ImapError> {
        let deadline = self.begin(step, limits)?;
        let tag = self.tag();
        self.write(step, deadline, limits, format!("{tag} {line}\r\n").as_bytes()).await?;
        Ok(tag)
    }

    /// Reads until the server says `+`; `false` if the command ended well without it.
    pub(super) async fn wait_for_go_ahead(
        &mut self,
        step: &'static str,
        tag: &str,
        deadline: Instant,
        limits: Limits,
        each: &mut impl FnMut(&Response<'_>),
    ) -> Result<bool, ImapError> {
        loop {
            match self.turn(step, tag, deadline, limits, each).await? {
                Turn::GoAhead => return Ok(true),
                Turn::Ended => return Ok(false),
                Turn::Other => {}
            }
        }
    }

    /// Reads until the tagged answer.
    pub(super) async fn finish(
        &mut self,
        step: &'static str,
        tag: &str,
        deadline: Instant,
        limits: Limits,
        each: &mut impl FnMut(&Response<'_>),
    ) -> Result<(), ImapError> {
        while !matches!(self.turn(step, tag, deadline, limits, each).await?, Turn::Ended) {}
        Ok(())
    }

    /// Reads one answer to the command `tag`; its NO or BAD is an error.
    async fn turn(
        &mut self,
        step: &'static str,
        tag: &str,
        deadline: Instant,
        limits: Limits,
        each: &mut impl FnMut(&Response<'_>),
    ) -> Result<Turn, ImapError> {
        let (turn, ended) = self
            .next(step, deadline, limits, |answer| match answer {
                Response::Continue(_) => (Turn::GoAhead, Ok(())),
                Response::Done { tag: done, .. } if done.0 == tag => (Turn::Ended, status(step, answer)),
                other => {
                    each(other);
                    (Turn::Other, Ok(()))
                }
            })
            .await?;
        if matches!(turn, Turn::Ended) {
            // Even a NO answers the command in full.
            self.broken = matches!(ended, Err(ImapError::Protocol { .. }));
        }
        ended.map(|()| turn)
    }

    /// Shows the next answer, whatever it is, to `look`. Dropping this future loses nothing.
    pub(super) async fn next<R>(
        &mut self,
        step: &'static str,
        deadline: Instant,
        limits: Limits,
        look: impl FnOnce(&Response<'_>) -> R,
    ) -> Result<R, ImapError> {
        // The parser is foreign code that reads foreign bytes: some of them make it panic.
        let read = AssertUnwindSafe(self.client.read_response()).catch_unwind();
        let answer = match timeout_at(deadline, read).await {
            Err(_) => return Err(ImapError::Timeout { step, limit: limits.time }),
            Ok(Err(_)) => return Err(ImapError::Protocol { step, why: "the parser gave up on it" }),
            Ok(Ok(Err(error))) => return Err(read_error(step, &error)),
            Ok(Ok(Ok(None))) => return Err(ImapError::Closed { step }),
            Ok(Ok(Ok(Some(answer)))) => answer,
        };
        match answer.parsed() {
            Response::Data { status: Status::Bye, .. } if step != "LOGOUT" => {
                return Err(ImapError::Closed { step });
            }
            Response::MailboxData(MailboxDatum::Exists(_) | MailboxDatum::Recent(_)) => self.new_mail = true,
            _ => {}
        }
        Ok(look(answer.parsed()))
    }

    fn begin(&mut self, step: &'static str, limits: Limits) -> Result<Instant, ImapError> {
        if self.broken {
            return Err(ImapError::Closed { step });
        }
        self.broken = true;
        self.client.get_mut().allow(limits.bytes);
        Ok(Instant::now() + limits.time)
    }

    async fn write(
        &mut self,
        step: &'static str,
        deadline: Instant,
        limits: Limits,
        bytes: &[u8],
    ) -> Result<(), ImapError> {
        let stream = self.client.get_mut();
        let written = timeout_at(deadline, async {
            stream.write_all(bytes).await?;
            stream.flush().await
        });
        match written.await {
            Err(_) => Err(ImapError::Timeout { step, limit: limits.time }),
            Ok(Err(_)) => Err(ImapError::Closed { step }),
            Ok(Ok(())) => Ok(()),
        }
    }

    fn tag(&mut self) -> String {
        self.commands = self.commands.wrapping_add(1);
        format!("C{}", self.commands)
    }
}

/// What an answer is to the command that waits for it.
enum Turn {
    /// `+`
    GoAhead,
    /// Its own tagged OK.
    Ended,
    /// Something untagged.
    Other,
}

/// What the tagged answer says.
fn status(step: &'static str, answer: &Response<'_>) -> Result<(), ImapError> {
    let Response::Done { status, outcome, .. } = answer else {
        return Err(ImapError::Protocol { step, why: "it does not end the command" });
    };
    match status {
        Status::Ok => Ok(()),
        Status::No => Err(ImapError::Refused {
            step,
            reply: printable(outcome.information.as_deref().unwrap_or("NO")),
            try_create: outcome.code == Some(ResponseCode::TryCreate),
        }),
        _ => Err(ImapError::Protocol { step, why: "the server does not understand the command" }),
    }
}

/// What a failed read means. The error's own text may quote a mail, so it is not kept.
fn read_error(step: &'static str, error: &std::io::Error) -> ImapError {
    if error.get_ref().is_some_and(|e| e.is::<Overflow>()) {
        return ImapError::Protocol { step, why: "it is larger than what was asked for" };
    }
    match error.kind() {
        std::io::ErrorKind::Other | std::io::ErrorKind::InvalidData => {
            ImapError::Protocol { step, why: "it cannot be parsed" }
        }
        _ => ImapError::Closed { step },
    }
}

/// A server's words, fit for one line of a log.
pub(super) fn printable(text: &str) -> String {
    text.chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A string as IMAP quotes it. Callers pass nothing with line breaks or NUL.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_needs_it() {
        assert_eq!(quoted(r#"a "b" \c"#), r#""a \"b\" \\c""#);
        assert_eq!(quoted("a\r\nA2 DELETE INBOX"), r#""aA2 DELETE INBOX""#);
    }
}
