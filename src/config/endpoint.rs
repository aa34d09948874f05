//! Where mail comes from and goes to, until `mail::endpoint` is there.

use std::path::{Path, PathBuf};

/// Where a mailbox is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxUrl {
    /// A Maildir on this machine.
    Maildir(PathBuf),
    /// A mail server.
    Server(url::Url),
}

/// Where its mail goes out.
pub type OutboxUrl = InboxUrl;

pub(super) fn inbox(text: &str, folder: &Path) -> Result<InboxUrl, String> {
    parse(text, folder, &["imaps", "imap+starttls", "imap+insecure"])
}

pub(super) fn outbox(text: &str, folder: &Path) -> Result<InboxUrl, String> {
    parse(text, folder, &["smtps", "smtp+starttls", "smtp+insecure"])
}

fn parse(text: &str, folder: &Path, schemes: &[&str]) -> Result<InboxUrl, String> {
    if let Some(path) = text.strip_prefix("maildir:") {
        return Ok(InboxUrl::Maildir(folder.join(path)));
    }
    let known = || format!("it must begin with {}:// or maildir:", schemes.join("://, "));
    let url = url::Url::parse(text).map_err(|_| known())?;
    if !schemes.contains(&url.scheme()) || url.host_str().is_none() {
        return Err(known());
    }
    if url.password().is_some() {
        return Err(
            "a password does not belong into it: put it into a file and name that as `password_file`"
                .to_owned(),
        );
    }
    Ok(InboxUrl::Server(url))
}

impl InboxUrl {
    /// Whether it is a folder of this machine.
    #[must_use]
    pub fn is_maildir(&self) -> bool {
        matches!(self, Self::Maildir(_))
    }

    /// Whether somebody signs in there.
    #[must_use]
    pub fn signs_in(&self) -> bool {
        matches!(self, Self::Server(url) if !url.username().is_empty())
    }
}
