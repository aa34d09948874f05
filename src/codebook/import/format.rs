//! What an importer is: how its format is recognised, how a file of it is read, how its rows go into the book.
//! A new format is one file with a `FORMAT`, and a line in [`FORMATS`].

use std::borrow::Cow;
use std::fmt::Debug;

use rusqlite::Statement;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::import;
use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::heading::Told;
use crate::codebook::import::lines::{Faults, latin1};
use crate::domain::Setting;

/// All formats; the first that matches reads a file.
pub(crate) const FORMATS: &[&Format] = &[
    &import::own::FORMAT,
    &import::ptp::FORMAT,
    &import::mue::FORMAT,
    &import::add_on::FORMAT,
    &import::fee::FORMAT,
    &import::fee_fixed::FORMAT,
    &import::gpci::FORMAT,
    &import::locality::FORMAT,
    &import::anesthesia::FORMAT,
    &import::opps_cap::FORMAT,
    &import::place::FORMAT,
    &import::modifier_list::FORMAT,
    &import::mcd::FORMAT,
    &import::mcd::list::FORMAT,
    &import::mcd::sample::FORMAT,
    &import::manifest::FORMAT,
    &import::icd_order::FORMAT,
    &import::tabular::FORMAT,
    &import::icd_outline::FORMAT,
    &import::icd_order::PCS_FORMAT,
    &import::code_list::FORMAT,
    &import::code_list::PCS_FORMAT,
    &import::addenda::FORMAT,
    &import::poa::FORMAT,
    &import::gem::FORMAT,
    &import::pcs_conversion::FORMAT,
    &import::icd_index::FORMAT,
    &import::icd_table::FORMAT,
    &import::hcpcs_sheet::FORMAT,
    &import::hcpcs::FORMAT,
    &import::manual::GUIDELINES,
    &import::manual::POLICY,
    &import::hcpcs_note::FORMAT,
    &import::cpt::FORMAT,
];

/// A format that an importer reads.
pub(crate) struct Format {
    /// Its name, and the source that evidence names: `ICD-10-CM order file`.
    pub(crate) name: &'static str,
    /// Whether its last line must have an end: else the file was cut.
    pub(crate) whole_lines: bool,
    /// Whether a file is of this format, by its content. Names only help to tell the release.
    pub(crate) matches: fn(&Head<'_>) -> bool,
    /// Reads a whole file.
    pub(crate) read: fn(&Input<'_>, &mut Faults) -> Result<FileRows, CodebookError>,
}

impl Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The beginning of a file (16 kB), by which it is recognised.
pub(crate) struct Head<'a> {
    /// The file's own name, without folders.
    pub(crate) name: &'a str,
    #[allow(dead_code)]
    pub(crate) bytes: &'a [u8],
    pub(crate) text: Cow<'a, str>,
    /// The first 6,000 bytes of the text in upper case.
    pub(crate) upper: String,
}

/// A file to read.
pub(crate) struct Input<'a> {
    /// The file's own name, without folders: many releases are told by it.
    pub(crate) name: &'a str,
    /// For messages: the path, with the name inside an archive.
    pub(crate) shown: &'a str,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Input<'a> {
    /// Its text: UTF-8 if it is that, else Latin-1.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        latin1(self.bytes)
    }
}

/// The rows of one file, not yet in the book.
pub(crate) trait Table: Debug + Send {
    /// How many entries: codes and modifiers, pairs, texts; a record that continues another is none.
    fn len(&self) -> usize;

    /// How many headings follow from the entries, and stand in no line of the file.
    fn implied(&self) -> usize {
        0
    }

    /// Feeds the content into the release's digest: the same whatever the order of the file's rows. Line numbers
    /// are no content. It may bring the rows into that order, too.
    fn digest(&mut self, hash: &mut Sha256);

    /// Writes the rows as those of `release`.
    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()>;

    /// Codes whose rows a manifest's other excerpts are complete for.
    fn codes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A row of a file that is a plain list of such rows: a `Vec` of them is a [`Table`].
pub(crate) trait Row: Debug + Send {
    /// The statement that writes it.
    const INSERT: &'static str;

    /// What it says, for the digest. Its line number is no content.
    fn content(&self) -> String;

    /// Writes it as a row of `release`; `statement` is [`Row::INSERT`].
    fn insert(&self, statement: &mut Statement<'_>, into: &Writer<'_>, release: i64) -> rusqlite::Result<()>;
}

impl<R: Row> Table for Vec<R> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_lines(hash, self.iter().map(Row::content));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut statement = into.connection.prepare_cached(R::INSERT)?;
        self.iter().try_for_each(|row| row.insert(&mut statement, into, release))
    }
}

/// What an importer made of a file.
#[derive(Debug)]
pub(crate) struct FileRows {
    pub(crate) table: Box<dyn Table>,
    /// `icd10cm`, `hcpcs`, `ptp`, …
    pub(crate) dataset: &'static str,
    /// NCCI's tables differ by setting; told by the file, if at all.
    pub(crate) setting: Option<Setting>,
    pub(crate) needs_setting: bool,
    /// The release as name or content tell it: what it is called, its first and last day.
    pub(crate) told: Option<Told>,
    /// For lists without dates, and our own texts: the release's name, which then needs no dates.
    pub(crate) undated: Option<String>,
    /// What such a file is, unless it is an excerpt: `full` (absence ends a code), `delta` (changes alone), `own`.
    pub(crate) kind: &'static str,
    /// CMS ships a PTP release in parts (f1–f4); 0: in one file.
    pub(crate) part: u8,
    /// The notices in the file, in its own words.
    pub(crate) notices: Vec<String>,
    /// The line after which rows are missing, if sequence numbers jump.
    pub(crate) gap: Option<usize>,
    /// Fewer rows than this no full edition has: the file was cut, or it is an excerpt.
    pub(crate) fewest: usize,
}

impl FileRows {
    /// Rows of a full edition.
    pub(crate) fn new(dataset: &'static str, table: impl Table + 'static) -> Self {
        Self {
            table: Box::new(table),
            dataset,
            setting: None,
            needs_setting: false,
            told: None,
            undated: None,
            kind: "full",
            part: 0,
            notices: Vec::new(),
            gap: None,
            fewest: 0,
        }
    }
}

/// Recognises a format from the beginning of a file.
pub(crate) fn recognise(name: &str, bytes: &[u8]) -> Option<&'static Format> {
    let text = latin1(bytes);
    let upper = text.get(..text.floor_char_boundary(6000)).unwrap_or(&text).to_ascii_uppercase();
    let head = Head { name, bytes, text, upper };
    FORMATS.iter().copied().find(|f| (f.matches)(&head))
}
