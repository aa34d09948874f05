//! ICD-10-CM and ICD-10-PCS codes files: billable codes alone, each with its long description from column 9.
//!
//! Headings are not in it, but most of them follow: whatever begins a billable code is a heading, in ICD-10-CM from
//! three characters on (unless it ends in the placeholder X, which only some headings do), in ICD-10-PCS with three.
//! Their texts are unknown. Beside the order file of the same edition such a file adds nothing.

use std::collections::BTreeMap;

use crate::codebook::CodebookError;
use crate::codebook::import::format::{FileRows, Format, Head, Input};
use crate::codebook::import::icd_release::{IcdSystem, of_file};
use crate::codebook::import::lines::{Faults, field};
use crate::codebook::import::rows::{CodeRow, CodeRows};

pub(crate) const FORMAT: Format =
    Format { name: "ICD-10-CM codes file", whole_lines: true, matches: |h| matches(h, IcdSystem::Cm), read };

/// The same of ICD-10-PCS.
pub(crate) const PCS_FORMAT: Format =
    Format { name: "ICD-10-PCS codes file", matches: |h| matches(h, IcdSystem::Pcs), ..FORMAT };

/// How many lines must look like codes with descriptions for a file to be one.
const SAMPLE: usize = 20;

fn matches(head: &Head<'_>, system: IcdSystem) -> bool {
    let mut lines = head.text.lines().take(SAMPLE).filter(|l| !l.trim().is_empty()).peekable();
    lines.peek().is_some()
        && lines.all(|line| {
            let text = field(line, 9, usize::MAX);
            line.get(7..8) == Some(" ")
                && IcdSystem::Pcs.fits(field(line, 1, 7))
                && text.bytes().any(|b| b.is_ascii_lowercase())
        })
        && system_of(head.name, &head.text) == system
}

fn system_of(name: &str, text: &str) -> IcdSystem {
    let whole = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
    IcdSystem::of(name, whole.lines().take(200).map(|l| field(l, 1, 7)).filter(|c| !c.is_empty()))
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let system = system_of(input.name, &text);
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if line.trim().is_empty() || line.trim() == "\u{1a}" {
            continue;
        }
        let (code, long) = (field(line, 1, 7), field(line, 9, usize::MAX));
        if !system.fits(code) || long.is_empty() || !field(line, 8, 8).is_empty() {
            faults.note(number, "it is not a code (columns 1–7) with its description (from column 9)")?;
            continue;
        }
        faults.rows += 1;
        rows.push(CodeRow {
            code: code.to_owned(),
            billable: true,
            added: None,
            terminated: None,
            text: long.to_owned(),
            line: u32::try_from(number).unwrap_or(u32::MAX),
        });
    }
    let told = of_file(system, input, rows.len());
    let fewest = if system == IcdSystem::Cm { 69_000 } else { 70_000 };
    let cut = rows.len() < fewest;
    let listed = rows.len();
    rows.extend(headings(system, &rows));
    let implied = rows.len() - listed;
    let name = system.as_str();
    Ok(FileRows {
        told,
        // With codes missing it is an excerpt, whatever is missing from it.
        kind: if cut { "excerpt" } else { "billable" },
        ..FileRows::new(name, CodeRows { system: name, rows, implied })
    })
}

/// The headings that follow from billable codes, each with the line of the first code below it.
pub(crate) fn headings(system: IcdSystem, rows: &[CodeRow]) -> Vec<CodeRow> {
    let mut headings: BTreeMap<&str, u32> = BTreeMap::new();
    for row in rows {
        let longest = if system == IcdSystem::Cm { row.code.len().saturating_sub(1) } else { 3 };
        for end in 3..=longest {
            if let Some(heading) =
                row.code.get(..end).filter(|h| system == IcdSystem::Pcs || !h.ends_with('X'))
            {
                let line = headings.entry(heading).or_insert(row.line);
                *line = row.line.min(*line);
            }
        }
    }
    for row in rows {
        headings.remove(row.code.as_str());
    }
    headings
        .into_iter()
        .map(|(code, line)| CodeRow {
            code: code.to_owned(),
            billable: false,
            added: None,
            terminated: None,
            text: String::new(),
            line,
        })
        .collect()
}
