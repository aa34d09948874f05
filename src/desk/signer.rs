//! Who signs an answer.

use crate::domain::Address;
use crate::store::User;

/// The person under an answer.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Signer {
    /// Their address: the actor in the audit trail.
    pub address: Address,
    /// Their name; the address stands in for it if they have none.
    pub name: String,
    /// CPC, CCS …; may be empty.
    pub credential: String,
}

impl From<&User> for Signer {
    fn from(user: &User) -> Self {
        let name = if user.name.is_empty() { user.address.to_string() } else { user.name.clone() };
        Self { address: user.address.clone(), name, credential: user.credential.clone() }
    }
}
