//! # CaseConsultant
//!
//! An email consultation desk for medical coding: a question arrives by mail, a draft is written from official tables,
//! a certified reviewer approves it in a web page, the reply goes out in the same thread.
//!
//! ## The way of a question
//!
//! 1. [`work::intake`] compares a mailbox (IMAP by [`mail::imap`], or [`mail::maildir`]) with what is stored, and
//!    stores the difference: originals, sealed by [`privacy`] (T1, [`store`]).
//! 2. [`work::file`] opens an original, reads it ([`mod@mail::parse`]), tells people from machines ([`mail::classify`]),
//!    masks patient data ([`privacy`]), and opens a case or joins one ([`mail::thread`]) (T2).
//! 3. [`work::draft`] hands the masked question to [`mod@consult`], which looks codes up in the [`codebook`] and applies
//!    its rules; every statement names its source (T3).
//! 4. In [`web`] (or with [`cli`]), a reviewer sees question, draft and evidence, and the very mail that would go out;
//!    the acts are in [`desk`]. Approving stores exactly those bytes in the outbox (T4).
//! 5. [`work::deliver`] claims the row (T5), talks to the server ([`mail::smtp`]), notes that DATA begins (T5b), and
//!    settles what became of it (T6). What may have been sent is never sent again by itself.
//! 6. [`work::copies`] files a copy in the Sent folder.
//!
//! Both state machines are in [`domain`]: [`domain::CaseState::next`] and [`domain::DeliveryState::next`]. [`app`] puts
//! the parts together; [`clock`] is the only source of time, ids and randomness; [`render`] the only user of templates.
//! ARCHITECTURE.md says which module may use which.

pub mod app;
pub mod cli;
pub mod clock;
pub mod codebook;
pub mod config;
pub mod consult;
pub mod desk;
pub mod domain;
pub mod mail;
pub mod privacy;
pub mod render;
pub mod store;
pub mod telemetry;
pub mod web;
pub mod work;
