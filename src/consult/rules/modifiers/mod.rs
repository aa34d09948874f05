//! Modifiers on a line against the code, its fee schedule indicators and the other lines: tables of checks. Coding rules,
//! section 6.

mod across;
mod coding;
mod drugs;
mod indicators;
mod setting;

use serde_json::json;

use super::{Standing, Tables, established, evidence, fee_status, finding};
use crate::codebook::{CodebookError, FeeRow};
use crate::consult::claim::{Claim, Line};
use crate::consult::extract::is_modifier;
use crate::consult::guidance::{in_range, is_evaluation};
use crate::domain::{Evidence, Finding, Outcome};

pub(crate) use across::repeated;
pub(crate) use drugs::single_dose;
pub(crate) use setting::{for_setting, no_notice};

/// What a check of the tables may look at.
struct Facts<'a> {
    line: &'a Line,
    fee: Option<&'a FeeRow>,
    add_on: bool,
    visit: bool,
}

impl Facts<'_> {
    fn fee_is(&self, get: fn(&FeeRow) -> &str, values: &[&str]) -> bool {
        self.fee.is_some_and(|f| values.contains(&get(f)))
    }

    fn status_is(&self, any: &str) -> bool {
        self.fee.is_some_and(|f| any.contains(f.status))
    }

    fn has_any(&self, modifiers: &[&str]) -> bool {
        self.count(modifiers) > 0
    }

    fn count(&self, modifiers: &[&str]) -> usize {
        modifiers.iter().filter(|m| self.line.has(m)).count()
    }

    fn laboratory(&self) -> bool {
        in_range(&self.line.code, "80047-89398") || in_range(&self.line.code, "0001U-0999U")
    }

    fn anesthesia(&self) -> bool {
        in_range(&self.line.code, "00100-01999") || in_range(&self.line.code, "99100-99140")
    }

    fn therapy(&self) -> bool {
        is_therapy(&self.line.code)
    }

    fn drug(&self) -> bool {
        is_drug(&self.line.code)
    }
}

/// Physical and occupational therapy, speech-language pathology.
fn is_therapy(code: &str) -> bool {
    ["97010-97799", "92507-92508", "92521-92526", "92606-92610"].iter().any(|range| in_range(code, range))
}

/// Drugs and biologicals of HCPCS level II.
fn is_drug(code: &str) -> bool {
    [
        "J0120-J9999",
        "Q0138-Q0249",
        "Q2004-Q2058",
        "Q4074-Q4082",
        "Q5101-Q5999",
        "A9500-A9800",
        "C9014-C9399",
        "90281-90399",
    ]
    .iter()
    .any(|range| in_range(code, range))
}

/// One row of a table: on a line with one of `modifiers`, if `when` holds, say `text`.
struct Check {
    modifiers: &'static [&'static str],
    when: fn(&Facts<'_>) -> bool,
    outcome: Outcome,
    /// `{m}` and `{c}` stand for the modifier and the code.
    text: &'static str,
    /// The NCCI manual's section; empty: the fee schedule row is the evidence; [`CLAIMS`]: established knowledge of
    /// that manual, whose section was not read and is not cited.
    section: &'static str,
}

const MANUAL: &str = "NCCI Policy Manual for Medicare";
const CLAIMS: &str = "Medicare Claims Processing Manual";

/// Every modifier of every line.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = across::check(claim);
    for line in &claim.lines {
        if line.modifiers.is_empty() {
            continue;
        }
        let row = tables.fee(&line.code)?;
        let add_on = tables.add_on(&line.code)?.value.is_some()
            || row.value.as_ref().is_some_and(|f| f.global_days == "ZZZ");
        let facts = Facts { line, fee: row.value.as_ref(), add_on, visit: is_evaluation(&line.code) };
        let standing = Standing::of(row.coverage.as_ref());
        let proof = fee_status::proof(&line.code, &row);
        let mut found = judge(&facts, &proof, standing, claim);
        for modifier in &line.modifiers {
            found.extend(known(modifier, line, claim, tables)?);
        }
        for f in found {
            if !out.contains(&f) {
                out.push(f);
            }
        }
    }
    Ok(out)
}

/// A modifier that is in no list, or not on this date.
fn known(
    modifier: &str,
    line: &Line,
    claim: &Claim,
    tables: &Tables<'_>,
) -> Result<Option<Finding>, CodebookError> {
    let found = tables.book.modifier(modifier, claim.on)?;
    if found.value.is_some() {
        return Ok(None);
    }
    let code = line.code.as_str();
    if let (Some(row), Some(coverage)) = (&found.evidence, &found.coverage) {
        let text = format!("{modifier} on {code} is not valid on {}: its row states other dates.", claim.on);
        let outcome = if coverage.covers { Outcome::Deny } else { Outcome::Warn };
        let detail = json!({ "modifier": modifier, "known": true, "verified": coverage.covers });
        return Ok(Some(finding("modifier", outcome, &[code], detail, text, vec![row.clone()])));
    }
    if is_modifier(modifier) {
        return Ok(None);
    }
    let release = found.coverage.map_or_else(|| "none loaded".to_owned(), |c| c.release);
    let text = format!("{modifier} on {code} was not found among the loaded modifiers: check it.");
    let proof = evidence("Modifier list", &release, format!("no entry {modifier}"));
    let detail = json!({ "modifier": modifier, "known": false });
    Ok(Some(finding("modifier", Outcome::Warn, &[code], detail, text, vec![proof])))
}

fn judge(facts: &Facts<'_>, fee_proof: &Evidence, standing: Standing<'_>, claim: &Claim) -> Vec<Finding> {
    let mut out = Vec::new();
    for check in indicators::TABLE.iter().chain(coding::TABLE) {
        out.extend(apply(check, facts, fee_proof, standing, claim));
    }
    out
}

/// What one row of a table says of a line: of each modifier, if it names it.
fn apply(
    check: &Check,
    facts: &Facts<'_>,
    fee_proof: &Evidence,
    standing: Standing<'_>,
    claim: &Claim,
) -> Vec<Finding> {
    let code = facts.line.code.as_str();
    let carried = check.modifiers.iter().filter(|m| facts.line.has(m));
    let named = if check.text.contains("{m}") { usize::MAX } else { 1 };
    let modifiers: Vec<&&str> = carried.take(named).collect();
    if modifiers.is_empty() || !(check.when)(facts) {
        return Vec::new();
    }
    let by_fee = check.section.is_empty();
    let verified = !by_fee || standing.is_within();
    let caveat = if by_fee { standing.caveat(claim.on) } else { String::new() };
    let proof = match check.section {
        "" => fee_proof.clone(),
        CLAIMS => established(CLAIMS),
        section => evidence(MANUAL, "2026", section),
    };
    let outcome = if verified { check.outcome } else { Outcome::Info };
    let one = |modifier: &&str| {
        let text = check.text.replace("{m}", modifier).replace("{c}", code);
        let detail = json!({ "modifier": modifier, "verified": verified });
        finding("modifier", outcome, &[code], detail, format!("{caveat}{text}."), vec![proof.clone()])
    };
    modifiers.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests;
