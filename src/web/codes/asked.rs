//! What the address of a code page asks for: date and system, and the addresses that lead on with the same date.

use serde::Deserialize;

use crate::codebook::{Codebook, CoverageArea, Locality};
use crate::consult::claim;
use crate::desk::Desk;
use crate::desk::lookup::{self, LocalityError};
use crate::domain::{CivilDate, CodeSystem, Setting};
use crate::web::WebError;
use crate::web::error::sentence;

/// Years that a date of service may lie in: typed years of other centuries are slips.
const YEARS: std::ops::RangeInclusive<i16> = 1930..=2099;

/// The date and the system that an address names. Empty fields, as forms send them, count as absent.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(crate) on: String,
    #[serde(default)]
    pub(crate) system: String,
    #[serde(default)]
    pub(crate) setting: String,
    /// A payment locality, `10112/00`; empty: the national amounts.
    #[serde(default)]
    pub(crate) locality: String,
    /// For coverage documents: a state or a Medicare contractor; empty: all.
    #[serde(default)]
    pub(crate) area: String,
    /// For coverage documents: a diagnosis to look for on their lists.
    #[serde(default)]
    pub(crate) dx: String,
}

/// A state or a Medicare contractor's jurisdiction.
pub(crate) fn area(text: &str) -> Result<Option<CoverageArea>, WebError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let found = CoverageArea::read(text).ok_or_else(|| {
        WebError::Input(format!(
            "`{}` is no state and no Medicare contractor: write WI, or NGS J6.",
            cut(text)
        ))
    });
    found.map(Some)
}

/// Diagnoses, separated by blanks or commas.
pub(crate) fn diagnoses(text: &str) -> Result<Vec<String>, WebError> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty());
    let read = words.take(claim::MOST_DIAGNOSES).map(claim::diagnosis);
    read.collect::<Result<Vec<_>, _>>().map_err(|e| WebError::Input(format!("{e}.")))
}

impl Asked {
    /// The date of service: today at the desk if none is given.
    pub(crate) fn date(&self, desk: &Desk) -> Result<CivilDate, WebError> {
        date(&self.on, desk)
    }

    pub(crate) fn system(&self) -> Result<Option<CodeSystem>, WebError> {
        system(&self.system)
    }

    /// The NCCI setting: practitioner if none is given.
    pub(crate) fn setting(&self) -> Result<Setting, WebError> {
        match self.setting.trim() {
            "" => Ok(Setting::Practitioner),
            word => word.parse().map_err(|_| {
                WebError::Input(format!("`{}` is no setting: practitioner, hospital or dme.", cut(word)))
            }),
        }
    }
}

/// The payment locality that an address names; none for empty text and for `national`; an error if the book has none of that
/// name or number, or several.
pub(crate) fn locality(book: &Codebook, text: &str, on: CivilDate) -> Result<Option<Locality>, WebError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    lookup::locality(book, text, on).map_err(|error| match error {
        LocalityError::Codebook(error) => error.into(),
        error => WebError::Input(sentence(&error)),
    })
}

/// A date as typed; today if empty.
pub(crate) fn date(text: &str, desk: &Desk) -> Result<CivilDate, WebError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(desk.clock.today(&desk.zone));
    }
    let day = text.parse::<CivilDate>().ok().filter(|d| YEARS.contains(&d.year()));
    day.ok_or_else(|| {
        WebError::Input(format!(
            "`{}` is not a date of service: write it as YYYY-MM-DD, for example 2025-10-01.",
            cut(text)
        ))
    })
}

/// A system as typed; none if empty.
pub(crate) fn system(text: &str) -> Result<Option<CodeSystem>, WebError> {
    match text.trim() {
        "" => Ok(None),
        word => word.parse().map(Some).map_err(|_| {
            WebError::Input(format!("`{}` is no code system: cpt, hcpcs, icd10cm or icd10pcs.", cut(word)))
        }),
    }
}

/// The beginning of what was typed, for an error's text.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The stable address of a code's page.
pub(crate) fn code_address(code: &str, system: Option<CodeSystem>, on: CivilDate) -> String {
    let code: String = url::form_urlencoded::byte_serialize(code.as_bytes()).collect();
    let system = system.map_or(String::new(), |s| format!("&system={s}"));
    format!("/codes/{code}?on={on}{system}")
}

/// Text for a query of an address.
pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Whether text is shaped like a code: letters, digits and a dot, at most eight.
pub(crate) fn is_code_shaped(text: &str) -> bool {
    (3..=8).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
        && text.bytes().any(|b| b.is_ascii_digit())
}
