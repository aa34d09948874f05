//! Our own texts: code, text, search words, tab-separated; `#` begins a comment. The dataset is told by the header
//! comment (`# code…` or `# modifier…`).

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::{FileRows, Format, Input, Table};
use crate::codebook::import::lines::{Faults, is_service_code};

pub(crate) const FORMAT: Format = Format {
    name: "Plain-language texts",
    whole_lines: false,
    matches: |head| head.text.starts_with("# Plain-language texts"),
    read,
};

/// A row of our own texts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OwnText {
    pub(crate) code: String,
    pub(crate) text: String,
    pub(crate) words: String,
    pub(crate) line: u32,
}

#[derive(Debug)]
struct OwnTexts {
    dataset: &'static str,
    rows: Vec<OwnText>,
}

impl Table for OwnTexts {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_lines(hash, self.rows.iter().map(|r| format!("{}|{}|{}", r.code, r.text, r.words)));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut s =
            into.connection.prepare_cached("INSERT OR REPLACE INTO own_text VALUES (?1,?2,?3,?4,?5,?6)")?;
        for r in &self.rows {
            s.execute(params![self.dataset, r.code, release, r.text, r.words, r.line])?;
        }
        Ok(())
    }

    fn codes(&self) -> Vec<String> {
        self.rows.iter().filter(|t| t.code.len() == 5).map(|t| t.code.clone()).collect()
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let (mut rows, mut dataset) = (Vec::new(), "plain_language");
    for (index, line) in input.text().lines().enumerate() {
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
    Ok(FileRows {
        undated: Some(format!("Plain-language texts ({})", input.name)),
        kind: "own",
        ..FileRows::new(dataset, OwnTexts { dataset, rows })
    })
}
