//! The real servers that `tests/run` starts, found by the variables it sets.
//!
//! Under plain `cargo test` there are none: a test that needs them prints that it was skipped. Under `tests/run` a
//! missing variable is an error.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use caseconsultant::mail::endpoint::{InboxUrl, OutboxUrl};
use caseconsultant::mail::imap::{ImapSession, ImapSettings, ImapTimeouts};
use caseconsultant::mail::login::Login;
use caseconsultant::mail::smtp::{SmtpSettings, SmtpTimeouts};
use caseconsultant::mail::tls::Trust;

/// The mail servers: Dovecot and Postfix.
pub(crate) struct MailServers {
    pub(crate) imap_port: u16,
    pub(crate) imaps_port: u16,
    pub(crate) smtp_port: u16,
    pub(crate) submission_port: u16,
    pub(crate) smtps_port: u16,
    pub(crate) password: String,
    pub(crate) domain: String,
    pub(crate) ca_file: PathBuf,
}

/// A variable of `tests/run`; `None`, with a printed note, under plain `cargo test`.
pub(crate) fn variable(name: &str) -> Option<String> {
    match (std::env::var(name), std::env::var("CC_TEST_SERVERS")) {
        (Ok(value), _) => Some(value),
        (Err(_), Ok(_)) => panic!("{name} is not set: tests/run did not start what this test needs"),
        (Err(_), Err(_)) => {
            println!("skipped: it needs real servers ({name}); run tests/run");
            None
        }
    }
}

impl MailServers {
    pub(crate) fn find() -> Option<Self> {
        let port = |name| variable(name).map(|port| port.parse().unwrap());
        Some(Self {
            imap_port: port("CC_TEST_IMAP_PORT")?,
            imaps_port: port("CC_TEST_IMAPS_PORT")?,
            smtp_port: port("CC_TEST_SMTP_PORT")?,
            submission_port: port("CC_TEST_SUBMISSION_PORT")?,
            smtps_port: port("CC_TEST_SMTPS_PORT")?,
            password: variable("CC_TEST_MAIL_PASSWORD")?,
            domain: variable("CC_TEST_MAIL_DOMAIN")?,
            ca_file: variable("CC_TEST_CA")?.into(),
        })
    }

    /// The address of a mailbox that no other test uses.
    pub(crate) fn mailbox(&self, name: &str) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::SeqCst);
        format!("{name}-{}-{count}@{}", std::process::id(), self.domain)
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::ca_file(&self.ca_file).unwrap()
    }

    /// `imaps://…` for a mailbox.
    pub(crate) fn inbox_url(&self, mailbox: &str) -> String {
        format!("imaps://{}@localhost:{}/INBOX", mailbox.replace('@', "%40"), self.imaps_port)
    }

    /// `smtp+starttls://…` for a mailbox.
    pub(crate) fn outbox_url(&self, mailbox: &str) -> String {
        format!("smtp+starttls://{}@localhost:{}", mailbox.replace('@', "%40"), self.submission_port)
    }

    pub(crate) fn imap_settings(&self, url: &str) -> ImapSettings {
        let Ok(InboxUrl::Imap { server, user, .. }) = url.parse() else { panic!("{url}") };
        let login = Login::password(user, &*self.password);
        ImapSettings { server, login, trust: self.trust(), timeouts: ImapTimeouts::default() }
    }

    pub(crate) fn smtp_settings(&self, url: &str) -> SmtpSettings {
        let Ok(OutboxUrl::Smtp { server, user }) = url.parse() else { panic!("{url}") };
        SmtpSettings {
            server,
            login: user.map(|user| Login::password(user, &*self.password)),
            trust: self.trust(),
            hello: "desk.example".to_owned(),
            timeouts: SmtpTimeouts::default(),
        }
    }

    /// A session of a mailbox's owner.
    pub(crate) async fn sign_in(&self, mailbox: &str) -> ImapSession {
        ImapSession::connect(&self.imap_settings(&self.inbox_url(mailbox))).await.unwrap()
    }

    /// The UIDs of the mails in an inbox that are marked as seen, asked in the server's own words.
    pub(crate) async fn seen(&self, mailbox: &str) -> Vec<u32> {
        use rustls_pki_types::pem::PemObject;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(rustls_pki_types::CertificateDer::from_pem_file(&self.ca_file).unwrap()).unwrap();
        let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let tcp = tokio::net::TcpStream::connect(("localhost", self.imaps_port)).await.unwrap();
        let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
        let tls = connector.connect("localhost".try_into().unwrap(), tcp).await.unwrap();
        let signed_in = async_imap::Client::new(tls).login(mailbox, &self.password).await;
        let mut session = signed_in.map_err(|(error, _)| error).unwrap();
        session.examine("INBOX").await.unwrap();
        let mut uids: Vec<u32> = session.uid_search("SEEN").await.unwrap().into_iter().collect();
        uids.sort_unstable();
        session.logout().await.unwrap();
        uids
    }

    /// Brings a mail as another server would, with swaks; `more` are further options.
    pub(crate) fn swaks(&self, from: &str, to: &str, subject: &str, body: &str, more: &[&str]) {
        let output = Command::new("swaks")
            .args(["--server", &format!("127.0.0.1:{}", self.smtp_port), "--from", from, "--to", to])
            .args(["--h-Subject", subject, "--body", body])
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
