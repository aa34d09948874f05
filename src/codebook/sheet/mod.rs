//! All that the book says of a code on a date, gathered once: the command line, the JSON API and the pages show this.
//!
//! A section without data is absent (`None`, or empty), never filled. Each fact carries its release.

mod diagnosis;
mod gather;

use serde::Serialize;

use crate::codebook::fee_words::Indicator;
use crate::codebook::{
    AddOn, CodeEntry, Coverage, CoverageDocuments, CptTexts, Dated, FeeRow, FoundPassage, Mue,
};
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence, Setting};

/// A code on a date, with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CodeSheet {
    /// The date that was asked for.
    pub on: CivilDate,
    /// What the code is on the date: status, text, dates, coverage.
    #[serde(flatten)]
    pub entry: CodeEntry,
    /// Chapter, sections and codes above it, the widest first (ICD-10-CM, ICD-10-PCS).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub above: Vec<Above>,
    /// The codes directly below a heading.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Related>,
    /// What to use instead of an ended code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced_by: Vec<Related>,
    /// What it replaced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<Related>,
    /// Other names: inclusion terms, index entries, tables of drugs and neoplasms.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<OtherNames>,
    /// Notes of the tabular list that hold for it: its own and inherited ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<Notes>,
    /// The 7th characters that it takes, with the codes that they make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seventh: Option<Seventh>,
    /// Whether it is exempt from present-on-admission reporting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poa_exempt: Option<Dated<bool>>,
    /// Details of a HCPCS level II row in words: coverage, pricing, payment groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// The CPT descriptors, where the site holds a licence and has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpt_texts: Option<CptTexts>,
    /// The Medicare fee schedule's rows: the whole service, then its components (26, TC, 53).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// The unit limits, by setting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitLimit>,
    /// Itself as an add-on code, with its primaries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_on: Option<Dated<AddOn>>,
    /// The add-on codes that name it as a primary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_ons: Option<Dated<Vec<String>>>,
    /// How many pair edits it stands in, by setting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<EditCount>,
    /// The coverage documents (NCD, LCD, article) in force that speak of it, for all areas; of a diagnosis: on whose
    /// lists it stands, the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage_documents: Option<CoverageDocuments>,
    /// General equivalence mappings, in both directions, all targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maps: Vec<Map>,
    /// Sections of the manuals that name it, the closest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passages: Vec<Dated<FoundPassage>>,
    /// What changed from edition to edition, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Change>,
}

/// A place above a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Above {
    /// `chapter`, `section` or `code`.
    pub kind: &'static str,
    /// `Chapter 4`, `E08-E13`, `E11.2`.
    pub place: String,
    /// Its official title.
    pub title: String,
    /// The row.
    pub evidence: Option<Evidence>,
}

/// Another code with what it is on the date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// As officially written.
    pub code: String,
    /// Its system.
    pub system: CodeSystem,
    /// What it is on the date.
    pub status: CodeStatus,
    /// Its text, as that of [`CodeEntry`].
    pub description: String,
    /// Why it stands here, in words, where the list alone does not say it: `approximate`, `revised on 2025-10-01`.
    pub how: String,
    /// The row.
    pub evidence: Option<Evidence>,
}

/// Names of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherNames {
    /// `inclusion`, `index`, `external`, `drug` or `neoplasm`.
    pub kind: String,
    /// The kind in words.
    pub title: &'static str,
    /// The names, in the file's order.
    pub names: Vec<String>,
    /// The release that they were read from.
    pub coverage: Coverage,
}

/// The notes of one edition that hold for a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notes {
    /// The edition; if it does not cover the date, the notes are older than it.
    pub coverage: Coverage,
    /// Own notes first, then those of each place above, by kind.
    pub notes: Vec<Note>,
}

/// One note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// `includes`, `inclusion`, `excludes1`, `excludes2`, `code_first`, `use_additional`, `code_also`, `note`, …
    pub kind: &'static str,
    /// The kind as the list prints it: `Excludes1`, `Code first`.
    pub title: &'static str,
    /// Its official text.
    pub text: String,
    /// The line above it in the same list that ends in a colon, if there is one.
    pub lead: Option<String>,
    /// Where it stands: `E11.2`, `E08-E13`, `Chapter 4`.
    pub place: String,
    /// Whether it stands above the code.
    pub inherited: bool,
    /// The row.
    pub evidence: Evidence,
}

/// The 7th characters of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seventh {
    /// Where they are defined.
    pub place: String,
    /// How they are assigned, in the official words.
    pub note: String,
    /// Each with its meaning.
    pub characters: Vec<SeventhMeaning>,
    /// The edition.
    pub coverage: Option<Coverage>,
    /// The row.
    pub evidence: Option<Evidence>,
}

/// A 7th character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeventhMeaning {
    /// A letter or digit.
    pub character: String,
    /// The official words.
    pub meaning: String,
    /// The code with it, placeholders filled in; `None` if that is no billable code on the date.
    pub code: Option<String>,
    /// Whether it is this code's own.
    pub own: bool,
}

/// One detail in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// What it is: `Coverage`, `Pricing`.
    pub title: String,
    /// What the file says: its code.
    pub value: String,
    /// That in words; may be empty.
    pub words: String,
}

/// A row of the fee schedule, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fee {
    /// The row with its release.
    #[serde(flatten)]
    pub row: Dated<FeeRow>,
    /// Status and payment policy indicators in words.
    pub indicators: Vec<Indicator>,
}

/// The unit limit (MUE) of one setting.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitLimit {
    /// Whose claims it is for.
    pub setting: Setting,
    /// The limit, its adjudication indicator and CMS's reason.
    #[serde(flatten)]
    pub limit: Dated<Mue>,
    /// What the adjudication indicator means.
    pub meaning: &'static str,
}

/// How many pair edits (NCCI PTP) in force on the date a code stands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditCount {
    /// Whose claims they are for.
    pub setting: Setting,
    /// As the code that is paid.
    pub as_column1: usize,
    /// As the code that is denied unless bypassed.
    pub as_column2: usize,
    /// The release.
    pub coverage: Coverage,
    /// False if there may be more: the release is an excerpt, or a part of it is missing.
    pub complete: bool,
}

/// A general equivalence mapping of the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Map {
    /// Direction in words: `ICD-10-CM to ICD-9-CM`.
    pub title: &'static str,
    /// All targets.
    pub targets: Vec<MapTarget>,
    /// The release.
    pub coverage: Coverage,
}

/// One target of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MapTarget {
    /// As written in its system; `None`: no equivalent.
    pub code: Option<String>,
    /// Its text, where the book has one.
    pub description: String,
    /// Whether it does not mean quite the same.
    pub approximate: bool,
    /// The file's flags in words.
    pub meaning: String,
    /// The row.
    pub evidence: Evidence,
}

/// A change of the code between editions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The day from which it holds.
    pub on: CivilDate,
    /// What changed, in words.
    pub what: String,
    /// The release that says so.
    pub release: String,
}
