//! `codes import | list | show | search`: the codebook from the command line.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::{codes_import, codes_list};
use crate::codebook::{CodeEntry, Codebook};
use crate::domain::{CivilDate, CodeStatus, CodeSystem};

/// Official code tables: import them, see what is loaded, look codes up.
#[derive(Debug, Args)]
pub struct CodesArgs {
    /// What to do.
    #[command(subcommand)]
    pub act: CodesAct,
}

/// What to do with the codebook.
#[derive(Debug, Subcommand)]
pub enum CodesAct {
    /// Add official files, or archives as CMS ships them, to the codebook.
    Import(codes_import::ImportArgs),
    /// List the loaded releases and the days that they cover.
    List {
        /// One JSON value.
        #[arg(long)]
        json: bool,
    },
    /// What a code is on a date.
    Show(ShowArgs),
    /// Find codes by words, or by the beginning of a code.
    Search(SearchArgs),
}

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

/// `codes search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words, abbreviations, or the beginning of a code.
    #[arg(required = true)]
    pub query: Vec<String>,
    /// The date of service; today if absent.
    #[arg(long, value_name = "DATE")]
    pub on: Option<CivilDate>,
    /// Only this system: cpt, hcpcs, icd10cm, icd10pcs.
    #[arg(long)]
    pub system: Option<CodeSystem>,
    /// The most hits.
    #[arg(long, default_value_t = 10)]
    pub limit: usize,
    /// One JSON value.
    #[arg(long)]
    pub json: bool,
}

/// Runs a `codes` command. `book`: the configured codebook; `None`: the starter. `today`: the date at the desk.
///
/// # Errors
/// In one line that says what to do.
pub fn run(
    args: CodesArgs,
    book: Option<&Path>,
    today: CivilDate,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match args.act {
        CodesAct::Import(args) => codes_import::run(args, book, out),
        CodesAct::List { json } => codes_list::run(&open(book)?, today, json, out),
        CodesAct::Show(args) => show(&open(book)?, &args, today, out),
        CodesAct::Search(args) => search(&open(book)?, &args, today, out),
    }
}

/// The configured codebook, or the starter if none is configured.
///
/// # Errors
/// If a configured one is missing or cannot be read.
pub fn open(book: Option<&Path>) -> anyhow::Result<Codebook> {
    Ok(match book {
        Some(path) => Codebook::open(path)?,
        None => Codebook::starter()?,
    })
}

fn show(book: &Codebook, args: &ShowArgs, today: CivilDate, out: &mut dyn Write) -> anyhow::Result<()> {
    let on = args.on.unwrap_or(today);
    let entries = book.show(args.system, &args.code, on)?;
    if args.json {
        let first = entries.first().context("no system was asked")?;
        return print(out, &entry_json(first, on));
    }
    for e in &entries {
        let days = match (e.valid_from, e.valid_to) {
            (None, None) => String::new(),
            (from, to) => {
                let text = |d: Option<CivilDate>| d.map_or("open".to_owned(), |d| d.to_string());
                format!(" ({} to {})", from.map_or("…".to_owned(), |d| d.to_string()), text(to))
            }
        };
        writeln!(out, "{} {} · {}{days} on {on}", e.system.name(), e.code, word(e))?;
        if !e.description.is_empty() {
            let whose = if e.plain_language { " [our own words]" } else { "" };
            writeln!(out, "  {}{whose}", e.description)?;
        }
        if let Some(c) = &e.coverage {
            let held = if c.covers { "" } else { ": does not cover this date, not verified for it" };
            writeln!(out, "  {} ({} to {}){held}", c.release, c.from, c.to)?;
        }
        if !e.successors.is_empty() {
            writeln!(out, "  below it: {}", e.successors.join(", "))?;
        }
    }
    Ok(())
}

fn word(entry: &CodeEntry) -> &'static str {
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

/// The JSON of `codes show`: a contract.
fn entry_json(entry: &CodeEntry, on: CivilDate) -> Value {
    let also: Vec<Value> = entry.also.iter().map(|(s, c)| json!({ "system": s, "code": c })).collect();
    json!({
        "code": entry.code,
        "system": entry.system,
        "on": on,
        "status": entry.status,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "description": entry.description,
        "plain_language": entry.plain_language,
        "billable": entry.billable,
        "coverage": entry.coverage,
        "complete": entry.complete,
        "also": also,
        "evidence": entry.evidence,
        "successors": entry.successors,
    })
}

fn search(book: &Codebook, args: &SearchArgs, today: CivilDate, out: &mut dyn Write) -> anyhow::Result<()> {
    let query = args.query.join(" ");
    let hits = book.search(&query, args.system, args.on.unwrap_or(today), args.limit)?;
    if args.json {
        return print(out, &json!({ "query": query, "hits": hits }));
    }
    for hit in &hits {
        let heading = if hit.billable { "" } else { " (heading)" };
        writeln!(out, "{} {}{heading}: {}", hit.system.name(), hit.code, hit.description)?;
    }
    if hits.is_empty() {
        writeln!(out, "nothing found for `{query}`")?;
    }
    Ok(())
}

pub(super) fn print(out: &mut dyn Write, value: &Value) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}
