//! Medicare coverage documents: which NCD, LCD or article speaks of a service, and whether the diagnoses stand on its
//! lists. Coding rules, section 8.
//!
//! Nothing found is never "covered". A diagnosis on a list that supports medical necessity is necessary, not sufficient;
//! one on none of the lists is a reason to look again, since the paragraphs above the lists may say more.

use serde_json::json;

use super::{Tables, finding};
use crate::codebook::{CodebookError, CoverageDocument, CoverageDocuments, CoverageKind, DiagnosisListing};
use crate::consult::claim::Claim;
use crate::domain::{CivilDate, Evidence, Finding, Outcome};

const RULE: &str = "coverage";
/// The most documents that a statement names.
const MOST_NAMED: usize = 6;

/// Every service of the claim. Without a document, a service has a finding only where the area is known: then "none
/// found" is an answer.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    let mut diagnoses = claim.diagnoses.clone();
    diagnoses.sort();
    diagnoses.dedup();
    for code in claim.codes() {
        let found = tables.book.coverage_documents(code, claim.on, claim.area.as_ref())?;
        if found.documents.is_empty() {
            out.extend(none_found(code, claim, &found));
            continue;
        }
        out.push(documents(code, claim, &found));
        let listing = |d: &&CoverageDocument| d.kind == CoverageKind::Article && d.covered + d.noncovered > 0;
        for document in found.documents.iter().filter(listing) {
            // Without an area each contractor's lists would be told: only that they differ is said then.
            if claim.area.is_none() {
                continue;
            }
            let mut listed = Vec::new();
            for dx in &diagnoses {
                listed.push((dx.as_str(), tables.book.coverage_of_diagnosis(document, dx, Some(code))?));
            }
            out.push(diagnosis(code, document, &listed, claim.on));
        }
        if claim.area.is_none() && !diagnoses.is_empty() {
            out.extend(everywhere(code, &diagnoses, found.documents.iter().filter(listing), tables)?);
        }
    }
    Ok(out)
}

/// A document in a few words: `LCD L33577 (Title)`.
fn named(d: &CoverageDocument) -> String {
    let kind = if d.kind == CoverageKind::Ncd { "" } else { d.kind.name() };
    format!("{kind} {} ({})", d.id, d.title).trim_start().to_owned()
}

fn caveat(d: &CoverageDocument, on: CivilDate) -> String {
    if d.coverage.covers {
        String::new()
    } else {
        format!("Not verified for {on}, by {}: ", d.coverage.release)
    }
}

fn none_found(code: &str, claim: &Claim, found: &CoverageDocuments) -> Option<Finding> {
    let area = claim.area.as_ref()?;
    let first = found.releases.first()?;
    let releases: Vec<&str> = found.releases.iter().map(|r| r.release.as_str()).collect();
    let text = format!(
        "No coverage document in force for {} was found that lists {code}, in {}. That does not say that it is covered: statute, NCDs and what is reasonable and necessary still decide.",
        area.name,
        releases.join("; ")
    );
    let detail =
        json!({ "area": area.name, "documents": [], "elsewhere": found.elsewhere, "current": first.covers });
    let proof = found.releases.iter().map(|r| Evidence {
        source: "Medicare Coverage Database".to_owned(),
        release: r.release.clone(),
        locator: format!("no row {code}"),
    });
    Some(finding(RULE, Outcome::Info, &[code], detail, text, proof.collect()))
}

/// Which documents speak of a service, and what is needed to know which of them hold.
fn documents(code: &str, claim: &Claim, found: &CoverageDocuments) -> Finding {
    let all: Vec<&CoverageDocument> = found.documents.iter().collect();
    let mut names: Vec<String> = all.iter().take(MOST_NAMED).map(|d| named(d)).collect();
    if all.len() > MOST_NAMED {
        names.push(format!("and {} more", all.len() - MOST_NAMED));
    }
    let mut asks: Vec<&str> = Vec::new();
    let local = all.iter().any(|d| d.kind != CoverageKind::Ncd);
    if claim.area.is_none() && local {
        asks.push("the state or the Medicare contractor (MAC)");
    }
    if claim.diagnoses.is_empty() && all.iter().any(|d| d.covered > 0) {
        asks.push("the diagnosis");
    }
    let where_ = claim.area.as_ref().map_or_else(String::new, |a| format!(" for {}", a.name));
    let which =
        if claim.area.is_none() && local { " Which of them hold depends on the contractor." } else { "" };
    let asked = if asks.is_empty() { String::new() } else { format!(" To say more: {}.", asks.join(", ")) };
    let first = all.iter().find(|d| !d.coverage.covers).map_or(String::new(), |d| caveat(d, claim.on));
    let text = format!("{first}{code} is subject to{where_}: {}.{which}{asked}", names.join("; "));
    let ids: Vec<&str> = all.iter().map(|d| d.id.as_str()).collect();
    let detail = json!({
        "documents": ids, "area": claim.area.as_ref().map(|a| &a.name), "asks": asks,
        "elsewhere": found.elsewhere, "current": all.iter().all(|d| d.coverage.covers),
    });
    let proof = all.iter().take(MOST_NAMED).map(|d| d.evidence.clone()).collect();
    finding(RULE, Outcome::Info, &[code], detail, text, proof)
}

/// What the lists of one article say of the claim's diagnoses.
fn diagnosis(
    code: &str,
    document: &CoverageDocument,
    listed: &[(&str, DiagnosisListing)],
    on: CivilDate,
) -> Finding {
    let hits = |covered: bool| -> Vec<&(&str, DiagnosisListing)> {
        let fits =
            |l: &crate::codebook::ListedDiagnosis| l.covered == covered && l.for_service != Some(false);
        listed.iter().filter(|(_, d)| d.lists.iter().any(fits)).collect()
    };
    let (for_it, against) = (hits(true), hits(false));
    let words = |some: &[&(&str, DiagnosisListing)]| some.iter().map(|l| l.0).collect::<Vec<_>>().join(", ");
    let name = format!("article {}", document.id);
    let condition = "necessary, not sufficient: the record has to meet the LCD's criteria and the paragraphs above the lists";
    let (outcome, said) = if listed.is_empty() {
        let text = format!(
            "{name} lists diagnoses for {code} ({} that support medical necessity, {} that do not): the diagnosis is needed to say on which list it stands",
            document.covered, document.noncovered
        );
        (Outcome::Info, text)
    } else if !for_it.is_empty() {
        let also = if against.is_empty() {
            String::new()
        } else {
            format!(
                " {} stands on its list of diagnoses that do not, so link {code} to the other.",
                words(&against)
            )
        };
        let text = format!(
            "{} stands on the list of diagnoses that support medical necessity of {code} in {name}; {condition}.{also}",
            words(&for_it)
        );
        (Outcome::Info, text)
    } else if !against.is_empty() {
        let text = format!(
            "{} stands on the list of diagnoses that do not support medical necessity of {code} in {name}: a denial (CARC 50) is likely",
            words(&against)
        );
        (Outcome::Warn, text)
    } else if document.covered > 0 {
        let all: Vec<&str> = listed.iter().map(|l| l.0).collect();
        let text = format!(
            "none of the diagnoses ({}) stands on a list for {code} in {name} ({} support medical necessity): a denial (CARC 50) is likely, unless its paragraphs say otherwise",
            all.join(", "),
            document.covered
        );
        (Outcome::Warn, text)
    } else {
        let all: Vec<&str> = listed.iter().map(|l| l.0).collect();
        let text = format!(
            "{} is not among the diagnoses that {name} excludes for {code}; that does not say that it is covered",
            all.join(", ")
        );
        (Outcome::Info, text)
    };
    let mut text = format!("{}{}", caveat(document, on), capital(&said));
    if !text.ends_with('.') {
        text.push('.');
    }
    let mut codes = vec![code];
    codes.extend(listed.iter().map(|l| l.0));
    let on_lists =
        |some: &[&(&str, DiagnosisListing)]| some.iter().map(|l| l.0.to_owned()).collect::<Vec<_>>();
    let detail = json!({
        "document": document.id, "version": document.version, "supporting": on_lists(&for_it),
        "not_supporting": on_lists(&against), "notes": notes(listed), "current": document.coverage.covers,
    });
    let mut proof: Vec<Evidence> =
        listed.iter().filter_map(|(_, d)| d.evidence.clone()).take(MOST_NAMED).collect();
    if proof.is_empty() {
        proof.push(document.evidence.clone());
    }
    finding(RULE, outcome, &codes, detail, text, proof)
}

/// The conditions above the lists on which the diagnoses stand, each once.
fn notes(listed: &[(&str, DiagnosisListing)]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for list in listed.iter().flat_map(|(_, d)| &d.lists) {
        for words in [&list.note, &list.asterisk] {
            if !words.is_empty() && !out.contains(words) {
                out.push(words.clone());
            }
        }
    }
    out
}

/// The lists of all contractors together, where it is not known which holds.
fn everywhere<'a>(
    code: &str,
    diagnoses: &[String],
    articles: impl Iterator<Item = &'a CoverageDocument>,
    tables: &Tables<'_>,
) -> Result<Option<Finding>, CodebookError> {
    let (mut with, mut all, mut proof) = (Vec::new(), 0usize, Vec::new());
    for article in articles.filter(|d| d.covered > 0) {
        all += 1;
        for dx in diagnoses {
            let found = tables.book.coverage_of_diagnosis(article, dx, Some(code))?;
            if found.lists.iter().any(|l| l.covered && l.for_service != Some(false)) {
                with.push(article.id.clone());
                proof.extend(found.evidence);
                break;
            }
        }
    }
    if all == 0 {
        return Ok(None);
    }
    if proof.is_empty() {
        return Ok(None);
    }
    proof.truncate(MOST_NAMED);
    let text = format!(
        "Of {all} articles with a list of diagnoses that support medical necessity of {code}, {} list {} ({}); which article holds depends on the contractor, and a listed diagnosis is necessary, not sufficient.",
        with.len(),
        diagnoses.join(", "),
        with.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ")
    );
    let mut codes = vec![code];
    codes.extend(diagnoses.iter().map(String::as_str));
    let detail = json!({ "articles": all, "listed_in": with });
    Ok(Some(finding(RULE, Outcome::Info, &codes, detail, text, proof)))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
