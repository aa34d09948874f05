//! Workbooks (xlsx): the first sheet that holds a known format, as comma-separated rows. Every importer of rows thus
//! reads workbooks too; a row of the sheet is a line of the text, so that evidence names the row one sees.
//!
//! A workbook is an archive: it is unpacked once to nowhere under limits before anything parses it, and cells are
//! read one after another, since a sheet's stated size may be any.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use zip::ZipArchive;

use crate::codebook::CodebookError;
use crate::codebook::import::format::{Format, recognise};

/// The largest workbook that is read, packed. The largest official one (HCPCS II) has 2 MB.
pub(crate) const MAX_WORKBOOK: u64 = 60_000_000;
/// What it may unpack to.
const MAX_UNPACKED: u64 = 400_000_000;
/// How much larger a part may be than its packed form. Official ones reach 10.
const MAX_RATIO: u64 = 200;
/// The most columns and rows of a sheet. Official ones have 48 and 9,000.
const MAX_COLUMNS: u32 = 512;
const MAX_ROWS: u32 = 1_048_576;
/// What a sheet may come to as text.
const MAX_TEXT: usize = 400_000_000;

/// Whether an archive is a workbook.
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
        && ZipArchive::new(Cursor::new(bytes)).is_ok_and(|a| a.index_for_name("xl/workbook.xml").is_some())
}

/// The first sheet of a known format, as text; `None`: no sheet is of one.
///
/// # Errors
/// If the workbook is damaged, or unpacks to far more than any official one.
pub(crate) fn known_sheet(
    name: &str,
    shown: &str,
    bytes: &[u8],
) -> Result<Option<(&'static Format, Vec<u8>)>, CodebookError> {
    check_size(shown, bytes)?;
    // The library may meet bytes that nobody thought of.
    let read = std::panic::catch_unwind(|| read_sheets(name, bytes));
    let damaged = |why: &str| {
        CodebookError::bad_file(shown, format!("the workbook cannot be read ({why}): download it again"))
    };
    match read {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(why)) => Err(damaged(&why)),
        Err(_) => Err(damaged("it is damaged")),
    }
}

fn check_size(shown: &str, bytes: &[u8]) -> Result<(), CodebookError> {
    let damaged = |why: String| {
        CodebookError::bad_file(shown, format!("the workbook is damaged or cut ({why}): download it again"))
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(e.to_string()))?;
    let mut total = 0u64;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|e| damaged(e.to_string()))?;
        let limit = part
            .compressed_size()
            .saturating_mul(MAX_RATIO)
            .saturating_add(65_536)
            .min(MAX_UNPACKED.saturating_sub(total));
        let mut bounded = std::io::Read::take(part, limit.saturating_add(1));
        let size = std::io::copy(&mut bounded, &mut std::io::sink()).map_err(|e| damaged(e.to_string()))?;
        if size > limit {
            let why = "the workbook unpacks to far more than any official one: not read";
            return Err(CodebookError::bad_file(shown, why));
        }
        total = total.saturating_add(size);
    }
    Ok(())
}

fn read_sheets(name: &str, bytes: &[u8]) -> Result<Option<(&'static Format, Vec<u8>)>, String> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    for sheet in book.sheet_names() {
        let text = rows(&mut book, &sheet)?;
        // As much as of any other file.
        let head = text.get(..text.len().min(16_384)).unwrap_or_default();
        if let Some(format) = recognise(name, head) {
            return Ok(Some((format, text)));
        }
    }
    Ok(None)
}

fn rows(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Vec<u8>, String> {
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|e| e.to_string())?;
    let (mut text, mut at) = (String::new(), (0u32, 0u32));
    while let Some(cell) = cells.next_cell().map_err(|e| e.to_string())? {
        let value = shown(cell.get_value());
        if value.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        if row >= MAX_ROWS || column >= MAX_COLUMNS || (row, column) < at {
            return Err(format!(
                "sheet {sheet}: a cell in row {}, column {}",
                row.saturating_add(1),
                column.saturating_add(1)
            ));
        }
        while at.0 < row {
            text.push('\n');
            at = (at.0 + 1, 0);
        }
        while at.1 < column {
            text.push(',');
            at.1 += 1;
        }
        quote(&value, &mut text);
        if text.len() > MAX_TEXT {
            return Err(format!("sheet {sheet} is larger than any official one"));
        }
    }
    text.push('\n');
    Ok(text.into_bytes())
}

/// A cell as text. Dates as CMS writes them in its text files: YYYYMMDD.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => n.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}{month:02}{day:02}")
        }
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// One cell; a line break in it would count as a row.
fn quote(value: &str, text: &mut String) {
    let plain = value.replace(['\r', '\n'], " ");
    if plain.contains([',', '"']) {
        text.push('"');
        text.push_str(&plain.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(&plain);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn workbook(sheet: &str) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let parts = [
            (
                "[Content_Types].xml",
                r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
            ),
            (
                "_rels/.rels",
                r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
            ),
            (
                "xl/workbook.xml",
                r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
            ),
            (
                "xl/_rels/workbook.xml.rels",
                r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
            ),
            ("xl/worksheets/sheet1.xml", sheet),
        ];
        for (name, text) in parts {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn sheet(cells: &str) -> String {
        format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData></worksheet>"#
        )
    }

    #[test]
    fn cells_stand_in_their_rows_and_columns() {
        let cells = r#"<row r="2"><c r="B2" t="inlineStr"><is><t xml:space="preserve">   A1, "x"</t></is></c><c r="D2"><v>20251001</v></c></row>"#;
        let bytes = workbook(&sheet(cells));
        assert!(is_workbook(&bytes));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.as_slice())).unwrap();
        let text = String::from_utf8(rows(&mut book, "A").unwrap()).unwrap();
        assert_eq!(text, "\n,\"   A1, \"\"x\"\"\",,20251001\n");
    }

    #[test]
    fn a_workbook_that_unpacks_to_too_much_or_far_away_is_refused() {
        let bomb = workbook(&sheet(&" ".repeat(20_000_000)));
        assert!(bomb.len() < 100_000);
        let error = known_sheet("f", "f", &bomb).unwrap_err().to_string();
        assert!(error.contains("unpacks to far more"), "{error}");
        let far = workbook(&sheet(r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#));
        let error = known_sheet("f", "f", &far).unwrap_err().to_string();
        assert!(error.contains("row 1048576"), "{error}");
        let cut = &far[..far.len() - 30];
        assert!(!is_workbook(cut));
        assert!(known_sheet("f", "f", cut).unwrap_err().to_string().contains("cut"));
    }
}
