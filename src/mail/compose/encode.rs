//! Header values and bodies as 7-bit lines of at most 76 characters where that is possible, 998 always.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::{Mailbox, MessageId};
use crate::mail::decode;

/// Where lines are folded.
const FOLD: usize = 76;
/// Ids and words beyond this are encoded or left out, so that no line passes 998.
const MAX_WORD: usize = 900;
/// At most so many ids in References: the first, and the last ones.
const MAX_REFERENCES: usize = 20;

/// An unstructured field: folded if ASCII, else as encoded words.
pub(super) fn text_header(name: &str, value: &str) -> String {
    let value = decode::one_line(value);
    let plain = value.bytes().all(|b| (b' '..=b'~').contains(&b))
        && !value.contains("=?")
        && value.split(' ').all(|w| w.len() <= MAX_WORD);
    let words: Vec<String> =
        if plain { value.split(' ').map(str::to_owned).collect() } else { encoded_words(&value) };
    folded(name, &words)
}

/// A field of words that may stand on lines of their own.
pub(super) fn folded(name: &str, words: &[String]) -> String {
    let mut out = format!("{name}:");
    let mut column = out.len();
    for word in words {
        if column + 1 + word.len() > FOLD && column > name.len() + 1 {
            out.push_str("\r\n");
            column = 0;
        }
        out.push(' ');
        out.push_str(word);
        column += 1 + word.len();
    }
    out.push_str("\r\n");
    out
}

/// UTF-8 in base64, cut between characters, each word at most 75 characters long (RFC 2047).
pub(super) fn encoded_words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chunk = String::new();
    for c in value.chars() {
        if chunk.len() + c.len_utf8() > 45 {
            words.push(encoded_word(&chunk));
            chunk.clear();
        }
        chunk.push(c);
    }
    if !chunk.is_empty() {
        words.push(encoded_word(&chunk));
    }
    words
}

fn encoded_word(chunk: &str) -> String {
    format!("=?utf-8?B?{}?=", STANDARD.encode(chunk))
}

/// An address with its name: a quoted string if ASCII, else encoded words.
pub(super) fn mailbox(mailbox: &Mailbox) -> Vec<String> {
    let name: String = decode::one_line(&mailbox.name).chars().take(120).collect();
    let mut words = if name.is_empty() {
        Vec::new()
    } else if name.bytes().all(|b| (b' '..=b'~').contains(&b)) && !name.contains("=?") {
        vec![format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))]
    } else {
        encoded_words(&name)
    };
    words.push(format!("<{}>", mailbox.address));
    words
}

/// The ids that can stand in a 7-bit header; of many, the first and the last ones.
pub(super) fn id_words(ids: &[MessageId]) -> Vec<String> {
    let fit: Vec<String> = ids
        .iter()
        .filter(|id| id.as_str().len() <= MAX_WORD && id.as_str().bytes().all(|b| b.is_ascii_graphic()))
        .map(ToString::to_string)
        .collect();
    let skipped = 1..fit.len().saturating_sub(MAX_REFERENCES - 1).max(1);
    fit.iter().enumerate().filter(|(i, _)| !skipped.contains(i)).map(|(_, id)| id.clone()).collect()
}

/// A text body with its transfer encoding: as it is if that is safe, else quoted-printable. CRLF line ends.
pub(super) fn text_body(text: &str) -> (&'static str, String) {
    let text = decode::clean(text);
    let safe = text.is_ascii()
        && text.lines().all(|l| {
            l.len() <= FOLD
                && !l.ends_with([' ', '\t'])
                && !l.starts_with("From ")
                && !l.starts_with('.')
                && !l.starts_with("--=_")
        });
    if safe {
        let mut out = text.replace('\n', "\r\n");
        if !out.is_empty() && !out.ends_with("\r\n") {
            out.push_str("\r\n");
        }
        return ("7bit", out);
    }
    let mut out = String::with_capacity(text.len() * 2);
    for line in text.split('\n') {
        quoted_printable_line(line, &mut out);
        out.push_str("\r\n");
    }
    if text.ends_with('\n') {
        out.truncate(out.len() - 2);
    }
    ("quoted-printable", out)
}

fn quoted_printable_line(line: &str, out: &mut String) {
    let mut column = 0;
    let last = line.len().saturating_sub(1);
    for (at, byte) in line.bytes().enumerate() {
        let literal = match byte {
            b' ' | b'\t' => at != last,
            b'=' => false,
            // A dot or `From ` at the beginning of a line is changed by some servers.
            b'.' | b'F' | b'-' => column != 0,
            b'!'..=b'~' => true,
            _ => false,
        };
        let width = if literal { 1 } else { 3 };
        if column + width > FOLD - 1 {
            out.push_str("=\r\n");
            column = 0;
        }
        // The soft break may have moved such a character to the beginning of a line.
        if literal && !(column == 0 && matches!(byte, b'.' | b'F' | b'-')) {
            out.push(char::from(byte));
            column += 1;
        } else {
            out.push_str(&format!("={byte:02X}"));
            column += 3;
        }
    }
}

/// Base64 in lines of 76.
pub(super) fn base64_body(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() / 3 * 4 + bytes.len() / 20 + 8);
    for chunk in bytes.chunks(57) {
        STANDARD.encode_string(chunk, &mut out);
        out.push_str("\r\n");
    }
    out
}

/// The parameters that name a file (RFC 2231), in pieces that fit a line.
pub(super) fn file_name_words(name: &str) -> Vec<String> {
    let name: String = decode::one_line(name).chars().take(120).collect();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let simple = |b: u8| b.is_ascii_alphanumeric() || b" ._-()+".contains(&b);
    if !name.is_empty() && name.len() <= 60 && name.bytes().all(simple) {
        return vec![format!("filename=\"{name}\"")];
    }
    let encoded: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"._-".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::from("utf-8''");
    let mut chars = encoded.chars().peekable();
    while let Some(c) = chars.next() {
        // An escape stays whole.
        if piece.len() >= 50 && c == '%' || piece.len() >= 60 {
            pieces.push(std::mem::take(&mut piece));
        }
        piece.push(c);
        if c == '%' {
            piece.extend(chars.next());
            piece.extend(chars.next());
        }
    }
    pieces.push(piece);
    let count = pieces.len();
    let named = |(i, p): (usize, String)| match count {
        1 => format!("filename*={p}"),
        _ => format!("filename*{i}*={p}{}", if i + 1 < count { ";" } else { "" }),
    };
    pieces.into_iter().enumerate().map(named).collect()
}
