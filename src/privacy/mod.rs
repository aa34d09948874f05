//! Patient data: found and masked in text, and sealed where it is stored.

pub mod mask;
pub mod seal;

pub use mask::{Masked, PhiFound, PhiKind, mask};
pub use seal::{KeyError, Keys, SealError};
