//! What is loaded: datasets, releases, the days that they cover, and what is missing for today.

use axum::extract::{Query, State};
use axum::response::Html;
use serde::Serialize;

use crate::codebook::Codebook;
use crate::desk::lookup;
use crate::domain::CivilDate;
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::Asked;
use crate::web::codes::look;
use crate::web::{Pages, WebError, frame};

#[derive(Serialize)]
struct ReleasesView {
    on: String,
    codebook: String,
    datasets: Vec<DatasetView>,
    missing: Vec<String>,
}

/// A dataset with its releases.
#[derive(Serialize)]
pub(crate) struct DatasetView {
    pub(crate) name: String,
    pub(crate) covered: bool,
    /// Whether it is one of those that are missed on the day.
    pub(crate) missed: bool,
    pub(crate) releases: Vec<Release>,
}

/// A release in the codebook.
#[derive(Serialize)]
pub(crate) struct Release {
    pub(crate) name: String,
    pub(crate) covers: String,
    pub(crate) now: bool,
    pub(crate) rows: String,
    /// Headings that follow from the rows of a codes file; empty: none.
    pub(crate) headings: String,
    pub(crate) kind: String,
    pub(crate) source: String,
}

/// What is loaded, and what is missing for the day.
pub(crate) fn listed(book: &Codebook, on: CivilDate) -> Result<(Vec<DatasetView>, Vec<String>), WebError> {
    let found = lookup::releases(book, on)?;
    let mut all = Vec::new();
    for dataset in found.datasets {
        let setting = dataset.setting.map_or(String::new(), |s| format!(", {s}"));
        let name = format!("{}{setting}", dataset_name(&dataset.dataset));
        let releases: Vec<Release> = dataset.releases.into_iter().rev().map(|r| release(r, on)).collect();
        let missed =
            found.missing.iter().any(|g| g.dataset == dataset.dataset && g.setting == dataset.setting);
        all.push(DatasetView { name, covered: releases.iter().any(|r| r.now), missed, releases });
    }
    Ok((all, found.missing.iter().map(ToString::to_string).collect()))
}

fn release(r: crate::codebook::Release, on: CivilDate) -> Release {
    let covers = match (r.from, r.to) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("from {from}"),
        _ => "not dated".to_owned(),
    };
    let now = r.from.is_none_or(|d| d <= on) && r.to.is_none_or(|d| on <= d);
    Release {
        name: r.name,
        covers,
        now,
        rows: thousands(r.rows),
        headings: if r.implied > 0 { thousands(r.implied) } else { String::new() },
        kind: r.kind,
        source: r.source,
    }
}

/// `2345678` as `2,345,678`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A dataset's name for people; one that is not known here stands by its word.
fn dataset_name(dataset: &str) -> String {
    match dataset {
        "icd10cm" => "ICD-10-CM codes",
        "icd10pcs" => "ICD-10-PCS codes",
        "icd10cm_tabular" | "tabular" => "ICD-10-CM tabular list",
        "hcpcs" => "HCPCS Level II",
        "ptp" => "NCCI procedure-to-procedure edits",
        "mue" => "NCCI medically unlikely edits",
        "add_on" => "NCCI add-on codes",
        "pprrvu" => "Medicare physician fee schedule",
        "plain_language" => "Plain-language texts (our own)",
        "modifier_text" => "Modifier texts (our own)",
        "gem_icd10cm" => "Equivalence mappings, ICD-10-CM to ICD-9-CM",
        "gem_icd9cm" => "Equivalence mappings, ICD-9-CM to ICD-10-CM",
        "gem_icd10pcs" => "Equivalence mappings, ICD-10-PCS to ICD-9-CM",
        "gem_icd9pcs" => "Equivalence mappings, ICD-9-CM to ICD-10-PCS",
        "icd10cm_categories" => "ICD-10-CM categories",
        "icd10cm_chapters" => "ICD-10-CM chapters",
        "icd10cm_sections" => "ICD-10-CM sections",
        "icd10cm_drug" => "ICD-10-CM table of drugs",
        "icd10cm_neoplasm" => "ICD-10-CM neoplasm table",
        "icd10cm_index" => "ICD-10-CM alphabetic index",
        "icd10cm_eindex" => "ICD-10-CM index of external causes",
        "pcs_conversion" => "ICD-10-PCS conversion table",
        "mcd_lcd" => "Medicare coverage: LCDs",
        "mcd_article" => "Medicare coverage: articles with their code lists",
        "mcd_ncd" => "Medicare coverage: NCDs",
        "mcd_list" => "Medicare coverage: list of LCDs and articles",
        "mcd_state" => "Medicare coverage: LCDs of a state",
        "icd10cm_guidelines" => "ICD-10-CM Official Guidelines",
        "ncci_manual" => "NCCI Policy Manual",
        "poa_exempt" => "POA-exempt diagnoses",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, WebError> {
    let on = asked.date(&pages.desk)?;
    let (datasets, missing, id) = look(&pages, move |book| {
        let (datasets, missing) = listed(book, on)?;
        Ok((datasets, missing, book.id().to_owned()))
    })
    .await?;
    let view = ReleasesView { on: on.to_string(), codebook: id, datasets, missing };
    let frame = reader.frame(&pages, "Loaded releases").await?;
    frame::render(&pages, "codes_releases", &frame, &view)
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_marked() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (2_345_678, "2,345,678")] {
            assert_eq!(super::thousands(number), text);
        }
    }
}
