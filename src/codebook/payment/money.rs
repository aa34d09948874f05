//! Money in whole cents, and the one place where it is rounded.

use serde::{Serialize, Serializer};

/// US dollars in cents. Computed in whole numbers: relative values have two decimals, cost indices three, conversion
/// factors four, so a fee is exact in 10⁻⁹ dollars, and is rounded once, half up to a cent, as the published fee
/// schedules are. A percentage of a fee is taken of the rounded fee, and rounded likewise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cents(pub i64);

impl Cents {
    /// A share in thousandths (`1500`: 150 %), rounded half up.
    #[must_use]
    pub fn share(self, thousandths: i64) -> Self {
        let exact = i128::from(self.0) * i128::from(thousandths);
        Self(clamp((2 * exact + 1000).div_euclid(2000)))
    }

    /// The same amount several times.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self(self.0.saturating_mul(i64::from(count)))
    }

    /// From 10⁻⁹ dollars.
    pub(crate) fn from_nano(nano: i128) -> Self {
        Self(clamp((nano + 5_000_000).div_euclid(10_000_000)))
    }
}

fn clamp(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

impl std::ops::Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Cents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |a, b| a + b)
    }
}

impl std::fmt::Display for Cents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, cents) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let whole = (cents / 100).to_string();
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        write!(f, "{sign}{grouped}.{:02}", cents % 100)
    }
}

impl Serialize for Cents {
    /// As dollars in a text, `"1091.37"`: a JSON number would be taken for a float.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string().replace(',', ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_rounded_half_up_and_shown_in_dollars() {
        assert_eq!(Cents::from_nano(88_952_875_000).to_string(), "88.95");
        assert_eq!(Cents::from_nano(5_000_000), Cents(1));
        assert_eq!((Cents(90_764).share(500), Cents(1).share(500)), (Cents(45_382), Cents(1)));
        assert_eq!(Cents(123_456_789).to_string(), "1,234,567.89");
        assert_eq!(Cents(-5).to_string(), "-0.05");
    }
}
