//! What Medicare's fee schedule allows for the lines of a claim, with the arithmetic. Coding rules, section 5. An allowed
//! amount is no payment: deductible, coinsurance and sequestration come off it, and a denied line has none.

use serde_json::json;

use super::{evidence, finding};
use crate::codebook::{Codebook, CodebookError, Locality, Payment, PaymentLine, PaymentSetting};
use crate::consult::claim::{Claim, Line};
use crate::domain::{Finding, Outcome, Setting};

impl From<&Line> for PaymentLine {
    /// A line as it is to be paid: one unit if none are stated.
    fn from(line: &Line) -> Self {
        Self {
            code: line.code.clone(),
            modifiers: line.modifiers.clone(),
            units: line.units.unwrap_or(1),
            minutes: None,
        }
    }
}

/// A finding for each service line, facility and non-facility, and one for the whole claim. A hospital's claims and
/// those of DME suppliers are paid by other schedules: nothing.
///
/// # Errors
/// The codebook cannot be read.
pub fn allowed(
    claim: &Claim,
    locality: Option<&Locality>,
    book: &Codebook,
) -> Result<Vec<Finding>, CodebookError> {
    let claim = claim.ordered().services();
    if claim.setting != Setting::Practitioner || claim.lines.is_empty() {
        return Ok(Vec::new());
    }
    let lines: Vec<PaymentLine> = claim.lines.iter().map(PaymentLine::from).collect();
    let whither =
        locality.map_or_else(|| "nationally".to_owned(), |l| format!("in {} ({})", l.name, l.number()));
    let mut out = Vec::new();
    let mut totals = Vec::new();
    for setting in PaymentSetting::ALL {
        let words = setting.words();
        let paid = book.claim_payment(&lines, locality, setting, claim.on)?;
        for (line, payment) in claim.lines.iter().zip(&paid.lines) {
            out.push(of_line(&line.written(), payment, words, &whither));
        }
        let said = match paid.unpriced {
            0 => format!("{} USD {words}", paid.total),
            n if n >= claim.lines.len() => format!("no amount {words}"),
            n => format!("{} USD {words} ({n} of the lines without an amount)", paid.total),
        };
        totals.push((words, paid.sum().map(|sum| sum.to_string()), said));
    }
    if claim.lines.len() > 1 {
        let said: Vec<&str> = totals.iter().map(|(_, _, said)| said.as_str()).collect();
        let text = format!(
            "The fee schedule allows {} for the whole claim {whither}, if every line is paid; allowed is not paid.",
            said.join(", ")
        );
        let codes = claim.codes();
        let detail = json!({ "totals": totals.iter().map(|(words, total, _)| (*words, total.clone())).collect::<std::collections::BTreeMap<_, _>>() });
        let proofs = out.iter().flat_map(|f: &Finding| f.evidence.first().cloned()).take(1).collect();
        out.push(finding("payment", Outcome::Info, &codes, detail, text, proofs));
    }
    Ok(out)
}

fn of_line(line: &str, payment: &Payment, words: &str, whither: &str) -> Finding {
    let steps =
        if payment.steps.is_empty() { String::new() } else { format!(": {}", payment.steps.join("; ")) };
    let notes =
        if payment.notes.is_empty() { String::new() } else { format!(" ({})", payment.notes.join("; ")) };
    let verified = payment.coverage.as_ref().is_some_and(|c| c.covers);
    let (outcome, text) = match &payment.amount {
        Some(amount) => {
            (Outcome::Info, format!("{line}, {words}: {amount} USD allowed {whither}{steps}{notes}."))
        }
        None if payment.coverage.is_none() => {
            (Outcome::NoData, format!("{line}, {words}: no amount{notes}."))
        }
        None => (Outcome::Info, format!("{line}, {words}: no amount{notes}.")),
    };
    let mut proofs = payment.evidence.clone();
    if let (true, Some(c)) = (proofs.is_empty(), &payment.coverage) {
        proofs.push(evidence(
            "Medicare physician fee schedule (PPRRVU)",
            &c.release,
            format!("no row {}", payment.code),
        ));
    }
    let detail = json!({
        "line": line, "place": words, "amount": payment.amount, "base": payment.base,
        "non_participating": payment.non_participating, "limiting_charge": payment.limiting_charge,
        "steps": payment.steps, "notes": payment.notes, "verified": verified,
    });
    finding("payment", outcome, &[payment.code.as_str()], detail, text, proofs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consult::claim::Line;

    /// 63020 and 63030, 2025, national: 1,091.37 + 453.82 = 1,545.19 USD.
    #[test]
    fn two_disc_operations_are_ranked_and_summed() {
        let book = Codebook::starter().unwrap();
        let lines = ["63020", "63030"].map(|l| Line::parse(l).unwrap()).to_vec();
        let claim = Claim::of(lines, "2025-11-15".parse().unwrap());
        let all = allowed(&claim, None, &book).unwrap();
        let total = all.last().unwrap();
        assert!(total.statement.contains("1,545.19 USD facility"), "{}", total.statement);
        assert!(total.statement.contains("no amount non-facility"), "NA is no zero: {}", total.statement);
        assert!(total.detail["totals"]["non-facility"].is_null());
        assert!(all.iter().any(|f| f.detail["amount"] == "453.82"));
        assert!(all.iter().all(|f| f.rule == "payment" && !f.evidence.is_empty()));
        let hospital = Claim { setting: Setting::Hospital, ..claim };
        assert!(allowed(&hospital, None, &book).unwrap().is_empty());
    }
}
