//! Z codes that may only be first-listed. The list is data: `config/guidance/first_listed.toml`.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::json;

use super::plain;
use crate::consult::claim::Claim;
use crate::consult::rules::{evidence, finding};
use crate::domain::{Finding, Outcome};

/// The list with its section.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstListed {
    source: String,
    edition: String,
    section: String,
    codes: Vec<String>,
    except: Vec<String>,
}

const FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/guidance/first_listed.toml"));

static LIST: LazyLock<FirstListed> = LazyLock::new(|| toml::from_str(FILE).unwrap_or_default());

impl FirstListed {
    fn has(&self, code: &str) -> bool {
        let under = |list: &[String]| list.iter().any(|c| plain(code).starts_with(&plain(c)));
        under(&self.codes) && !under(&self.except)
    }
}

/// Whether a text is such a list: for the test that reads all guidance files.
#[cfg(test)]
pub(crate) fn is_well_formed(text: &str) -> bool {
    toml::from_str::<FirstListed>(text).is_ok_and(|list| !list.codes.is_empty() && !list.section.is_empty())
}

/// Every diagnosis behind the first. Not said where the order is not that of a claim.
pub(super) fn check(claim: &Claim) -> Vec<Finding> {
    let list = &*LIST;
    let mut out = Vec::new();
    if !claim.dx_in_order {
        return out;
    }
    let mut seen = Vec::new();
    for code in claim.diagnoses.iter().skip(1).filter(|c| list.has(c)) {
        if seen.contains(&code) || claim.diagnoses.first() == Some(code) {
            continue;
        }
        seen.push(code);
        let text = format!(
            "{code} may only be the first-listed diagnosis, and stands behind {}: list it first, unless several encounters of the day are combined in one record.",
            claim.diagnoses.first().map_or("another", String::as_str)
        );
        let proof = evidence(&list.source, &list.edition, list.section.as_str());
        let detail = json!({ "verified": true });
        out.push(finding("first_listed", Outcome::Warn, &[code], detail, text, vec![proof]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_the_guidelines() {
        assert!(is_well_formed(FILE));
        for code in ["Z00.00", "Z01.818", "Z34.90", "Z51.11", "Z52.4", "Z99.12", "Z33.2"] {
            assert!(LIST.has(code), "{code}");
        }
        for code in ["Z00.6", "Z52.9", "Z51.81", "Z79.4", "Z3A.20", "Z33.1", "E11.9"] {
            assert!(!LIST.has(code), "{code}");
        }
    }
}
