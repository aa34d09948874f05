//! Who signs in to a mail server, and with what.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// What proves who we are.
#[derive(Clone)]
pub enum Proof {
    /// A password.
    Password(SecretString),
    /// An OAuth 2.0 access token (sent as XOAUTH2, which Google and Microsoft understand).
    AccessToken(SecretString),
}

/// A user name with its proof. Never shows the proof.
#[derive(Clone)]
pub struct Login {
    /// The account's user name.
    pub user: String,
    /// Its password or token.
    pub proof: Proof,
}

impl Login {
    /// A sign-in with a password.
    #[must_use]
    pub fn password(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), proof: Proof::Password(SecretString::from(password.into())) }
    }

    /// The secret itself, for the moment in which it is sent.
    pub(crate) fn secret(&self) -> &str {
        match &self.proof {
            Proof::Password(secret) | Proof::AccessToken(secret) => secret.expose_secret(),
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({}, …)", self.user)
    }
}
