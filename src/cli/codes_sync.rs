//! `codes sync`: fetches the official files of a list and imports what is new.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::json;

use super::codes_import;
use super::progress::Bar;
use crate::clock::Clock;
use crate::codebook::import::{ImportOptions, ImportReport, Imported, import};
use crate::codebook::sync::{Outcome, SourceList, Sync, Synced};

/// Options of `codes sync`.
#[derive(Debug, clap::Args)]
pub struct CodesSync {
    /// The sources to fetch; without any, all of the list that are not optional.
    pub names: Vec<String>,
    /// A list of sources of your own, instead of the program's.
    #[arg(long, value_name = "FILE")]
    pub sources: Option<PathBuf>,
    /// Where fetched files are kept; without it `sources` beside the codebook.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Accept a licence that a publisher asks for (having read it); remembered in the folder.
    #[arg(long = "accept-licence", value_name = "LICENCE")]
    pub accept: Vec<String>,
    /// Only show the list: what is fetched, from where, under which licence.
    #[arg(long)]
    pub list: bool,
    /// Only fetch; import later with `codes import`.
    #[arg(long)]
    pub no_import: bool,
    /// One JSON value.
    #[arg(long)]
    pub json: bool,
}

/// Fetches, then imports into `book`. The sources that failed are named in the error.
///
/// # Errors
/// In one line that says what to do. What was fetched is kept, whatever fails.
pub fn run(
    options: &CodesSync,
    book: Option<&Path>,
    clock: Clock,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let list = match &options.sources {
        Some(path) => SourceList::load(path)?,
        None => SourceList::embedded()?,
    };
    if options.list {
        return show(&list, options.json, out);
    }
    let folder = match (&options.folder, book) {
        (Some(folder), _) => folder.clone(),
        (None, Some(book)) => book.parent().unwrap_or(Path::new("")).join("sources"),
        (None, None) => bail!(
            "no codebook is configured to fetch for: add `--codebook FILE`, or set [codebook] path (or give `--folder DIR --no-import`)"
        ),
    };
    let mut sync = Sync::begin(&list, &folder, clock)?;
    for licence in &options.accept {
        sync.accept(licence)?;
    }
    let bar = Bar::new();
    let synced = sync.fetch(&options.names, &bar);
    bar.clear();
    let synced = synced?;
    if !options.json {
        for one in &synced {
            writeln!(out, "{}: {}", one.source, words(&one.outcome))?;
        }
    }
    let fresh: Vec<Synced> = synced
        .iter()
        .filter(|s| !s.imported && s.file.is_some())
        .filter(|s| !matches!(s.outcome, Outcome::Failed { .. } | Outcome::NeedsLicence { .. }))
        .cloned()
        .collect();
    let mut imported: Vec<ImportReport> = Vec::new();
    if !options.no_import && !fresh.is_empty() {
        let Some(book) = book else {
            bail!("no codebook is configured to import into: add `--codebook FILE`, or set [codebook] path");
        };
        // What the publisher replaced at its address corrects what the book has of it; what is new never does.
        let (corrected, added): (Vec<Synced>, Vec<Synced>) = fresh.into_iter().partition(|s| s.replaces);
        for (some, replace) in [(added, false), (corrected, true)] {
            let paths: Vec<PathBuf> = some.iter().filter_map(|s| s.file.clone()).collect();
            if paths.is_empty() {
                continue;
            }
            let report = import(book, &paths, &ImportOptions { replace, ..ImportOptions::default() })?;
            sync.imported(&some)?;
            if !options.json {
                codes_import::report(&report, book, out)?;
            }
            imported.push(report);
        }
    }
    if options.json {
        let file =
            |f: &Imported| json!({ "file": f.file, "release": f.release, "rows": f.rows, "new": f.new });
        let files: Option<Vec<_>> =
            (!imported.is_empty()).then(|| imported.iter().flat_map(|r| &r.files).map(file).collect());
        let id = imported.last().map(|r| &r.id);
        writeln!(
            out,
            "{}",
            json!({ "folder": folder, "sources": synced, "codebook": id, "imported": files })
        )?;
    }
    failures(options, &synced)
}

/// Exit code 1 if a source failed, or one that was named waits for its licence.
fn failures(options: &CodesSync, synced: &[Synced]) -> anyhow::Result<()> {
    let failed: Vec<&str> = synced
        .iter()
        .filter(|s| match s.outcome {
            Outcome::Failed { .. } => true,
            Outcome::NeedsLicence { .. } => !options.names.is_empty(),
            _ => false,
        })
        .map(|s| s.source.as_str())
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    bail!(
        "{} of {} sources could not be fetched: {} (see above)",
        failed.len(),
        synced.len(),
        failed.join(", ")
    )
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Fetched => "fetched".to_owned(),
        Outcome::Changed { before } => format!(
            "fetched; the publisher has replaced the file at this address (before: SHA-256 {})",
            before.get(..12).unwrap_or(before)
        ),
        Outcome::Unchanged => "not changed".to_owned(),
        Outcome::NeedsLicence { licence, page } => {
            format!("not fetched: read the licence at {page}, then add `--accept-licence {licence}`")
        }
        Outcome::Failed { why } => format!("FAILED: {why}"),
    }
}

fn show(list: &SourceList, as_json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    for s in &list.sources {
        if as_json {
            let value = json!({ "source": s.name, "what": s.what, "url": s.url, "page": s.page, "licence": s.licence, "optional": s.optional });
            writeln!(out, "{value}")?;
            continue;
        }
        let optional = if s.optional { " (only if named)" } else { "" };
        writeln!(out, "{}: {}{optional}\n  {}", s.name, s.what, s.url)?;
        if let Some(licence) = &s.licence {
            writeln!(out, "  licence: {licence} ({})", list.licence(licence)?.page)?;
        }
    }
    Ok(())
}
