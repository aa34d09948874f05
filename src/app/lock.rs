//! One `serve` for an SQLite file: a lock beside it, which the system gives back when the process ends, however
//! it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::AppError;

/// Held while the desk runs.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

impl ServeLock {
    /// Takes the lock of an SQLite database.
    ///
    /// # Errors
    /// If another process holds it; its process id is named.
    pub fn take(database: &Path) -> Result<Self, AppError> {
        let path = PathBuf::from(format!("{}.lock", database.display()));
        let failed = |e: std::io::Error| AppError::Setup(format!("{} cannot be used: {e}", path.display()));
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let holder = holder.trim();
                let who = if holder.is_empty() { String::new() } else { format!(" (process {holder})") };
                return Err(AppError::Setup(format!(
                    "another caseconsultant serves {} already{who}: stop it first, or use PostgreSQL for several \
                     processes",
                    database.display()
                )));
            }
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_with_the_first_ones_process_id() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("data/cases.db");
        let first = ServeLock::take(&database).unwrap();
        let error = ServeLock::take(&database).unwrap_err().to_string();
        assert!(error.contains(&std::process::id().to_string()), "{error}");
        drop(first);
        assert!(ServeLock::take(&database).is_ok());
    }
}
