//! What makes two deliveries the same mail: what its sender wrote, without the traces of the way it took.

use crate::mail::headers::Headers;

/// The headers that count.
const FIELDS: &[&str] = &["from", "to", "cc", "subject", "date", "message-id"];

/// Canonical bytes over From, To, Cc, Subject, Date, Message-ID and the body, for the content digest. Folding,
/// line ends and blank lines at the end make no difference: servers change them.
#[must_use]
pub fn digest_fields(bytes: &[u8]) -> Vec<u8> {
    let (headers, body) = Headers::split(bytes.trim_ascii_start());
    let mut out = Vec::with_capacity(body.len() + 512);
    for name in FIELDS {
        for value in headers.all(name) {
            let folded = value.split_whitespace().collect::<Vec<_>>().join(" ");
            out.extend_from_slice(format!("{name}:{}:{folded}\n", folded.len()).as_bytes());
        }
    }
    out.push(b'\n');
    out.extend(body.trim_ascii_end().iter().filter(|b| **b != b'\r'));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_and_folding_make_no_difference() {
        let a = b"Received: from a\r\nFrom: a@b\r\nSubject: one\r\n two\r\n\r\nbody\r\n\r\n";
        let b = b"From: a@b\nReceived: from c\nX-Spam: no\nSubject: one two\n\nbody";
        assert_eq!(digest_fields(a), digest_fields(b));
        assert_ne!(digest_fields(a), digest_fields(b"From: a@b\nSubject: one two\n\nbody!"));
    }
}
