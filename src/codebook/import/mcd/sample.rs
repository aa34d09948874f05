//! A state's LCDs with the diagnosis lists of their articles, as json:
//! `{"state", "abbreviation", "policies": [{"lcd_id", "title", "associated_documents": {…: [{"id", "title", "url",
//! "article_content": {"Group 1 Paragraph": {"paragraph", "codes": [{"code", "description"}]}}}]}}]}`.
//!
//! It has no dates, and no list of services: those that a group's paragraph names are taken. The lists are of diagnoses
//! that support medical necessity.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::codebook::CodebookError;
use crate::codebook::import::format::{FileRows, Format, Input};
use crate::codebook::import::lines::Faults;
use crate::codebook::import::mcd::paragraph;
use crate::codebook::import::mcd::rows::{Document, Key, McdRows};
use crate::codebook::mcd::{CoverageKind, area, runs};

pub(crate) const FORMAT: Format = Format {
    name: "LCDs of a state with their diagnoses",
    whole_lines: false,
    matches: |head| {
        head.text.trim_start().starts_with('{')
            && head.text.contains("\"policies\"")
            && head.text.contains("\"lcd_id\"")
    },
    read,
};

#[derive(Deserialize)]
struct State {
    abbreviation: String,
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
struct Policy {
    lcd_id: String,
    title: String,
    #[serde(default)]
    associated_documents: BTreeMap<String, Vec<Associated>>,
}

#[derive(Deserialize)]
struct Associated {
    id: String,
    title: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    article_content: BTreeMap<String, Content>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    paragraph: String,
    #[serde(default)]
    codes: Vec<Code>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let state: State = serde_json::from_str(&input.text())
        .map_err(|e| CodebookError::bad_file(faults.file(), format!("it is damaged or cut ({e})")))?;
    let Some(letters) = area::postal(&state.abbreviation, "") else {
        return Err(CodebookError::bad_file(faults.file(), "its `abbreviation` is no state"));
    };
    let mut all = McdRows::default();
    for policy in &state.policies {
        let Some(number) = number(&policy.lcd_id, 'L') else {
            faults.note(0, "a policy has no `lcd_id` like L33577")?;
            continue;
        };
        faults.rows += 1;
        // Which version of the LCD it is, the file does not say.
        all.document((CoverageKind::Lcd, number, 0), document(&policy.lcd_id, &policy.title, letters));
        for article in policy.associated_documents.values().flatten() {
            let Some(own) = self::number(&article.id, 'A') else {
                faults.note(0, format!("a document of {} has no `id` like A56781", policy.lcd_id))?;
                continue;
            };
            faults.rows += 1;
            let key = (CoverageKind::Article, own, version(&article.url));
            all.document(key, document(&article.id, &article.title, letters));
            all.relations.insert((key, CoverageKind::Lcd, number));
            contents(article, key, faults, &mut all)?;
        }
    }
    Ok(FileRows {
        undated: Some(format!("LCDs of {letters} with their diagnoses")),
        kind: "excerpt",
        ..FileRows::new("mcd_state", all)
    })
}

fn document(id: &str, title: &str, state: &str) -> Document {
    Document {
        shown: id.trim().to_ascii_uppercase(),
        title: title.trim().to_owned(),
        states: [state.to_owned()].into(),
        ..Document::default()
    }
}

fn number(id: &str, letter: char) -> Option<u32> {
    id.trim().to_ascii_uppercase().strip_prefix(letter)?.parse().ok()
}

/// The version in an address: `…?articleId=56781&ver=34`; 0: it names none.
fn version(url: &str) -> u16 {
    let after = url.split(['?', '&']).find_map(|p| p.strip_prefix("ver="));
    after.and_then(|v| v.parse().ok()).unwrap_or(0)
}

fn contents(
    article: &Associated,
    key: Key,
    faults: &mut Faults,
    all: &mut McdRows,
) -> Result<(), CodebookError> {
    for (title, content) in &article.article_content {
        // `Group 1 Paragraph`
        let group = title.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
        let note = paragraph::plain(&content.paragraph);
        all.services_of_note(key, group, &note, 0);
        for code in &content.codes {
            match runs::key(&code.code.trim().replace('.', "")) {
                Some(code) => {
                    faults.rows += 1;
                    all.group(key, true, group).codes.entry(code).or_insert(false);
                }
                None => faults.note(0, format!("{} {title}: `code` is no diagnosis", article.id))?,
            }
        }
        if !note.is_empty() {
            all.group(key, true, group).note = note;
        }
    }
    Ok(())
}
