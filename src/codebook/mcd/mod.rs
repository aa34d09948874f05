//! Coverage documents of the Medicare Coverage Database: which LCD, article or NCD speaks of a service, and on which of
//! its lists a diagnosis stands. Coding rules: statute, then NCD, then the contractor's LCD with its billing article,
//! then "reasonable and necessary".
//!
//! Nothing found means that no loaded release has a document, never that the service is covered; a diagnosis on a list
//! is necessary, not sufficient.

pub(crate) mod area;
mod diagnosis;
mod find;
mod named;
pub(crate) mod runs;
#[cfg(test)]
mod tests;
mod versions;

use serde::Serialize;

pub use area::CoverageArea;
pub(crate) use named::named_services;

use crate::codebook::Coverage;
use crate::domain::{CivilDate, Evidence};

/// A kind of coverage document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageKind {
    /// National coverage determination: holds everywhere, and goes before the others.
    Ncd,
    /// Local coverage determination of a Medicare contractor.
    Lcd,
    /// Article of a contractor: the code lists of an LCD or NCD stand in its billing and coding article.
    Article,
}

impl CoverageKind {
    /// All kinds, in the order of their weight.
    pub const ALL: [Self; 3] = [Self::Ncd, Self::Lcd, Self::Article];

    /// As it stands in the book: `ncd`, `lcd`, `article`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ncd => "ncd",
            Self::Lcd => "lcd",
            Self::Article => "article",
        }
    }

    /// As people say it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ncd => "NCD",
            Self::Lcd => "LCD",
            Self::Article => "article",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }

    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Ncd => 1,
            Self::Lcd => 2,
            Self::Article => 3,
        }
    }

    pub(crate) fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.number() == number)
    }
}

/// A version of a coverage document that is in force on a date, as far as the loaded releases know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageDocument {
    /// As people name it: `L33577`, `A56781`, `NCD 220.4`.
    pub id: String,
    /// Its kind.
    pub kind: CoverageKind,
    /// CMS's own number.
    pub number: u32,
    /// The version; 0: the file does not say which.
    pub version: u16,
    /// Its title.
    pub title: String,
    /// What kind of article it is (`Billing and Coding`); how far an NCD covers. May be empty.
    pub sort: String,
    /// First day of the version; `None`: not known.
    pub effective: Option<CivilDate>,
    /// Last day, if the version or the whole document ends.
    pub ends: Option<CivilDate>,
    /// Its contractors; none: national, or not known.
    pub contractors: Vec<String>,
    /// The states for which it holds, two letters each; none: everywhere, or not known.
    pub states: Vec<String>,
    /// Whether the states follow from the contractor's name alone, which may have two jurisdictions.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub states_by_name: bool,
    /// The document whose code list names the service, if this one does not itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// The groups of its list in which the service stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<u16>,
    /// How many diagnoses its lists have that support medical necessity. 0: it has no such list.
    pub covered: usize,
    /// How many its lists have that do not.
    pub noncovered: usize,
    /// Its page at CMS.
    pub url: String,
    /// The release; whether it knows the document for the date.
    pub coverage: Coverage,
    /// The row.
    pub evidence: Evidence,
}

/// The coverage documents that speak of a code on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageDocuments {
    /// Those in force for the area: NCDs, LCDs, articles, each by its number.
    pub documents: Vec<CoverageDocument>,
    /// How many others are in force for other areas.
    pub elsewhere: usize,
    /// How many more name the code, in any version, than were weighed.
    pub more: usize,
    /// The releases that were asked, newest first: what is not found is not in these. Empty: none is loaded.
    pub releases: Vec<Coverage>,
}

/// Where a diagnosis stands in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiagnosisListing {
    /// The diagnosis, without its dot.
    pub code: String,
    /// The lists that have it: first those that support medical necessity.
    pub lists: Vec<ListedDiagnosis>,
    /// The row; `None`: no list has it.
    pub evidence: Option<Evidence>,
}

/// A list of diagnoses that has the one asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedDiagnosis {
    /// Whether its diagnoses support medical necessity; else they do not.
    pub covered: bool,
    /// The group.
    pub group: u16,
    /// The paragraph above it: conditions, and for which services it holds. May be empty.
    pub note: String,
    /// What the asterisk at the code means; empty: it has none.
    pub asterisk: String,
    /// Whether the paragraph names services, and this one is among them; `None`: it names none.
    pub for_service: Option<bool>,
}
