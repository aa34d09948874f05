//! The patient: age, sex, new or established, pregnancy.

use std::sync::LazyLock;

use regex::Regex;

use super::words::{Phrases, Words, number};

/// An age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// The number.
    pub value: u32,
    /// `years`, `months`, `weeks` or `days`.
    pub unit: &'static str,
}

/// The patient's sex, as the text names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sex {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// What a text says of the patient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patient {
    /// The age.
    pub age: Option<Age>,
    /// The sex.
    pub sex: Option<Sex>,
    /// New (true) or established (false) to the group; none if not said or if that is the question.
    pub is_new: Option<bool>,
    /// Pregnancy.
    pub pregnancy: Option<Pregnancy>,
}

/// What a text says of a pregnancy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pregnancy {
    /// Completed weeks of gestation.
    pub weeks: Option<u8>,
    /// Trimester, 1–3: as said, or by the weeks (ICD-10-CM: to 13, to 27, from 28 weeks).
    pub trimester: Option<u8>,
    /// After the delivery.
    pub postpartum: bool,
}

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

static AGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)(?:^|[^0-9.$/])(\d{1,3})\s*-?\s*(yo|y\.o\.?|y/o|yr\.?s?\s*-?\s*old|years?\s*-?\s*old|yrs?\.?\s+of age|years? of age|y\.?r?\.?o\.?\s?[mf]\b|mo\.?\s*-?\s*old|months?\s*-?\s*old|wks?\s*-?\s*old|weeks?\s*-?\s*old|days?\s*-?\s*old|d/o\b|m/o\b|w/o\s+(?:infant|baby|girl|boy)|yr?\s+(?:female|male))",
    )
});
static AGE_SEX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:^|[\s(,;])(?:(\d{1,3})\s?(?:yo|y/o|YO|Y/O|y\.o\.|yr|y)?[ /-]?([MF])|([MF])[ /](\d{1,3})(?:yo|y/o)?)(?:$|[\s),;:?]|\.(?:\s|$))",
    )
});
static AGED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:age[d]?|age is|age:|turned|(?:child|kid|son|daughter|patient|pt|baby|boy|girl|he|she) is)\s*:?\s*(\d{1,3})\s*(months?|mos?|weeks?|wks?|days?)?\s*(?:$|[,.;)?]|\b(?:and|with|on|so|old|yo|yrs?|years?|today|now)\b)",
    )
});
static WEEKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)\b(\d{1,2})\s*(?:\+\s*\d\s*)?(?:-|\s)*(?:w(?:ee)?ks?|w)\s*(?:\d\s*d(?:ays?)?\s*)?(?:,?\s*(pregnant|gestation(?:al age)?|gest\b|ga\b|ega\b|iup|of pregnancy|along|gravid|pregnancy|twin|preg\b))?",
    )
});

/// What a word tells of the patient.
#[derive(Debug)]
enum Told {
    Is(Sex),
    New(bool),
    Newborn,
    Pregnant,
    Trimester(u8),
    Postpartum,
    Nothing,
}

static WORDS: &[(&str, Told)] = &[
    ("female|woman|women|lady|girl|females", Told::Is(Sex::Female)),
    ("male|man|gentleman|boy|males", Told::Is(Sex::Male)),
    (
        "new patient|new pt|new patients|new to the practice|new to us|new to our practice|new to our group|first time patient|never seen before|never been seen",
        Told::New(true),
    ),
    (
        "established patient|established pt|estab patient|estab pt|est patient|est pt|established visit|existing patient|current patient|known patient|returning patient",
        Told::New(false),
    ),
    ("newborn|neonate|newborns", Told::Newborn),
    (
        "pregnant|pregnancy|gravida|iup|intrauterine pregnancy|prenatal|antepartum|ob patient|gestational|gdm|ob|ob global|maternity|antenatal|preeclampsia|pre eclampsia",
        Told::Pregnant,
    ),
    ("first trimester|1st trimester|trimester 1", Told::Trimester(1)),
    ("second trimester|2nd trimester|trimester 2", Told::Trimester(2)),
    ("third trimester|3rd trimester|trimester 3", Told::Trimester(3)),
    ("postpartum|post partum|puerperal|puerperium", Told::Postpartum),
    (
        "not pregnant|non pregnant|negative pregnancy|pregnancy test|pregnancy tests|history of gestational|hx of gestational|man hours|male catheter|newborn screen|newborn screening|female catheter|old man|new patient or established|new or established patient|new or established pt|established or new",
        Told::Nothing,
    ),
];

static TABLE: LazyLock<Phrases<Told>> = LazyLock::new(|| Phrases::of(WORDS));

/// Reads what is said of the patient.
pub(super) fn find(text: &str, words: &Words<'_>) -> Patient {
    let mut patient = Patient::default();
    let (mut is_new, mut is_known, mut newborn) = (false, false, false);
    let (mut female, mut male) = (false, false);
    let mut pregnancy = Pregnancy::default();
    let mut pregnant = false;
    for hit in TABLE.find(words) {
        match hit.means {
            Told::Is(Sex::Female) => female = true,
            Told::Is(Sex::Male) => male = true,
            Told::New(true) => is_new = true,
            Told::New(false) => is_known = true,
            Told::Newborn => newborn = true,
            Told::Pregnant => pregnant = true,
            Told::Trimester(n) => (pregnant, pregnancy.trimester) = (true, Some(*n)),
            Told::Postpartum => (pregnant, pregnancy.postpartum) = (true, true),
            Told::Nothing => {}
        }
    }
    patient.is_new = (is_new != is_known).then_some(is_new);
    if let Some(c) = AGE_SEX.as_ref().and_then(|r| r.captures(text)) {
        let age = c.get(1).or_else(|| c.get(4)).and_then(|m| number(m.as_str()));
        match c.get(2).or_else(|| c.get(3)).map(|m| m.as_str()) {
            Some("F") => female = true,
            _ => male = true,
        }
        patient.age = age.filter(|a| *a <= 115).map(|value| Age { value, unit: "years" });
    }
    let spelt = AGE.as_ref().and_then(|r| r.captures(text)).and_then(|c| {
        let value = number(c.get(1)?.as_str())?;
        let unit = c.get(2)?.as_str().to_lowercase();
        Some(Age { value, unit: age_unit(&unit) })
    });
    let aged = || {
        AGED.as_ref().and_then(|r| r.captures(text)).and_then(|c| {
            let value = number(c.get(1)?.as_str())?;
            let unit = c.get(2).map_or("y".to_owned(), |m| m.as_str().to_lowercase());
            Some(Age { value, unit: age_unit(&unit) })
        })
    };
    let limit = |a: &Age| a.value <= if a.unit == "years" { 115 } else { 400 };
    patient.age = spelt.filter(limit).or(patient.age).or_else(aged).filter(limit);
    if newborn && patient.age.is_none() {
        patient.age = Some(Age { value: 0, unit: "days" });
    }
    let week = WEEKS.iter().flat_map(|r| r.captures_iter(text).take(40)).find_map(|c| {
        let n: u8 = c.get(1)?.as_str().parse().ok()?;
        let named = c.get(2).is_some();
        let after = c.get(0).map_or(0, |m| m.end());
        let later = text.get(after..).unwrap_or_default().trim_start().to_lowercase();
        let span = ["ago", "after", "post", "later", "old", "s/p", "out", "followup", "follow", "of therapy"];
        let visits =
            later.strip_prefix("after ").is_some_and(|l| l.starts_with(|c: char| c.is_ascii_digit()));
        let plain = pregnant && n >= 4 && (visits || !span.iter().any(|s| later.starts_with(s)));
        ((4..=43).contains(&n) && (named || plain)).then_some((n, named))
    });
    if let Some((weeks, named)) = week {
        pregnant |= named;
        if !pregnancy.postpartum {
            pregnancy.weeks = Some(weeks);
            let by_weeks = if weeks < 14 {
                1
            } else if weeks < 28 {
                2
            } else {
                3
            };
            pregnancy.trimester = pregnancy.trimester.or(Some(by_weeks));
        }
    }
    patient.pregnancy = pregnant.then_some(pregnancy);
    patient.sex = match (female, male) {
        (true, false) => Some(Sex::Female),
        (false, true) => Some(Sex::Male),
        _ => None,
    };
    patient
}

fn age_unit(written: &str) -> &'static str {
    match written.as_bytes().first() {
        Some(b'm') => "months",
        Some(b'w') => "weeks",
        Some(b'd') => "days",
        _ => "years",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Patient {
        find(text, &Words::of(text))
    }

    #[test]
    fn ages_and_sexes() {
        for (text, age, sex) in [
            ("67 yo F", Some((67, "years")), Some(Sex::Female)),
            ("67F with DM", Some((67, "years")), Some(Sex::Female)),
            ("a 3-month-old boy", Some((3, "months")), Some(Sex::Male)),
            ("82 y/o male", Some((82, "years")), Some(Sex::Male)),
            ("newborn", Some((0, "days")), None),
            ("Child is 4, 16 kg", Some((4, "years")), None),
            ("70 yo no risk factors", Some((70, "years")), None),
            ("year old claim", None, None),
            ("99213 for F11.20", None, None),
            ("2 yrs ago", None, None),
        ] {
            let p = read(text);
            assert_eq!((p.age.map(|a| (a.value, a.unit)), p.sex), (age, sex), "{text}");
        }
    }

    #[test]
    fn new_established_pregnant() {
        assert_eq!(read("new patient visit").is_new, Some(true));
        assert_eq!(read("est pt").is_new, Some(false));
        assert_eq!(read("is she a new or established patient?").is_new, None);
        let p = read("28 weeks, gestational diabetes").pregnancy.unwrap();
        assert_eq!((p.weeks, p.trimester), (Some(28), Some(3)));
        assert_eq!(read("12 wks pregnant").pregnancy.unwrap().trimester, Some(1));
        assert!(read("seen 6 weeks postpartum").pregnancy.unwrap().postpartum);
        assert_eq!(read("6 weeks after surgery").pregnancy, None);
    }
}
