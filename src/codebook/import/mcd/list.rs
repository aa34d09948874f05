//! The list of local coverage documents (csv), with their contractors, versions and dates, and without their codes:
//! `contractor_name_type,document_display_id,document_id,document_type,document_version,effective_date,note,…`. A
//! contractor stands in lines, its name and then its kind in brackets; several are divided by an empty line.

use crate::codebook::CodebookError;
use crate::codebook::import::csv_rows::{is_blank, line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Input};
use crate::codebook::import::lines::Faults;
use crate::codebook::import::mcd::rows::{Document, McdRows};
use crate::codebook::import::mcd::{WEEK, day};
use crate::codebook::mcd::CoverageKind;
use crate::domain::CivilDate;

pub(crate) const FORMAT: Format = Format {
    name: "Medicare Coverage Database list of documents",
    whole_lines: true,
    matches: |head| {
        let first = head.upper.lines().next().unwrap_or_default();
        first.contains("DOCUMENT_DISPLAY_ID") && first.contains("DOCUMENT_VERSION") && first.contains(',')
    },
    read,
};

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let mut heads: Vec<String> = Vec::new();
    let (mut all, mut newest) = (McdRows::default(), None);
    for record in reader(&text).into_records() {
        let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
        if heads.is_empty() {
            heads = record.iter().map(|c| c.trim().to_lowercase()).collect();
            continue;
        }
        if is_blank(&record) {
            continue;
        }
        let get = |name: &str| {
            heads.iter().position(|h| h == name).and_then(|at| record.get(at)).map_or("", str::trim)
        };
        let line = line_of(&record);
        let kind = match get("document_type").to_ascii_uppercase().as_str() {
            "LCD" => Some((CoverageKind::Lcd, 'L')),
            "ARTICLE" => Some((CoverageKind::Article, 'A')),
            _ => None,
        };
        let (number, version) = (get("document_id").parse::<u32>(), get("document_version").parse::<u16>());
        let (Some((kind, letter)), Ok(number), Ok(version)) = (kind, number, version) else {
            faults.note(line, "it is no LCD or article with its number and version")?;
            continue;
        };
        faults.rows += 1;
        newest = newest.max(day(get("updated_on")));
        let document = Document {
            shown: format!("{letter}{number}"),
            title: get("title").to_owned(),
            status: get("note").split_whitespace().collect::<Vec<_>>().join(" "),
            first: day(get("effective_date")),
            retired: day(get("retirement_date")),
            contractors: contractors(get("contractor_name_type")).collect(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            ..Document::default()
        };
        all.document((kind, number, version), document);
    }
    let told = newest.map(|day| {
        let day = CivilDate::from_days(day);
        (format!("Medicare Coverage Database list of LCDs and articles, {day}"), day, day.plus_days(WEEK))
    });
    Ok(FileRows { told, fewest: 1_500, ..FileRows::new("mcd_list", all) })
}

fn contractors(cell: &str) -> impl Iterator<Item = String> {
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    for line in cell.lines().map(str::trim) {
        match all.last_mut() {
            Some(last) if !line.is_empty() => last.push(line),
            _ => all.push(Vec::new()),
        }
    }
    all.into_iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join(" "))
}
