//! From DATA on: the mail itself, and what its answer means.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Data;
use tokio::time::timeout;

use super::session::{positive, quit_later, reply_of};
use super::{Reply, SendOutcome, SmtpTimeouts};

/// So much of a mail is handed over at once.
const CHUNK: usize = 16 * 1024;

/// A server that has accepted sender and recipient and waits for DATA. Dropping it ends the session; nothing was sent.
#[must_use = "the recipient was accepted and waits for the mail: transmit or cancel"]
pub struct Ready {
    connection: AsyncSmtpConnection,
    timeouts: SmtpTimeouts,
}

impl Ready {
    pub(super) fn new(connection: AsyncSmtpConnection, timeouts: SmtpTimeouts) -> Self {
        Self { connection, timeouts }
    }

    /// Ends the session with QUIT; nothing was sent.
    pub async fn cancel(self) {
        quit_later(self.connection);
    }

    /// Sends DATA and the mail, and says what became of it.
    ///
    /// `bytes` is the whole mail; bare line feeds and carriage returns become line ends (RFC 5321, 2.3.8). Does not
    /// wait for the goodbye.
    pub async fn transmit(mut self, bytes: &[u8]) -> SendOutcome {
        let (outcome, whole) = self.send(bytes).await;
        if whole {
            quit_later(self.connection);
        }
        outcome
    }

    /// The outcome, and whether the connection is still in step with the server.
    async fn send(&mut self, bytes: &[u8]) -> (SendOutcome, bool) {
        let deferred = |text: &str| (SendOutcome::Deferred { reply: Reply::own(text) }, false);
        match timeout(self.timeouts.command, self.connection.command(Data)).await {
            Err(_) => return deferred("no answer to DATA; nothing was sent"),
            Ok(Ok(response)) if response.has_code(354) => {}
            // Nobody asked for the mail, so none was sent.
            Ok(Ok(response)) => {
                let reply = positive(&response);
                return deferred(&format!(
                    "an answer to DATA that makes no sense ({reply}); nothing was sent"
                ));
            }
            Ok(Err(error)) => {
                return match reply_of(&error) {
                    Some(reply) => (refusal(reply), true),
                    None => deferred("the connection was lost at DATA; nothing was sent"),
                };
            }
        }
        self.send_content(bytes).await
    }

    async fn send_content(&mut self, bytes: &[u8]) -> (SendOutcome, bool) {
        let content = wire_form(bytes);
        // lettre asks for the next chunk only after the last was written, and writes the dot after the last of all.
        let all_handed_over = AtomicBool::new(false);
        let mut chunks = content.chunks(CHUNK);
        let handing_over = std::iter::from_fn(|| {
            let next = chunks.next();
            all_handed_over.store(next.is_none(), Ordering::SeqCst);
            next
        });
        let mut sending = pin!(self.connection.message_iter(handing_over));
        let mut result = timeout(self.timeouts.content, sending.as_mut()).await;
        if result.is_err() && all_handed_over.load(Ordering::SeqCst) {
            result = timeout(self.timeouts.dot, sending.as_mut()).await;
        }
        let dot = all_handed_over.load(Ordering::SeqCst);
        match result {
            Ok(Ok(response)) if (200..300).contains(&u16::from(response.code())) => {
                (SendOutcome::Accepted { reply: positive(&response) }, true)
            }
            Ok(Ok(response)) => {
                let reply = positive(&response);
                (lost(format!("an answer to the end of the mail that makes no sense ({reply})")), false)
            }
            Ok(Err(error)) => match reply_of(&error) {
                Some(reply) => (refusal(reply), true),
                None if dot => (lost("the connection was lost after the end of the mail".to_owned()), false),
                None => (before_dot("the connection was lost in the middle of the mail"), false),
            },
            Err(_) if dot => (lost("no answer to the end of the mail".to_owned()), false),
            Err(_) => (before_dot("the server stopped taking the mail in its middle"), false),
        }
    }
}

/// A definite 4xx or 5xx.
fn refusal(reply: Reply) -> SendOutcome {
    match reply.code {
        Some(500..) => SendOutcome::Refused { reply },
        _ => SendOutcome::Deferred { reply },
    }
}

/// Without the final dot a server must throw away what it has (RFC 5321, 4.1.1.4).
fn before_dot(text: &str) -> SendOutcome {
    SendOutcome::Deferred { reply: Reply::own(text) }
}

fn lost(what: String) -> SendOutcome {
    SendOutcome::Lost { what }
}

/// The mail with CRLF at each line end but the last one, which lettre writes with the dot.
fn wire_form(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'\r' => {
                rest.next_if_eq(&b'\n');
                out.extend_from_slice(b"\r\n");
            }
            b'\n' => out.extend_from_slice(b"\r\n"),
            other => out.push(other),
        }
    }
    if out.ends_with(b"\r\n") {
        out.truncate(out.len().saturating_sub(2));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_one_line_end_and_leaves_no_bare_ones() {
        for (mail, want) in [
            ("a\r\nb\r\n", "a\r\nb"),
            ("a\r\n\r\n", "a\r\n"),
            ("a", "a"),
            ("", ""),
            ("a\n.\nb\n", "a\r\n.\r\nb"),
            ("a\r.\r\r\nb", "a\r\n.\r\n\r\nb"),
        ] {
            assert_eq!(wire_form(mail.as_bytes()), want.as_bytes(), "{mail:?}");
        }
    }
}
