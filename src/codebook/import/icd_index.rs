//! ICD-10-CM alphabetic index and external cause index: each coded term is a name of its codes.

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::CodebookError;
use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::{FileRows, Format, Head, Input, Table};
use crate::codebook::import::heading;
use crate::codebook::import::lines::Faults;
use crate::codebook::import::term_tree::{self, stem};

pub(crate) const FORMAT: Format =
    Format { name: "ICD-10-CM index", whole_lines: false, matches: |head| is_index(head, false), read };

/// Whether it is an index (or, with `table`, one of its tables), and no list of changes to one.
pub(crate) fn is_index(head: &Head<'_>, table: bool) -> bool {
    let upper = &head.upper;
    upper.contains("<ICD10CM.INDEX")
        && !upper.contains("ISADDENDA=\"TRUE\"")
        && upper.contains("<MAINTERM>")
        && upper.contains("<INDEXHEADING>") == table
}

/// A name of a code.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    code: String,
    text: String,
    line: u32,
}

#[derive(Debug)]
struct Names {
    kind: &'static str,
    rows: Vec<Name>,
}

impl Table for Names {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_lines(hash, self.rows.iter().map(|r| format!("{}|{}", r.code, r.text)));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut s =
            into.connection.prepare_cached("INSERT OR IGNORE INTO name VALUES ('icd10cm',?1,?2,?3,?4,?5)")?;
        for r in &self.rows {
            s.execute(params![r.code, release, self.kind, into.text(&r.text)?, r.line])?;
        }
        Ok(())
    }
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let head = input.bytes.get(..input.bytes.len().min(2_000)).unwrap_or_default();
    let external = String::from_utf8_lossy(head).to_ascii_uppercase().contains("EXTERNAL CAUSE")
        || input.name.to_ascii_lowercase().contains("eindex");
    let tree = term_tree::read(input)?;
    let mut rows = Vec::new();
    for (at, term) in tree.terms.iter().enumerate() {
        let Some(coded) = tree.referred(at) else { continue };
        let text = tree.path(at, |t| &t.title).join(", ");
        for code in &coded.codes {
            let Some(code) = stem(code) else {
                faults.note(line(coded.line), format!("{code} is no ICD-10-CM code"))?;
                continue;
            };
            faults.rows += 1;
            rows.push(Name { code, text: text.clone(), line: term.line });
        }
    }
    // The same name twice is one; of its lines the first.
    rows.sort();
    rows.dedup_by(|b, a| a.code == b.code && a.text == b.text);
    let (dataset, kind, fewest) =
        if external { ("icd10cm_eindex", "external", 5_000) } else { ("icd10cm_index", "index", 50_000) };
    let told = heading::icd10cm(input.name).or_else(|| heading::icd10cm(&tree.version));
    Ok(FileRows { told, fewest, ..FileRows::new(dataset, Names { kind, rows }) })
}

fn line(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
