//! The codebook in use: look-ups hold on to the book they began with, and an import can replace it at any time.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::codebook::{Codebook, CodebookError};

/// Shared by everything that looks codes up or approves. Cheap to clone.
#[derive(Clone, Debug)]
pub struct BookInUse {
    path: Option<PathBuf>,
    cpt_licence: bool,
    held: Arc<RwLock<Held>>,
}

#[derive(Debug)]
struct Held {
    book: Arc<Codebook>,
    /// The file that was opened, as far as a look at the folder tells files apart.
    seen: Option<Seen>,
}

/// An import puts a new file in the place of the old one: another inode.
type Seen = (u64, u64, u64, i64, i64);

fn seen(path: Option<&Path>) -> Option<Seen> {
    let of = |m: Metadata| (m.dev(), m.ino(), m.len(), m.mtime(), m.mtime_nsec());
    std::fs::metadata(path?).ok().map(of)
}

impl BookInUse {
    /// The configured book; none is the embedded starter. `cpt_licence`: whether it may show the CPT descriptors that it
    /// may hold.
    ///
    /// # Errors
    /// If the file is missing or is no codebook.
    pub fn open(path: Option<&Path>, cpt_licence: bool) -> Result<Self, CodebookError> {
        // Looked at before it is opened: a file swapped in between is noticed later.
        let seen = seen(path);
        let book = Codebook::configured(path)?.with_cpt_texts(cpt_licence);
        let held = Held { book: Arc::new(book), seen };
        Ok(Self { path: path.map(Path::to_owned), cpt_licence, held: Arc::new(RwLock::new(held)) })
    }

    /// The book as it is now. Whoever needs several look-ups of one book holds on to it.
    #[must_use]
    pub fn now(&self) -> Arc<Codebook> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&held.book)
    }

    /// Its id now.
    #[must_use]
    pub fn id(&self) -> String {
        self.now().id().to_owned()
    }

    /// The book's file; none is the embedded starter.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether another file stands in the book's place. Costs one look at the folder.
    #[must_use]
    pub fn is_replaced(&self) -> bool {
        let now = seen(self.path.as_deref());
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        // A file that is missing for now is no reason to give up the one in hand.
        now.is_some() && now != held.seen
    }

    /// Opens the file that stands in the book's place, and uses it from now on. Whether its content is another.
    ///
    /// # Errors
    /// If it is no codebook: the one in hand stays in use.
    pub fn take_newer(&self) -> Result<bool, CodebookError> {
        let fresh = Self::open(self.path.as_deref(), self.cpt_licence)?;
        let fresh = fresh.held.read().unwrap_or_else(PoisonError::into_inner);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let other = held.book.id() != fresh.book.id();
        held.seen = fresh.seen;
        if other {
            held.book = Arc::clone(&fresh.book);
        }
        Ok(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::import::{ImportOptions, import};

    #[test]
    fn a_book_that_is_swapped_in_is_taken_and_a_damaged_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (path, file) = (dir.path().join("book.sqlite"), dir.path().join("icd10cm_order_2026.txt"));
        let row = |text: &str| format!("00001 A000    1 {text:<60} {text}\r\n");
        std::fs::write(&file, row("Cholera")).unwrap();
        import(&path, std::slice::from_ref(&file), &ImportOptions::default()).unwrap();
        let book = BookInUse::open(Some(&path), false).unwrap();
        let (before, first) = (book.now(), book.id());
        assert!(!book.is_replaced());
        let second = dir.path().join("icd10cm_order_2025.txt");
        std::fs::write(&second, row("Cholera of old")).unwrap();
        import(&path, std::slice::from_ref(&second), &ImportOptions::default()).unwrap();
        assert!(book.is_replaced() && book.take_newer().unwrap() && !book.is_replaced());
        assert!(book.id() != first && before.id() == first, "who holds the old one goes on with it");
        std::fs::write(dir.path().join("other"), b"no book").unwrap();
        std::fs::rename(dir.path().join("other"), &path).unwrap();
        let now = book.id();
        assert!(book.is_replaced() && book.take_newer().is_err());
        assert_eq!(book.id(), now);
        std::fs::remove_file(&path).unwrap();
        assert!(!book.is_replaced());
    }
}
