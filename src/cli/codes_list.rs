//! `codes list`: what is loaded, for which days, and what is missing for today.

use std::io::Write;

use crate::cli::codes::print;
use crate::codebook::Codebook;
use crate::desk::lookup;
use crate::domain::CivilDate;

/// Runs `codes list`.
///
/// # Errors
/// If the book cannot be read.
pub fn run(book: &Codebook, today: CivilDate, as_json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let found = lookup::releases(book, today)?;
    if as_json {
        return print(out, &found);
    }
    for dataset in found.datasets {
        let setting = dataset.setting.map_or(String::new(), |s| format!(" {s}"));
        writeln!(out, "{}{setting}", dataset.dataset)?;
        for r in dataset.releases {
            let days = match (r.from, r.to) {
                (Some(from), Some(to)) => format!("{from} to {to}"),
                _ => "not dated".to_owned(),
            };
            let implied = match r.implied {
                0 => String::new(),
                n => format!(" and {n} headings that follow from them"),
            };
            writeln!(out, "  {} · {days} · {} rows{implied} · {}", r.name, r.rows, r.kind)?;
        }
    }
    for gap in found.missing {
        writeln!(out, "missing for {today}: {gap}")?;
    }
    Ok(())
}
