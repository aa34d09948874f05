//! Any bytes are a mail, or say why not.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = caseconsultant::mail::parse(data);
});
