//! Who may do what at the desk.

use super::words;

words! {
    /// What a signed-in person may do. Each role may do what the ones before it may.
    "role" Role {
        /// Reads cases; changes nothing; sees no originals.
        Reader = "reader",
        /// Reads originals, edits, approves, declines, asks back.
        Reviewer = "reviewer",
        /// Also second reviews and overruled objections.
        Senior = "senior",
        /// Also users, mailboxes and deliveries.
        Admin = "admin",
    }
}

impl Role {
    /// May edit and approve answers, and read originals.
    #[must_use]
    pub fn may_review(self) -> bool {
        self >= Self::Reviewer
    }

    /// May settle uncertain deliveries, retry quarantined mail and manage users.
    #[must_use]
    pub fn may_administer(self) -> bool {
        self == Self::Admin
    }
}
