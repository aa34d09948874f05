//! What the lines of one code say together: components, sides, drug waste, and the same service twice.

use serde_json::json;

use super::{CLAIMS, MANUAL};
use crate::consult::claim::{Claim, Line};
use crate::consult::rules::{advice, established, evidence, finding};
use crate::domain::{Finding, Outcome};

/// 26 and TC: if one practice does both, that is the whole service. RT and LT: how a bilateral procedure is written.
/// JW: its administered units stand on another line.
pub(super) fn check(claim: &Claim) -> Vec<Finding> {
    let mut out = Vec::new();
    for code in claim.codes() {
        let lines: Vec<&Line> = claim.lines_of(code).collect();
        let has = |m: &str| lines.iter().any(|l| l.has(m));
        if has("RT") && has("LT") && claim.one_day {
            out.extend(advice("bilateral-50", "modifier_advice", &[code]));
        }
        let apart = lines.iter().all(|l| !(l.has("26") && l.has("TC")));
        if has("26") && has("TC") && apart {
            let text = format!(
                "{code} is on the claim with 26 and with TC: if the same practice does both parts, bill {code} once without either."
            );
            out.push(warning("26", code, text, established(CLAIMS)));
        }
        let waste = |m: &str| lines.iter().filter(|l| l.has(m)).count();
        if waste("JW") > 0 && waste("JZ") > 0 && !lines.iter().any(|l| l.has("JW") && l.has("JZ")) {
            let text = format!(
                "{code} is on the claim with JW (waste) and with JZ (no waste): for one container they contradict each other."
            );
            out.push(warning("JW", code, text, established(CLAIMS)));
        } else if claim.complete && waste("JW") == lines.len() && !lines.iter().any(|l| l.has("JZ")) {
            let text = format!(
                "{code} is on the claim with JW alone: JW is the discarded part, the administered units stand on another line without it."
            );
            out.push(warning("JW", code, text, established(CLAIMS)));
        }
    }
    out
}

/// Lines of one code and day that nothing tells apart, for each code of the claim.
pub(crate) fn repeated(claim: &Claim) -> Vec<Finding> {
    let codes = claim.codes();
    codes
        .into_iter()
        .filter_map(|code| twice(code, &claim.lines_of(code).collect::<Vec<_>>(), claim))
        .collect()
}

/// Lines of one code and day that nothing tells apart: the second is denied as a duplicate.
fn twice(code: &str, lines: &[&Line], claim: &Claim) -> Option<Finding> {
    if !claim.one_day {
        return None;
    }
    let alike = |l: &&&Line| lines.iter().filter(|other| telling(other) == telling(l)).count();
    let line = lines.iter().find(|l| alike(l) > 1)?;
    let text = format!(
        "{code} stands on {} lines that nothing tells apart: put the units on one line, or add the modifier that says why it was repeated (side, 59 or X, 76, 77, 91); else the second line is denied as a duplicate.",
        alike(&line)
    );
    let detail = json!({ "lines": alike(&line), "verified": true });
    let proof = evidence(MANUAL, "2026", "ch. I §V");
    Some(finding("duplicate", Outcome::Warn, &[code], detail, text, vec![proof]))
}

/// The modifiers of a line that say why it stands apart.
fn telling(line: &Line) -> Vec<&str> {
    let modifiers = line.modifiers.iter().map(String::as_str);
    let mut all: Vec<&str> = modifiers.filter(|m| !SAYS_NOTHING.contains(m)).collect();
    all.sort_unstable();
    all
}

/// Modifiers that do not say why a service stands on another line.
const SAYS_NOTHING: &[&str] =
    &["51", "22", "GP", "GO", "GN", "KX", "GA", "GX", "GY", "GZ", "GC", "AT", "95", "93", "GT"];

fn warning(modifier: &str, code: &str, text: String, proof: crate::domain::Evidence) -> Finding {
    let detail = json!({ "modifier": modifier, "verified": true });
    finding("modifier", Outcome::Warn, &[code], detail, text, vec![proof])
}
