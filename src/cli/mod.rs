//! (being built)
pub mod mail_parse;
