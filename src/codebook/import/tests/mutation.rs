//! Every fixture, damaged in many ways, through every importer: nothing panics, and what is read can be stored.
//!
//! The damage is chosen by a fixed generator, so that a failure comes again. `CASECONSULTANT_MUTATIONS` sets how many
//! cases each fixture gets (a thousand and more for a long run), `CASECONSULTANT_MUTATION_SEED` where it begins.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::codebook::import::attempt::through;
use crate::codebook::import::format::{FORMATS, Format, recognise};

/// A small generator (xorshift64*): the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// What people and machines do to files, and what attackers do.
fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    const PIECES: [&[u8]; 14] = [
        b"\n",
        b"\r\n",
        b"\t",
        b",",
        b"\"",
        b"<",
        b"</",
        b"&#0;",
        b"99999999999999999999",
        b"-1",
        b"\x00",
        b"\xff\xfe",
        "é".as_bytes(),
        b"NaN",
    ];
    let len = bytes.len();
    let (a, b) = (numbers.below(len + 1), numbers.below(len + 1));
    let (from, to) = (a.min(b), a.max(b));
    match numbers.below(8) {
        0 if len > 0 => bytes[from.min(len - 1)] = u8::try_from(numbers.below(256)).unwrap(),
        1 => bytes.truncate(to),
        2 => drop(bytes.drain(from..to.min(from + 40))),
        3 => {
            let again = bytes[from..to.min(from + 2000)].to_vec();
            bytes.splice(from..from, again);
        }
        4 => {
            let piece = PIECES[numbers.below(PIECES.len())];
            bytes.splice(from..from, piece.iter().copied());
        }
        5 => {
            let mut lines: Vec<&[u8]> = bytes.split(|c| *c == b'\n').collect();
            let (x, y) = (numbers.below(lines.len()), numbers.below(lines.len()));
            lines.swap(x, y);
            *bytes = lines.join(&b'\n');
        }
        6 => {
            let piece = PIECES[numbers.below(PIECES.len())];
            bytes.splice(from..to.min(from + 6), piece.iter().copied());
        }
        _ => bytes[from..to.min(from + 30)].reverse(),
    }
}

/// Reads and stores; `Err`: it panicked, or what was read could not be stored.
fn try_one(name: &str, bytes: &[u8], format: &'static Format) -> Result<(), String> {
    let attempt = || through(name, bytes, format).map_err(|e| e.to_string());
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|_| Err("it panicked".to_owned()))
}

fn told(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[test]
fn no_damage_to_any_fixture_breaks_any_importer() {
    let mut fixtures = Vec::new();
    // The starter's files are of official layouts, too.
    for folder in ["tests/fixtures/codes", "config/starter"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        fixtures.extend(std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()));
    }
    fixtures.sort();
    let (cases, seed) = (told("CASECONSULTANT_MUTATIONS", 24), told("CASECONSULTANT_MUTATION_SEED", 1));
    for path in fixtures.iter().filter(|p| p.is_file()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let whole = std::fs::read(path).unwrap();
        // Large fixtures show nothing more, and take their time.
        let whole = &whole[..whole.len().min(20_000)];
        for case in 0..cases {
            let mut numbers = Numbers(seed.wrapping_add(case).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            let mut bytes = whole.to_vec();
            for _ in 0..numbers.below(4) {
                damage(&mut bytes, &mut numbers);
            }
            // Its own importer always; one of the others, which must not be led astray by it, in turn.
            let own = recognise(&name, &bytes);
            let other = FORMATS[numbers.below(FORMATS.len())];
            for format in own.into_iter().chain([other]) {
                if let Err(why) = try_one(&name, &bytes, format) {
                    panic!("{name}, case {case} of seed {seed}, as {format:?}: {why}");
                }
            }
        }
    }
}

#[test]
fn every_fixture_is_recognised() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        if !bytes.starts_with(b"PK") {
            assert!(recognise(&name, &bytes[..bytes.len().min(16_384)]).is_some(), "{name}");
        }
    }
}

#[test]
fn every_format_has_a_fixture() {
    let mut met = Vec::new();
    for folder in ["tests/fixtures/codes", "config/starter"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let _ = crate::codebook::import::source::each_file(
                &entry.unwrap().path(),
                &mut Vec::new(),
                &mut |f| {
                    met.push(f.format.name);
                    Ok(())
                },
            );
        }
    }
    let lacking: Vec<_> = FORMATS.iter().map(|f| f.name).filter(|name| !met.contains(name)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}
