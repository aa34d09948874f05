//! Rows of a code system's edition, as several formats have them, and a file that was read.

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::Table;
use crate::codebook::import::heading::Heading;
use crate::codebook::import::lines::Faults;

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

/// The codes of an edition.
#[derive(Debug)]
pub(crate) struct CodeRows {
    pub(crate) system: &'static str,
    pub(crate) rows: Vec<CodeRow>,
    /// How many of the rows are headings that the file does not list: they follow from its codes.
    pub(crate) implied: usize,
}

impl Table for CodeRows {
    fn len(&self) -> usize {
        self.rows.len() - self.implied.min(self.rows.len())
    }

    fn implied(&self) -> usize {
        self.implied
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_codes(hash, self.rows.iter());
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        store_codes(into, self.system, release, &self.rows)
    }
}

/// Feeds codes into a digest.
pub(crate) fn digest_codes<'a>(hash: &mut Sha256, rows: impl Iterator<Item = &'a CodeRow>) {
    digest_lines(
        hash,
        rows.map(|r| format!("{}|{}|{:?}|{:?}|{}", r.code, r.billable, r.added, r.terminated, r.text)),
    );
}

/// Writes codes.
pub(crate) fn store_codes(
    into: &Writer<'_>,
    system: &str,
    release: i64,
    rows: &[CodeRow],
) -> rusqlite::Result<()> {
    let mut s =
        into.connection.prepare_cached("INSERT OR REPLACE INTO code VALUES (?1,?2,?3,?4,?5,?6,?7,?8)")?;
    for r in rows {
        s.execute(params![
            system,
            r.code,
            release,
            r.billable,
            r.added,
            r.terminated,
            into.text(&r.text)?,
            r.line
        ])?;
    }
    Ok(())
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
    pub(crate) table: Box<dyn Table>,
    pub(crate) extent: Extent,
    pub(crate) notices: Vec<String>,
    pub(crate) faults: Faults,
    /// Tells files of the same content apart.
    pub(crate) mark: i64,
}
