//! Which Medicare coverage documents speak of a code, and on which of their lists a diagnosis stands.

use crate::codebook::{CodeSheet, Codebook, CoverageArea, CoverageDocument, CoverageDocuments};
use crate::domain::CodeSystem;
use crate::web::WebError;
use crate::web::codes::section::{Cell, Fact, Section, Table};

/// What is asked of the coverage documents.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// A state or contractor; `None`: all.
    pub(crate) area: Option<CoverageArea>,
    /// Diagnoses to look for.
    pub(crate) diagnoses: Vec<String>,
}

pub(crate) fn coverage(
    book: &Codebook,
    sheet: &CodeSheet,
    wanted: &Wanted,
    cpt: bool,
) -> Result<Option<Section>, WebError> {
    let Some(all) = &sheet.coverage_documents else { return Ok(None) };
    let service = matches!(sheet.entry.system, CodeSystem::Cpt | CodeSystem::Hcpcs);
    let narrowed;
    let found = match &wanted.area {
        Some(area) if service => {
            narrowed = book.coverage_documents(&sheet.entry.code, sheet.on, Some(area))?;
            &narrowed
        }
        _ => all,
    };
    let mut section = Section::new("coverage", "Medicare coverage");
    section.form = if service { "coverage" } else { "" };
    section.lead = lead(found, wanted, service);
    let mut table = Table {
        caption: String::new(),
        head: vec!["Document", "Title", "In force", "For"],
        rows: Vec::new(),
    };
    for d in &found.documents {
        table.rows.push(vec![
            Cell::link(format!("{} {}", kind(d), d.id).trim(), d.url.clone()),
            Cell::text(d.title.clone()),
            Cell::text(days(d)),
            Cell::text(whose(d)),
        ]);
        if !d.coverage.covers {
            let remark = format!("{}: {} does not reach this date.", d.id, d.coverage.release);
            section.remarks.push(remark);
        }
        section.cite(Some(&d.evidence));
        // Paragraphs name CPT numbers.
        if service && cpt {
            listed(book, sheet, d, wanted, &mut section)?;
        }
    }
    if !table.rows.is_empty() {
        section.tables.push(table);
    }
    if found.more > 0 {
        section.remarks.push(format!("Up to {} more documents name it.", found.more));
    }
    Ok(Some(section))
}

fn lead(found: &CoverageDocuments, wanted: &Wanted, service: bool) -> String {
    let whence = wanted.area.as_ref().map_or(String::new(), |a| format!(" for {}", a.name));
    let elsewhere = match found.elsewhere {
        0 => String::new(),
        n => format!(" {n} are in force elsewhere."),
    };
    if found.documents.is_empty() {
        let names: Vec<&str> = found.releases.iter().map(|r| r.release.as_str()).collect();
        return format!(
            "None found{whence} in {}.{elsewhere} That does not say \"covered\": what is reasonable and necessary still decides.",
            names.join("; ")
        );
    }
    if !service {
        return "It stands on the lists of these documents. On a list of diagnoses that support medical necessity: necessary, not sufficient.".to_owned();
    }
    format!(
        "These speak of it{whence}.{elsewhere} An NCD goes before an LCD; the code lists stand in the billing article. A diagnosis on a list is necessary, not sufficient."
    )
}

/// What the lists of a document say of the diagnoses asked for.
fn listed(
    book: &Codebook,
    sheet: &CodeSheet,
    d: &CoverageDocument,
    wanted: &Wanted,
    section: &mut Section,
) -> Result<(), WebError> {
    if d.covered + d.noncovered == 0 {
        return Ok(());
    }
    for dx in &wanted.diagnoses {
        let found = book.coverage_of_diagnosis(d, dx, Some(&sheet.entry.code))?;
        if found.lists.is_empty() {
            let text = format!("on none of its lists ({} supporting, {} not)", d.covered, d.noncovered);
            section.facts.push(Fact::new(d.id.clone(), dx.clone(), text));
        }
        for list in &found.lists {
            let supports = if list.covered { "supports" } else { "does not support" };
            let other = match list.for_service {
                Some(false) => " (a list for other services than this one, by its paragraph)",
                _ => "",
            };
            let mut fact = Fact::new(
                d.id.clone(),
                dx.clone(),
                format!(
                    "on a list that {supports} medical necessity, group {}{other}. {}",
                    list.group, list.note
                ),
            );
            fact.from = list.asterisk.clone();
            section.facts.push(fact);
        }
        section.cite(found.evidence.as_ref());
    }
    Ok(())
}

fn kind(d: &CoverageDocument) -> &'static str {
    // An NCD's name says it already.
    if d.id.starts_with("NCD") { "" } else { d.kind.name() }
}

fn days(d: &CoverageDocument) -> String {
    match (d.effective, d.ends) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("since {from}"),
        (None, Some(to)) => format!("to {to}"),
        (None, None) => "not dated".to_owned(),
    }
}

fn whose(d: &CoverageDocument) -> String {
    let states = if d.states.len() > 50 { "all states".to_owned() } else { d.states.join(" ") };
    match (d.contractors.first(), states.as_str()) {
        (None, "") => "all".to_owned(),
        (None, states) => states.to_owned(),
        (Some(first), states) => format!("{first} {states}"),
    }
}
