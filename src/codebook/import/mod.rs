//! From official files to a codebook: recognise, read, build beside, swap in.

mod build;
mod fee;
mod hcpcs;
mod heading;
mod icd_order;
mod lines;
mod manifest;
mod ptp;
mod recognise;
mod rows;
mod source;
mod starter;
mod swap;
mod tables;

pub use swap::{ImportReport, Imported, import};

pub(crate) use build::SCHEMA_VERSION;
pub(crate) use lines::{is_cpt, is_service_code};
pub(crate) use starter::build_starter;

use crate::codebook::CodebookError;
use crate::codebook::import::heading::{Heading, heading};
use crate::codebook::import::lines::{Faults, check_last_line, latin1};
use crate::codebook::import::recognise::Format;
use crate::codebook::import::rows::{Extent, Parsed, Rows};
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
}

/// Fewer rows than this no full edition has: the file was cut, or it is an excerpt.
fn fewest_rows(dataset: &str, setting: Option<Setting>) -> usize {
    match (dataset, setting) {
        ("icd10cm", _) => 90_000,
        ("hcpcs", _) => 6_000,
        ("ptp", Some(Setting::Practitioner)) => 1_500_000,
        ("ptp", _) => 1_000_000,
        ("mue", Some(Setting::Dme)) => 1_500,
        ("mue" | "pprrvu", _) => 10_000,
        ("add_on", _) => 4_000,
        _ => 0,
    }
}

/// Reads one file. `given`: the heading from a manifest, which then need not be told from names.
fn read(file: &SourceFile, given: Option<Heading>, options: &ImportOptions) -> Result<Parsed, CodebookError> {
    let shown = file.shown.as_str();
    if file.format != Format::PlainLanguage {
        check_last_line(shown, &file.bytes)?;
    }
    let text = latin1(&file.bytes);
    let mut faults = Faults::new(shown);
    let (mut notices, mut gap, mut part) = (Vec::new(), None, 0);
    let (rows, dataset, setting, needs_setting, told, source) = match file.format {
        Format::IcdOrder => {
            let (rows, at) = icd_order::parse(&text, &mut faults)?;
            gap = at;
            (rows, "icd10cm", None, false, heading::icd10cm(&file.name), "ICD-10-CM order file")
        }
        Format::Hcpcs => {
            let rows = hcpcs::parse(&text, &mut faults)?;
            (rows, "hcpcs", None, false, heading::hcpcs(&file.name), "HCPCS Level II file")
        }
        Format::Ptp => {
            let rows = ptp::parse(&text, &mut faults)?;
            notices
                .extend(text.lines().next().filter(|l| l.contains("copyright")).map(|l| l.trim().to_owned()));
            let (setting, days, f) = heading::ptp(&file.name);
            part = f;
            let told = days.map(|(a, b)| (a.quarter(), a, b));
            (rows, "ptp", setting, true, told, "NCCI PTP edits")
        }
        Format::Mue => {
            let (rows, setting, lines) = tables::mue(&text, &mut faults)?;
            notices = lines;
            let told = heading::mue(&file.name).map(|(a, b)| (a.quarter(), a, b));
            (rows, "mue", setting, true, told, "NCCI MUE values")
        }
        Format::AddOn => {
            let rows = tables::add_on(&text, &mut faults)?;
            (rows, "add_on", None, false, heading::add_on(&file.name), "NCCI add-on codes")
        }
        Format::Fee => {
            let (rows, above) = fee::parse(&text, &mut faults)?;
            notices = above.notices;
            (rows, "pprrvu", None, false, heading::fee(&above.title), "Medicare fee schedule (PPRRVU)")
        }
        Format::PlainLanguage => {
            let (rows, dataset) = tables::own(&text, &mut faults)?;
            let mut own = given.clone().unwrap_or(Heading {
                dataset: dataset.to_owned(),
                setting: None,
                release: format!("Plain-language texts ({})", file.name),
                from: None,
                to: None,
                kind: "own".to_owned(),
                part: 0,
                source: file.name.clone(),
            });
            faults.finish()?;
            dataset.clone_into(&mut own.dataset);
            return Ok(Parsed { heading: own, rows, extent: Extent::default(), notices, faults });
        }
        Format::Manifest => {
            return Err(CodebookError::bad_file(
                shown,
                "a manifest stands in for files, and is read by itself",
            ));
        }
    };
    faults.finish()?;
    let given_by_manifest = given.is_some();
    let mut heading = match given {
        Some(heading) => heading,
        None => heading(shown, dataset, setting, needs_setting, told, options)?,
    };
    if heading.source.is_empty() {
        heading.source = format!("{source}, {}", file.name);
    }
    heading.part = part;
    if !given_by_manifest && heading.kind == "full" && part == 0 {
        check_whole(&mut heading, shown, faults.rows, gap)?;
    }
    Ok(Parsed { heading, rows, extent: Extent::default(), notices, faults })
}

/// A full edition has all its rows. A file with less than a tenth of them is taken as an excerpt (which ends
/// nothing by absence); one between was cut.
fn check_whole(
    heading: &mut Heading,
    shown: &str,
    rows: usize,
    gap: Option<usize>,
) -> Result<(), CodebookError> {
    let fewest = fewest_rows(&heading.dataset, heading.setting);
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
    if let Some(line) = gap {
        let why = format!(
            "line {line}: the sequence numbers jump, so rows are missing above: download it again (if it is meant to be an excerpt, add `--excerpt`)"
        );
        return Err(CodebookError::bad_file(shown, why));
    }
    Ok(())
}

/// The codes of a manifest's own texts and HCPCS rows: what its other excerpts are complete among.
fn codes_of(rows: &Rows) -> Vec<String> {
    match rows {
        Rows::Hcpcs(codes, _) => codes.iter().map(|r| r.code.clone()).collect(),
        Rows::Own(texts) => texts.iter().filter(|t| t.code.len() == 5).map(|t| t.code.clone()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
