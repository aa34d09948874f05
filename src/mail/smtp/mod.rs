//! SMTP submission, in the steps that delivery needs: everything up to RCPT first ([`SmtpSession::prepare`]), then a
//! moment for the caller's own transaction (T5b), then DATA ([`Ready::transmit`]).
//!
//! What fails before the final dot was not sent, and a 4xx or 5xx to the dot is definite. A connection that is lost
//! between the dot and its answer leaves it open: [`SendOutcome::Lost`]. Built on lettre's connection, each step under
//! a timeout of ours (lettre has one for connecting only).

mod session;
mod transmit;

use std::fmt;
use std::time::Duration;

pub use session::SmtpSession;
pub use transmit::Ready;

use super::endpoint::Server;
use super::login::Login;
use super::stream::ConnectError;
use super::tls::{Trust, TrustError};
use crate::domain::Address;

/// An account on a submission server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// The server.
    pub server: Server,
    /// Who signs in; `None` where the server wants nobody to.
    pub login: Option<Login>,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// How we call ourselves in EHLO: a host name.
    pub hello: String,
    /// How long each step may take.
    pub timeouts: SmtpTimeouts,
}

/// How long each step may take.
#[derive(Debug, Clone, Copy)]
pub struct SmtpTimeouts {
    /// TCP connection, and TLS handshake.
    pub connect: Duration,
    /// The answer to any command: greeting, EHLO, AUTH, MAIL, RCPT, DATA.
    pub command: Duration,
    /// Sending the mail itself, all of it.
    pub content: Duration,
    /// The answer to the final dot (RFC 5321, 4.5.3.2.6, asks for 10 minutes).
    pub dot: Duration,
}

impl Default for SmtpTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            command: Duration::from_secs(60),
            content: Duration::from_secs(180),
            dot: Duration::from_secs(600),
        }
    }
}

impl SmtpTimeouts {
    /// The longest that [`Ready::transmit`] takes: a delivery's lease must be longer from T5b on.
    #[must_use]
    pub fn transmitting(&self) -> Duration {
        self.command + self.content + self.dot
    }
}

/// From whom and to whom a mail goes, as the servers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Where bounces go; `None` is the null sender `<>` of automatic mail (RFC 5321, 4.5.5).
    pub from: Option<Address>,
    /// The one recipient.
    pub to: Address,
}

/// What a server said (or what we found ourselves, without a code).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The reply code: 250, 451, 550 …
    pub code: Option<u16>,
    /// Its text, on one line.
    pub text: String,
}

impl Reply {
    /// Without a code: our own finding.
    pub(crate) fn own(text: impl Into<String>) -> Self {
        Self { code: None, text: text.into() }
    }

    /// With foreign text, cut to a line that fits into a log.
    pub(crate) fn foreign(code: Option<u16>, text: &str) -> Self {
        let text = text.chars().take(500).map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { code, text }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code} {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// A step before DATA, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The greeting and EHLO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hello => "the greeting",
            Self::StartTls => "STARTTLS",
            Self::Auth => "the sign-in",
            Self::Mail => "MAIL FROM",
            Self::Rcpt => "RCPT TO",
        })
    }
}

/// Why nothing was sent, and it may be tried again later.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// No connection, or none that can be trusted.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// TLS cannot be set up here.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The server offers no STARTTLS; nothing was said over the open connection.
    #[error("{server} offers no STARTTLS; use smtps://, or ask the provider")]
    NoStartTls {
        /// Host and port.
        server: String,
    },
    /// STARTTLS began and failed: an unknown authority, another name, an expired certificate.
    #[error(
        "{server} gives no TLS that can be trusted: {reason}; check the host name, and name its CA with ca_file if it is a private one"
    )]
    Tls {
        /// Host and port.
        server: String,
        /// What the TLS library said.
        reason: String,
    },
    /// The server refuses the sign-in.
    #[error("{server} refuses the sign-in of {user}: {reply}; check user name and password (or token)")]
    Auth {
        /// Host and port.
        server: String,
        /// The user name.
        user: String,
        /// What the server said.
        reply: Reply,
    },
    /// The server offers no way to sign in that we know.
    #[error("{server} offers no sign-in with what {user} has (PLAIN, LOGIN; XOAUTH2 for a token)")]
    NoAuth {
        /// Host and port.
        server: String,
        /// The user name.
        user: String,
    },
    /// A definite "not now", or a "no" that is not about this mail.
    #[error("the server answers {step} with: {reply}")]
    Reply {
        /// The step.
        step: Step,
        /// What it said.
        reply: Reply,
    },
    /// No answer in time.
    #[error("no answer within {} s to {step}", limit.as_secs())]
    Timeout {
        /// The step.
        step: Step,
        /// The time allowed.
        limit: Duration,
    },
    /// The connection ended, or what came is no SMTP.
    #[error("the connection was lost at {step}")]
    Lost {
        /// The step.
        step: Step,
    },
}

impl SmtpError {
    /// Whether only the administrator can help: a wrong password, a certificate, no STARTTLS. Everything else may
    /// pass by itself.
    #[must_use]
    pub fn needs_administrator(&self) -> bool {
        matches!(
            self,
            Self::Trust(_)
                | Self::NoStartTls { .. }
                | Self::Tls { .. }
                | Self::Auth { .. }
                | Self::NoAuth { .. }
                | Self::Connect(ConnectError::Tls { .. })
        )
    }
}

/// Why a mail got no further than RCPT. Nothing of it was sent.
#[derive(Debug, thiserror::Error)]
pub enum BeforeData {
    /// Later, perhaps. A refused sign-in is here too: it says nothing about the mail.
    #[error(transparent)]
    Deferred(#[from] SmtpError),
    /// A definite "no" to this sender or this recipient.
    #[error("refused: {reply}")]
    Refused {
        /// What the server said.
        reply: Reply,
        /// Whether it is about the recipient (RCPT) and not about us (MAIL).
        about_recipient: bool,
    },
}

/// What became of a mail after DATA had begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The server took it.
    Accepted {
        /// What it said, often with its own id for the mail.
        reply: Reply,
    },
    /// It was not taken now: a 4xx, or the connection ended before the final dot.
    Deferred {
        /// What the server said, or what happened.
        reply: Reply,
    },
    /// A definite "no" to the mail itself.
    Refused {
        /// What the server said.
        reply: Reply,
    },
    /// The final dot may have arrived and its answer did not: nobody knows whether the mail was sent.
    Lost {
        /// What happened.
        what: String,
    },
}
