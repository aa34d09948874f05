//! IMAP: reading an inbox, marking what was filed, and filing our copies into the Sent folder.
//!
//! One [`ImapSession`] is one connection that has signed in. Any error but [`ImapError::Refused`] ends it: drop it,
//! wait ([`crate::mail::backoff::Backoff`]) and connect anew. The responses are read and parsed by `async-imap`;
//! the commands are our own ([`wire`]), because its streams end silently when the server says NO or hangs up, and
//! an inbox that looks empty is worse than an error.

mod append;
mod fetch;
mod folder;
mod idle;
mod login;
mod session;
mod uid_set;
mod wire;

use std::time::Duration;

pub use fetch::{Fetched, Listed, batches};
pub use idle::IdleEnd;
pub use session::{ImapSession, Selected};

use super::endpoint::Server;
use super::login::Login;
use super::stream::ConnectError;
use super::tls::Trust;

/// An account on an IMAP server.
#[derive(Debug, Clone)]
pub struct ImapSettings {
    /// The server.
    pub server: Server,
    /// Who signs in.
    pub login: Login,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// How long each step may take.
    pub timeouts: ImapTimeouts,
}

/// How long each step may take.
#[derive(Debug, Clone, Copy)]
pub struct ImapTimeouts {
    /// TCP connection, and TLS handshake.
    pub connect: Duration,
    /// One command; fetching and appending get more by their size.
    pub command: Duration,
}

impl Default for ImapTimeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(15), command: Duration::from_secs(60) }
    }
}

/// What went wrong with an IMAP server.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// No connection, or none that can be trusted.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server offers no STARTTLS; nothing was said over the open connection.
    #[error("{server} offers no STARTTLS; use imaps://, or ask the provider")]
    NoStartTls {
        /// Host and port.
        server: String,
    },
    /// The server refused user and password (or token).
    #[error("{server} refuses the sign-in of {user}: {reply}; check user name and password (or token)")]
    Auth {
        /// Host and port.
        server: String,
        /// The user name.
        user: String,
        /// What the server said.
        reply: String,
    },
    /// A step took too long, or the connection is dead without saying so.
    #[error("no answer within {} s to {step}", limit.as_secs())]
    Timeout {
        /// The command.
        step: &'static str,
        /// The time allowed.
        limit: Duration,
    },
    /// The server closed the connection.
    #[error("the connection ended at {step}")]
    Closed {
        /// The command.
        step: &'static str,
    },
    /// What the server sent is not IMAP as far as we understand it, or more than was asked for.
    #[error("the answer to {step} cannot be used: {why}")]
    Protocol {
        /// The command.
        step: &'static str,
        /// What is wrong with it (never its content, which may be a mail).
        why: &'static str,
    },
    /// A definite NO: a folder that does not exist, a quota. The session is still good.
    #[error("the server refuses {step}: {reply}")]
    Refused {
        /// The command.
        step: &'static str,
        /// What the server said.
        reply: String,
        /// Whether creating the folder would help.
        try_create: bool,
    },
}

impl ImapError {
    /// Whether only the administrator can help: a wrong password, a certificate, no STARTTLS. Everything else may
    /// pass by itself.
    #[must_use]
    pub fn needs_administrator(&self) -> bool {
        matches!(self, Self::Auth { .. } | Self::NoStartTls { .. } | Self::Connect(ConnectError::Tls { .. }))
    }
}
