//! What follows from what a question says beside its codes: minutes, money, days after an operation.

use serde_json::json;

use crate::codebook::{CodebookError, Locality};
use crate::consult::claim::Claim;
use crate::consult::extract::{Payer, Place};
use crate::consult::facts::{DateBasis, Facts};
use crate::consult::rules::times::{self, Spent, Timed};
use crate::consult::rules::{Standing, Tables, allowed, evidence, fee_status, finding};
use crate::consult::topics::{Topic, topics};
use crate::domain::{CivilDate, Finding, Outcome, Setting};

/// The rules whose findings answer a question directly, the first that applies first.
pub(crate) const DIRECT: &[&str] =
    &["critical_care", "visit_time", "infusion_time", "therapy_time", "global_period", "payment"];

/// Findings from the facts of a question.
///
/// # Errors
/// The codebook cannot be read.
pub(crate) fn findings(
    facts: &Facts,
    claim: &Claim,
    tables: &Tables<'_>,
) -> Result<Vec<Finding>, CodebookError> {
    let times: Vec<Timed<'_>> =
        facts.said.minutes.iter().map(|m| Timed { minutes: m.minutes, code: m.code.as_deref() }).collect();
    let spent = Spent {
        times: &times,
        text: &facts.text,
        new_patient: facts.said.patient.is_new,
        medicare: !matches!(facts.payer, Some(Payer::Other(_) | Payer::Medicaid)),
    };
    let mut out = times::check(claim, &spent);
    let topics = topics(facts);
    if topics.contains(&Topic::Fee) {
        out.extend(fees(facts, claim, tables)?);
    }
    if topics.contains(&Topic::GlobalPeriod) || facts.said.global.in_global {
        out.extend(global(facts, claim, tables)?);
    }
    Ok(out)
}

/// What the fee schedule allows for each line, where the question says it was done, nationally or in the locality of
/// its state.
fn fees(facts: &Facts, claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut claim = claim.clone();
    claim.setting = Setting::Practitioner;
    claim.on = covered(facts, &claim, tables)?;
    let locality = locality(facts, tables)?;
    let mut out = allowed(&claim, locality.as_ref(), tables.book)?;
    let place = match (facts.said.pos.as_deref(), facts.place) {
        (Some("11" | "12" | "20" | "49" | "81"), _) | (None, Some(Place::Office)) => Some("non-facility"),
        (Some("19" | "21" | "22" | "23" | "24" | "31"), _)
        | (None, Some(Place::Asc | Place::OutpatientFacility | Place::InpatientFacility)) => Some("facility"),
        _ => None,
    };
    if let Some(place) = place {
        out.retain(|f| f.detail.get("place").is_none_or(|p| p == place));
    }
    Ok(out)
}

/// The day to look fees up for. Of "in 2025" it is the last day, if no loaded fee schedule reaches the first.
fn covered(facts: &Facts, claim: &Claim, tables: &Tables<'_>) -> Result<CivilDate, CodebookError> {
    let (DateBasis::Given(date) | DateBasis::Earlier(date)) = &facts.basis else { return Ok(claim.on) };
    for code in claim.codes() {
        let covers = |c: &Option<crate::codebook::Coverage>| c.as_ref().is_some_and(|c| c.covers);
        if !covers(&tables.fee(code)?.coverage) && covers(&tables.book.fee(code, "", date.last)?.coverage) {
            return Ok(date.last);
        }
    }
    Ok(claim.on)
}

/// The locality of the state, if the state is one locality.
fn locality(facts: &Facts, tables: &Tables<'_>) -> Result<Option<Locality>, CodebookError> {
    let Some(state) = facts.said.jurisdiction.state else { return Ok(None) };
    let mut found = tables.book.locality(state, facts.on)?;
    found.retain(|l| l.state == state);
    if let [_] = found.as_slice() {
        return Ok(found.pop());
    }
    // A state of several: the one that the question names, if it does.
    found.retain(|l| facts.text.contains(&l.name.to_lowercase()));
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// Whether the day that is spoken of lies in the global period of an operation of the question.
fn global(facts: &Facts, claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let Some(days) = facts.said.global.days_after else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for code in claim.codes() {
        let row = tables.fee(code)?;
        let Some(fee) = row.value.as_ref() else { continue };
        let last = match fee.global_days.as_str() {
            "000" => 0,
            "010" => 10,
            "090" => 90,
            _ => continue,
        };
        let standing = Standing::of(row.coverage.as_ref());
        let within = days <= last;
        let what = match last {
            0 => "the day of the procedure alone".to_owned(),
            10 => "the day of the procedure and 10 days after it".to_owned(),
            n => format!("the day before, the day of the procedure and {n} days after it"),
        };
        let text = if within {
            format!(
                "{}day {days} after {code} lies within its global period ({}: {what}): related visits and care by the same physician or group and specialty are included.",
                standing.caveat(claim.on),
                fee.global_days
            )
        } else {
            format!(
                "{}day {days} after {code} lies beyond its global period ({}: {what}): no global modifier is needed for it.",
                standing.caveat(claim.on),
                fee.global_days
            )
        };
        let text = capital(&text);
        let detail = json!({ "days_after": days, "global": fee.global_days, "within": within, "verified": standing.is_within() });
        let manual =
            evidence("Medicare Claims Processing Manual", "established knowledge", "section not cited");
        let proofs = vec![fee_status::proof(code, &row), manual];
        out.push(finding("global_period", Outcome::Info, &[code], detail, text, proofs));
    }
    Ok(out)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use crate::codebook::Codebook;
    use crate::consult::{Question, consult};
    use crate::domain::Answer;

    fn ask(text: &str) -> Answer {
        let question = Question {
            subject: String::new(),
            text: text.to_owned(),
            date: "2025-11-15".parse().unwrap(),
            dos_override: None,
            phi_present: false,
            attachments_unread: Vec::new(),
            earlier: Vec::new(),
            context: Vec::new(),
        };
        consult(&question, &Codebook::starter().unwrap()).unwrap()
    }

    #[test]
    fn what_is_asked_about_time_money_and_the_global_period_leads() {
        let time = ask(
            "Office visit, established patient, 32 minutes total on 2025-11-10. We billed 99213, is that right?",
        );
        assert!(time.summary.contains("99214"), "{}", time.summary);
        let fee = ask("What does Medicare pay for 99213 in the office in 2025, national amount?");
        assert!(fee.summary.contains("88.95"), "{}", fee.summary);
        assert!(!fee.text.contains("facility: 5"), "the office alone was asked for");
        let global = ask(
            "Patient seen post-op day 5 after 27447 on 2025-11-10 by the same surgeon. Is 99213 billable?",
        );
        assert!(
            global.text.contains("day 5 after 27447") || global.text.contains("Day 5 after 27447"),
            "{}",
            global.text
        );
        let far =
            ask("Seen on post-op day 100 after 27447 on 2025-11-10, same surgeon, still in the global?");
        assert!(far.text.contains("beyond its global period"), "{}", far.text);
    }
}
