//! Is a code valid on the date? Unknown, heading, not yet valid and ended are told apart; a code that is not in the
//! codebook is never asserted.

use serde_json::json;

use super::{Standing, Tables, evidence, finding, json_date};
use crate::codebook::{BillableBelow, CodeEntry, Codebook, CodebookError};
use crate::consult::claim::Claim;
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence, Finding, Outcome, Setting};

/// How many codes below a heading a sentence names, and how many the finding's detail.
const SHOWN: usize = 10;
const LISTED: usize = 200;

/// Every code of the claim, service lines first.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    for code in claim.codes() {
        let entry = tables.entry(service_system(code), code)?;
        let below = children_of(tables.book, &entry, claim.on)?;
        let entry = replaced(tables.book, &entry, claim.on)?;
        let mut found = judge(&entry, &below, claim.on);
        if let Some(better) = listed_by(tables, &entry, claim)? {
            found.evidence = vec![better];
        }
        add_past(tables.book, &entry, claim.on, &mut found)?;
        out.push(found);
    }
    for code in &claim.diagnoses {
        let entry = tables.entry(CodeSystem::Icd10cm, code)?;
        let below = children_of(tables.book, &entry, claim.on)?;
        let mut found = judge(&entry, &below, claim.on);
        add_past(tables.book, &entry, claim.on, &mut found)?;
        out.push(found);
    }
    Ok(out)
}

/// An ended code with what the official tables name in its place on the date.
fn replaced(book: &Codebook, entry: &CodeEntry, on: CivilDate) -> Result<CodeEntry, CodebookError> {
    let mut entry = entry.clone();
    if entry.status == CodeStatus::Ended {
        let named = book.successors(entry.system, &entry.code, on)?;
        entry.successors = named.into_iter().map(|s| s.entry.code).collect();
    }
    Ok(entry)
}

/// The row that says best that a CPT number is valid: the fee schedule's, else a unit table's, if they cover the date.
/// A pair table also lists it, but only in passing.
fn listed_by(
    tables: &Tables<'_>,
    entry: &CodeEntry,
    claim: &Claim,
) -> Result<Option<Evidence>, CodebookError> {
    let covered = entry.coverage.as_ref().is_some_and(|c| c.covers);
    if entry.system != CodeSystem::Cpt || entry.status != CodeStatus::Valid || !covered {
        return Ok(None);
    }
    let fee = tables.fee(&entry.code)?;
    if fee.value.is_some() && fee.coverage.as_ref().is_some_and(|c| c.covers) {
        return Ok(fee.evidence.clone());
    }
    for setting in [claim.setting, Setting::Practitioner, Setting::Hospital] {
        let mue = tables.mue(setting, &entry.code)?;
        if mue.value.is_some() && mue.coverage.as_ref().is_some_and(|c| c.covers) {
            return Ok(mue.evidence.clone());
        }
    }
    Ok(None)
}

/// A heading that was a billable code in the edition before says so: that is why a claim that used to pass fails.
pub(crate) fn add_past(
    book: &Codebook,
    entry: &CodeEntry,
    on: CivilDate,
    found: &mut Finding,
) -> Result<(), CodebookError> {
    let Some(begin) = entry.coverage.as_ref().filter(|c| c.covers).map(|c| c.from) else { return Ok(()) };
    if entry.status != CodeStatus::Header || on < begin {
        return Ok(());
    }
    let eve = begin.plus_days(-1);
    let before = book.in_system(entry.system, &entry.code, eve)?;
    if before.status == CodeStatus::Valid && before.coverage.as_ref().is_some_and(|c| c.covers) {
        found.statement = format!("{} It was a billable code until {eve}.", found.statement);
        found.evidence.extend(before.evidence);
        if let Some(detail) = found.detail.as_object_mut() {
            detail.insert("billable_until".to_owned(), json_date(Some(eve)));
        }
    }
    Ok(())
}

/// The system of a code in a service position, by its shape.
pub(crate) fn service_system(code: &str) -> CodeSystem {
    match code.bytes().next() {
        _ if code.len() == 7 => CodeSystem::Icd10pcs,
        Some(b) if b.is_ascii_digit() => CodeSystem::Cpt,
        _ => CodeSystem::Hcpcs,
    }
}

/// The billable codes below a heading, through headings below it; none of another code.
pub(crate) fn children_of(
    book: &Codebook,
    entry: &CodeEntry,
    on: CivilDate,
) -> Result<BillableBelow, CodebookError> {
    match entry.status {
        CodeStatus::Header => book.billable_below(entry.system, &entry.code, on, LISTED),
        _ => Ok(BillableBelow::default()),
    }
}

/// Whether a heading lacks its 7th character alone, placeholders apart: S02.0 of S02.0XXA, but not S52 of S52.501A.
fn lacks_seventh(heading: &str, child: &str) -> bool {
    let plain = |code: &str| code.replace('.', "");
    let (heading, child) = (plain(heading), plain(child));
    child.len() == 7
        && child.get(..6).is_some_and(|stem| stem.trim_end_matches('X') == heading.trim_end_matches('X'))
}

/// An entry for a code of which the codebook says nothing at all.
pub(crate) fn missing(code: &str, system: CodeSystem) -> CodeEntry {
    CodeEntry {
        code: code.to_owned(),
        system,
        status: CodeStatus::NoData,
        valid_from: None,
        valid_to: None,
        description: String::new(),
        plain_language: false,
        billable: false,
        coverage: None,
        complete: false,
        also: Vec::new(),
        evidence: None,
        successors: Vec::new(),
    }
}

/// What follows from a code's status on the date.
pub(crate) fn judge(entry: &CodeEntry, below: &BillableBelow, on: CivilDate) -> Finding {
    let standing = Standing::of(entry.coverage.as_ref());
    let within = standing.is_within();
    let system = entry.system.name();
    let code = entry.code.as_str();
    let release = standing.release();
    let list = |codes: &[String], count: usize| {
        let shown: Vec<&str> = codes.iter().take(SHOWN).map(String::as_str).collect();
        let more = count.saturating_sub(shown.len());
        if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
    };
    let children = &below.codes;
    let successors: Vec<String> =
        entry.successors.iter().filter(|s| !children.contains(s)).cloned().collect();
    let (outcome, text) = match entry.status {
        CodeStatus::Valid if within => (Outcome::Pass, format!("{code} ({system}) is valid on {on}.")),
        CodeStatus::Valid => {
            (Outcome::Info, format!("{}{code} ({system}) is a valid code.", standing.caveat(on)))
        }
        CodeStatus::Header => {
            let seventh = children.first().is_some_and(|child| lacks_seventh(code, child));
            let what = if seventh { "a 7th character is missing" } else { "more characters are needed" };
            let named = match (children.is_empty(), successors.is_empty()) {
                (false, _) => {
                    format!("; billable codes below it in that release: {}", list(children, below.count))
                }
                (true, false) => format!("; codes below it: {}", list(&successors, successors.len())),
                (true, true) => String::new(),
            };
            let outcome = if within { Outcome::Deny } else { Outcome::Info };
            let caveat = standing.caveat(on);
            (outcome, format!("{caveat}{code} ({system}) is not billable on {on}: {what}{named}."))
        }
        CodeStatus::NotYetValid => {
            let from = entry.valid_from.map_or_else(|| "a later date".to_owned(), |d| d.to_string());
            (Outcome::Deny, format!("{code} ({system}) is not yet valid on {on}: it begins on {from}."))
        }
        CodeStatus::Ended => {
            let to = entry.valid_to.map_or_else(|| "before".to_owned(), |d| format!("on {d}"));
            let next = if successors.is_empty() {
                String::new()
            } else {
                format!("; see {}", list(&successors, successors.len()))
            };
            (Outcome::Deny, format!("{code} ({system}) is not valid on {on}: it ended {to}{next}."))
        }
        CodeStatus::Unknown if !entry.complete => (
            Outcome::NoData,
            format!(
                "{code} is not in the loaded excerpt of {system} ({release}): whether it is a valid code is not verified here."
            ),
        ),
        CodeStatus::Unknown => (
            if within { Outcome::Deny } else { Outcome::Warn },
            format!(
                "{code} was not found in the loaded {system} release ({release}): check the number. Nothing is asserted about it."
            ),
        ),
        CodeStatus::NoData => (
            Outcome::NoData,
            format!(
                "{code}: no {system} release that lists it for {on} is loaded, so its validity is not verified."
            ),
        ),
    };
    let verified = within || matches!(entry.status, CodeStatus::Ended | CodeStatus::NotYetValid);
    let detail = json!({
        "system": entry.system,
        "status": entry.status,
        "valid_from": json_date(entry.valid_from),
        "valid_to": json_date(entry.valid_to),
        "children": children,
        "successors": successors,
        "verified": verified,
    });
    let proof = match (&entry.evidence, &entry.coverage) {
        (Some(e), _) => vec![e.clone()],
        (None, Some(c)) => vec![evidence(system, &c.release, format!("no entry {code}"))],
        (None, None) => Vec::new(),
    };
    finding("validity", outcome, &[code], detail, text, proof)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Coverage;

    fn entry(code: &str, status: CodeStatus, covers: bool) -> CodeEntry {
        let date = |t: &str| t.parse::<CivilDate>().unwrap();
        CodeEntry {
            coverage: Some(Coverage {
                release: "FY2026".into(),
                from: date("2025-10-01"),
                to: date("2026-09-30"),
                covers,
            }),
            status,
            ..missing(code, CodeSystem::Icd10cm)
        }
    }

    #[test]
    fn a_heading_lists_its_children() {
        let on = "2025-11-04".parse().unwrap();
        let codes = ["G35.A", "G35.B0"].map(str::to_owned).to_vec();
        let below = BillableBelow { count: codes.len(), codes };
        let f = judge(&entry("G35", CodeStatus::Header, true), &below, on);
        assert_eq!(f.outcome, Outcome::Deny);
        assert!(f.statement.contains("G35.A, G35.B0"), "{}", f.statement);
    }

    /// Z3A has 25 codes in the starter: all are counted, none is lost.
    #[test]
    fn a_heading_of_many_codes_says_how_many() {
        let book = Codebook::starter().unwrap();
        let said = |code: &str| {
            let dx = Claim {
                diagnoses: vec![code.into()],
                ..Claim::of(Vec::new(), "2025-11-04".parse().unwrap())
            };
            check(&dx, &Tables::new(&book, dx.on)).unwrap().remove(0)
        };
        let weeks = said("Z3A");
        assert!(weeks.statement.ends_with("and 15 more."), "{}", weeks.statement);
        assert_eq!(weeks.detail["children"].as_array().unwrap().len(), 25);
        assert!(said("S72.001").statement.contains("a 7th character is missing"));
        assert!(said("S72").statement.contains("more characters are needed"));
    }

    /// G35: billable until 2025-09-30, a heading from then on (ICD-10-CM FY2025 and FY2026).
    #[test]
    fn a_heading_that_was_a_code_says_until_when() {
        let book = Codebook::starter().unwrap();
        let claim = Claim {
            diagnoses: vec!["G35".into()],
            ..Claim::of(vec![crate::consult::claim::Line::new("97110")], "2025-11-04".parse().unwrap())
        };
        let found = check(&claim, &Tables::new(&book, claim.on)).unwrap();
        let heading = found.iter().find(|f| f.codes == ["G35"]).unwrap();
        assert!(heading.statement.ends_with("billable code until 2025-09-30."), "{}", heading.statement);
        assert_eq!(heading.evidence.len(), 2);
    }

    /// The fee schedule's or a unit table's row says that a CPT number is valid; a pair row only mentions it.
    #[test]
    fn validity_is_read_from_the_table_that_says_it() {
        let book = Codebook::starter().unwrap();
        let source = |day: &str| {
            let claim =
                Claim::of(vec![crate::consult::claim::Line::new("63020")], day.parse::<CivilDate>().unwrap());
            check(&claim, &Tables::new(&book, claim.on)).unwrap()[0].evidence[0].source.clone()
        };
        assert!(source("2024-05-02").starts_with("Medicare fee schedule"));
        assert!(source("2024-08-15").starts_with("NCCI MUE"));
    }

    #[test]
    fn an_unknown_code_is_never_asserted() {
        let on = "2025-11-04".parse().unwrap();
        let none = BillableBelow::default();
        let whole = CodeEntry { complete: true, ..entry("Z99.999", CodeStatus::Unknown, true) };
        let f = judge(&whole, &none, on);
        assert_eq!(f.outcome, Outcome::Deny);
        assert!(f.statement.contains("not found"));
        let f = judge(&CodeEntry { complete: false, ..whole }, &none, on);
        assert_eq!(f.outcome, Outcome::NoData);
        assert!(f.statement.contains("not verified"));
        let f = judge(&missing("12345", CodeSystem::Cpt), &none, on);
        assert_eq!(f.outcome, Outcome::NoData);
        assert!(f.evidence.is_empty());
    }

    #[test]
    fn outside_coverage_is_said() {
        let on = "2027-11-04".parse().unwrap();
        let f = judge(&entry("I10", CodeStatus::Valid, false), &BillableBelow::default(), on);
        assert_eq!(f.outcome, Outcome::Info);
        assert!(f.statement.starts_with("Not verified for 2027-11-04; last release loaded: FY2026"));
    }
}
