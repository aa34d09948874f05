//! One file through one importer, as the damage test and the fuzz targets need it.

use crate::codebook::CodebookError;
use crate::codebook::import::build::{Builder, Ready};
use crate::codebook::import::format::Format;
#[cfg(fuzzing)]
use crate::codebook::import::format::{FORMATS, recognise};
use crate::codebook::import::source::SourceFile;
use crate::codebook::import::{ImportOptions, read};

/// Reads and stores a file in a book in memory. A file that is refused is no failure.
///
/// # Errors
/// What was read could not be stored.
pub(crate) fn through(name: &str, bytes: &[u8], format: &'static Format) -> Result<(), CodebookError> {
    let file =
        SourceFile { shown: name.to_owned(), name: name.to_owned(), format, bytes: bytes.to_vec(), at: 0 };
    let Ok(parsed) = read(&file, None, &ImportOptions::default()) else { return Ok(()) };
    Builder::in_memory()?.add(&Ready::new(parsed), false).map(|_| ())
}

/// Reads and stores a file by its own importer, or by one chosen by the file's length if none knows it.
///
/// # Errors
/// What was read could not be stored.
#[cfg(fuzzing)]
pub fn read_and_store(name: &str, bytes: &[u8]) -> Result<(), CodebookError> {
    let by_length = || FORMATS.get(bytes.len() % FORMATS.len()).copied();
    recognise(name, bytes).or_else(by_length).map_or(Ok(()), |format| through(name, bytes, format))
}
