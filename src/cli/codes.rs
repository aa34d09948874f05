//! `codes import | list | show | search | passage`: the codebook from the command line.

use std::io::Write;
use std::path::Path;

use crate::cli::codes_show::{self, ShowArgs};
use crate::cli::{codes_import, codes_list, codes_passage};
use crate::codebook::Codebook;
use crate::desk::lookup;
use crate::domain::{CivilDate, CodeSystem};
use clap::{Args, Subcommand};

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
    /// A section of a manual, or the sections that say something: `codes passage guidelines I.C.4.a.3`.
    Passage(codes_passage::PassageArgs),
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
        CodesAct::List { json } => codes_list::run(&Codebook::configured(book)?, today, json, out),
        CodesAct::Show(args) => codes_show::run(&args, &Codebook::configured(book)?, today, out),
        CodesAct::Passage(args) => codes_passage::run(&args, &Codebook::configured(book)?, today, out),
        CodesAct::Search(args) => search(&Codebook::configured(book)?, &args, today, out),
    }
}

fn search(book: &Codebook, args: &SearchArgs, today: CivilDate, out: &mut dyn Write) -> anyhow::Result<()> {
    let query = args.query.join(" ");
    let found = lookup::search(book, &query, args.system, args.on.unwrap_or(today), args.limit, false)?;
    if args.json {
        return print(out, &found);
    }
    for lookup::Hit { hit, .. } in &found.hits {
        let heading = if hit.billable { "" } else { " (heading)" };
        writeln!(out, "{} {}{heading}: {}", hit.system.name(), hit.code, hit.description)?;
    }
    if found.hits.is_empty() {
        writeln!(out, "nothing found for `{query}`")?;
    }
    Ok(())
}

pub(super) fn print(out: &mut dyn Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}
