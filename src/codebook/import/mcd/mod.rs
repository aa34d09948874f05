//! Exports of the Medicare Coverage Database: local coverage determinations (LCDs), billing and coding articles, national
//! coverage determinations (NCDs). Each is a set of tables (see `tables.rs`), which `export.rs` makes one text of.
//!
//! An export says what was in force when it was made; the newest change among its documents tells when. `current_…` has
//! the versions in force and to come, `all_…` has the earlier ones too. Which columns are a version's first day could
//! only be inferred: a revision's effective date, and where that is empty (the first version) the original one.

mod contractors;
pub(crate) mod export;
pub(crate) mod list;
mod paragraph;
mod rows;
pub(crate) mod sample;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::codebook::CodebookError;
use crate::codebook::import::format::{FileRows, Format, Input};
use crate::codebook::import::is_service_code;
use crate::codebook::import::lines::Faults;
use crate::codebook::import::mcd::contractors::Contractors;
use crate::codebook::import::mcd::rows::{Document, Key, McdRows};
use crate::codebook::mcd::{CoverageKind, runs};
use crate::domain::CivilDate;

pub(crate) const FORMAT: Format = Format {
    name: "Medicare Coverage Database export",
    whole_lines: true,
    matches: |head| head.text.starts_with(export::HEAD),
    read,
};

/// The rows of each table of an export, and its columns.
pub(crate) struct Tables<'a> {
    all: BTreeMap<&'a str, (Vec<&'a str>, Vec<&'a str>)>,
}

/// A row of a table.
pub(crate) struct Row<'a> {
    columns: &'a [&'a str],
    cells: Vec<&'a str>,
}

impl<'a> Tables<'a> {
    fn read(text: &'a str) -> Self {
        let mut all: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
        let mut table = "";
        for line in text.lines().skip(1) {
            if let Some(head) = line.strip_prefix('@') {
                let mut cells = head.split('\t');
                table = cells.next().unwrap_or_default();
                all.entry(table).or_default().0 = cells.collect();
            } else if let Some((_, rows)) = all.get_mut(table) {
                rows.push(line);
            }
        }
        Self { all }
    }

    /// The rows of a table; none if the export does not have it.
    pub(crate) fn rows(&self, table: &str) -> impl Iterator<Item = Row<'_>> {
        let found = self.all.get(table);
        let columns = found.map_or(&[] as &[&str], |t| t.0.as_slice());
        let rows = found.map_or(&[] as &[&str], |t| t.1.as_slice());
        rows.iter().map(move |line| Row { columns, cells: line.split('\t').collect() })
    }
}

impl Row<'_> {
    /// The line of the row in its table.
    pub(crate) fn line(&self) -> u32 {
        self.cells.first().and_then(|c| c.parse().ok()).unwrap_or(0)
    }

    /// A cell by its column's name; empty if there is none.
    pub(crate) fn get(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|c| *c == column);
        at.and_then(|at| self.cells.get(at + 1)).map_or("", |c| c.trim())
    }

    fn number(&self, column: &str) -> Option<u32> {
        self.get(column).parse().ok()
    }

    /// A group's number; a code without one stands in group 0.
    fn group(&self, column: &str) -> u16 {
        self.get(column).parse().unwrap_or(0)
    }

    fn day(&self, column: &str) -> Option<i32> {
        day(self.get(column))
    }

    pub(crate) fn contractor(&self) -> (String, String, String) {
        let cell = |name: &str| self.get(name).to_owned();
        (cell("contractor_id"), cell("contractor_type_id"), cell("contractor_version"))
    }
}

/// The day of `2025-10-01 00:00:00` or `10/01/2025`.
fn day(text: &str) -> Option<i32> {
    let iso = text.get(..10).and_then(|t| t.parse::<CivilDate>().ok());
    let american = || {
        let mut parts = text.split('/');
        let (m, d, y) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.get(..4)?);
        CivilDate::new(y.parse().ok()?, m, d)
    };
    iso.or_else(american).map(CivilDate::days)
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let word = text.lines().next().and_then(|l| l.strip_prefix(export::HEAD)).unwrap_or_default().trim();
    let Some(kind) = CoverageKind::ALL.into_iter().find(|k| k.word() == word) else {
        return Err(CodebookError::bad_file(faults.file(), "it does not say of which documents it is"));
    };
    let tables = Tables::read(&text);
    let mut all = McdRows::default();
    let newest = match kind {
        CoverageKind::Ncd => national(&tables, faults, &mut all)?,
        CoverageKind::Lcd | CoverageKind::Article => local(kind, &tables, faults, &mut all)?,
    };
    let every = input.shown.to_lowercase().contains(&format!("all_{}", kind.word()));
    let (dataset, what, fewest) = match kind {
        CoverageKind::Lcd => ("mcd_lcd", "LCDs", 3_000),
        CoverageKind::Article => ("mcd_article", "articles", 100_000),
        CoverageKind::Ncd => ("mcd_ncd", "NCDs", 250),
    };
    let told = newest.map(|day| {
        let day = CivilDate::from_days(day);
        let all = if every { ", all versions" } else { "" };
        (format!("Medicare Coverage Database {what}, {day}{all}"), day, day.plus_days(WEEK))
    });
    Ok(FileRows { told, fewest, ..FileRows::new(dataset, all) })
}

/// CMS makes the exports anew every week: for so many days more one speaks.
const WEEK: i32 = 6;

/// NCDs. A terminated one may begin after its end (the day of the change that ended it): it ended.
fn national(
    tables: &Tables<'_>,
    faults: &mut Faults,
    all: &mut McdRows,
) -> Result<Option<i32>, CodebookError> {
    let mut newest = None;
    for row in tables.rows("ncd_trkg.csv") {
        let (Some(number), Some(version)) = (row.number("ncd_id"), row.number("ncd_vrsn_num")) else {
            faults.note(line_of(&row), "ncd_trkg.csv: it has no id and version")?;
            continue;
        };
        faults.rows += 1;
        newest = newest.max(row.day("last_updt_tmstmp")).max(row.day("last_clrnc_tmstmp"));
        let ended = row.day("ncd_trmntn_dt");
        let title = row.get("ncd_mnl_sect_title");
        let sort = match row.get("cvrg_lvl_cd") {
            "1" => "full coverage",
            "2" => "restricted coverage",
            "3" => "no coverage",
            _ => "",
        };
        let retired = ended.is_some() || title.to_uppercase().contains("RETIRED");
        let section = row.get("ncd_mnl_sect");
        all.document(
            (CoverageKind::Ncd, number, short(version)),
            Document {
                shown: if section.is_empty() { format!("NCD {number}") } else { format!("NCD {section}") },
                title: title.to_owned(),
                sort: sort.to_owned(),
                status: if retired { "R" } else { "A" }.to_owned(),
                first: row.day("ncd_efctv_dt"),
                retired: ended,
                line: row.line(),
                ..Document::default()
            },
        );
    }
    Ok(newest)
}

fn line_of(row: &Row<'_>) -> usize {
    usize::try_from(row.line()).unwrap_or(0)
}

fn short(version: u32) -> u16 {
    u16::try_from(version).unwrap_or(u16::MAX)
}

/// LCDs and articles: the same tables under two names.
fn local(
    kind: CoverageKind,
    tables: &Tables<'_>,
    faults: &mut Faults,
    all: &mut McdRows,
) -> Result<Option<i32>, CodebookError> {
    let (p, table) = (kind.word(), |rest: &str| format!("{}{rest}.csv", kind.word()));
    let (id, vrsn) = (format!("{p}_id"), format!("{p}_version"));
    let key = |row: &Row<'_>| -> Option<Key> { Some((kind, row.number(&id)?, short(row.number(&vrsn)?))) };
    let contractors = Contractors::read(tables);
    let mut sorts: BTreeMap<String, String> = BTreeMap::new();
    for row in tables.rows("article_type_lookup.csv") {
        sorts.insert(row.get("article_type_id").to_owned(), row.get("description").to_owned());
    }
    let mut retiring: BTreeMap<u32, i32> = BTreeMap::new();
    for row in tables.rows(&table("_future_retire")) {
        if let (Some(number), Some(day)) = (row.number(&id), row.day("retire_dt")) {
            retiring.insert(number, day);
        }
    }
    let mut newest = None;
    let mut documents: BTreeMap<Key, Document> = BTreeMap::new();
    for row in tables.rows(&table("")) {
        let Some(key) = key(&row) else {
            faults.note(line_of(&row), format!("{p}.csv: it has no id and version"))?;
            continue;
        };
        faults.rows += 1;
        newest = newest.max(row.day("last_updated"));
        let mut document = document(kind, &row, &sorts);
        document.retired = document.retired.or(retiring.get(&key.1).copied());
        let known = documents.entry(key).or_insert_with(|| document.clone());
        *known = document.min(known.clone());
    }
    for row in tables.rows(&table("_x_contractor")) {
        let Some(document) = key(&row).and_then(|k| documents.get_mut(&k)) else { continue };
        let contractor = row.contractor();
        document.contractors.extend(Some(contractors.name(&contractor).to_owned()).filter(|n| !n.is_empty()));
        document.states.extend(contractors.states(&contractor).cloned());
    }
    for row in tables.rows(&table("_x_primary_jurisdiction")) {
        if let (Some(key), Some(state)) = (key(&row), contractors.state(row.get("state_id")))
            && let Some(document) = documents.get_mut(&key).filter(|d| d.contractors.is_empty())
        {
            document.states.insert(state.clone());
        }
    }
    documents.into_iter().for_each(|(key, document)| all.document(key, document));
    services(&table("_x_hcpc_code"), &key, tables, faults, all)?;
    for covered in [true, false] {
        diagnoses(covered, &key, tables, faults, all)?;
    }
    for (table, columns) in [
        (
            table("_related_documents"),
            [("r_article_id", CoverageKind::Article), ("r_lcd_id", CoverageKind::Lcd)],
        ),
        (table("_related_ncd_documents"), [("r_ncd_id", CoverageKind::Ncd), ("r_ncd_id", CoverageKind::Ncd)]),
    ] {
        for row in tables.rows(&table) {
            for (column, other) in columns {
                if let (Some(key), Some(number @ 1..)) = (key(&row), row.number(column)) {
                    all.relations.insert((key, other, number));
                }
            }
        }
    }
    Ok(newest)
}

fn document(kind: CoverageKind, row: &Row<'_>, sorts: &BTreeMap<String, String>) -> Document {
    let number = row.number(&format!("{}_id", kind.word())).unwrap_or(0);
    let (letter, first, last) = match kind {
        CoverageKind::Article => (
            "A",
            row.day("article_eff_date").or(row.day("article_pub_date")),
            row.day("article_rev_end_date").or(row.day("article_end_date")),
        ),
        _ => (
            "L",
            row.day("rev_eff_date").or(row.day("orig_det_eff_date")),
            row.day("rev_end_date").or(row.day("ent_det_end_date")),
        ),
    };
    Document {
        shown: format!("{letter}{number}"),
        title: row.get("title").to_owned(),
        sort: sorts.get(row.get("article_type")).cloned().unwrap_or_default(),
        status: row.get("status").chars().take(20).collect(),
        first,
        last,
        retired: row.day("date_retired"),
        line: row.line(),
        ..Document::default()
    }
}

/// What stands where a list has no code.
fn is_placeholder(code: &str) -> bool {
    code.is_empty() || matches!(code.to_ascii_uppercase().as_str(), "XX000" | "N/A" | "NA" | "NONE")
}

fn services(
    table: &str,
    key: &dyn Fn(&Row<'_>) -> Option<Key>,
    tables: &Tables<'_>,
    faults: &mut Faults,
    all: &mut McdRows,
) -> Result<(), CodebookError> {
    for row in tables.rows(table) {
        let code = row.get("hcpc_code_id").to_ascii_uppercase();
        match key(&row) {
            Some(key) if is_service_code(&code) => {
                faults.rows += 1;
                all.code(&code, key, row.group("hcpc_code_group"), row.line());
            }
            Some(_) if is_placeholder(&code) => faults.rows += 1,
            _ => faults.note(line_of(&row), format!("{table}: it is no document and service code"))?,
        }
    }
    Ok(())
}

/// The lists of diagnoses. A range stands code by code (first, middle and last), so its mark says nothing more.
fn diagnoses(
    covered: bool,
    key: &dyn Fn(&Row<'_>) -> Option<Key>,
    tables: &Tables<'_>,
    faults: &mut Faults,
    all: &mut McdRows,
) -> Result<(), CodebookError> {
    let list = if covered { "covered" } else { "noncovered" };
    let (table, group) = (format!("article_x_icd10_{list}.csv"), format!("icd10_{list}_group"));
    for row in tables.rows(&table) {
        let code = row.get("icd10_code_id").replace('.', "");
        match (key(&row), runs::key(&code)) {
            (Some(_), _) if is_placeholder(&code) => faults.rows += 1,
            (Some(key), Some(code)) => {
                faults.rows += 1;
                let star = matches!(row.get("asterisk"), "Y" | "y" | "*" | "1" | "True" | "true");
                *all.group(key, covered, row.group(&group)).codes.entry(code).or_default() |= star;
            }
            _ => faults.note(line_of(&row), format!("{table}: it is no document and diagnosis"))?,
        }
    }
    for row in tables.rows(&format!("article_x_icd10_{list}_group.csv")) {
        let Some(key) = key(&row) else { continue };
        let note = paragraph::plain(row.get("paragraph"));
        let star = paragraph::plain(row.get("icd10_covered_ast"));
        let known = all.group(key, covered, row.group(&group));
        known.note = note.max(std::mem::take(&mut known.note));
        known.star = star.max(std::mem::take(&mut known.star));
    }
    // A group without a code and a word says nothing.
    all.groups.retain(|_, g| !g.codes.is_empty() || !g.note.is_empty());
    Ok(())
}
