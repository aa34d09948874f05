//! What a finding says, in half a line.

use crate::consult::rules::Standing;
use crate::domain::{Finding, Outcome};

/// What a finding says, in half a line.
pub(super) fn headline(f: &Finding) -> String {
    let text = |key: &str| f.detail.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
    let first = f.codes.first().map_or("", String::as_str);
    match f.rule.as_str() {
        "ptp" => {
            let (one, two) = (text("column1"), text("column2"));
            match (text("indicator"), text("carried")) {
                ("0", _) => format!("{two} is denied with {one}, and no modifier changes that (indicator 0)"),
                ("1", m)
                    if !m.is_empty() && f.detail.get("supported") == Some(&serde_json::Value::Bool(true)) =>
                {
                    format!("{two} is paid with {one} only if the record supports modifier {m} (indicator 1)")
                }
                ("1", _) => format!(
                    "only with {} on {two}, and only if the record supports it; otherwise {two} is denied with {one} (indicator 1)",
                    text("fitting")
                ),
                _ if f.outcome == Outcome::NoData => {
                    format!("no table that is loaded can say whether {} is an edit", f.codes.join("/"))
                }
                _ => format!("no pair edit between {}", f.codes.join(" and ")),
            }
        }
        "add_on" if f.detail.get("lacks_primary") == Some(&serde_json::Value::Bool(true)) => {
            format!(
                "{first} is an add-on code, none of its primary codes is on the claim, and no modifier replaces one"
            )
        }
        "mue" if over(f) => {
            let (limit, claimed) = (number(f, "units").unwrap_or(0), number(f, "claimed"));
            let claimed = claimed.map_or_else(|| "the units".to_owned(), |n| format!("{n} units"));
            let (per, appeal) = match number(f, "mai") {
                Some(1) => ("a line", "more may stand on another line with a modifier that fits"),
                Some(2) => ("a day", "no modifier, reopening or redetermination changes it"),
                _ => ("a day", "all units of the day are denied, an appeal with records is possible"),
            };
            format!("{claimed} of {first} are over the limit of {limit} {per}: {appeal}")
        }
        "mue" if number(f, "claimed").is_some() && number(f, "units").is_some_and(|u| u > 0) => {
            let (limit, claimed) = (number(f, "units").unwrap_or(0), number(f, "claimed").unwrap_or(0));
            let per = if number(f, "mai") == Some(1) { "line" } else { "day" };
            format!("{claimed} units of {first} are within the limit of {limit} a {per}")
        }
        "validity"
            if f.detail.get("status").and_then(serde_json::Value::as_str) == Some("header")
                && f.outcome == Outcome::Deny =>
        {
            let until = match text("billable_until") {
                "" => String::new(),
                day => format!(" (it was until {day})"),
            };
            format!("{first} is not a billable code{until}: a code with more characters is needed")
        }
        "validity"
            if f.detail.get("status").and_then(serde_json::Value::as_str) == Some("unknown")
                && f.outcome == Outcome::NoData =>
        {
            format!("{first} is in no table that is loaded, so nothing can be said about it here")
        }
        _ => {
            if let Some((_, fact)) = Standing::without_caveat(&f.statement) {
                return fact.split(". ").next().unwrap_or(fact).trim_end_matches('.').to_owned();
            }
            let sentence = f.statement.split(". ").next().unwrap_or(&f.statement);
            let whole = if sentence.starts_with("Not verified") { f.statement.as_str() } else { sentence };
            whole.trim_end_matches('.').to_owned()
        }
    }
}

/// More units are claimed than the table allows, whether or not it reaches the date.
fn over(f: &Finding) -> bool {
    let units = number(f, "units").filter(|u| *u > 0);
    let above = units.zip(number(f, "claimed")).is_some_and(|(limit, claimed)| claimed > limit);
    f.outcome == Outcome::Deny && units.is_some() || (f.outcome == Outcome::Info && above)
}

/// A number of the finding's own facts.
pub(super) fn number(f: &Finding, key: &str) -> Option<u64> {
    f.detail.get(key).and_then(serde_json::Value::as_u64)
}
