//! A configured mailbox, ready for its workers: settings for its servers, read anew for each connection.

use std::path::PathBuf;
use std::time::Duration;

use super::WorkError;
use crate::config::{Auth, Delivery, MailboxConfig, OnFiled, OnUncertain, Secret, SentCopy};
use crate::domain::Address;
use crate::mail::endpoint::{InboxUrl, OutboxUrl};
use crate::mail::imap::{ImapSettings, ImapTimeouts};
use crate::mail::login::{Login, Proof};
use crate::mail::smtp::{SmtpSettings, SmtpTimeouts};
use crate::mail::tls::Trust;

/// A mailbox and how its servers are reached.
#[derive(Debug, Clone)]
pub struct MailboxWork {
    /// Its configuration.
    pub config: MailboxConfig,
    /// Timeouts and retries of deliveries.
    pub delivery: Delivery,
}

impl MailboxWork {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Account, host and folder, as the database knows them: a change must be told with `mailbox rename` or `reset`.
    #[must_use]
    pub fn identity(&self) -> String {
        match &self.config.inbox {
            InboxUrl::Imap { server, user, folder } => format!("imap {user} {} {folder}", server.host),
            InboxUrl::Maildir(path) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                format!("maildir {}", path.display())
            }
        }
    }

    /// How its IMAP server is reached; `None` for a Maildir.
    ///
    /// # Errors
    /// If the password or the certificates cannot be read.
    pub fn imap(&self) -> Result<Option<(ImapSettings, String)>, WorkError> {
        let InboxUrl::Imap { server, user, folder } = &self.config.inbox else { return Ok(None) };
        let settings = ImapSettings {
            server: server.clone(),
            login: self.login(user, self.config.inbox_secret.as_ref(), "inbox")?,
            trust: self.trust()?,
            timeouts: ImapTimeouts::default(),
        };
        Ok(Some((settings, folder.clone())))
    }

    /// How its SMTP server is reached; `None` for a Maildir.
    ///
    /// # Errors
    /// If the password or the certificates cannot be read.
    pub fn smtp(&self) -> Result<Option<SmtpSettings>, WorkError> {
        let OutboxUrl::Smtp { server, user } = &self.config.outbox else { return Ok(None) };
        let login = match user {
            Some(user) => Some(self.login(user, self.config.outbox_secret.as_ref(), "outbox")?),
            None => None,
        };
        Ok(Some(SmtpSettings {
            server: server.clone(),
            login,
            trust: self.trust()?,
            hello: self.config.address.domain().to_owned(),
            timeouts: SmtpTimeouts {
                connect: self.delivery.connect_timeout,
                command: self.delivery.command_timeout,
                content: Duration::from_secs(120).min(self.delivery.data_timeout),
                dot: self.delivery.data_timeout,
            },
        }))
    }

    fn trust(&self) -> Result<Trust, WorkError> {
        let trust = match &self.config.ca_file {
            Some(file) => Trust::ca_file(file),
            None => Trust::system(),
        };
        trust.map_err(|e| self.setup(e.to_string()))
    }

    fn login(&self, user: &str, secret: Option<&Secret>, which: &str) -> Result<Login, WorkError> {
        let secret = secret.ok_or_else(|| self.setup(format!("there is no password for the {which}")))?;
        let secret = secret.read().map_err(|e| self.setup(e.to_string()))?;
        let proof = match self.config.auth {
            Auth::Password => Proof::Password(secret),
            Auth::OAuth2 => Proof::AccessToken(secret),
        };
        Ok(Login { user: user.to_owned(), proof })
    }

    pub(super) fn setup(&self, why: String) -> WorkError {
        WorkError::Setup { mailbox: self.config.name.clone(), why }
    }

    /// The Maildir that mail goes out to, if it does.
    #[must_use]
    pub fn outgoing_maildir(&self) -> Option<&PathBuf> {
        match &self.config.outbox {
            OutboxUrl::Maildir(path) => Some(path),
            OutboxUrl::Smtp { .. } => None,
        }
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.config.address
    }

    pub(super) fn on_filed(&self) -> &OnFiled {
        &self.config.on_filed
    }

    pub(super) fn sent(&self) -> &SentCopy {
        &self.config.sent
    }

    pub(super) fn resends_uncertain(&self) -> bool {
        self.config.on_uncertain == OnUncertain::Resend
    }
}
