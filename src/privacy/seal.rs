//! Sealing of stored mail, and digests that nobody can compute without the key.
//!
//! One key file of 32 random bytes; each purpose has a key of its own, derived from it (HKDF's expand step with
//! HMAC-SHA-256), so that a digest can never weaken the sealing.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

use crate::clock::Clock;
use crate::domain::hex;

/// Bytes in the key file.
const KEY_LEN: usize = 32;
/// The form of sealed bytes: version 1, nonce, ciphertext with tag.
const VERSION: u8 = 1;
/// Bytes of a nonce: random ones of this length do not repeat.
const NONCE_LEN: usize = 24;

/// Why the key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is none.
    #[error(
        "the key file {0} is missing: restore it from the backup (without it the stored mail cannot be read), or \
         start with an empty database"
    )]
    Missing(PathBuf),
    /// Others may read it.
    #[error("the key file {0} may be read by others (mode {1:o}): run `chmod 600 {0}`", path.display(), mode)]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is not a key.
    #[error("the key file {path} has {len} bytes instead of {KEY_LEN}: restore it from the backup")]
    Length {
        /// The file.
        path: PathBuf,
        /// How many bytes it has.
        len: u64,
    },
    /// The system refused.
    #[error("the key file {path} cannot be {what}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
}

/// Why bytes could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Longer than the cipher allows (256 GB).
    #[error("too long to be sealed")]
    TooLong,
    /// Not written by this program, or by a newer one.
    #[error(
        "these are no sealed bytes of a version that this program knows: was the database changed by hand?"
    )]
    Form,
    /// Another key, another row, or changed bytes.
    #[error(
        "sealed with another key file, or changed since: restore the key file that belongs to this database"
    )]
    Key,
}

/// The keys of the desk, one a purpose. Wiped from memory when dropped, never printed.
pub struct Keys {
    seal: SecretBox<[u8; KEY_LEN]>,
    content: SecretBox<[u8; KEY_LEN]>,
    token: SecretBox<[u8; KEY_LEN]>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Reads the key file, or makes one if there is none. Only for a database that holds no sealed mail yet:
    /// otherwise use [`Keys::load`], since a new key would open nothing.
    ///
    /// # Errors
    /// If the file cannot be read, made, or trusted.
    pub fn load_or_create(path: &Path, clock: &Clock) -> Result<Self, KeyError> {
        match Self::load(path) {
            Err(KeyError::Missing(_)) => Self::create(path, clock),
            loaded => loaded,
        }
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// If it is missing, readable by others, or of the wrong length.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let io = |source| KeyError::Io { path: path.to_owned(), what: "read", source };
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(KeyError::Missing(path.to_owned()));
            }
            Err(error) => return Err(io(error)),
        };
        let about = file.metadata().map_err(io)?;
        let mode = about.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Readable { path: path.to_owned(), mode });
        }
        if about.len() != KEY_LEN as u64 {
            return Err(KeyError::Length { path: path.to_owned(), len: about.len() });
        }
        let master = SecretBox::try_init_with(|| {
            let mut key = [0u8; KEY_LEN];
            file.read_exact(&mut key).map(|()| key)
        });
        Ok(Self::derive(&master.map_err(io)?))
    }

    /// Writes beside and links into place: there is never half a key file, and never one over another.
    fn create(path: &Path, clock: &Clock) -> Result<Self, KeyError> {
        let io = |source| KeyError::Io { path: path.to_owned(), what: "written", source };
        let master = SecretBox::<[u8; KEY_LEN]>::init_with_mut(|key| clock.random(key));
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".{}.new", clock.new_id()));
        let beside = PathBuf::from(beside);
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            file.write_all(master.expose_secret())?;
            file.sync_all()?;
            std::fs::hard_link(&beside, path)
        })();
        let _ = std::fs::remove_file(&beside);
        match written {
            Ok(()) => {}
            // Another process was faster: its key counts.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Self::load(path),
            Err(error) => return Err(io(error)),
        }
        let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|f| f.sync_all()).map_err(io)?;
        Ok(Self::derive(&master))
    }

    fn derive(master: &SecretBox<[u8; KEY_LEN]>) -> Self {
        let key = |purpose: &str| {
            SecretBox::<[u8; KEY_LEN]>::init_with_mut(|key| {
                let digest = hmac(master.expose_secret(), &[purpose.as_bytes(), &[1]]);
                for (to, from) in key.iter_mut().zip(digest) {
                    *to = from;
                }
            })
        };
        Self {
            seal: key("caseconsultant seal v1"),
            content: key("caseconsultant content digest v1"),
            token: key("caseconsultant token digest v1"),
        }
    }

    /// Seals bytes (XChaCha20-Poly1305). `aad` names the row they belong to: sealed bytes that are moved to
    /// another row do not open.
    ///
    /// # Errors
    /// Only for bytes beyond any mail's size.
    pub fn seal(&self, clock: &Clock, aad: &[u8], bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0u8; NONCE_LEN];
        clock.random(&mut nonce);
        let cipher = XChaCha20Poly1305::new(self.seal.expose_secret().into());
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: bytes, aad })
            .map_err(|_| SealError::TooLong)?;
        let mut out = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`Keys::seal`] sealed with the same `aad`.
    ///
    /// # Errors
    /// If the bytes are not sealed ones, or were sealed with another key or for another row.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (&version, rest) = sealed.split_first().ok_or(SealError::Form)?;
        let (nonce, msg) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Form)?;
        if version != VERSION {
            return Err(SealError::Form);
        }
        let cipher = XChaCha20Poly1305::new(self.seal.expose_secret().into());
        cipher.decrypt(&XNonce::from(*nonce), Payload { msg, aad }).map_err(|_| SealError::Key)
    }

    /// The content digest of a mail, 64 hex digits, from its canonical bytes.
    #[must_use]
    pub fn content_digest(&self, fields: &[u8]) -> String {
        hex(&hmac(self.content.expose_secret(), &[fields]))
    }

    /// The digest under which a secret token (a session's, a reset link's) is stored and looked up.
    #[must_use]
    pub fn token_digest(&self, token: &[u8]) -> String {
        hex(&hmac(self.token.expose_secret(), &[token]))
    }
}

impl Keys {
    /// Tells keys apart, and tells nothing of the key: 16 hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.token_digest(b"key fingerprint").chars().take(16).collect()
    }
}

fn hmac(key: &[u8; KEY_LEN], parts: &[&[u8]]) -> [u8; 32] {
    // A key shorter than the block is filled with zeros (RFC 2104).
    let mut block = Zeroizing::new([0u8; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn clock() -> Clock {
        Clock::fixed(Timestamp::from_seconds(1_767_621_780))
    }

    #[test]
    fn the_key_file_is_made_once_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets/desk.key");
        let (clock, row) = (clock(), b"mail 1");
        assert!(matches!(Keys::load(&path), Err(KeyError::Missing(_))));
        let sealed = Keys::load_or_create(&path, &clock).unwrap().seal(&clock, row, b"hello").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        let keys = Keys::load_or_create(&path, &clock).unwrap();
        assert_eq!(keys.open(row, &sealed).unwrap(), b"hello");
        assert_eq!(keys.open(b"mail 2", &sealed), Err(SealError::Key));
        assert_eq!(keys.open(row, b""), Err(SealError::Form));
        assert_eq!(keys.open(row, &[9; 60]), Err(SealError::Form));
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(keys.open(row, &changed), Err(SealError::Key));
        assert_ne!(keys.seal(&clock, row, b"hello").unwrap(), sealed);
        assert_eq!(format!("{keys:?}"), "Keys(…)");
    }

    #[test]
    fn a_file_that_cannot_be_trusted_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("desk.key");
        Keys::load_or_create(&path, &clock()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let refused = Keys::load_or_create(&path, &clock()).unwrap_err();
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, b"short").unwrap();
        assert!(matches!(Keys::load_or_create(&path, &clock()), Err(KeyError::Length { len: 5, .. })));
    }

    #[test]
    fn digests_differ_by_purpose() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::load_or_create(&dir.path().join("k"), &clock()).unwrap();
        assert_eq!(keys.content_digest(b"x").len(), 64);
        assert_ne!(keys.content_digest(b"x"), keys.token_digest(b"x"));
    }
}
