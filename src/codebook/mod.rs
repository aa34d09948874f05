//! The codebook: official code tables in one immutable SQLite file, looked up by date.
//!
//! Every answer names the release it was read from ([`Coverage`]); what no loaded release covers is said to be
//! so, never guessed. [`Codebook::open`] reads a built file, [`Codebook::starter`] builds the embedded excerpt in
//! memory with the same importers ([`import`]) that read the official files.

mod add_on;
mod codes;
mod coverage;
mod edition;
mod error;
mod facts;
mod fee;
mod fee_words;
pub mod import;
mod modifier;
mod mue;
mod open;
mod ptp;
mod search;
pub mod sheet;
pub mod sync;
mod vocabulary;

pub use error::CodebookError;
pub use facts::{
    AddOn, CodeEntry, Coverage, DatasetCoverage, Dated, FeeRow, ModifierText, Mue, Notice, PtpLookup, PtpRow,
    Release, SearchHit,
};
pub use fee_words::Indicator;
pub use open::Codebook;
pub use sheet::CodeSheet;

#[cfg(test)]
mod tests;
