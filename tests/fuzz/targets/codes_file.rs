//! A file of codes: its name on the first line, then its bytes. Whatever it holds, its importer (or one chosen by its
//! length, where none knows it) neither panics nor stores half of it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|b| *b == b'\n') else { return };
    let (name, bytes) = (String::from_utf8_lossy(&data[..end]), &data[end + 1..]);
    caseconsultant::codebook::import::read_and_store(&name, bytes).unwrap();
});
