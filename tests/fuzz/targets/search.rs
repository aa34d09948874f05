//! Any text can be searched for.

#![no_main]

use std::sync::LazyLock;

use caseconsultant::codebook::Codebook;
use libfuzzer_sys::fuzz_target;

static BOOK: LazyLock<Codebook> = LazyLock::new(|| Codebook::starter().unwrap());

fuzz_target!(|words: &str| {
    BOOK.search(words, None, "2026-01-05".parse().unwrap(), 10).unwrap();
});
