//! The claim check: a claim as typed, and what the rules say, the worst first. Its address can be shared.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::codebook::{ClaimPayment, Codebook, Locality, Payment, PaymentLine, PaymentSetting};
use crate::consult::claim::Claim;
use crate::consult::{check, citation};
use crate::desk::lookup::{Checked, Typed, checked, worst_first};
use crate::domain::{CivilDate, Evidence, Finding, Outcome, Setting};
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::{self, code_address, cut};
use crate::web::codes::code::{LocalityChoice, localities};
use crate::web::codes::section::Link;
use crate::web::codes::sections::setting_name;
use crate::web::codes::{look, notices};
use crate::web::error::sentence;
use crate::web::wording::{self, Badge};
use crate::web::{Pages, WebError, frame};

/// The longest claim that is read.
const LONGEST: usize = 8_000;

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct CheckFor {
    #[serde(default)]
    lines: String,
    #[serde(default)]
    dx: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    setting: String,
    #[serde(default)]
    locality: String,
}

#[derive(Serialize)]
struct CheckView {
    lines: String,
    dx: String,
    on: String,
    settings: Vec<SettingChoice>,
    problem: String,
    checked: bool,
    summary: String,
    groups: Vec<Group>,
    localities: Vec<LocalityChoice>,
    paid: Option<Paid>,
    notices: Vec<String>,
}

/// What the fee schedule allows for the claim.
#[derive(Serialize)]
struct Paid {
    place: String,
    rows: Vec<PaidRow>,
    non_facility: String,
    facility: String,
    steps: Vec<String>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct PaidRow {
    line: String,
    non_facility: String,
    facility: String,
}

#[derive(Serialize)]
struct SettingChoice {
    word: &'static str,
    name: &'static str,
    chosen: bool,
}

/// Findings of one outcome.
#[derive(Serialize)]
struct Group {
    outcome: Badge,
    title: &'static str,
    findings: Vec<FindingView>,
}

#[derive(Serialize)]
struct FindingView {
    rule: String,
    codes: Vec<Link>,
    statement: String,
    evidence: Vec<String>,
}

fn title(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Deny => "Denied",
        Outcome::Bypassable => "Denied unless a modifier fits the circumstances",
        Outcome::Warn => "Look at it",
        Outcome::NoData => "Not checked: no data",
        Outcome::Info => "To know",
        Outcome::Pass => "Fine",
    }
}

/// A rule's name for people.
fn rule_name(rule: &str) -> String {
    match rule {
        "ptp" | "ptp_advice" => "NCCI pair edit",
        "mue" | "mue_advice" => "units (MUE)",
        "add_on" | "add_on_advice" => "add-on code",
        "excludes1" => "Excludes1",
        "seventh_character" => "7th character",
        "fee_status" => "fee schedule status",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// Checks a claim in the book; errors of typing come as text.
pub(crate) fn run(
    book: &Codebook,
    typed: &Typed,
    today: CivilDate,
) -> Result<Result<(Claim, Checked), String>, WebError> {
    let claim = match typed.read(today) {
        Ok(claim) => claim,
        Err(error) => return Ok(Err(sentence(&error))),
    };
    let findings = check(&claim, book).map_err(|error| {
        tracing::error!(%error, "a claim could not be checked");
        WebError::Broken
    })?;
    let found = checked(&claim, findings);
    Ok(Ok((claim, found)))
}

/// What the schedule allows for the lines of a professional claim, after the multiple-procedure rules. `None`: nothing of
/// it has an amount.
fn paid(book: &Codebook, claim: &Claim, locality: Option<&Locality>) -> Result<Option<Paid>, WebError> {
    if claim.setting != Setting::Practitioner {
        return Ok(None);
    }
    let claim = claim.services();
    let lines: Vec<PaymentLine> = claim.lines.iter().map(PaymentLine::from).collect();
    let office = book.claim_payment(&lines, locality, PaymentSetting::NonFacility, claim.on)?;
    let facility = book.claim_payment(&lines, locality, PaymentSetting::Facility, claim.on)?;
    if office.lines.iter().chain(&facility.lines).all(|p| p.amount.is_none()) {
        return Ok(None);
    }
    let amount = |p: Option<&Payment>| p.and_then(|p| p.amount).map_or("none".to_owned(), |a| a.to_string());
    let rows = claim.lines.iter().enumerate().map(|(at, l)| PaidRow {
        line: l.written(),
        non_facility: amount(office.lines.get(at)),
        facility: amount(facility.lines.get(at)),
    });
    let mut notes: Vec<String> = Vec::new();
    let mut steps = Vec::new();
    for (setting, claim) in PaymentSetting::ALL.into_iter().zip([&office, &facility]) {
        let words = setting.words();
        for p in &claim.lines {
            steps.extend(p.steps.iter().map(|s| format!("{}, {words}: {s}", p.code)));
            for note in p.notes.iter().map(|n| format!("{}: {n}", p.code)) {
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
    }
    let sum = |c: &ClaimPayment| c.sum().map_or("none".to_owned(), |sum| sum.to_string());
    if office.unpriced + facility.unpriced > 0 {
        notes.push("Where a line has no amount there is no sum.".to_owned());
    }
    Ok(Some(Paid {
        place: locality.map_or("national amounts".to_owned(), |l| format!("{} {}", l.state, l.name)),
        rows: rows.collect(),
        non_facility: sum(&office),
        facility: sum(&facility),
        steps,
        notes,
    }))
}

fn groups(findings: Vec<Finding>, on: CivilDate) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for f in findings {
        let outcome = wording::outcome(f.outcome);
        let link = |code: &String| Link { text: code.clone(), href: code_address(code, None, on) };
        let view = FindingView {
            rule: rule_name(&f.rule),
            codes: f.codes.iter().map(link).collect(),
            statement: f.statement,
            evidence: f.evidence.iter().map(citation).collect(),
        };
        match groups.last_mut().filter(|g| g.outcome == outcome) {
            Some(group) => group.findings.push(view),
            None => groups.push(Group { outcome, title: title(f.outcome), findings: vec![view] }),
        }
    }
    groups
}

fn summary(findings: &[Finding]) -> String {
    let count = |outcome| findings.iter().filter(|f| f.outcome == outcome).count();
    let (deny, bypass) = (count(Outcome::Deny), count(Outcome::Bypassable));
    let open = findings.iter().filter(|f| crate::consult::rules::is_unverified(f)).count();
    let mut parts = Vec::new();
    if deny > 0 {
        parts.push(format!("{deny} denied"));
    }
    if bypass > 0 {
        parts.push(format!("{bypass} denied unless a modifier fits"));
    }
    if parts.is_empty() {
        parts.push("nothing denied by the loaded tables".to_owned());
    }
    if open > 0 {
        parts.push(format!("{open} not verified for the date"));
    }
    let text = parts.join(", ");
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |c| format!("{}{}.", c.to_uppercase(), letters.as_str()))
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(wanted): Query<CheckFor>,
) -> Result<Response, WebError> {
    reader.require_cpt()?;
    let today = pages.desk.clock.today(&pages.desk.zone);
    let blank = wanted.lines.trim().is_empty() && wanted.dx.trim().is_empty();
    let (typed, mut view) = begin(&wanted, today);
    let mut status = StatusCode::OK;
    if wanted.lines.len() + wanted.dx.len() > LONGEST {
        view.problem = "That is too long for a claim: check it in parts.".to_owned();
    } else if !blank {
        let locality = wanted.locality.clone();
        let found = look(&pages, move |book| {
            let (claim, mut found) = match run(book, &typed, today)? {
                Ok(found) => found,
                Err(problem) => return Ok(Err(problem)),
            };
            let chosen = asked::locality(book, &locality, found.on)?;
            let localities = localities(book, found.on, chosen.as_ref())?;
            let paid = paid(book, &claim, chosen.as_ref())?;
            worst_first(&mut found.findings);
            let cited: Vec<Evidence> = found.findings.iter().flat_map(|f| f.evidence.clone()).collect();
            let lines = notices(book, &cited, true, false)?;
            Ok(Ok((found, localities, paid, lines)))
        })
        .await?;
        match found {
            Ok((found, localities, paid, lines)) => {
                (view.localities, view.paid) = (localities, paid);
                view.checked = true;
                view.on = found.on.to_string();
                view.summary = summary(&found.findings);
                view.groups = groups(found.findings, found.on);
                view.notices = lines;
            }
            Err(problem) => view.problem = problem,
        }
    }
    if view.localities.is_empty() {
        view.localities = look(&pages, move |book| localities(book, today, None)).await?;
    }
    if !view.problem.is_empty() {
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let frame = reader.frame(&pages, "Claim check").await?;
    Ok((status, frame::render(&pages, "codes_check", &frame, &view)?).into_response())
}

fn begin(wanted: &CheckFor, today: CivilDate) -> (Typed, CheckView) {
    let typed = Typed {
        lines: wanted.lines.clone(),
        diagnoses: wanted.dx.clone(),
        on: wanted.on.clone(),
        setting: wanted.setting.clone(),
    };
    let chosen = wanted.setting.parse().unwrap_or(Setting::Practitioner);
    let choice =
        |s: &Setting| SettingChoice { word: s.as_str(), name: setting_name(*s), chosen: *s == chosen };
    let kept = |text: &str| text.chars().take(LONGEST).collect::<String>();
    let on = if wanted.on.trim().is_empty() { today.to_string() } else { cut(&wanted.on) };
    let view = CheckView {
        lines: kept(&wanted.lines),
        dx: kept(&wanted.dx),
        on,
        settings: Setting::ALL.iter().map(choice).collect(),
        problem: String::new(),
        checked: false,
        summary: String::new(),
        groups: Vec::new(),
        localities: Vec::new(),
        paid: None,
        notices: Vec::new(),
    };
    (typed, view)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consult::claim::Line;

    #[test]
    fn a_sum_from_which_a_line_is_missing_is_not_shown() {
        let book = Codebook::starter().unwrap();
        let allowed = |lines: &[&str]| {
            let lines = lines.iter().map(|l| Line::parse(l).unwrap()).collect();
            paid(&book, &Claim::of(lines, "2025-11-15".parse().unwrap()), None).unwrap().unwrap()
        };
        let whole = allowed(&["63020", "63030"]);
        assert_eq!((whole.facility.as_str(), whole.non_facility.as_str()), ("1,545.19", "none"));
        let partly = allowed(&["63020", "99999"]);
        assert_eq!((partly.rows[0].facility.as_str(), partly.facility.as_str()), ("1,091.37", "none"));
        assert!(partly.notes.iter().any(|n| n.contains("no sum")), "{:?}", partly.notes);
        // ICD-10-PCS is not the fee schedule's: it takes nothing from the sum of the services.
        let inpatient = allowed(&["63020", "00BY0ZZ"]);
        assert_eq!((inpatient.rows.len(), inpatient.facility.as_str()), (1, "1,091.37"));
    }
}
