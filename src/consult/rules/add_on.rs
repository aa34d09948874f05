//! Add-on codes need a primary by the same practitioner on the same day. Coding rules, section 3.

use serde_json::json;

use super::{Standing, Tables, advice, evidence, finding};
use crate::codebook::{AddOn, CodebookError, Dated, FeeRow};
use crate::consult::claim::Claim;
use crate::domain::{Finding, Outcome};

const SOURCE: &str = "NCCI add-on code file";
const MANUAL: &str = "NCCI Policy Manual for Medicare";

/// Every code of the claim that is an add-on by its file, or by global period ZZZ.
pub(crate) fn check(claim: &Claim, tables: &Tables<'_>) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    for code in claim.codes() {
        let row = tables.add_on(code)?;
        let fee = if row.value.is_none() { Some(tables.fee(code)?) } else { None };
        out.extend(judge(code, &row, fee.as_deref(), claim));
    }
    Ok(out)
}

/// What the add-on file says of one code of the claim.
pub(crate) fn judge(
    code: &str,
    row: &Dated<Option<AddOn>>,
    fee: Option<&Dated<Option<FeeRow>>>,
    claim: &Claim,
) -> Vec<Finding> {
    let Some(add_on) = &row.value else {
        return without_row(code, fee);
    };
    let standing = Standing::of(row.coverage.as_ref());
    let verified = standing.is_within();
    let caveat = standing.caveat(claim.on);
    let others: Vec<&str> = claim.codes().into_iter().filter(|c| *c != code).collect();
    let present: Vec<&str> =
        others.iter().copied().filter(|c| add_on.primaries.iter().any(|p| p == c)).collect();
    let allowed = some_of(&add_on.primaries);
    let (outcome, text) = if !present.is_empty() {
        (
            Outcome::Pass,
            format!("{code} is an add-on code and its primary {} is on the claim.", present.join(", ")),
        )
    } else if add_on.kind == 2 {
        (
            Outcome::Info,
            format!(
                "{code} is an add-on code of type 2: the file lists no primaries; the contractor decides."
            ),
        )
    } else if code == "99292" && claim.complete {
        (
            Outcome::Warn,
            "99292 is an add-on code and its primary 99291 is not on the claim: Medicare may pay it only if another physician of the same group and specialty reported 99291 and was paid for it."
                .to_owned(),
        )
    } else if !claim.complete {
        (
            Outcome::Info,
            format!(
                "{code} is an add-on code (type {}): it is reported only with a primary, which the file lists as {allowed}.",
                add_on.kind
            ),
        )
    } else if add_on.kind == 3 {
        (
            Outcome::Warn,
            format!(
                "{code} is an add-on code of type 3: the file's list of primaries is only partial, and none of it is on the claim ({allowed}); the contractor decides on others."
            ),
        )
    } else {
        let with = if others.is_empty() { "alone".to_owned() } else { format!("with {}", others.join(", ")) };
        (
            Outcome::Deny,
            format!(
                "{code} is an add-on code and none of its primaries is on the claim ({with}): it is denied. Primaries in the file: {allowed}."
            ),
        )
    };
    let outcome = if verified { outcome } else { Outcome::Info };
    let release = standing.release();
    let proof = row
        .evidence
        .clone()
        .unwrap_or_else(|| evidence(SOURCE, release, format!("add-on {code}, type {}", add_on.kind)));
    let denied = outcome == Outcome::Deny;
    let proof = vec![proof]
        .into_iter()
        .chain((outcome == Outcome::Warn).then(|| evidence(MANUAL, "2026", "ch. I §W")))
        .collect();
    let detail = json!({
        "type": add_on.kind, "primaries": add_on.primaries, "present": present, "verified": verified,
        "lacks_primary": denied,
    });
    let mut out = vec![finding("add_on", outcome, &[code], detail, format!("{caveat}{text}"), proof)];
    if denied {
        out.extend(advice("add-on", "add_on_advice", &[code]));
        out.extend(advice("add-on-denial", "add_on_advice", &[]));
    }
    out
}

/// No row is never a denial; global period ZZZ still says that it goes with a primary.
fn without_row(code: &str, fee: Option<&Dated<Option<FeeRow>>>) -> Vec<Finding> {
    let Some((row, fee)) = fee.and_then(|f| f.value.as_ref().map(|r| (f, r))) else { return Vec::new() };
    if fee.global_days != "ZZZ" {
        return Vec::new();
    }
    let standing = Standing::of(row.coverage.as_ref());
    let text = format!(
        "{code} has global period ZZZ, so it goes with a primary procedure; its primaries are not in the add-on file."
    );
    let detail = json!({ "type": null, "primaries": [], "verified": standing.is_within() });
    let proof = row.evidence.clone().unwrap_or_else(|| {
        evidence("Medicare physician fee schedule", standing.release(), format!("{code}, global ZZZ"))
    });
    vec![finding("add_on", Outcome::Info, &[code], detail, text, vec![proof])]
}

/// The first primaries of a list, and how many more there are.
fn some_of(primaries: &[String]) -> String {
    if primaries.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<&str> = primaries.iter().take(12).map(String::as_str).collect();
    let more = primaries.len().saturating_sub(shown.len());
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Coverage;
    use crate::consult::claim::Line;
    use crate::domain::CivilDate;

    fn judged(kind: u8, primaries: &[&str], others: &[&str], covers: bool, complete: bool) -> Finding {
        let date = |t: &str| t.parse::<CivilDate>().unwrap();
        let row = Dated {
            value: Some(AddOn {
                code: "29826".into(),
                kind,
                primaries: primaries.iter().map(|p| (*p).to_owned()).collect(),
            }),
            coverage: Some(Coverage {
                release: "2024".into(),
                from: date("2024-01-01"),
                to: date("2024-12-31"),
                covers,
            }),
            evidence: None,
        };
        let lines = others.iter().chain(&["29826"]).map(|c| Line::new(c)).collect();
        let claim = Claim { complete, ..Claim::of(lines, date("2024-08-20")) };
        judge("29826", &row, None, &claim).into_iter().next().unwrap()
    }

    /// 29826: primaries 29806 … 29828, not 23412.
    #[test]
    fn an_add_on_without_its_primary_is_denied() {
        let primaries = ["29823", "29827"];
        assert_eq!(judged(1, &primaries, &["23412"], true, true).outcome, Outcome::Deny);
        assert_eq!(judged(1, &primaries, &["29827"], true, true).outcome, Outcome::Pass);
        assert_eq!(judged(2, &[], &["23412"], true, true).outcome, Outcome::Info);
        assert_eq!(judged(3, &primaries, &["23412"], true, true).outcome, Outcome::Warn);
        assert_eq!(judged(1, &primaries, &[], true, false).outcome, Outcome::Info);
        assert_eq!(judged(1, &primaries, &["23412"], false, true).outcome, Outcome::Info);
    }
}
