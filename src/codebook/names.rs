//! Other names of codes: index, inclusion terms, and the tables of drugs and chemicals and of neoplasms.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::codebook::codes::{compact, written};
use crate::codebook::coverage::Loaded;
use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, Coverage, Dated};
use crate::domain::{CivilDate, CodeSystem, Evidence};

/// The entry of the neoplasm table's own main term.
pub(crate) const UNSPECIFIED_SITE: &str = "unspecified site";

/// A name of a code, beside its official description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherName {
    /// The name: an index path (`Fall, falling (accidental), from, ladder`), an inclusion term, or made from a
    /// table's column and entry (`adverse effect of Aspirin (aluminum) (soluble)`).
    pub name: String,
    /// `inclusion`, `index`, `external`, `drug` or `neoplasm`.
    pub kind: String,
    /// The code that it names, as officially written: this one, or a stem above it.
    pub of: String,
    /// The release.
    pub coverage: Coverage,
    /// The row.
    pub evidence: Evidence,
}

/// An entry of the table of drugs and chemicals or of the neoplasm table, with its codes by column. Codes are as
/// printed: mostly stems, to which a 7th character or more must be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableEntry {
    /// The substance or site, as a path: `Acid (corrosive) NEC, acetic`.
    pub entry: String,
    /// For each column that has a code: what it means, and the code. Of drugs: poisoning accidental, intentional
    /// self-harm, assault, undetermined, adverse effect, underdosing; of neoplasms: malignant primary, malignant
    /// secondary, in situ, benign, uncertain behavior, unspecified behavior.
    pub cells: Vec<(&'static str, String)>,
    /// The row.
    pub evidence: Evidence,
}

/// What each column (from the official second) means, with the words before and after an entry that make a name.
type Columns = [(&'static str, &'static str, &'static str); 6];

const DRUG: Columns = [
    ("poisoning accidental", "poisoning by ", ", accidental"),
    ("poisoning intentional self-harm", "poisoning by ", ", intentional self-harm"),
    ("poisoning assault", "poisoning by ", ", assault"),
    ("poisoning undetermined", "poisoning by ", ", undetermined"),
    ("adverse effect", "adverse effect of ", ""),
    ("underdosing", "underdosing of ", ""),
];

const NEOPLASM: Columns = [
    ("malignant primary", "malignant neoplasm of ", ""),
    ("malignant secondary", "secondary malignant neoplasm of ", ""),
    ("in situ", "carcinoma in situ of ", ""),
    ("benign", "benign neoplasm of ", ""),
    ("uncertain behavior", "neoplasm of uncertain behavior of ", ""),
    ("unspecified behavior", "neoplasm of unspecified behavior of ", ""),
];

/// A column's meaning and its words before and after an entry; `dataset` as in the release (`icd10cm_drug`, …).
pub(crate) fn column(dataset: &str, col: u8) -> (&'static str, &'static str, &'static str) {
    let columns = if dataset == "icd10cm_drug" { &DRUG } else { &NEOPLASM };
    columns.get(usize::from(col).wrapping_sub(2)).copied().unwrap_or(("", "", ""))
}

/// The name that a cell gives its code: `underdosing of Aspirin`.
pub(crate) fn cell_name(dataset: &str, col: u8, entry: &str) -> String {
    let (_, before, after) = column(dataset, col);
    format!("{before}{entry}{after}")
}

/// Words in lower case and alphabetical order, each once, without `NEC` and `NOS`: the table's "Acid, acetic" is a
/// person's "acetic acid".
pub(crate) fn sorted_words(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !matches!(*w, "" | "nec" | "nos")).collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

const DOING: &str = "looking the names of a code up";

impl Codebook {
    /// All other names of a code: those given to the code itself first, then those of the stems above it. Of each
    /// kind, from the newest release at or before the date (else the oldest after it).
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn names_of(
        &self,
        system: CodeSystem,
        code: &str,
        on: CivilDate,
    ) -> Result<Vec<OtherName>, CodebookError> {
        let (plain, day) = (compact(code), on.days());
        let connection = self.connection()?;
        let mut names = Vec::new();
        for end in (3..=plain.len().min(7)).rev() {
            let Some(stem) = plain.get(..end) else { continue };
            self.collect_names(&connection, system, stem, day, &mut names).doing(DOING)?;
            if system == CodeSystem::Icd10cm {
                self.collect_cells(&connection, stem, day, &mut names).doing(DOING)?;
            }
        }
        Ok(names)
    }

    fn collect_names(
        &self,
        connection: &Connection,
        system: CodeSystem,
        stem: &str,
        day: i32,
        names: &mut Vec<OtherName>,
    ) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(
            "SELECT n.release, n.kind, t.text, n.line FROM name n JOIN text t ON t.id=n.text_id
             WHERE n.system=?1 AND n.code=?2 ORDER BY n.kind, n.line, t.text",
        )?;
        let mut rows = statement.query(params![system.as_str(), stem])?;
        while let Some(row) = rows.next()? {
            let Some(release) = self.in_use(row.get(0)?, day) else { continue };
            let (kind, line): (String, u32) = (row.get(1)?, row.get(3)?);
            names.push(name(release, day, system, stem, (kind, row.get(2)?, line)));
        }
        Ok(())
    }

    fn collect_cells(
        &self,
        connection: &Connection,
        stem: &str,
        day: i32,
        names: &mut Vec<OtherName>,
    ) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(
            "SELECT c.release, c.col, t.text, c.line FROM table_cell c JOIN text t ON t.id=c.text_id
             WHERE c.code=?1 ORDER BY c.col, c.line, t.text",
        )?;
        let mut rows = statement.query([stem])?;
        while let Some(row) = rows.next()? {
            let Some(release) = self.in_use(row.get(0)?, day) else { continue };
            let (entry, line): (String, u32) = (row.get(2)?, row.get(3)?);
            let kind = release.dataset.trim_start_matches("icd10cm_").to_owned();
            let text = cell_name(&release.dataset, row.get(1)?, &entry);
            names.push(name(release, day, CodeSystem::Icd10cm, stem, (kind, text, line)));
        }
        Ok(())
    }

    /// The release of this id, if it is the one of its dataset to be used for the day.
    fn in_use(&self, id: i64, day: i32) -> Option<&Loaded> {
        let release = self.loaded.iter().find(|l| l.id == id)?;
        self.used(&release.dataset, day).filter(|used| used.id == id)
    }

    /// The newest release of a dataset at or before a day, else the oldest one.
    fn used<'a>(&'a self, dataset: &'a str, day: i32) -> Option<&'a Loaded> {
        self.releases(dataset, None)
            .rfind(|r| r.begins() <= day)
            .or_else(|| self.releases(dataset, None).next())
    }

    /// The entries of the table of drugs and chemicals for a substance, in whatever order its words are given.
    /// Empty within coverage: the table has no entry of these words.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn drug(&self, substance: &str, on: CivilDate) -> Result<Dated<Vec<TableEntry>>, CodebookError> {
        self.table_entries("icd10cm_drug", substance, on)
    }

    /// The entries of the neoplasm table for a site. Empty within coverage: the table has no entry of these words.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn neoplasm(&self, site: &str, on: CivilDate) -> Result<Dated<Vec<TableEntry>>, CodebookError> {
        self.table_entries("icd10cm_neoplasm", site, on)
    }

    fn table_entries(
        &self,
        dataset: &'static str,
        words: &str,
        on: CivilDate,
    ) -> Result<Dated<Vec<TableEntry>>, CodebookError> {
        let Some(release) = self.used(dataset, on.days()) else {
            return Ok(Dated { value: Vec::new(), coverage: None, evidence: None });
        };
        let connection = self.connection()?;
        let value = entries(&connection, release, &sorted_words(words)).doing(DOING)?;
        let known = release.is_full() || !value.is_empty();
        Ok(Dated {
            evidence: value.first().map(|e| e.evidence.clone()),
            coverage: known.then(|| release.coverage(on.days())),
            value,
        })
    }
}

fn entries(connection: &Connection, release: &Loaded, words: &str) -> rusqlite::Result<Vec<TableEntry>> {
    let mut statement = connection.prepare_cached(
        "SELECT t.text, c.col, c.code, c.line FROM table_entry e JOIN text t ON t.id=e.text_id
         JOIN table_cell c ON c.text_id=e.text_id AND c.release=e.release
         WHERE e.words=?1 AND e.release=?2 ORDER BY t.text, c.line, c.col, c.code",
    )?;
    let mut rows = statement.query(params![words, release.id])?;
    let mut all: Vec<TableEntry> = Vec::new();
    while let Some(row) = rows.next()? {
        let entry: String = row.get(0)?;
        let line: u32 = row.get(3)?;
        let cell = (
            column(&release.dataset, row.get(1)?).0,
            written(CodeSystem::Icd10cm, &row.get::<_, String>(2)?),
        );
        match all.last_mut().filter(|last| last.entry == entry) {
            Some(last) => last.cells.push(cell),
            None => {
                let evidence = table_evidence(release, line, &entry);
                all.push(TableEntry { entry, cells: vec![cell], evidence });
            }
        }
    }
    Ok(all)
}

fn name(
    release: &Loaded,
    day: i32,
    system: CodeSystem,
    stem: &str,
    (kind, name, line): (String, String, u32),
) -> OtherName {
    let of = written(system, stem);
    let evidence = table_evidence(release, line, &of);
    OtherName { name, kind, of, coverage: release.coverage(day), evidence }
}

fn table_evidence(release: &Loaded, line: u32, what: &str) -> Evidence {
    let source = match release.dataset.as_str() {
        "icd10cm_index" => "ICD-10-CM alphabetic index",
        "icd10cm_eindex" => "ICD-10-CM external cause index",
        "icd10cm_drug" => "ICD-10-CM table of drugs and chemicals",
        "icd10cm_neoplasm" => "ICD-10-CM neoplasm table",
        _ => "ICD-10-CM tabular list",
    };
    Evidence {
        source: source.to_owned(),
        release: release.name.clone(),
        locator: format!("line {line}, {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cells_name_is_made_of_column_and_entry() {
        assert_eq!(cell_name("icd10cm_drug", 2, "Aspirin"), "poisoning by Aspirin, accidental");
        assert_eq!(cell_name("icd10cm_drug", 7, "Aspirin"), "underdosing of Aspirin");
        assert_eq!(cell_name("icd10cm_neoplasm", 3, "breast"), "secondary malignant neoplasm of breast");
        assert_eq!(sorted_words("Acid (x), acetic NEC"), "acetic acid x");
    }
}
