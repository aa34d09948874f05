//! The NCCI edits of a code: a pair looked up in both directions, and the lists of its edits by column.

use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::{Deserialize, Serialize};

use crate::codebook::import::is_service_code;
use crate::codebook::{Codebook, PtpEdits, PtpRow, PtpSide};
use crate::consult::citation;
use crate::desk::lookup::{self, PairFacts};
use crate::domain::{CivilDate, Setting};
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::{Asked, code_address, cut};
use crate::web::codes::section::{ReleaseView, release};
use crate::web::codes::sections::setting_name;
use crate::web::codes::{look, notices};
use crate::web::{Pages, WebError, frame};

/// So many edits of a list stand on a page.
const PAGE: usize = 100;

/// What is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct EditsFor {
    #[serde(default)]
    pub(crate) on: String,
    #[serde(default)]
    pub(crate) setting: String,
    #[serde(default, rename = "with")]
    pub(crate) other: String,
    /// From which edit on each list begins.
    #[serde(default)]
    pub(crate) one: usize,
    #[serde(default)]
    pub(crate) two: usize,
}

#[derive(Serialize)]
struct EditsView {
    code: String,
    href: String,
    on: String,
    other: String,
    settings: Vec<SettingChoice>,
    pairs: Vec<PairView>,
    lists: Vec<ListView>,
    notices: Vec<String>,
}

#[derive(Serialize)]
struct SettingChoice {
    word: &'static str,
    name: &'static str,
    chosen: bool,
}

/// A pair in one setting.
#[derive(Serialize)]
struct PairView {
    setting: &'static str,
    statement: String,
    release: String,
    rows: Vec<RowView>,
}

/// The edits in which the code stands on one side, a page of them.
#[derive(Serialize)]
struct ListView {
    id: &'static str,
    title: String,
    release: Option<ReleaseView>,
    rows: Vec<RowView>,
    shown: String,
    before: String,
    after: String,
    empty: String,
}

/// An edit as a row of a table.
#[derive(Serialize)]
pub(crate) struct RowView {
    column1: String,
    column2: String,
    /// Of a list: the code that is not the page's.
    other: String,
    indicator: String,
    meaning: &'static str,
    days: String,
    in_force: bool,
    rationale: String,
    cite: String,
}

pub(crate) fn row(r: &PtpRow, in_force: bool) -> RowView {
    let days = match (r.effective, r.deletion) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("since {from}"),
        (None, Some(to)) => format!("until {to}"),
        (None, None) => "open; the file gives no start".to_owned(),
    };
    RowView {
        column1: r.column1.clone(),
        column2: r.column2.clone(),
        other: String::new(),
        indicator: r.indicator.to_string(),
        meaning: lookup::indicator_words(r.indicator),
        days,
        in_force,
        rationale: r.rationale.clone(),
        cite: citation(&r.evidence),
    }
}

fn pair(facts: &PairFacts) -> PairView {
    let rows = facts.rows.iter().map(|r| row(r, true));
    let rest = facts.not_in_force.iter().map(|r| row(r, false));
    PairView {
        setting: setting_name(facts.setting),
        statement: facts.statement.clone(),
        release: facts.coverage.as_ref().map_or(String::new(), |c| c.release.clone()),
        rows: rows.chain(rest).collect(),
    }
}

/// A service code as typed, in upper case.
pub(crate) fn service_code(text: &str) -> Result<String, WebError> {
    let code = text.trim().to_ascii_uppercase();
    if is_service_code(&code) {
        return Ok(code);
    }
    Err(WebError::Input(format!(
        "`{}` is no CPT or HCPCS code: five digits, one letter at most at either end.",
        cut(text)
    )))
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(code): Path<String>,
    Query(wanted): Query<EditsFor>,
) -> Result<Html<String>, WebError> {
    reader.require_cpt()?;
    let asked = Asked { on: wanted.on, setting: wanted.setting, ..Asked::default() };
    let (on, setting) = (asked.date(&pages.desk)?, asked.setting()?);
    let code = service_code(&code)?;
    let other = match wanted.other.trim() {
        "" => String::new(),
        typed => service_code(typed)?,
    };
    let from = (wanted.one, wanted.two);
    let view = look(&pages, move |book| view(book, code, other, setting, on, from)).await?;
    let title = format!("{} · NCCI edits", view.code);
    let frame = reader.frame(&pages, &title).await?;
    frame::render(&pages, "codes_edits", &frame, &view)
}

/// Where a list stands.
struct Place<'a> {
    code: &'a str,
    setting: Setting,
    on: CivilDate,
    from: (usize, usize),
}

fn list(found: &PtpEdits, side: PtpSide, at: &Place<'_>) -> ListView {
    let first = side == PtpSide::Column1;
    let (count, start) = if first { (found.as_column1, at.from.0) } else { (found.as_column2, at.from.1) };
    let address = |start: usize| {
        let (one, two) = if first { (start, at.from.1) } else { (at.from.0, start) };
        let id = if first { "column1" } else { "column2" };
        format!("/codes/{}/edits?on={}&setting={}&one={one}&two={two}#{id}", at.code, at.on, at.setting)
    };
    let rows = found.rows.iter().map(|r| {
        let other = if first { r.column2.clone() } else { r.column1.clone() };
        RowView { other, ..row(r, true) }
    });
    let least = if found.complete { "" } else { "at least " };
    let title = match first {
        true => format!("{least}{} denied beside {} (it is column 1)", thousands(count), at.code),
        false => format!("{least}{} beside which {} is denied (it is column 2)", thousands(count), at.code),
    };
    let empty = match (&found.coverage, found.complete) {
        (Some(_), true) => "None in this release.",
        (Some(_), false) => "None in the loaded excerpt, which says nothing of other codes.",
        (None, _) => "Nothing is loaded for this setting and date.",
    };
    let end = start.saturating_add(found.rows.len());
    ListView {
        id: if first { "column1" } else { "column2" },
        title,
        release: found.coverage.as_ref().map(release),
        rows: rows.collect(),
        shown: format!("{} to {end} of {count}", start.saturating_add(1)),
        before: if start > 0 { address(start.saturating_sub(PAGE)) } else { String::new() },
        after: if end < count { address(end) } else { String::new() },
        empty: empty.to_owned(),
    }
}

fn thousands(count: usize) -> String {
    crate::web::codes::releases::thousands(u64::try_from(count).unwrap_or(u64::MAX))
}

fn view(
    book: &Codebook,
    code: String,
    other: String,
    setting: Setting,
    on: CivilDate,
    from: (usize, usize),
) -> Result<EditsView, WebError> {
    let (mut pairs, mut lists, mut cited) = (Vec::new(), Vec::new(), Vec::new());
    if !other.is_empty() {
        for one in [Setting::Practitioner, Setting::Hospital] {
            let facts = lookup::pair(book, one, &code, &other, on)?;
            cited.extend(facts.rows.iter().map(|r| r.evidence.clone()));
            pairs.push(pair(&facts));
        }
    } else {
        for (side, start) in [(PtpSide::Column1, from.0), (PtpSide::Column2, from.1)] {
            let found = book.edits_of(setting, &code, side, on, PAGE, start)?;
            cited.extend(found.rows.iter().take(1).map(|r| r.evidence.clone()));
            lists.push(list(&found, side, &Place { code: &code, setting, on, from }));
        }
    }
    let choice =
        |s: &Setting| SettingChoice { word: s.as_str(), name: setting_name(*s), chosen: *s == setting };
    Ok(EditsView {
        href: code_address(&code, None, on),
        on: on.to_string(),
        other,
        settings: [Setting::Practitioner, Setting::Hospital].iter().map(choice).collect(),
        pairs,
        lists,
        notices: notices(book, &cited, true, false)?,
        code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_code_is_what_the_importers_take() {
        assert_eq!(service_code(" j3301 ").unwrap(), "J3301");
        assert_eq!(service_code("0001u").unwrap(), "0001U");
        for bad in ["1A234", "HELLO", "6302", "é3020"] {
            assert!(service_code(bad).is_err(), "{bad}");
        }
    }
}
