//! `codes show`: all that the book says of a code on a date, as text or as JSON.

use std::io::Write;

use clap::Args;

use crate::codebook::sheet::CodeSheet;
use crate::codebook::{CodeEntry, Codebook, Coverage};
use crate::domain::{CivilDate, CodeStatus, CodeSystem};

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
    /// One JSON value: the code, with the same characters in other systems under `also`.
    #[arg(long)]
    pub json: bool,
}

/// Shows a code. One that is not known is an answer, no error.
///
/// # Errors
/// The codebook cannot be read, or `out` cannot be written to.
pub fn run(args: &ShowArgs, book: &Codebook, today: CivilDate, out: &mut dyn Write) -> anyhow::Result<()> {
    let sheets = book.sheets(args.system, &args.code, args.on.unwrap_or(today))?;
    if args.json {
        // The first is what a coder would take; the others stand under its `also`.
        if let Some(first) = sheets.first() {
            serde_json::to_writer(&mut *out, first)?;
            writeln!(out)?;
        }
        return Ok(());
    }
    for (i, sheet) in sheets.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        Text { out, release: String::new() }.sheet(sheet)?;
    }
    Ok(())
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
    /// The release that was named last.
    release: String,
}

impl Text<'_> {
    fn sheet(&mut self, sheet: &CodeSheet) -> std::io::Result<()> {
        self.entry(&sheet.entry, sheet.on)?;
        if !sheet.children.is_empty() {
            self.heading("below it", None)?;
            for child in &sheet.children {
                let heading = if child.status == CodeStatus::Header { " (heading)" } else { "" };
                self.line(&format!("{}{heading}  {}", child.code, child.description))?;
            }
        }
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
            self.release.clone_from(&c.release);
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
fn told(c: &Coverage) -> String {
    let held = if c.covers { "" } else { ": does not cover this date, not verified for it" };
    format!("{} ({} to {}){held}", c.release, c.from, c.to)
}
