//! The tree of a mail's parts (RFC 2045–2049), split under limits on nesting and number.
//!
//! Splitting is ours and not the mail library's: its tree of nested messages is as deep as a sender likes, and
//! a deep tree overflows the stack when it is dropped. Here each level scans its own bytes once.

use crate::mail::decode;
use crate::mail::headers::{Headers, Parameters, next_line};

/// Parts nested deeper are not opened.
const MAX_DEPTH: usize = 20;
/// More parts than this in one mail are not read.
pub(super) const MAX_PARTS: usize = 1_000;

/// A mail or one of its parts.
#[derive(Debug)]
pub(super) struct Entity<'a> {
    pub(super) headers: Headers,
    pub(super) kind: Parameters,
    /// The bytes after the headers, still encoded.
    pub(super) body: &'a [u8],
    /// The parts of a multipart, or the one mail of a message/rfc822.
    pub(super) children: Vec<Entity<'a>>,
}

/// Counts parts and collects what is wrong while a mail is split.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    parts: usize,
    pub(super) problems: Vec<String>,
}

impl Splitter {
    fn note(&mut self, problem: &str) {
        if !self.problems.iter().any(|p| p == problem) {
            self.problems.push(problem.to_owned());
        }
    }

    /// Splits a whole mail.
    pub(super) fn mail<'a>(&mut self, bytes: &'a [u8]) -> Entity<'a> {
        let (headers, body) = Headers::split(bytes);
        self.entity(headers, body, 0, false)
    }

    fn entity<'a>(&mut self, headers: Headers, body: &'a [u8], depth: usize, in_digest: bool) -> Entity<'a> {
        self.parts += 1;
        for problem in &headers.problems {
            self.note(problem);
        }
        let declared = headers.parameters("content-type").filter(|p| !p.main.is_empty());
        let default = if in_digest { ("message", "rfc822") } else { ("text", "plain") };
        let kind = declared.unwrap_or_else(|| Parameters::bare(default.0, default.1));
        let mut entity = Entity { headers, kind, body, children: Vec::new() };
        let multipart = entity.kind.main == "multipart";
        let nested = entity.is_message() && !entity.is_encoded();
        if (multipart || nested) && depth >= MAX_DEPTH {
            self.note("parts are nested too deep: the innermost were not opened");
        } else if multipart {
            self.multipart(&mut entity, depth);
        } else if nested {
            let (headers, inner) = Headers::split(body);
            if self.parts < MAX_PARTS {
                let child = self.entity(headers, inner, depth + 1, false);
                entity.children.push(child);
            }
        }
        entity
    }

    fn multipart(&mut self, entity: &mut Entity<'_>, depth: usize) {
        let digest = entity.kind.sub == "digest";
        let boundary = entity.kind.get("boundary").unwrap_or_default().trim_end().to_owned();
        if boundary.is_empty() {
            self.note("a multipart names no boundary: it was read as text");
            return;
        }
        let (pieces, closed) = pieces(entity.body, boundary.as_bytes());
        if pieces.is_empty() {
            self.note("a multipart has no parts: it was read as text");
            return;
        }
        if !closed {
            self.note("a multipart is not closed: the mail may have been cut off");
        }
        for piece in pieces {
            if self.parts >= MAX_PARTS {
                self.note(&format!("there are more than {MAX_PARTS} parts: the rest was not read"));
                return;
            }
            let (headers, body) = Headers::split(piece);
            let child = self.entity(headers, body, depth + 1, digest);
            entity.children.push(child);
        }
    }
}

/// The bytes between the boundary lines, at most [`MAX_PARTS`] + 1 of them, and whether the last one closes.
fn pieces<'a>(body: &'a [u8], boundary: &[u8]) -> (Vec<&'a [u8]>, bool) {
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    let mut rest = body;
    while let Some((line, after)) = next_line(rest) {
        let at = body.len() - rest.len();
        if let Some(end) = boundary_line(line, boundary) {
            if let Some(piece) = start.and_then(|s| body.get(s..at)) {
                // The line end before a boundary belongs to the boundary.
                let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
                found.push(piece.strip_suffix(b"\r").unwrap_or(piece));
            }
            if end || found.len() > MAX_PARTS {
                return (found, true);
            }
            start = Some(body.len() - after.len());
        }
        rest = after;
    }
    if let Some(piece) = start.and_then(|s| body.get(s..)).filter(|p| !p.is_empty()) {
        found.push(piece);
    }
    (found, false)
}

/// `Some(true)` for the closing line, `Some(false)` for another boundary line.
fn boundary_line(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?.trim_ascii_end();
    match rest {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

impl Entity<'_> {
    /// The transfer encoding in lower case.
    fn encoding(&self) -> String {
        self.headers.get("content-transfer-encoding").unwrap_or_default().trim().to_ascii_lowercase()
    }

    pub(super) fn is_encoded(&self) -> bool {
        matches!(self.encoding().as_str(), "base64" | "quoted-printable")
    }

    /// A whole mail within the mail.
    pub(super) fn is_message(&self) -> bool {
        self.kind.main == "message" && matches!(self.kind.sub.as_str(), "rfc822" | "global")
    }

    /// The body without its transfer encoding.
    pub(super) fn decoded(&self) -> std::borrow::Cow<'_, [u8]> {
        match self.encoding().as_str() {
            "base64" => decode::base64(self.body).into(),
            "quoted-printable" => decode::quoted_printable(self.body).into(),
            _ => self.body.into(),
        }
    }

    /// The body as text, cleaned.
    pub(super) fn text(&self, problems: &mut Vec<String>) -> String {
        let (text, problem) = decode::text(&self.decoded(), self.kind.get("charset"));
        problems.extend(problem);
        decode::clean(&text)
    }

    /// This entity and all below it, in the order of the mail.
    pub(super) fn all(&self) -> Vec<&Self> {
        let mut found = vec![self];
        for child in &self.children {
            found.extend(child.all());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_nested_parts() {
        let mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\none\r\n--b\r\n\
            Content-Type: multipart/alternative; boundary=\"b1\"\r\n\r\n--b1\r\n\r\ntwo\r\n--b1--\r\n--b--\r\nepilogue";
        let mut splitter = Splitter::default();
        let entity = splitter.mail(mail);
        let leaves: Vec<_> =
            entity.all().iter().filter(|e| e.children.is_empty()).map(|e| e.body.to_vec()).collect();
        assert_eq!(leaves, [b"one".to_vec(), b"two".to_vec()]);
        assert!(splitter.problems.is_empty());
    }

    #[test]
    fn limits_hold() {
        let many = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(10_000));
        let mut splitter = Splitter::default();
        assert!(splitter.mail(many.as_bytes()).all().len() <= MAX_PARTS);
        assert_eq!(splitter.problems.len(), 1);
        let deep = "Content-Type: message/rfc822\n\n".repeat(100_000);
        let mut splitter = Splitter::default();
        assert!(splitter.mail(deep.as_bytes()).all().len() <= MAX_DEPTH + 1);
    }

    #[test]
    fn a_multipart_without_its_boundary_is_text() {
        let mut splitter = Splitter::default();
        let entity = splitter.mail(b"Content-Type: multipart/mixed; boundary=b\n\nhello\n");
        assert!(entity.children.is_empty());
        assert_eq!(splitter.problems.len(), 1);
    }
}
