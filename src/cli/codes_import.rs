//! `codes import`: official files into the codebook, with a progress bar on a terminal and a report by file.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use crate::cli::context::SiteBook;
use crate::cli::progress::Bar;
use crate::codebook::import::{ImportOptions, ImportReport, Progress, import_watched};
use crate::domain::{CivilDate, Setting};

/// `codes import`.
///
/// It reads ICD-10-CM and ICD-10-PCS order files, codes files and addenda; the tabular list, the alphabetic and the
/// external cause index, the tables of drugs and of neoplasms (XML), the lists of chapters, sections and categories (csv);
/// the POA-exempt list, the general equivalence mappings, the ICD-10-PCS conversion table; HCPCS level II (text, csv or
/// xlsx); NCCI PTP edits, MUE values and add-on codes; of the physician fee schedule PPRRVU, GPCI, localities, anesthesia
/// factors and OPPS caps; places of service and modifiers; CPT's own files, where the configuration says that the site holds
/// a licence (`[codebook] cpt_licence`); plain-language texts of your own.
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
    /// The files correct releases of the same name that the codebook has: put them in their place.
    #[arg(long)]
    pub replace: bool,
}

/// Runs `codes import`. `site`: the configured codebook.
///
/// # Errors
/// If no codebook is configured, or the import fails: the book is then as it was.
pub fn run(args: ImportArgs, site: &SiteBook, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(book) = site.path.as_deref() else {
        bail!("no codebook is configured to import into: add `--codebook FILE`, or set [codebook] path");
    };
    let options = ImportOptions {
        release: args.release,
        from: args.from,
        to: args.to,
        setting: args.setting,
        excerpt: args.excerpt,
        replace: args.replace,
        cpt_licence: site.cpt_licence,
        cpt_notice: site.cpt_notice.clone(),
    };
    let bar = Bar::new();
    let outcome = import_watched(book, &args.paths, &options, &mut |progress| match progress {
        Progress::Reading { file, done, total } => {
            bar.at(file.rsplit(['/', '\\']).next().unwrap_or(file), done, Some(total));
        }
        Progress::Arranging => bar.last("putting the new codebook in order"),
    });
    bar.clear();
    report(&outcome?, book, out)
}

/// Says what an import did.
pub(super) fn report(report: &ImportReport, book: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    for file in &report.files {
        let outcome = match (file.new, file.replaced, file.changes) {
            (true, false, _) if file.superfluous => {
                ", adds nothing: the full edition of the same days is loaded".to_owned()
            }
            (false, ..) => " (loaded before: nothing changed)".to_owned(),
            (true, replaced, changes) => {
                let replaced = if replaced { ", in place of the release that the book had" } else { "" };
                let changed = changes.map_or(String::new(), |c| {
                    format!(", {} codes added and {} ended against the edition before it", c.added, c.ended)
                });
                format!("{changed}{replaced}")
            }
        };
        let skipped = match file.skipped.len() {
            0 => String::new(),
            1 => ", 1 bad row skipped".to_owned(),
            n => format!(", {n} bad rows skipped"),
        };
        let implied = match file.implied {
            0 => String::new(),
            n => format!(" ({n} headings follow from them)"),
        };
        writeln!(
            out,
            "{}: {} rows{implied}, {}{outcome}{skipped} — {}",
            file.release, file.rows, file.kind, file.file
        )?;
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
