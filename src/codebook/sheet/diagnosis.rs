//! The sections of a sheet that ICD-10-CM and ICD-10-PCS codes have.

use crate::codebook::codes::compact;
use crate::codebook::sheet::gather::related;
use crate::codebook::sheet::{
    Above, Change, CodeSheet, Map, MapTarget, Note, Notes, OtherNames, Related, Seventh, SeventhMeaning,
};
use crate::codebook::tabular::PlaceKind;
use crate::codebook::{
    ChangeKind, CodeChange, Codebook, CodebookError, Conversion, Dated, Level, MapSystem, Succession,
    Successor, TabularNote,
};
use crate::domain::{CodeStatus, CodeSystem};

/// The most names of one kind that a sheet shows.
const MOST_NAMES: usize = 200;

/// The most coverage documents of a diagnosis that are listed: a common one stands in hundreds.
const MOST_DOCUMENTS: usize = 12;

impl Codebook {
    /// Hierarchy, notes, 7th characters, present-on-admission.
    pub(super) fn diagnosis_sections(&self, sheet: &mut CodeSheet) -> Result<(), CodebookError> {
        let (code, on) = (sheet.entry.code.clone(), sheet.on);
        let hierarchy = self.hierarchy(&code, on)?;
        let levels = hierarchy.chapter.into_iter().chain(hierarchy.sections).chain(hierarchy.codes);
        sheet.above = levels.map(above).collect();
        let notes = self.notes(&code, on)?;
        if let Some(coverage) = notes.coverage.filter(|_| !notes.value.is_empty()) {
            sheet.notes = Some(Notes { coverage, notes: notes.value.into_iter().map(note).collect() });
        }
        sheet.seventh = self.seventh(sheet)?;
        if sheet.entry.billable {
            let exempt = self.poa_exempt(&code, on)?;
            // Within coverage, a code that is not on the list is not exempt.
            if exempt.coverage.is_some() {
                let value = exempt.value.unwrap_or(false);
                sheet.poa_exempt =
                    Some(Dated { value, coverage: exempt.coverage, evidence: exempt.evidence });
            }
            let covered = self.coverage_naming_diagnosis(&code, on, None, MOST_DOCUMENTS)?;
            sheet.coverage_documents = Some(covered).filter(|c| !c.documents.is_empty());
        }
        Ok(())
    }

    fn seventh(&self, sheet: &CodeSheet) -> Result<Option<Seventh>, CodebookError> {
        let code = &sheet.entry.code;
        let found = self.seventh_characters(code, sheet.on)?;
        let Some(defined) = found.value else { return Ok(None) };
        let own = defined.of(code).map(|c| c.character.clone());
        let plain = compact(code);
        let stem = plain.get(..6).unwrap_or(&plain);
        let below =
            self.child_codes(CodeSystem::Icd10cm, stem.trim_end_matches('X'), sheet.on, MOST_NAMES)?;
        let mut characters = Vec::new();
        for c in &defined.characters {
            let made = defined.complete(stem, &c.character);
            let whole = made.filter(|m| below.contains(&compact(m)));
            characters.push(SeventhMeaning {
                own: own.as_ref() == Some(&c.character),
                character: c.character.clone(),
                meaning: c.meaning.clone(),
                code: whole,
            });
        }
        Ok(Some(Seventh {
            place: defined.place,
            note: defined.note,
            characters,
            coverage: found.coverage,
            evidence: found.evidence,
        }))
    }

    /// What an ICD-10-PCS code replaced, by the conversion table.
    pub(super) fn procedure_sections(&self, sheet: &mut CodeSheet) -> Result<(), CodebookError> {
        let code = sheet.entry.code.clone();
        let before = self.pcs_predecessors(&code)?;
        sheet.replaces = self.converted(before, sheet, |c| c.previous.clone())?;
        Ok(())
    }

    fn converted(
        &self,
        changes: Vec<Conversion>,
        sheet: &CodeSheet,
        named: fn(&Conversion) -> Option<String>,
    ) -> Result<Vec<Related>, CodebookError> {
        let mut all = Vec::new();
        for change in changes {
            let Some(code) = named(&change) else { continue };
            let entry = self.entry(CodeSystem::Icd10pcs, &code, sheet.on, false)?;
            all.push(Related {
                code: entry.code,
                system: entry.system,
                status: entry.status,
                description: entry.description,
                how: format!("{} on {}", change.change.to_lowercase(), change.effective),
                evidence: Some(change.evidence),
            });
        }
        Ok(all)
    }

    /// Successors, names, mappings and history, which codes of every system can have.
    pub(super) fn common_sections(&self, sheet: &mut CodeSheet) -> Result<(), CodebookError> {
        let (code, system, on) = (sheet.entry.code.clone(), sheet.entry.system, sheet.on);
        if sheet.entry.status == CodeStatus::Ended {
            let named = self.successors(system, &code, on)?;
            sheet.replaced_by = named.into_iter().map(successor).collect();
        }
        for name in self.names_of(system, &code, on)? {
            let title = names_title(&name.kind);
            match sheet.names.iter_mut().find(|n| n.kind == name.kind) {
                Some(group) if group.names.len() >= MOST_NAMES || group.names.contains(&name.name) => {}
                Some(group) => group.names.push(name.name),
                None => sheet.names.push(OtherNames {
                    kind: name.kind,
                    title,
                    names: vec![name.name],
                    coverage: name.coverage,
                }),
            }
        }
        let maps = match system {
            CodeSystem::Icd10cm => Some((MapSystem::Icd10cm, "ICD-10-CM to ICD-9-CM")),
            CodeSystem::Icd10pcs => Some((MapSystem::Icd10pcs, "ICD-10-PCS to ICD-9-CM, volume 3")),
            _ => None,
        };
        if let Some((from, title)) = maps {
            let found = self.gems(from, &code, on)?;
            if let Some(coverage) = found.coverage.filter(|_| !found.value.is_empty()) {
                let targets = found.value.into_iter().map(|t| MapTarget {
                    code: t.target,
                    description: String::new(),
                    approximate: t.approximate,
                    meaning: t.meaning,
                    evidence: t.evidence,
                });
                sheet.maps.push(Map { title, targets: targets.collect(), coverage });
            }
        }
        sheet.history = self.history(system, &code)?.iter().filter_map(change).collect();
        Ok(())
    }
}

fn successor(successor: Successor) -> Related {
    let how = match successor.why {
        Succession::Below => "below it",
        Succession::Converted => "by the conversion table",
        Succession::CrossReference => "by the file's cross-reference",
    };
    Related { how: how.to_owned(), ..related(successor.entry) }
}

fn above(level: Level) -> Above {
    let kind = match level.kind {
        PlaceKind::Chapter => "chapter",
        PlaceKind::Section => "section",
        PlaceKind::Code => "code",
    };
    Above { kind, place: level.place, title: level.title, evidence: level.evidence }
}

fn note(note: TabularNote) -> Note {
    Note {
        kind: note.kind.as_str(),
        title: note.kind.title(),
        text: note.text,
        lead: note.lead,
        place: note.place,
        inherited: note.inherited,
        evidence: note.evidence,
    }
}

fn names_title(kind: &str) -> &'static str {
    match kind {
        "inclusion" => "Inclusion terms",
        "index" => "Alphabetic index",
        "external" => "Index of external causes",
        "drug" => "Table of drugs and chemicals",
        "neoplasm" => "Neoplasm table",
        _ => "Other names",
    }
}

/// A change in words; one without a day is no step of a history.
fn change(change: &CodeChange) -> Option<Change> {
    let said = |text: &Option<String>| text.as_ref().map_or(String::new(), |t| format!(": “{t}”"));
    let what = match change.kind {
        ChangeKind::FirstListed => format!("in the oldest loaded edition{}", said(&change.text)),
        ChangeKind::Added => format!("new{}", said(&change.text)),
        ChangeKind::TextRevised => {
            let before = change.text_before.as_ref().map_or(String::new(), |t| format!(" from “{t}”"));
            let after = change.text.as_ref().map_or(String::new(), |t| format!(" to “{t}”"));
            format!("text revised{before}{after}")
        }
        ChangeKind::BecameHeading => "divided: it needs more characters from then on".to_owned(),
        ChangeKind::BecameBillable => "billable as it stands from then on".to_owned(),
        ChangeKind::Ended => "its last day".to_owned(),
    };
    Some(Change { on: change.on?, what, release: change.release.clone() })
}
