//! The case database: the only SQL of it. SQLite (embedded) and PostgreSQL through `sqlx::Any`, one SQL text.
//!
//! Each file holds the statements of one stage, named as in ARCHITECTURE.md: `intake` (T1), `filing` (T2),
//! `drafting` (T3), `review` (T4), `outbox` (T5, T5b), `settle` (T6). What differs between the two databases is in
//! `dialect`. Nothing here waits for the network or renders anything.

mod audit;
mod cases;
mod dialect;
mod drafting;
mod error;
mod filing;
mod intake;
mod mailboxes;
mod open;
mod outbox;
mod own_texts;
mod pages;
mod people;
mod resent;
mod review;
mod rows;
mod settings;
mod settle;
mod status;
mod stuck;

pub use audit::{AuditEntry, DESK_CHAIN};
pub use cases::{Case, CaseMail, Draft};
pub use dialect::Dialect;
pub use drafting::{DraftClaim, NewDraft};
pub use error::StoreError;
pub use filing::{BounceOf, Choice, Filing, MailClaim, MailFacts};
pub use intake::{NewMail, TooLarge, Unmarked};
pub use mailboxes::{MailboxRow, Registration};
pub use open::{CrashHook, Store, StoreUrl};
pub use outbox::{Claimed, Delivery, Settlement};
pub use own_texts::{OwnText, ProposedText, TextDecision};
pub use pages::{QuarantinedMail, QueueEntry, QueueFilter};
pub use people::{NewUser, Session, User};
pub use review::{Approval, NewDelivery, Review};
pub use status::{DeskStatus, SignOfLife};
pub use stuck::{Overdue, Stuck};

/// A failed conversion or a full attempt counter: after this many attempts an item is set aside.
pub const MAX_ATTEMPTS: i64 = 3;
