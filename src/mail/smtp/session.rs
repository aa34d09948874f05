//! Up to RCPT: connecting, STARTTLS, signing in, sender and recipient. Nothing of the mail is sent in here.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use super::transmit::Ready;
use super::{BeforeData, Envelope, Reply, SmtpError, SmtpSettings, SmtpTimeouts, Step};
use crate::mail::endpoint::Security;
use crate::mail::login::{Login, Proof};
use crate::mail::stream::Stream;

/// The longest reply that is read; lettre bounds each reply itself, this bounds them all.
const SESSION_BYTES: u64 = 4 * 1024 * 1024;

/// A connection that has signed in and waits for a mail.
pub struct SmtpSession {
    connection: AsyncSmtpConnection,
    timeouts: SmtpTimeouts,
}

impl SmtpSession {
    /// Connects, secures the connection as the settings say (and never falls back to less) and signs in.
    ///
    /// # Errors
    /// See [`SmtpError`]; nothing of a mail was sent.
    pub async fn connect(settings: &SmtpSettings) -> Result<Self, SmtpError> {
        let SmtpSettings { server, trust, timeouts, .. } = settings;
        let hello = ClientId::Domain(settings.hello.clone());
        let mut stream = Stream::plain(server, timeouts.connect).await?;
        match server.security {
            Security::Tls => stream = stream.secure(server, trust, timeouts.connect).await?,
            Security::StartTls => stream = stream.singly(),
            Security::Loopback => {}
        }
        stream.allow(SESSION_BYTES);
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
        let connection = answer(Step::Hello, timeouts.command, greeted).await?;
        let mut session = Self { connection, timeouts: *timeouts };
        if server.security == Security::StartTls {
            session.start_tls(settings, &hello).await?;
        }
        if let Some(login) = &settings.login {
            session.sign_in(settings, login).await?;
        }
        Ok(session)
    }

    /// Names sender and recipient. After this the server waits for the mail, and nothing of it was sent.
    ///
    /// # Errors
    /// [`BeforeData`]; the connection is closed then.
    pub async fn prepare(mut self, envelope: &Envelope) -> Result<Ready, BeforeData> {
        let named = self.name_both(envelope).await;
        match named {
            Ok(()) => Ok(Ready::new(self.connection, self.timeouts)),
            Err(error) => {
                quit_later(self.connection);
                Err(error)
            }
        }
    }

    /// Ends the session without a mail.
    pub async fn quit(mut self) {
        let _ = timeout(QUIT, self.connection.quit()).await;
    }

    async fn start_tls(&mut self, settings: &SmtpSettings, hello: &ClientId) -> Result<(), SmtpError> {
        let server = settings.server.to_string();
        if !self.connection.can_starttls() {
            return Err(SmtpError::NoStartTls { server });
        }
        let parameters = settings.trust.for_lettre(&settings.server.host)?;
        let limit = settings.timeouts.connect + settings.timeouts.command;
        match timeout(limit, self.connection.starttls(parameters, hello)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if error.status().is_some() => Err(SmtpError::NoStartTls { server }),
            Ok(Err(error)) => {
                Err(SmtpError::Tls { server, reason: Reply::foreign(None, &error.to_string()).text })
            }
            Err(_) => Err(SmtpError::Timeout { step: Step::StartTls, limit }),
        }
    }

    async fn sign_in(&mut self, settings: &SmtpSettings, login: &Login) -> Result<(), SmtpError> {
        let mechanisms: &[Mechanism] = match login.proof {
            Proof::Password(_) => &[Mechanism::Plain, Mechanism::Login],
            Proof::AccessToken(_) => &[Mechanism::Xoauth2],
        };
        let (server, user) = (settings.server.to_string(), login.user.clone());
        if self.connection.server_info().get_auth_mechanism(mechanisms).is_none() {
            return Err(SmtpError::NoAuth { server, user });
        }
        let credentials = Credentials::new(login.user.clone(), login.secret().to_owned());
        let signed_in = self.connection.auth(mechanisms, &credentials);
        match answer(Step::Auth, self.timeouts.command, signed_in).await {
            Ok(_) => Ok(()),
            // A 4xx (RFC 4954: 454, "temporary authentication failure") may pass, a 5xx will not.
            Err(SmtpError::Reply { reply, .. }) if reply.code.is_some_and(|code| code >= 500) => {
                Err(SmtpError::Auth { server, user, reply })
            }
            Err(error) => Err(error),
        }
    }

    async fn name_both(&mut self, envelope: &Envelope) -> Result<(), BeforeData> {
        let sender = envelope.from.as_ref().map(ToString::to_string).unwrap_or_default();
        let needs_utf8 = envelope.to.needs_smtputf8()
            || envelope.from.as_ref().is_some_and(crate::domain::Address::needs_smtputf8);
        let offers_utf8 = self.connection.server_info().supports_feature(Extension::SmtpUtfEight);
        if needs_utf8 && !offers_utf8 {
            return Err(BeforeData::Refused {
                reply: Reply::own(
                    "the address is not ASCII before the @, and our server cannot send to such (SMTPUTF8)",
                ),
                about_recipient: envelope.to.needs_smtputf8(),
            });
        }
        let utf8 = if needs_utf8 { " SMTPUTF8" } else { "" };
        self.name(Step::Mail, format!("MAIL FROM:<{sender}>{utf8}\r\n")).await?;
        self.name(Step::Rcpt, format!("RCPT TO:<{}>\r\n", envelope.to)).await
    }

    async fn name(&mut self, step: Step, line: String) -> Result<(), BeforeData> {
        match answer(step, self.timeouts.command, self.connection.command(line)).await {
            Ok(_) => Ok(()),
            Err(SmtpError::Reply { reply, .. }) if reply.code.is_some_and(|code| code >= 500) => {
                Err(BeforeData::Refused { reply, about_recipient: step == Step::Rcpt })
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// How long a goodbye may take.
const QUIT: Duration = Duration::from_secs(5);

/// Says goodbye without making anybody wait for it.
pub(super) fn quit_later(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move {
        let _ = timeout(QUIT, connection.quit()).await;
    });
}

async fn answer<T>(
    step: Step,
    limit: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, SmtpError> {
    match timeout(limit, work).await {
        Err(_) => Err(SmtpError::Timeout { step, limit }),
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => match reply_of(&error) {
            Some(reply) => Err(SmtpError::Reply { step, reply }),
            None => Err(SmtpError::Lost { step }),
        },
    }
}

/// The definite 4xx or 5xx in an error; `None` for everything that leaves it open.
pub(super) fn reply_of(error: &Error) -> Option<Reply> {
    let code = error.status()?;
    let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    Some(Reply::foreign(Some(code.into()), &text))
}

/// A positive reply.
pub(super) fn positive(response: &Response) -> Reply {
    let lines: Vec<&str> = response.message().collect();
    Reply::foreign(Some(response.code().into()), &lines.join(" "))
}
