//! What ties a mail to its case: the case number, the secret thread token, and Message-IDs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::UnknownWord;

/// The short number of a case as people write it: `CC-2026-00042`. It only suggests a case; the
/// [`ThreadToken`] proves one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseNumber {
    /// The year (at the desk) in which the case was opened.
    pub year: i16,
    /// Counts the cases of that year from 1.
    pub seq: u32,
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CC-{:04}-{:05}", self.year, self.seq)
    }
}

impl FromStr for CaseNumber {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let wrong = || UnknownWord { what: "case number", word: text.chars().take(40).collect() };
        let upper = text.trim().to_ascii_uppercase();
        let (year, seq) = upper.strip_prefix("CC-").and_then(|r| r.split_once('-')).ok_or_else(wrong)?;
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || !(5..=9).contains(&seq.len()) || !digits(year) || !digits(seq) {
            return Err(wrong());
        }
        Ok(Self { year: year.parse().map_err(|_| wrong())?, seq: seq.parse().map_err(|_| wrong())? })
    }
}

impl Serialize for CaseNumber {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// 80 random bits that stand in the local part of our Message-IDs (and in `Reply-To`, with
/// `plus_addressing`): whoever sends them back has read a mail of the case. 16 characters of base32.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThreadToken(String);

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

impl ThreadToken {
    /// How many characters a token has.
    pub const LEN: usize = 16;

    /// From ten random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 10]) -> Self {
        let (mut text, mut buffer, mut bits) = (String::with_capacity(Self::LEN), 0u32, 0u32);
        for byte in bytes {
            buffer = (buffer << 8) | u32::from(byte);
            bits += 8;
            while bits >= 5 {
                bits -= 5;
                let index = usize::try_from((buffer >> bits) & 31).unwrap_or(0);
                text.push(char::from(BASE32.get(index).copied().unwrap_or(b'a')));
            }
        }
        Self(text)
    }

    /// The token's 16 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ThreadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ThreadToken {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let lower = text.to_ascii_lowercase();
        if lower.len() == Self::LEN && lower.bytes().all(|b| BASE32.contains(&b)) {
            Ok(Self(lower))
        } else {
            Err(UnknownWord { what: "thread token", word: text.chars().take(40).collect() })
        }
    }
}

/// A Message-ID without its angle brackets: `local@domain`, kept as it was written, compared as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// Takes the text between the angle brackets; `None` if nothing usable is there. White space and control
    /// characters are not allowed in it, nor more than 998 characters (a header line's limit, RFC 5322).
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>');
        let fine = !text.is_empty()
            && text.len() <= 990
            && text.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '<' && c != '>');
        fine.then(|| Self(text.to_owned()))
    }

    /// The id without angle brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The thread token in an id of ours (`cc.TOKEN.UNIQUE@domain`), if it has our shape.
    #[must_use]
    pub fn token(&self) -> Option<ThreadToken> {
        let (local, _) = self.0.split_once('@')?;
        let mut parts = local.split('.');
        if parts.next()? != "cc" {
            return None;
        }
        parts.next()?.parse().ok()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_reads_back() {
        let n = CaseNumber { year: 2026, seq: 42 };
        assert_eq!(n.to_string(), "CC-2026-00042");
        assert_eq!("cc-2026-00042".parse::<CaseNumber>().unwrap(), n);
        for bad in ["CC-2026-42", "CC-26-00042", "2026-00042", "CC-2026-0004x", "CC--", "CC-2026-+0042"] {
            assert!(bad.parse::<CaseNumber>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_message_id_gives_its_token_back() {
        let token = ThreadToken::from_bytes([7; 10]);
        let id = MessageId::new(&format!("<cc.{token}.0192@desk.example>")).unwrap();
        assert_eq!(id.token(), Some(token));
        assert_eq!(MessageId::new("<x@y>").unwrap().token(), None);
        assert!(MessageId::new("<a b@c>").is_none());
    }

    proptest! {
        #[test]
        fn tokens_read_back(bytes in any::<[u8; 10]>()) {
            let token = ThreadToken::from_bytes(bytes);
            prop_assert_eq!(token.as_str().len(), ThreadToken::LEN);
            prop_assert_eq!(token.as_str().parse::<ThreadToken>().unwrap(), token);
        }
    }
}
