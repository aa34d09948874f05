//! (being built) The public API; its look-ups are filled in next.
use std::path::Path;

use crate::codebook::{
    AddOn, CodeEntry, CodebookError, DatasetCoverage, Dated, FeeRow, ModifierText, Mue, Notice, PtpLookup,
    SearchHit,
};
use crate::domain::{CivilDate, CodeSystem, Setting};

/// An open codebook. `Send + Sync`; look-ups are synchronous and take microseconds.
#[derive(Debug)]
pub struct Codebook {
    id: String,
    notices: Vec<Notice>,
}

type Out<T> = Result<T, CodebookError>;
fn nothing<T>(value: T) -> Out<Dated<T>> {
    Ok(Dated { value, coverage: None, evidence: None })
}

#[allow(unused_variables, missing_docs, clippy::missing_errors_doc)]
impl Codebook {
    pub fn starter() -> Out<Self> {
        Ok(Self { id: String::new(), notices: Vec::new() })
    }
    pub fn open(path: &Path) -> Out<Self> {
        Self::starter()
    }
    pub fn id(&self) -> &str {
        &self.id
    }
    pub fn coverage(&self) -> Out<Vec<DatasetCoverage>> {
        Ok(Vec::new())
    }
    pub fn show(&self, system: Option<CodeSystem>, code: &str, on: CivilDate) -> Out<Vec<CodeEntry>> {
        Ok(Vec::new())
    }
    pub fn children(&self, system: CodeSystem, code: &str, on: CivilDate, limit: usize) -> Out<Vec<CodeEntry>> {
        Ok(Vec::new())
    }
    pub fn search(
        &self,
        query: &str,
        system: Option<CodeSystem>,
        on: CivilDate,
        limit: usize,
    ) -> Out<Vec<SearchHit>> {
        Ok(Vec::new())
    }
    pub fn ptp(&self, setting: Setting, a: &str, b: &str, on: CivilDate) -> Out<PtpLookup> {
        Ok(PtpLookup { rows: Vec::new(), coverage: None, not_in_force: Vec::new(), complete: false })
    }
    pub fn mue(&self, setting: Setting, code: &str, on: CivilDate) -> Out<Dated<Option<Mue>>> {
        nothing(None)
    }
    pub fn add_on(&self, code: &str, on: CivilDate) -> Out<Dated<Option<AddOn>>> {
        nothing(None)
    }
    pub fn add_ons_of(&self, primary: &str, on: CivilDate) -> Out<Dated<Vec<String>>> {
        nothing(Vec::new())
    }
    pub fn fee(&self, code: &str, modifier: &str, on: CivilDate) -> Out<Dated<Option<FeeRow>>> {
        nothing(None)
    }
    pub fn modifier(&self, code: &str, on: CivilDate) -> Out<Dated<Option<ModifierText>>> {
        nothing(None)
    }
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}
