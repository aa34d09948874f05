//! Characters of files that were saved by other programs: UTF-16 (Excel's "Unicode text") is read, what is no text at
//! all is said to be none.

use crate::codebook::CodebookError;

/// The largest file that is turned from UTF-16: none is published so, and none of a code list is larger.
pub(crate) const MAX_WIDE: u64 = 100_000_000;

/// The order of the bytes in a file of UTF-16, told by its first two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wide {
    /// FE FF
    HighFirst,
    /// FF FE
    LowFirst,
}

/// Whether a file begins as UTF-16 does.
pub(crate) fn wide(bytes: &[u8]) -> Option<Wide> {
    match bytes {
        [0xfe, 0xff, ..] => Some(Wide::HighFirst),
        [0xff, 0xfe, ..] => Some(Wide::LowFirst),
        _ => None,
    }
}

/// A file of UTF-16 as UTF-8.
///
/// # Errors
/// If it is damaged, with the line.
pub(crate) fn narrow(shown: &str, bytes: &[u8], order: Wide) -> Result<Vec<u8>, CodebookError> {
    let (pairs, rest) = bytes.get(2..).unwrap_or_default().as_chunks::<2>();
    let unit = |pair: &[u8; 2]| match order {
        Wide::HighFirst => u16::from_be_bytes(*pair),
        Wide::LowFirst => u16::from_le_bytes(*pair),
    };
    let mut text = String::with_capacity(pairs.len());
    let mut whole = rest.is_empty();
    for c in char::decode_utf16(pairs.iter().map(unit)) {
        let Ok(c) = c else {
            whole = false;
            break;
        };
        text.push(c);
    }
    if whole {
        return Ok(text.into_bytes());
    }
    let line = text.bytes().filter(|b| *b == b'\n').count() + 1;
    let why =
        format!("line {line}: it is UTF-16 text, and damaged there: save it as UTF-8, or download it again");
    Err(CodebookError::bad_file(shown, why))
}

/// Whether the beginning of a file is no text in ASCII, UTF-8 or Latin-1 (EBCDIC, a picture, a database).
pub(crate) fn is_no_text(head: &[u8]) -> bool {
    let plain = |b: &&u8| matches!(**b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a | 0x20..=0x7e);
    let strange = head.len() - head.iter().filter(plain).count();
    // Letters with accents are few in any code list; elsewhere UTF-8 tells.
    strange * 5 > head.len() && std::str::from_utf8(head.get(..head.len().min(4096)).unwrap_or(head)).is_err()
        || head.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_comes_through(text in "\\PC{0,40}", high in any::<bool>()) {
            let order = if high { Wide::HighFirst } else { Wide::LowFirst };
            let unit = |u: u16| if high { u.to_be_bytes() } else { u.to_le_bytes() };
            let bytes: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect();
            prop_assert_eq!(wide(&bytes), Some(order));
            prop_assert_eq!(narrow("f", &bytes, order).unwrap(), text.into_bytes());
        }
    }

    #[test]
    fn damage_is_told_with_its_line_and_junk_is_no_text() {
        let bytes = [0xff, 0xfe, b'a', 0, b'\n', 0, 0x00, 0xd8, b'b', 0];
        let error = narrow("f", &bytes, Wide::LowFirst).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("UTF-16"), "{error}");
        // "CODES 2026" in EBCDIC.
        assert!(is_no_text(&[0xc3, 0xd6, 0xc4, 0xc5, 0xe2, 0x40, 0xf2, 0xf0, 0xf2, 0xf6, 0x15]));
        assert!(!is_no_text("Ménière's disease, Behçet\r\n".as_bytes()));
        assert!(!is_no_text(b"M\xe9ni\xe8re's disease\r\n"));
    }
}
