//! Manuals, cut at their numbered sections into passages that can be found and cited: the ICD-10-CM Official Guidelines
//! and the NCCI Policy Manual, as text or pdf (`import/pdf.rs`).

mod cut;
mod guidelines;
mod marks;
mod mentions;
mod pages;
mod policy;

pub(crate) use marks::of_roman;
pub(crate) use mentions::named_codes;

use regex::Regex;
use rusqlite::params;
use sha2::{Digest, Sha256};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::format::{FileRows, Format, Input, Table};
use crate::codebook::import::heading::Told;
use crate::codebook::import::lines::Faults;
use crate::codebook::import::manual::cut::Section;
use crate::codebook::import::manual::mentions::{Mention, diagnoses, services};
use crate::domain::CivilDate;

pub(crate) const GUIDELINES: Format = Format {
    name: "ICD-10-CM Official Guidelines",
    whole_lines: false,
    matches: |head| guidelines::matches(&head.upper),
    read: read_guidelines,
};

pub(crate) const POLICY: Format = Format {
    name: "NCCI Policy Manual",
    whole_lines: false,
    matches: |head| policy::matches(&head.upper),
    read: read_policy,
};

/// The most characters of a manual's text; the largest has 860,000.
const MAX_TEXT: usize = 30_000_000;

/// A manual's sections, with the codes that they name.
#[derive(Debug)]
struct Sections {
    sections: Vec<Section>,
    mentions: fn(&str) -> Vec<Mention>,
}

impl Table for Sections {
    fn len(&self) -> usize {
        self.sections.len()
    }

    /// The letters and figures of each section: the same for a pdf and the text that was saved from it, whatever their
    /// blanks and lines.
    fn digest(&mut self, hash: &mut Sha256) {
        for s in &self.sections {
            hash.update(format!("{}|{}|", s.section, s.page));
            let texts = std::iter::once(s.title.as_str()).chain(s.paragraphs.iter().map(|p| p.text.as_str()));
            let letters: String = texts.flat_map(str::chars).filter(|c| c.is_alphanumeric()).collect();
            hash.update(letters.as_bytes());
            hash.update(b"\n");
        }
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let prepare = |sql| into.connection.prepare_cached(sql);
        let mut section = prepare("INSERT INTO manual_section VALUES (?1,?2,?3,?4,?5,?6,?7)")?;
        let mut paragraph = prepare("INSERT INTO manual_paragraph VALUES (?1,?2,?3,?4,?5,?6)")?;
        let mut mention = prepare("INSERT OR IGNORE INTO manual_mention VALUES (?1,?2,?3,?4,?5,?6)")?;
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        for (n, s) in self.sections.iter().enumerate() {
            let n = number(n);
            section.execute(params![release, n, s.section, s.parent.map(number), s.title, s.page, s.line])?;
            for (k, p) in s.paragraphs.iter().enumerate() {
                let k = number(k);
                paragraph.execute(params![release, n, k, p.page, p.text, p.line])?;
                for m in (self.mentions)(&p.text) {
                    mention.execute(params![m.system, m.first, m.last, release, n, k])?;
                }
            }
            // -1: the title.
            for m in (self.mentions)(&s.title) {
                mention.execute(params![m.system, m.first, m.last, release, n, -1])?;
            }
        }
        Ok(())
    }
}

fn check_size(text: &str, faults: &Faults) -> Result<(), CodebookError> {
    if text.len() > MAX_TEXT {
        let why = "it has far more text than any manual: not read";
        return Err(CodebookError::bad_file(faults.file(), why));
    }
    Ok(())
}

/// What the table of contents promises must be there: else the file was cut, or its layout is not understood.
fn check_promised(missing: &[(u32, String)], faults: &mut Faults) -> Result<(), CodebookError> {
    let Some((line, section)) = missing.first() else { return Ok(()) };
    let why = format!(
        "line {line}: the table of contents has section {section}, and the text has not ({} such): the file was cut, or its layout has changed; download it again, or import it as text (.txt)",
        missing.len()
    );
    Err(CodebookError::bad_file(faults.file(), why))
}

fn read_guidelines(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    check_size(&text, faults)?;
    let cut = guidelines::cut(&text);
    if let Some((of, last)) = cut.last_page
        && last < of
    {
        let why = format!("it ends after page {last} of {of}: it was cut; download it again");
        return Err(CodebookError::bad_file(faults.file(), why));
    }
    check_promised(&cut.missing, faults)?;
    faults.rows = cut.sections.len();
    let table = Sections { sections: cut.sections, mentions: diagnoses };
    Ok(FileRows {
        told: guidelines_edition(&text),
        fewest: 300,
        ..FileRows::new("icd10cm_guidelines", table)
    })
}

/// `FY 2026 -- UPDATED October 1, 2025 (October 1, 2025 - September 30, 2026)`: an update holds from its own day on.
fn guidelines_edition(text: &str) -> Option<Told> {
    let head: String = text.chars().take(3000).collect();
    let head = head.split_whitespace().collect::<Vec<_>>().join(" ");
    let year = Regex::new(r"FY (20\d\d)").ok()?.captures(&head)?.get(1)?.as_str().to_owned();
    let day = r"([A-Za-z]+ \d{1,2}, 20\d\d)";
    let days = Regex::new(&format!(r"\({day} ?[-–] ?{day}\)")).ok()?.captures(&head)?;
    let (from, to) = (written_day(days.get(1)?.as_str())?, written_day(days.get(2)?.as_str())?);
    let updated = Regex::new(&format!(r"(?i)UPDATED {day}")).ok()?.captures(&head);
    let updated = updated.and_then(|u| written_day(u.get(1)?.as_str())).filter(|u| *u > from && *u <= to);
    Some(match updated {
        Some(day) => (format!("FY{year} (updated {day})"), day, to),
        None => (format!("FY{year}"), from, to),
    })
}

/// `October 1, 2025`.
fn written_day(text: &str) -> Option<CivilDate> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let mut parts = text.split([' ', ',']).filter(|p| !p.is_empty());
    let named = parts.next()?.to_ascii_lowercase();
    let month = i8::try_from(MONTHS.iter().position(|m| *m == named)? + 1).ok()?;
    let day = parts.next()?.parse().ok()?;
    CivilDate::new(parts.next()?.parse().ok()?, month, day)
}

fn read_policy(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    check_size(&text, faults)?;
    let cut = policy::cut(&text);
    check_promised(&cut.missing, faults)?;
    faults.rows = cut.sections.len();
    // The manual is issued for a year; a revision within it holds from its own day on.
    let told = cut.revised.and_then(|(year, month, day)| {
        let (from, to) = (CivilDate::new(year, month, day)?, CivilDate::new(year, 12, 31)?);
        let name = if (month, day) == (1, 1) { year.to_string() } else { format!("{year} (revised {from})") };
        Some((name, from, to))
    });
    let chapters = cut.sections.iter().filter(|s| of_roman(&s.section).is_some()).count();
    let kind = if chapters >= policy::CHAPTERS { "full" } else { "excerpt" };
    let table = Sections { sections: cut.sections, mentions: services };
    Ok(FileRows { told, kind, notices: cut.notices, fewest: 700, ..FileRows::new("ncci_manual", table) })
}

#[cfg(test)]
mod tests;
