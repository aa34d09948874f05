//! The codebook that measurements run on: `CC_BENCH_BOOK`, or one built under target/ from the official files.

use std::path::{Path, PathBuf};

use caseconsultant::codebook::import::{ImportOptions, import};

/// The book's path; none (said on standard output) where no official files are.
pub(crate) fn path() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("CC_BENCH_BOOK").filter(|v| !v.is_empty()) {
        return Some(PathBuf::from(given));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = std::env::var_os("CC_CODE_FILES").map_or_else(|| root.join("../shared/cms"), PathBuf::from);
    let book = root.join("target/bench/codebook.db");
    if book.is_file() {
        println!("book: {} (remove it to build it anew)", book.display());
        return Some(book);
    }
    if !files.is_dir() {
        println!("skipped: no official code files in {} (CC_CODE_FILES)", files.display());
        return None;
    }
    // One archive at a time: one that is not for this codebook must not keep the others out.
    let mut archives: Vec<PathBuf> = std::fs::read_dir(&files)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "zip"))
        .collect();
    archives.sort();
    let building = book.with_extension("partial");
    for archive in archives {
        if let Err(why) = import(&building, std::slice::from_ref(&archive), &ImportOptions::default()) {
            println!("passed over: {why}");
        }
    }
    std::fs::rename(&building, &book).unwrap();
    println!("book: built at {}", book.display());
    Some(book)
}
