//! A claim as far as the rules need it: service lines with modifiers and units, diagnoses, setting, date.

use crate::domain::{CivilDate, Setting};

/// One service line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// CPT or HCPCS level II code.
    pub code: String,
    /// Two-character modifiers, in the order written.
    pub modifiers: Vec<String>,
    /// Units of service; `None` if not stated.
    pub units: Option<u32>,
}

impl Line {
    /// A line with a code alone.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), modifiers: Vec::new(), units: None }
    }

    /// Reads `63020`, `63020-50`, `97110x3`, `63020-50-51x1` (lower case is taken too).
    ///
    /// # Errors
    /// The text is not of that form.
    pub fn parse(text: &str) -> Result<Self, ClaimError> {
        let wrong = || ClaimError::Line(text.chars().take(40).collect());
        let upper = text.trim().to_ascii_uppercase();
        let mut parts = upper.split('-');
        let mut code = parts.next().unwrap_or_default().to_owned();
        let mut modifiers: Vec<String> = parts.map(str::to_owned).collect();
        let mut units = None;
        let tail = modifiers.last_mut().unwrap_or(&mut code);
        if let Some((head, count)) = tail.split_once('X').filter(|(h, c)| {
            (h.len() == 2 || h.len() == 5) && !c.is_empty() && c.bytes().all(|b| b.is_ascii_digit())
        }) {
            units = Some(count.parse::<u32>().map_err(|_| wrong())?);
            *tail = head.to_owned();
        }
        let code_fits = code.len() == 5 && code.bytes().all(|b| b.is_ascii_alphanumeric());
        let modifiers_fit = modifiers.len() <= 4
            && modifiers.iter().all(|m| m.len() == 2 && m.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !code_fits || !modifiers_fit || units == Some(0) {
            return Err(wrong());
        }
        Ok(Self { code, modifiers, units })
    }

    /// As it is written on a claim: `63020-50 x1`.
    #[must_use]
    pub fn written(&self) -> String {
        let mut out = self.code.clone();
        for m in &self.modifiers {
            out.push('-');
            out.push_str(m);
        }
        if let Some(units) = self.units {
            out.push_str(&format!(" x{units}"));
        }
        out
    }

    /// Whether the line carries this modifier.
    #[must_use]
    pub fn has(&self, modifier: &str) -> bool {
        self.modifiers.iter().any(|m| m == modifier)
    }
}

/// What is wrong with a claim as typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// A line that cannot be read.
    #[error(
        "`{0}` is no service line: write CODE[-MOD]…[xUNITS], for example 63020-50x1 (up to four modifiers)"
    )]
    Line(String),
}

/// Services of one patient, one provider, one date of service.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The service lines.
    pub lines: Vec<Line>,
    /// ICD-10-CM codes, dotted or not.
    pub diagnoses: Vec<String>,
    /// Which NCCI tables apply.
    pub setting: Setting,
    /// Date of service.
    pub on: CivilDate,
    /// Whether the lines are all that was billed that day: only then is a missing primary code a denial.
    pub complete: bool,
    /// Whether all lines are of one day: units of several days are never summed.
    pub one_day: bool,
    /// Pairs that are alternatives ("99213 or 99214") and so never on one claim.
    pub alternatives: Vec<(String, String)>,
}

impl Claim {
    /// A claim of these lines for a professional claim, complete, without diagnoses.
    #[must_use]
    pub fn of(lines: Vec<Line>, on: CivilDate) -> Self {
        Self {
            lines,
            diagnoses: Vec::new(),
            setting: Setting::Practitioner,
            on,
            complete: true,
            one_day: true,
            alternatives: Vec::new(),
        }
    }

    /// Whether two codes are alternatives of one another.
    #[must_use]
    pub fn are_alternatives(&self, a: &str, b: &str) -> bool {
        self.alternatives.iter().any(|(x, y)| (x == a && y == b) || (x == b && y == a))
    }

    /// The same claim with its lines in the order of their codes: the order in which a person wrote them never
    /// changes a finding.
    #[must_use]
    pub fn ordered(&self) -> Self {
        let mut claim = self.clone();
        for line in &mut claim.lines {
            line.modifiers.sort();
            line.modifiers.dedup();
        }
        claim.lines.sort();
        claim.diagnoses.sort();
        claim.diagnoses.dedup();
        claim
    }

    /// The different codes, in order.
    #[must_use]
    pub fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self.lines.iter().map(|l| l.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// All lines with this code.
    pub fn lines_of<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |l| l.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_service_lines() {
        let line = Line::parse("63020-50x1").unwrap();
        assert_eq!((line.code.as_str(), line.units), ("63020", Some(1)));
        assert_eq!(line.modifiers, ["50"]);
        assert_eq!(Line::parse("97110x3").unwrap().units, Some(3));
        assert_eq!(Line::parse("j1885").unwrap().code, "J1885");
        let xe = Line::parse("97140-XE-GP").unwrap();
        assert_eq!(xe.modifiers, ["XE", "GP"]);
        assert_eq!(xe.written(), "97140-XE-GP");
        for bad in
            ["", "6302", "63020-5", "63020x", "63020x0", "63020-1-2-3-4-5", "63020-50x99999999999", "é3020"]
        {
            assert!(Line::parse(bad).is_err(), "{bad}");
        }
    }
}
