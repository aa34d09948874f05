//! (being built: the types of the agreed interface, and a book that holds nothing)
#![allow(missing_docs)]
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence, Setting};

#[derive(Debug, thiserror::Error)]
#[error("codebook")]
pub struct CodebookError;

#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    pub release: String,
    pub from: CivilDate,
    pub to: CivilDate,
    pub covers: bool,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Dated<T> {
    pub value: T,
    pub coverage: Option<Coverage>,
    pub evidence: Option<Evidence>,
}
#[derive(Debug, Clone, PartialEq)]
pub struct CodeEntry {
    pub code: String,
    pub system: CodeSystem,
    pub status: CodeStatus,
    pub valid_from: Option<CivilDate>,
    pub valid_to: Option<CivilDate>,
    pub description: String,
    pub plain_language: bool,
    pub billable: bool,
    pub coverage: Option<Coverage>,
    pub also: Vec<(CodeSystem, String)>,
    pub evidence: Option<Evidence>,
    pub successors: Vec<String>,
}
#[derive(Debug, Clone, PartialEq)]
pub struct PtpLookup {
    pub rows: Vec<PtpRow>,
    pub coverage: Option<Coverage>,
    pub not_in_force: Vec<PtpRow>,
    pub complete: bool,
}
#[derive(Debug, Clone, PartialEq)]
pub struct PtpRow {
    pub column1: String,
    pub column2: String,
    pub indicator: char,
    pub effective: Option<CivilDate>,
    pub deletion: Option<CivilDate>,
    pub rationale: String,
    pub evidence: Evidence,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Mue {
    pub code: String,
    pub units: u32,
    pub mai: u8,
    pub rationale: String,
}
#[derive(Debug, Clone, PartialEq)]
pub struct AddOn {
    pub code: String,
    pub kind: u8,
    pub primaries: Vec<String>,
}
#[derive(Debug, Clone, PartialEq)]
pub struct FeeRow {
    pub code: String,
    pub modifier: String,
    pub status: char,
    pub global_days: String,
    pub pctc: String,
    pub multiple: String,
    pub bilateral: String,
    pub assistant: String,
    pub co_surgeon: String,
    pub team: String,
    pub work_rvu: Option<f64>,
    pub pe_nonfacility: Option<f64>,
    pub pe_facility: Option<f64>,
    pub mp_rvu: Option<f64>,
    pub endoscopic_base: String,
    pub conversion_factor: Option<f64>,
}
#[derive(Debug, Clone, PartialEq)]
pub struct SearchHit {
    pub code: String,
    pub system: CodeSystem,
    pub billable: bool,
    pub description: String,
    pub score: f64,
}
#[derive(Debug, Clone, PartialEq)]
pub struct ModifierText {
    pub code: String,
    pub description: String,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    pub title: String,
    pub text: String,
}
#[derive(Debug)]
pub struct Codebook;
impl Codebook {
    pub fn starter() -> Result<Self, CodebookError> {
        Ok(Self)
    }
    pub fn show(
        &self,
        _: Option<CodeSystem>,
        _: &str,
        _: CivilDate,
    ) -> Result<Vec<CodeEntry>, CodebookError> {
        Ok(vec![])
    }
    pub fn children(
        &self,
        _: CodeSystem,
        _: &str,
        _: CivilDate,
        _: usize,
    ) -> Result<Vec<CodeEntry>, CodebookError> {
        Ok(vec![])
    }
    pub fn search(
        &self,
        _: &str,
        _: Option<CodeSystem>,
        _: CivilDate,
        _: usize,
    ) -> Result<Vec<SearchHit>, CodebookError> {
        Ok(vec![])
    }
    pub fn ptp(&self, _: Setting, _: &str, _: &str, _: CivilDate) -> Result<PtpLookup, CodebookError> {
        Ok(PtpLookup { rows: vec![], coverage: None, not_in_force: vec![], complete: false })
    }
    pub fn mue(&self, _: Setting, _: &str, _: CivilDate) -> Result<Dated<Option<Mue>>, CodebookError> {
        Ok(Dated { value: None, coverage: None, evidence: None })
    }
    pub fn add_on(&self, _: &str, _: CivilDate) -> Result<Dated<Option<AddOn>>, CodebookError> {
        Ok(Dated { value: None, coverage: None, evidence: None })
    }
    pub fn add_ons_of(&self, _: &str, _: CivilDate) -> Result<Dated<Vec<String>>, CodebookError> {
        Ok(Dated { value: vec![], coverage: None, evidence: None })
    }
    pub fn fee(&self, _: &str, _: &str, _: CivilDate) -> Result<Dated<Option<FeeRow>>, CodebookError> {
        Ok(Dated { value: None, coverage: None, evidence: None })
    }
    pub fn modifier(&self, _: &str, _: CivilDate) -> Result<Dated<Option<ModifierText>>, CodebookError> {
        Ok(Dated { value: None, coverage: None, evidence: None })
    }
    pub fn notices(&self) -> &[Notice] {
        &[]
    }
}
