//! Delivering into a Maildir, once.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::{Maildir, MaildirError};

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It lies in `new/`, on disk for good.
    Now,
    /// A mail of that name had been delivered before.
    Before,
}

impl Maildir {
    /// Delivers a mail under a name that is its own for ever (a delivery's id): written and synced in `tmp/`, then
    /// linked into `new/`. Repeating it after a crash cannot double the mail.
    ///
    /// # Errors
    /// If the system refuses (a full disk); then nothing was delivered.
    pub fn deliver(&self, bytes: &[u8], name: &str) -> Result<Delivered, MaildirError> {
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | ',' | '+');
        if name.is_empty() || name.len() > 200 || name.starts_with('.') || !name.chars().all(safe) {
            return Err(MaildirError::Name(name.chars().take(200).collect()));
        }
        self.create()?;
        if self.contains(name)? {
            return Ok(Delivered::Before);
        }
        let (tmp, new) = (self.root.join("tmp").join(name), self.root.join("new").join(name));
        let written = write_synced(&tmp, bytes);
        if let Err(source) = written {
            let _ = fs::remove_file(&tmp);
            return Err(MaildirError::Io { what: "write", path: tmp, source });
        }
        let linked = fs::hard_link(&tmp, &new);
        let outcome = match linked {
            Ok(()) => Delivered::Now,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Delivered::Before,
            // A file system without links: renaming is as whole, and the name is ours alone.
            Err(_) => {
                fs::rename(&tmp, &new).map_err(|source| MaildirError::Io {
                    what: "move a mail to",
                    path: new,
                    source,
                })?;
                Delivered::Now
            }
        };
        let _ = fs::remove_file(&tmp);
        self.sync("new")?;
        Ok(outcome)
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What lies there under this name is the rest of an attempt that ended in the middle.
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()
}
