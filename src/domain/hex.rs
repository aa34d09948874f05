//! Bytes as people and files write them.

use std::fmt::Write;

/// Bytes in lower-case hexadecimal, two characters each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_two_characters() {
        assert_eq!(hex(&[0, 0x0f, 0xab]), "000fab");
        assert_eq!(hex(&[]), "");
    }
}
