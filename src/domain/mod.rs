//! The words of the desk: cases, deliveries, drafts, ids, addresses and dates. Pure: no I/O, no clock.

mod address;
mod answer;
mod case;
mod dates;
mod delivery;
mod hex;
mod ids;
mod mail;
mod people;
mod thread;

pub use address::{Address, AddressError, Mailbox};
pub use answer::{
    Answer, CodeStatus, CodeSystem, Evidence, Finding, MentionedCode, Outcome, Setting, Verdict,
};
pub use case::{CaseEvent, CaseState};
pub use dates::{CivilDate, DateError, Timestamp};
pub use delivery::{DeliveryEvent, DeliveryKind, DeliveryState};
pub use hex::hex;
pub use ids::{CaseId, DeliveryId, DraftId, IdError, MailId, SessionId, UserId};
pub use mail::{MailClass, MailState};
pub use people::Role;
pub use thread::{CaseNumber, MessageId, ThreadToken};

/// An event that the state table does not allow in this state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{event}` is not possible while the {what} is `{state}`")]
pub struct IllegalTransition {
    /// What the state belongs to: `case` or `delivery`.
    pub what: &'static str,
    /// The state it is in.
    pub state: &'static str,
    /// The event that was tried.
    pub event: &'static str,
}

/// A stored word that is no value of its type: the database was changed by hand, or by a newer program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a {what}")]
pub struct UnknownWord {
    /// The type that was read.
    pub what: &'static str,
    /// What stood there.
    pub word: String,
}

/// Defines an enum whose values have one fixed lower-case word each, in the database, in JSON and on pages.
macro_rules! words {
    ($(#[$meta:meta])* $what:literal $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }
        impl $name {
            /// Every value, in the order of its definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word it is stored and shown by.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $word),+ } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl std::str::FromStr for $name {
            type Err = crate::domain::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(crate::domain::UnknownWord { what: $what, word: word.to_owned() }),
                }
            }
        }
    };
}
pub(crate) use words;
