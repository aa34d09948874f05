//! The sections of a code's page, in their order. Each is made only if the codebook has something for it.

mod classification;
mod coverage;
mod guidance;
mod service;

pub(crate) use coverage::Wanted;
pub(crate) use service::setting_name;

use crate::codebook::{CodeSheet, Codebook, Locality};
use crate::domain::{CivilDate, Evidence};
use crate::web::WebError;
use crate::web::codes::section::Section;

/// All sections of a sheet.
pub(crate) fn all(
    book: &Codebook,
    sheet: &CodeSheet,
    on: CivilDate,
    cpt: bool,
    locality: Option<&Locality>,
    wanted: &Wanted,
) -> Result<Vec<Section>, WebError> {
    let mut all = vec![
        classification::replaced(sheet, on),
        classification::children(sheet, on),
        classification::seventh(sheet, on),
        classification::notes(sheet, on),
        classification::names(sheet),
        classification::present_on_admission(sheet),
    ];
    all.push(service::descriptors(sheet));
    all.push(service::details(sheet));
    all.push(service::indicators(sheet));
    all.push(service::modifiers(sheet, on));
    all.push(service::fees(book, sheet, on, locality)?);
    all.push(service::units(sheet));
    if cpt {
        all.push(service::edits(sheet, on));
        all.push(service::add_on(sheet, on));
        all.push(service::add_ons(sheet, on));
    }
    all.push(coverage::coverage(book, sheet, wanted, cpt)?);
    all.push(guidance::passages(sheet, on));
    all.push(classification::maps(sheet, on));
    all.push(classification::history(sheet));
    Ok(all.into_iter().flatten().collect())
}

/// Takes CPT numbers out of a sheet that people without leave to see them read.
pub(crate) fn without_cpt(sheet: &mut CodeSheet) {
    sheet.cpt_texts = None;
    sheet.add_on = None;
    sheet.add_ons = None;
    sheet.edits.clear();
    sheet.passages.retain(|p| p.value.manual == crate::codebook::Manual::OfficialGuidelines);
    sheet.entry.also.retain(|(system, _)| *system != crate::domain::CodeSystem::Cpt);
    for list in [&mut sheet.replaced_by, &mut sheet.replaces] {
        list.retain(|r| r.system != crate::domain::CodeSystem::Cpt);
    }
    let is_cpt = crate::codebook::import::is_cpt;
    sheet.details.retain(|d| d.title != "Cross-reference" || !is_cpt(&d.value));
    for fee in &mut sheet.fees {
        fee.indicators.retain(|i| i.column != "endoscopic_base");
        fee.row.value.endoscopic_base.clear();
    }
}

/// The rows that a sheet shows: they decide which notices stand below it.
pub(crate) fn cited(sheet: &CodeSheet) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = sheet.entry.evidence.iter().cloned().collect();
    all.extend(sheet.cpt_texts.iter().map(|t| t.evidence.clone()));
    all.extend(sheet.fees.iter().filter_map(|f| f.row.evidence.clone()));
    all.extend(sheet.units.iter().filter_map(|u| u.limit.evidence.clone()));
    all.extend(sheet.add_on.iter().filter_map(|a| a.evidence.clone()));
    all.extend(sheet.add_ons.iter().filter_map(|a| a.evidence.clone()));
    all.extend(sheet.passages.iter().filter_map(|p| p.evidence.clone()));
    all
}
