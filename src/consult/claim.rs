//! A claim as far as the rules need it: service lines with modifiers and units, diagnoses, setting, date.

use crate::codebook::CoverageArea;
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

    /// Reads `63020`, `63020-50`, `97110x3`, `63020-50-51x1` (lower case is taken too). Seven characters without a
    /// modifier are an ICD-10-PCS code.
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
        let (tail, lengths): (_, &[usize]) = match modifiers.last_mut() {
            Some(modifier) => (modifier, &[2]),
            None => (&mut code, &[5, 7]),
        };
        // From the right: `97140-XEx2`, `0KXF0Z2`.
        if let Some((head, count)) = tail.rsplit_once('X').filter(|(h, c)| {
            lengths.contains(&h.len()) && !c.is_empty() && c.bytes().all(|b| b.is_ascii_digit())
        }) {
            units = Some(count.parse::<u32>().map_err(|_| wrong())?);
            *tail = head.to_owned();
        }
        let length = if modifiers.is_empty() && code.len() == 7 { 7 } else { 5 };
        // Every CPT and HCPCS code has digits; an ICD-10-PCS code may have none.
        let code_fits = code.len() == length
            && code.bytes().all(|b| b.is_ascii_alphanumeric())
            && (length == 7 || code.bytes().any(|b| b.is_ascii_digit()));
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
    /// More lines than a claim has.
    #[error("{0} service lines, but a claim has at most {MOST_LINES}: check it in parts")]
    TooManyLines(usize),
    /// A diagnosis that cannot be one.
    #[error("`{0}` is no diagnosis: write an ICD-10-CM code, for example M50.121")]
    Diagnosis(String),
    /// More diagnoses than any claim has.
    #[error("{0} diagnoses, but a claim has at most {MOST_DIAGNOSES}: leave out those that no line needs")]
    TooManyDiagnoses(usize),
}

/// The most service lines of a claim (a professional claim's electronic form has 50).
pub const MOST_LINES: usize = 50;
/// The most diagnoses (an institutional claim has 25).
pub const MOST_DIAGNOSES: usize = 25;

/// Reads a diagnosis as typed: upper case, without spaces around it.
///
/// # Errors
/// It is too long or holds characters that no code has. Whether the code exists is the codebook's word.
pub fn diagnosis(text: &str) -> Result<String, ClaimError> {
    let code = text.trim().to_ascii_uppercase();
    let fits = (1..=8).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    if fits { Ok(code) } else { Err(ClaimError::Diagnosis(text.chars().take(40).collect())) }
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
    /// Whether the diagnoses stand in the claim's order, the first-listed first.
    pub dx_in_order: bool,
    /// Where the services were furnished, as far as it is known: which contractor's coverage documents hold.
    pub area: Option<CoverageArea>,
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
            dx_in_order: true,
            area: None,
        }
    }

    /// A claim as typed: service lines and diagnoses in their order.
    ///
    /// # Errors
    /// A line or diagnosis cannot be read, or there are too many.
    pub fn read(
        lines: &[String],
        diagnoses: &[String],
        setting: Setting,
        on: CivilDate,
    ) -> Result<Self, ClaimError> {
        if lines.len() > MOST_LINES {
            return Err(ClaimError::TooManyLines(lines.len()));
        }
        if diagnoses.len() > MOST_DIAGNOSES {
            return Err(ClaimError::TooManyDiagnoses(diagnoses.len()));
        }
        let lines = lines.iter().map(|l| Line::parse(l)).collect::<Result<Vec<_>, _>>()?;
        let diagnoses = diagnoses.iter().map(|d| diagnosis(d)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { diagnoses, setting, ..Self::of(lines, on) })
    }

    /// The claim without ICD-10-PCS lines: neither NCCI nor the fee schedule speaks of them.
    #[must_use]
    pub fn services(&self) -> Self {
        let mut claim = self.clone();
        claim.lines.retain(|l| l.code.len() == 5);
        claim
    }

    /// Whether two codes are alternatives of one another.
    #[must_use]
    pub fn are_alternatives(&self, a: &str, b: &str) -> bool {
        self.alternatives.iter().any(|(x, y)| (x == a && y == b) || (x == b && y == a))
    }

    /// The same claim with its lines in the order of their codes: the order in which a person wrote them never
    /// changes a finding. The order of the diagnoses does, if it is that of the claim.
    #[must_use]
    pub fn ordered(&self) -> Self {
        let mut claim = self.clone();
        for line in &mut claim.lines {
            line.modifiers.sort();
            line.modifiers.dedup();
        }
        claim.lines.sort();
        if !claim.dx_in_order {
            claim.diagnoses.sort();
            claim.diagnoses.dedup();
        }
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
        let units = Line::parse("97140-XEx2").unwrap();
        assert_eq!((units.modifiers, units.units), (vec!["XE".to_owned()], Some(2)));
        assert_eq!(Line::parse("0KXF0Z2").unwrap().code, "0KXF0Z2");
        assert_eq!(Line::parse("08X1234").unwrap().units, None);
        for bad in [
            "",
            "hello",
            "6302",
            "63020-5",
            "63020x",
            "63020x0",
            "63020-1-2-3-4-5",
            "63020-50x99999999999",
            "é3020",
        ] {
            assert!(Line::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_claim_is_bounded() {
        let on = "2024-08-15".parse().unwrap();
        let read = |lines: usize, dx: &[&str]| {
            let dx: Vec<String> = dx.iter().map(|d| (*d).to_owned()).collect();
            Claim::read(&vec!["63020".to_owned(); lines], &dx, Setting::Practitioner, on)
        };
        assert_eq!(read(50, &["m50.121"]).unwrap().diagnoses, ["M50.121"]);
        assert_eq!(read(51, &[]), Err(ClaimError::TooManyLines(51)));
        assert_eq!(read(1, &["A"; 26]), Err(ClaimError::TooManyDiagnoses(26)));
        for bad in ["", "M50.121 OR 1=1", "\u{0}", "é11.9", &"9".repeat(2000)] {
            assert!(matches!(read(1, &[bad]), Err(ClaimError::Diagnosis(_))), "{bad}");
        }
    }
}
