//! Modifiers on a line against the code and its fee schedule indicators: one table. Coding rules, section 6.

use serde_json::json;

use super::{Standing, advice, established, evidence, fee_status, finding};
use crate::codebook::{Codebook, CodebookError, FeeRow};
use crate::consult::claim::{Claim, Line};
use crate::consult::extract::is_modifier;
use crate::consult::guidance::{in_range, is_evaluation};
use crate::domain::{Evidence, Finding, Outcome};

/// What a check of the table may look at.
struct Facts<'a> {
    line: &'a Line,
    fee: Option<&'a FeeRow>,
    add_on: bool,
    visit: bool,
}

impl Facts<'_> {
    fn fee_is(&self, get: fn(&FeeRow) -> &str, values: &[&str]) -> bool {
        self.fee.is_some_and(|f| values.contains(&get(f)))
    }
}

/// One row of the table: on a line with one of `modifiers`, if `when` holds, say `text`.
struct Check {
    modifiers: &'static [&'static str],
    when: fn(&Facts<'_>) -> bool,
    outcome: Outcome,
    /// `{m}` and `{c}` stand for the modifier and the code.
    text: &'static str,
    /// The NCCI manual's section; empty: the fee schedule row is the evidence; [`CLAIMS`]: established knowledge of
    /// that manual, whose section was not read and is not cited.
    section: &'static str,
}

const MANUAL: &str = "NCCI Policy Manual for Medicare";
const CLAIMS: &str = "Medicare Claims Processing Manual";

fn bilateral(f: &FeeRow) -> &str {
    &f.bilateral
}
fn pctc(f: &FeeRow) -> &str {
    &f.pctc
}
fn assistant(f: &FeeRow) -> &str {
    &f.assistant
}
fn co_surgeon(f: &FeeRow) -> &str {
    &f.co_surgeon
}
fn team(f: &FeeRow) -> &str {
    &f.team
}

const TABLE: &[Check] = &[
    Check {
        modifiers: &["24", "25", "57"],
        when: |f| !f.visit,
        outcome: Outcome::Warn,
        text: "{m} belongs on a visit (E/M), and {c} is not in the list of visits",
        section: "ch. I §E.1",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["0"]),
        outcome: Outcome::Deny,
        text: "{c} has bilateral indicator 0: modifier 50 does not apply",
        section: "",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["2"]),
        outcome: Outcome::Deny,
        text: "{c} has bilateral indicator 2: it is bilateral already, modifier 50 does not apply",
        section: "",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["9"]),
        outcome: Outcome::Warn,
        text: "{c} has bilateral indicator 9: the bilateral concept does not apply",
        section: "",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["1"]),
        outcome: Outcome::Pass,
        text: "{c} has bilateral indicator 1: modifier 50 applies, 150 % before any multiple-procedure reduction, one line and one unit",
        section: "",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["3"]),
        outcome: Outcome::Pass,
        text: "{c} has bilateral indicator 3: both sides are paid at 100 % each",
        section: "",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.line.has("LT") || f.line.has("RT"),
        outcome: Outcome::Warn,
        text: "{c}: modifier 50 and LT or RT do not go on one line",
        section: "ch. IV §H.6",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.line.units.is_some_and(|u| u > 1),
        outcome: Outcome::Warn,
        text: "{c} with modifier 50 is one line with one unit",
        section: "ch. IV §H.6",
    },
    Check {
        modifiers: &["LT"],
        when: |f| f.line.has("RT"),
        outcome: Outcome::Warn,
        text: "{c} carries LT and RT on one line: both sides are modifier 50, or two lines",
        section: "ch. IV §H.6",
    },
    Check {
        modifiers: &["51"],
        when: |f| f.add_on,
        outcome: Outcome::Deny,
        text: "{c} is an add-on code: modifier 51 never goes on it",
        section: "ch. I §R",
    },
    Check {
        modifiers: &["51"],
        when: |f| !f.add_on,
        outcome: Outcome::Info,
        text: "Medicare does not need modifier 51 on {c}; it ranks the procedures itself",
        section: CLAIMS,
    },
    Check {
        modifiers: &["53"],
        when: |f| f.visit,
        outcome: Outcome::Deny,
        text: "{m} never goes on a visit (E/M) such as {c}",
        section: CLAIMS,
    },
    Check {
        modifiers: &["59", "XE", "XS", "XP", "XU"],
        when: |f| f.visit || f.line.code == "77427",
        outcome: Outcome::Deny,
        text: "{m} never goes on {c}",
        section: "ch. I §E.1.d",
    },
    Check {
        modifiers: &["59"],
        when: |f| ["XE", "XS", "XP", "XU"].iter().any(|x| f.line.has(x)),
        outcome: Outcome::Deny,
        text: "{c} carries 59 and an X modifier on one line: one of them only",
        section: "ch. I §E.1.d",
    },
    Check {
        modifiers: &["91"],
        when: |f| !in_range(&f.line.code, "80047-89398") && !in_range(&f.line.code, "0001U-0999U"),
        outcome: Outcome::Deny,
        text: "{m} is for laboratory tests, and {c} is none",
        section: "ch. I §E.1",
    },
    Check {
        modifiers: &["80", "81", "82", "AS"],
        when: |f| f.fee_is(assistant, &["1"]),
        outcome: Outcome::Deny,
        text: "{c} has assistant indicator 1: an assistant at surgery is never paid",
        section: "",
    },
    Check {
        modifiers: &["80", "81", "82", "AS"],
        when: |f| f.fee_is(assistant, &["0"]),
        outcome: Outcome::Warn,
        text: "{c} has assistant indicator 0: an assistant is paid only with documentation of medical necessity",
        section: "",
    },
    Check {
        modifiers: &["80", "81", "82", "AS"],
        when: |f| f.fee_is(assistant, &["9"]),
        outcome: Outcome::Warn,
        text: "{c} has assistant indicator 9: the concept does not apply",
        section: "",
    },
    Check {
        modifiers: &["80", "81", "82", "AS"],
        when: |f| f.fee_is(assistant, &["2"]),
        outcome: Outcome::Pass,
        text: "{c} has assistant indicator 2: an assistant at surgery may be paid",
        section: "",
    },
    Check {
        modifiers: &["62"],
        when: |f| f.fee_is(co_surgeon, &["0"]),
        outcome: Outcome::Deny,
        text: "{c} has co-surgeon indicator 0: co-surgeons are not paid",
        section: "",
    },
    Check {
        modifiers: &["62"],
        when: |f| f.fee_is(co_surgeon, &["1"]),
        outcome: Outcome::Warn,
        text: "{c} has co-surgeon indicator 1: co-surgeons are paid only with documentation of the need for both",
        section: "",
    },
    Check {
        modifiers: &["62"],
        when: |f| f.fee_is(co_surgeon, &["2"]),
        outcome: Outcome::Pass,
        text: "{c} has co-surgeon indicator 2: two surgeons of different specialties may be paid",
        section: "",
    },
    Check {
        modifiers: &["62"],
        when: |f| f.fee_is(co_surgeon, &["9"]),
        outcome: Outcome::Warn,
        text: "{c} has co-surgeon indicator 9: the concept does not apply",
        section: "",
    },
    Check {
        modifiers: &["66"],
        when: |f| f.fee_is(team, &["0"]),
        outcome: Outcome::Deny,
        text: "{c} has team indicator 0: team surgery is not paid",
        section: "",
    },
    Check {
        modifiers: &["66"],
        when: |f| f.fee_is(team, &["1", "2"]),
        outcome: Outcome::Warn,
        text: "{c} allows team surgery with documentation, paid by report",
        section: "",
    },
    Check {
        modifiers: &["26"],
        when: |f| f.fee_is(pctc, &["0", "2", "3", "4", "5", "7", "8", "9"]),
        outcome: Outcome::Deny,
        text: "{c} has no professional component of its own (PC/TC indicator is not 1 or 6): modifier 26 does not apply",
        section: "",
    },
    Check {
        modifiers: &["26"],
        when: |f| f.fee_is(pctc, &["1", "6"]),
        outcome: Outcome::Pass,
        text: "{c} has a professional component: modifier 26 applies",
        section: "",
    },
    Check {
        modifiers: &["TC"],
        when: |f| f.fee_is(pctc, &["0", "2", "3", "4", "5", "6", "7", "8", "9"]),
        outcome: Outcome::Deny,
        text: "{c} has no technical component of its own (PC/TC indicator is not 1): modifier TC does not apply",
        section: "",
    },
    Check {
        modifiers: &["TC"],
        when: |f| f.fee_is(pctc, &["1"]),
        outcome: Outcome::Pass,
        text: "{c} has a technical component: modifier TC applies",
        section: "",
    },
    Check {
        modifiers: &["26"],
        when: |f| f.line.has("TC"),
        outcome: Outcome::Deny,
        text: "{c} carries 26 and TC on one line: the whole service takes neither",
        section: CLAIMS,
    },
    Check {
        modifiers: &["GA"],
        when: |f| f.line.has("GZ"),
        outcome: Outcome::Deny,
        text: "{c} carries GA (notice on file) and GZ (no notice): they contradict each other",
        section: CLAIMS,
    },
    Check {
        modifiers: &["JZ"],
        when: |f| f.line.has("JW"),
        outcome: Outcome::Deny,
        text: "{c} carries JZ (no waste) and JW (waste): they contradict each other",
        section: CLAIMS,
    },
];

/// What the lines of one code say together. 26 and TC: if one practice does both, that is the whole service. RT and
/// LT: how a bilateral procedure is written.
fn across_lines(claim: &Claim) -> Vec<Finding> {
    let mut out = Vec::new();
    for code in claim.codes() {
        let has = |m: &str| claim.lines_of(code).any(|l| l.has(m));
        if has("RT") && has("LT") && claim.one_day {
            out.extend(advice("bilateral-50", "modifier_advice", &[code]));
        }
        let apart = claim.lines_of(code).all(|l| !(l.has("26") && l.has("TC")));
        if has("26") && has("TC") && apart {
            let text = format!(
                "{code} is on the claim with 26 and with TC: if the same practice does both parts, bill {code} once without either."
            );
            let detail = json!({ "modifier": "26", "verified": true });
            out.push(finding("modifier", Outcome::Warn, &[code], detail, text, vec![established(CLAIMS)]));
        }
    }
    out
}

/// Every modifier of every line.
pub(crate) fn check(claim: &Claim, book: &Codebook) -> Result<Vec<Finding>, CodebookError> {
    let mut out = across_lines(claim);
    for line in &claim.lines {
        if line.modifiers.is_empty() {
            continue;
        }
        let row = book.fee(&line.code, "", claim.on)?;
        let add_on = book.add_on(&line.code, claim.on)?.value.is_some()
            || row.value.as_ref().is_some_and(|f| f.global_days == "ZZZ");
        let facts = Facts { line, fee: row.value.as_ref(), add_on, visit: is_evaluation(&line.code) };
        let standing = Standing::of(row.coverage.as_ref());
        let proof = fee_status::proof(&line.code, &row);
        for f in judge(&facts, &proof, standing, claim) {
            if !out.contains(&f) {
                out.push(f);
            }
        }
        for modifier in &line.modifiers {
            if !is_modifier(modifier) && book.modifier(modifier, claim.on)?.value.is_none() {
                let text = format!(
                    "{modifier} on {} was not found among the loaded modifiers: check it.",
                    line.code
                );
                let proof = evidence("Modifier list", standing.release(), format!("no entry {modifier}"));
                let detail = json!({ "modifier": modifier, "known": false });
                out.push(finding(
                    "modifier",
                    Outcome::Warn,
                    &[line.code.as_str()],
                    detail,
                    text,
                    vec![proof],
                ));
            }
        }
    }
    Ok(out)
}

fn judge(facts: &Facts<'_>, fee_proof: &Evidence, standing: Standing<'_>, claim: &Claim) -> Vec<Finding> {
    let mut out = Vec::new();
    let code = facts.line.code.as_str();
    for check in TABLE {
        let Some(modifier) = check.modifiers.iter().find(|m| facts.line.has(m)) else { continue };
        if !(check.when)(facts) {
            continue;
        }
        let by_fee = check.section.is_empty();
        let verified = !by_fee || standing.is_within();
        let caveat = if by_fee { standing.caveat(claim.on) } else { String::new() };
        let text = check.text.replace("{m}", modifier).replace("{c}", code);
        let proof = match check.section {
            "" => fee_proof.clone(),
            CLAIMS => established(CLAIMS),
            section => evidence(MANUAL, "2026", section),
        };
        let outcome = if verified { check.outcome } else { Outcome::Info };
        let detail = json!({ "modifier": modifier, "verified": verified });
        out.push(finding("modifier", outcome, &[code], detail, format!("{caveat}{text}."), vec![proof]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Coverage;
    use crate::domain::CivilDate;

    fn fee(set: fn(&mut FeeRow)) -> FeeRow {
        let mut row = FeeRow {
            code: "63020".into(),
            modifier: String::new(),
            status: 'A',
            global_days: "090".into(),
            pctc: "0".into(),
            multiple: "2".into(),
            bilateral: "1".into(),
            assistant: "2".into(),
            co_surgeon: "1".into(),
            team: "0".into(),
            work_rvu: None,
            pe_nonfacility: None,
            pe_facility: None,
            mp_rvu: None,
            endoscopic_base: String::new(),
            conversion_factor: None,
            ..FeeRow::default()
        };
        set(&mut row);
        row
    }

    fn outcomes(line: &str, row: &FeeRow, add_on: bool, visit: bool) -> Vec<Outcome> {
        let line = Line::parse(line).unwrap();
        let date = |t: &str| t.parse::<CivilDate>().unwrap();
        let coverage = Coverage {
            release: "RVU24B".into(),
            from: date("2024-01-01"),
            to: date("2024-12-31"),
            covers: true,
        };
        let claim = Claim::of(vec![line.clone()], date("2024-08-15"));
        let facts = Facts { line: &line, fee: Some(row), add_on, visit };
        judge(&facts, &evidence("fees", "RVU24B", "row"), Standing::Within(&coverage), &claim)
            .into_iter()
            .map(|f| f.outcome)
            .collect()
    }

    #[test]
    fn both_components_by_one_practice_are_the_whole_service() {
        let claim = |lines: &[&str]| {
            let lines = lines.iter().map(|l| Line::parse(l).unwrap()).collect();
            Claim::of(lines, "2024-08-15".parse().unwrap())
        };
        assert_eq!(across_lines(&claim(&["71046-26", "71046-TC"])).len(), 1);
        assert_eq!(across_lines(&claim(&["20610-RT", "20610-LT"]))[0].rule, "modifier_advice");
        assert!(across_lines(&claim(&["71046-26", "71045-TC"])).is_empty());
    }

    #[test]
    fn the_table_against_indicators() {
        use Outcome as O;
        let plain = fee(|_| ());
        for (line, row, add_on, visit, want) in [
            ("63020-50", &plain, false, false, vec![O::Pass]),
            ("63020-50", &fee(|r| r.bilateral = "0".into()), false, false, vec![O::Deny]),
            ("63020-50", &fee(|r| r.bilateral = "2".into()), false, false, vec![O::Deny]),
            ("63020-50-RT", &plain, false, false, vec![O::Pass, O::Warn]),
            ("63035-51", &plain, true, false, vec![O::Deny]),
            ("63030-51", &plain, false, false, vec![O::Info]),
            ("63020-80", &plain, false, false, vec![O::Pass]),
            ("63020-AS", &fee(|r| r.assistant = "1".into()), false, false, vec![O::Deny]),
            ("63020-62", &plain, false, false, vec![O::Warn]),
            ("63020-66", &plain, false, false, vec![O::Deny]),
            ("63020-26", &plain, false, false, vec![O::Deny]),
            ("93306-26", &fee(|r| r.pctc = "1".into()), false, false, vec![O::Pass]),
            ("80053-TC", &fee(|r| r.pctc = "6".into()), false, false, vec![O::Deny]),
            ("20610-25", &plain, false, false, vec![O::Warn]),
            ("99213-25", &plain, false, true, vec![]),
            ("99213-59", &plain, false, true, vec![O::Deny]),
            ("97140-59-XE", &plain, false, false, vec![O::Deny]),
            ("99213-53", &plain, false, true, vec![O::Deny]),
            ("99213-GA-GZ", &plain, false, true, vec![O::Deny]),
            ("J3301-JW-JZ", &plain, false, false, vec![O::Deny]),
            ("20610-91", &plain, false, false, vec![O::Deny]),
            ("80053-91", &plain, false, false, vec![]),
            ("63020-LT-RT", &plain, false, false, vec![O::Warn]),
        ] {
            assert_eq!(outcomes(line, row, add_on, visit), want, "{line}");
        }
    }
}
