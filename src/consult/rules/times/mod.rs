//! What stated minutes stand for: the level of a visit, critical care, infusions, timed therapy. Coding rules, section 10;
//! the values are data (`config/rules/times.toml`).

mod critical_care;
mod infusion;
mod therapy;
mod visit;

use std::sync::LazyLock;

use serde::Deserialize;

use crate::consult::claim::Claim;
use crate::consult::guidance::in_range;
use crate::domain::Finding;

/// A time that the question states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timed<'a> {
    /// Minutes.
    pub(crate) minutes: u32,
    /// The code that it stands beside, if any.
    pub(crate) code: Option<&'a str>,
}

/// What a question says of times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent<'a> {
    /// The times, in the order of the text.
    pub(crate) times: &'a [Timed<'a>],
    /// The text, lower case.
    pub(crate) text: &'a str,
    /// New (true) or established (false) patient, if said.
    pub(crate) new_patient: Option<bool>,
    /// Whether the payer follows Medicare; not said counts as yes.
    pub(crate) medicare: bool,
}

#[derive(Deserialize)]
struct Table {
    visit: Vec<Visit>,
    untimed: Untimed,
    infusion: Vec<Infusion>,
}

#[derive(Deserialize)]
struct Visit {
    words: String,
    levels: Vec<(String, u32)>,
    prolonged: Option<(String, u32)>,
    medicare_prolonged: Option<(String, u32)>,
}

#[derive(Deserialize)]
struct Untimed {
    codes: Vec<String>,
}

#[derive(Deserialize)]
struct Infusion {
    words: String,
    initial: String,
    least: u32,
    further: String,
    shorter: Option<String>,
}

/// Read once; the test below proves that it is well formed.
static TABLE: LazyLock<Option<Table>> =
    LazyLock::new(|| toml::from_str(include_str!("../../../../config/rules/times.toml")).ok());

/// What the stated minutes stand for, a finding for each kind of service.
pub(crate) fn check(claim: &Claim, spent: &Spent<'_>) -> Vec<Finding> {
    let Some(table) = &*TABLE else { return Vec::new() };
    if spent.times.is_empty() {
        return Vec::new();
    }
    let mut out = critical_care::check(claim, spent);
    out.extend(visit::check(claim, spent, table));
    out.extend(infusion::check(claim, spent, table));
    out.extend(therapy::check(claim, spent));
    out
}

impl Spent<'_> {
    /// The minutes that stand beside one of these codes; else the only time of the text, if `alone` says that it can be
    /// meant.
    fn of(&self, is: impl Fn(&str) -> bool, alone: bool) -> Option<u32> {
        let beside: Vec<u32> =
            self.times.iter().filter(|t| t.code.is_some_and(&is)).map(|t| t.minutes).collect();
        match (beside.as_slice(), self.times) {
            ([one], _) => Some(*one),
            ([], [one]) if alone && one.code.is_none_or(&is) => Some(one.minutes),
            _ => None,
        }
    }
}

/// The codes of the claim that lie in a list of codes and ranges.
fn listed<'a>(claim: &'a Claim, list: &[String]) -> Vec<&'a str> {
    claim.codes().into_iter().filter(|c| list.iter().any(|range| in_range(c, range))).collect()
}

#[cfg(test)]
mod tests;
