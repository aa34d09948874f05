//! The codebook: official code tables in one immutable SQLite file, looked up by date.
//!
//! Every answer names the release it was read from ([`Coverage`]); what no loaded release covers is said to be
//! so, never guessed. [`Codebook::open`] reads a built file, [`Codebook::starter`] builds the embedded excerpt in
//! memory with the same importers ([`import`]) that read the official files.

mod add_on;
mod below;
mod betos;
mod code_range;
mod codes;
mod coverage;
mod cpt_texts;
mod descriptors;
mod edition;
mod error;
mod facts;
mod fee;
mod fee_words;
mod hcpcs_details;
mod hcpcs_words;
mod history;
mod icd9;
pub mod import;
mod localities;
mod manual;
mod maps;
pub(crate) mod mcd;
mod membership;
mod modifier;
mod mue;
mod names;
mod open;
pub mod payment;
mod places;
mod poa;
mod ptp;
mod ptp_entries;
mod ptp_pairs;
mod search;
pub mod sheet;
pub mod sync;
mod tabular;
mod validity;

pub use code_range::{CodeRange, Named, Only, named};
pub use codes::dataset_of;
pub use cpt_texts::CptTexts;
pub use descriptors::{DescriptorCheck, DescriptorMatch};
pub use error::CodebookError;
pub use facts::{
    AddOn, BillableBelow, CodeEntry, Coverage, DatasetCoverage, Dated, FeeRow, Gap, ModifierText, Mue,
    Notice, PtpEdits, PtpLookup, PtpRow, PtpSide, Release, ReleaseChanges, SearchHit,
};
pub use fee_words::Indicator;
pub use history::{ChangeKind, CodeChange, Succession, Successor};
pub use icd9::{Icd9Code, Icd9Target};
pub use localities::Locality;
pub use manual::{
    FoundPassage, Manual, ManualEdition, NamedInManual, NamedInText, Passage, PassageParagraph, SectionRef,
    best_sentences, sentences,
};
pub use maps::{Conversion, GemTarget, MapSystem};
pub use mcd::{
    CoverageArea, CoverageDocument, CoverageDocuments, CoverageKind, DiagnosisListing, ListedDiagnosis,
};
pub use modifier::KnownModifier;
pub use names::{OtherName, TableEntry};
pub use open::Codebook;
pub use payment::{Cents, ClaimPayment, Payment, PaymentLine, PaymentQuery, PaymentSetting};
pub use places::PlaceOfService;
pub use ptp_pairs::PtpPairs;
pub use search::{Spoken, alike, drug_named, opened, spoken};
pub use sheet::CodeSheet;
pub use tabular::{
    Exclusion, Hierarchy, Level, NoteKind, PlaceKind, SeventhCharacter, SeventhCharacters, TabularNote,
    excluding,
};

#[cfg(test)]
mod tests;
