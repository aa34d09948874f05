//! When a person (or the policy) last had a delivery sent again.

use super::{Delivery, Store, StoreError};
use crate::domain::Timestamp;

impl Store {
    /// When a delivery was last to be sent again, as its case's audit trail has it; `None` if never.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn resent_at(&self, delivery: &Delivery) -> Result<Option<Timestamp>, StoreError> {
        let entries = self.audit_of(delivery.case_id.as_str()).await?;
        let of_it = |payload: &serde_json::Value| {
            payload.get("delivery").and_then(|d| d.as_str()) == Some(delivery.id.as_str())
        };
        Ok(entries.iter().rev().find(|e| e.event == "delivery_resend" && of_it(&e.payload)).map(|e| e.at))
    }
}
