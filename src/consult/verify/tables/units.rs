//! Unit limits: "MUE of 4", "the limit for J3301 is 16 units", "MAI 2".

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Judged, Reading};
use crate::codebook::CodebookError;
use crate::consult::verify::ObjectionKind;
use crate::domain::Setting;

static LIMIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\bMUE (?:value |limit )?(?:for \w{5} )?(?:is |of |= ?|: ?)(\d{1,5})\b|\blimit (?:for \w{5} )?is (\d{1,5}) units?\b|\bMUE\b[^.;\d]{0,30}\b(\d{1,5}) units?\b",
    )
    .ok()
});
static MAI: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bMAI(?: of| is|:|=)? ?\(?([123])\b").ok());

pub(super) fn judge(
    reading: &Reading<'_>,
    out: &mut Vec<(ObjectionKind, Range<usize>, Judged)>,
) -> Result<(), CodebookError> {
    let text = reading.sentence.text;
    for found in LIMIT.iter().flat_map(|r| r.captures_iter(text)) {
        let (Some(whole), Some(said)) = (found.get(0), (1..=3).find_map(|i| found.get(i))) else { continue };
        if let Ok(said) = said.as_str().parse::<u32>() {
            out.push((
                ObjectionKind::Units,
                whole.range(),
                compare(reading, &whole.range(), Some(said), None)?,
            ));
        }
    }
    for found in MAI.iter().flat_map(|r| r.captures_iter(text)) {
        let (Some(whole), Some(said)) = (found.get(0), found.get(1)) else { continue };
        if let Ok(said) = said.as_str().parse::<u8>() {
            out.push((
                ObjectionKind::Units,
                whole.range(),
                compare(reading, &whole.range(), None, Some(said))?,
            ));
        }
    }
    Ok(())
}

/// Right, if the file of any setting that may be meant says so on any day that may be meant.
fn compare(
    reading: &Reading<'_>,
    place: &Range<usize>,
    units: Option<u32>,
    mai: Option<u8>,
) -> Result<Judged, CodebookError> {
    let Some(spot) = reading.service_at(place) else { return Ok(Judged::Open) };
    let mut wrong = None;
    for day in reading.days.all() {
        for setting in [Setting::Practitioner, Setting::Hospital, Setting::Dme] {
            let found = reading.book.mue(setting, &spot.code, day)?;
            let Some(mue) = found.value else { continue };
            if units.is_none_or(|u| u == mue.units) && mai.is_none_or(|m| m == mue.mai) {
                return Ok(Judged::Right);
            }
            let release = found.coverage.map(|c| c.release).unwrap_or_default();
            let why = format!(
                "The MUE of {} is {} (MAI {}), by {release}, {setting}.",
                mue.code, mue.units, mue.mai
            );
            wrong.get_or_insert(Judged::blocks(why, found.evidence));
        }
    }
    Ok(wrong.unwrap_or(Judged::Open))
}
