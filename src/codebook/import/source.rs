//! Files to import: plain, or inside an archive as CMS ships it. Archives are read under limits.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use crate::codebook::CodebookError;
use crate::codebook::import::encoding;
use crate::codebook::import::format::{Format, recognise};
use crate::codebook::import::mcd::export;
use crate::codebook::import::pdf;
use crate::codebook::import::workbook::{MAX_WORKBOOK, is_workbook, known_sheet};

/// The largest file that is read, once unpacked. The largest official one (PTP) has 163 MB. A file is held in memory.
const MAX_FILE: u64 = 300_000_000;
/// What a whole archive may unpack to.
const MAX_ARCHIVE: u64 = 1_500_000_000;
/// The most entries of an archive.
const MAX_ENTRIES: usize = 500;
/// How much larger an entry may be than its packed form. Official files reach 25.
const MAX_RATIO: u64 = 200;
/// How much is read to recognise a format.
const HEAD: usize = 16_384;

/// A code file in memory, with the format it was recognised as.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// For messages: the path, with the name inside an archive.
    pub(crate) shown: String,
    /// The file's own name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) format: &'static Format,
    /// All of it.
    pub(crate) bytes: Vec<u8>,
    /// Bytes on disk before it, among the files at the path that was given.
    pub(crate) at: u64,
}

/// The files at a path: itself, or a folder's, by name.
fn files_at(path: &Path) -> Result<Vec<PathBuf>, CodebookError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut inside = Vec::new();
    for entry in std::fs::read_dir(path).map_err(CodebookError::io("listing the folder", path))? {
        inside.push(entry.map_err(CodebookError::io("listing the folder", path))?.path());
    }
    inside.sort();
    inside.retain(|p| p.is_file());
    Ok(inside)
}

/// Bytes on disk at a path (a file, an archive or a folder).
pub(crate) fn bytes_at(path: &Path) -> u64 {
    let size = |p: &PathBuf| std::fs::metadata(p).map_or(0, |m| m.len());
    files_at(path).unwrap_or_default().iter().map(size).sum()
}

/// Calls `each` for every code file at `path` (a file, an archive or a folder); names what was passed over.
pub(crate) fn each_file(
    path: &Path,
    ignored: &mut Vec<String>,
    each: &mut dyn FnMut(SourceFile) -> Result<(), CodebookError>,
) -> Result<(), CodebookError> {
    let (mut at, files) = (0, files_at(path)?);
    // Tables that belong together are one file.
    let tables = if path.is_dir() { export::in_folder(&files)? } else { None };
    let unpacked = tables.is_some();
    if let Some((name, bytes)) = tables
        && let Some(format) = recognise(&name, &bytes)
    {
        each(SourceFile { shown: path.join(&name).display().to_string(), name, format, bytes, at })?;
    }
    for file in files {
        if !unpacked || !export::is_table(&file) {
            each_in(&file, at, ignored, each)?;
        }
        at += std::fs::metadata(&file).map_or(0, |m| m.len());
    }
    Ok(())
}

fn each_in(
    path: &Path,
    at: u64,
    ignored: &mut Vec<String>,
    each: &mut dyn FnMut(SourceFile) -> Result<(), CodebookError>,
) -> Result<(), CodebookError> {
    let shown = path.display().to_string();
    let mut file = File::open(path).map_err(CodebookError::io("opening the file", path))?;
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head).map_err(CodebookError::io("reading the file", path))?;
    file.rewind().map_err(CodebookError::io("reading the file", path))?;
    let packed = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if packed && !holds_workbook(&file) {
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged(&shown))?;
        return match export_in(&name, &shown, &mut archive)? {
            Some((format, bytes)) => each(SourceFile { shown, name, format, bytes, at }),
            None => each_entry(archive, &shown, at, ignored, each),
        };
    }
    file.rewind().map_err(CodebookError::io("reading the file", path))?;
    let reader = BufReader::new(file);
    let mut passed_over = shown.clone();
    match read_code_file(reader, &name, &shown, MAX_FILE, &mut passed_over)? {
        Some((format, bytes)) => each(SourceFile { shown, name, format, bytes, at }),
        None => {
            ignored.push(passed_over);
            Ok(())
        }
    }
}

/// An xlsx is an archive, too, but one file to us.
fn holds_workbook(file: &File) -> bool {
    ZipArchive::new(BufReader::new(file)).is_ok_and(|a| a.index_for_name("xl/workbook.xml").is_some())
}

fn damaged(shown: &str) -> impl Fn(zip::result::ZipError) -> CodebookError + '_ {
    move |e| CodebookError::bad_file(shown, format!("the archive is damaged or cut ({e}): download it again"))
}

/// An archive whose tables belong together, as the one file that they are.
fn export_in(
    name: &str,
    shown: &str,
    archive: &mut ZipArchive<impl Read + Seek>,
) -> Result<Option<(&'static Format, Vec<u8>)>, CodebookError> {
    let text = export::in_archive(shown, archive)?;
    Ok(text.and_then(|bytes| Some((recognise(name, &bytes)?, bytes))))
}

fn each_entry(
    mut archive: ZipArchive<BufReader<File>>,
    shown: &str,
    mut at: u64,
    ignored: &mut Vec<String>,
    each: &mut dyn FnMut(SourceFile) -> Result<(), CodebookError>,
) -> Result<(), CodebookError> {
    if archive.len() > MAX_ENTRIES {
        let why = format!(
            "the archive has {} entries, more than {MAX_ENTRIES}: unpack it and import the code files",
            archive.len()
        );
        return Err(CodebookError::bad_file(shown, why));
    }
    let mut total = 0u64;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(damaged(shown))?;
        if !entry.is_file() {
            continue;
        }
        let inner = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let whole = format!("{shown}: {inner}");
        let base = inner.rsplit(['/', '\\']).next().unwrap_or(&inner).to_owned();
        let packed = entry.compressed_size();
        let limit = packed.saturating_mul(MAX_RATIO).saturating_add(65_536).min(MAX_FILE);
        let mut passed_over = whole.clone();
        let Some((format, bytes)) = read_code_file(entry, &base, &whole, limit, &mut passed_over)? else {
            ignored.push(passed_over);
            continue;
        };
        total = total.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if total > MAX_ARCHIVE {
            let why = "the archive unpacks to more than 1.5 GB: this is no code file archive as CMS ships it";
            return Err(CodebookError::bad_file(shown, why));
        }
        each(SourceFile { shown: whole, name: base, format, bytes, at })?;
        at = at.saturating_add(packed);
    }
    Ok(())
}

/// Reads the head, and the rest only if a format is recognised.
fn read_code_file(
    mut reader: impl Read,
    name: &str,
    shown: &str,
    limit: u64,
    no_text: &mut String,
) -> Result<Option<(&'static Format, Vec<u8>)>, CodebookError> {
    let broken = |e: std::io::Error| {
        CodebookError::bad_file(shown, format!("it cannot be read to its end ({e}): download it again"))
    };
    let mut bytes = Vec::new();
    reader.by_ref().take(u64::try_from(HEAD).unwrap_or(0)).read_to_end(&mut bytes).map_err(broken)?;
    if let Some(order) = encoding::wide(&bytes) {
        reader.take(encoding::MAX_WIDE).read_to_end(&mut bytes).map_err(broken)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > encoding::MAX_WIDE.min(limit) {
            let why = "it is UTF-16 text, and larger than is read so: save it as UTF-8";
            return Err(CodebookError::bad_file(shown, why));
        }
        let bytes = encoding::narrow(shown, &bytes, order)?;
        return Ok(recognise(name, &bytes).map(|format| (format, bytes)));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        // Of archives inside archives, workbooks and exports of tables are read.
        let limit =
            limit.min(if name.to_lowercase().ends_with(".zip") { export::MAX_INNER } else { MAX_WORKBOOK });
        read_rest(reader, shown, &mut bytes, limit)?;
        if is_workbook(&bytes) {
            return known_sheet(name, shown, &bytes);
        }
        let Ok(mut archive) = ZipArchive::new(std::io::Cursor::new(&bytes)) else { return Ok(None) };
        return export_in(name, shown, &mut archive);
    }
    if pdf::is_pdf(&bytes) {
        return read_pdf(reader, name, shown, bytes, no_text);
    }
    let Some(format) = recognise(name, &bytes) else {
        if encoding::is_no_text(&bytes) {
            no_text.push_str(" (its bytes are no text: neither ASCII, UTF-8 nor Latin-1)");
        }
        return Ok(None);
    };
    read_rest(reader, shown, &mut bytes, limit)?;
    Ok(Some((format, bytes)))
}

/// A pdf is read for its text. Archives hold others beside their code files, so one that cannot be read is passed over,
/// with the reason.
fn read_pdf(
    reader: impl Read,
    name: &str,
    shown: &str,
    mut bytes: Vec<u8>,
    passed_over: &mut String,
) -> Result<Option<(&'static Format, Vec<u8>)>, CodebookError> {
    let broken = |e: std::io::Error| {
        CodebookError::bad_file(shown, format!("it cannot be read to its end ({e}): download it again"))
    };
    reader.take(pdf::MAX_PDF).read_to_end(&mut bytes).map_err(broken)?;
    let found = if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > pdf::MAX_PDF {
        pdf::Found::Unreadable("it is larger than any manual".to_owned())
    } else {
        pdf::known_text(name, shown, &bytes)?
    };
    match found {
        pdf::Found::Known(format, text) => return Ok(Some((format, text))),
        pdf::Found::Other => {}
        pdf::Found::Unreadable(why) => {
            passed_over.push_str(&format!("{UNREAD_PDF}: {why})"));
        }
    }
    Ok(None)
}

/// What is said of a pdf that was passed over.
pub(crate) const UNREAD_PDF: &str =
    " (a pdf whose text cannot be read; if it is a manual, import its text, .txt";

fn read_rest(reader: impl Read, shown: &str, bytes: &mut Vec<u8>, limit: u64) -> Result<(), CodebookError> {
    let broken = |e: std::io::Error| {
        CodebookError::bad_file(shown, format!("it cannot be read to its end ({e}): download it again"))
    };
    let rest = limit.saturating_sub(u64::try_from(bytes.len()).unwrap_or(0)).saturating_add(1);
    reader.take(rest).read_to_end(bytes).map_err(broken)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        let why =
            format!("it unpacks to more than {limit} bytes, far beyond any official code file: not read");
        return Err(CodebookError::bad_file(shown, why));
    }
    Ok(())
}
