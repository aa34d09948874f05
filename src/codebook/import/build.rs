//! Writes releases into a book under construction, and computes its id.

use std::path::Path;

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::codebook::error::SqlContext;
use crate::codebook::import::heading::Heading;
use crate::codebook::import::rows::{CodeRow, Parsed, PtpRows, Rows};
use crate::codebook::{CodebookError, Notice, search};

/// The form of the file; a book of another form is not read.
pub(crate) const SCHEMA_VERSION: &str = "1";

/// Whether a release was new to the book.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Added {
    New,
    Already,
}

/// A book under construction: one transaction over everything.
pub(crate) struct Builder {
    connection: Connection,
}

const DOING: &str = "writing the new book";

impl Builder {
    pub(crate) fn in_memory() -> Result<Self, CodebookError> {
        Self::begin(Connection::open_in_memory().doing(DOING)?, true)
    }

    /// In a file that no one else knows yet: it needs no journal, only the final sync.
    pub(crate) fn at(path: &Path, is_new: bool) -> Result<Self, CodebookError> {
        Self::begin(Connection::open(path).doing(DOING)?, is_new)
    }

    fn begin(connection: Connection, is_new: bool) -> Result<Self, CodebookError> {
        connection
            .execute_batch(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536; BEGIN;",
            )
            .doing(DOING)?;
        if is_new {
            connection.execute_batch(include_str!("../schema.sql")).doing(DOING)?;
            connection.execute("INSERT INTO meta VALUES ('schema', ?1)", [SCHEMA_VERSION]).doing(DOING)?;
        }
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection })
    }

    /// Adds a release, unless the book has the same one.
    ///
    /// # Errors
    /// If the book has a release of that name with other content.
    pub(crate) fn add(&mut self, parsed: &Parsed) -> Result<Added, CodebookError> {
        let h = &parsed.heading;
        let setting = h.setting.map_or("", |s| s.as_str());
        let ptp = if let Rows::Ptp(rows) = &parsed.rows { Some(in_order(rows)) } else { None };
        let digest = digest(parsed, ptp.as_ref());
        let known: Option<String> = self
            .connection
            .prepare_cached("SELECT digest FROM release WHERE dataset=?1 AND setting=?2 AND name=?3 AND kind=?4 AND part=?5")
            .and_then(|mut s| s.query_row(params![h.dataset, setting, h.release, h.kind, h.part], |r| r.get(0)).map(Some).or_else(none))
            .doing(DOING)?;
        match known {
            Some(known) if known == digest => return Ok(Added::Already),
            Some(_) => {
                let why = format!(
                    "the book has {} {} already, with other content: build a new book with the right file, or give this one another name with `--release`",
                    h.dataset, h.release
                );
                return Err(CodebookError::bad_file(parsed.faults.file(), why));
            }
            None => {}
        }
        let rows = parsed.faults.rows.saturating_sub(parsed.faults.bad.len());
        self.connection
            .execute(
                "INSERT INTO release (dataset, setting, name, first, last, kind, part, row_count, source, digest) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
                params![h.dataset, setting, h.release, h.from.map(|d| d.days()), h.to.map(|d| d.days()), h.kind, h.part, i64::try_from(rows).unwrap_or(0), h.source, digest],
            )
            .doing(DOING)?;
        let release = self.connection.last_insert_rowid();
        self.rows(release, h, &parsed.rows, ptp).doing(DOING)?;
        for (sql, codes) in [
            ("INSERT OR IGNORE INTO absent VALUES (?1,?2)", &parsed.extent.absent),
            ("INSERT OR IGNORE INTO complete_under VALUES (?1,?2)", &parsed.extent.under),
            ("INSERT OR IGNORE INTO complete_for VALUES (?1,?2)", &parsed.extent.complete_for),
        ] {
            let mut statement = self.connection.prepare_cached(sql).doing(DOING)?;
            for code in codes {
                statement.execute(params![code, release]).doing(DOING)?;
            }
        }
        if !parsed.notices.is_empty() {
            let file = h.source.rsplit(", ").next().unwrap_or(&h.source).to_owned();
            self.add_notice(&Notice { files: vec![file], lines: parsed.notices.clone() })?;
        }
        Ok(Added::New)
    }

    /// Keeps a notice; the same one twice is one.
    pub(crate) fn add_notice(&mut self, notice: &Notice) -> Result<(), CodebookError> {
        let mut statement =
            self.connection.prepare_cached("INSERT OR IGNORE INTO notice VALUES (?1,?2,?3)").doing(DOING)?;
        for (n, line) in notice.lines.iter().enumerate() {
            statement
                .execute(params![notice.files.join("\n"), i64::try_from(n).unwrap_or(0), line])
                .doing(DOING)?;
        }
        Ok(())
    }

    fn rows(&self, release: i64, h: &Heading, rows: &Rows, ptp: Option<PtpRows>) -> rusqlite::Result<()> {
        let c = &self.connection;
        match rows {
            Rows::Codes(codes) => self.codes(&h.dataset, release, codes),
            Rows::Hcpcs(codes, modifiers) => {
                self.codes(&h.dataset, release, codes)?;
                let mut s = c.prepare_cached("INSERT OR REPLACE INTO modifier VALUES (?1,?2,?3,?4,?5,?6)")?;
                for m in modifiers {
                    s.execute(params![m.code, release, m.added, m.terminated, m.text, m.line])?;
                }
                Ok(())
            }
            Rows::Ptp(_) => self.ptp(release, h, &ptp.unwrap_or_default()),
            Rows::Mue(rows) => {
                let mut s = c.prepare_cached("INSERT OR REPLACE INTO mue VALUES (?1,?2,?3,?4,?5,?6)")?;
                for r in rows {
                    s.execute(params![r.code, release, r.units, r.mai, self.text(&r.rationale)?, r.line])?;
                    self.listing(&r.code, release, r.line)?;
                }
                Ok(())
            }
            Rows::AddOn(rows) => {
                let mut s = c.prepare_cached("INSERT OR REPLACE INTO add_on VALUES (?1,?2,?3,?4,?5)")?;
                for r in rows {
                    s.execute(params![r.code, release, r.primary, r.kind, r.line])?;
                    self.listing(&r.code, release, r.line)?;
                    if r.primary != "CCCCC" {
                        self.listing(&r.primary, release, r.line)?;
                    }
                }
                Ok(())
            }
            Rows::Fee(rows) => {
                let mut s = c.prepare_cached(
                    "INSERT OR REPLACE INTO fee VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)",
                )?;
                for l in rows {
                    let r = &l.row;
                    s.execute(params![
                        r.code,
                        r.modifier,
                        release,
                        r.status.to_string(),
                        r.global_days,
                        r.pctc,
                        r.multiple,
                        r.bilateral,
                        r.assistant,
                        r.co_surgeon,
                        r.team,
                        r.endoscopic_base,
                        r.work_rvu,
                        r.pe_nonfacility,
                        r.pe_facility,
                        r.mp_rvu,
                        r.conversion_factor,
                        l.line
                    ])?;
                    self.listing(&r.code, release, l.line)?;
                }
                Ok(())
            }
            Rows::Own(rows) => {
                let mut s = c.prepare_cached("INSERT OR REPLACE INTO own_text VALUES (?1,?2,?3,?4,?5,?6)")?;
                for r in rows {
                    s.execute(params![h.dataset, r.code, release, r.text, r.words, r.line])?;
                }
                Ok(())
            }
        }
    }

    fn codes(&self, system: &str, release: i64, codes: &[CodeRow]) -> rusqlite::Result<()> {
        let mut s =
            self.connection.prepare_cached("INSERT OR REPLACE INTO code VALUES (?1,?2,?3,?4,?5,?6,?7,?8)")?;
        for r in codes {
            s.execute(params![
                system,
                r.code,
                release,
                r.billable,
                r.added,
                r.terminated,
                self.text(&r.text)?,
                r.line
            ])?;
        }
        Ok(())
    }

    fn ptp(&self, release: i64, h: &Heading, ptp: &PtpRows) -> rusqlite::Result<()> {
        let rationales = ptp.rationales.iter().map(|t| self.text(t)).collect::<rusqlite::Result<Vec<_>>>()?;
        let mut s = self.connection.prepare_cached("INSERT INTO ptp VALUES (?1,?2,?3,?4,?5,?6,?7,?8)")?;
        let (mut previous, mut n) = (-1, 0);
        let first = h.from.map_or(i32::MIN, |d| d.days());
        // A pair that is open (or ends within the release) attests that both codes exist.
        let mut live = std::collections::BTreeMap::new();
        for r in &ptp.rows {
            n = if r.pair == previous { n + 1 } else { 0 };
            previous = r.pair;
            let rationale = rationales.get(usize::from(r.rationale)).copied().unwrap_or(0);
            s.execute(params![release, r.pair, n, r.effective, r.deletion, r.indicator, rationale, r.line])?;
            if r.indicator != 9 && r.deletion.is_none_or(|d| d >= first) {
                live.entry(r.pair >> 26).or_insert(r.line);
                live.entry(r.pair & 0x3ff_ffff).or_insert(r.line);
            }
        }
        for (code, line) in live {
            self.listing(&crate::codebook::ptp::unpack_one(code), release, line)?;
        }
        Ok(())
    }

    fn listing(&self, code: &str, release: i64, line: u32) -> rusqlite::Result<()> {
        let mut s = self.connection.prepare_cached("INSERT OR IGNORE INTO listing VALUES (?1,?2,?3)")?;
        s.execute(params![code, release, line]).map(|_| ())
    }

    /// The id of a text, kept once.
    fn text(&self, text: &str) -> rusqlite::Result<i64> {
        let mut find = self.connection.prepare_cached("SELECT id FROM text WHERE text=?1")?;
        if let Some(id) = find.query_row([text], |r| r.get(0)).map(Some).or_else(none)? {
            return Ok(id);
        }
        self.connection.prepare_cached("INSERT INTO text (text) VALUES (?1)")?.insert([text])
    }

    /// Indexes the words, computes the id over all content, commits.
    pub(crate) fn finish(self) -> Result<(Connection, String), CodebookError> {
        search::index(&self.connection).doing("indexing the words of the new book")?;
        let mut lines = Vec::new();
        {
            let mut s = self
                .connection
                .prepare(
                    "SELECT dataset||'|'||setting||'|'||name||'|'||kind||'|'||part||'|'||digest FROM release",
                )
                .doing(DOING)?;
            let mut rows = s.query([]).doing(DOING)?;
            while let Some(row) = rows.next().doing(DOING)? {
                lines.push(row.get::<_, String>(0).doing(DOING)?);
            }
        }
        lines.sort();
        let id = hex(&Sha256::digest(lines.join("\n").as_bytes()));
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES ('id', ?1)", [&id]).doing(DOING)?;
        self.connection.execute_batch("COMMIT").doing(DOING)?;
        Ok((self.connection, id))
    }
}

fn none<T>(error: rusqlite::Error) -> rusqlite::Result<Option<T>> {
    match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(None),
        other => Err(other),
    }
}

/// PTP rows in the order of pair and dates, whatever the file's; rationales renumbered by their text.
fn in_order(ptp: &PtpRows) -> PtpRows {
    let mut rationales = ptp.rationales.clone();
    rationales.sort();
    let places: Vec<u16> = ptp
        .rationales
        .iter()
        .map(|t| rationales.binary_search(t).ok().and_then(|i| u16::try_from(i).ok()).unwrap_or(0))
        .collect();
    let mut rows = ptp.rows.clone();
    for row in &mut rows {
        row.rationale = places.get(usize::from(row.rationale)).copied().unwrap_or(0);
    }
    if !rows.is_sorted() {
        rows.sort_unstable();
    }
    PtpRows { rows, rationales }
}

/// A digest of a release's content, whatever the order of its rows and their lines.
fn digest(parsed: &Parsed, ptp: Option<&PtpRows>) -> String {
    let mut hash = Sha256::new();
    let h = &parsed.heading;
    hash.update(format!("{:?} {:?}\n", h.from, h.to));
    let mut lines: Vec<String> = match &parsed.rows {
        Rows::Codes(codes) => codes.iter().map(code_line).collect(),
        Rows::Hcpcs(codes, modifiers) => codes.iter().chain(modifiers).map(code_line).collect(),
        Rows::Mue(rows) => {
            rows.iter().map(|r| format!("{}|{}|{}|{}", r.code, r.units, r.mai, r.rationale)).collect()
        }
        Rows::AddOn(rows) => rows.iter().map(|r| format!("{}|{}|{}", r.code, r.primary, r.kind)).collect(),
        Rows::Fee(rows) => rows.iter().map(|r| format!("{:?}", r.row)).collect(),
        Rows::Own(rows) => rows.iter().map(|r| format!("{}|{}|{}", r.code, r.text, r.words)).collect(),
        Rows::Ptp(_) => Vec::new(),
    };
    lines.sort();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    if let Some(ptp) = ptp {
        for text in &ptp.rationales {
            hash.update(text.as_bytes());
            hash.update(b"\n");
        }
        for r in &ptp.rows {
            hash.update(r.pair.to_le_bytes());
            hash.update(r.effective.unwrap_or(i32::MIN).to_le_bytes());
            hash.update(r.deletion.unwrap_or(i32::MAX).to_le_bytes());
            hash.update([r.indicator]);
            hash.update(r.rationale.to_le_bytes());
        }
    }
    let mut extent =
        format!("{:?}{:?}{:?}", parsed.extent.absent, parsed.extent.under, parsed.extent.complete_for);
    extent.push_str(&parsed.notices.join("\n"));
    hash.update(extent.as_bytes());
    hex(&hash.finalize())
}

fn code_line(r: &CodeRow) -> String {
    format!("{}|{}|{:?}|{:?}|{}", r.code, r.billable, r.added, r.terminated, r.text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
