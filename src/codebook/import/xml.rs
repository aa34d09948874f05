//! Official XML files, read piece by piece under limits: no document type (and so no entities of its own), bounded
//! nesting, attributes and texts. What is wrong is told with its line.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::codebook::CodebookError;

/// The deepest nesting. The tabular list has 12 levels, the indexes 13.
const MAX_DEPTH: usize = 64;
/// The most bytes of a tag's attributes. Official ones have 60.
const MAX_ATTRIBUTES: usize = 4_096;
/// The longest text of one piece. The longest official note has 809 characters.
const MAX_TEXT: usize = 65_536;

/// A piece of the document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A tag that opens, with its attributes in their order.
    Open(String, Vec<(String, String)>),
    /// Text, its references resolved; one text may come in several pieces.
    Text(String),
    /// A tag that closes: it is the one last opened.
    Close,
}

/// A document that is read once, from its beginning.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    file: &'a str,
    open: Vec<String>,
    /// An empty element was met: its end is due.
    due: bool,
    begun: bool,
    /// Lines counted up to the byte `counted`.
    lines: usize,
    counted: usize,
}

impl<'a> Xml<'a> {
    /// `file`: for messages.
    pub(crate) fn new(text: &'a str, file: &'a str) -> Self {
        let reader = Reader::from_str(text);
        Self { reader, text, file, open: Vec::new(), due: false, begun: false, lines: 1, counted: 0 }
    }

    /// The line reached, from 1.
    pub(crate) fn line(&mut self) -> usize {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.text.len());
        let passed = self.text.as_bytes().get(self.counted..at).unwrap_or_default();
        self.lines += passed.iter().filter(|b| **b == b'\n').count();
        self.counted = at.max(self.counted);
        self.lines
    }

    /// An error at the line reached.
    pub(crate) fn wrong(&mut self, why: &str) -> CodebookError {
        let line = self.line();
        CodebookError::bad_file(self.file, format!("line {line}: {why}"))
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// If the document is malformed or cut, or goes beyond a limit.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, CodebookError> {
        if std::mem::take(&mut self.due) {
            self.open.pop();
            return Ok(Some(Piece::Close));
        }
        loop {
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(e) => {
                    return Err(self.wrong(&format!(
                        "it is no well-formed XML ({e}): it was cut or damaged, download it again"
                    )));
                }
            };
            match event {
                Event::Start(tag) => return self.opened(&tag).map(Some),
                Event::Empty(tag) => {
                    let piece = self.opened(&tag)?;
                    self.due = true;
                    return Ok(Some(piece));
                }
                Event::End(_) => {
                    self.open.pop();
                    return Ok(Some(Piece::Close));
                }
                Event::Text(text) => {
                    let text = text.xml10_content();
                    if let Some(piece) = self.content(&text)? {
                        return Ok(Some(piece));
                    }
                }
                Event::CData(text) => {
                    let text = text.xml10_content();
                    if let Some(piece) = self.content(&text)? {
                        return Ok(Some(piece));
                    }
                }
                Event::GeneralRef(name) => {
                    let resolved = match name.resolve_char_ref() {
                        Ok(Some(c)) => Some(c.to_string()),
                        Ok(None) => quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned),
                        Err(_) => None,
                    };
                    let Some(text) = resolved else {
                        let shown: String = name.chars().take(40).collect();
                        return Err(self.wrong(&format!(
                            "the reference `&{shown};` means nothing in an official file: not read"
                        )));
                    };
                    return Ok(Some(Piece::Text(text)));
                }
                Event::DocType(_) => {
                    return Err(self.wrong(
                        "it defines a document type, with which a small file can unfold to a huge one; official files have none: not read",
                    ));
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => {
                    return match self.open.pop() {
                        Some(tag) => {
                            let why = format!("it ends inside <{tag}>: it was cut; download it again");
                            Err(self.wrong(&why))
                        }
                        None => Ok(None),
                    };
                }
            }
        }
    }

    /// Passes over everything up to the close of the tag last opened.
    pub(crate) fn skip(&mut self) -> Result<(), CodebookError> {
        let outside = self.open.len().saturating_sub(1);
        while self.open.len() > outside {
            if self.next()?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn opened(&mut self, tag: &BytesStart<'_>) -> Result<Piece, CodebookError> {
        if self.open.is_empty() && self.begun {
            return Err(self.wrong("something follows the end of the document: download it again"));
        }
        self.begun = true;
        if self.open.len() >= MAX_DEPTH {
            return Err(self.wrong(&format!("tags are nested deeper than {MAX_DEPTH}: not read")));
        }
        if tag.len() > MAX_ATTRIBUTES {
            return Err(self.wrong(&format!("a tag is longer than {MAX_ATTRIBUTES} bytes: not read")));
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let Ok(attribute) = attribute else {
                return Err(self.wrong("an attribute is malformed: download it again"));
            };
            let key: &str = attribute.key.as_ref();
            let Ok(value) = quick_xml::escape::unescape(&attribute.value) else {
                return Err(self.wrong("an attribute holds a reference that means nothing: not read"));
            };
            attributes.push((key.to_owned(), value.into_owned()));
        }
        let name = tag.name();
        let name: &str = name.as_ref();
        self.open.push(name.to_owned());
        Ok(Piece::Open(name.to_owned(), attributes))
    }

    /// Text inside a tag; outside of all there is only white space.
    fn content(&mut self, text: &str) -> Result<Option<Piece>, CodebookError> {
        if text.len() > MAX_TEXT {
            return Err(self.wrong(&format!("a text is longer than {MAX_TEXT} bytes: not read")));
        }
        if self.open.is_empty() {
            return if text.trim().is_empty() {
                Ok(None)
            } else {
                Err(self.wrong("text stands outside of the document: download it again"))
            };
        }
        Ok(Some(Piece::Text(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<Piece>, String> {
        let mut xml = Xml::new(text, "f.xml");
        let mut pieces = Vec::new();
        while let Some(piece) = xml.next().map_err(|e| e.to_string())? {
            pieces.push(piece);
        }
        Ok(pieces)
    }

    #[test]
    fn pieces_come_with_their_references_resolved() {
        let pieces = all("<?xml version='1.0'?>\n<a k='v&amp;w'>x &lt; &#233;<!-- no --><b/></a>\n").unwrap();
        let text: String = pieces
            .iter()
            .filter_map(|p| if let Piece::Text(t) = p { Some(t.as_str()) } else { None })
            .collect();
        assert_eq!(text, "x < é");
        assert_eq!(pieces[0], Piece::Open("a".to_owned(), vec![("k".to_owned(), "v&w".to_owned())]));
        assert_eq!(pieces[pieces.len() - 2..], [Piece::Close, Piece::Close]);
    }

    #[test]
    fn what_is_malformed_or_huge_is_refused_with_its_line() {
        let deep = "<a>".repeat(100);
        let wide = format!("<a k='{}'/>", "x".repeat(5_000));
        let long = format!("<a>{}</a>", "x".repeat(70_000));
        let cases = [
            ("<a>\n<b>\n</a>", "line 3"),
            ("<a>\n<b>", "cut"),
            ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "document type"),
            ("<a>\n&x;</a>", "line 2: the reference `&x;`"),
            ("<a/><b/>", "follows the end"),
            ("<a/>text", "outside"),
            (&deep, "nested deeper"),
            (&wide, "a tag is longer"),
            (&long, "a text is longer"),
        ];
        for (text, says) in cases {
            let error = all(text).unwrap_err();
            assert!(error.contains(says) && error.contains("line "), "{error}");
        }
    }
}
