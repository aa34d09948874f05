//! What a reviewer does at the desk: look at the very mail, edit, approve, ask back, decline, redo, take back.
//! The review page and the command line call the same acts.

mod acts;
mod book;
pub mod lookup;
mod preview;
mod signer;
mod verify;

pub use acts::{Decision, Edit};
pub use book::BookInUse;
pub use preview::{DeskMailbox, Preview, evidence_digest};
pub use signer::Signer;
pub use verify::{Overruling, Verified};

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::clock::Clock;
use crate::render::Renderer;
use crate::store::{Store, StoreError};

/// What went wrong with an act, for the person who did it.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The database's refusal.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing can be sent: there is no draft, no recipient, or no such mailbox.
    #[error("{0}")]
    NotSendable(String),
    /// The mail is no longer the one that was shown.
    #[error("{0} is no longer what was shown: look at it again before you approve it")]
    NotAsShown(String),
    /// A template is at fault.
    #[error("the mail cannot be written: {0}")]
    Render(#[from] crate::render::RenderError),
    /// What was typed cannot be taken.
    #[error("{0}")]
    Input(String),
}

impl DeskError {
    /// Whether somebody else was quicker: the page then shows what is there now and keeps what was typed.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::NotAsShown(_) | Self::Store(StoreError::Changed(_)))
    }
}

/// The desk: what acts need besides the case. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The case database.
    pub store: Store,
    /// Writes mails and pages.
    pub renderer: Arc<Renderer>,
    /// Time and ids.
    pub clock: Clock,
    /// Decides dates in mails and on pages.
    pub zone: TimeZone,
    /// The desk's name, beside its address in mails.
    pub name: String,
    /// The mailboxes, by name.
    pub mailboxes: Arc<BTreeMap<String, DeskMailbox>>,
    /// The codebook of this process.
    pub book: BookInUse,
    /// Seconds in which an approval can be taken back.
    pub undo_seconds: i64,
}
