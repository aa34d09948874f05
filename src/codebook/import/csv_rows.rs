//! Reading comma-separated files as they are shipped: notices above the header, blank and short rows.

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
