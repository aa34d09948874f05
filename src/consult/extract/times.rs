//! Minutes: stated ("52 min", "1 hr 20", "half an hour"), or by start and stop ("10:05 to 11:30").

use std::sync::LazyLock;

use regex::Regex;

use super::around::before;
use super::words::number;

/// A time that a text states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minutes {
    /// The minutes; of a range ("20-29 minutes") the fewest.
    pub minutes: u32,
    /// The most minutes of a range.
    pub most: Option<u32>,
    /// The code it stands beside, if any.
    pub code: Option<String>,
}

/// More times of one text are not read.
const MOST: usize = 60;

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("(?i){pattern}")).ok()
}

static HOURS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:^|[^0-9a-z.$])(?:(\d{1,2}(?:\.\d{1,2})?|\b(?:an|one|two|three|four|five|six))\s*-?\s*(?:hours?|hrs?|h)\.?(?:\s*(?:and|,|&)?\s*(\d{1,2})\s*(?:m|mins?|minutes?)?\b|\s*(?:and\s+)?a\s+(half|quarter)\b|\b|$)|\b(half an hour|half hour|(?:an )?hour and a half|quarter of an hour)\b)",
    )
});
static MINUTES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:^|[^0-9a-z.$])(?:(\d{1,3})\s*(?:-|–|to)\s*)?(\d{1,3}|\b(?:five|ten|fifteen|twenty|thirty|forty|forty-five|fifty|sixty|ninety))\s*\+?\s*-?\s*(?:mins?|minutes?|min\.)\b",
    )
});
static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:^|[^0-9:])(\d{1,2}):(\d{2})\s*(am|pm|a\.m\.|p\.m\.|a|p|h)?\s*(?:-|–|to|until|till|through|thru|/|,?\s*(?:and\s+)?(?:stop(?:ped)?|end(?:ed)?|out|finish(?:ed)?)(?:\s+(?:time|at))*:?)\s*(\d{1,2}):(\d{2})\s*(am|pm|a\.m\.|p\.m\.|a\b|p\b)?",
    )
});
static MILITARY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:start(?:ed)?|from|begin|began|in)\s*(?:time|at)?\s*:?\s*([01]\d|2[0-3])([0-5]\d)\s*(?:h|hrs?|hours)?\s*(?:-|–|to|until|,?\s*(?:and\s+)?(?:stop(?:ped)?|end(?:ed)?|out)\s*(?:time|at)?\s*:?)\s*([01]\d|2[0-3])([0-5]\d)\b",
    )
});
static NOT_SPENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\b(?:per|each|every|additional|another|first|initial|units? of|in)\s*$"));
static CODE_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"\b(\d{5}|[a-z]\d{4})(?:-[a-z0-9]{2})*\s*(?:\(|:|=|-|–|for|x|was|at|done for|done)?\s*$")
});
static CODE_COMMA: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\b(\d{5}|[a-z]\d{4})(?:-[a-z0-9]{2})*\s*,\s*$"));
static CODE_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"^\s*(?:of|on|for|doing|spent on|in|\)|:|=)?\s*(?:therapeutic \w+\s*)?\(?(\d{5}|[a-z]\d{4})\b")
});

const WRITTEN: &[(&str, u32)] = &[
    ("five", 5),
    ("ten", 10),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("forty-five", 45),
    ("fifty", 50),
    ("sixty", 60),
    ("ninety", 90),
];

fn count(text: &str) -> Option<u32> {
    let lower = text.to_lowercase();
    WRITTEN.iter().find(|(w, _)| *w == lower).map(|(_, n)| *n).or_else(|| lower.parse().ok())
}

/// The times of a text in its order.
pub(super) fn find(text: &str) -> Vec<Minutes> {
    let mut found: Vec<(usize, usize, u32, Option<u32>)> = Vec::new();
    let mut add = |start: usize, end: usize, minutes: Option<u32>, most: Option<u32>| {
        let overlaps = found.iter().any(|(a, b, ..)| start < *b && *a < end);
        if let Some(minutes) = minutes.filter(|m| (1..=1440).contains(m) && !overlaps) {
            found.push((start, end, minutes, most));
        }
    };
    for c in CLOCK.iter().flat_map(|r| r.captures_iter(text).take(MOST)) {
        let n = |i: usize| c.get(i).and_then(|m| m.as_str().parse::<u32>().ok());
        let half =
            |i: usize| c.get(i).map_or("", |m| m.as_str()).chars().next().map(|c| c.to_ascii_lowercase());
        let (start, end) = (c.get(1).map_or(0, |m| m.start()), c.get(0).map_or(0, |m| m.end()));
        add(start, end, between((n(1), n(2), half(3)), (n(4), n(5), half(6))), None);
    }
    for c in MILITARY.iter().flat_map(|r| r.captures_iter(text).take(MOST)) {
        let n = |i: usize| c.get(i).and_then(|m| m.as_str().parse::<u32>().ok());
        let (start, end) = (c.get(1).map_or(0, |m| m.start()), c.get(0).map_or(0, |m| m.end()));
        add(start, end, between((n(1), n(2), None), (n(3), n(4), None)), None);
    }
    for c in HOURS.iter().flat_map(|r| r.captures_iter(text).take(MOST)) {
        let Some(whole) = c.get(0) else { continue };
        let first = c.get(1).or_else(|| c.get(4)).map_or(whole.start(), |m| m.start());
        add(first, whole.end(), hours(&c), None);
    }
    for c in MINUTES.iter().flat_map(|r| r.captures_iter(text).take(MOST)) {
        let (Some(whole), Some(last)) = (c.get(0), c.get(2)) else { continue };
        let low = c.get(1);
        let from = low.map_or(last.start(), |m| m.start());
        if NOT_SPENT.as_ref().is_some_and(|r| r.is_match(before(text, from, 24))) {
            continue;
        }
        // "the 8 minute rule" is no time that was spent.
        if text.get(whole.end()..).unwrap_or_default().trim_start().starts_with("rule") {
            continue;
        }
        let minutes = count(last.as_str());
        match low.and_then(|m| m.as_str().parse::<u32>().ok()).filter(|l| Some(*l) < minutes) {
            Some(low) => add(from, whole.end(), Some(low), minutes),
            None => add(from, whole.end(), minutes, None),
        }
    }
    found.sort_by_key(|f| f.0);
    let code = |start: usize, end: usize| -> Option<String> {
        let head = before(text, start, 28);
        let tail = text.get(end..).unwrap_or_default();
        let group = |r: &LazyLock<Option<Regex>>, t: &str| {
            r.as_ref()
                .and_then(|r| r.captures(t))
                .and_then(|c| c.get(1).map(|m| m.as_str().to_ascii_uppercase()))
        };
        group(&CODE_BEFORE, head).or_else(|| group(&CODE_AFTER, tail)).or_else(|| group(&CODE_COMMA, head))
    };
    found.iter().map(|f| Minutes { minutes: f.2, most: f.3, code: code(f.0, f.1) }).collect()
}

fn hours(c: &regex::Captures<'_>) -> Option<u32> {
    if let Some(words) = c.get(4) {
        return Some(match words.as_str().to_lowercase().as_str() {
            "half an hour" | "half hour" => 30,
            "quarter of an hour" => 15,
            _ => 90,
        });
    }
    let written = c.get(1)?.as_str().to_lowercase();
    let hours: f64 = match written.as_str() {
        "an" => 1.0,
        w => number(w).map(f64::from).or_else(|| w.parse().ok())?,
    };
    let extra = match c.get(3).map(|m| m.as_str().to_lowercase()).as_deref() {
        Some("half") => 30,
        Some(_) => 15,
        None => c.get(2).and_then(|m| m.as_str().parse().ok()).unwrap_or(0),
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let minutes = (hours * 60.0).round() as u32;
    Some(minutes + extra)
}

/// Hour, minute, half of the day.
type Clock = (Option<u32>, Option<u32>, Option<char>);

/// The minutes between two times of the clock, over midnight if they must.
fn between(from: Clock, to: Clock) -> Option<u32> {
    let minute = |(h, m, half): Clock, other: Option<char>| -> Option<u32> {
        let (h, m) = (h.filter(|h| *h < 24)?, m.filter(|m| *m < 60)?);
        let pm = half.or(other) == Some('p');
        let am = half == Some('a');
        Some(match (pm, am) {
            (true, _) if h < 12 => (h + 12) * 60 + m,
            (_, true) if h == 12 => m,
            _ => h * 60 + m,
        })
    };
    let stop = minute(to, None)?;
    // "10:05 to 11:30 pm": the half stands once, for both, unless that would run backwards.
    let start = minute(from, to.2).filter(|s| *s <= stop).or_else(|| minute(from, None))?;
    let spent = if stop >= start {
        stop - start
    } else if to.2.is_none() && from.2.is_none() && stop + 720 > start && stop < 720 && start < 780 {
        // "11:40 to 12:10", "12:45 to 1:15" on a clock of twelve hours.
        stop + 720 - start
    } else {
        stop + 1440 - start
    };
    (spent <= 960).then_some(spent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_any_notation() {
        for (text, minutes) in [
            ("total 52 min", &[52][..]),
            ("52-minute visit", &[52]),
            ("1 hr 20", &[80]),
            ("1h20m", &[80]),
            ("1.5 hours", &[90]),
            ("an hour and a half", &[90]),
            ("half an hour", &[30]),
            ("two hours", &[120]),
            ("from 10:05 to 11:30", &[85]),
            ("10:05 am - 11:30 am", &[85]),
            ("start 10:05, stop 11:30", &[85]),
            ("12:45 to 1:15", &[30]),
            ("11:40 pm to 12:20 am", &[40]),
            ("start 1005 stop 1130", &[85]),
            ("face to face 35 minutes", &[35]),
            ("97110 25 min, 97140 15 min", &[25, 15]),
            ("per 15 minutes", &[]),
            ("each 15 min", &[]),
            ("$45 min wage", &[]),
            ("in 5 days", &[]),
        ] {
            assert_eq!(find(text).iter().map(|m| m.minutes).collect::<Vec<_>>(), minutes, "{text}");
        }
        assert_eq!(find("20-29 minutes")[0].most, Some(29));
    }

    #[test]
    fn minutes_belong_to_codes() {
        let codes = |text: &str| -> Vec<Option<String>> { find(text).into_iter().map(|m| m.code).collect() };
        let some = |c: &str| Some(c.to_owned());
        assert_eq!(codes("97110 25 min, 97140 15 min"), [some("97110"), some("97140")]);
        assert_eq!(codes("25 min of 97110 and 15 min of 97140"), [some("97110"), some("97140")]);
        assert_eq!(codes("97110 (23 minutes)"), [some("97110")]);
        assert_eq!(codes("spent 52 minutes"), [None]);
    }
}
