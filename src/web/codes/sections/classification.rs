//! What the classifications say: codes below, notes, 7th characters, other names, crosswalks, history.

use crate::codebook::CodeSheet;
use crate::codebook::sheet::Related;
use crate::domain::{CivilDate, CodeStatus, CodeSystem};
use crate::web::codes::asked::code_address;
use crate::web::codes::icd9::icd9_address;
use crate::web::codes::section::{Cell, CodeLink, Fact, Link, Section, Table};

fn line(related: &Related, on: CivilDate) -> CodeLink {
    let mark = match (related.how.as_str(), related.status) {
        ("", CodeStatus::Header) => "heading".to_owned(),
        (how, _) => how.to_owned(),
    };
    CodeLink {
        code: related.code.clone(),
        href: code_address(&related.code, Some(related.system), on),
        text: related.description.clone(),
        mark,
    }
}

fn list(id: &'static str, title: &str, of: &[Related], on: CivilDate) -> Option<Section> {
    if of.is_empty() {
        return None;
    }
    let mut section = Section::new(id, title);
    section.codes = of.iter().map(|r| line(r, on)).collect();
    of.iter().filter(|r| !r.how.is_empty()).for_each(|r| section.cite(r.evidence.as_ref()));
    Some(section)
}

/// What to use instead, or what it stands for now.
pub(crate) fn replaced(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    list("successors", "Use instead", &sheet.replaced_by, on)
}

pub(crate) fn children(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    let mut section = list("below", "Codes below it", &sheet.children, on)?;
    section.title = format!("Codes below it ({})", sheet.children.len());
    Some(section.of(sheet.entry.coverage.as_ref()))
}

pub(crate) fn seventh(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    let seventh = sheet.seventh.as_ref()?;
    let mut section = Section::new("seventh", "7th character").of(seventh.coverage.as_ref());
    section.lead.clone_from(&seventh.note);
    for c in &seventh.characters {
        let mut fact = Fact::new(c.character.clone(), "", c.meaning.clone());
        if c.own {
            fact.from = "this code".to_owned();
        } else if let Some(code) = &c.code {
            let href = code_address(code, Some(CodeSystem::Icd10cm), on);
            fact.links.push(Link { text: code.clone(), href });
        }
        section.facts.push(fact);
    }
    section.cite(seventh.evidence.as_ref());
    Some(section)
}

pub(crate) fn notes(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    let notes = sheet.notes.as_ref().filter(|n| !n.notes.is_empty())?;
    let mut section = Section::new("notes", "Notes of the tabular list").of(Some(&notes.coverage));
    if !notes.coverage.covers {
        section.lead = format!(
            "Per the notes of {}, which does not cover {on}: confirm them in the current tabular list.",
            notes.coverage.release
        );
    }
    for note in &notes.notes {
        let text = match &note.lead {
            Some(lead) => format!("{lead} {}", note.text),
            None => note.text.clone(),
        };
        let mut fact = Fact::new(note.title, "", text);
        if note.inherited {
            fact.from = format!("at {}", note.place);
        }
        section.facts.push(fact);
        section.cite(Some(&note.evidence));
    }
    Some(section)
}

pub(crate) fn names(sheet: &CodeSheet) -> Option<Section> {
    if sheet.names.is_empty() {
        return None;
    }
    let mut section = Section::new("names", "Other names");
    for kind in &sheet.names {
        let text = kind.names.join(" · ");
        let mut fact = Fact::new(kind.title, "", text);
        fact.from.clone_from(&kind.coverage.release);
        section.facts.push(fact);
    }
    Some(section)
}

pub(crate) fn present_on_admission(sheet: &CodeSheet) -> Option<Section> {
    let exempt = sheet.poa_exempt.as_ref()?;
    let mut section = Section::new("poa", "Present on admission").of(exempt.coverage.as_ref());
    section.lead = if exempt.value {
        "Exempt from present-on-admission reporting.".to_owned()
    } else {
        "Not exempt: an inpatient claim needs a present-on-admission indicator (Y, N, U or W).".to_owned()
    };
    section.cite(exempt.evidence.as_ref());
    Some(section)
}

pub(crate) fn maps(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    if sheet.maps.is_empty() && sheet.replaces.is_empty() {
        return None;
    }
    let mut section = Section::new("crosswalks", "Crosswalks");
    section.lead = if sheet.maps.is_empty() {
        String::new()
    } else {
        "General equivalence mappings are a guide to look further from, not a translation.".to_owned()
    };
    for map in &sheet.maps {
        let mut table = Table {
            caption: format!("{}, {}", map.title, map.coverage.release),
            head: vec!["Code", "Text", "How"],
            rows: Vec::new(),
        };
        for target in &map.targets {
            let code = target.code.clone().unwrap_or_else(|| "none".to_owned());
            let href = match &target.code {
                Some(code) if map.title.ends_with("ICD-10-CM") => {
                    code_address(code, Some(CodeSystem::Icd10cm), on)
                }
                Some(code) if map.title.ends_with("ICD-10-PCS") => {
                    code_address(code, Some(CodeSystem::Icd10pcs), on)
                }
                Some(code) if map.title.contains("to ICD-9-CM") => icd9_address(code, on),
                _ => String::new(),
            };
            table.rows.push(vec![
                Cell::link(code, href),
                Cell::text(target.description.clone()),
                Cell::text(target.meaning.clone()),
            ]);
            section.cite(Some(&target.evidence));
        }
        section.tables.push(table);
    }
    if !sheet.replaces.is_empty() {
        section.codes = sheet.replaces.iter().map(|r| line(r, on)).collect();
        for code in &mut section.codes {
            code.mark = format!(
                "replaced by this code{}",
                if code.mark.is_empty() { String::new() } else { format!(", {}", code.mark) }
            );
        }
    }
    Some(section)
}

pub(crate) fn history(sheet: &CodeSheet) -> Option<Section> {
    if sheet.history.is_empty() {
        return None;
    }
    let mut section = Section::new("history", "History");
    for change in &sheet.history {
        let mut fact = Fact::new(change.on.to_string(), "", change.what.clone());
        fact.from.clone_from(&change.release);
        section.facts.push(fact);
    }
    Some(section)
}
