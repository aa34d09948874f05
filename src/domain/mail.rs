//! What a mail is (written by a person or by a machine) and how far it has come.

use super::words;

words! {
    /// Who or what wrote a mail. Only [`MailClass::Human`] mail is ever answered.
    "class of mail" MailClass {
        /// A person wrote it.
        Human = "human",
        /// An out-of-office notice or another automatic reply (RFC 3834).
        AutoReply = "auto_reply",
        /// A report that a mail could not be delivered (RFC 3464 and its many relatives).
        Bounce = "bounce",
        /// A report that a mail was delivered, relayed, delayed or read.
        DeliveryNotice = "delivery_notice",
        /// An abuse report (RFC 5965).
        FeedbackReport = "feedback_report",
        /// Newsletters, list mail and other bulk.
        Bulk = "bulk",
    }
}

words! {
    /// How far a mail has come. `received` mail is still to be filed.
    "state of mail" MailState {
        /// Sealed and stored; not yet parsed and filed.
        Received = "received",
        /// Filed: with its case if a person wrote it.
        Filed = "filed",
        /// The same mail came before: recorded, nothing more.
        Duplicate = "duplicate",
        /// Could not be parsed or filed in three attempts, or needs a person's decision; see its reason.
        Quarantined = "quarantined",
        /// Over `max_size`: headers stored, the mail itself is still on the server.
        TooLarge = "too_large",
    }
}
