//! Transfer encodings and charsets, read leniently: a fault in the encoding loses a character, never the mail.

use mail_parser::decoders::charsets::map::charset_decoder;

/// Base64 with anything that does not belong skipped; ends at the first padding.
pub(super) fn base64(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len() / 4 * 3 + 3);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for &byte in input {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            // Some programs encode each line on its own: padding ends a group, not the body.
            b'=' => {
                (buffer, bits) = (0, 0);
                continue;
            }
            _ => continue,
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((buffer >> bits) & 0xff).unwrap_or(0));
        }
        buffer &= (1 << bits) - 1;
    }
    out
}

/// Quoted-printable; a `=` that begins no escape stays as it is.
pub(super) fn quoted_printable(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    for line in input.split_inclusive(|&b| b == b'\n') {
        let (content, end): (&[u8], &[u8]) = match line {
            [content @ .., b'\r', b'\n'] => (content, b"\r\n"),
            [content @ .., b'\n'] => (content, b"\n"),
            content => (content, b""),
        };
        // White space at the end of an encoded line was added on the way (RFC 2045, 6.7 (3)).
        let content = content.trim_ascii_end();
        let (content, soft) = match content {
            [content @ .., b'='] => (content, true),
            content => (content, false),
        };
        let mut bytes = content.iter().copied();
        while let Some(byte) = bytes.next() {
            let mut ahead = bytes.clone();
            match (byte, ahead.next().and_then(hex), ahead.next().and_then(hex)) {
                (b'=', Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    bytes = ahead;
                }
                _ => out.push(byte),
            }
        }
        if !soft {
            out.extend_from_slice(end);
        }
    }
    out
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

/// Text in the declared charset; only where nothing usable is declared it is guessed: UTF-8 if it is valid
/// UTF-8, else Windows-1252. The second value names what was wrong.
pub(super) fn text(bytes: &[u8], declared: Option<&str>) -> (String, Option<String>) {
    let declared = declared.map(str::trim).filter(|c| !c.is_empty());
    let Some(charset) = declared else {
        return (guessed(bytes), None);
    };
    let ascii = ["us-ascii", "ascii", "ansi_x3.4-1968"].iter().any(|a| charset.eq_ignore_ascii_case(a));
    if ascii || charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8") {
        // What is not in the declared charset cannot be read as declared.
        let valid = if ascii { bytes.is_ascii() } else { std::str::from_utf8(bytes).is_ok() };
        let problem = (!valid).then(|| format!("the text is not in its declared charset {charset}"));
        let text = if valid || ascii { guessed(bytes) } else { String::from_utf8_lossy(bytes).into_owned() };
        return (text, problem);
    }
    match charset_decoder(charset.as_bytes()) {
        Some(decode) => (decode(bytes), None),
        None => {
            let shown: String = charset.chars().take(40).collect();
            (guessed(bytes), Some(format!("the declared charset `{shown}` is not known")))
        }
    }
}

/// UTF-8 if valid, else Windows-1252, in which every byte means something.
pub(super) fn guessed(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match charset_decoder(b"windows-1252") {
            Some(decode) => decode(bytes),
            None => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

/// Line ends as `\n`, no U+0000 (PostgreSQL refuses it), no byte order mark, no other control characters than
/// tab.
pub(super) fn clean(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            '\n' | '\t' => out.push(c),
            '\0' => out.push('\u{fffd}'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// One line: as [`clean`], with all white space folded to single blanks and the ends trimmed.
pub(super) fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_faulty_encodings() {
        assert_eq!(base64(b"aGVs\r\nbG8=\r\n"), b"hello");
        assert_eq!(base64(b"aGVsbG8=aGVsbG8="), b"hellohello");
        assert_eq!(quoted_printable(b"a=3Db =\r\nc=zz=\n"), b"a=b c=zz");
        assert_eq!(quoted_printable(b"J=C3=BCrgen  \r\nx"), "Jürgen\r\nx".as_bytes());
    }

    #[test]
    fn a_declared_charset_is_believed_and_an_absent_one_guessed() {
        assert_eq!(text(b"M\xfcller", Some("iso-8859-1")).0, "Müller");
        assert_eq!(text("Müller".as_bytes(), None).0, "Müller");
        assert_eq!(text(b"M\xfcller", None).0, "Müller");
        let (read, problem) = text(b"M\xfcller", Some("x-klingon"));
        assert_eq!(read, "Müller");
        assert!(problem.is_some());
        // Declared as Shift_JIS: what looks like UTF-8 by chance stays Shift_JIS.
        assert_eq!(text(b"\x83e\x83X\x83g", Some("shift_jis")).0, "テスト");
        assert_eq!(text("Müller".as_bytes(), Some("us-ascii")).0, "Müller");
    }

    #[test]
    fn no_nul_survives() {
        assert_eq!(clean("a\0b\r\nc\rd\u{1b}[m"), "a\u{fffd}b\nc\nd[m");
        assert_eq!(one_line(" a\r\n\t b "), "a b");
    }

    proptest! {
        #[test]
        fn any_bytes_decode(bytes in proptest::collection::vec(any::<u8>(), 0..400), charset in "[ -~]{0,20}") {
            let _ = base64(&bytes);
            let _ = quoted_printable(&bytes);
            let _ = clean(&text(&bytes, Some(&charset)).0);
        }
    }
}
