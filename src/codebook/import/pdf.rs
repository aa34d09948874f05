//! The text of a pdf, as lines on pages: manuals are published so. Characters are put where the page has them, so that
//! the outcome is the text that other programs save from it.
//!
//! A pdf is foreign bytes: it is measured before anything parses it (streams are unpacked to nowhere under a limit),
//! parsed on a thread with a stack of its own, and the library may break down on what nobody thought of. Forms inside
//! pages hold no text of a manual, and are not followed: one may contain itself.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document, MediaBox, Object, OutputDev, OutputError, Transform, output_doc_page};

use crate::codebook::CodebookError;
use crate::codebook::import::format::{Format, recognise};

/// The largest pdf that is read. The largest manual has 2 MB.
pub(crate) const MAX_PDF: u64 = 40_000_000;
/// What its streams may unpack to. The largest manual's have 12 MB.
const MAX_UNPACKED: u64 = 300_000_000;
/// The most pages. The largest manual has 287.
const MAX_PAGES: usize = 2_000;
/// The most characters of a page. Full ones have 5,000.
const MAX_CHARACTERS: usize = 100_000;
/// How deep brackets may be nested; pages of a manual reach 8.
const MAX_NESTING: usize = 500;
/// How many pages are read to recognise a format.
const HEAD_PAGES: u32 = 3;
/// The parser's stack.
const STACK: usize = 64 * 1024 * 1024;

/// Whether a file is a pdf.
pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

/// What reading a pdf came to.
#[derive(Debug)]
pub(crate) enum Found {
    /// The text of a known format.
    Known(&'static Format, Vec<u8>),
    /// It is of no format that is read.
    Other,
    /// It cannot be read, and why.
    Unreadable(String),
}

/// Reads a pdf: its first pages, and the others if those are of a known format.
///
/// # Errors
/// If it is of a known format, and a page cannot be read.
pub(crate) fn known_text(name: &str, shown: &str, bytes: &[u8]) -> Result<Found, CodebookError> {
    if let Err(why) = measure(bytes) {
        return Ok(Found::Unreadable(why));
    }
    let work = || catch_unwind(AssertUnwindSafe(|| read(name, bytes))).unwrap_or_else(|_| Ok(broken()));
    let read = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.ok().and_then(|t| t.join().ok()).unwrap_or_else(|| Ok(broken()))
    });
    read.map_err(|page| {
        let why = format!("page {page} of the pdf cannot be read: save it as text (.txt) and import that");
        CodebookError::bad_file(shown, why)
    })
}

fn broken() -> Found {
    Found::Unreadable("it is damaged, or made in a way that is not understood".to_owned())
}

/// Measures a pdf before it is parsed: what its streams unpack to, and how deep its brackets are nested.
fn measure(bytes: &[u8]) -> Result<(), String> {
    check_nesting(bytes)?;
    check_packing(bytes)?;
    let mut left = MAX_UNPACKED;
    let mut rest = bytes;
    while let Some(at) = find(rest, b"stream") {
        rest = rest.get(at + 6..).unwrap_or_default();
        let data = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or_default();
        // The low half of the first byte names the method: deflate.
        if data.first().is_some_and(|b| b & 0x0f == 8) {
            let mut unpacked = Vec::new();
            let limit = left.min(64_000_000);
            let reader = flate2::read::ZlibDecoder::new(data);
            let _ = reader.take(limit.saturating_add(1)).read_to_end(&mut unpacked);
            let size = u64::try_from(unpacked.len()).unwrap_or(u64::MAX);
            if size > limit {
                return Err("it unpacks to far more than any manual".to_owned());
            }
            left -= size;
            check_nesting(&unpacked)?;
            check_packing(&unpacked)?;
        }
    }
    Ok(())
}

/// Refuses brackets in brackets without end. Bytes that are no text may open and close as they like within the limit.
fn check_nesting(bytes: &[u8]) -> Result<(), String> {
    let (mut depth, mut before) = (0_usize, 0_u8);
    for byte in bytes {
        match byte {
            b'[' => depth += 1,
            b'<' if before == b'<' => depth += 1,
            b']' | b'>' => depth = depth.saturating_sub(1),
            // A new object begins at the margin.
            b'j' if before == b'b' => depth = 0,
            _ => {}
        }
        if depth > MAX_NESTING * 20 {
            return Err("its parts are nested deeper than in any manual".to_owned());
        }
        before = *byte;
    }
    Ok(())
}

/// Refuses what cannot be measured: streams packed twice, or by the method before deflate.
fn check_packing(bytes: &[u8]) -> Result<(), String> {
    let mut rest = bytes;
    while let Some(at) = find(rest, b"/FlateDecode") {
        rest = rest.get(at + 12..).unwrap_or_default();
        if rest.trim_ascii_start().starts_with(b"/FlateDecode") {
            return Err("its streams are packed twice".to_owned());
        }
    }
    match find(bytes, b"/LZWDecode") {
        Some(_) => Err("its streams are packed by an old method that is not read".to_owned()),
        None => Ok(()),
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

/// The outcome; the number of a page that cannot be read.
fn read(name: &str, bytes: &[u8]) -> Result<Found, u32> {
    let mut document = match Document::load_mem(bytes) {
        Ok(document) => document,
        Err(error) => return Ok(Found::Unreadable(error.to_string())),
    };
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Ok(Found::Unreadable("it is protected by a password".to_owned()));
    }
    empty_forms(&mut document);
    let numbers: Vec<u32> = document.get_pages().keys().copied().collect();
    if numbers.is_empty() || numbers.len() > MAX_PAGES {
        return Ok(Found::Unreadable(format!("it has {} pages", numbers.len())));
    }
    let mut pages = Pages::default();
    for (number, at) in numbers.iter().zip(1_u32..) {
        let outcome = catch_unwind(AssertUnwindSafe(|| output_doc_page(&document, &mut pages, *number)));
        if !matches!(outcome, Ok(Ok(()))) {
            return if at > HEAD_PAGES { Err(at) } else { Ok(broken()) };
        }
        if at == HEAD_PAGES && recognise(name, pages.text.as_bytes()).is_none() {
            return Ok(pages.other());
        }
    }
    Ok(match recognise(name, pages.text.as_bytes()) {
        Some(format) => Found::Known(format, pages.text.into_bytes()),
        None => pages.other(),
    })
}

/// Takes the content out of forms and pictures that pages draw.
fn empty_forms(document: &mut Document) {
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && stream
                .dict
                .get(b"Subtype")
                .and_then(Object::as_name)
                .is_ok_and(|n| n == b"Form" || n == b"Image")
        {
            stream.dict.remove(b"Filter");
            stream.set_content(Vec::new());
        }
    }
}

/// A character: where it stands, from where to where it reaches, and how large it is.
#[derive(Debug)]
struct Glyph {
    left: f64,
    right: f64,
    base: f64,
    size: f64,
    text: String,
}

/// The pages read so far, as text with form feeds.
#[derive(Debug, Default)]
struct Pages {
    glyphs: Vec<Glyph>,
    text: String,
}

impl Pages {
    fn other(&self) -> Found {
        if self.text.chars().any(char::is_alphanumeric) {
            return Found::Other;
        }
        Found::Unreadable("its pages are pictures without text".to_owned())
    }
}

impl OutputDev for Pages {
    fn begin_page(
        &mut self,
        _: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.glyphs.clear();
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        lay_out(std::mem::take(&mut self.glyphs), &mut self.text);
        self.text.push('\u{c}');
        Ok(())
    }

    fn output_character(
        &mut self,
        at: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        let size = at.m11.hypot(at.m12) * font_size;
        let numbers = [at.m31, at.m32, size, width];
        if numbers.iter().all(|n| n.is_finite()) && size > 0.0 {
            if self.glyphs.len() >= MAX_CHARACTERS {
                return Err(OutputError::IoError(std::io::Error::other("more text than a page can hold")));
            }
            let right = at.m31 + width * size;
            self.glyphs.push(Glyph { left: at.m31, right, base: at.m32, size, text: text.to_owned() });
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// Lays the characters of a page out in lines, from the top.
fn lay_out(mut glyphs: Vec<Glyph>, text: &mut String) {
    glyphs.sort_by(|a, b| b.base.total_cmp(&a.base));
    let mut lines: Vec<(f64, f64, Vec<Glyph>)> = Vec::new();
    for glyph in glyphs {
        match lines.last_mut() {
            // Small characters stand a little above or below the line that they belong to: 7th.
            Some((base, size, line)) if (*base - glyph.base).abs() < size.max(glyph.size) * 0.45 => {
                *size = size.max(glyph.size);
                line.push(glyph);
            }
            _ => lines.push((glyph.base, glyph.size, vec![glyph])),
        }
    }
    let mut above: Option<f64> = None;
    for (base, size, line) in lines {
        let written = line_of(line);
        if written.trim().is_empty() {
            continue;
        }
        if above.is_some_and(|above| above - base > size * 1.7) {
            text.push('\n');
        }
        above = Some(base);
        text.push_str(&written);
        text.push('\n');
    }
}

/// A line: gaps are blanks, and blanks that are written count where they leave one.
fn line_of(mut line: Vec<Glyph>) -> String {
    line.sort_by(|a, b| a.left.total_cmp(&b.left));
    let (mut text, mut end, mut blank): (String, Option<f64>, bool) = (String::new(), None, false);
    for glyph in line {
        if glyph.text.trim().is_empty() {
            blank = true;
            continue;
        }
        // Letters of ordinary text are half as wide as they are large.
        let (gap, wide) = (glyph.left - end.unwrap_or(0.0), glyph.size * 0.5);
        let blanks = if end.is_none() || gap > glyph.size * 0.09 || (blank && gap > glyph.size * -0.3) {
            (0..200)
                .take_while(|n| f64::from(*n) * wide + wide <= gap)
                .count()
                .max(usize::from(end.is_some()))
        } else {
            0
        };
        text.extend(std::iter::repeat_n(' ', blanks));
        text.push_str(&glyph.text);
        (end, blank) = (Some(glyph.right), false);
    }
    text
}

#[cfg(test)]
pub(crate) mod tests;
