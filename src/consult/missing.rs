//! What an answer depends on and the question does not say.

use crate::consult::candidates::Candidate;
use crate::consult::facts::{DateBasis, Facts};
use crate::consult::intent::Intent;
use crate::consult::verdict::Judgement;
use crate::domain::{Finding, Verdict};

/// What to ask for, in the asker's words.
pub(crate) fn list(
    intent: Intent,
    facts: &Facts,
    findings: &[Finding],
    judgement: &Judgement,
    offered: &[Candidate],
) -> Vec<String> {
    let mut out = Vec::new();
    let coded = !facts.entries.is_empty();
    if facts.basis == DateBasis::MailDate && (coded || !offered.is_empty()) {
        out.push("the date of service (for an inpatient stay: the date of discharge)".to_owned());
    }
    let by_setting = |f: &&Finding| matches!(f.rule.as_str(), "ptp" | "mue");
    let differs = {
        let outcomes: Vec<(Vec<String>, String)> = findings
            .iter()
            .filter(by_setting)
            .map(|f| {
                (
                    f.codes.clone(),
                    format!(
                        "{}{:?}{}",
                        f.rule,
                        f.outcome,
                        f.detail.get("units").unwrap_or(&serde_json::Value::Null)
                    ),
                )
            })
            .collect();
        let repeated = outcomes.iter().filter(|o| outcomes.iter().filter(|p| p == o).count() < 2).count();
        repeated > 0
    };
    if facts.place.is_none() && !facts.lines.is_empty() && differs {
        out.push(
            "the setting: professional claim (office, ASC, hospital) or outpatient facility claim".to_owned(),
        );
    }
    if matches!(intent, Intent::WhichCode | Intent::Unclear) && judgement.verdict == Verdict::NeedInfo {
        out.push("the diagnosis or service as the record words it (side, stage, type, encounter), or the codes that you mean".to_owned());
    }
    if !facts.two_systems.is_empty() {
        out.push(format!("whether {} is meant as a diagnosis or as a service", facts.two_systems.join(", ")));
    }
    out
}
