//! Mail addresses: one address, parsed at the edge; domains as A-labels, compared without case.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is wrong with a mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a mail address: {why}")]
pub struct AddressError {
    text: String,
    why: &'static str,
}

/// One mail address, `local@domain`. The local part is kept as written; the domain is an A-label in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    local: String,
    domain: String,
}

/// An address with the name that a mail gave it. The name is foreign text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The display name, empty if there was none.
    pub name: String,
    /// The address.
    pub address: Address,
}

impl Address {
    /// The part before the last `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain as an A-label in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether both are the same mailbox as far as can be told: local parts are compared without case (no
    /// provider in use tells them apart), domains as A-labels.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.domain == other.domain && self.local.to_lowercase() == other.local.to_lowercase()
    }

    /// The key under which the address is looked up: lower case throughout.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.domain)
    }

    /// Whether sending to it needs SMTPUTF8 (RFC 6531): a local part that is not ASCII.
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }

    /// The same address with `+tag` behind its local part (subaddressing, RFC 5233).
    #[must_use]
    pub fn with_tag(&self, tag: &str) -> Self {
        Self { local: format!("{}+{tag}", self.local), domain: self.domain.clone() }
    }

    /// The tag behind a `+` in the local part, with the address without it.
    #[must_use]
    pub fn split_tag(&self) -> Option<(Self, &str)> {
        let (local, tag) = self.local.split_once('+')?;
        (!local.is_empty()).then(|| (Self { local: local.to_owned(), domain: self.domain.clone() }, tag))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let err = |why| AddressError { text: text.chars().take(80).collect(), why };
        let (local, domain) = text.rsplit_once('@').ok_or_else(|| err("it has no @"))?;
        if local.is_empty() {
            return Err(err("nothing stands before the @"));
        }
        if local.len() > 64 || domain.len() > 255 {
            return Err(err("it is too long"));
        }
        if local.chars().any(|c| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '\\' | '[' | ']' | '@')
        }) {
            return Err(err("there is a character before the @ that does not belong there"));
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(err("the dots before the @ are misplaced"));
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| err("the domain is not one"))?;
        if domain.is_empty() || domain.split('.').any(str::is_empty) {
            return Err(err("the domain is not one"));
        }
        Ok(Self { local: local.to_owned(), domain: domain.to_ascii_lowercase() })
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_domains_as_a_labels() {
        let a: Address = "Anna@Praxis-Müller.example".parse().unwrap();
        let b: Address = "anna@xn--praxis-mller-klb.example".parse().unwrap();
        assert!(a.same_as(&b), "{a} {b}");
        assert_eq!(a.domain(), "xn--praxis-mller-klb.example");
    }

    #[test]
    fn refuses_what_is_no_address() {
        for bad in [
            "",
            "a",
            "@b.example",
            "a@",
            "a b@c.example",
            "a@b..example",
            "a\r\nBcc:x@y.example",
            "<a@b.example>",
            ".a@b.example",
            "a@b c",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn tags_come_and_go() {
        let a: Address = "consult@desk.example".parse().unwrap();
        let tagged = a.with_tag("abc");
        assert_eq!(tagged.to_string(), "consult+abc@desk.example");
        assert_eq!(tagged.split_tag(), Some((a, "abc")));
    }
}
