//! `codes show`: all that the book says of a code on a date, as text or as JSON.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use crate::cli::codes_icd9;
use crate::codebook::sheet::{CodeSheet, Related};
use crate::codebook::{
    CodeEntry, Codebook, CodebookError, Coverage, Icd9Code, Locality, Payment, PaymentQuery, PaymentSetting,
};
use crate::desk::lookup::locality;
use crate::domain::{CivilDate, CodeStatus, CodeSystem};

/// The most names of one kind that the text shows.
const MOST_NAMES: usize = 12;

/// `codes show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The code, with or without its dot.
    pub code: String,
    /// The date of service; today if absent.
    #[arg(long, value_name = "DATE")]
    pub on: Option<CivilDate>,
    /// Only this system: cpt, hcpcs, icd10cm, icd10pcs.
    #[arg(long)]
    pub system: Option<CodeSystem>,
    /// Add what Medicare's fee schedule allows, here: `10112/00`, a state, a part of the name, or `national`.
    #[arg(long, value_name = "LOCALITY")]
    pub locality: Option<String>,
    /// One JSON value: the code, with the same characters in other systems under `also`.
    #[arg(long)]
    pub json: bool,
}

/// Shows a code. One that is not known is an answer, no error.
///
/// # Errors
/// The codebook cannot be read, or `out` cannot be written to.
pub fn run(args: &ShowArgs, book: &Codebook, today: CivilDate, out: &mut dyn Write) -> anyhow::Result<()> {
    let on = args.on.unwrap_or(today);
    let sheets = book.sheets(args.system, &args.code, on)?;
    // Codes of ICD-9-CM are known by the mappings alone. One that is no code of today is shown instead.
    let icd9 = if args.system.is_none() { book.icd9(&args.code, on)? } else { Vec::new() };
    let known = sheets.iter().any(|sheet| sheet.entry.is_known());
    if !known && !icd9.is_empty() {
        return codes_icd9::show(&icd9, args.json, out);
    }
    let place = args.locality.as_ref().map(|query| locality(book, query, on)).transpose()?;
    if args.json {
        // The first is what a coder would take; the others stand under its `also`.
        if let Some(entry) = book.show(args.system, &args.code, on)?.into_iter().next() {
            let first = book.sheet_of(entry, on)?;
            let mut value = serde_json::to_value(&first)?;
            if let (Some(place), Some(fields)) = (&place, value.as_object_mut()) {
                let paid = payments(&first, place.as_ref(), book)?;
                fields.insert("payments".to_owned(), serde_json::to_value(paid)?);
            }
            serde_json::to_writer(&mut *out, &value)?;
            writeln!(out)?;
        }
        return Ok(());
    }
    let icd9: Vec<Icd9Code> = icd9.into_iter().filter(|c| !c.targets.is_empty()).collect();
    for (i, sheet) in sheets.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        Text { out }.sheet(sheet)?;
        if let Some(place) = &place {
            let paid = payments(sheet, place.as_ref(), book)?;
            Text { out }.payments(&paid, place.as_ref())?;
        }
    }
    if !icd9.is_empty() {
        writeln!(out)?;
        codes_icd9::show(&icd9, false, out)?;
    }
    Ok(())
}

/// What the fee schedule allows for one unit of a service, with each of its components.
#[derive(Debug, Serialize)]
struct Allowed {
    place: PaymentSetting,
    #[serde(flatten)]
    payment: Payment,
}

fn payments(
    sheet: &CodeSheet,
    locality: Option<&Locality>,
    book: &Codebook,
) -> Result<Vec<Allowed>, CodebookError> {
    let mut all = Vec::new();
    for fee in &sheet.fees {
        for place in PaymentSetting::ALL {
            let modifier = fee.row.value.modifier.as_str();
            let modifiers: &[&str] = if modifier.is_empty() { &[] } else { &[modifier] };
            let query = PaymentQuery {
                code: &sheet.entry.code,
                modifiers,
                locality,
                setting: place,
                minutes: None,
                on: sheet.on,
            };
            all.push(Allowed { place, payment: book.payment(&query)? });
        }
    }
    Ok(all)
}

/// What an entry's status is called.
#[must_use]
pub fn word(entry: &CodeEntry) -> &'static str {
    match entry.status {
        CodeStatus::Valid => "valid",
        CodeStatus::Header => "heading, needs more characters",
        CodeStatus::NotYetValid => "not yet valid",
        CodeStatus::Ended => "ended",
        CodeStatus::Unknown if entry.complete => "not found",
        CodeStatus::Unknown => "not in the loaded excerpt",
        CodeStatus::NoData => "no data for this date",
    }
}

/// A sheet as text.
struct Text<'a> {
    out: &'a mut dyn Write,
}

impl Text<'_> {
    fn sheet(&mut self, sheet: &CodeSheet) -> std::io::Result<()> {
        self.entry(&sheet.entry, sheet.on)?;
        self.descriptors(sheet)?;
        self.related("use instead", &sheet.replaced_by)?;
        self.above(sheet)?;
        self.related("below it", &sheet.children)?;
        self.seventh(sheet)?;
        self.notes(sheet)?;
        for group in &sheet.names {
            self.heading(&group.title.to_lowercase(), Some(&group.coverage))?;
            for name in group.names.iter().take(MOST_NAMES) {
                self.line(name)?;
            }
            if let Some(more) = group.names.len().checked_sub(MOST_NAMES).filter(|n| *n > 0) {
                self.line(&format!("and {more} more (--json has them)"))?;
            }
        }
        if let Some(exempt) = &sheet.poa_exempt {
            self.heading("present on admission", exempt.coverage.as_ref())?;
            self.line(if exempt.value {
                "exempt from reporting"
            } else {
                "not exempt: an inpatient claim needs Y, N, U or W"
            })?;
        }
        if !sheet.details.is_empty() {
            self.heading("details", None)?;
            for d in &sheet.details {
                let words = if d.words.is_empty() { String::new() } else { format!(": {}", d.words) };
                self.line(&format!("{} {}{words}", d.title, d.value))?;
            }
        }
        self.service(sheet)?;
        self.coverage(sheet)?;
        for map in &sheet.maps {
            self.heading(map.title, Some(&map.coverage))?;
            for target in &map.targets {
                let code = target.code.as_deref().unwrap_or("none");
                self.line(format!("{code} ({}) {}", target.meaning, target.description).trim_end())?;
            }
        }
        if let Some(first) = sheet.passages.first() {
            self.heading("manuals that name it", first.coverage.as_ref())?;
        }
        for passage in &sheet.passages {
            let at = &passage.value;
            self.line(
                format!("{} {}: {}", at.cited, at.heading(), at.sentence).trim_end_matches([':', ' ']),
            )?;
        }
        self.related("replaces", &sheet.replaces)?;
        if !sheet.history.is_empty() {
            self.heading("history", None)?;
            for change in &sheet.history {
                self.line(&format!("{} {} ({})", change.on, change.what, change.release))?;
            }
        }
        Ok(())
    }

    fn related(&mut self, title: &str, all: &[Related]) -> std::io::Result<()> {
        if !all.is_empty() {
            self.heading(title, None)?;
        }
        for one in all {
            let heading = if one.status == CodeStatus::Header { " (heading)" } else { "" };
            let how = if one.how.is_empty() { String::new() } else { format!(" ({})", one.how) };
            self.line(format!("{}{heading}{how} {}", one.code, one.description).trim_end())?;
        }
        Ok(())
    }

    fn above(&mut self, sheet: &CodeSheet) -> std::io::Result<()> {
        if !sheet.above.is_empty() {
            self.heading("stands in", None)?;
        }
        for level in &sheet.above {
            self.line(&format!("{} {}", level.place, level.title))?;
        }
        Ok(())
    }

    fn seventh(&mut self, sheet: &CodeSheet) -> std::io::Result<()> {
        let Some(seventh) = &sheet.seventh else { return Ok(()) };
        self.heading(&format!("7th characters of {}", seventh.place), seventh.coverage.as_ref())?;
        if !seventh.note.is_empty() {
            self.line(&seventh.note)?;
        }
        for c in &seventh.characters {
            let mark = if c.own { " (this code)" } else { "" };
            let code = c.code.as_deref().map_or(String::new(), |code| format!(" · {code}"));
            self.line(&format!("{} {}{code}{mark}", c.character, c.meaning))?;
        }
        Ok(())
    }

    fn notes(&mut self, sheet: &CodeSheet) -> std::io::Result<()> {
        let Some(notes) = &sheet.notes else { return Ok(()) };
        self.heading("notes", Some(&notes.coverage))?;
        let mut last = "";
        for note in &notes.notes {
            if note.place != last {
                last = &note.place;
                let whence = if note.inherited { "above it, at" } else { "at" };
                self.line(&format!("{whence} {}:", note.place))?;
            }
            let lead = note.lead.as_ref().map_or(String::new(), |l| format!("{l} "));
            self.line(&format!("  {}: {lead}{}", note.title, note.text))?;
        }
        Ok(())
    }

    /// Fee schedule, unit limits, add-on codes, pair edits.
    fn service(&mut self, sheet: &CodeSheet) -> std::io::Result<()> {
        for fee in &sheet.fees {
            let row = &fee.row.value;
            let which = if row.modifier.is_empty() { String::new() } else { format!(", {}", row.modifier) };
            self.heading(&format!("Medicare fee schedule{which}"), fee.row.coverage.as_ref())?;
            for i in &fee.indicators {
                self.line(&format!("{} {}: {}", i.title, i.value, i.words))?;
            }
            let rvu = |value: Option<f64>| value.map_or("NA".to_owned(), |v| format!("{v:.2}"));
            self.line(&format!(
                "RVUs: work {}, practice expense {} non-facility / {} facility, malpractice {}",
                rvu(row.work_rvu),
                rvu(row.pe_nonfacility),
                rvu(row.pe_facility),
                rvu(row.mp_rvu)
            ))?;
        }
        for unit in &sheet.units {
            self.heading(&format!("unit limit (MUE), {}", unit.setting), unit.limit.coverage.as_ref())?;
            let limit = &unit.limit.value;
            self.line(&format!("{} units, MAI {}: {}", limit.units, limit.mai, unit.meaning))?;
            if !limit.rationale.is_empty() {
                self.line(&format!("CMS's reason: {}", limit.rationale))?;
            }
        }
        if let Some(add_on) = &sheet.add_on {
            self.heading("add-on code", add_on.coverage.as_ref())?;
            let primaries = match add_on.value.kind {
                2 => "no primaries are listed: the contractor decides".to_owned(),
                3 => format!("with (a partial list): {}", add_on.value.primaries.join(", ")),
                _ => format!("only with: {}", add_on.value.primaries.join(", ")),
            };
            self.line(&format!("type {}, {primaries}", add_on.value.kind))?;
        }
        if let Some(add_ons) = &sheet.add_ons {
            self.heading("its add-on codes", add_ons.coverage.as_ref())?;
            self.line(&add_ons.value.join(", "))?;
        }
        for count in &sheet.edits {
            self.heading(&format!("pair edits (PTP), {}", count.setting), Some(&count.coverage))?;
            let more = if count.complete { "" } else { " (there may be more: the release is not whole)" };
            self.line(&format!("column 1 of {}, column 2 of {}{more}", count.as_column1, count.as_column2))?;
        }
        Ok(())
    }

    /// CPT's own texts, where the site holds a licence, with whose they are.
    fn descriptors(&mut self, sheet: &CodeSheet) -> std::io::Result<()> {
        let Some(texts) = &sheet.cpt_texts else { return Ok(()) };
        self.heading("CPT descriptors (American Medical Association)", Some(&texts.coverage))?;
        for (kind, text) in [
            ("long", &texts.long),
            ("medium", &texts.medium),
            ("short", &texts.short),
            ("for patients", &texts.consumer),
        ] {
            if !text.is_empty() {
                self.line(&format!("{kind}: {text}"))?;
            }
        }
        texts.clinician.iter().try_for_each(|text| self.line(&format!("for clinicians: {text}")))
    }

    fn coverage(&mut self, sheet: &CodeSheet) -> std::io::Result<()> {
        let Some(found) = &sheet.coverage_documents else { return Ok(()) };
        self.heading("Medicare coverage documents (one that names a code is no promise of coverage)", None)?;
        for d in &found.documents {
            let where_ =
                if d.states.is_empty() { String::new() } else { format!(" · {}", d.states.join(" ")) };
            let days = match (d.effective, d.ends) {
                (Some(from), Some(to)) => format!("{from} to {to}"),
                (Some(from), None) => format!("since {from}"),
                _ => "no date".to_owned(),
            };
            let through = d.through.as_ref().map_or(String::new(), |t| format!(" (by {t})"));
            self.line(&format!("{} {} · {days}{where_}{through}", d.id, d.title))?;
            if d.covered + d.noncovered > 0 {
                self.line(&format!(
                    "  diagnoses: {} supporting, {} not supporting",
                    d.covered, d.noncovered
                ))?;
            }
            if !d.coverage.covers {
                self.line(&format!("  {}", told(&d.coverage)))?;
            }
        }
        if found.more > 0 {
            self.line(&format!("and up to {} more", found.more))?;
        }
        if found.documents.is_empty() {
            let names: Vec<String> = found.releases.iter().map(told).collect();
            self.line(&format!("none found in {}: that does not say \"covered\"", names.join("; ")))?;
        }
        Ok(())
    }

    fn payments(&mut self, paid: &[Allowed], locality: Option<&Locality>) -> std::io::Result<()> {
        if paid.is_empty() {
            return Ok(());
        }
        let place =
            locality.map_or_else(|| "national".to_owned(), |l| format!("{} ({})", l.name, l.number()));
        self.heading(&format!("Medicare allows, {place}; allowed is not paid"), None)?;
        for one in paid {
            let (p, whither) = (&one.payment, one.place.words());
            let row = if p.row.is_empty() { String::new() } else { format!(" {}", p.row) };
            let amount = p.amount.map_or_else(|| "no amount".to_owned(), |a| format!("{a} USD"));
            self.line(&format!("{whither}{row}: {amount}"))?;
            for step in p.steps.iter().chain(&p.notes) {
                self.line(&format!("  {step}"))?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, e: &CodeEntry, on: CivilDate) -> std::io::Result<()> {
        let days = match (e.valid_from, e.valid_to) {
            (None, None) => String::new(),
            (from, to) => {
                let text = |d: Option<CivilDate>, none: &str| d.map_or(none.to_owned(), |d| d.to_string());
                format!(" ({} to {})", text(from, "…"), text(to, "open"))
            }
        };
        writeln!(self.out, "{} {} · {}{days} on {on}", e.system.name(), e.code, word(e))?;
        if !e.description.is_empty() {
            let whose = if e.plain_language { " [our own words]" } else { "" };
            writeln!(self.out, "  {}{whose}", e.description)?;
        }
        if let Some(c) = &e.coverage {
            writeln!(self.out, "  {}", told(c))?;
        }
        for (system, code) in &e.also {
            writeln!(self.out, "  also a code of {}: {code}", system.name())?;
        }
        Ok(())
    }

    fn heading(&mut self, title: &str, coverage: Option<&Coverage>) -> std::io::Result<()> {
        match coverage {
            Some(c) => writeln!(self.out, "  {title} · {}", told(c)),
            None => writeln!(self.out, "  {title}"),
        }
    }

    fn line(&mut self, text: &str) -> std::io::Result<()> {
        writeln!(self.out, "    {text}")
    }
}

/// A release with its days, and whether it speaks for the date.
pub(super) fn told(c: &Coverage) -> String {
    let held = if c.covers { "" } else { ": does not cover this date, not verified for it" };
    format!("{} ({} to {}){held}", c.release, c.from, c.to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, on: &str, json: bool) -> String {
        let book = Codebook::starter().unwrap();
        let args = ShowArgs { code: code.to_owned(), on: None, system: None, locality: None, json };
        let mut out = Vec::new();
        run(&args, &book, on.parse().unwrap(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_procedure_is_shown_with_what_the_tables_say_of_it() {
        let text = shown("63030", "2024-08-15", false);
        for wanted in
            ["CPT 63030 · valid", "Global period 090", "MAI 2", "63035", "pair edits (PTP), practitioner"]
        {
            assert!(text.contains(wanted), "{wanted} is not in:\n{text}");
        }
        let json: serde_json::Value = serde_json::from_str(&shown("63030", "2024-08-15", true)).unwrap();
        assert_eq!((json["code"].as_str(), json["status"].as_str()), (Some("63030"), Some("valid")));
        assert_eq!(json["fees"][0]["value"]["global_days"], "090");
        assert_eq!(json["units"][0]["value"]["units"], 1);
    }

    #[test]
    fn a_code_of_icd9_is_looked_up_in_the_mappings() {
        let text = shown("401.9", "2026-01-05", false);
        assert!(text.starts_with("ICD-9-CM 401.9 · No data"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&shown("4019", "2026-01-05", true)).unwrap();
        assert_eq!((json["system"].as_str(), json["status"].as_str()), (Some("icd9cm"), Some("no_data")));
        assert_eq!(json["code"], "401.9");
    }

    #[test]
    fn sections_without_data_are_absent() {
        let json: serde_json::Value = serde_json::from_str(&shown("E11.22", "2026-01-05", true)).unwrap();
        assert_eq!(json["system"], "icd10cm");
        assert!(json["also"].as_array().unwrap().is_empty());
        assert!(json.get("fees").is_none() && json.get("units").is_none());
        let unknown = shown("Q99.9", "2026-01-05", false);
        assert_eq!(unknown.lines().count(), 2, "{unknown}");
    }
}
