//! Person or machine.
use crate::domain::{MailClass, Mailbox};
use crate::mail::entity::Entity;

pub(super) fn classify(_root: &Entity<'_>, _from: &[Mailbox], _text: &str) -> (MailClass, String) {
    (MailClass::Human, "no mark of a machine".to_owned())
}
