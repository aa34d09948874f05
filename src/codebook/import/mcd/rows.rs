//! The rows of coverage documents, whatever file they came from, and how they go into the book.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::Table;
use crate::codebook::import::is_service_code;
use crate::codebook::mcd::runs::{self, Place};
use crate::codebook::mcd::{CoverageKind, named_services};

/// A version of a document: kind, number, version.
pub(crate) type Key = (CoverageKind, u32, u16);

/// What is said of a version of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Document {
    /// As people name it: `L33577`, `A56781`, `NCD 220.4`.
    pub(crate) shown: String,
    pub(crate) title: String,
    /// What kind of article it is; of an NCD, how far it covers.
    pub(crate) sort: String,
    /// `A`, `F` or `R` (active, future, retired); of a list: its note.
    pub(crate) status: String,
    pub(crate) first: Option<i32>,
    pub(crate) last: Option<i32>,
    pub(crate) retired: Option<i32>,
    pub(crate) contractors: BTreeSet<String>,
    pub(crate) states: BTreeSet<String>,
    pub(crate) line: u32,
}

/// A group of diagnoses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    pub(crate) note: String,
    /// What an asterisk at a code means.
    pub(crate) star: String,
    /// The codes, and whether each has an asterisk.
    pub(crate) codes: BTreeMap<[u8; 7], bool>,
}

/// All that a file says.
#[derive(Debug, Default)]
pub(crate) struct McdRows {
    pub(crate) documents: BTreeMap<Key, Document>,
    /// Service codes with their groups, and the line of each.
    pub(crate) codes: BTreeMap<(String, Key, u16), u32>,
    /// Lists of diagnoses: whether they support medical necessity, and the group.
    pub(crate) groups: BTreeMap<(Key, bool, u16), Group>,
    pub(crate) relations: BTreeSet<(Key, CoverageKind, u32)>,
}

impl McdRows {
    /// Adds a document. Of two rows for one version the one that sorts first is kept, so that the order of the rows
    /// changes nothing.
    pub(crate) fn document(&mut self, key: Key, document: Document) {
        match self.documents.get_mut(&key) {
            Some(known) if *known <= document => {}
            Some(known) => *known = document,
            None => drop(self.documents.insert(key, document)),
        }
    }

    /// Adds a service code of a group.
    pub(crate) fn code(&mut self, code: &str, key: Key, group: u16, line: u32) {
        let entry = self.codes.entry((code.to_owned(), key, group)).or_insert(line);
        *entry = line.min(*entry);
    }

    /// Adds the services that a group's paragraph names, where a file has no list of services.
    pub(crate) fn services_of_note(&mut self, key: Key, group: u16, note: &str, line: u32) {
        for named in named_services(note) {
            if named.0 == named.1 && is_service_code(&named.0) {
                self.code(&named.0, key, group, line);
            }
        }
    }

    /// The group of a list.
    pub(crate) fn group(&mut self, key: Key, covered: bool, group: u16) -> &mut Group {
        self.groups.entry((key, covered, group)).or_default()
    }
}

impl Table for McdRows {
    fn len(&self) -> usize {
        let diagnoses: usize = self.groups.values().map(|g| g.codes.len()).sum();
        self.documents.len() + self.codes.len() + diagnoses
    }

    fn digest(&mut self, hash: &mut Sha256) {
        let day = |d: &Option<i32>| d.map_or(String::new(), |d| d.to_string());
        digest_lines(
            hash,
            self.documents.iter().map(|((kind, number, version), d)| {
                let words = (&d.shown, &d.title, &d.sort, &d.status, &d.contractors, &d.states);
                let days = [day(&d.first), day(&d.last), day(&d.retired)].join("|");
                format!("{}|{number}|{version}|{words:?}|{days}", kind.word())
            }),
        );
        digest_lines(hash, self.codes.keys().map(|(code, key, group)| format!("{code}|{key:?}|{group}")));
        digest_lines(
            hash,
            self.groups.iter().map(|(key, g)| format!("{key:?}|{}|{}|{:?}", g.note, g.star, g.codes)),
        );
        digest_lines(hash, self.relations.iter().map(|r| format!("{r:?}")));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        self.store_documents(into, release)?;
        let mut put = into
            .connection
            .prepare_cached("INSERT OR REPLACE INTO coverage_code VALUES (?1,?2,?3,?4,?5,?6,?7)")?;
        for ((code, (kind, number, version), group), line) in &self.codes {
            put.execute(params![code, kind.word(), number, version, group, release, line])?;
        }
        let mut put = into
            .connection
            .prepare_cached("INSERT OR REPLACE INTO coverage_relation VALUES (?1,?2,?3,?4,?5,?6)")?;
        for ((kind, number, version), other, related) in &self.relations {
            put.execute(params![kind.word(), number, version, other.word(), related, release])?;
        }
        self.store_diagnoses(into, release)
    }
}

impl McdRows {
    fn store_documents(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut put = into.connection.prepare_cached(
            "INSERT OR REPLACE INTO coverage_document VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
        )?;
        let lines = |all: &BTreeSet<String>| all.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        let mut counts: BTreeMap<(Key, bool), usize> = BTreeMap::new();
        for ((key, covered, _), g) in &self.groups {
            *counts.entry((*key, *covered)).or_default() += g.codes.len();
        }
        for (key, d) in &self.documents {
            let (kind, number, version) = key;
            let count = |covered| counts.get(&(*key, covered)).copied().unwrap_or(0);
            put.execute(params![
                kind.word(),
                number,
                version,
                release,
                d.shown,
                d.title,
                d.sort,
                d.status,
                d.first,
                d.last,
                d.retired,
                into.text(&lines(&d.contractors))?,
                into.text(&lines(&d.states))?,
                i64::try_from(count(true)).unwrap_or(0),
                i64::try_from(count(false)).unwrap_or(0),
                d.line
            ])?;
        }
        Ok(())
    }

    fn store_diagnoses(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let mut put = into
            .connection
            .prepare_cached("INSERT OR REPLACE INTO coverage_group VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)")?;
        let mut by_code: BTreeMap<[u8; 7], Vec<u8>> = BTreeMap::new();
        // The groups stand in the order of their keys, and so do the places of a code.
        for ((key, covered, group), g) in &self.groups {
            let (kind, number, version) = *key;
            let mut run = Vec::with_capacity(g.codes.len() * 8);
            for (code, starred) in &g.codes {
                runs::put_code(&mut run, code, *starred);
                let place = Place { kind, number, version, covered: *covered, group: *group };
                runs::put_place(by_code.entry(*code).or_default(), &place);
            }
            let (note, star) = (into.text(&g.note)?, into.text(&g.star)?);
            put.execute(params![kind.word(), number, version, covered, group, release, note, star, run])?;
        }
        let mut put =
            into.connection.prepare_cached("INSERT OR REPLACE INTO coverage_diagnosis VALUES (?1,?2,?3)")?;
        for (code, places) in &by_code {
            let code = String::from_utf8_lossy(code);
            put.execute(params![code.trim_end(), release, places])?;
        }
        Ok(())
    }
}
