//! Dates in a sentence: a statement may be about another day than the date of service.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::CivilDate;

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let months = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec";
    Regex::new(&format!(
        r"(?i)\b(?:(\d{{4}})-(\d\d)-(\d\d)|(\d{{1,2}})/(\d{{1,2}})/(\d{{4}})|({months})[a-z]*\.? (\d{{1,2}}),? (\d{{4}})|(\d{{1,2}}) ({months})[a-z]*\.? (\d{{4}}))\b"
    ))
    .ok()
});

/// The days that a sentence may speak of.
pub(super) struct Days {
    /// The date of service.
    pub(super) on: CivilDate,
    /// The dates that the sentence names, with their places.
    pub(super) named: Vec<(Range<usize>, CivilDate)>,
}

impl Days {
    pub(super) fn of(on: CivilDate, sentence: &str) -> Self {
        let mut named = Vec::new();
        for found in DATE.iter().flat_map(|d| d.captures_iter(sentence)) {
            let number = |i: usize| found.get(i).and_then(|m| m.as_str().parse::<i16>().ok());
            let month = |i: usize| found.get(i).and_then(|m| month_of(m.as_str()));
            let small = |i: usize| number(i).and_then(|n| i8::try_from(n).ok());
            let parts = number(1)
                .zip(small(2).zip(small(3)))
                .or_else(|| number(6).zip(small(4).zip(small(5))))
                .or_else(|| number(9).zip(month(7).zip(small(8))))
                .or_else(|| number(12).zip(month(11).zip(small(10))));
            let day = parts.and_then(|(year, (month, day))| CivilDate::new(year, month, day));
            named.extend(found.get(0).zip(day).map(|(m, day)| (m.range(), day)));
        }
        Self { on, named }
    }

    /// The date of service first, then those that the sentence names.
    pub(super) fn all(&self) -> impl Iterator<Item = CivilDate> + '_ {
        std::iter::once(self.on).chain(self.named.iter().map(|(_, day)| *day))
    }
}

fn month_of(word: &str) -> Option<i8> {
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = word.get(..3)?.to_ascii_lowercase();
    names.iter().position(|n| *n == start).and_then(|i| i8::try_from(i + 1).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_usual_form() {
        let on = "2026-01-05".parse().unwrap();
        let text =
            "2025-10-01, 10/1/2025, Oct. 1, 2025, October 1 2025 and 1 October 2025, but not 13/45/2025";
        let days = Days::of(on, text);
        assert_eq!(days.named.len(), 5);
        assert!(days.named.iter().all(|(_, day)| day.to_string() == "2025-10-01"));
        assert_eq!(days.all().count(), 6);
    }
}
