//! x
mod mail_corpus;
mod mail_fixtures;
