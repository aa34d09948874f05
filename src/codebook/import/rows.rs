//! What the importers hand to the builder: rows of one release, not yet in the book.

use crate::codebook::import::heading::Heading;

/// A code of an edition (ICD-10-CM, HCPCS).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CodeRow {
    /// Without a dot.
    pub(crate) code: String,
    pub(crate) billable: bool,
    /// Days from 1970-01-01.
    pub(crate) added: Option<i32>,
    pub(crate) terminated: Option<i32>,
    pub(crate) text: String,
    pub(crate) line: u32,
}

/// A PTP row; the rationale is an index into [`PtpRows::rationales`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PairRow {
    pub(crate) pair: i64,
    pub(crate) effective: Option<i32>,
    pub(crate) deletion: Option<i32>,
    pub(crate) indicator: u8,
    pub(crate) rationale: u16,
    pub(crate) line: u32,
}

/// A PTP file's rows.
#[derive(Debug, Default)]
pub(crate) struct PtpRows {
    pub(crate) rows: Vec<PairRow>,
    pub(crate) rationales: Vec<String>,
}

/// An MUE row.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MueRow {
    pub(crate) code: String,
    pub(crate) units: u32,
    pub(crate) mai: u8,
    pub(crate) rationale: String,
    pub(crate) line: u32,
}

/// A pair of the add-on file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AddOnRow {
    pub(crate) code: String,
    pub(crate) primary: String,
    pub(crate) kind: u8,
    pub(crate) line: u32,
}

/// A row of our own texts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OwnText {
    pub(crate) code: String,
    pub(crate) text: String,
    pub(crate) words: String,
    pub(crate) line: u32,
}

/// A fee schedule row with its line. CPT's text column was never read.
#[derive(Debug)]
pub(crate) struct FeeLine {
    pub(crate) row: crate::codebook::FeeRow,
    pub(crate) line: u32,
}

/// The rows of a file, by table.
#[derive(Debug)]
pub(crate) enum Rows {
    /// A code system's edition.
    Codes(Vec<CodeRow>),
    /// HCPCS: codes, and modifiers (their `code` has two characters).
    Hcpcs(Vec<CodeRow>, Vec<CodeRow>),
    /// Pairs.
    Ptp(PtpRows),
    /// Units.
    Mue(Vec<MueRow>),
    /// Add-on codes.
    AddOn(Vec<AddOnRow>),
    /// Relative values.
    Fee(Vec<FeeLine>),
    /// Our own texts.
    Own(Vec<OwnText>),
}

/// What an excerpt is complete for, beyond its rows.
#[derive(Debug, Default, Clone)]
pub(crate) struct Extent {
    /// Codes that the full edition does not have either.
    pub(crate) absent: Vec<String>,
    /// Below these prefixes nothing is missing.
    pub(crate) under: Vec<String>,
    /// For these codes nothing is missing.
    pub(crate) complete_for: Vec<String>,
}

/// One file, read.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) heading: Heading,
    pub(crate) rows: Rows,
    pub(crate) extent: Extent,
    pub(crate) notices: Vec<String>,
    pub(crate) faults: crate::codebook::import::lines::Faults,
}
