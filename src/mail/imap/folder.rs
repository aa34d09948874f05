//! Folder names on the wire: modified UTF-7 (RFC 3501, 5.1.3), which every IMAP4rev1 server understands.

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};

const MUTF7: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// A folder's name as it goes over the wire.
pub(super) fn encode(name: &str) -> String {
    let mut out = String::new();
    let mut other: Vec<u16> = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            shift(&mut out, &mut other);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            other.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    shift(&mut out, &mut other);
    out
}

fn shift(out: &mut String, other: &mut Vec<u16>) {
    if !other.is_empty() {
        let bytes: Vec<u8> = other.drain(..).flat_map(u16::to_be_bytes).collect();
        out.push('&');
        out.push_str(&MUTF7.encode(bytes));
        out.push('-');
    }
}

/// A folder's name as people read it. What is not modified UTF-7 is kept as it is.
pub(super) fn decode(wire: &str) -> String {
    let mut out = String::new();
    let mut rest = wire;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((code, next)) = after.split_once('-') else {
            out.push('&');
            rest = after;
            break;
        };
        match (code.is_empty(), decode_utf16(code)) {
            (true, _) => out.push('&'),
            (false, Some(text)) => out.push_str(&text),
            (false, None) => {
                out.push('&');
                out.push_str(code);
                out.push('-');
            }
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

fn decode_utf16(code: &str) -> Option<String> {
    let bytes = MUTF7.decode(code).ok()?;
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    odd.is_empty().then(|| String::from_utf16(&units).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        // RFC 3501, 5.1.3.
        assert_eq!(encode("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
        assert_eq!(decode("~peter/mail/&U,BTFw-/&ZeVnLIqe-"), "~peter/mail/台北/日本語");
        assert_eq!(encode("Entwürfe & mehr"), "Entw&APw-rfe &- mehr");
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in "\\PC*") {
            prop_assert_eq!(decode(&encode(&name)), name.clone());
            prop_assert!(encode(&name).is_ascii());
        }

        #[test]
        fn anything_can_be_decoded(wire in "[&,A-Za-z0-9+ü-]*") {
            let _ = decode(&wire);
        }
    }
}
