//! POA-exempt lists: the whole list (`POAexemptCodesFY26.txt`: order, code, description) and what was added to, deleted
//! from and revised in it since the year before. Descriptions are those of the order file and are not kept.

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::format::{FileRows, Format, Input, Row};
use crate::codebook::import::heading::Told;
use crate::codebook::import::icd_release::IcdSystem;
use crate::codebook::import::lines::Faults;
use crate::domain::CivilDate;

pub(crate) const FORMAT: Format = Format {
    name: "POA-exempt list",
    whole_lines: true,
    matches: |head| {
        head.upper.lines().next().is_some_and(|l| l.split('\t').any(|c| c.trim() == "POAEXEMPTCODE"))
    },
    read,
};

/// A code, and whether the list has it or has it no longer.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Exempt {
    code: String,
    exempt: bool,
    line: u32,
}

impl Row for Exempt {
    const INSERT: &str = "INSERT OR IGNORE INTO poa_exempt VALUES (?1,?2,?3,?4)";

    fn content(&self) -> String {
        format!("{}|{}", self.code, self.exempt)
    }

    fn insert(&self, statement: &mut Statement<'_>, _: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        statement.execute(params![self.code, release, self.exempt, self.line])?;
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let header: Vec<&str> = text.lines().next().unwrap_or("").split('\t').map(str::trim).collect();
    let column = header.iter().position(|c| c.eq_ignore_ascii_case("POAexemptCode")).unwrap_or(0);
    let name = input.name.to_ascii_lowercase();
    // The list itself and the additions have the same header; only the deletions have no order number.
    let (what, deleted) = if header.contains(&"Action") {
        (" (revisions)", false)
    } else if column == 0 || name.contains("delete") {
        (" (deletions)", true)
    } else if name.contains("add") {
        (" (additions)", false)
    } else {
        ("", false)
    };
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate().skip(1) {
        if line.trim().is_empty() || line.trim() == "\u{1a}" {
            continue;
        }
        let code = line.split('\t').nth(column).unwrap_or("").trim().trim_matches('"').replace('.', "");
        if !IcdSystem::Cm.fits(&code) {
            faults.note(index + 1, format!("column {} holds no ICD-10-CM code", column + 1))?;
            continue;
        }
        faults.rows += 1;
        rows.push(Exempt { code, exempt: !deleted, line: u32::try_from(index + 1).unwrap_or(u32::MAX) });
    }
    // A revision stands in two rows.
    rows.sort();
    rows.dedup_by(|b, a| a.code == b.code);
    let told = told(&name, header.first().copied().unwrap_or(""), what);
    let full = what.is_empty();
    Ok(FileRows {
        told,
        kind: if full { "full" } else { "delta" },
        fewest: if full { 30_000 } else { 0 },
        ..FileRows::new("poa_exempt", rows)
    })
}

/// `POAexemptCodesFY26.txt`, or the header `Order26`: the fiscal year.
fn told(name: &str, header: &str, what: &str) -> Option<Told> {
    let named = name.split_once("fy").map(|(_, rest)| rest);
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let year =
        named.map(digits).filter(|d| !d.is_empty()).or_else(|| header.strip_prefix("Order").map(digits))?;
    let year: i16 = year.parse().ok()?;
    let year = if year < 100 { year + 2000 } else { year };
    let from = CivilDate::new(year.checked_sub(1)?, 10, 1)?;
    Some((format!("POA-exempt list FY{year}{what}"), from, CivilDate::new(year, 9, 30)?))
}
