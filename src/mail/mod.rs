//! Mail as it comes and as it goes: reading any bytes as a mail, telling people from machines, finding what a
//! person wrote and the case it belongs to, and composing our replies.
//!
//! Everything in here but the connections (`imap`, `maildir`, `smtp`) is pure: bytes in, values out.

pub mod answerable;
pub mod backoff;
pub mod bounce;
pub mod classify;
pub mod compose;
pub mod endpoint;
pub mod imap;
pub mod login;
pub mod maildir;
pub mod parse;
pub mod quote;
pub mod sanitize;
pub mod smtp;
pub mod stream;
pub mod thread;
pub mod tls;

mod attachment_text;
mod body;
mod decode;
mod digest;
mod entity;
mod headers;
mod html;
mod parsed;

pub use digest::digest_fields;
pub use headers::{Header, HeaderError, Headers};
pub use parse::{Unparseable, parse, parse_guarded};
pub use parsed::{Attachment, BounceReport, ParsedMail};
