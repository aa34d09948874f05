//! What the integration tests stand on.

pub(crate) mod authority;
pub(crate) mod desk;
pub(crate) mod fake_imap;
pub(crate) mod fake_smtp;
pub(crate) mod proxy;
pub(crate) mod real_desk;
pub(crate) mod servers;
