//! General equivalence mappings between ICD-9 and ICD-10: source, target and five flags, in columns 1–5, 7–13, 15–19
//! from ICD-9, and 1–7, 9–13, 15–19 to it. A target that begins with `No` is none.

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::format::{FileRows, Format, Head, Input, Row};
use crate::codebook::import::heading::Told;
use crate::codebook::import::icd_release::IcdSystem;
use crate::codebook::import::lines::{Faults, field};
use crate::domain::CivilDate;

pub(crate) const FORMAT: Format =
    Format { name: "General equivalence mappings", whole_lines: true, matches, read };

/// A mapping.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Gem {
    code: String,
    target: String,
    flags: u32,
    line: u32,
}

impl Row for Gem {
    const INSERT: &str = "INSERT OR IGNORE INTO gem VALUES (?1,?2,?3,?4,?5)";

    fn content(&self) -> String {
        format!("{}|{}|{}", self.code, self.target, self.flags)
    }

    fn insert(&self, statement: &mut Statement<'_>, _: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        statement.execute(params![self.code, release, self.flags, self.target, self.line])?;
        Ok(())
    }
}

/// Source, target, flags, if the line has the layout; and whether the source is ICD-9.
fn parts(line: &str) -> Option<(&str, &str, &str, bool)> {
    let mut words = line.split_whitespace();
    let (source, target, flags) = (words.next()?, words.next()?, words.next()?);
    let plain = |word: &str, longest: usize| {
        (3..=longest).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let at = |column: usize| line.get(column - 1..).is_some_and(|rest| rest.starts_with(target));
    let from_9 = source.len() <= 5 && at(7);
    let from_10 = at(9);
    let good = words.next().is_none()
        && plain(source, 7)
        && plain(target, 7)
        && field(line, 15, 19) == flags
        && flags.len() == 5
        && flags.bytes().all(|b| b.is_ascii_digit())
        && (from_9 || from_10);
    good.then_some((source, target, flags, from_9))
}

fn matches(head: &Head<'_>) -> bool {
    let mut lines = head.text.lines().take(5).filter(|l| !l.trim().is_empty()).peekable();
    lines.peek().is_some() && lines.all(|l| parts(l).is_some())
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let from_9 = text.lines().find_map(parts).is_some_and(|p| p.3);
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.trim() == "\u{1a}" {
            continue;
        }
        let Some((code, target, flags, _)) = parts(line).filter(|p| p.3 == from_9) else {
            faults
                .note(index + 1, "it is not source, target, five flags, in the columns of the lines above")?;
            continue;
        };
        faults.rows += 1;
        let none = target.starts_with("No");
        rows.push(Gem {
            code: code.to_owned(),
            target: if none { String::new() } else { target.to_owned() },
            flags: flags.parse().unwrap_or(0),
            line: u32::try_from(index + 1).unwrap_or(u32::MAX),
        });
    }
    let tens = rows.iter().map(|r| if from_9 { r.target.as_str() } else { r.code.as_str() });
    let name = input.name.to_ascii_lowercase();
    let named = if name.contains("i10gem") || name.contains("i9gem") { "icd10cm" } else { name.as_str() };
    let system = IcdSystem::of(named, tens.filter(|c| !c.is_empty()));
    let (dataset, fewest) = match (system, from_9) {
        (IcdSystem::Cm, true) => ("gem_icd9cm", 20_000),
        (IcdSystem::Cm, false) => ("gem_icd10cm", 70_000),
        (IcdSystem::Pcs, true) => ("gem_icd9pcs", 60_000),
        (IcdSystem::Pcs, false) => ("gem_icd10pcs", 80_000),
    };
    Ok(FileRows { told: told(input), fewest, ..FileRows::new(dataset, rows) })
}

/// The year in the file's name, or that of its archive or folder: `2018-gems.zip: gem_i9pcs.txt`.
fn told(input: &Input<'_>) -> Option<Told> {
    let mut parts = input.shown.rsplit(['/', '\\', ' ']).take(2);
    let year = parts.find_map(|part| {
        let at = part.find("20")?;
        part.get(at..at + 4)?.parse::<i16>().ok()
    })?;
    let from = CivilDate::new(year.checked_sub(1)?, 10, 1)?;
    Some((format!("GEM {year}"), from, CivilDate::new(year, 9, 30)?))
}
