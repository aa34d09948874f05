//! The header block of a mail or of one of its parts: split, unfolded and read field by field, under limits.
//!
//! Also used alone for a mail over `max_size`, of which only the headers are fetched.

use mail_parser::{HeaderValue, parsers::MessageStream};

use crate::domain::{Address, Mailbox, MessageId, Timestamp};
use crate::mail::decode;

/// A header block longer than this is cut here.
const MAX_BLOCK: usize = 512 * 1024;
/// More fields than this are not read.
const MAX_FIELDS: usize = 2_000;
/// A longer value is cut here.
const MAX_VALUE: usize = 32 * 1024;
/// More encoded words than this in one value are shown as they are: reading them could take quadratic time.
const MAX_ENCODED_WORDS: usize = 400;
/// More addresses or ids in one field are not read.
const MAX_LIST: usize = 1_000;

/// One header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name in lower case.
    pub name: String,
    /// The value, unfolded, not yet decoded (RFC 2047).
    pub value: String,
}

/// A header block, in the order of the mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    fields: Vec<Header>,
    /// What was found wrong.
    pub problems: Vec<String>,
}

/// The bytes have no header field at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no header field at its beginning: this is not a mail")]
pub struct HeaderError;

impl Headers {
    /// Reads the headers at the beginning of a mail, for one whose body is not at hand.
    ///
    /// # Errors
    /// If the bytes begin with no header field.
    pub fn read(bytes: &[u8]) -> Result<Self, HeaderError> {
        let (headers, _) = Self::split(bytes);
        if headers.fields.is_empty() { Err(HeaderError) } else { Ok(headers) }
    }

    /// Splits bytes into their header block and the rest; one pass over the header's bytes.
    pub(super) fn split(bytes: &[u8]) -> (Self, &[u8]) {
        let mut headers = Self::default();
        let mut rest = bytes;
        let mut current: Option<(String, Vec<u8>)> = None;
        let mut read = 0usize;
        while let Some((line, after)) = next_line(rest) {
            if line.is_empty() {
                rest = after;
                break;
            }
            // A line over the limit counts as what is kept of it: one long header does not hide the others.
            read = read.saturating_add(line.len().min(MAX_VALUE));
            let over = read > MAX_BLOCK || headers.fields.len() + 1 >= MAX_FIELDS;
            if over {
                headers.note("the header block is longer than its limit: the rest of it was not read");
                rest = after_blank_line(rest);
                break;
            }
            let folded = line.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
            match (&mut current, field(line)) {
                (Some((_, value)), _) if folded => {
                    if value.len() <= MAX_VALUE {
                        value.extend_from_slice(line.get(..MAX_VALUE).unwrap_or(line));
                    }
                }
                (_, Some((name, value))) => {
                    headers.push(current.take());
                    // One byte more than is kept, so that the cut is noted.
                    current = Some((name, value.get(..=MAX_VALUE).unwrap_or(value).to_vec()));
                }
                // `From ` begins a mail in an mbox; a stray line between two fields is passed over.
                _ if next_line(after).is_some_and(|(next, _)| field(next).is_some()) => {
                    if !line.starts_with(b"From ") && !line.starts_with(b">From ") {
                        headers.note("a line among the headers is no header: it was passed over");
                    }
                }
                _ => {
                    headers.note("there is no empty line between the headers and the text");
                    break;
                }
            }
            rest = after;
        }
        headers.push(current.take());
        (headers, rest)
    }

    fn note(&mut self, problem: &str) {
        if !self.problems.iter().any(|p| p == problem) {
            self.problems.push(problem.to_owned());
        }
    }

    fn push(&mut self, field: Option<(String, Vec<u8>)>) {
        if let Some((name, mut value)) = field {
            if value.len() > MAX_VALUE {
                value.truncate(MAX_VALUE);
                self.note("a header is longer than its limit: it was cut");
            }
            if std::str::from_utf8(&value).is_err() {
                self.note("a header has bytes that are not UTF-8: they were read as Windows-1252");
            }
            let value = decode::guessed(&value).replace(['\0', '\r', '\n'], " ").trim().to_owned();
            self.fields.push(Header { name, value });
        }
    }

    /// All fields.
    #[must_use]
    pub fn fields(&self) -> &[Header] {
        &self.fields
    }

    /// The first value under a name (in lower case), as written.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|h| h.name == name).map(|h| h.value.as_str())
    }

    /// All values under a name (in lower case), as written.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |h| h.name == name).map(|h| h.value.as_str())
    }

    /// Whether there is such a field.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The first value under a name, decoded, in one line; empty if absent.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.get(name).map(decoded).unwrap_or_default()
    }

    /// The addresses of all fields of a name. What is no address is named in `problems`.
    pub fn mailboxes(&self, name: &str, problems: &mut Vec<String>) -> Vec<Mailbox> {
        let mut found = Vec::new();
        for value in self.all(name) {
            for (name_text, address) in addresses(value) {
                if found.len() >= MAX_LIST {
                    problems.push(format!("`{name}` has more than {MAX_LIST} addresses"));
                    return found;
                }
                match address.parse::<Address>() {
                    Ok(address) => found.push(Mailbox { name: name_text, address }),
                    Err(error) => problems.push(format!("{name}: {error}")),
                }
            }
        }
        found
    }

    /// The Message-IDs of all fields of a name, each once.
    #[must_use]
    pub fn ids(&self, name: &str) -> Vec<MessageId> {
        let mut found: Vec<MessageId> = Vec::new();
        for value in self.all(name) {
            for id in ids(value) {
                if found.len() < MAX_LIST && !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        found
    }

    /// The Date header.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        let date = match MessageStream::new(line(self.get("date")?).as_bytes()).parse_date() {
            HeaderValue::DateTime(date) if date.is_valid() => date,
            _ => return None,
        };
        Some(Timestamp::from_seconds(date.to_timestamp()))
    }

    /// A field of a media type and parameters (Content-Type, Content-Disposition): the type in lower case, the
    /// parameters with their continuations joined and decoded (RFC 2231, and RFC 2047 as many programs do).
    #[must_use]
    pub(super) fn parameters(&self, name: &str) -> Option<Parameters> {
        let value = line(self.get(name)?);
        let HeaderValue::ContentType(ct) = MessageStream::new(value.as_bytes()).parse_content_type() else {
            return None;
        };
        Some(Parameters {
            main: ct.c_type.trim().to_ascii_lowercase(),
            sub: ct.c_subtype.as_deref().unwrap_or_default().trim().to_ascii_lowercase(),
            values: ct
                .attributes
                .unwrap_or_default()
                .into_iter()
                .take(100)
                .map(|a| (a.name.to_ascii_lowercase(), a.value.into_owned()))
                .collect(),
        })
    }
}

/// A structured field: `main/sub; name=value`.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters {
    pub(super) main: String,
    pub(super) sub: String,
    values: Vec<(String, String)>,
}

impl Parameters {
    /// A type without parameters.
    pub(super) fn bare(main: &str, sub: &str) -> Self {
        Self { main: main.to_owned(), sub: sub.to_owned(), values: Vec::new() }
    }

    pub(super) fn is(&self, main: &str, sub: &str) -> bool {
        self.main == main && self.sub == sub
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// The next line without its end, and what follows it.
pub(super) fn next_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let (line, rest) = match bytes.iter().position(|&b| b == b'\n') {
        Some(at) => (bytes.get(..at)?, bytes.get(at + 1..)?),
        None => (bytes, &[][..]),
    };
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

fn after_blank_line(mut bytes: &[u8]) -> &[u8] {
    while let Some((line, rest)) = next_line(bytes) {
        if line.is_empty() {
            return rest;
        }
        bytes = rest;
    }
    bytes
}

/// `Name: value`: a name of printable ASCII without blanks.
fn field(line: &[u8]) -> Option<(String, &[u8])> {
    let head = line.get(..line.len().min(200))?;
    let colon = head.iter().position(|&b| b == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    Some((String::from_utf8_lossy(name).to_ascii_lowercase(), line.get(colon + 1..)?))
}

fn line(value: &str) -> String {
    format!("{value}\n")
}

/// A value with its encoded words decoded (RFC 2047), in one line.
pub(super) fn decoded(value: &str) -> String {
    let value = join_encoded_words(value);
    if value.matches("=?").count() > MAX_ENCODED_WORDS {
        return decode::one_line(&value);
    }
    match MessageStream::new(line(&value).as_bytes()).parse_unstructured() {
        HeaderValue::Text(text) => decode::one_line(&text),
        _ => String::new(),
    }
}

/// Joins neighbouring encoded words of one charset and encoding: many programs cut a character in two there.
fn join_encoded_words(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    // The head `=?charset?B?` of the encoded word that `out` ends with.
    let mut open: Option<String> = None;
    for token in value.split_inclusive([' ', '\t']) {
        let word = token.trim_end_matches([' ', '\t']);
        if word.is_empty() {
            if open.is_none() {
                out.push_str(token);
            }
            continue;
        }
        let head = encoded_word_head(word);
        match (&open, &head) {
            (Some(before), Some(now)) if before.eq_ignore_ascii_case(now) => {
                let joined = out.trim_end().strip_suffix("?=").map(str::to_owned);
                // Padding in the middle ends a base64 group: then the words stand on whole characters.
                match joined {
                    Some(start) if !start.ends_with('=') => {
                        out = start;
                        out.push_str(word.get(now.len()..).unwrap_or_default());
                        out.push_str(token.get(word.len()..).unwrap_or_default());
                    }
                    _ => {
                        if !out.ends_with([' ', '\t']) {
                            out.push(' ');
                        }
                        out.push_str(token);
                    }
                }
            }
            _ => {
                if open.is_some() && !out.ends_with([' ', '\t']) {
                    out.push(' ');
                }
                out.push_str(token);
            }
        }
        open = head;
    }
    out
}

fn encoded_word_head(word: &str) -> Option<String> {
    let inner = word.strip_prefix("=?")?;
    let mut parts = inner.splitn(3, '?');
    let (charset, encoding, data) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = data.strip_suffix("?=").is_some_and(|d| !d.contains('?'));
    let fine = whole && !charset.is_empty() && encoding.len() == 1;
    fine.then(|| format!("=?{charset}?{encoding}?"))
}

/// The addresses of one value as (name, address as written); group members count like others.
fn addresses(value: &str) -> Vec<(String, String)> {
    let value = join_encoded_words(value);
    if value.matches("=?").count() > MAX_ENCODED_WORDS {
        return Vec::new();
    }
    let value = line(&value);
    let HeaderValue::Address(list) = MessageStream::new(value.as_bytes()).parse_address() else {
        return Vec::new();
    };
    list.iter()
        .filter_map(|a| {
            let name = decode::one_line(a.name.as_deref().unwrap_or_default());
            let address = a.address.as_deref().map(str::trim).filter(|t| !t.is_empty());
            match address {
                Some(address) => Some((name, address.to_owned())),
                // A bare word such as `undisclosed-recipients` is no address and no fault.
                None => name.contains('@').then(|| (String::new(), name)),
            }
        })
        .collect()
}

/// The ids of one value: `<…>` each; without brackets the words with an `@`.
fn ids(value: &str) -> Vec<MessageId> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((inside, next)) = after.split_once('>') else { break };
        let joined: String = inside.split_whitespace().collect();
        found.extend(MessageId::new(&joined));
        rest = next;
    }
    if found.is_empty() {
        found.extend(value.split([' ', '\t', ',']).filter(|w| w.contains('@')).filter_map(MessageId::new));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(text: &str) -> Headers {
        Headers::split(text.as_bytes()).0
    }

    #[test]
    fn unfolds_and_decodes() {
        let h = headers("Subject: =?utf-8?Q?M=C3?=\r\n =?utf-8?Q?=BCller?= and\r\n\tmore\r\n\r\nbody");
        assert_eq!(h.text("subject"), "Müller and more");
        let h = headers("Subject: =?UTF-8?B?TcM=?= =?UTF-8?B?vGxsZXI=?=\n\n");
        assert!(h.text("subject").ends_with("ller"));
    }

    #[test]
    fn reads_what_is_faulty() {
        let h = headers("From a@b Mon Jan 1\nSubject : x\nrubbish\nFrom: \"A, B\" <a@b.example>\nhello\n");
        assert_eq!(h.text("subject"), "x");
        assert_eq!(h.mailboxes("from", &mut Vec::new()).len(), 1);
        assert_eq!(h.problems.len(), 2);
        assert_eq!(Headers::read(b"\x00\x01\x02"), Err(HeaderError));
    }

    #[test]
    fn reads_addresses_and_ids() {
        let mut problems = Vec::new();
        let h = headers(
            "To: undisclosed-recipients:;\nCc: =?utf-8?q?J=C3=BCrgen?= <j@x.example>, g: a@x.example, b@x.example;\n\
             References: <a@b><c@d>\t<e\n f@g>\nIn-Reply-To: x@y\n\n",
        );
        assert!(h.mailboxes("to", &mut problems).is_empty());
        let cc = h.mailboxes("cc", &mut problems);
        assert_eq!(cc.first().unwrap().name, "Jürgen");
        assert_eq!(cc.len(), 3);
        assert!(problems.is_empty(), "{problems:?}");
        let ids: Vec<_> = h.ids("references").iter().map(|i| i.as_str().to_owned()).collect();
        assert_eq!(ids, ["a@b", "c@d", "ef@g"]);
        assert_eq!(h.ids("in-reply-to").len(), 1);
    }

    #[test]
    fn a_date_is_a_moment() {
        let h = headers("Date: Mon, 5 Jan 2026 09:03:00 -0500\n\n");
        assert_eq!(h.date().unwrap().to_string(), "2026-01-05T14:03:00Z");
        assert_eq!(headers("Date: yesterday\n\n").date(), None);
    }

    #[test]
    fn a_header_bomb_is_cut() {
        let mut mail = b"Subject: x\r\n".to_vec();
        mail.extend(std::iter::repeat_n(b"X: y\r\n".as_slice(), 200_000).flatten());
        mail.extend(b"\r\nbody");
        let (h, body) = Headers::split(&mail);
        assert!(h.fields().len() <= MAX_FIELDS);
        assert_eq!(body, b"body");
        let long = format!("Subject: {}\n\nx", "=?utf-8?q?a?= ".repeat(100_000));
        assert!(headers(&long).text("subject").len() <= MAX_VALUE);
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let (h, _) = Headers::split(&bytes);
            for field in h.fields() {
                let _ = decoded(&field.value);
                let _ = addresses(&field.value);
                let _ = h.parameters(&field.name);
            }
            let _ = h.date();
        }
        #[test]
        fn any_value(value in "[ -~é\u{4e00}]{0,200}") {
            let h = headers(&format!("From: {value}\nDate: {value}\nContent-Type: {value}\n\n"));
            let _ = h.mailboxes("from", &mut Vec::new());
            let _ = h.parameters("content-type");
            let _ = h.ids("from");
            let _ = h.date();
        }
    }
}
