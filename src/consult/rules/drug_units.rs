//! Units of a drug from a stated dose: dose ÷ amount in the code's description, rounded up. Coding rules, section 10.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;

use super::{advice, evidence, finding};
use crate::codebook::CodeEntry;
use crate::domain::{Finding, Outcome};

static AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(\d+(?:\.\d+)?)\s*(mg|milligrams?|mcg|micrograms?|gm?|grams?|ml)\b").ok()
});

/// An amount in micrograms (or microlitres for volumes), with its unit as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Amount {
    base: f64,
    volume: bool,
    written: String,
}

/// All amounts of a text.
pub(crate) fn amounts(text: &str) -> Vec<Amount> {
    let Some(pattern) = &*AMOUNT else { return Vec::new() };
    pattern
        .captures_iter(text)
        .filter_map(|c| {
            let number: f64 = c.get(1)?.as_str().parse().ok()?;
            let unit = c.get(2)?.as_str().to_lowercase();
            let (factor, volume) = match unit.as_str() {
                "ml" => (1000.0, true),
                u if u.starts_with("mc") || u.starts_with("micro") => (1.0, false),
                u if u.starts_with("mg") || u.starts_with("milli") => (1000.0, false),
                _ => (1_000_000.0, false),
            };
            Some(Amount { base: number * factor, volume, written: c.get(0)?.as_str().to_owned() })
        })
        .collect()
}

/// Units for the one dose that a text states, for a code whose description ends in an amount.
pub(crate) fn units(entry: &CodeEntry, text: &str) -> Option<(u32, Finding)> {
    let per = amounts(&entry.description).pop().filter(|a| a.base > 0.0)?;
    let mut doses: Vec<Amount> = amounts(text).into_iter().filter(|a| a.volume == per.volume).collect();
    doses.dedup_by(|a, b| a.base.total_cmp(&b.base).is_eq());
    let [dose] = doses.as_slice() else { return None };
    let exact = (dose.base / per.base).ceil();
    if !(1.0..=100_000.0).contains(&exact) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let count = exact as u32;
    let plural = if count == 1 { "unit" } else { "units" };
    let text = format!(
        "{} of {} is {count} {plural} ({} ÷ {} a unit).",
        dose.written, entry.code, dose.written, per.written
    );
    let proof = entry.evidence.clone().unwrap_or_else(|| {
        evidence(entry.system.name(), entry.coverage.as_ref().map_or("", |c| &c.release), entry.code.clone())
    });
    let mut proofs = vec![proof];
    proofs.extend(advice("drug-units", "drug_units", &[]).into_iter().flat_map(|f| f.evidence));
    let detail = json!({ "units": count, "dose": dose.written, "per": per.written });
    Some((count, finding("drug_units", Outcome::Info, &[entry.code.as_str()], detail, text, proofs)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consult::rules::validity::missing;
    use crate::domain::CodeSystem;

    fn units_of(description: &str, text: &str) -> Option<u32> {
        let entry = CodeEntry { description: description.into(), ..missing("J3301", CodeSystem::Hcpcs) };
        units(&entry, text).map(|u| u.0)
    }

    #[test]
    fn dose_by_amount_rounded_up() {
        let kenalog = "Injection, triamcinolone acetonide, not otherwise specified, 10 mg";
        assert_eq!(units_of(kenalog, "Kenalog 40 mg from a 1 mL vial"), Some(4));
        assert_eq!(units_of(kenalog, "45 mg"), Some(5));
        assert_eq!(units_of("Injection, ceftriaxone sodium, per 250 mg", "1 g IM"), Some(4));
        assert_eq!(units_of("Injection, hydromorphone, 0.1 mg", "2 mg IV"), Some(20));
        assert_eq!(units_of(kenalog, "20 mg left, 30 mg right"), None);
        assert_eq!(units_of(kenalog, "no dose given"), None);
    }
}
