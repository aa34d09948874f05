//! Importing into a book in use: the new one is built beside it, made durable, and swapped in with one rename.
//! Whatever happens before the rename, the old book stays as it is.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::codebook::import::ImportOptions;
use crate::codebook::import::build::{Added, Builder};
use crate::codebook::import::manifest::{self, read_manifest};
use crate::codebook::import::read;
use crate::codebook::import::rows::Parsed;
use crate::codebook::import::source::{SourceFile, each_file};
use crate::codebook::import::starter::starter_files;
use crate::codebook::{Codebook, CodebookError};

/// One release that an import met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file.
    pub file: String,
    /// The release, with its dataset and setting.
    pub release: String,
    /// `full`, `excerpt` or `own`.
    pub kind: String,
    /// Good rows.
    pub rows: usize,
    /// Bad rows that were skipped: line and reason.
    pub skipped: Vec<(usize, String)>,
    /// False if the book had it already.
    pub new: bool,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The book's id afterwards.
    pub id: String,
    /// Whether the book changed.
    pub changed: bool,
    /// The releases met, in the order of the files.
    pub files: Vec<Imported>,
    /// Files passed over: they are of no format that is read.
    pub ignored: Vec<String>,
}

/// Adds files (or archives, or folders) to the book at `book`, which is made if it is not there.
///
/// # Errors
/// If any file is damaged or tells no release, if no file is a code file, if another import is at work, or if
/// the disk refuses. The book is then as it was.
pub fn import(
    book: &Path,
    paths: &[PathBuf],
    options: &ImportOptions,
) -> Result<ImportReport, CodebookError> {
    if let Some(folder) = book.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(CodebookError::io("making the folder", folder))?;
    }
    let _lock = lock(book)?;
    let building = beside(book, "building");
    let outcome = build_beside(book, &building, paths, options);
    if outcome.is_err() || outcome.as_ref().is_ok_and(|r| !r.changed) {
        // What is left of it is worthless, and the next import begins by replacing it.
        let _ = std::fs::remove_file(&building);
    }
    outcome
}

fn build_beside(
    book: &Path,
    building: &Path,
    paths: &[PathBuf],
    options: &ImportOptions,
) -> Result<ImportReport, CodebookError> {
    let is_new = !book.exists();
    if is_new {
        let _ = std::fs::remove_file(building);
    } else {
        Codebook::open(book)?;
        std::fs::copy(book, building).map_err(CodebookError::io("copying the book in use to", building))?;
    }
    let mut builder = Builder::at(building, is_new)?;
    if is_new {
        for file in starter_files(true)?.0 {
            builder.add(file)?;
        }
    }
    let (mut files, mut ignored) = (Vec::new(), Vec::new());
    for path in paths {
        // A folder with a manifest is read by it alone.
        let manifest = path.join("starter.toml");
        let path = if path.is_dir() && manifest.is_file() { &manifest } else { path };
        each_file(path, &mut ignored, &mut |file| take(&mut builder, path, &file, options, &mut files))?;
    }
    if files.is_empty() {
        let names = paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ");
        let why = "no code file is in it that can be read (ICD-10-CM order file, HCPCS fixed width, NCCI PTP txt, MUE csv, add-on csv, PPRRVU csv): give the file or archive as CMS ships it";
        return Err(CodebookError::bad_file(&names, why));
    }
    let changed = files.iter().any(|f| f.new);
    let (connection, id) = builder.finish()?;
    connection.close().map_err(|(_, source)| CodebookError::Sql { doing: "closing the new book", source })?;
    if changed {
        swap_in(building, book)?;
    }
    Ok(ImportReport { id, changed, files, ignored })
}

fn take(
    builder: &mut Builder,
    path: &Path,
    file: &SourceFile,
    options: &ImportOptions,
    files: &mut Vec<Imported>,
) -> Result<(), CodebookError> {
    let parsed = if *file.format == manifest::FORMAT {
        let folder = path.parent().unwrap_or(Path::new("."));
        let open = |name: &str| {
            let plain = Path::new(name).file_name().is_some_and(|n| n == name);
            plain.then(|| std::fs::read(folder.join(name)).ok()).flatten()
        };
        let (parsed, notices) = read_manifest(&file.shown, &file.bytes, false, &open)?;
        for notice in &notices {
            builder.add_notice(notice)?;
        }
        parsed
    } else {
        vec![read(file, None, options)?]
    };
    for one in parsed {
        let mut done = imported(&file.shown, &one);
        done.new = builder.add(one)? == Added::New;
        files.push(done);
    }
    Ok(())
}

fn imported(file: &str, parsed: &Parsed) -> Imported {
    let h = &parsed.heading;
    let setting = h.setting.map_or(String::new(), |s| format!(" {s}"));
    let part = if h.part > 0 { format!(" part {}", h.part) } else { String::new() };
    Imported {
        file: file.to_owned(),
        release: format!("{}{setting}: {}{part}", h.dataset, h.release),
        kind: h.kind.clone(),
        rows: parsed.table.len(),
        skipped: parsed.faults.bad.clone(),
        new: false,
    }
}

/// Durable first, then visible.
fn swap_in(building: &Path, book: &Path) -> Result<(), CodebookError> {
    let file = File::open(building).map_err(CodebookError::io("opening the new book", building))?;
    file.sync_all().map_err(CodebookError::io("writing the new book to disk", building))?;
    std::fs::rename(building, book).map_err(CodebookError::io("putting the new book in place", book))?;
    let folder = book.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder_file = File::open(folder).map_err(CodebookError::io("opening the folder", folder))?;
    folder_file.sync_all().map_err(CodebookError::io("writing the folder to disk", folder))
}

/// One import at a time; the lock ends with the process.
fn lock(book: &Path) -> Result<File, CodebookError> {
    let path = beside(book, "lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(CodebookError::io("opening the import's lock", &path))?;
    file.try_lock().map_err(|_| {
        CodebookError::bad_file(
            &book.display().to_string(),
            "another import into this book is at work: wait for its end",
        )
    })?;
    Ok(file)
}

fn beside(book: &Path, what: &str) -> PathBuf {
    let mut name = book.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(what);
    book.with_file_name(name)
}
