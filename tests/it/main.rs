//! x
mod mail_corpus;
