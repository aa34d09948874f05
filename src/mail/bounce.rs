//! Bounces.
use crate::domain::{DeliveryId, MailClass, MessageId};
use crate::mail::entity::Entity;
use crate::mail::parsed::BounceReport;

/// What a bounce or delivery notice tells.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) recipients: Vec<BounceReport>,
    pub(super) original_ids: Vec<MessageId>,
    pub(super) original_delivery: Option<DeliveryId>,
}

pub(super) fn read(_root: &Entity<'_>, _class: MailClass, _text: &str) -> Report {
    Report::default()
}
