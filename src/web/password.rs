//! Passwords: argon2id, with the parameters that RFC 9106 and OWASP name for servers.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use crate::clock::Clock;

/// The shortest password that is taken.
pub(crate) const SHORTEST: usize = 12;

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too easy to guess.
    #[error("the password has fewer than {SHORTEST} characters: take a longer one")]
    Short,
    /// Longer than anybody types.
    #[error("the password is longer than 1000 characters: take a shorter one")]
    Long,
    /// It could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// Whether a new password may be used.
///
/// # Errors
/// Why not.
pub fn check_new_password(password: &str) -> Result<(), PasswordError> {
    match password.chars().count() {
        n if n < SHORTEST => Err(PasswordError::Short),
        n if n > 1000 => Err(PasswordError::Long),
        _ => Ok(()),
    }
}

/// 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, None).unwrap_or_default())
}

/// The hash of a password as it is stored (PHC string). Takes some 20 ms: run it where it may block.
///
/// # Errors
/// If it cannot be hashed.
pub fn hash_password(password: &str, clock: &Clock) -> Result<String, PasswordError> {
    let mut salt = [0u8; 16];
    clock.random(&mut salt);
    argon2()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|e| PasswordError::Hash(e.to_string()))
}

/// Whether a password is the one of a hash. Takes as long for a person who does not exist (`None`), so that nobody
/// learns who has an account.
#[must_use]
pub fn verify_password(password: &str, hash: Option<&str>) -> bool {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$\
                          4WY3xkyGOZGJGxYEkqkYs6Y0T3Vj2yLQhGi9dc9g6sg";
    let matches = PasswordHash::new(hash.unwrap_or(NOBODY))
        .is_ok_and(|parsed| argon2().verify_password(password.as_bytes(), &parsed).is_ok());
    matches && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let clock = Clock::system();
        let hash = hash_password("correct horse battery", &clock).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password("correct horse battery", Some(&hash)));
        assert!(!verify_password("correct horse batterz", Some(&hash)));
        assert!(!verify_password("x", Some("no hash")));
        assert_ne!(hash, hash_password("correct horse battery", &clock).unwrap(), "each has its own salt");
    }

    #[test]
    fn nobody_has_no_password_but_costs_as_much() {
        let nobody = std::time::Instant::now();
        assert!(!verify_password("nobody", None));
        let nobody = nobody.elapsed();
        assert!(nobody.as_millis() >= 3, "the hash of nobody is not computed: {nobody:?}");
    }

    #[test]
    fn short_passwords_are_refused() {
        assert_eq!(check_new_password("elevenchars"), Err(PasswordError::Short));
        assert_eq!(check_new_password("twelve chars"), Ok(()));
    }
}
