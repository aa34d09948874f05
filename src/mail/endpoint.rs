//! Where mail comes from and goes to: the `inbox` and `outbox` of a mailbox, parsed once.
//!
//! `imaps://user@host:993/INBOX`, `imap+starttls://`, `imap+insecure://` and `maildir:PATH`;
//! `smtps://user@host:465`, `smtp+starttls://`, `smtp+insecure://` and `maildir:PATH`. What is insecure talks to
//! this machine only. A password never stands in a URL: URLs end up in logs, shells and screenshots.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314's recommendation).
    Tls,
    /// Plain until STARTTLS, which must succeed before anything else is said.
    StartTls,
    /// No protection; only ever to this machine.
    Loopback,
}

/// A server: its name, port and how the connection is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// A host name (as an A-label) or an IP address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
}

/// Where questions come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxUrl {
    /// One folder of one account on an IMAP server.
    Imap {
        /// The server.
        server: Server,
        /// The account's user name, percent-decoded.
        user: String,
        /// The folder, `INBOX` if the URL names none.
        folder: String,
    },
    /// A Maildir on this machine.
    Maildir(PathBuf),
}

/// Where answers go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxUrl {
    /// A submission server.
    Smtp {
        /// The server.
        server: Server,
        /// The account's user name, percent-decoded; `None`: the server wants no sign-in.
        user: Option<String>,
    },
    /// A Maildir on this machine (for the demo and for tests).
    Maildir(PathBuf),
}

/// What is wrong with an inbox or outbox URL. Never repeats the URL, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL of a kind that is known here.
    #[error("{what} must begin with {known}")]
    Scheme {
        /// `inbox` or `outbox`.
        what: &'static str,
        /// The prefixes that are known.
        known: &'static str,
    },
    /// It holds a password.
    #[error("a password does not belong into a URL; put it into a file and name that with `password_file`")]
    Password,
    /// A URL could not be parsed.
    #[error("not a URL: {0}")]
    Url(#[from] url::ParseError),
    /// No user name where one is needed.
    #[error("the user name is missing: write it before the host, `{scheme}://user%40example.org@host/INBOX`")]
    User {
        /// The URL's scheme.
        scheme: String,
    },
    /// No host.
    #[error("the host name is missing")]
    Host,
    /// The user name or folder is not UTF-8, or holds control characters.
    #[error("the {0} holds characters that cannot be used")]
    Characters(&'static str),
    /// Something behind the folder, or a folder where there can be none.
    #[error("nothing may follow the {0}")]
    Trailing(&'static str),
    /// An insecure connection to another machine.
    #[error(
        "`{scheme}` is for this machine only (localhost, 127.0.0.1, ::1); use `{instead}` for a server elsewhere"
    )]
    InsecureRemote {
        /// The URL's scheme.
        scheme: String,
        /// The one to use.
        instead: &'static str,
    },
    /// `maildir:` without a path.
    #[error("the folder is missing: `maildir:PATH`")]
    MaildirPath,
}

/// A scheme with its protection, default port and, if insecure, what to use elsewhere.
struct Scheme(&'static str, Security, u16, &'static str);

const IMAP: [Scheme; 3] = [
    Scheme("imaps", Security::Tls, 993, ""),
    Scheme("imap+starttls", Security::StartTls, 143, ""),
    Scheme("imap+insecure", Security::Loopback, 143, "imaps://"),
];
const SMTP: [Scheme; 3] = [
    Scheme("smtps", Security::Tls, 465, ""),
    Scheme("smtp+starttls", Security::StartTls, 587, ""),
    Scheme("smtp+insecure", Security::Loopback, 25, "smtps://"),
];

impl FromStr for InboxUrl {
    type Err = EndpointError;
    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if let Some(path) = maildir(text)? {
            return Ok(Self::Maildir(path));
        }
        let known = "imaps://, imap+starttls://, imap+insecure:// or maildir:";
        let (url, server) = server(text, &IMAP, EndpointError::Scheme { what: "inbox", known })?;
        let user = user(&url)?.ok_or_else(|| EndpointError::User { scheme: url.scheme().to_owned() })?;
        let folder = decoded(url.path().trim_start_matches('/'), "folder")?;
        let folder = if folder.is_empty() { "INBOX".to_owned() } else { folder };
        Ok(Self::Imap { server, user, folder })
    }
}

impl FromStr for OutboxUrl {
    type Err = EndpointError;
    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if let Some(path) = maildir(text)? {
            return Ok(Self::Maildir(path));
        }
        let known = "smtps://, smtp+starttls://, smtp+insecure:// or maildir:";
        let (url, server) = server(text, &SMTP, EndpointError::Scheme { what: "outbox", known })?;
        if !matches!(url.path(), "" | "/") {
            return Err(EndpointError::Trailing("port"));
        }
        Ok(Self::Smtp { server, user: user(&url)? })
    }
}

impl InboxUrl {
    /// The same, with a relative Maildir path taken from `folder` (the configuration file's).
    #[must_use]
    pub fn relative_to(self, folder: &Path) -> Self {
        match self {
            Self::Maildir(path) => Self::Maildir(folder.join(path)),
            imap @ Self::Imap { .. } => imap,
        }
    }
}

impl OutboxUrl {
    /// The same, with a relative Maildir path taken from `folder` (the configuration file's).
    #[must_use]
    pub fn relative_to(self, folder: &Path) -> Self {
        match self {
            Self::Maildir(path) => Self::Maildir(folder.join(path)),
            smtp @ Self::Smtp { .. } => smtp,
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

fn maildir(text: &str) -> Result<Option<PathBuf>, EndpointError> {
    let Some(path) = text.strip_prefix("maildir:") else { return Ok(None) };
    if path.is_empty() || path.contains('\0') {
        return Err(EndpointError::MaildirPath);
    }
    Ok(Some(PathBuf::from(path)))
}

fn server(text: &str, known: &[Scheme], unknown: EndpointError) -> Result<(Url, Server), EndpointError> {
    let Some(scheme) =
        known.iter().find(|s| text.strip_prefix(s.0).is_some_and(|rest| rest.starts_with("://")))
    else {
        return Err(unknown);
    };
    let Scheme(name, security, default_port, instead) = *scheme;
    let url = Url::parse(text)?;
    if url.password().is_some() {
        return Err(EndpointError::Password);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(EndpointError::Trailing("folder"));
    }
    let host = match url.host().ok_or(EndpointError::Host)? {
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
        Host::Domain(name) => {
            let name = decoded(name, "host name")?;
            idna::domain_to_ascii(&name).map_err(|_| EndpointError::Characters("host name"))?
        }
    };
    if host.is_empty() {
        return Err(EndpointError::Host);
    }
    if security == Security::Loopback && !is_loopback(&host) {
        return Err(EndpointError::InsecureRemote { scheme: format!("{name}://"), instead });
    }
    let port = url.port().unwrap_or(default_port);
    Ok((url, Server { host, port, security }))
}

fn user(url: &Url) -> Result<Option<String>, EndpointError> {
    let user = decoded(url.username(), "user name")?;
    Ok((!user.is_empty()).then_some(user))
}

fn decoded(text: &str, what: &'static str) -> Result<String, EndpointError> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| EndpointError::Characters(what))?;
    if text.chars().any(char::is_control) {
        return Err(EndpointError::Characters(what));
    }
    Ok(text.into_owned())
}

/// Whether `host` can only be this machine.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imap(host: &str, port: u16, security: Security, user: &str, folder: &str) -> InboxUrl {
        let server = Server { host: host.into(), port, security };
        InboxUrl::Imap { server, user: user.into(), folder: folder.into() }
    }

    #[test]
    fn reads_inboxes() {
        use Security::{Loopback, StartTls, Tls};
        for (text, want) in [
            (
                "imaps://consult%40example.org@mail.example.org:1993/INBOX",
                imap("mail.example.org", 1993, Tls, "consult@example.org", "INBOX"),
            ),
            ("imaps://u@mail.example.org", imap("mail.example.org", 993, Tls, "u", "INBOX")),
            ("imaps://u@mail.example.org/", imap("mail.example.org", 993, Tls, "u", "INBOX")),
            ("imap+starttls://u@h.example/A%20b/c", imap("h.example", 143, StartTls, "u", "A b/c")),
            ("imap+insecure://u@127.0.0.1:4143/", imap("127.0.0.1", 4143, Loopback, "u", "INBOX")),
            ("imap+insecure://u@[::1]:4143", imap("::1", 4143, Loopback, "u", "INBOX")),
            ("imap+insecure://u@localhost", imap("localhost", 143, Loopback, "u", "INBOX")),
            ("maildir:data/in box", InboxUrl::Maildir("data/in box".into())),
        ] {
            assert_eq!(text.parse::<InboxUrl>(), Ok(want), "{text}");
        }
    }

    #[test]
    fn reads_outboxes() {
        let server = Server { host: "mail.example.org".into(), port: 587, security: Security::StartTls };
        assert_eq!(
            "smtp+starttls://a%40b.example@mail.example.org".parse(),
            Ok(OutboxUrl::Smtp { server: server.clone(), user: Some("a@b.example".into()) })
        );
        assert_eq!("smtp+starttls://mail.example.org/".parse(), Ok(OutboxUrl::Smtp { server, user: None }));
        assert_eq!(
            "maildir:out".parse::<OutboxUrl>().unwrap().relative_to(Path::new("/etc/desk")),
            OutboxUrl::Maildir("/etc/desk/out".into())
        );
    }

    #[test]
    fn a_password_is_refused_and_never_repeated() {
        let error = "imaps://u:hunter2@h.example".parse::<InboxUrl>().unwrap_err();
        assert_eq!(error, EndpointError::Password);
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert_eq!(
            "smtps://u:@h.example:465".parse::<OutboxUrl>().unwrap_err().to_string().find("hunter"),
            None
        );
    }

    #[test]
    fn refuses_what_is_not_understood() {
        for bad in [
            "",
            "imap://u@h.example",
            "pop3://u@h.example",
            "imaps:u@h.example",
            "imaps://h.example",
            "imaps://u@",
            "imaps://u@h.example/INBOX?x=1",
            "imaps://u@h.example/INBOX#x",
            "imaps://u@h.example:99999/INBOX",
            "imaps://u%00@h.example",
            "imaps://u@h.example/IN%0d%0aBOX",
            "imap+insecure://u@mail.example.org",
            "imap+insecure://u@10.0.0.1",
            "imap+insecure://u@localhost.example.org",
            "maildir:",
        ] {
            assert!(bad.parse::<InboxUrl>().is_err(), "{bad}");
        }
        for bad in ["smtp://h.example", "smtps://u@h.example/INBOX", "smtp+insecure://mail.example.org"] {
            assert!(bad.parse::<OutboxUrl>().is_err(), "{bad}");
        }
    }
}
