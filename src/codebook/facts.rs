//! What the codebook answers: facts with their release, never a bare yes or no.

use serde::Serialize;

use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence, Setting};

/// The release that a fact was read from, and whether it holds on the date asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The release used, for example `2024Q3` or `ICD-10-CM FY2026`.
    pub release: String,
    /// First day of its coverage.
    pub from: CivilDate,
    /// Last day of its coverage.
    pub to: CivilDate,
    /// Whether the date asked for lies within, or within dates that the row itself states. If not: the fact is
    /// the newest one before the date, and not verified for it.
    pub covers: bool,
}

/// A fact with the release that it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dated<T> {
    /// The fact.
    pub value: T,
    /// `None`: no data (nothing loaded at or before the date, or the loaded excerpt says nothing about the code).
    pub coverage: Option<Coverage>,
    /// The row, if there is one.
    pub evidence: Option<Evidence>,
}

/// A code on a date.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CodeEntry {
    /// As it is officially written (ICD-10-CM with its dot).
    pub code: String,
    /// Its system.
    pub system: CodeSystem,
    /// What it is on the date.
    pub status: CodeStatus,
    /// First day for which the loaded files attest it as it is; `None` if that is not known.
    pub valid_from: Option<CivilDate>,
    /// Last day, from a date in a row or from a newer loaded edition that drops or divides it; `None`: open.
    pub valid_to: Option<CivilDate>,
    /// Official text; our own plain-language text for CPT (see `plain_language`); may be empty.
    pub description: String,
    /// Whether `description` is our own text and no official one.
    pub plain_language: bool,
    /// Whether it can be billed as it stands (no heading).
    pub billable: bool,
    /// The release used; `None`: no data.
    pub coverage: Option<Coverage>,
    /// False if the status is `unknown` only because what is loaded is an excerpt that says nothing about it.
    pub complete: bool,
    /// The same characters in other systems (A0100: an ambulance, or typhoid fever).
    #[serde(serialize_with = "system_and_code")]
    pub also: Vec<(CodeSystem, String)>,
    /// The row it rests on.
    pub evidence: Option<Evidence>,
    /// What to use instead, if known: the codes below a heading.
    pub successors: Vec<String>,
}

/// The codes below a heading that can be billed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BillableBelow {
    /// As officially written, in their order; at most as many as were asked for.
    pub codes: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// `[{"system","code"}]`: the form of the JSON contract.
fn system_and_code<S: serde::Serializer>(also: &[(CodeSystem, String)], out: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Also<'a> {
        system: CodeSystem,
        code: &'a str,
    }
    out.collect_seq(also.iter().map(|(system, code)| Also { system: *system, code }))
}

/// One row of the NCCI procedure-to-procedure edits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PtpRow {
    /// The code that is paid.
    pub column1: String,
    /// The code that is denied unless bypassed.
    pub column2: String,
    /// `0` no modifier bypasses it, `1` an NCCI-associated modifier may, `9` not applicable (never in force).
    pub indicator: char,
    /// First day; `None` if the file does not say.
    pub effective: Option<CivilDate>,
    /// Last day; `None` if the row is open as of its release.
    pub deletion: Option<CivilDate>,
    /// CMS's reason.
    pub rationale: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// What the PTP table says of a pair on a date, in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PtpLookup {
    /// The rows in force on the date.
    pub rows: Vec<PtpRow>,
    /// The release used; `None`: no data.
    pub coverage: Option<Coverage>,
    /// Rows of the same pair for other dates, or never in force.
    pub not_in_force: Vec<PtpRow>,
    /// False if "no row" says nothing: a code lies outside what an excerpt is complete for, or a part of the
    /// release is not loaded.
    pub complete: bool,
}

/// Which of the two codes of a PTP edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PtpSide {
    /// The code that is paid.
    Column1,
    /// The code that is denied unless bypassed.
    Column2,
}

/// The PTP edits in force on a date in which a code stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PtpEdits {
    /// How many have it as column 1.
    pub as_column1: usize,
    /// How many have it as column 2.
    pub as_column2: usize,
    /// Those asked for, in the order of the other code.
    pub rows: Vec<PtpRow>,
    /// The release used; `None`: no data.
    pub coverage: Option<Coverage>,
    /// False if there may be more: the release is an excerpt, or a part of it is not loaded.
    pub complete: bool,
}

/// A medically unlikely edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mue {
    /// The code.
    pub code: String,
    /// The most units; 0: not payable under this code and setting.
    pub units: u32,
    /// MUE adjudication indicator: 1 a claim line, 2 a day (absolute), 3 a day (clinical).
    pub mai: u8,
    /// CMS's reason.
    pub rationale: String,
}

/// A code as an add-on code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AddOn {
    /// The add-on code.
    pub code: String,
    /// 1 a fixed list of primaries, 2 no list (the contractor decides), 3 a partial list.
    pub kind: u8,
    /// The primaries listed, sorted; without the `CCCCC` of type 2.
    pub primaries: Vec<String>,
}

/// A row of the Medicare fee schedule's relative value file (PPRRVU).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FeeRow {
    /// The code.
    pub code: String,
    /// Empty, `26`, `TC` or `53`.
    pub modifier: String,
    /// Status indicator: A, B, C, … (`coding-rules`: E, I and X are never "not covered").
    pub status: char,
    /// Global period: `000`, `010`, `090`, `MMM`, `XXX`, `YYY`, `ZZZ`.
    pub global_days: String,
    /// Professional and technical component indicator.
    pub pctc: String,
    /// Multiple procedure indicator.
    pub multiple: String,
    /// Bilateral surgery indicator.
    pub bilateral: String,
    /// Assistant at surgery indicator.
    pub assistant: String,
    /// Co-surgeon indicator.
    pub co_surgeon: String,
    /// Team surgery indicator.
    pub team: String,
    /// Work RVU.
    pub work_rvu: Option<f64>,
    /// Practice expense RVU, non-facility; `None` where the file says NA.
    pub pe_nonfacility: Option<f64>,
    /// Practice expense RVU, facility; `None` where the file says NA.
    pub pe_facility: Option<f64>,
    /// Malpractice RVU.
    pub mp_rvu: Option<f64>,
    /// Base code of the endoscopic family, or empty.
    pub endoscopic_base: String,
    /// The conversion factor of the release, in US dollars.
    pub conversion_factor: Option<f64>,
    /// Shares of the global package before, in and after the operation (0.10, 0.69, 0.21); 0 where there is none.
    pub shares: [Option<f64>; 3],
    /// Whether the file says NA: rarely or never performed in a non-facility setting.
    pub na_nonfacility: bool,
    /// Whether the file says NA: rarely or never performed in a facility setting.
    pub na_facility: bool,
    /// Physician supervision of a diagnostic procedure: `01` general, `02` direct, `03` personal, …, `09` no concept.
    pub supervision: String,
    /// `88`: imaging that the multiple-imaging reduction applies to; `99` none.
    pub imaging_family: String,
    /// The OPPS cap's practice expense RVU (non-facility, facility) and malpractice RVU; 0: no cap.
    pub cap: [Option<f64>; 3],
}

/// A modifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModifierText {
    /// Two characters.
    pub code: String,
    /// HCPCS level II (official text), or CPT (our own text or none).
    pub system: CodeSystem,
    /// Its text; may be empty.
    pub text: String,
    /// Whether `text` is our own.
    pub plain_language: bool,
}

/// A code found by words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchHit {
    /// As officially written.
    pub code: String,
    /// Its system.
    pub system: CodeSystem,
    /// False for a heading.
    pub billable: bool,
    /// Official text, or ours for CPT.
    pub description: String,
    /// The other name by which it was found, if not by that text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// From 0 to 1; only the order matters.
    pub score: f64,
}

/// A loaded release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// First day; `None` for a list without dates.
    pub from: Option<CivilDate>,
    /// Last day; `None` for a list without dates.
    pub to: Option<CivilDate>,
    /// Rows of data.
    pub rows: u64,
    /// `full`, `excerpt`, `partial` (a part of the release is not loaded) or `own` (our own texts).
    pub kind: String,
    /// The file, and who publishes it.
    pub source: String,
}

/// What is loaded of one dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatasetCoverage {
    /// `icd10cm`, `hcpcs`, `ptp`, `mue`, `add_on`, `pprrvu`, `plain_language`, `modifier_text`, …
    pub dataset: String,
    /// For the NCCI tables that differ by setting.
    pub setting: Option<Setting>,
    /// Oldest first.
    pub releases: Vec<Release>,
}

/// A dataset that does not speak for a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// `icd10cm`, `ptp`, …
    pub dataset: String,
    /// For the NCCI tables that differ by setting.
    pub setting: Option<Setting>,
    /// What the dataset is, in words.
    pub title: String,
    /// The newest release that is loaded and begins by the day; `None`: none is loaded.
    pub newest: Option<String>,
    /// The last day that it covers.
    pub covered_to: Option<CivilDate>,
    /// Whether what covers the day is an excerpt or a part of a release: what it lacks is not known.
    pub incomplete: bool,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)?;
        if let Some(setting) = self.setting {
            write!(f, ", {setting}")?;
        }
        match (&self.newest, self.covered_to) {
            (None, _) => f.write_str(": not loaded"),
            (Some(name), _) if self.incomplete => write!(f, ": only an excerpt or a part is loaded ({name})"),
            (Some(name), Some(to)) => write!(f, ": the newest loaded is {name}, until {to}"),
            (Some(name), None) => write!(f, ": the newest loaded is {name}"),
        }
    }
}

/// What an edition changes against the one before it in the book.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ReleaseChanges {
    /// Codes that the edition before it does not have.
    pub added: u64,
    /// Codes that the edition before it has, and this one has not.
    pub ended: u64,
}

/// A notice that the publishers demand beside their codes and figures, in the files' own words and years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The files it stands in.
    pub files: Vec<String>,
    /// Its lines.
    pub lines: Vec<String>,
}
