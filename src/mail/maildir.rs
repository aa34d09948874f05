//! Maildir: a folder of mails on this machine, one file a mail, in `new/` until somebody has seen it, then in `cur/`.
//!
//! A mail's name is its base name: the file name before `:2,`, which never changes, while the flags behind it and the
//! folder may. All functions here block: call them in `spawn_blocking`.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::domain::Timestamp;

/// How much of a mail over `max_size` is read: its header stands in there.
const HEAD_BYTES: u64 = 256 * 1024;

/// A Maildir: `tmp/`, `new/` and `cur/` below one folder.
#[derive(Debug, Clone)]
pub struct Maildir {
    root: PathBuf,
}

/// What went wrong with a Maildir.
#[derive(Debug, thiserror::Error)]
pub enum MaildirError {
    /// The system refused something.
    #[error("the Maildir: cannot {what} {path}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A name that cannot be a file's.
    #[error("`{0}` cannot be the name of a mail in a Maildir")]
    Name(String),
}

/// A mail in a Maildir, as the folder shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its lasting name.
    pub base: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was delivered (the file's time of modification).
    pub delivered: Option<Timestamp>,
    /// Whether it was seen.
    pub seen: bool,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// The mails, by name (which begins with the time of delivery).
    pub entries: Vec<Entry>,
    /// What lies there and cannot be read as a mail: a sentence each.
    pub problems: Vec<String>,
}

/// What reading a mail gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    /// The whole mail.
    Whole(Vec<u8>),
    /// It is over the limit: its size and its first bytes, with the header.
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// Its beginning.
        head: Vec<u8>,
    },
    /// It is not there any more: moved away or deleted by somebody else.
    Vanished,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It lies in `new/`, on disk for good.
    Now,
    /// A mail of that name had been delivered before.
    Before,
}

impl Maildir {
    /// The Maildir at `root`; nothing is created or looked at yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Its folder on disk.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// A folder below it, as Maildir++ names it: `Sent` is `.Sent`, `A/B` is `.A.B`. `INBOX` is the Maildir itself.
    ///
    /// # Errors
    /// If that cannot be the name of a folder.
    pub fn folder(&self, name: &str) -> Result<Self, MaildirError> {
        if name.eq_ignore_ascii_case("INBOX") {
            return Ok(self.clone());
        }
        let dotted = name.replace('/', ".");
        if dotted.split('.').any(str::is_empty) || dotted.chars().any(char::is_control) {
            return Err(MaildirError::Name(name.to_owned()));
        }
        Ok(Self::new(self.root.join(format!(".{dotted}"))))
    }

    /// Creates what is missing of its folders, for this user only (0700).
    ///
    /// # Errors
    /// If the system refuses.
    pub fn create(&self) -> Result<(), MaildirError> {
        for name in ["tmp", "new", "cur"] {
            let path = self.root.join(name);
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
            made.map_err(|source| MaildirError::Io { what: "create", path, source })?;
        }
        Ok(())
    }

    /// The mails in `new/` and `cur/`. What somebody marked as deleted (flag T) is listed too.
    ///
    /// # Errors
    /// If a folder cannot be read. A file that cannot is a problem in the listing.
    pub fn list(&self) -> Result<Listing, MaildirError> {
        let mut listing = Listing::default();
        for place in ["new", "cur"] {
            let path = self.root.join(place);
            let io = |source| MaildirError::Io { what: "read", path: path.clone(), source };
            for file in fs::read_dir(&path).map_err(io)? {
                let file = file.map_err(io)?;
                let name = file.file_name();
                let Some(name) = name.to_str() else {
                    listing.problems.push(format!("{place}/{}: its name is not UTF-8", name.display()));
                    continue;
                };
                if name.starts_with('.') {
                    continue;
                }
                match fs::symlink_metadata(file.path()) {
                    Ok(meta) if meta.is_file() => listing.entries.push(entry(name, place, &meta)),
                    Ok(_) => listing.problems.push(format!("{place}/{name}: it is no file")),
                    // It was moved between the two looks; the next listing shows where to.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => listing.problems.push(format!("{place}/{name}: {error}")),
                }
            }
        }
        listing.entries.sort_by(|a, b| a.base.cmp(&b.base));
        listing.entries.dedup_by(|a, b| a.base == b.base);
        Ok(listing)
    }

    /// Reads a mail of at most `max_size` bytes, wherever it lies now.
    ///
    /// # Errors
    /// If the system refuses; a mail that is gone is no error.
    pub fn read(&self, base: &str, max_size: u64) -> Result<Content, MaildirError> {
        // A mail client may move it between the look and the reading: look twice.
        for _ in 0..2 {
            let Some(path) = self.find(base)? else { return Ok(Content::Vanished) };
            match read_bounded(&path, max_size) {
                Ok(content) => return Ok(content),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(MaildirError::Io { what: "read", path, source }),
            }
        }
        Ok(Content::Vanished)
    }

    /// Marks a mail as seen: it moves to `cur/` with flag S. `false` if it is gone. Doing it again changes nothing.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn mark_seen(&self, base: &str) -> Result<bool, MaildirError> {
        self.move_seen(base, self)
    }

    /// Moves a mail to another Maildir on the same file system, marked as seen. `false` if it is gone (or was moved
    /// before).
    ///
    /// # Errors
    /// If the system refuses.
    pub fn move_to(&self, base: &str, target: &Self) -> Result<bool, MaildirError> {
        target.create()?;
        self.move_seen(base, target)
    }

    /// Whether a mail of that name lies in `new/` or `cur/`.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn contains(&self, base: &str) -> Result<bool, MaildirError> {
        Ok(self.find(base)?.is_some())
    }

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

    fn move_seen(&self, base: &str, target: &Self) -> Result<bool, MaildirError> {
        for _ in 0..2 {
            let Some(from) = self.find(base)? else { return Ok(false) };
            let name = from.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let flags = with_seen(name.split_once(":2,").map_or("", |(_, flags)| flags));
            let to = target.root.join("cur").join(format!("{base}:2,{flags}"));
            if from == to {
                return Ok(true);
            }
            match fs::rename(&from, &to) {
                Ok(()) => {
                    target.sync("cur")?;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound && from.parent() != to.parent() => {
                    target.create()?;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(MaildirError::Io { what: "move", path: from, source }),
            }
        }
        Ok(false)
    }

    /// Where a mail lies now.
    fn find(&self, base: &str) -> Result<Option<PathBuf>, MaildirError> {
        if base.is_empty() || base.contains('/') {
            return Err(MaildirError::Name(base.to_owned()));
        }
        let new = self.root.join("new").join(base);
        if new.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
            return Ok(Some(new));
        }
        for place in ["cur", "new"] {
            let path = self.root.join(place);
            let io = |source| MaildirError::Io { what: "read", path: path.clone(), source };
            for file in fs::read_dir(&path).map_err(io)? {
                let file = file.map_err(io)?;
                if file.file_name().to_str().is_some_and(|name| base_of(name) == base) {
                    return Ok(Some(file.path()));
                }
            }
        }
        Ok(None)
    }

    /// Makes a folder's entries last beyond a power cut.
    fn sync(&self, place: &str) -> Result<(), MaildirError> {
        let path = self.root.join(place);
        File::open(&path).and_then(|folder| folder.sync_all()).map_err(|source| MaildirError::Io {
            what: "sync",
            path,
            source,
        })
    }
}

fn base_of(name: &str) -> &str {
    name.split_once(":2,").map_or(name, |(base, _)| base)
}

fn entry(name: &str, place: &str, meta: &fs::Metadata) -> Entry {
    let delivered = meta.modified().ok().and_then(|at| jiff::Timestamp::try_from(at).ok());
    Entry {
        base: base_of(name).to_owned(),
        size: meta.len(),
        delivered: delivered.map(|at| Timestamp::from_micros(at.as_microsecond())),
        seen: place == "cur" && name.split_once(":2,").is_some_and(|(_, flags)| flags.contains('S')),
    }
}

/// Flags stand in ASCII order, each once.
fn with_seen(flags: &str) -> String {
    let mut flags: Vec<char> = flags.chars().chain(['S']).collect();
    flags.sort_unstable();
    flags.dedup();
    flags.into_iter().collect()
}

fn read_bounded(path: &Path, max_size: u64) -> io::Result<Content> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::new();
    if size > max_size {
        file.take(HEAD_BYTES.min(max_size)).read_to_end(&mut bytes)?;
        return Ok(Content::TooLarge { size, head: bytes });
    }
    // One byte more shows a file that grew meanwhile.
    file.take(max_size.saturating_add(1)).read_to_end(&mut bytes)?;
    let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if read > max_size {
        bytes.truncate(usize::try_from(HEAD_BYTES.min(max_size)).unwrap_or(usize::MAX));
        return Ok(Content::TooLarge { size: read, head: bytes });
    }
    Ok(Content::Whole(bytes))
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What lies there under this name is the rest of an attempt that ended in the middle.
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, Maildir) {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::new(folder.path().join("box"));
        maildir.create().unwrap();
        (folder, maildir)
    }

    fn names(maildir: &Maildir, place: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(maildir.path().join(place))
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn delivers_once() {
        let (_keep, maildir) = fresh();
        fs::write(maildir.path().join("tmp/d1"), "half of an earlier attempt, and longer").unwrap();
        assert_eq!(maildir.deliver(b"mail", "d1").unwrap(), Delivered::Now);
        assert_eq!(maildir.deliver(b"mail", "d1").unwrap(), Delivered::Before);
        assert_eq!((names(&maildir, "new"), names(&maildir, "tmp")), (vec!["d1".to_owned()], vec![]));
        assert!(maildir.mark_seen("d1").unwrap());
        assert_eq!(maildir.deliver(b"mail", "d1").unwrap(), Delivered::Before);
        assert_eq!(maildir.read("d1", 10).unwrap(), Content::Whole(b"mail".to_vec()));
        let mode = fs::metadata(maildir.path().join("cur/d1:2,S")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mode = fs::metadata(maildir.path().join("new")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn refuses_names_that_lead_elsewhere() {
        let (_keep, maildir) = fresh();
        for bad in ["", "../x", "a/b", ".hidden", "a:2,S", "a\nb"] {
            assert!(maildir.deliver(b"", bad).is_err(), "{bad:?}");
        }
        assert!(maildir.read("../../etc/passwd", 10).is_err());
        for bad in ["", "..", "../x", "a//b", "a/"] {
            assert!(maildir.folder(bad).is_err(), "{bad:?}");
        }
        assert_eq!(maildir.folder("Done/2026").unwrap().path(), maildir.path().join(".Done.2026"));
    }

    #[test]
    fn a_mail_keeps_its_name_through_all_moves() {
        let (_keep, maildir) = fresh();
        fs::write(maildir.path().join("new/1.a"), "one").unwrap();
        fs::write(maildir.path().join("cur/2.b:2,FR"), "two").unwrap();
        fs::create_dir(maildir.path().join("new/folder")).unwrap();
        let listing = maildir.list().unwrap();
        let got: Vec<(&str, u64, bool)> =
            listing.entries.iter().map(|e| (e.base.as_str(), e.size, e.seen)).collect();
        assert_eq!(got, [("1.a", 3, false), ("2.b", 3, false)]);
        assert!(listing.entries.iter().all(|e| e.delivered.is_some()));
        assert_eq!(listing.problems, ["new/folder: it is no file"]);
        for base in ["1.a", "2.b"] {
            assert!(maildir.mark_seen(base).unwrap());
            assert!(maildir.mark_seen(base).unwrap());
        }
        assert_eq!(names(&maildir, "cur"), ["1.a:2,S", "2.b:2,FRS"]);
        let done = maildir.folder("Done").unwrap();
        assert!(maildir.move_to("2.b", &done).unwrap());
        assert!(!maildir.move_to("2.b", &done).unwrap());
        assert_eq!(names(&done, "cur"), ["2.b:2,FRS"]);
        assert_eq!(done.read("2.b", 3).unwrap(), Content::Whole(b"two".to_vec()));
    }

    #[test]
    fn what_is_too_large_or_gone_is_no_error() {
        let (_keep, maildir) = fresh();
        fs::write(maildir.path().join("new/big"), "0123456789").unwrap();
        assert_eq!(
            maildir.read("big", 9).unwrap(),
            Content::TooLarge { size: 10, head: b"012345678".to_vec() }
        );
        assert_eq!(maildir.read("gone", 9).unwrap(), Content::Vanished);
        assert!(!maildir.mark_seen("gone").unwrap());
        let nowhere = Maildir::new(maildir.path().join("nowhere"));
        assert!(nowhere.list().unwrap_err().to_string().contains("nowhere/new"));
    }
}
