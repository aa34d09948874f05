//! NCCI procedure-to-procedure edits of a pair, in both directions.

use serde::Serialize;

use crate::codebook::{Codebook, CodebookError, Coverage, PtpRow};
use crate::domain::{CivilDate, Setting};

/// What the PTP edits of one setting say of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PairFacts {
    /// The setting.
    pub setting: Setting,
    /// The date asked for.
    pub on: CivilDate,
    /// The rows in force on the date.
    pub rows: Vec<PtpRow>,
    /// Rows of the same pair for other dates, or never in force.
    pub not_in_force: Vec<PtpRow>,
    /// The release; `None`: no data.
    pub coverage: Option<Coverage>,
    /// False if "no row" says nothing.
    pub complete: bool,
    /// All this in a sentence.
    pub statement: String,
}

/// The modifier indicator of an edit in words.
#[must_use]
pub fn indicator_words(indicator: char) -> &'static str {
    match indicator {
        '0' => "no modifier bypasses it",
        '1' => "an NCCI-associated modifier bypasses it if the circumstances fit",
        _ => "not applicable",
    }
}

/// Looks a pair up, in both directions.
///
/// # Errors
/// If the book cannot be read.
pub fn pair(
    book: &Codebook,
    setting: Setting,
    a: &str,
    b: &str,
    on: CivilDate,
) -> Result<PairFacts, CodebookError> {
    let (a, b) = (a.trim().to_ascii_uppercase(), b.trim().to_ascii_uppercase());
    let found = book.ptp(setting, &a, &b, on)?;
    let covered = found.coverage.as_ref().is_some_and(|c| c.covers);
    let release = found.coverage.as_ref().map_or("", |c| c.release.as_str());
    let statement = match found.rows.first() {
        Some(row) => {
            let beyond = if covered { String::new() } else { format!(" {release} does not cover {on}.") };
            format!(
                "{} is paid, {} is denied beside it: {}.{beyond}",
                row.column1,
                row.column2,
                indicator_words(row.indicator)
            )
        }
        None if !found.complete => format!("Nothing is loaded that speaks of {a} with {b} on {on}."),
        None if covered => {
            format!("{release} has no edit between {a} and {b} on {on}. That is not \"always billable\".")
        }
        None => format!("{release} has no edit between {a} and {b}, but does not cover {on}: not verified."),
    };
    Ok(PairFacts {
        setting,
        on,
        rows: found.rows,
        not_in_force: found.not_in_force,
        coverage: found.coverage,
        complete: found.complete,
        statement,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_edit_is_said_only_within_coverage() {
        let book = Codebook::starter().unwrap();
        let say = |a: &str, b: &str, on: &str| {
            pair(&book, Setting::Practitioner, a, b, on.parse().unwrap()).unwrap().statement
        };
        assert!(say("63020", "63030", "2024-08-15").contains("has no edit"));
        assert!(say("63020", "63030", "2026-08-15").contains("not verified"));
        assert!(say("12345", "54321", "2024-08-15").contains("Nothing is loaded"));
        assert!(say("29826", "23412", "2024-08-15").contains("is denied beside it"));
    }
}
