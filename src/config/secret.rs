//! Secrets: from a file that its owner alone can read, or from the environment; never from the configuration
//! itself, and never shown.

use std::fmt;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::config::read::Section;

/// Where a secret comes from. [`Secret::read`] gives it; nothing prints it.
#[derive(Clone)]
pub enum Secret {
    /// A file. It is read anew each time, so that a changed password or token needs no restart.
    File(PathBuf),
    /// From the environment.
    Given(SecretString),
}

/// Why a secret's file cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SecretFault {
    /// It cannot be read.
    #[error("{} cannot be read ({source}): create it with the secret as its only line, then `chmod 600` it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others could read it too.
    #[error("others can read {} (mode {mode:03o}): run `chmod 600 {}`", path.display(), path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds nothing, several lines, or something that is no text.
    #[error("{} must hold the secret as its only line", path.display())]
    NotALine {
        /// The file.
        path: PathBuf,
    },
}

impl Secret {
    /// The secret itself.
    ///
    /// # Errors
    /// The file is missing, readable by others, or holds no single line of text.
    pub fn read(&self) -> Result<SecretString, SecretFault> {
        match self {
            Self::Given(secret) => Ok(secret.clone()),
            Self::File(path) => read_file(path),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "Secret in {}", path.display()),
            Self::Given(_) => f.write_str("Secret from the environment"),
        }
    }
}

fn read_file(path: &Path) -> Result<SecretString, SecretFault> {
    let unreadable = |source| SecretFault::Unreadable { path: path.to_owned(), source };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretFault::Exposed { path: path.to_owned(), mode });
    }
    let mut bytes = Vec::new();
    // An access token is a few kilobytes at most; a whole disk image is a mistake.
    file.by_ref().take(64 * 1024).read_to_end(&mut bytes).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| SecretFault::NotALine { path: path.to_owned() })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.chars().any(char::is_control) {
        return Err(SecretFault::NotALine { path: path.to_owned() });
    }
    Ok(SecretString::from(line))
}

/// The secret `KEY` of a section: from the environment, else from the file named by `KEY_file`. Its file is
/// read once now, so that a fault shows before anything starts.
pub(super) fn secret(section: &mut Section<'_, '_>, key: &str, file_key: &'static str) -> Option<Secret> {
    let path = section.path(file_key);
    if let Some(value) = section.environment_value(key) {
        if value.is_empty() {
            let variable = section.variable_name(key);
            section.fault(key, format!("{variable} is empty: set it to the secret, or unset it"));
            return None;
        }
        return Some(Secret::Given(SecretString::from(value)));
    }
    let secret = Secret::File(path?);
    if let Err(fault) = secret.read() {
        section.fault(file_key, fault.to_string());
    }
    Some(secret)
}

/// Compares without showing: for tests and `check`.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(a), Self::File(b)) => a == b,
            (Self::Given(a), Self::Given(b)) => a.expose_secret() == b.expose_secret(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &[u8], mode: u32) -> (tempfile::TempDir, Secret) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        (folder, Secret::File(path))
    }

    #[test]
    fn the_line_end_is_no_part_of_the_secret_but_spaces_are() {
        for text in ["pass word ", "pass word \n", "pass word \r\n"] {
            let (_folder, secret) = file(text.as_bytes(), 0o600);
            assert_eq!(secret.read().unwrap().expose_secret(), "pass word ");
        }
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_and_says_what_to_do() {
        for mode in [0o640, 0o604, 0o620] {
            let (_folder, secret) = file(b"x", mode);
            assert!(secret.read().unwrap_err().to_string().contains("chmod 600"));
        }
    }

    #[test]
    fn empty_files_several_lines_and_binaries_are_refused() {
        for text in [&b""[..], b"\n", b"a\nb\n", b"\xff\xfe"] {
            let (_folder, secret) = file(text, 0o600);
            assert!(matches!(secret.read(), Err(SecretFault::NotALine { .. })));
        }
    }

    #[test]
    fn nothing_shows_a_secret() {
        let secret = Secret::Given(SecretString::from("hunter2"));
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
