//! What a file is, told by its content. Names only help to tell the release.

use crate::codebook::import::lines::{field, latin1};

/// A format that an importer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// ICD-10-CM order file, fixed columns.
    IcdOrder,
    /// HCPCS level II, 320 bytes a record.
    Hcpcs,
    /// NCCI procedure-to-procedure edits, tab-separated.
    Ptp,
    /// NCCI medically unlikely edits, csv.
    Mue,
    /// NCCI add-on codes, csv.
    AddOn,
    /// Medicare fee schedule relative values, csv.
    Fee,
    /// Our own texts.
    PlainLanguage,
    /// A manifest (`starter.toml`) that names other files beside it.
    Manifest,
}

/// Recognises a format from the beginning of a file.
pub(crate) fn recognise(head: &[u8]) -> Option<Format> {
    let text = latin1(head);
    let upper = text.get(..text.floor_char_boundary(6000)).unwrap_or(&text).to_ascii_uppercase();
    if text.starts_with("# Plain-language texts") {
        return Some(Format::PlainLanguage);
    }
    if upper.contains("COLUMN1/COLUMN2 EDITS") {
        return Some(Format::Ptp);
    }
    if upper.contains("MUE VALUES") && upper.contains("MUE ADJUDICATION INDICATOR") {
        return Some(Format::Mue);
    }
    if upper.contains("PRIMARY_CODE") && upper.contains("ADD_ON_CODE") {
        return Some(Format::AddOn);
    }
    if upper.contains("\nHCPCS,MOD,DESCRIPTION") || upper.starts_with("HCPCS,MOD,DESCRIPTION") {
        return Some(Format::Fee);
    }
    if text.starts_with('#') && text.contains("[[file]]") {
        return Some(Format::Manifest);
    }
    let mut lines = text.lines();
    if lines.clone().next().is_some_and(is_icd_order) {
        return Some(Format::IcdOrder);
    }
    lines.any(is_hcpcs).then_some(Format::Hcpcs)
}

fn is_icd_order(line: &str) -> bool {
    let code = field(line, 7, 13);
    field(line, 1, 5).len() == 5
        && field(line, 1, 5).bytes().all(|b| b.is_ascii_digit())
        && code.len() >= 3
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && matches!(field(line, 15, 15), "0" | "1")
        && !field(line, 78, 90).is_empty()
}

fn is_hcpcs(line: &str) -> bool {
    line.chars().count() == 320
        && field(line, 6, 10).len() == 5
        && field(line, 6, 10).bytes().all(|b| b.is_ascii_digit())
        && matches!(field(line, 11, 11), "3" | "4" | "7" | "8")
}
