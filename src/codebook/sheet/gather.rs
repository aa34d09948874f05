//! Gathering the sections of a sheet.

use crate::codebook::mue::meaning_of_mai;
use crate::codebook::sheet::{CodeSheet, EditCount, Fee, Related, UnitLimit};
use crate::codebook::{CodeEntry, Codebook, CodebookError, Dated, PtpSide};
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Setting};

/// The most codes below a heading that a sheet lists.
const MOST_CHILDREN: usize = 200;
/// The most sections of manuals that it lists.
const MOST_PASSAGES: usize = 8;

impl Codebook {
    /// A code in every system that has it, as [`Codebook::show`] finds it, each with all that belongs to it.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn sheets(
        &self,
        system: Option<CodeSystem>,
        code: &str,
        on: CivilDate,
    ) -> Result<Vec<CodeSheet>, CodebookError> {
        self.show(system, code, on)?.into_iter().map(|entry| self.sheet_of(entry, on)).collect()
    }

    /// A code of one system with all that belongs to it. A code that is not known has an entry and nothing else.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn sheet(&self, system: CodeSystem, code: &str, on: CivilDate) -> Result<CodeSheet, CodebookError> {
        let entry = match self.show(Some(system), code, on)?.into_iter().next() {
            Some(entry) => entry,
            None => self.entry(system, code, on, true)?,
        };
        self.sheet_of(entry, on)
    }

    /// An entry that [`Codebook::show`] found, with all that belongs to it. A code that is not known has an entry and
    /// nothing else.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn sheet_of(&self, entry: CodeEntry, on: CivilDate) -> Result<CodeSheet, CodebookError> {
        let mut sheet = CodeSheet {
            on,
            above: Vec::new(),
            children: Vec::new(),
            replaced_by: Vec::new(),
            replaces: Vec::new(),
            names: Vec::new(),
            notes: None,
            seventh: None,
            poa_exempt: None,
            details: Vec::new(),
            cpt_texts: None,
            fees: Vec::new(),
            units: Vec::new(),
            add_on: None,
            add_ons: None,
            edits: Vec::new(),
            coverage_documents: None,
            maps: Vec::new(),
            passages: Vec::new(),
            history: Vec::new(),
            entry,
        };
        if !sheet.entry.is_known() {
            return Ok(sheet);
        }
        if sheet.entry.status == CodeStatus::Header {
            let children = self.children(sheet.entry.system, &sheet.entry.code, on, MOST_CHILDREN)?;
            sheet.children = children.into_iter().map(related).collect();
        }
        match sheet.entry.system {
            CodeSystem::Cpt | CodeSystem::Hcpcs => self.service_sections(&mut sheet)?,
            CodeSystem::Icd10cm => self.diagnosis_sections(&mut sheet)?,
            CodeSystem::Icd10pcs => self.procedure_sections(&mut sheet)?,
        }
        self.common_sections(&mut sheet)?;
        sheet.passages = self.passages_for_code(sheet.entry.system, &sheet.entry.code, on, MOST_PASSAGES)?;
        Ok(sheet)
    }

    /// What the service tables say: fee schedule, unit limits, pair edits, add-on codes.
    fn service_sections(&self, sheet: &mut CodeSheet) -> Result<(), CodebookError> {
        let (code, on) = (sheet.entry.code.clone(), sheet.on);
        for modifier in ["", "26", "TC", "53"] {
            let Dated { value: Some(row), coverage, evidence } = self.fee(&code, modifier, on)? else {
                continue;
            };
            let indicators = row.indicators();
            sheet.fees.push(Fee { row: Dated { value: row, coverage, evidence }, indicators });
        }
        for setting in [Setting::Practitioner, Setting::Hospital, Setting::Dme] {
            let Dated { value: Some(limit), coverage, evidence } = self.mue(setting, &code, on)? else {
                continue;
            };
            let meaning = meaning_of_mai(limit.mai);
            sheet.units.push(UnitLimit {
                setting,
                limit: Dated { value: limit, coverage, evidence },
                meaning,
            });
        }
        if let Dated { value: Some(value), coverage, evidence } = self.add_on(&code, on)? {
            sheet.add_on = Some(Dated { value, coverage, evidence });
        }
        for setting in [Setting::Practitioner, Setting::Hospital] {
            let found = self.edits_of(setting, &code, PtpSide::Column1, on, 0, 0)?;
            let none = found.as_column1 + found.as_column2 == 0;
            let Some(coverage) = found.coverage.filter(|_| found.complete || !none) else { continue };
            let (as_column1, as_column2) = (found.as_column1, found.as_column2);
            sheet.edits.push(EditCount {
                setting,
                as_column1,
                as_column2,
                coverage,
                complete: found.complete,
            });
        }
        sheet.add_ons = Some(self.add_ons_of(&code, on)?).filter(|found| !found.value.is_empty());
        if sheet.entry.system == CodeSystem::Cpt {
            sheet.cpt_texts = self.cpt_texts(&code, on)?;
        }
        let covered = self.coverage_documents(&code, on, None)?;
        // Without an export of code lists "none" would say nothing.
        let listed = !covered.documents.is_empty() || self.releases("mcd_article", None).next().is_some();
        sheet.coverage_documents = Some(covered).filter(|_| listed);
        if sheet.entry.system == CodeSystem::Hcpcs {
            sheet.details = self.hcpcs_details(&code, on)?.value;
        }
        Ok(())
    }
}

/// A code as it stands beside another.
pub(super) fn related(entry: CodeEntry) -> Related {
    Related {
        code: entry.code,
        system: entry.system,
        status: entry.status,
        description: entry.description,
        how: String::new(),
        evidence: entry.evidence,
    }
}
