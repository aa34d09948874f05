//! The integration tests, linked once.

mod imap;
mod real_mail;
mod smtp;
mod support;
