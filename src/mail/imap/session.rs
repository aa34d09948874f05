//! One connection that has signed in: connecting, selecting a folder, saying goodbye.

use std::collections::BTreeSet;

use async_imap::imap_proto::{Capability, MailboxDatum, NameAttribute, Response, ResponseCode};

use super::folder;
use super::login::sign_in;
use super::wire::{Limits, Wire, quoted};
use super::{ImapError, ImapSettings, ImapTimeouts};
use crate::mail::endpoint::Security;
use crate::mail::stream::Stream;

/// What a server can do, in upper case.
#[derive(Debug, Default)]
pub(super) struct Capabilities(BTreeSet<String>);

impl Capabilities {
    /// Whether it can do `what` (in upper case).
    pub(super) fn has(&self, what: &str) -> bool {
        self.0.contains(what)
    }
}

/// A folder that was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// UIDs mean the same mails only as long as this number stays (RFC 3501, 2.3.1.1).
    pub uidvalidity: u32,
    /// How many mails it holds.
    pub exists: u32,
    /// The UID that the next mail will get at the least, if the server says so.
    pub uidnext: Option<u32>,
}

/// A connection that has signed in.
pub struct ImapSession {
    pub(super) wire: Wire,
    pub(super) capabilities: Capabilities,
    pub(super) timeouts: ImapTimeouts,
}

impl ImapSession {
    /// Connects, secures the connection as the settings say (and never falls back to less) and signs in.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn connect(settings: &ImapSettings) -> Result<Self, ImapError> {
        let ImapSettings { server, trust, timeouts, .. } = settings;
        let mut stream = Stream::plain(server, timeouts.connect).await?;
        if server.security == Security::Tls {
            stream = stream.secure(server, trust, timeouts.connect).await?;
        }
        let mut wire = Wire::new(stream);
        wire.greeting(timeouts.command).await?;
        if server.security == Security::StartTls {
            let limits = Limits { time: timeouts.command, bytes: 64 * 1024 };
            match wire.run("STARTTLS", "STARTTLS", limits, |_| {}).await {
                Err(ImapError::Refused { .. } | ImapError::Protocol { .. }) => {
                    return Err(ImapError::NoStartTls { server: server.to_string() });
                }
                other => other?,
            }
            // What was sent ahead of TLS is thrown away with the old reader: only TLS can be believed.
            wire = Wire::new(wire.into_stream().secure(server, trust, timeouts.connect).await?);
        }
        let mut session = Self { wire, capabilities: Capabilities::default(), timeouts: *timeouts };
        session.ask_capabilities().await?;
        sign_in(&mut session.wire, settings, &session.capabilities).await?;
        // More is often offered after the sign-in than before it.
        session.ask_capabilities().await?;
        Ok(session)
    }

    /// Opens a folder for reading and marking.
    ///
    /// # Errors
    /// [`ImapError::Refused`] if there is no such folder.
    pub async fn select(&mut self, folder: &str) -> Result<Selected, ImapError> {
        self.open_folder("SELECT", folder).await
    }

    /// Opens a folder for looking only.
    pub(super) async fn examine(&mut self, folder: &str) -> Result<Selected, ImapError> {
        self.open_folder("EXAMINE", folder).await
    }

    async fn open_folder(&mut self, command: &'static str, folder: &str) -> Result<Selected, ImapError> {
        let (mut uidvalidity, mut exists, mut uidnext) = (None, 0, None);
        let line = format!("{command} {}", quoted(&folder::encode(folder)));
        let limits = Limits::small(self.timeouts.command);
        self.wire
            .run(command, &line, limits, |answer| match answer {
                Response::MailboxData(MailboxDatum::Exists(n)) => exists = *n,
                Response::Data { outcome, .. } => match &outcome.code {
                    Some(ResponseCode::UidValidity(n)) => uidvalidity = Some(*n),
                    Some(ResponseCode::UidNext(n)) => uidnext = Some(*n),
                    _ => {}
                },
                _ => {}
            })
            .await?;
        // This EXISTS is no news: the caller lists the folder next.
        self.wire.new_mail = false;
        let uidvalidity = uidvalidity.ok_or(ImapError::Protocol {
            step: command,
            why: "the folder has no UIDVALIDITY, so mails have no lasting names",
        })?;
        Ok(Selected { uidvalidity, exists, uidnext })
    }

    /// The folder that the account itself marks as its Sent folder (RFC 6154), if it does.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn sent_folder(&mut self) -> Result<Option<String>, ImapError> {
        let line = match self.capabilities.has("SPECIAL-USE") {
            true => r#"LIST (SPECIAL-USE) "" "*""#,
            false => r#"LIST "" "*""#,
        };
        let mut found = None;
        let limits = Limits::small(self.timeouts.command);
        self.wire
            .run("LIST", line, limits, |answer| {
                if let Response::MailboxData(MailboxDatum::List(list)) = answer
                    && list.name_attributes.contains(&NameAttribute::Sent)
                {
                    found.get_or_insert_with(|| folder::decode(&list.name));
                }
            })
            .await?;
        Ok(found)
    }

    /// Asks whether the server is still there.
    ///
    /// # Errors
    /// [`ImapError::Timeout`] or [`ImapError::Closed`] if it is not.
    pub async fn noop(&mut self) -> Result<(), ImapError> {
        self.wire.run("NOOP", "NOOP", Limits::small(self.timeouts.command), |_| {}).await
    }

    /// Says goodbye. An error on the way does not matter any more.
    pub async fn logout(mut self) {
        let limits = Limits::small(std::time::Duration::from_secs(5));
        let _ = self.wire.run("LOGOUT", "LOGOUT", limits, |_| {}).await;
    }

    async fn ask_capabilities(&mut self) -> Result<(), ImapError> {
        let mut found = BTreeSet::new();
        let limits = Limits::small(self.timeouts.command);
        self.wire
            .run("CAPABILITY", "CAPABILITY", limits, |answer| {
                if let Response::Capabilities(list) = answer {
                    found.extend(list.iter().map(|capability| match capability {
                        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                        Capability::Auth(how) => format!("AUTH={}", how.to_ascii_uppercase()),
                        Capability::Atom(name) => name.to_ascii_uppercase(),
                    }));
                }
            })
            .await?;
        self.capabilities = Capabilities(found);
        Ok(())
    }
}
