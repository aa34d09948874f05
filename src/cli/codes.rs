//! `codes import | list | search`: the codebook from the command line.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::codebook::import::{ImportOptions, ImportReport, import};
use crate::cli::codes_show::{self, ShowArgs};
use crate::codebook::Codebook;
use crate::domain::{CivilDate, CodeSystem, Setting};

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
    Import(ImportArgs),
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

/// `codes import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files, archives or folders; each is recognised by its content.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// The release's name, where the file does not tell it.
    #[arg(long)]
    pub release: Option<String>,
    /// First day of the release.
    #[arg(long, value_name = "DATE")]
    pub from: Option<CivilDate>,
    /// Last day of the release.
    #[arg(long, value_name = "DATE")]
    pub to: Option<CivilDate>,
    /// The NCCI setting, where the file does not tell it.
    #[arg(long)]
    pub setting: Option<Setting>,
    /// The files are excerpts: what they lack is not known to be absent.
    #[arg(long)]
    pub excerpt: bool,
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
        CodesAct::Import(args) => {
            let Some(book) = book else {
                bail!(
                    "no codebook is configured to import into: add `--codebook FILE`, or set [codebook] path"
                );
            };
            let options = ImportOptions {
                release: args.release,
                from: args.from,
                to: args.to,
                setting: args.setting,
                excerpt: args.excerpt,
            };
            report(&import(book, &args.paths, &options)?, book, out)
        }
        CodesAct::List { json } => list(&open(book)?, json, out),
        CodesAct::Show(args) => codes_show::run(&args, &open(book)?, today, out),
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

/// Says what an import did.
pub(super) fn report(report: &ImportReport, book: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    for file in &report.files {
        let known = if file.new { "" } else { " (loaded before: nothing changed)" };
        writeln!(out, "{}: {} rows, {}{known} — {}", file.release, file.rows, file.kind, file.file)?;
        for (line, why) in &file.skipped {
            writeln!(out, "  line {line} skipped: {why}")?;
        }
    }
    for name in &report.ignored {
        writeln!(out, "passed over (no format that is read): {name}")?;
    }
    let what = if report.changed { "is now" } else { "stays" };
    writeln!(out, "{} {what} {}", book.display(), report.id.get(..12).unwrap_or(&report.id))?;
    Ok(())
}

fn list(book: &Codebook, as_json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let coverage = book.coverage()?;
    if as_json {
        return print(out, &json!({ "id": book.id(), "datasets": coverage }));
    }
    for dataset in coverage {
        let setting = dataset.setting.map_or(String::new(), |s| format!(" {s}"));
        writeln!(out, "{}{setting}", dataset.dataset)?;
        for r in dataset.releases {
            let days = match (r.from, r.to) {
                (Some(from), Some(to)) => format!("{from} to {to}"),
                _ => "not dated".to_owned(),
            };
            writeln!(out, "  {} · {days} · {} rows · {}", r.name, r.rows, r.kind)?;
        }
    }
    Ok(())
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

fn print(out: &mut dyn Write, value: &Value) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}
