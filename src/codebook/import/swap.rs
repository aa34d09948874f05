//! Importing into a book in use: the new one is built beside it, made durable, and swapped in with one rename.
//! Whatever happens before the rename, the old book stays as it is.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::codebook::import::build::Standing;
use crate::codebook::import::manifest::{self, read_manifest};
use crate::codebook::import::read;
use crate::codebook::import::rows::Parsed;
use crate::codebook::import::source::{SourceFile, UNREAD_PDF, bytes_at, each_file};
use crate::codebook::import::stage::Stage;
use crate::codebook::import::{ImportOptions, formats_in_words};
use crate::codebook::validity::ReleaseKey;
use crate::codebook::{CodebookError, ReleaseChanges};

/// One release that an import met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file.
    pub file: String,
    /// The release, with its dataset and setting.
    pub release: String,
    /// `full`, `billable` (a codes file), `delta`, `excerpt` or `own`.
    pub kind: String,
    /// Good rows.
    pub rows: usize,
    /// Bad rows that were skipped: line and reason.
    pub skipped: Vec<(usize, String)>,
    /// False if the book had it already.
    pub new: bool,
    /// Whether it took the place of a release of the same name with other content.
    pub replaced: bool,
    /// Codes that the edition adds to and takes from the one before it in the book; `None` if there is none, or the
    /// dataset is no list of codes.
    pub changes: Option<ReleaseChanges>,
    /// Whether it adds nothing, because the full edition of the same days is loaded: a codes file or addenda.
    pub superfluous: bool,
    key: ReleaseKey,
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

/// How far an import is, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A file is being read; `done` of `total` bytes of all files lie behind.
    Reading {
        /// The file, with its archive.
        file: &'a str,
        /// Bytes on disk of the files read before.
        done: u64,
        /// Bytes on disk of all files.
        total: u64,
    },
    /// All files are read; the new book is put in order and indexed.
    Arranging,
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
    import_watched(book, paths, options, &mut |_| {})
}

/// As [`import`], and tells `watch` how far it is.
///
/// # Errors
/// As [`import`].
pub fn import_watched(
    book: &Path,
    paths: &[PathBuf],
    options: &ImportOptions,
    watch: &mut dyn FnMut(Progress<'_>),
) -> Result<ImportReport, CodebookError> {
    if let Some(folder) = book.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(CodebookError::io("making the folder", folder))?;
    }
    let _lock = lock(book)?;
    let (staging, building) = (beside(book, "staging"), beside(book, "building"));
    let clear = || {
        // What an import left that was killed, or failed, is worthless.
        for left in [&staging, &building] {
            let _ = std::fs::remove_file(left);
        }
    };
    clear();
    let outcome = build_beside(book, &staging, &building, paths, options, watch);
    clear();
    outcome
}

fn build_beside(
    book: &Path,
    staging: &Path,
    building: &Path,
    paths: &[PathBuf],
    options: &ImportOptions,
    watch: &mut dyn FnMut(Progress<'_>),
) -> Result<ImportReport, CodebookError> {
    let mut stage = Stage::open(book, staging)?;
    let (mut files, mut ignored) = (Vec::new(), Vec::new());
    let total = paths.iter().map(|p| bytes_at(p)).sum();
    let mut done = 0;
    for path in paths {
        // A folder with a manifest is read by it alone.
        let manifest = path.join("starter.toml");
        let path = if path.is_dir() && manifest.is_file() { &manifest } else { path };
        let behind = done;
        each_file(path, &mut ignored, &mut |file| {
            watch(Progress::Reading { file: &file.shown, done: behind + file.at, total });
            take(&mut stage, path, file, options, &mut files)
        })?;
        done += bytes_at(path);
    }
    if files.is_empty() {
        let names = paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ");
        let no_text = ignored.iter().any(|name| name.ends_with(')') && name.contains("no text"));
        let no_text = if no_text { "; its bytes are no text in ASCII, UTF-8 or Latin-1" } else { "" };
        if let Some(at) = ignored.iter().find_map(|name| name.find(UNREAD_PDF).map(|at| name.get(at + 2..))) {
            let why = at.unwrap_or("").trim_end_matches(')');
            return Err(CodebookError::bad_file(&names, why));
        }
        let why = format!(
            "no code file is in it that can be read ({}){no_text}: give the file or archive as CMS ships it",
            formats_in_words()
        );
        return Err(CodebookError::bad_file(&names, why));
    }
    watch(Progress::Arranging);
    let ended = stage.finish(building)?;
    if ended.changed {
        swap_in(building, book)?;
    }
    for file in &mut files {
        file.changes = ended.changes.get(&file.key).copied();
        file.superfluous = ended.superfluous.contains(&file.key);
    }
    Ok(ImportReport { id: ended.id, changed: ended.changed, files, ignored })
}

fn take(
    stage: &mut Stage,
    path: &Path,
    file: SourceFile,
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
            stage.add_notice(notice)?;
        }
        parsed
    } else {
        vec![read(&file, None, options)?]
    };
    let shown = file.shown.clone();
    // The rows are read: the file's bytes are not needed while they are written.
    drop(file);
    for one in parsed {
        let mut done = imported(&shown, &one);
        let standing = stage.add(one, options.replace)?;
        done.new = matches!(standing, Standing::New | Standing::Other);
        done.replaced = standing == Standing::Other;
        files.push(done);
    }
    Ok(())
}

fn imported(file: &str, parsed: &Parsed) -> Imported {
    let h = &parsed.heading;
    let setting = h.setting.map_or(String::new(), |s| format!(" {s}"));
    let part = if h.part > 0 { format!(" part {}", h.part) } else { String::new() };
    let key_setting = h.setting.map_or(String::new(), |s| s.as_str().to_owned());
    Imported {
        file: file.to_owned(),
        release: format!("{}{setting}: {}{part}", h.dataset, h.release),
        kind: h.kind.clone(),
        rows: parsed.table.len(),
        skipped: parsed.faults.bad.clone(),
        new: false,
        replaced: false,
        changes: None,
        superfluous: false,
        key: (h.dataset.clone(), key_setting, h.release.clone(), h.kind.clone(), h.part),
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
