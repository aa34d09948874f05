//! Times and dates. A time is microseconds UTC; a date of service is a civil date, without a time of day.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A moment: microseconds since 1970-01-01 UTC. Stored as BIGINT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// From whole seconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Whole seconds since 1970-01-01 UTC, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This moment, `seconds` later (or earlier, if negative).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The civil date of this moment in a time zone.
    #[must_use]
    pub fn date_in(self, zone: &TimeZone) -> CivilDate {
        CivilDate(self.zoned(zone).date())
    }

    /// `2026-01-05 14:03` in a time zone, for pages.
    #[must_use]
    pub fn minute_in(self, zone: &TimeZone) -> String {
        self.zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The value of a mail's Date header (RFC 5322) in a time zone.
    #[must_use]
    pub fn rfc2822_in(self, zone: &TimeZone) -> String {
        self.zoned(zone).strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
    }

    fn zoned(self, zone: &TimeZone) -> jiff::Zoned {
        jiff::Timestamp::from_microsecond(self.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(zone.clone())
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, to the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.zoned(&TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// A date of service, an effective date, the end of a release: a day without a time. `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDate(civil::Date);

/// What is wrong with a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date: write it as YYYY-MM-DD, for example 2025-10-01")]
pub struct DateError(pub String);

impl CivilDate {
    /// A date from year, month and day; `None` if there is no such day.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self)
    }

    /// Reads `YYYYMMDD`, the form of CMS files; `None` if it is no date.
    #[must_use]
    pub fn from_compact(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Self::new(text.get(0..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?)
    }

    /// The first moment of this date in a time zone.
    #[must_use]
    pub fn start_in(self, zone: &TimeZone) -> Timestamp {
        let start = self.0.to_zoned(zone.clone()).map(|z| z.timestamp().as_microsecond());
        Timestamp(start.unwrap_or_else(|_| i64::from(self.days()).saturating_mul(86_400_000_000)))
    }

    /// Days from 1970-01-01: the form in which the codebook stores dates.
    #[must_use]
    pub fn days(self) -> i32 {
        let epoch = civil::Date::constant(1970, 1, 1);
        self.0.duration_since(epoch).as_hours().div_euclid(24).try_into().unwrap_or(0)
    }

    /// The inverse of [`CivilDate::days`]; a number beyond the calendar gives the calendar's end.
    #[must_use]
    pub fn from_days(days: i32) -> Self {
        let epoch = civil::Date::constant(1970, 1, 1);
        Self(epoch.saturating_add(jiff::Span::new().try_days(days).unwrap_or_default()))
    }

    /// This date, `days` later (or earlier, if negative).
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self::from_days(self.days().saturating_add(days))
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, 1–12.
    #[must_use]
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The day of the month, 1–31.
    #[must_use]
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// The quarter as CMS names its releases, for example `2024Q3`.
    #[must_use]
    pub fn quarter(self) -> String {
        format!("{}Q{}", self.year(), (self.month() - 1) / 3 + 1)
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl FromStr for CivilDate {
    type Err = DateError;
    fn from_str(text: &str) -> Result<Self, DateError> {
        let wrong = || DateError(text.chars().take(40).collect());
        let shape = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !shape {
            return Err(wrong());
        }
        text.parse::<civil::Date>().map(Self).map_err(|_| wrong())
    }
}

impl Serialize for CivilDate {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CivilDate {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_dates() {
        let d: CivilDate = "2024-02-29".parse().unwrap();
        assert_eq!(d.to_string(), "2024-02-29");
        assert_eq!(d.quarter(), "2024Q1");
        assert_eq!(CivilDate::from_compact("20240229"), Some(d));
        for bad in ["2023-02-29", "2024-2-1", "20240229", "", "2024-13-01", "garbage"] {
            assert!(bad.parse::<CivilDate>().is_err(), "{bad}");
        }
        assert_eq!(CivilDate::from_compact("20230229"), None);
    }

    proptest! {
        #[test]
        fn days_and_dates_are_inverse(days in -200_000i32..200_000) {
            let date = CivilDate::from_days(days);
            prop_assert_eq!(date.days(), days);
            prop_assert_eq!(date.to_string().parse::<CivilDate>().unwrap(), date);
            prop_assert_eq!(date.plus_days(1).days(), days + 1);
        }
    }
}
