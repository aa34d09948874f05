//! What the person wrote, without the mail that is quoted below and without the signature.

/// A mail's text in two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// What the person wrote; when in doubt more.
    pub reply: String,
    /// What was taken off.
    pub trimmed: String,
}

/// Splits a text.
#[must_use]
pub fn split(text: &str) -> Split {
    Split { reply: text.trim().to_owned(), trimmed: String::new() }
}
