//! The text of an attachment that holds text: txt, csv, html and docx. Scans, photos and everything else are not read,
//! and say so by having none. Bounded in what is unpacked, in nesting and in length; nothing is fetched or executed.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::mail::{decode, html};

/// Larger attachments are not read.
const MAX_BYTES: usize = 20 * 1024 * 1024;
/// So much of a document's main part is unpacked; a text of a hundred pages has a tenth of it.
const MAX_UNPACKED: u64 = 16 * 1024 * 1024;
/// More files in one document are no document.
const MAX_FILES: usize = 4_000;
/// So much text is kept.
const MAX_TEXT: usize = 200_000;

/// What an attachment is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Html,
    Docx,
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// By its declared type, or by its name where that says nothing.
fn kind(media_type: &str, name: &str) -> Option<Kind> {
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    match (media_type, extension.as_str()) {
        (DOCX, _) => Some(Kind::Docx),
        ("text/html", _) => Some(Kind::Html),
        ("text/calendar" | "text/vcard" | "text/x-vcard", _) => None,
        (t, _) if t.starts_with("text/") => Some(Kind::Plain),
        ("application/octet-stream" | "application/zip" | "application/msword", "docx") => Some(Kind::Docx),
        ("application/octet-stream", "txt" | "csv") => Some(Kind::Plain),
        ("application/octet-stream", "html" | "htm") => Some(Kind::Html),
        _ => None,
    }
}

/// The text of an attachment; `None` if it is of no kind that is read, or holds none.
pub(super) fn read(media_type: &str, name: &str, charset: Option<&str>, bytes: &[u8]) -> Option<String> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let text = match kind(media_type, name)? {
        // A file of zeros named .txt is no text.
        Kind::Plain if bytes.iter().take(4_096).any(|b| *b == 0) => return None,
        Kind::Plain => decode::text(bytes, charset).0,
        Kind::Html => html::to_text(&decode::text(bytes, charset).0, &mut Vec::new()),
        Kind::Docx => docx(bytes)?,
    };
    let text = cut(&decode::clean(&text)).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn cut(text: &str) -> &str {
    let end = (0..=MAX_TEXT.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// The words of a Word document's main part: a paragraph a line, the cells of a table's row parted by tabs.
fn docx(bytes: &[u8]) -> Option<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    if archive.len() > MAX_FILES {
        return None;
    }
    let part = archive.by_name("word/document.xml").ok()?;
    let mut xml = Vec::new();
    // The declared size is the sender's word: what is unpacked is counted.
    part.take(MAX_UNPACKED + 1).read_to_end(&mut xml).ok()?;
    if u64::try_from(xml.len()).unwrap_or(u64::MAX) > MAX_UNPACKED {
        return None;
    }
    words(&String::from_utf8_lossy(&xml))
}

/// A tag's name without its prefix.
fn local<'a>(name: &'a quick_xml::name::QName<'a>) -> &'a str {
    let name: &str = name.as_ref();
    name.rsplit(':').next().unwrap_or(name)
}

fn words(xml: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = false;
    let (mut out, mut in_text) = (String::new(), false);
    while out.len() <= MAX_TEXT {
        match reader.read_event() {
            Ok(Event::Start(tag)) => in_text = local(&tag.name()) == "t",
            Ok(Event::Empty(tag)) => match local(&tag.name()) {
                "tab" => out.push('\t'),
                "br" | "cr" | "p" => out.push('\n'),
                _ => {}
            },
            Ok(Event::End(tag)) => match local(&tag.name()) {
                "p" | "tr" => out.push('\n'),
                "tc" => {
                    while out.ends_with('\n') {
                        out.pop();
                    }
                    out.push('\t');
                }
                "t" => in_text = false,
                _ => {}
            },
            Ok(Event::Text(text)) if in_text => out.push_str(&text.xml10_content()),
            Ok(Event::GeneralRef(name)) if in_text => match name.resolve_char_ref() {
                Ok(Some(c)) => out.push(c),
                _ => out.push_str(quick_xml::escape::resolve_predefined_entity(&name).unwrap_or_default()),
            },
            // A document type could unfold; what is no XML has no words.
            Ok(Event::DocType(_)) | Err(_) => return None,
            Ok(Event::Eof) => break,
            Ok(_) => {}
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn document(xml: &str) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(xml.as_bytes()).unwrap();
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn text_html_and_word() {
        assert_eq!(read("text/plain", "a.txt", None, b"99213-25\n").as_deref(), Some("99213-25"));
        assert_eq!(
            read("text/html", "a.html", None, b"<p>99213</p><script>x</script>").as_deref(),
            Some("99213")
        );
        let xml = "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>Procedure: 63030</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>A &amp; B</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>2</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>";
        let text = read(DOCX, "note.docx", None, &document(xml)).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>()[..2], ["Procedure: 63030", "A & B\t2"]);
        assert!(read("application/octet-stream", "note.docx", None, &document(xml)).is_some());
    }

    #[test]
    fn what_is_not_read_has_no_text() {
        for (kind, name, bytes) in [
            ("image/jpeg", "scan.jpg", &b"\xff\xd8"[..]),
            ("application/pdf", "note.pdf", b"%PDF-1.7"),
            (DOCX, "note.docx", b"PK\x03\x04 no archive"),
            ("text/plain", "a.txt", b"\0\0\0\0"),
            ("text/plain", "a.txt", b"  \n"),
        ] {
            assert_eq!(read(kind, name, None, bytes), None, "{name}");
        }
        assert_eq!(read(DOCX, "a.docx", None, &document("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")), None);
    }

    /// A megabyte of zip that unfolds to gigabytes is given up at the limit.
    #[test]
    fn a_bomb_is_not_unpacked() {
        let xml = format!("<w:t>{}</w:t>", " ".repeat(20 * 1024 * 1024));
        assert_eq!(read(DOCX, "a.docx", None, &document(&xml)), None);
    }
}
