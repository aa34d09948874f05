//! Code patterns of notes: a code, a range, a prefix.

/// A code, a range `A-B` of equal length, or a prefix: `E11.*` or `A41*` of diagnoses, `0042*` or `J123*` of services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// One code.
    Code(String),
    /// From the first to the last, both included.
    Range(String, String),
    /// All codes that begin with it.
    Prefix(String),
}

impl Pattern {
    /// Reads a pattern; `None` if it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let is_code = |c: &str| {
            (3..=8).contains(&c.len())
                && c.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.')
                && c.bytes().any(|b| b.is_ascii_digit())
        };
        if let Some(start) = text.strip_suffix('*') {
            let start = start.trim_end_matches('.');
            let fits = (1..=7).contains(&start.len())
                && start.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.');
            return fits.then(|| Self::Prefix(start.to_owned()));
        }
        match text.split_once('-') {
            Some((first, last)) if is_code(first) && is_code(last) => (first.len() == last.len()
                && first <= last)
                .then(|| Self::Range(first.to_owned(), last.to_owned())),
            Some(_) => None,
            None => is_code(text).then(|| Self::Code(text.to_owned())),
        }
    }

    /// Whether a code, as it is officially written, is meant.
    #[must_use]
    pub fn fits(&self, code: &str) -> bool {
        match self {
            Self::Code(one) => one == code,
            Self::Range(first, last) => {
                code.len() == first.len() && code >= first.as_str() && code <= last.as_str()
            }
            // A diagnosis has its dot behind three characters: J11 with all below it is not J1170.
            Self::Prefix(start) => {
                let diagnosis = code.len() <= 3 || code.as_bytes().get(3) == Some(&b'.');
                code.starts_with(start.as_str()) && (diagnosis || !is_diagnosis(start))
            }
        }
    }

    /// How exact it is: 1 for one code, less the more codes it holds.
    #[must_use]
    pub fn exactness(&self) -> f64 {
        match self {
            Self::Code(_) => 1.0,
            // Each character that both ends share makes it ten times smaller.
            Self::Range(first, last) => {
                let shared = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
                0.35 + 0.12 * shared.min(4) as f64
            }
            Self::Prefix(start) => 0.4 + 0.1 * start.len().min(5) as f64,
        }
    }

    /// The codes that it names itself: its own, or both ends.
    #[must_use]
    pub fn named(&self) -> Vec<&str> {
        match self {
            Self::Code(one) | Self::Prefix(one) => vec![one],
            Self::Range(first, last) => vec![first, last],
        }
    }
}

/// Whether a prefix is that of diagnoses: of any with a dot, and of a category; those of services have four characters.
fn is_diagnosis(start: &str) -> bool {
    start.starts_with(|c: char| c.is_ascii_uppercase()) && (start.len() <= 3 || start.contains('.'))
}

/// Whether a code is the one named, or lies in the range `FIRST-LAST`.
#[must_use]
pub fn in_range(code: &str, range: &str) -> bool {
    match range.split_once('-') {
        Some((first, last)) => code.len() == first.len() && code >= first && code <= last,
        None => code == range,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read() {
        let fits = |pattern: &str, code: &str| Pattern::read(pattern).unwrap().fits(code);
        assert!(fits("E11.*", "E11.22") && fits("E11.*", "E11") && fits("A41*", "A41.9"));
        assert!(!fits("E11.*", "E10.22"));
        assert!(!fits("J11*", "J1170") && !fits("J11.*", "J1170") && fits("J117*", "J1170"));
        assert!(fits("99202-99499", "99213") && !fits("99202-99499", "J3301"));
        assert!(fits("G0438", "G0438") && !fits("G0438", "G0439"));
        for bad in ["", "*", "99213-9921", "99499-99202", "e11.9", "E11.9 ", "ABCDE", "9921 3"] {
            assert_eq!(Pattern::read(bad), None, "{bad}");
        }
        let exact = |pattern: &str| Pattern::read(pattern).unwrap().exactness();
        assert!(exact("99213") > exact("99212-99215") && exact("99212-99215") > exact("99202-99499"));
    }
}
