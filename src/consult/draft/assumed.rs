//! What an answer takes for granted: date, setting, payer, and how a claim was read.

use std::fmt::Write;

use crate::consult::draft::{escaped, line};
use crate::consult::extract::DateReading;
use crate::consult::facts::{DateBasis, Facts, PAIR_LIMIT};
use crate::consult::intent::Intent;

/// The line of assumptions, and the claim as it was read.
pub(super) fn assumptions(out: &mut String, facts: &Facts, intent: Intent) {
    let mut parts: Vec<String> = Vec::new();
    parts.push(date_words(facts));
    if !facts.lines.is_empty() {
        parts.push(match (&facts.place, facts.settings().len()) {
            (Some(place), _) => place.words().to_owned(),
            (None, _) => {
                "setting not stated, so professional and outpatient facility claims are both answered"
                    .to_owned()
            }
        });
        parts.push(match &facts.payer {
            Some(payer) => format!("payer: {}", payer.words()),
            None => "payer not stated, Medicare rules are used".to_owned(),
        });
        if facts.service_codes().len() > 1 {
            parts.push("same patient, same day, same provider".to_owned());
        }
    }
    let region = &facts.said.jurisdiction;
    if let Some(place) = region.mac.or(region.state) {
        parts.push(format!("region: {place}"));
    }
    if facts.codes_from_context {
        parts.push("codes taken from the attachment or from the rest of the message".to_owned());
    }
    if facts.codes_from_earlier {
        parts.push("codes taken from your earlier message".to_owned());
    }
    line(out, &format!("Assumed: {}.\n", parts.join("; ")));
    if matches!(intent, Intent::ClaimCheck | Intent::Pair)
        && facts.lines.iter().any(|l| l.units.is_some() || !l.modifiers.is_empty())
    {
        let lines: Vec<String> = facts.lines.iter().map(|l| escaped(&l.written())).collect();
        line(out, &format!("Claim as read: {}.\n", lines.join(" · ")));
    }
    if facts.service_codes().len() > PAIR_LIMIT {
        line(out, &format!("Only the first {PAIR_LIMIT} codes were checked against one another.\n"));
    }
}

fn date_words(facts: &Facts) -> String {
    let quarter = facts.on.quarter();
    match &facts.basis {
        DateBasis::Set => format!("date of service {}", facts.on),
        DateBasis::MailDate => {
            format!("no date of service was given, so the mail's date {} is used", facts.on)
        }
        DateBasis::Given(d) | DateBasis::Earlier(d) => {
            let mut words = match d.reading {
                DateReading::Day => format!("date of service {} ({quarter})", d.day),
                DateReading::DayWithoutYear => format!("date of service {} (the year was not given)", d.day),
                DateReading::Month | DateReading::Quarter | DateReading::Year => {
                    format!("date of service between {} and {}; looked up for {}", d.day, d.last, d.day)
                }
            };
            if matches!(facts.basis, DateBasis::Earlier(_)) {
                words.push_str(", from your earlier message");
            }
            if !d.others.is_empty() {
                let others: Vec<String> = d.others.iter().take(4).map(ToString::to_string).collect();
                let _ = write!(words, " (other dates in the message were not used: {})", others.join(", "));
            }
            words
        }
    }
}
