//! Putting the desk together from its configuration, and running it until it is told to stop.

mod assemble;
mod demo;
mod lock;
mod serve;

pub use assemble::{App, AppError, Migrated, changed_mailbox, migrate, open_keys, open_store, other_key};
pub use demo::{Demo, prepare_demo};
pub use lock::ServeLock;
pub use serve::{Part, serve};

/// Files that the program makes are for its user alone.
pub fn restrict_new_files() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}
