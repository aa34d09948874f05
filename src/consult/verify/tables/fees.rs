//! What the fee schedule says: global period, indicators, status, RVUs and amounts.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Judged, Reading};
use crate::codebook::{CodebookError, FeeRow, PaymentQuery, PaymentSetting};
use crate::consult::verify::{ObjectionKind, Weight};
use crate::domain::Evidence;

static GLOBAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\bglobal(?: surgery| surgical)?(?: period| days| package| indicator)?(?: is| of|:)? ?\(?(\d{1,3}|XXX|YYY|ZZZ|MMM)\b|\b(\d{1,3})[- ]days? (?:post-?op(?:erative)? )?global\b",
    )
    .ok()
});
static INDICATOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(bilateral|multiple[- ]procedures?|assistant|co-?surge(?:on|ons|ry)|team|pc/tc)(?: surge(?:on|ry)| at surgery| payment| rule| procedure)*,? \(?indicator(?: is| of|:)? ?\(?(\d)\b",
    )
    .ok()
});
static STATUS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b[Ss]tatus (?:indicator |code )?(?:is |of )?([A-Z])\b").ok());
static RVU: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(\d{1,4}\.\d\d) (?:total |work |PE |MP |malpractice |facility |non-facility |practice expense )*RVUs?\b|\bRVUs?(?: total)?(?: are| of|:| is|=)? ?(\d{1,4}\.\d\d)\b",
    )
    .ok()
});
static MONEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\$ ?(\d[\d,]*(?:\.\d\d)?)\b|\b(\d[\d,]*\.\d\d) ?(?:USD|US dollars)\b").ok()
});

type Found = Vec<(ObjectionKind, Range<usize>, Judged)>;

pub(super) fn judge(reading: &Reading<'_>, out: &mut Found) -> Result<(), CodebookError> {
    let text = reading.sentence.text;
    for found in GLOBAL.iter().flat_map(|r| r.captures_iter(text)) {
        let said = found.get(1).or_else(|| found.get(2)).map(|m| m.as_str().to_ascii_uppercase());
        let Some(said) = said.as_deref().and_then(global) else { continue };
        fact(reading, found.get(0), out, |fee| {
            (fee.global_days == said)
                .then_some(())
                .ok_or_else(|| format!("The global period of {} is {}", fee.code, fee.global_days))
        })?;
    }
    for found in INDICATOR.iter().flat_map(|r| r.captures_iter(text)) {
        let part = |i: usize| found.get(i).map(|m| m.as_str().to_ascii_lowercase()).unwrap_or_default();
        let (what, said) = (part(1), part(2));
        fact(reading, found.get(0), out, |fee| {
            let is = match what.as_bytes().first() {
                Some(b'b') => &fee.bilateral,
                Some(b'm') => &fee.multiple,
                Some(b'a') => &fee.assistant,
                Some(b'c') => &fee.co_surgeon,
                Some(b't') => &fee.team,
                _ => &fee.pctc,
            };
            (*is == said).then_some(()).ok_or_else(|| format!("The {what} indicator of {} is {is}", fee.code))
        })?;
    }
    if text.contains("fee schedule")
        || text.contains("MPFS")
        || text.contains("Status ")
        || text.contains("status indicator")
    {
        for found in STATUS.iter().flat_map(|r| r.captures_iter(text)) {
            let said = found.get(1).and_then(|m| m.as_str().chars().next());
            fact(reading, found.get(0), out, |fee| {
                (Some(fee.status) == said)
                    .then_some(())
                    .ok_or_else(|| format!("The fee schedule status of {} is {}", fee.code, fee.status))
            })?;
        }
    }
    for found in RVU.iter().flat_map(|r| r.captures_iter(text)) {
        let said = found.get(1).or_else(|| found.get(2)).map_or("", |m| m.as_str());
        let Some(place) = found.get(0).map(|m| m.range()) else { continue };
        let judged =
            if reading.checked.derived.contains(said) { Judged::Right } else { rvu(reading, &place, said)? };
        out.push((ObjectionKind::Amount, place, judged));
    }
    for found in MONEY.iter().flat_map(|r| r.captures_iter(text)) {
        let said = found.get(1).or_else(|| found.get(2)).map_or("", |m| m.as_str());
        let Some(place) = found.get(0).map(|m| m.range()) else { continue };
        let judged = if reading.checked.derived.contains(said) {
            Judged::Right
        } else {
            money(reading, &place, said)?
        };
        out.push((ObjectionKind::Amount, place, judged));
    }
    Ok(())
}

/// The file's way of writing a global period; none if it is no such period.
fn global(said: &str) -> Option<String> {
    match said.trim_start_matches('0') {
        "" => Some("000".to_owned()),
        "10" => Some("010".to_owned()),
        "90" => Some("090".to_owned()),
        letters if letters.len() == 3 && letters.bytes().all(|b| b.is_ascii_alphabetic()) => {
            Some(said.to_owned())
        }
        _ => None,
    }
}

/// Compares a statement with the rows of the code on each day that may be meant.
fn fact(
    reading: &Reading<'_>,
    found: Option<regex::Match<'_>>,
    out: &mut Found,
    holds: impl Fn(&FeeRow) -> Result<(), String>,
) -> Result<(), CodebookError> {
    let Some(place) = found.map(|m| m.range()) else { return Ok(()) };
    let Some(spot) = reading.service_at(&place) else { return Ok(()) };
    let mut judged = Judged::Open;
    for day in reading.days.all() {
        let found = reading.book.fee(&spot.code, "", day)?;
        let Some(fee) = found.value else { continue };
        match holds(&fee) {
            Ok(()) => {
                judged = Judged::Right;
                break;
            }
            Err(why) if matches!(judged, Judged::Open) => {
                let release = found.coverage.map(|c| c.release).unwrap_or_default();
                judged = Judged::blocks(format!("{why}, by {release}."), found.evidence);
            }
            Err(_) => {}
        }
    }
    out.push((ObjectionKind::FeeSchedule, place, judged));
    Ok(())
}

fn rvu(reading: &Reading<'_>, place: &Range<usize>, said: &str) -> Result<Judged, CodebookError> {
    let Ok(said) = said.parse::<f64>() else { return Ok(Judged::Open) };
    let mut row: Option<(String, Vec<Evidence>)> = None;
    for spot in reading.spots.iter().filter(|s| s.is_service()) {
        for day in reading.days.all() {
            for modifier in ["", "26", "TC", "53"] {
                let found = reading.book.fee(&spot.code, modifier, day)?;
                let Some(fee) = found.value else { continue };
                let parts = [fee.work_rvu, fee.pe_nonfacility, fee.pe_facility, fee.mp_rvu];
                let [work, outside, inside, malpractice] = parts.map(|p| p.unwrap_or(0.0));
                let values = [
                    work,
                    outside,
                    inside,
                    malpractice,
                    work + outside + malpractice,
                    work + inside + malpractice,
                ];
                if values.iter().any(|v| (v - said).abs() < 0.005) {
                    return Ok(Judged::Right);
                }
                row.get_or_insert_with(|| (fee.code.clone(), found.evidence.into_iter().collect()));
            }
        }
    }
    let place_code = reading.service_at(place).map(|s| s.code.clone()).unwrap_or_default();
    Ok(row.map_or(Judged::Open, |(_, evidence)| {
        Judged::blocks(format!("The fee schedule gives no {said} RVU for {place_code}."), evidence)
    }))
}

/// An amount that no row gives is not said to be wrong: it may be the asker's own.
fn money(reading: &Reading<'_>, place: &Range<usize>, said: &str) -> Result<Judged, CodebookError> {
    let plain: String = said.chars().filter(char::is_ascii_digit).collect();
    let cents = plain.parse::<i64>().ok().map(|n| if said.contains('.') { n } else { n.saturating_mul(100) });
    let (Some(cents), Some(_)) = (cents, reading.service_at(place)) else { return Ok(Judged::Open) };
    let mut any = false;
    for spot in reading.spots.iter().filter(|s| s.is_service()) {
        for day in reading.days.all() {
            for setting in [PaymentSetting::NonFacility, PaymentSetting::Facility] {
                for modifiers in [&[][..], &["26"], &["TC"], &["50"]] {
                    let query = PaymentQuery {
                        code: &spot.code,
                        modifiers,
                        locality: None,
                        setting,
                        minutes: None,
                        on: day,
                    };
                    let found = reading.book.payment(&query)?;
                    any |= found.coverage.is_some();
                    let amounts = [found.amount, found.base, found.non_participating, found.limiting_charge];
                    let shares = [1000, 500, 1500, 160, 136, 625, 850];
                    let fits = |a: &crate::codebook::Cents| {
                        shares.iter().any(|s| (a.share(*s).0 - cents).abs() <= 1)
                    };
                    if amounts.iter().flatten().any(fits) {
                        return Ok(Judged::Right);
                    }
                }
            }
        }
    }
    if !any {
        return Ok(Judged::Open);
    }
    let why = format!(
        "No loaded fee schedule row gives {said} for a code of this sentence; a locality's amount cannot be told from here."
    );
    Ok(Judged::Wrong { weight: Weight::Warns, why, evidence: Vec::new() })
}
