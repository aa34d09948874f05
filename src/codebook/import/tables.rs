//! The comma- and tab-separated tables: MUE, add-on codes, and our own texts.

use crate::codebook::CodebookError;
use crate::codebook::import::lines::{Faults, is_service_code};
use crate::codebook::import::rows::{AddOnRow, MueRow, OwnText, Rows};
use crate::domain::Setting;

/// A reader that takes rows of any length: the notices above the header are of one cell.
pub(crate) fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// A row without content; some files end in one that holds the old end-of-file mark.
pub(crate) fn is_blank(record: &csv::StringRecord) -> bool {
    record.iter().all(|cell| cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{1a}').is_empty())
}

/// The line of a record, from 1.
pub(crate) fn line_of(record: &csv::StringRecord) -> usize {
    record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0))
}

/// MUE csv: a notice of several lines in the first cell, the header `HCPCS/⏎CPT Code`, then code, units, MAI
/// (its leading digit), rationale. The setting stands in the header. Returns it, and the notice's lines.
pub(crate) fn mue(
    text: &str,
    faults: &mut Faults,
) -> Result<(Rows, Option<Setting>, Vec<String>), CodebookError> {
    let (mut rows, mut setting, mut notices, mut header) = (Vec::new(), None, Vec::new(), false);
    for record in reader(text).into_records() {
        let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
        let line = line_of(&record);
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        if !header {
            let title = cell(1).to_ascii_uppercase();
            if title.contains("MUE VALUES") {
                header = true;
                setting = [
                    ("PRACTITIONER", Setting::Practitioner),
                    ("HOSPITAL", Setting::Hospital),
                    ("DME", Setting::Dme),
                ]
                .into_iter()
                .find(|(word, _)| title.contains(word))
                .map(|(_, s)| s);
            } else {
                notices.extend(cell(0).lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned));
            }
            continue;
        }
        if is_blank(&record) {
            continue;
        }
        let (code, units, mai) = (cell(0), cell(1).parse::<u32>(), cell(2).get(..1).unwrap_or(""));
        match (is_service_code(code), units, mai) {
            (true, Ok(units), "1" | "2" | "3") => {
                faults.rows += 1;
                rows.push(MueRow {
                    code: code.to_owned(),
                    units,
                    mai: mai.parse().unwrap_or(0),
                    rationale: cell(3).to_owned(),
                    line: u32::try_from(line).unwrap_or(u32::MAX),
                });
            }
            _ => faults.note(line, "it is not code, units, adjudication indicator 1–3, rationale")?,
        }
    }
    Ok((Rows::Mue(rows), setting, notices))
}

/// Add-on csv: primary code (`CCCCC` for type 2), add-on code, edit type 1–3.
pub(crate) fn add_on(text: &str, faults: &mut Faults) -> Result<Rows, CodebookError> {
    let mut rows = Vec::new();
    for (index, record) in reader(text).into_records().enumerate() {
        let record = record.map_err(|e| CodebookError::bad_file(faults.file(), e.to_string()))?;
        if index == 0 || is_blank(&record) {
            continue;
        }
        let line = line_of(&record);
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        let (primary, code, kind) = (cell(0), cell(1), cell(2));
        if !is_service_code(code)
            || !(is_service_code(primary) || primary == "CCCCC")
            || !matches!(kind, "1" | "2" | "3")
        {
            faults.note(line, "it is not primary code, add-on code, type 1–3")?;
            continue;
        }
        faults.rows += 1;
        rows.push(AddOnRow {
            code: code.to_owned(),
            primary: primary.to_owned(),
            kind: kind.parse().unwrap_or(0),
            line: u32::try_from(line).unwrap_or(u32::MAX),
        });
    }
    Ok(Rows::AddOn(rows))
}

/// Our own texts: code, text, search words, tab-separated; `#` begins a comment. Returns the dataset by the
/// header comment (`# code…` or `# modifier…`).
pub(crate) fn own(text: &str, faults: &mut Faults) -> Result<(Rows, &'static str), CodebookError> {
    let (mut rows, mut dataset) = (Vec::new(), "plain_language");
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if line.starts_with("# modifier\t") {
            dataset = "modifier_text";
        }
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let mut columns = line.split('\t').map(str::trim);
        let (code, text) = (columns.next().unwrap_or(""), columns.next().unwrap_or(""));
        let fits = if dataset == "modifier_text" { code.len() == 2 } else { is_service_code(code) };
        if !fits || text.is_empty() {
            faults.note(number, "it is not code, text, search words (tab-separated)")?;
            continue;
        }
        faults.rows += 1;
        rows.push(OwnText {
            code: code.to_owned(),
            text: text.to_owned(),
            words: columns.next().unwrap_or("").to_owned(),
            line: u32::try_from(number).unwrap_or(u32::MAX),
        });
    }
    Ok((Rows::Own(rows), dataset))
}
