//! Mail: foreign bytes to typed facts, and our own mails on their way out.

pub mod backoff;
pub mod endpoint;
pub mod imap;
pub mod login;
pub mod maildir;
pub mod smtp;
pub mod stream;
pub mod tls;
