//! A claim as typed, and what the rules say of it: the same for `codes check`, the form and the API.

use serde::Serialize;

use crate::consult::claim::{Claim, ClaimError};
use crate::domain::{CivilDate, DateError, Finding, Outcome, Setting};

/// A claim as a person typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Service lines (`63020-50x1`), separated by white space, commas or semicolons.
    pub lines: String,
    /// Diagnoses, separated likewise.
    pub diagnoses: String,
    /// The date of service, `YYYY-MM-DD`; empty: today.
    pub on: String,
    /// The setting's word; empty: practitioner.
    pub setting: String,
    /// Where the amounts of the fee schedule are asked for: MAC and number, a state, a part of the name, or `national`;
    /// empty: they are not asked for.
    pub locality: String,
}

/// Why a typed claim cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypedError {
    /// A line or a diagnosis, or too many of them.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The date.
    #[error(transparent)]
    Date(#[from] DateError),
    /// The setting.
    #[error("`{0}` is no setting: write practitioner, hospital or dme")]
    Setting(String),
    /// No line.
    #[error("there is no service line: write one a line, for example 63020-50x1")]
    Empty,
}

impl Typed {
    /// Reads it. `today` is the date if none is given.
    ///
    /// # Errors
    /// The first thing that cannot be read, with what to write.
    pub fn read(&self, today: CivilDate) -> Result<Claim, TypedError> {
        let separate = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
        let words = |text: &str| -> Vec<String> {
            text.split(separate).filter(|w| !w.is_empty()).map(str::to_owned).collect()
        };
        let (lines, diagnoses) = (words(&self.lines), words(&self.diagnoses));
        if lines.is_empty() {
            return Err(TypedError::Empty);
        }
        let on = if self.on.trim().is_empty() { today } else { self.on.trim().parse()? };
        let setting = match self.setting.trim() {
            "" => Setting::Practitioner,
            word => word.parse().map_err(|_| TypedError::Setting(word.chars().take(20).collect()))?,
        };
        Ok(Claim::read(&lines, &diagnoses, setting, on)?)
    }
}

/// What `codes check --json` gives: a contract.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// The date of service.
    pub on: CivilDate,
    /// The setting.
    pub setting: Setting,
    /// What the rules say.
    pub findings: Vec<Finding>,
}

/// The findings of a claim in that shape.
#[must_use]
pub fn checked(claim: &Claim, findings: Vec<Finding>) -> Checked {
    Checked { on: claim.on, setting: claim.setting, findings }
}

/// Sorts findings for reading: what denies first, what is fine last; within that as the rules gave them.
pub fn worst_first(findings: &mut [Finding]) {
    findings.sort_by_key(|f| match f.outcome {
        Outcome::Deny => 0,
        Outcome::Bypassable => 1,
        Outcome::Warn => 2,
        Outcome::NoData => 3,
        Outcome::Info => 4,
        Outcome::Pass => 5,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(lines: &str, diagnoses: &str) -> Result<Claim, TypedError> {
        let typed = Typed { lines: lines.to_owned(), diagnoses: diagnoses.to_owned(), ..Typed::default() };
        typed.read("2024-08-15".parse().unwrap())
    }

    #[test]
    fn a_claim_is_read_as_people_type_it() {
        let claim = typed("63020-50x1\r\n63030-51, 97110x3;99213", "m50.121 M5451").unwrap();
        assert_eq!(claim.lines.len(), 4);
        assert_eq!(claim.diagnoses, ["M50.121", "M5451"]);
        assert_eq!(typed(" \n", ""), Err(TypedError::Empty));
        assert!(matches!(typed("hello", ""), Err(TypedError::Claim(ClaimError::Line(_)))));
        assert!(matches!(typed("99213", "<script>"), Err(TypedError::Claim(ClaimError::Diagnosis(_)))));
        assert_eq!(
            typed(&"99213 ".repeat(10_000), ""),
            Err(TypedError::Claim(ClaimError::TooManyLines(10_000)))
        );
    }
}
