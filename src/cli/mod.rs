//! (being built)
pub mod ask;
pub mod codes_check;
pub mod mail_parse;
