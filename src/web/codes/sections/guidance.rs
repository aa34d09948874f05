//! The sections of the manuals that name the code, each with the sentence that does.

use crate::codebook::CodeSheet;
use crate::domain::CivilDate;
use crate::web::codes::manuals::passage_address;
use crate::web::codes::section::{Fact, Link, Section};

pub(crate) fn passages(sheet: &CodeSheet, on: CivilDate) -> Option<Section> {
    let first = sheet.passages.first()?;
    let mut section = Section::new("guidelines", "Guidelines").of(first.coverage.as_ref());
    for found in &sheet.passages {
        let passage = &found.value;
        let mut fact = Fact::new("", "", passage.sentence.clone());
        fact.links.push(Link {
            text: format!("{} {}", passage.cited, passage.heading()).trim_end().to_owned(),
            href: passage_address(passage.manual, &passage.at.section, on),
        });
        if !passage.page.is_empty() {
            fact.from = format!("page {}", passage.page);
        }
        section.facts.push(fact);
        section.cite(found.evidence.as_ref());
    }
    section.title = format!("{}: sections that name it", first.value.manual.title());
    Some(section)
}
