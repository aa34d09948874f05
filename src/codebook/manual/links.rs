//! What a manual's text leads to: the codes and the sections that it names, for pages.

use std::sync::LazyLock;

use regex::Regex;

use crate::codebook::Manual;
use crate::codebook::import::{is_cpt, named_codes};
use crate::domain::CodeSystem;

/// Something that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedInText {
    /// Where it begins, in bytes.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it is.
    pub what: Named,
}

/// What a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A code as it is written, or one end of a range.
    Code(CodeSystem, String),
    /// A section of the same manual; it may not exist.
    Section(String),
}

static GUIDELINES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"Section (?:I{1,3}|IV)(?:\.[A-Za-z0-9()]+)+").ok());
static POLICY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[Cc]hapter [IVX]+(?:,? \(?[Ss]ection [A-W](?:\.[0-9]+)?)?\b").ok());

impl Manual {
    /// The codes and sections that a text of this manual names, in their order.
    #[must_use]
    pub fn named_in(self, text: &str) -> Vec<NamedInText> {
        let (diagnoses, sections) = match self {
            Self::OfficialGuidelines => (true, GUIDELINES.as_ref()),
            Self::NcciPolicy => (false, POLICY.as_ref()),
        };
        let mut all = Vec::new();
        for found in sections.into_iter().flat_map(|p| p.find_iter(text)) {
            let section = self.sections_in(found.as_str()).into_iter().next();
            all.extend(section.map(|s| NamedInText {
                from: found.start(),
                to: found.end(),
                what: Named::Section(s),
            }));
        }
        for (from, to) in named_codes(diagnoses, text) {
            let Some(code) = text.get(from..to) else { continue };
            let system = match (diagnoses, is_cpt(code)) {
                (true, _) => CodeSystem::Icd10cm,
                (false, true) => CodeSystem::Cpt,
                (false, false) => CodeSystem::Hcpcs,
            };
            if all.iter().all(|n| to <= n.from || n.to <= from) {
                all.push(NamedInText { from, to, what: Named::Code(system, code.to_owned()) });
            }
        }
        all.sort_by_key(|n| n.from);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_sections_are_found_where_they_stand() {
        let said = |manual: Manual, text: &str| -> Vec<String> {
            manual
                .named_in(text)
                .into_iter()
                .map(|n| format!("{} {:?}", &text[n.from..n.to], n.what))
                .collect()
        };
        assert_eq!(
            said(Manual::OfficialGuidelines, "See Section I.C.19.g., T36-T50 and E11.-."),
            [
                "Section I.C.19.g Section(\"I.C.19.g\")",
                "T36 Code(Icd10cm, \"T36\")",
                "T50 Code(Icd10cm, \"T50\")",
                "E11 Code(Icd10cm, \"E11\")"
            ]
        );
        assert_eq!(
            said(Manual::NcciPolicy, "See Chapter I, Section V, for 97110 with G0283."),
            [
                "Chapter I, Section V Section(\"I.V\")",
                "97110 Code(Cpt, \"97110\")",
                "G0283 Code(Hcpcs, \"G0283\")"
            ]
        );
    }
}
