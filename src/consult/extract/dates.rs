//! Dates of service in the notations coders use. A month, quarter or year is answered for one day in it, and the
//! answer says so.

use std::sync::LazyLock;

use regex::Regex;

use super::around;
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
static MONTH_YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\bMONTH,?\s+(?:of\s+)?((?:19|20)\d\d)\b"));
static NUMERIC_MONTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?:^|[^0-9/.-])(\d{1,2})/((?:19|20)\d\d)(?:$|[^0-9/-])"));
static QUARTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:Q([1-4])\s*(?:of\s*)?((?:19|20)\d\d)|((?:19|20)\d\d)\s*Q([1-4])|([1-4])Q\s*((?:19|20)\d\d))\b",
    )
});
static FISCAL: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\b(?:FY|fiscal year)\s*'?((?:20)?\d\d)\b"));
static SHORT_QUARTER: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\b(?:Q([1-4])\s*(?:of\s*)?'?(\d\d)|([1-4])Q\s*'?(\d\d))\b"));
static SHORT_NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\b(\d{1,2})-MONTH-(\d\d)\b"));
static NAMED_SHORT_YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\bMONTH\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+'(\d\d)\b"));
static COMPACT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:dos|date of service|service date)\s*[:=]?\s*(?:((?:20)\d\d)(\d\d)(\d\d)|(\d\d)(\d\d)((?:20)?\d\d))\b",
    )
});
static MONTH_DAY: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\bMONTH\s+(\d{1,2})(?:st|nd|rd|th)?(?:$|[^0-9:/])"));
static DAY_OF_MONTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\b(\d{1,2})(?:st|nd|rd|th)\s+(?:of\s+)?MONTH\b"));
static MONTH_ONLY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"\b(?:(last|this past)|in|during|from|this|early|late|mid)[ -]MONTH(?:$|[^a-z])")
});
static RELATIVE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:(?:dos|claims?|billed|denied|denials?|seen|came|comes|visit|visits|here|done|performed|gave|given|service|had|did|for|is|was|saw|surgery|injection|procedure|of)\s*(?:in\s+|on\s+|is\s+|was\s+|from\s+|:\s*|=\s*)?(today|yesterday|last month|last year|this year|this month)|(today|yesterday)(?:'s (?:visit|claim|date|encounter|note)|, (?:we|he|she|pt|dr|the pt|patient)|\s+(?:we|he|she|dr|pt|in the (?:office|clinic))))\b",
    )
});
static BARE_YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?:^|[\s(,;])(20[2-4]\d)(?:$|[\s),;:?!]|\.(?:\s|$))"));
static YEAR_NOUN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(20[0-4]\d)\s+(?:dos|dates?|visits?|claims?|services?|rates?|fee|fees|national|mpfs|code set|codes|edition|rvus?|amount|cf|conversion)\b",
    )
});
static HISTORY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:had|hx|history|h/o|s/p|status post|since|diagnosed|dx'?d|dx ed|stroke|surgery|previous(?:ly)?|prior|last (?:one|seen|done|visit|colonoscopy|scan|dexa|pap)|removed|back|started|originally|onset|transplant(?:ed)?|remission|until|through|effective|eff|deleted|expires?|expired|as of|revised|updated|published|guidelines?|manual|edition|edits?|version|since)\b[^.;!?\n]{0,40}$",
    )
});
static PAPER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:denied|denial|letter|dated|received|sent|submitted|paid|remit|eob|era|processed|appeal(?:ed)?|filed|mailed|billed|check|due|by|before|deadline|rejected|resubmitted|signed|audit|effective|eff|deleted)\s*(?:on|of|from|was|date|dated|:|by|until|back on|in)?\s*$",
    )
});
static YEAR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"\b(?:in|for|during|dos|cy|calendar year|date of service|,)\s*:?\s*(20[0-4]\d)\b")
});
static NO_YEAR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:dos|on|from|dated|of|the|seen|visit|note|for|and|since|date of service)\s*:?\s*(\d{1,2})/(\d{1,2})(?:$|[^0-9/a-z%.]|\.(?:$|\s))",
    )
});
static BIRTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?:\b(?:dob|birth|born)\b[^0-9]{0,12}|\bd\.o\.b\.?[^0-9]{0,8})$"));
static SERVICE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:dos|dates? of service|service date|discharged?(?: on| date)?|performed|done|seen|on)\b[^0-9a-z]{0,6}(?:(?:in|on|is|was|of|at|the)\b)?[^0-9a-z]{0,4}$",
    )
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

static CLAIM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:dos|claims?|visits?|services?|billed|code|valid|fee|rate|amount|encounters?|patients?)\b[^.;!?\n]{0,24}$",
    )
});

struct Found {
    at: usize,
    day: CivilDate,
    last: CivilDate,
    reading: DateReading,
    /// How likely it is the date of service, the smallest first.
    rank: u8,
}

/// More dates of one notation are not read.
const MOST: usize = 100;

/// How a date is written.
#[derive(Clone, Copy)]
enum Notation {
    Compact,
    Iso,
    Us,
    NamedUs,
    DayFirst,
    Quarter,
    ShortQuarter,
    Fiscal,
    MonthYear,
    NumericMonth,
    Year,
    DayOfMonth,
    MonthDay,
    NoYear,
    Relative,
    MonthOnly,
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
        let tail = around::before(text, at, 48).to_owned();
        if BIRTH.as_ref().is_some_and(|r| r.is_match(&tail)) || day.year() < 2000 {
            return;
        }
        let says = |r: &LazyLock<Option<Regex>>| r.as_ref().is_some_and(|r| r.is_match(&tail));
        // A bare year or month of long ago, or one that history or a rule speaks of, is no date of service.
        let long = !matches!(reading, DateReading::Day | DateReading::DayWithoutYear);
        let past = day.year() < mail_date.year() - 1;
        let year_alone = reading == DateReading::Year && day.year() < mail_date.year() - 2;
        let rank = if says(&SERVICE) {
            0
        } else if says(&PAPER) {
            2
        } else if says(&HISTORY) || (year_alone && !says(&CLAIM)) {
            3
        } else {
            1
        };
        // Told of the past, a period is never a date of service, and a day only if nothing else is named.
        if rank == 3 && (long || past) {
            return;
        }
        found.push(Found { at, day, last, reading, rank });
    };
    let day = |y: Option<i16>, m: Option<i8>, d: Option<i8>| CivilDate::new(y?, m?, d?).map(|day| (day, day));
    let g = |c: &regex::Captures<'_>, i: usize| c.get(i).map(|m| m.as_str().to_owned()).unwrap_or_default();
    let span = |c: &regex::Captures<'_>| {
        let first = c.iter().skip(1).flatten().map(|m| m.start()).min().unwrap_or(0);
        let last = c.iter().skip(1).flatten().map(|m| m.end()).max().unwrap_or(0);
        (first, last)
    };
    let this_year = mail_date.year();
    // The last such day up to the mail's date.
    let without_year = |m: Option<i8>, d: Option<i8>| {
        let this = day(Some(this_year), m, d).filter(|(day, _)| *day <= mail_date);
        this.or_else(|| day(Some(this_year - 1), m, d))
    };
    for (kind, pattern) in [
        (Notation::Compact, &*COMPACT),
        (Notation::Iso, &*ISO),
        (Notation::Us, &*US),
        (Notation::NamedUs, &*NAMED_US),
        (Notation::NamedUs, &*NAMED_SHORT_YEAR),
        (Notation::DayFirst, &*NAMED_DAY_FIRST),
        (Notation::DayFirst, &*SHORT_NAMED),
        (Notation::Quarter, &*QUARTER),
        (Notation::ShortQuarter, &*SHORT_QUARTER),
        (Notation::Fiscal, &*FISCAL),
        (Notation::MonthYear, &*MONTH_YEAR),
        (Notation::NumericMonth, &*NUMERIC_MONTH),
        (Notation::Year, &*YEAR),
        (Notation::Year, &*YEAR_NOUN),
        (Notation::DayOfMonth, &*DAY_OF_MONTH),
        (Notation::MonthDay, &*MONTH_DAY),
        (Notation::NoYear, &*NO_YEAR),
        (Notation::Year, &*BARE_YEAR),
        (Notation::Relative, &*RELATIVE),
        (Notation::MonthOnly, &*MONTH_ONLY),
    ] {
        let Some(pattern) = pattern else { continue };
        for c in pattern.captures_iter(text).take(MOST) {
            let (at, end) = span(&c);
            let num = |i: usize| g(&c, i).parse::<i8>().ok();
            match kind {
                Notation::Compact => {
                    let date = if c.get(1).is_some() {
                        day(year(&g(&c, 1)), num(2), num(3))
                    } else {
                        day(year(&g(&c, 6)), num(4), num(5))
                    };
                    add(at, end, date, DateReading::Day);
                }
                Notation::Iso => add(at, end, day(year(&g(&c, 1)), num(2), num(3)), DateReading::Day),
                Notation::Us => add(at, end, day(year(&g(&c, 3)), num(1), num(2)), DateReading::Day),
                Notation::NamedUs => {
                    add(at, end, day(year(&g(&c, 3)), month(&g(&c, 1)), num(2)), DateReading::Day);
                }
                Notation::DayFirst => {
                    add(at, end, day(year(&g(&c, 3)), month(&g(&c, 2)), num(1)), DateReading::Day);
                }
                Notation::Quarter => {
                    let joined = |a, b| format!("{}{}", g(&c, a), g(&c, b));
                    let q: Option<i8> = format!("{}{}", joined(1, 4), g(&c, 5)).parse().ok();
                    let y = year(&format!("{}{}", joined(2, 3), g(&c, 6)));
                    add(at, end, months(y, q.map(|q| q * 3 - 2), 3), DateReading::Quarter);
                }
                Notation::ShortQuarter => {
                    let q: Option<i8> = format!("{}{}", g(&c, 1), g(&c, 3)).parse().ok();
                    let y = year(&format!("{}{}", g(&c, 2), g(&c, 4)));
                    add(at, end, months(y, q.map(|q| q * 3 - 2), 3), DateReading::Quarter);
                }
                // A federal fiscal year, and with it an ICD-10 edition, begins on 1 October of the year before.
                Notation::Fiscal => {
                    let y = year(&g(&c, 1)).and_then(|y| y.checked_sub(1));
                    add(at, end, months(y, Some(10), 12), DateReading::Year);
                }
                Notation::MonthYear => {
                    add(at, end, months(year(&g(&c, 2)), month(&g(&c, 1)), 1), DateReading::Month);
                }
                Notation::NumericMonth => {
                    add(at, end, months(year(&g(&c, 2)), num(1), 1), DateReading::Month);
                }
                Notation::Year => add(at, end, months(year(&g(&c, 1)), Some(1), 12), DateReading::Year),
                Notation::DayOfMonth => {
                    add(at, end, without_year(month(&g(&c, 2)), num(1)), DateReading::DayWithoutYear);
                }
                // "it may 5 times": the month in small letters is a verb.
                Notation::MonthDay if g(&c, 1) == "may" => {}
                Notation::MonthDay => {
                    add(at, end, without_year(month(&g(&c, 1)), num(2)), DateReading::DayWithoutYear);
                }
                Notation::NoYear => add(at, end, without_year(num(1), num(2)), DateReading::DayWithoutYear),
                Notation::Relative => {
                    let word = format!("{}{}", g(&c, 1), g(&c, 2)).to_lowercase();
                    let one = |d: CivilDate| Some((d, d));
                    let first = CivilDate::new(mail_date.year(), mail_date.month(), 1);
                    match word.as_str() {
                        "today" => add(at, end, one(mail_date), DateReading::Day),
                        "yesterday" => add(at, end, one(mail_date.plus_days(-1)), DateReading::Day),
                        "last year" => {
                            add(at, end, months(Some(this_year - 1), Some(1), 12), DateReading::Year)
                        }
                        "this year" => add(at, end, months(Some(this_year), Some(1), 12), DateReading::Year),
                        "this month" => {
                            add(
                                at,
                                end,
                                months(Some(this_year), Some(mail_date.month()), 1),
                                DateReading::Month,
                            );
                        }
                        _ => {
                            let last = first.map(|f| f.plus_days(-1));
                            let span = last.and_then(|l| months(Some(l.year()), Some(l.month()), 1));
                            add(at, end, span, DateReading::Month);
                        }
                    }
                }
                Notation::MonthOnly => {
                    let m = month(&g(&c, 2));
                    let this = m.filter(|m| {
                        *m <= mail_date.month() && c.get(1).is_none_or(|_| *m < mail_date.month())
                    });
                    let y = if this.is_some() { this_year } else { this_year - 1 };
                    add(at, end, months(Some(y), m, 1), DateReading::Month);
                }
            }
        }
    }
    found.sort_by_key(|f| (f.rank, f.reading != DateReading::Day, f.at));
    let first = found.first()?;
    let mut others: Vec<CivilDate> =
        found.iter().skip(1).map(|f| f.day).filter(|d| *d != first.day).collect();
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
            ("DOS 3/4/25", "2025-03-04", DateReading::Day),
            ("4 March 2025", "2025-03-04", DateReading::Day),
            ("03-04-2025", "2025-03-04", DateReading::Day),
            ("3-Mar-25", "2025-03-03", DateReading::Day),
            ("Mar 3 '25", "2025-03-03", DateReading::Day),
            ("DOS 20250304", "2025-03-04", DateReading::Day),
            ("DOS 030425", "2025-03-04", DateReading::Day),
            ("seen Jan 5th", "2026-01-05", DateReading::DayWithoutYear),
            ("on March 5", "2025-03-05", DateReading::DayWithoutYear),
            ("5th of March", "2025-03-05", DateReading::DayWithoutYear),
            ("the 6/9 note", "2025-06-09", DateReading::DayWithoutYear),
            ("last October", "2025-10-01", DateReading::Month),
            ("exam he did in March", "2025-03-01", DateReading::Month),
            ("claims from last month", "2025-12-01", DateReading::Month),
            ("FY26", "2025-10-01", DateReading::Year),
            ("Q3 24", "2024-07-01", DateReading::Quarter),
            ("seen today", "2026-01-15", DateReading::Day),
            ("done yesterday", "2026-01-14", DateReading::Day),
            ("2025 national amount", "2025-01-01", DateReading::Year),
            ("stroke in 2019, DOS 3/4/25", "2025-03-04", DateReading::Day),
            ("denied 12/1/2025 for DOS 11/3/2025", "2025-11-03", DateReading::Day),
            ("done on 12/20", "2025-12-20", DateReading::DayWithoutYear),
        ] {
            assert_eq!(at(text), Some((day.to_owned(), reading)), "{text}");
        }
    }

    #[test]
    fn no_date_of_service() {
        for text in [
            "DOB 05/05/1950",
            "13/45/2024",
            "call 555-123-4567",
            "63020 and 63030",
            "1/2 tablet",
            "97110 x 3",
            "pneumonia in 2019, now fine",
            "on prednisone since 2023",
            "had a stroke in 2020",
            "may 99213 be billed",
            "it may 5 times",
            "need it before Friday",
        ] {
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
