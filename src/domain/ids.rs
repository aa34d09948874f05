//! Ids of rows: UUIDv7 as text, a type of its own for each table.

use serde::{Deserialize, Serialize};

/// Not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id")]
pub struct IdError(String);

macro_rules! id {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);
        impl $name {
            /// A fresh id (its text comes from the clock).
            #[must_use]
            pub fn fresh(uuid: String) -> Self { Self(uuid) }
            /// The 36 characters it is stored as.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                uuid::Uuid::try_parse(text)
                    .map(|u| Self(u.to_string()))
                    .map_err(|_| IdError(text.chars().take(60).collect()))
            }
        }
    )+};
}

id! {
    /// A case.
    CaseId,
    /// A mail that came in (or a file of a Maildir that could not be read as one).
    MailId,
    /// One version of a draft.
    DraftId,
    /// One row of the outbox: one mail to one envelope recipient.
    DeliveryId,
    /// A person who signs in.
    UserId,
    /// A signed-in session.
    SessionId,
}
