//! Dates of service in the notations coders use. A month, quarter or year is answered for one day in it, and the
//! answer says so.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::CivilDate;

/// How exactly the date was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateReading {
    /// A day.
    Day,
    /// A day without a year: the last such day up to the mail's date.
    DayWithoutYear,
    /// A month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A year.
    Year,
}

/// A date of service as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateOfService {
    /// The day that look-ups use: the first day of a longer period.
    pub day: CivilDate,
    /// The last day of the period (the same day, unless only a period was named).
    pub last: CivilDate,
    /// What the text gave.
    pub reading: DateReading,
    /// Other dates that the text also names as dates of service.
    pub others: Vec<CivilDate>,
}

const MONTH: &str = r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("(?i){}", pattern.replace("MONTH", MONTH))).ok()
}

static ISO: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?:^|[^0-9-])((?:19|20)\d\d)[-/](\d{1,2})[-/](\d{1,2})(?:$|[^0-9-])"));
static US: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?:^|[^0-9/.-])(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:$|[^0-9/-])"));
static NAMED_US: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\bMONTH\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)\b"));
static NAMED_DAY_FIRST: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\b(\d{1,2})(?:st|nd|rd|th)?[ -]MONTH[ ,-]+((?:19|20)\d\d)\b"));
static MONTH_YEAR: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\bMONTH,?\s+(?:of\s+)?((?:19|20)\d\d)\b"));
static NUMERIC_MONTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?:^|[^0-9/.-])(\d{1,2})/((?:19|20)\d\d)(?:$|[^0-9/-])"));
static QUARTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"\b(?:Q([1-4])\s*(?:of\s*)?((?:19|20)\d\d)|((?:19|20)\d\d)\s*Q([1-4])|([1-4])Q\s*((?:19|20)\d\d))\b")
});
static YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\b(?:in|for|during|dos|cy|calendar year|date of service|,)\s*:?\s*(20[0-4]\d)\b"));
static NO_YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\b(?:dos|on|from|dated|of)\s*:?\s*(\d{1,2})/(\d{1,2})(?:$|[^0-9/])"));
static BIRTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?:\b(?:dob|birth|born)\b[^0-9]{0,12}|\bd\.o\.b\.?[^0-9]{0,8})$"));
static SERVICE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"(?:\bdos\b|dates? of service|service date|discharged?(?: on| date)?|performed|done|seen|on)[^0-9]{0,12}$")
});

fn month(name: &str) -> Option<i8> {
    let lower = name.to_lowercase();
    let key = lower.get(..3)?;
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        .iter()
        .position(|m| *m == key)
        .and_then(|i| i8::try_from(i + 1).ok())
}

fn year(text: &str) -> Option<i16> {
    let n: i16 = text.parse().ok()?;
    Some(if text.len() == 2 { if n > 69 { 1900 + n } else { 2000 + n } } else { n })
}

struct Found {
    at: usize,
    day: CivilDate,
    last: CivilDate,
    reading: DateReading,
    service: bool,
}

/// The date of service of a text: the one that is called so, else the first that is not a date of birth.
pub(super) fn find(text: &str, mail_date: CivilDate) -> Option<DateOfService> {
    let mut found: Vec<Found> = Vec::new();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut add = |at: usize, end: usize, span: Option<(CivilDate, CivilDate)>, reading: DateReading| {
        let Some((day, last)) = span else { return };
        if taken.iter().any(|(a, b)| at < *b && *a < end) {
            return;
        }
        taken.push((at, end));
        let before = text.get(..at).unwrap_or_default();
        let tail: String = before.chars().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect();
        if BIRTH.as_ref().is_some_and(|r| r.is_match(&tail)) || day.year() < 2000 {
            return;
        }
        let service = SERVICE.as_ref().is_some_and(|r| r.is_match(&tail));
        found.push(Found { at, day, last, reading, service });
    };
    let day = |y: Option<i16>, m: Option<i8>, d: Option<i8>| {
        CivilDate::new(y?, m?, d?).map(|day| (day, day))
    };
    let g = |c: &regex::Captures<'_>, i: usize| c.get(i).map(|m| m.as_str().to_owned()).unwrap_or_default();
    let span = |c: &regex::Captures<'_>| {
        let first = c.iter().skip(1).flatten().map(|m| m.start()).min().unwrap_or(0);
        let last = c.iter().skip(1).flatten().map(|m| m.end()).max().unwrap_or(0);
        (first, last)
    };
    for (kind, pattern) in [
        (0, &*ISO),
        (1, &*US),
        (2, &*NAMED_US),
        (3, &*NAMED_DAY_FIRST),
        (4, &*QUARTER),
        (5, &*MONTH_YEAR),
        (6, &*NUMERIC_MONTH),
        (7, &*YEAR),
        (8, &*NO_YEAR),
    ] {
        let Some(pattern) = pattern else { continue };
        for c in pattern.captures_iter(text) {
            let (at, end) = span(&c);
            match kind {
                0 => add(at, end, day(year(&g(&c, 1)), g(&c, 2).parse().ok(), g(&c, 3).parse().ok()), DateReading::Day),
                1 => add(at, end, day(year(&g(&c, 3)), g(&c, 1).parse().ok(), g(&c, 2).parse().ok()), DateReading::Day),
                2 => add(at, end, day(year(&g(&c, 3)), month(&g(&c, 1)), g(&c, 2).parse().ok()), DateReading::Day),
                3 => add(at, end, day(year(&g(&c, 3)), month(&g(&c, 2)), g(&c, 1).parse().ok()), DateReading::Day),
                4 => {
                    let joined = |a, b| format!("{}{}", g(&c, a), g(&c, b));
                    let q: Option<i8> = format!("{}{}", joined(1, 4), g(&c, 5)).parse().ok();
                    let y = year(&format!("{}{}", joined(2, 3), g(&c, 6)));
                    add(at, end, months(y, q.map(|q| q * 3 - 2), 3), DateReading::Quarter);
                }
                5 => add(at, end, months(year(&g(&c, 2)), month(&g(&c, 1)), 1), DateReading::Month),
                6 => add(at, end, months(year(&g(&c, 2)), g(&c, 1).parse().ok(), 1), DateReading::Month),
                7 => add(at, end, months(year(&g(&c, 1)), Some(1), 12), DateReading::Year),
                _ => {
                    let (m, d) = (g(&c, 1).parse().ok(), g(&c, 2).parse().ok());
                    let this = day(Some(mail_date.year()), m, d).filter(|(day, _)| *day <= mail_date);
                    let that = this.or_else(|| day(Some(mail_date.year() - 1), m, d));
                    add(at, end, that, DateReading::DayWithoutYear);
                }
            }
        }
    }
    found.sort_by_key(|f| (!f.service, f.reading != DateReading::Day, f.at));
    let first = found.first()?;
    let mut others: Vec<CivilDate> = found.iter().skip(1).map(|f| f.day).filter(|d| *d != first.day).collect();
    others.sort();
    others.dedup();
    Some(DateOfService { day: first.day, last: first.last, reading: first.reading, others })
}

/// `count` whole months from the first of a month.
fn months(year: Option<i16>, month: Option<i8>, count: i8) -> Option<(CivilDate, CivilDate)> {
    let (year, month) = (year?, month?);
    let first = CivilDate::new(year, month, 1)?;
    let next = month.checked_add(count)?;
    let (y, m) = if next > 12 { (year.checked_add(1)?, next - 12) } else { (year, next) };
    Some((first, CivilDate::new(y, m, 1)?.plus_days(-1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<(String, DateReading)> {
        find(text, "2026-01-15".parse().unwrap()).map(|d| (d.day.to_string(), d.reading))
    }

    #[test]
    fn usual_notations() {
        for (text, day, reading) in [
            ("DOS 2024-08-15", "2024-08-15", DateReading::Day),
            ("on 8/15/2024.", "2024-08-15", DateReading::Day),
            ("8/15/24", "2024-08-15", DateReading::Day),
            ("08-15-2024", "2024-08-15", DateReading::Day),
            ("Aug 15 2024", "2024-08-15", DateReading::Day),
            ("August 15th, 2024", "2024-08-15", DateReading::Day),
            ("15 Aug 2024", "2024-08-15", DateReading::Day),
            ("in August 2024", "2024-08-01", DateReading::Month),
            ("06/2025", "2025-06-01", DateReading::Month),
            ("Q3 2024", "2024-07-01", DateReading::Quarter),
            ("2024Q3", "2024-07-01", DateReading::Quarter),
            ("in 2025", "2025-01-01", DateReading::Year),
            ("done on 12/20", "2025-12-20", DateReading::DayWithoutYear),
        ] {
            assert_eq!(at(text), Some((day.to_owned(), reading)), "{text}");
        }
    }

    #[test]
    fn no_date_of_service() {
        for text in ["DOB 05/05/1950", "13/45/2024", "call 555-123-4567", "63020 and 63030", "1/2 tablet", "97110 x 3"] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn the_date_that_is_called_so_wins() {
        assert_eq!(at("Sent 9/1/2025. DOS 8/15/2024").unwrap().0, "2024-08-15");
        let d = find("Q3 2024", "2026-01-15".parse().unwrap()).unwrap();
        assert_eq!(d.last.to_string(), "2024-09-30");
    }
}
