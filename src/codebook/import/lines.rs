//! Lines of official files: their characters, columns, and what is wrong with some of them.

use std::borrow::Cow;

use crate::codebook::CodebookError;

/// The text of a file: UTF-8 if it is that, else Latin-1, byte by byte. Official files hold both.
pub(crate) fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text.trim_start_matches('\u{feff}')),
        Err(_) => Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect()),
    }
}

/// Columns `from` to `to` of a line (from 1, inclusive, as the record layouts count), trimmed.
pub(crate) fn field(line: &str, from: usize, to: usize) -> &str {
    let at = |column: usize| {
        if line.is_ascii() {
            column.min(line.len())
        } else {
            line.char_indices().nth(column).map_or(line.len(), |(i, _)| i)
        }
    };
    line.get(at(from.saturating_sub(1))..at(to)).unwrap_or("").trim()
}

/// The rows of a file that could not be read: few are skipped and reported, many refuse the file.
#[derive(Debug)]
pub(crate) struct Faults {
    file: String,
    /// How many rows were seen, good and bad.
    pub(crate) rows: usize,
    /// The bad ones: line and reason.
    pub(crate) bad: Vec<(usize, String)>,
}

/// The most bad rows that are skipped, besides their share of 0.1 %.
const MOST_BAD: usize = 20;

impl Faults {
    /// For the file of this name.
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), rows: 0, bad: Vec::new() }
    }

    /// Notes a bad row.
    ///
    /// # Errors
    /// When there are too many already: nothing good can follow.
    pub(crate) fn note(&mut self, line: usize, why: impl Into<String>) -> Result<(), CodebookError> {
        self.rows += 1;
        self.bad.push((line, why.into()));
        if self.bad.len() > MOST_BAD { self.finish() } else { Ok(()) }
    }

    /// To be called at the file's end.
    ///
    /// # Errors
    /// If more than 0.1 % or 20 rows are bad, or there is no row at all.
    pub(crate) fn finish(&self) -> Result<(), CodebookError> {
        let good = self.rows.saturating_sub(self.bad.len());
        let Some((line, why)) = self.bad.first() else {
            if good == 0 {
                let why =
                    "it holds no row of data: it was cut, or it is not the file it seems; download it again";
                return Err(CodebookError::bad_file(&self.file, why));
            }
            return Ok(());
        };
        if self.bad.len() > MOST_BAD || self.bad.len().saturating_mul(1000) > self.rows {
            let many = self.bad.len();
            let why = format!(
                "line {line}: {why} ({many} bad of {} rows read: more than are skipped); download the file again",
                self.rows
            );
            return Err(CodebookError::bad_file(&self.file, why));
        }
        Ok(())
    }

    /// The file's name, for messages.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }
}

/// Refuses a file whose last line has no end: it was cut in the middle.
pub(crate) fn check_last_line(file: &str, bytes: &[u8]) -> Result<(), CodebookError> {
    if bytes.last().is_some_and(|b| *b != b'\n' && *b != 0x1a) {
        let line = bytes.iter().filter(|b| **b == b'\n').count() + 1;
        let why = format!(
            "line {line}: the last line has no line end, so the file seems to be cut: download it again (if it is complete, add a line end)"
        );
        return Err(CodebookError::bad_file(file, why));
    }
    Ok(())
}

/// A CPT or HCPCS number: five characters, digits with at most one letter at either end.
pub(crate) fn is_service_code(code: &str) -> bool {
    let bytes = code.as_bytes();
    let alnum = |b: &u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    bytes.len() == 5
        && bytes.first().is_some_and(alnum)
        && bytes.last().is_some_and(alnum)
        && bytes.get(1..4).is_some_and(|m| m.iter().all(u8::is_ascii_digit))
        && code.bytes().filter(u8::is_ascii_uppercase).count() <= 1
}

/// A CPT or HCPCS number as bytes, as a number in base 36 in the order of the codes; `None` if it is none.
pub(crate) fn is_service_number(code: &[u8]) -> Option<u32> {
    let &[a, b, c, d, e] = code else { return None };
    let digit = |x: u8| x.is_ascii_digit();
    let either = |x: u8| digit(x) || x.is_ascii_uppercase();
    let shaped = either(a) && digit(b) && digit(c) && digit(d) && either(e) && (digit(a) || digit(e));
    let value = |x: u8| u32::from(if digit(x) { x - b'0' } else { x - b'A' + 10 });
    shaped.then(|| code.iter().fold(0, |n, x| n * 36 + value(*x)))
}

/// Whether a service code is one of CPT's (AMA): four digits and a digit or letter. Others are HCPCS level II.
pub(crate) fn is_cpt(code: &str) -> bool {
    is_service_code(code) && code.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_codes_are_told_apart() {
        assert!(is_cpt("63020") && is_cpt("0001A") && is_cpt("0054T"));
        assert!(is_service_code("J3301") && !is_cpt("J3301"));
        assert!(!is_service_code("CCCCC") && !is_service_code("6302") && !is_service_code("A012B"));
    }

    proptest::proptest! {
        #[test]
        fn both_ways_to_know_a_service_code_agree(code in "[0-9A-Za-z]{4,6}|[0-9A-Z][0-9]{3}[0-9A-Z]") {
            let number = is_service_number(code.as_bytes());
            proptest::prop_assert_eq!(number.is_some(), is_service_code(&code));
            if let Some(number) = number {
                proptest::prop_assert_eq!(number, crate::codebook::ptp_entries::code_number(&code));
            }
        }
    }

    #[test]
    fn columns_count_from_one_and_never_panic() {
        assert_eq!(field("00001 A00     0 Cholera", 7, 13), "A00");
        assert_eq!(field("é1", 2, 2), "1");
        assert_eq!(field("", 7, 13), "");
    }

    #[test]
    fn few_bad_rows_pass_and_many_do_not() {
        let mut faults = Faults::new("f");
        faults.rows = 5000;
        faults.note(7, "x").unwrap();
        assert!(faults.finish().is_ok());
        let mut faults = Faults::new("f");
        faults.rows = 10;
        faults.note(7, "x").unwrap();
        assert!(faults.finish().unwrap_err().to_string().contains("line 7"));
    }
}
