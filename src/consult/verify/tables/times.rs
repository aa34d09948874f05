//! From when to when a code is valid, and the official texts that are quoted beside codes.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Judged, Reading};
use crate::codebook::CodebookError;
use crate::consult::verify::codes::Spot;
use crate::consult::verify::{ObjectionKind, Weight};
use crate::domain::{CivilDate, CodeStatus, CodeSystem};

/// What stands directly before a date that is stated of a code.
static STATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:(valid|billable|effective|began|begins|starts|started|new)(?: code)?(?: as of| since| from| on| in| with| for services)*|(ended|ends|deleted|expired|terminated|valid until|valid through|valid to|through|until|last valid on|last day)(?: on| as of| after)*) $",
    )
    .ok()
});
static QUOTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"“([^”]{8,400})”|"([^"]{8,400})""#).ok());

type Found = Vec<(ObjectionKind, Range<usize>, Judged)>;

pub(super) fn judge(reading: &Reading<'_>, out: &mut Found) -> Result<(), CodebookError> {
    let text = reading.sentence.text;
    for (place, day) in &reading.days.named {
        let before = text.get(..place.start).unwrap_or_default();
        let Some(stated) = STATED.as_ref().and_then(|r| r.captures(before)) else { continue };
        let lead = stated.get(0).and_then(|m| before.get(..m.start())).unwrap_or_default().trim_end();
        let Some(spot) =
            reading.code_at(place).filter(|_| !lead.ends_with("not") && !lead.ends_with("never"))
        else {
            continue;
        };
        if let Some(judged) = date(reading, spot, *day, stated.get(2).is_some())? {
            out.push((ObjectionKind::Date, place.clone(), judged));
        }
    }
    for found in QUOTED.iter().flat_map(|r| r.captures_iter(text)) {
        let (Some(whole), Some(words)) = (found.get(0), found.get(1).or_else(|| found.get(2))) else {
            continue;
        };
        // Only a quotation that follows its code, as our drafts write it, is that code's text.
        let near = |s: &&Spot| {
            s.place.end <= whole.start()
                && text
                    .get(s.place.end..whole.start())
                    .is_some_and(|between| between.len() < 48 && !between.contains(". "))
        };
        let Some(spot) = reading.spots.iter().rfind(near) else { continue };
        out.push((ObjectionKind::Text, whole.range(), quoted(spot, words.as_str())));
    }
    Ok(())
}

fn date(
    reading: &Reading<'_>,
    spot: &Spot,
    day: CivilDate,
    end: bool,
) -> Result<Option<Judged>, CodebookError> {
    let on_day = reading.book.show(Some(spot.entry.system), &spot.code, day)?;
    // "Ended on 1 October" and "valid until 30 September" are the same.
    let around = [day.plus_days(-1), day, day.plus_days(1)];
    for entry in on_day.iter().chain([&spot.entry]) {
        if entry.coverage.is_none() || !entry.is_known() {
            continue;
        }
        let valid = entry.status == CodeStatus::Valid;
        let edge = if end { entry.valid_to } else { entry.valid_from };
        let valid_then = valid && on_day.first().is_some_and(|first| first == entry);
        if edge.is_some_and(|e| around.contains(&e)) || (!end && valid_then) {
            return Ok(Some(Judged::Right));
        }
    }
    let known = on_day.iter().find(|e| e.coverage.is_some() && e.is_known());
    let Some(entry) = known else { return Ok(None) };
    let told = |d: Option<CivilDate>| d.map_or_else(|| "open".to_owned(), |d| d.to_string());
    let (from, to) = (told(entry.valid_from), told(entry.valid_to));
    let why = format!("By the loaded releases {} is valid from {from} to {to}.", entry.code);
    // An open end of what is loaded proves nothing.
    if end && entry.valid_to.is_none() && entry.coverage.as_ref().is_some_and(|c| !c.covers) {
        return Ok(Some(Judged::Open));
    }
    Ok(Some(Judged::blocks(why, entry.evidence.clone())))
}

fn quoted(spot: &Spot, words: &str) -> Judged {
    let plain = |text: &str| -> String {
        let lower = text.to_lowercase();
        let kept: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        kept.join(" ")
    };
    let (code, entry) = (&spot.code, &spot.entry);
    if entry.system == CodeSystem::Cpt {
        let why = format!(
            "Words in quotation marks beside {code}: if they are its CPT descriptor they must not go out."
        );
        return Judged::Wrong { weight: Weight::Warns, why, evidence: Vec::new() };
    }
    if entry.description.is_empty() || plain(&entry.description).contains(&plain(words)) {
        return Judged::Right;
    }
    let why = format!("The official text of {code} is “{}”.", entry.description);
    Judged::Wrong { weight: Weight::Warns, why, evidence: entry.evidence.clone().into_iter().collect() }
}
