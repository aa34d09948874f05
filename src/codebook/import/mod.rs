//! From official files to a codebook: recognise, read, build beside, swap in.

mod add_on;
mod addenda;
mod anesthesia;
#[cfg(any(test, fuzzing))]
mod attempt;
mod beside;
mod build;
mod canonical;
mod code_list;
mod cpt;
mod csv_rows;
mod encoding;
mod fee;
mod fee_fixed;
mod format;
mod gem;
mod gpci;
mod hcpcs;
mod hcpcs_note;
mod hcpcs_rows;
mod hcpcs_sheet;
mod heading;
mod icd_index;
mod icd_order;
mod icd_outline;
mod icd_release;
mod icd_table;
mod lines;
mod locality;
mod manifest;
mod manual;
pub(crate) mod mcd;
mod modifier_list;
mod mue;
mod opps_cap;
mod own;
mod pcs_conversion;
mod pdf;
mod place;
mod poa;
mod ptp;
mod rows;
mod source;
mod stage;
mod starter;
mod swap;
mod tabular;
mod term_tree;
mod workbook;
mod xml;

#[cfg(fuzzing)]
pub use attempt::read_and_store;
pub use swap::{ImportReport, Imported, Progress, import, import_watched};

pub(crate) use build::SCHEMA_VERSION;
pub(crate) use lines::{is_cpt, is_service_code};
pub(crate) use manual::{named_codes, of_roman};
pub(crate) use starter::build_starter;

use crate::codebook::CodebookError;
use crate::codebook::import::format::{FileRows, Input};
use crate::codebook::import::heading::{Heading, heading};
use crate::codebook::import::lines::{Faults, check_last_line};
use crate::codebook::import::rows::{Extent, Parsed};
use crate::codebook::import::source::SourceFile;
use crate::domain::{CivilDate, Setting};

/// What a person says about files that do not say it themselves.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The release's name.
    pub release: Option<String>,
    /// First day of its coverage.
    pub from: Option<CivilDate>,
    /// Last day of its coverage.
    pub to: Option<CivilDate>,
    /// The NCCI setting.
    pub setting: Option<Setting>,
    /// The files are excerpts: what is absent from them is not known to be absent.
    pub excerpt: bool,
    /// The files correct releases of the same name that the book has.
    pub replace: bool,
    /// The site holds a licence of the American Medical Association to use CPT (`[codebook] cpt_licence`): without it, its
    /// files are refused.
    pub cpt_licence: bool,
    /// What is said of the copyright of CPT files that carry no notice themselves.
    pub cpt_notice: String,
}

/// The formats that are read, for messages.
fn formats_in_words() -> String {
    let names = format::FORMATS.iter().map(|f| f.name).filter(|n| *n != manifest::FORMAT.name);
    names.collect::<Vec<_>>().join(", ")
}

/// Reads one file. `given`: the heading from a manifest, which then need not be told from names.
fn read(file: &SourceFile, given: Option<Heading>, options: &ImportOptions) -> Result<Parsed, CodebookError> {
    let shown = file.shown.as_str();
    let licensed = *file.format == cpt::FORMAT;
    if licensed {
        cpt::check_licence(shown, options)?;
    }
    if file.format.whole_lines {
        check_last_line(shown, &file.bytes)?;
    }
    let mut faults = Faults::new(shown);
    let input = Input { name: &file.name, shown, bytes: &file.bytes };
    let mut found = (file.format.read)(&input, &mut faults)?;
    if licensed && found.notices.is_empty() {
        found.notices.extend(Some(options.cpt_notice.clone()).filter(|n| !n.is_empty()));
    }
    faults.finish()?;
    let given_by_manifest = given.is_some();
    let mut heading = match given {
        Some(heading) => heading,
        None => heading(shown, &found, options)?,
    };
    if found.undated.is_some() {
        found.dataset.clone_into(&mut heading.dataset);
    }
    if heading.source.is_empty() {
        heading.source = format!("{}, {}", file.format.name, file.name);
    }
    heading.part = found.part;
    if !given_by_manifest && heading.kind == "full" && found.part == 0 {
        check_whole(&mut heading, shown, faults.rows, &found)?;
    }
    Ok(Parsed {
        heading,
        table: found.table,
        extent: Extent::default(),
        notices: found.notices,
        faults,
        mark: build::mark(&file.bytes),
    })
}

/// A full edition has all its rows. A file with less than a tenth of them is taken as an excerpt (which ends
/// nothing by absence); one between was cut.
fn check_whole(
    heading: &mut Heading,
    shown: &str,
    rows: usize,
    found: &FileRows,
) -> Result<(), CodebookError> {
    let fewest = found.fewest;
    if rows < fewest / 10 {
        "excerpt".clone_into(&mut heading.kind);
        return Ok(());
    }
    if rows < fewest {
        let why = format!(
            "it ends after {rows} rows, and no full edition has fewer than {fewest}: it was cut; download it again (if it is meant to be an excerpt, add `--excerpt`)"
        );
        return Err(CodebookError::bad_file(shown, why));
    }
    if let Some(line) = found.gap {
        let why = format!(
            "line {line}: the sequence numbers jump, so rows are missing above: download it again (if it is meant to be an excerpt, add `--excerpt`)"
        );
        return Err(CodebookError::bad_file(shown, why));
    }
    Ok(())
}

#[cfg(test)]
mod cpt_tests;
#[cfg(test)]
pub(crate) mod fee_tests;
#[cfg(test)]
mod hcpcs_tests;
#[cfg(test)]
mod icd_tests;
#[cfg(test)]
mod list_tests;
#[cfg(test)]
mod names_tests;
#[cfg(test)]
pub(crate) mod tests;
