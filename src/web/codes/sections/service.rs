//! What Medicare's tables say of a service: indicators, modifiers, relative values, units, edits, add-on codes.

use crate::codebook::sheet::Fee;
use crate::codebook::{CodeSheet, Codebook, Locality, PaymentQuery, PaymentSetting};
use crate::domain::{CivilDate, CodeSystem, Setting};
use crate::web::WebError;
use crate::web::codes::asked::code_address;
use crate::web::codes::section::{Cell, CodeLink, Fact, Link, Section, Table};

/// The modifiers that an indicator of the fee schedule decides on.
const DECIDES: [(&str, &[&str]); 7] = [
    ("global", &["24", "25", "57", "58", "78", "79"]),
    ("pctc", &["26", "TC"]),
    ("multiple", &["51"]),
    ("bilateral", &["50", "LT", "RT"]),
    ("assistant", &["80", "81", "82", "AS"]),
    ("co_surgeon", &["62"]),
    ("team", &["66"]),
];

pub(crate) fn setting_name(setting: Setting) -> &'static str {
    match setting {
        Setting::Practitioner => "Practitioner and ASC",
        Setting::Hospital => "Outpatient hospital",
        Setting::Dme => "DME supplier",
    }
}

pub(crate) fn details(sheet: &CodeSheet) -> Option<Section> {
    if sheet.details.is_empty() {
        return None;
    }
    let mut section = Section::new("details", "HCPCS details").of(sheet.entry.coverage.as_ref());
    for d in &sheet.details {
        section.fact(d.title.clone(), d.value.clone(), d.words.clone());
    }
    section.cite(sheet.entry.evidence.as_ref());
    Some(section)
}

/// The whole service's row: the components repeat it.
fn whole(sheet: &CodeSheet) -> Option<&Fee> {
    sheet.fees.iter().find(|f| f.row.value.modifier.is_empty()).or(sheet.fees.first())
}

pub(crate) fn indicators(sheet: &CodeSheet) -> Option<Section> {
    let fee = whole(sheet)?;
    let mut section =
        Section::new("indicators", "Medicare fee schedule indicators").of(fee.row.coverage.as_ref());
    for i in &fee.indicators {
        section.fact(i.title, i.value.clone(), i.words.clone());
    }
    section.cite(fee.row.evidence.as_ref());
    Some(section)
}

/// The modifiers that matter, by what the indicators say of them.
pub(crate) fn modifiers(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    let fee = whole(sheet)?;
    let mut section = Section::new("modifiers", "Modifiers that matter").of(fee.row.coverage.as_ref());
    for (column, modifiers) in DECIDES {
        let Some(indicator) = fee.indicators.iter().find(|i| i.column == column) else { continue };
        // A procedure without a global period of its own has nothing that those modifiers could stand in.
        let no_period = column == "global" && !matches!(indicator.value.as_str(), "000" | "010" | "090");
        let nothing = column == "multiple" && indicator.value == "0";
        if no_period || nothing {
            continue;
        }
        let mut fact = Fact::new("", "", format!("{}: {}", indicator.title, indicator.words));
        let link = |m: &&str| Link { text: (*m).to_owned(), href: format!("/codes/modifiers/{m}?on={on}") };
        fact.links = modifiers.iter().map(link).collect();
        section.facts.push(fact);
    }
    (!section.facts.is_empty()).then_some(section)
}

/// Relative values, and what they come to at a locality: both practice expenses, with the arithmetic.
pub(crate) fn fees(
    book: &Codebook,
    sheet: &CodeSheet,
    on: CivilDate,
    locality: Option<&Locality>,
) -> Result<Option<Section>, WebError> {
    let Some(first) = whole(sheet) else { return Ok(None) };
    let valued = |f: &&Fee| f.row.value.work_rvu.is_some() && matches!(f.row.value.status, 'A' | 'R' | 'T');
    let rows: Vec<&Fee> = sheet.fees.iter().filter(valued).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let mut section = Section::new("fees", "Fees").of(first.row.coverage.as_ref());
    section.form = "fees";
    let place = locality
        .map_or("national amounts".to_owned(), |l| format!("{} {} ({})", l.state, l.name, l.number()));
    section.lead = format!(
        "What Medicare's schedule allows, {place}. \"Allowed\" is not \"paid\": deductible and coinsurance come off."
    );
    let rvu = |v: Option<f64>| v.map_or("NA".to_owned(), |v| format!("{v:.2}"));
    let mut values = Table {
        caption: "Relative value units".to_owned(),
        head: vec!["Component", "Work", "PE non-facility", "PE facility", "Malpractice"],
        rows: Vec::new(),
    };
    let mut amounts = Table {
        caption: "Allowed, in US dollars".to_owned(),
        head: vec!["Component", "Non-facility", "Facility"],
        rows: Vec::new(),
    };
    for fee in rows {
        let row = &fee.row.value;
        let name = if row.modifier.is_empty() { "whole service".to_owned() } else { row.modifier.clone() };
        values.rows.push(vec![
            Cell::text(name.clone()),
            Cell::number(rvu(row.work_rvu)),
            Cell::number(rvu(row.pe_nonfacility)),
            Cell::number(rvu(row.pe_facility)),
            Cell::number(rvu(row.mp_rvu)),
        ]);
        section.cite(fee.row.evidence.as_ref());
        let mut cells = vec![Cell::text(name.clone())];
        for setting in PaymentSetting::ALL {
            let modifiers: Vec<&str> =
                Some(row.modifier.as_str()).filter(|m| !m.is_empty()).into_iter().collect();
            let query =
                PaymentQuery { code: &row.code, modifiers: &modifiers, locality, setting, minutes: None, on };
            let paid = book.payment(&query)?;
            cells.push(Cell::number(paid.amount.map_or("none".to_owned(), |a| a.to_string())));
            let words = setting.words();
            section.workings.extend(paid.steps.iter().map(|s| format!("{name}, {words}: {s}")));
            for note in paid.notes {
                if !section.remarks.contains(&note) {
                    section.remarks.push(note);
                }
            }
            paid.evidence.iter().for_each(|e| section.cite(Some(e)));
        }
        amounts.rows.push(cells);
    }
    section.tables.push(amounts);
    section.tables.push(values);
    Ok(Some(section))
}

pub(crate) fn units(sheet: &CodeSheet) -> Option<Section> {
    if sheet.units.is_empty() {
        return None;
    }
    let mut section = Section::new("mue", "Medically unlikely edits (MUE)");
    section.lead =
        "The most units of one patient and day. A setting without a value is not \"unlimited\".".to_owned();
    for unit in &sheet.units {
        let limit = &unit.limit.value;
        let units = if limit.units == 1 { "1 unit".to_owned() } else { format!("{} units", limit.units) };
        let meaning = match limit.units {
            0 => "not payable under this code in this setting".to_owned(),
            _ => format!("MAI {}, {}", limit.mai, unit.meaning),
        };
        let reason = match limit.rationale.as_str() {
            "" => String::new(),
            words => format!(". CMS's reason: {words}"),
        };
        let mut fact = Fact::new(setting_name(unit.setting), units, format!("{meaning}{reason}"));
        if let Some(c) = &unit.limit.coverage {
            let beyond = if c.covers { "" } else { ", which does not cover this date" };
            fact.from = format!("{}{beyond}", c.release);
        }
        section.facts.push(fact);
        section.cite(unit.limit.evidence.as_ref());
    }
    Some(section)
}

/// How many NCCI edits it stands in, and a form for a pair.
pub(crate) fn edits(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    let ncci = matches!(sheet.entry.system, CodeSystem::Cpt | CodeSystem::Hcpcs) && sheet.entry.is_known();
    if !ncci || (sheet.edits.is_empty() && sheet.units.is_empty() && sheet.fees.is_empty()) {
        return None;
    }
    let mut section = Section::new("edits", "NCCI edits with other codes (PTP)");
    section.form = "edits";
    for count in &sheet.edits {
        let least = if count.complete { "" } else { "at least " };
        let beyond = if count.coverage.covers { "" } else { ", which does not cover this date" };
        let words = format!(
            "{least}{} as column 1 (this code is paid), {} as column 2 (this code is denied beside it), in {}{beyond}",
            count.as_column1, count.as_column2, count.coverage.release
        );
        let mut fact = Fact::new(setting_name(count.setting), "", words);
        let base = format!("/codes/{}/edits?on={on}&setting={}", sheet.entry.code, count.setting);
        fact.links.push(Link { text: "List them".to_owned(), href: base });
        section.facts.push(fact);
    }
    Some(section)
}

fn codes(list: &[String], on: CivilDate) -> Vec<CodeLink> {
    let link = |code: &String| CodeLink {
        code: code.clone(),
        href: code_address(code, None, on),
        text: String::new(),
        mark: String::new(),
    };
    list.iter().map(link).collect()
}

pub(crate) fn add_on(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    let found = sheet.add_on.as_ref()?;
    let mut section = Section::new("add-on", "Add-on code: reported only with").of(found.coverage.as_ref());
    section.lead = match found.value.kind {
        1 => "Type 1: one of these primary codes of the same day and practitioner is needed.".to_owned(),
        2 => "Type 2: there is no list of primary codes; the Medicare contractor decides.".to_owned(),
        3 => "Type 3: these primary codes, and others that the Medicare contractor accepts.".to_owned(),
        n => format!("Type {n}."),
    };
    section.codes = codes(&found.value.primaries, on);
    section.cite(found.evidence.as_ref());
    Some(section)
}

pub(crate) fn add_ons(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    let found = sheet.add_ons.as_ref().filter(|a| !a.value.is_empty())?;
    let mut section = Section::new("add-ons", "Add-on codes that go with it").of(found.coverage.as_ref());
    section.codes = codes(&found.value, on);
    section.cite(found.evidence.as_ref());
    Some(section)
}
