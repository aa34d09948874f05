//! An export of the Medicare Coverage Database as CMS ships it: a zip of tables (`current_article_csv.zip`), mostly inside
//! another zip beside a database of Access and the dictionaries; or those tables unpacked in a folder.
//!
//! Its tables belong together, so an export is one file to the importer: [`tables_of`] makes one text of the columns that
//! are read, a line for each row, with the row's line in its table first. The tables are read as streams: what is not
//! kept (all that the documents say at length) never lies in memory.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use crate::codebook::CodebookError;
use crate::codebook::import::mcd::tables::{self, Spec};
use crate::codebook::mcd::CoverageKind;

/// How the text of an export begins; the kind follows.
pub(crate) const HEAD: &str = "# Medicare Coverage Database export: ";
/// The largest archive inside another that is read. The largest official one has about 100 MB.
pub(crate) const MAX_INNER: u64 = 300_000_000;
/// What one table may unpack to, and how much larger than packed it may be.
const MAX_TABLE: u64 = 2_000_000_000;
const MAX_RATIO: u64 = 200;
/// What the text may come to, as much as any other file.
const MAX_TEXT: usize = 300_000_000;

/// Which export an archive or folder with these file names is.
pub(crate) fn kind_of<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<CoverageKind> {
    CoverageKind::ALL.into_iter().find(|kind| names.clone().any(|n| is(n, tables::main(*kind))))
}

fn is(entry: &str, table: &str) -> bool {
    entry.rsplit(['/', '\\']).next().unwrap_or(entry).eq_ignore_ascii_case(table)
}

/// The text of the export in an archive; `None`: it is none.
///
/// # Errors
/// If the archive is damaged, or far larger than any official one.
pub(crate) fn in_archive(
    shown: &str,
    archive: &mut ZipArchive<impl Read + Seek>,
) -> Result<Option<Vec<u8>>, CodebookError> {
    let names: Vec<String> = archive.file_names().filter_map(|n| n.ok().map(Cow::into_owned)).collect();
    let Some(kind) = kind_of(names.iter().map(String::as_str)) else { return Ok(None) };
    let mut text = begin(kind);
    for spec in tables::of(kind) {
        let Some(name) = names.iter().find(|n| is(n, spec.0)) else { continue };
        let damaged = |e: zip::result::ZipError| {
            let why = format!("the archive is damaged or cut ({e}): download it again");
            CodebookError::bad_file(&format!("{shown}: {name}"), why)
        };
        let entry = archive.by_name(name).map_err(damaged)?;
        let limit = entry.compressed_size().saturating_mul(MAX_RATIO).saturating_add(65_536).min(MAX_TABLE);
        put(&format!("{shown}: {name}"), &spec, entry, limit, &mut text)?;
    }
    Ok(Some(text.into_bytes()))
}

/// The text of the export whose tables lie unpacked among these files; `None`: there is none.
///
/// # Errors
/// If a table cannot be read, or is far larger than any official one.
pub(crate) fn in_folder(files: &[PathBuf]) -> Result<Option<(String, Vec<u8>)>, CodebookError> {
    let name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let by_name: BTreeMap<String, &PathBuf> = files.iter().map(|p| (name(p).to_lowercase(), p)).collect();
    let Some(kind) = kind_of(by_name.keys().map(String::as_str)) else { return Ok(None) };
    let mut text = begin(kind);
    for spec in tables::of(kind) {
        let Some(path) = by_name.get(spec.0) else { continue };
        let file = std::fs::File::open(path).map_err(CodebookError::io("opening the file", path))?;
        put(&path.display().to_string(), &spec, file, MAX_TABLE, &mut text)?;
    }
    Ok(Some((tables::main(kind).to_owned(), text.into_bytes())))
}

/// Whether an unpacked file is a table of an export: it was read with the others.
pub(crate) fn is_table(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    CoverageKind::ALL.into_iter().any(|kind| tables::of(kind).iter().any(|spec| spec.0 == name))
}

fn begin(kind: CoverageKind) -> String {
    format!("{HEAD}{}\n", kind.word())
}

/// Adds the columns of a table that are kept: a line with its name and the columns' names, then a line for each row.
fn put(
    shown: &str,
    (table, wanted): &Spec,
    from: impl Read,
    limit: u64,
    text: &mut String,
) -> Result<(), CodebookError> {
    let broken = |e: csv::Error| {
        CodebookError::bad_file(shown, format!("it cannot be read to its end ({e}): download it again"))
    };
    let mut bounded = Counted { from: BufReader::new(from), left: limit, over: false };
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&mut bounded);
    let mut record = csv::ByteRecord::new();
    let mut places: Vec<(usize, &str)> = Vec::new();
    let mut first = true;
    while rows.read_byte_record(&mut record).map_err(broken)? {
        if first {
            first = false;
            let heads: Vec<String> = record.iter().map(|c| cell(c).trim().to_lowercase()).collect();
            let place = |name: &&'static str| heads.iter().position(|h| h == name).map(|at| (at, *name));
            places = wanted.iter().filter_map(place).collect();
            let names: Vec<&str> = places.iter().map(|p| p.1).collect();
            text.push_str(&format!("@{table}\t{}\n", names.join("\t")));
            continue;
        }
        text.push_str(&record.position().map_or(0, csv::Position::line).to_string());
        for (at, _) in &places {
            text.push('\t');
            let value = cell(record.get(*at).unwrap_or_default());
            text.extend(value.trim().chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        text.push('\n');
        if text.len() > MAX_TEXT {
            let why = "the export is larger than any that CMS ships: not read";
            return Err(CodebookError::bad_file(shown, why));
        }
    }
    if bounded.over {
        let why = format!("it unpacks to more than {limit} bytes, far beyond any official table: not read");
        return Err(CodebookError::bad_file(shown, why));
    }
    Ok(())
}

/// A cell: UTF-8, else what Windows wrote (the exports hold both).
fn cell(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| windows(*b)).collect(),
    }
}

/// A character of Windows-1252, as far as people type them.
fn windows(byte: u8) -> char {
    match byte {
        0x85 => '…',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x95 => '•',
        0x96 => '–',
        0x97 => '—',
        0x99 => '™',
        other => char::from(other),
    }
}

/// Ends after so many bytes, and says whether there were more. Carriage returns are left out: lines end in line feeds,
/// by which they are counted.
struct Counted<R> {
    from: R,
    left: u64,
    over: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let read = self.from.read(into)?;
            let count = u64::try_from(read).unwrap_or(u64::MAX);
            self.over |= count > self.left;
            if read == 0 || self.over {
                return Ok(0);
            }
            self.left -= count;
            let mut kept = 0;
            for at in 0..read {
                let byte = into.get(at).copied().unwrap_or_default();
                if let Some(slot) = into.get_mut(kept).filter(|_| byte != b'\r') {
                    *slot = byte;
                    kept += 1;
                }
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}
