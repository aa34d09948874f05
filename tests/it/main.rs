//! The integration tests, linked once.

// What clippy allows inside `#[test]` functions holds for the functions that they share, too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod book_swap;
mod browser;
mod codes_kill;
mod codes_sync;
mod consult_demo;
mod consult_properties;
mod crash;
mod delivery_states;
mod desk_flow;
mod desk_state;
mod full_disk;
mod imap;
mod intake_faults;
mod mail_corpus;
mod mail_fixtures;
mod modules;
mod outdated;
mod real_desk;
mod real_desk_faults;
mod real_mail;
mod smtp;
mod store_both;
mod support;
mod verify;
mod vocabulary;
mod web_codes;
mod web_desk;
mod web_manuals;
mod web_pages;
