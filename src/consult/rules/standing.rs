//! What a table may say of a date: a fact is known only within its releases (coding rules, section 0.2).

use crate::codebook::Coverage;
use crate::domain::CivilDate;

/// How a table stands to the date of service.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Standing<'a> {
    /// No release at or before the date is loaded.
    NoData,
    /// The newest release at or before the date does not reach it.
    Outside(&'a Coverage),
    /// A release covers the date.
    Within(&'a Coverage),
}

impl<'a> Standing<'a> {
    /// From a look-up's coverage.
    pub(crate) fn of(coverage: Option<&'a Coverage>) -> Self {
        match coverage {
            None => Self::NoData,
            Some(c) if c.covers => Self::Within(c),
            Some(c) => Self::Outside(c),
        }
    }

    /// Whether the table may be asserted for the date.
    pub(crate) fn is_within(self) -> bool {
        matches!(self, Self::Within(_))
    }

    /// The release that was used.
    pub(crate) fn release(self) -> &'a str {
        match self {
            Self::NoData => "none loaded",
            Self::Outside(c) | Self::Within(c) => &c.release,
        }
    }

    /// A statement without its caveat, and the release with its last day that the caveat names.
    pub(crate) fn without_caveat(statement: &str) -> Option<(&str, &str)> {
        let (head, fact) = statement.strip_prefix("Not verified for ")?.split_once("; by that release, ")?;
        head.split_once("; last release loaded: ").map(|(_, release)| (release, fact))
    }

    /// The words before a fact that the table's release does not reach; empty within coverage.
    pub(crate) fn caveat(self, on: CivilDate) -> String {
        match self {
            Self::NoData => format!("Not verified: no release for {on} is loaded."),
            Self::Outside(c) => format!(
                "Not verified for {on}; last release loaded: {} (to {}); by that release, ",
                c.release, c.to
            ),
            Self::Within(_) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caveat_can_be_taken_off_again() {
        let date = |t: &str| t.parse::<CivilDate>().unwrap();
        let coverage = Coverage {
            release: "RVU24B (April 2024)".into(),
            from: date("2024-04-01"),
            to: date("2024-06-30"),
            covers: false,
        };
        let said = format!("{}63020 is listed.", Standing::Outside(&coverage).caveat(date("2024-08-15")));
        assert_eq!(
            Standing::without_caveat(&said),
            Some(("RVU24B (April 2024) (to 2024-06-30)", "63020 is listed."))
        );
        assert_eq!(Standing::without_caveat("63020 is listed."), None);
    }
}
