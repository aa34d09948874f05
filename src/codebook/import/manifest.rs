//! A manifest (`starter.toml`): names files beside it, with their releases and what each is complete for.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::codebook::import::format::{FileRows, Format, Input, recognise};
use crate::codebook::import::heading::Heading;
use crate::codebook::import::lines::{Faults, latin1};
use crate::codebook::import::rows::{Extent, Parsed};
use crate::codebook::import::source::SourceFile;
use crate::codebook::import::{ImportOptions, read};
use crate::codebook::{CodebookError, Notice};
use crate::domain::{CivilDate, Setting};

pub(crate) const FORMAT: Format = Format {
    name: "manifest",
    whole_lines: false,
    matches: |head| head.text.starts_with('#') && head.text.contains("[[file]]"),
    read: refuse,
};

/// A manifest stands in for files, and is read by [`read_manifest`] alone.
fn refuse(input: &Input<'_>, _: &mut Faults) -> Result<FileRows, CodebookError> {
    Err(CodebookError::bad_file(input.shown, "a manifest stands in for files, and is read by itself"))
}

#[derive(Deserialize)]
struct Manifest {
    notices: Option<String>,
    file: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    dataset: String,
    setting: Option<String>,
    release: String,
    from: Option<String>,
    to: Option<String>,
    kind: String,
    source: String,
    rows: Option<usize>,
    #[serde(default)]
    complete_under: Vec<String>,
    #[serde(default)]
    not_in_edition: Vec<String>,
    complete_among: Option<Among>,
}

/// A list of codes, or words for "the codes of this manifest's own texts and HCPCS file".
#[derive(Deserialize)]
#[serde(untagged)]
enum Among {
    Codes(Vec<String>),
    #[allow(dead_code)]
    OwnCodes(String),
}

#[derive(Deserialize)]
struct Notices {
    #[serde(default)]
    notice: Vec<FileNotice>,
    cpt: Option<FileNotice>,
    public: Option<FileNotice>,
    own: Option<FileNotice>,
}

#[derive(Deserialize)]
struct FileNotice {
    #[serde(default)]
    files: Vec<String>,
    lines: Vec<String>,
}

/// Reads a manifest and the files it names; `open` gives a file's bytes by its name. With `only_own`, nothing
/// but our own texts and the list of places (what a new book begins with).
pub(crate) fn read_manifest(
    shown: &str,
    bytes: &[u8],
    only_own: bool,
    open: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Result<(Vec<Parsed>, Vec<Notice>), CodebookError> {
    let bad = |why: String| CodebookError::bad_file(shown, why);
    let manifest: Manifest = toml::from_str(&latin1(bytes)).map_err(|e| bad(e.to_string()))?;
    let (mut parsed, mut among, mut own) = (Vec::new(), Vec::new(), BTreeSet::new());
    for entry in manifest.file {
        // The list of places is CMS's, but no file of theirs that a book could be sent for.
        if only_own && entry.kind != "own" && entry.dataset != "place_of_service" {
            continue;
        }
        let bytes =
            open(&entry.name).ok_or_else(|| bad(format!("it names {}, which is not there", entry.name)))?;
        let format = recognise(&entry.name, &bytes)
            .ok_or_else(|| bad(format!("{} is of no known format", entry.name)))?;
        let day = |text: &Option<String>| -> Result<Option<CivilDate>, CodebookError> {
            text.as_ref()
                .map(|t| t.parse().map_err(|e: crate::domain::DateError| bad(e.to_string())))
                .transpose()
        };
        let setting = entry.setting.as_deref().map(|s| s.parse::<Setting>().map_err(|e| bad(e.to_string())));
        let heading = Heading {
            dataset: entry.dataset,
            setting: setting.transpose()?,
            release: entry.release,
            from: day(&entry.from)?,
            to: day(&entry.to)?,
            kind: entry.kind,
            part: 0,
            source: entry.source,
        };
        let file =
            SourceFile { shown: format!("{shown}: {}", entry.name), name: entry.name, format, bytes, at: 0 };
        let mut one = read(&file, Some(heading), &ImportOptions::default())?;
        if let Some(expected) = entry.rows.filter(|n| *n != one.faults.rows) {
            return Err(bad(format!(
                "{} has {} rows, and should have {expected}",
                file.name, one.faults.rows
            )));
        }
        let plain = |codes: Vec<String>| codes.into_iter().map(|c| c.replace('.', "")).collect::<Vec<_>>();
        one.extent = Extent {
            absent: plain(entry.not_in_edition),
            under: plain(entry.complete_under),
            complete_for: Vec::new(),
        };
        one.notices.clear();
        own.extend(one.table.codes());
        among.push(entry.complete_among);
        parsed.push(one);
    }
    for (one, among) in parsed.iter_mut().zip(among) {
        one.extent.complete_for = match among {
            None => Vec::new(),
            Some(Among::Codes(codes)) => codes,
            Some(Among::OwnCodes(_)) => own.iter().cloned().collect(),
        };
    }
    let notices = match manifest.notices.filter(|_| !only_own).as_deref().and_then(open) {
        None => Vec::new(),
        Some(bytes) => notices(&latin1(&bytes)).map_err(bad)?,
    };
    Ok((parsed, notices))
}

fn notices(text: &str) -> Result<Vec<Notice>, String> {
    let read: Notices = toml::from_str(text).map_err(|e| e.to_string())?;
    let general = [("CPT", read.cpt), ("public", read.public), ("own", read.own)].into_iter().filter_map(
        |(name, n)| {
            n.map(|n| FileNotice {
                files: if n.files.is_empty() { vec![name.to_owned()] } else { n.files },
                lines: n.lines,
            })
        },
    );
    let mut all: Vec<Notice> =
        read.notice.into_iter().chain(general).map(|n| Notice { files: n.files, lines: n.lines }).collect();
    all.sort_by(|a, b| a.files.cmp(&b.files));
    Ok(all)
}
