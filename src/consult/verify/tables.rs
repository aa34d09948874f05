//! What a sentence states of codes that a table can confirm or refute: pairs, unit limits, the fee schedule's indicators,
//! amounts, dates, official texts. Each statement is looked up anew.

mod fees;
mod pairs;
mod times;
mod units;

use std::ops::Range;

use super::codes::Spot;
use super::dates::Days;
use super::sentences::Sentence;
use super::{Checked, Objection, ObjectionKind, Weight, objection};
use crate::codebook::{Codebook, CodebookError};
use crate::domain::Evidence;

/// A sentence with its codes, and where objections go.
struct Reading<'a> {
    sentence: &'a Sentence<'a>,
    spots: &'a [Spot],
    days: &'a Days,
    checked: &'a Checked<'a>,
    book: &'a Codebook,
}

/// What a statement turned out to be.
enum Judged {
    /// The tables say the same.
    Right,
    /// No loaded table speaks of it.
    Open,
    /// The tables say otherwise.
    Wrong { weight: Weight, why: String, evidence: Vec<Evidence> },
}

impl Judged {
    fn blocks(why: String, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        Self::Wrong { weight: Weight::Blocks, why, evidence: evidence.into_iter().collect() }
    }
}

impl Reading<'_> {
    /// The service code that a statement at this place is about: the last before it, else the first after it.
    fn service_at(&self, place: &Range<usize>) -> Option<&Spot> {
        let services = || self.spots.iter().filter(|s| s.is_service());
        services().rfind(|s| s.place.start < place.start).or_else(|| services().next())
    }

    /// The code that a statement at this place is about.
    fn code_at(&self, place: &Range<usize>) -> Option<&Spot> {
        self.spots.iter().rfind(|s| s.place.end <= place.start).or_else(|| self.spots.first())
    }
}

/// Looks at every statement of a sentence. Whether it states any fact of a table.
pub(super) fn object(
    sentence: &Sentence<'_>,
    spots: &[Spot],
    days: &Days,
    checked: &Checked<'_>,
    book: &Codebook,
    out: &mut Vec<Objection>,
) -> Result<bool, CodebookError> {
    if spots.is_empty() {
        return Ok(false);
    }
    let reading = Reading { sentence, spots, days, checked, book };
    let mut judged: Vec<(ObjectionKind, Range<usize>, Judged)> = Vec::new();
    pairs::judge(&reading, &mut judged)?;
    units::judge(&reading, &mut judged)?;
    fees::judge(&reading, &mut judged)?;
    times::judge(&reading, &mut judged)?;
    let stated = judged.iter().any(|(.., j)| matches!(j, Judged::Right));
    for (kind, place, judged) in judged {
        if let Judged::Wrong { weight, why, evidence } = judged {
            let mut found = objection(kind, weight, sentence, place, why);
            found.evidence = evidence;
            out.push(found);
        }
    }
    Ok(stated)
}
