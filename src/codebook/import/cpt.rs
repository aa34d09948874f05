//! CPT as the American Medical Association distributes it to licensees, in tab-separated and plain text files:
//! - `LONGULT.txt`: a notice, a blank line, then code, tab, long descriptor;
//! - `MEDU.txt`, `SHORTU.txt`: the same notice, then code, blank, medium (48 letters) or short (28) descriptor;
//! - `ConsumerDescriptor.txt`: `Concept Id`, `CPT Code`, `Consumer Friendly Descriptor`, tab-separated;
//! - `ClinicianDescriptor.txt`: `Concept Id`, `CPT Code`, `Clinician Descriptor Id`, `Clinician Descriptor`, several a code;
//! - the consolidated list: `Concept Id`, `CPT Code`, `Long`, `Medium`, `Short`, `Consumer`, … .
//!
//! The twins in upper case or fixed fields (`LONGUT`, `LONGULF`, `LONGUF`) say nothing more and are passed over. The texts
//! are imported only where the configuration says that the site holds a licence, are kept apart (`cpt_text`), and each
//! file's notice is kept in its own words. An edition is a year's: its name, that of its folder or its archive tells it.

use std::collections::BTreeSet;

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::descriptors::{self, GroupHasher};
use crate::codebook::import::ImportOptions;
use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::{FileRows, Format, Head, Input, Table};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, is_cpt};

pub(crate) const FORMAT: Format =
    Format { name: "CPT code set (AMA)", whole_lines: false, matches: |head| kind(head).is_some(), read };

/// So far down the first row or the header stands; above it is the notice.
const MOST_ABOVE: usize = 60;
/// The longest descriptor, in bytes: official ones have some 2,000.
const LONGEST: usize = 6_000;
/// No edition has fewer codes.
const FEWEST: usize = 9_000;

/// The layouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Code and text.
    Listing,
    /// Columns with names.
    Headed,
}

fn kind(head: &Head<'_>) -> Option<Layout> {
    if head.text.lines().take(MOST_ABOVE).any(is_header) {
        return Some(Layout::Headed);
    }
    let ours = listing_kind(head.name).is_some() || head.upper.contains("AMERICAN MEDICAL");
    // The twins of the same texts.
    let upper = head.name.to_ascii_uppercase();
    let twin = ["LONGUT", "LONGUF", "LONGULF"].iter().any(|stem| is_named(&upper, stem));
    let first = head.text.lines().take(MOST_ABOVE).find_map(row);
    (ours && !twin && first.is_some()).then_some(Layout::Listing)
}

fn is_header(line: &str) -> bool {
    let mut cells = line.trim_start_matches('\u{feff}').split('\t').map(str::trim);
    cells.next().is_some_and(|c| c.eq_ignore_ascii_case("concept id"))
        && cells.next().is_some_and(|c| c.eq_ignore_ascii_case("cpt code"))
        && cells.any(|c| column_kind(c).is_some())
}

fn column_kind(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "long" => "long",
        "medium" => "medium",
        "short" => "short",
        "consumer" | "consumer friendly descriptor" => "consumer",
        "clinician descriptor" => "clinician",
        _ => return None,
    })
}

/// Whether a file has one of AMA's names, with something before it or not (`CPT2026_LONGULT.TXT`).
fn is_named(upper: &str, stem: &str) -> bool {
    upper.split_once('.').map_or(upper, |(name, _)| name).ends_with(stem)
}

/// Which descriptors a listing has, by the name that it is distributed with.
fn listing_kind(name: &str) -> Option<(&'static str, &'static str)> {
    let upper = name.to_ascii_uppercase();
    [
        ("LONGULT", ("long", "cpt_long")),
        ("MEDU", ("medium", "cpt_medium")),
        ("SHORTU", ("short", "cpt_short")),
    ]
    .into_iter()
    .find(|(stem, _)| is_named(&upper, stem))
    .map(|(_, kind)| kind)
}

/// Code and text of a listing's row.
fn row(line: &str) -> Option<(&str, &str)> {
    let (code, rest) = line.split_at_checked(5)?;
    let text = rest.strip_prefix(['\t', ' '])?.trim();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    (is_cpt(code) && letters >= 3 && !text.contains('\t')).then_some((code, text))
}

/// Whether a file may be read: only where the site holds a licence.
///
/// # Errors
/// If the configuration does not say so.
pub(crate) fn check_licence(shown: &str, options: &ImportOptions) -> Result<(), CodebookError> {
    if options.cpt_licence {
        return Ok(());
    }
    let why = "it holds CPT descriptors, which are the American Medical Association's, and the configuration names no \
               licence: if this site holds one, set `cpt_licence = true` in its section [codebook] and import again; \
               if not, leave this file out";
    Err(CodebookError::bad_file(shown, why))
}

/// A descriptor.
#[derive(Debug)]
struct Descriptor {
    code: String,
    kind: &'static str,
    text: String,
    line: u32,
}

#[derive(Debug)]
struct Descriptors(Vec<Descriptor>);

impl Table for Descriptors {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_lines(hash, self.0.iter().map(|d| format!("{}|{}|{}", d.code, d.kind, d.text)));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut put =
            into.connection.prepare_cached("INSERT OR IGNORE INTO cpt_text VALUES (?1,?2,?3,?4,?5)")?;
        let hasher = GroupHasher::new();
        for d in &self.0 {
            put.execute(params![d.code, release, d.kind, d.text, d.line])?;
            into.listing(&d.code, release, d.line)?;
            descriptors::store(into.connection, release, &d.code, &hasher.groups(&d.text))?;
        }
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let headed = text.lines().take(MOST_ABOVE).any(is_header);
    let (rows, above, dataset) =
        if headed { columns(&text, faults)? } else { listing(input.name, &text, faults)? };
    let codes: BTreeSet<&str> = rows.iter().map(|d| d.code.as_str()).collect();
    let fewest = if codes.len() < FEWEST { FEWEST } else { 0 };
    Ok(FileRows {
        told: heading::cpt(input.shown),
        notices: paragraphs(&above),
        fewest,
        ..FileRows::new(dataset, Descriptors(rows))
    })
}

/// Rows, the lines above them, the dataset.
type Found<'a> = (Vec<Descriptor>, Vec<&'a str>, &'static str);

fn listing<'a>(name: &str, text: &'a str, faults: &mut Faults) -> Result<Found<'a>, CodebookError> {
    let Some((kind, dataset)) = listing_kind(name) else {
        let why = "which of AMA's text files it is cannot be told: keep the name that it came with (LONGULT.txt, \
                   MEDU.txt or SHORTU.txt)";
        return Err(CodebookError::bad_file(faults.file(), why));
    };
    let (mut rows, mut above) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        match row(line) {
            Some((code, text)) => take(code, kind, text, index + 1, faults, &mut rows)?,
            None if rows.is_empty() && index < MOST_ABOVE => above.push(line.trim()),
            None if line.trim_matches(|c: char| c.is_whitespace() || c == '\u{1a}').is_empty() => {}
            None => faults.note(index + 1, "it is not a CPT code and its descriptor")?,
        }
    }
    Ok((rows, above, dataset))
}

fn columns<'a>(text: &'a str, faults: &mut Faults) -> Result<Found<'a>, CodebookError> {
    let (mut rows, mut above) = (Vec::new(), Vec::new());
    let mut kinds: Vec<(usize, &'static str)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        if kinds.is_empty() {
            if is_header(line) {
                let named = |(at, cell): (usize, &&str)| column_kind(cell).map(|kind| (at, kind));
                kinds = cells.iter().enumerate().filter_map(named).collect();
            } else {
                above.push(line.trim());
            }
            continue;
        }
        let code = cells.get(1).copied().unwrap_or("");
        if line.trim().is_empty() {
            continue;
        }
        // Concepts that are no code: headings.
        if code.is_empty() {
            faults.rows += 1;
            continue;
        }
        if !is_cpt(code) {
            faults.note(index + 1, "its second column is no CPT code")?;
            continue;
        }
        for (at, kind) in &kinds {
            let text = cells.get(*at).copied().unwrap_or("");
            if !text.is_empty() {
                take(code, kind, &unquoted(text), index + 1, faults, &mut rows)?;
            }
        }
    }
    let has = |wanted: &str| kinds.iter().any(|(_, kind)| *kind == wanted);
    let dataset = match (has("long"), has("clinician")) {
        (true, _) => "cpt",
        (false, true) => "cpt_clinician",
        (false, false) => "cpt_consumer",
    };
    Ok((rows, above, dataset))
}

fn take(
    code: &str,
    kind: &'static str,
    text: &str,
    line: usize,
    faults: &mut Faults,
    rows: &mut Vec<Descriptor>,
) -> Result<(), CodebookError> {
    if text.len() > LONGEST {
        return faults.note(line, "its text is longer than any descriptor");
    }
    faults.rows += 1;
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    rows.push(Descriptor { code: code.to_owned(), kind, text: text.to_owned(), line });
    Ok(())
}

/// A cell as a spreadsheet wrote it.
fn unquoted(cell: &str) -> String {
    match cell.strip_prefix('"').and_then(|c| c.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => cell.to_owned(),
    }
}

/// The notice, a line a paragraph.
fn paragraphs(lines: &[&str]) -> Vec<String> {
    let all = lines.split(|l| l.is_empty()).map(|p| p.join(" "));
    all.filter(|p| !p.is_empty()).collect()
}
