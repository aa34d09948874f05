//! Mail as it comes and as it goes: reading any bytes as a mail, telling people from machines, finding what a
//! person wrote and the case it belongs to, and composing our replies.
//!
//! Everything in here but the connections (`imap`, `maildir`, `smtp`) is pure: bytes in, values out.

pub mod answerable;
pub mod bounce;
pub mod classify;
pub mod compose;
mod digest;
pub mod parse;
pub mod quote;
pub mod sanitize;
pub mod thread;

mod body;
mod decode;
mod entity;
mod headers;
mod html;
mod parsed;

pub use digest::digest_fields;
pub use headers::{Header, HeaderError, Headers};
pub use parse::{Unparseable, parse, parse_guarded};
pub use parsed::{Attachment, BounceReport, ParsedMail};
