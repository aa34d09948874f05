//! What is known of the asker, as notes name it.

use crate::consult::extract::{Payer, Place};
use crate::consult::guidance::note::{ClaimGroup, Note, PayerGroup};

/// Who pays, if it is said. Medicare Advantage plans follow Medicare's rules.
#[must_use]
pub fn payer_group(payer: Option<&Payer>) -> Option<PayerGroup> {
    payer.map(|p| match p {
        Payer::Medicare | Payer::Advantage => PayerGroup::Medicare,
        Payer::Medicaid => PayerGroup::Medicaid,
        Payer::Other(_) => PayerGroup::Commercial,
    })
}

/// The kind of claim, if the place tells it.
#[must_use]
pub fn claim_group(place: Option<Place>) -> Option<ClaimGroup> {
    match place? {
        Place::Office | Place::Professional => Some(ClaimGroup::Professional),
        Place::OutpatientFacility => Some(ClaimGroup::Facility),
        Place::InpatientFacility => Some(ClaimGroup::Inpatient),
        Place::Asc => Some(ClaimGroup::Asc),
        Place::Supplier => None,
    }
}

impl Note {
    /// A sentence of the note, with whose rule it is in front where the asker has another payer or names none.
    #[must_use]
    pub fn said_to(&self, sentence: &str, payer: Option<PayerGroup>) -> String {
        let named = self.payers.iter().any(|p| sentence.starts_with(p.words()));
        if self.payers.is_empty() || named || payer.is_some_and(|p| self.payers.contains(&p)) {
            return sentence.to_owned();
        }
        let whose: Vec<&str> = self.payers.iter().map(|p| p.words()).collect();
        format!("{}: {sentence}", whose.join(" and "))
    }
}
