//! Writes releases into a book under construction, and computes its id.

use std::path::Path;

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::codebook::error::SqlContext;
use crate::codebook::import::rows::Parsed;
use crate::codebook::{CodebookError, Notice, search};

/// The form of the file; a book of another form is not read.
pub(crate) const SCHEMA_VERSION: &str = "2";

/// The tables, by subject.
pub(crate) const SCHEMA: &[&str] = &[
    include_str!("../schema/codes.sql"),
    include_str!("../schema/hcpcs.sql"),
    include_str!("../schema/ncci.sql"),
    include_str!("../schema/fees.sql"),
    include_str!("../schema/tabular.sql"),
    include_str!("../schema/names.sql"),
    include_str!("../schema/maps.sql"),
    include_str!("../schema/coverage.sql"),
    include_str!("../schema/places.sql"),
    include_str!("../schema/search.sql"),
];

/// Whether a release was new to the book.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Added {
    New,
    Already,
}

/// Where a table's rows go: the book under construction, for one release.
pub(crate) struct Writer<'a> {
    pub(crate) connection: &'a Connection,
    /// First day of the release.
    pub(crate) first_day: Option<i32>,
}

impl Writer<'_> {
    /// Notes that a release lists a service code: it attests that the code exists.
    pub(crate) fn listing(&self, code: &str, release: i64, line: u32) -> rusqlite::Result<()> {
        let mut s = self.connection.prepare_cached("INSERT OR IGNORE INTO listing VALUES (?1,?2,?3)")?;
        s.execute(params![code, release, line]).map(|_| ())
    }

    /// The id of a text, kept once.
    pub(crate) fn text(&self, text: &str) -> rusqlite::Result<i64> {
        let mut find = self.connection.prepare_cached("SELECT id FROM text WHERE text=?1")?;
        if let Some(id) = find.query_row([text], |r| r.get(0)).map(Some).or_else(none)? {
            return Ok(id);
        }
        self.connection.prepare_cached("INSERT INTO text (text) VALUES (?1)")?.insert([text])
    }
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
            for part in SCHEMA {
                connection.execute_batch(part).doing(DOING)?;
            }
            connection.execute("INSERT INTO meta VALUES ('schema', ?1)", [SCHEMA_VERSION]).doing(DOING)?;
        }
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection })
    }

    /// Adds a release, unless the book has the same one.
    ///
    /// # Errors
    /// If the book has a release of that name with other content.
    pub(crate) fn add(&mut self, mut parsed: Parsed) -> Result<Added, CodebookError> {
        let digest = digest(&mut parsed);
        let h = &parsed.heading;
        let setting = h.setting.map_or("", |s| s.as_str());
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
        let rows = parsed.table.len();
        self.connection
            .execute(
                "INSERT INTO release (dataset, setting, name, first, last, kind, part, row_count, source, digest) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
                params![h.dataset, setting, h.release, h.from.map(|d| d.days()), h.to.map(|d| d.days()), h.kind, h.part, i64::try_from(rows).unwrap_or(0), h.source, digest],
            )
            .doing(DOING)?;
        let release = self.connection.last_insert_rowid();
        let writer = Writer { connection: &self.connection, first_day: h.from.map(|d| d.days()) };
        parsed.table.store(&writer, release).doing(DOING)?;
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

/// Feeds rows, as lines, into a digest: the same whatever their order.
pub(crate) fn digest_lines(hash: &mut Sha256, lines: impl Iterator<Item = String>) {
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
}

/// A digest of a release's content, whatever the order of its rows and their lines.
fn digest(parsed: &mut Parsed) -> String {
    let mut hash = Sha256::new();
    let h = &parsed.heading;
    hash.update(format!("{:?} {:?}\n", h.from, h.to));
    parsed.table.digest(&mut hash);
    let mut extent =
        format!("{:?}{:?}{:?}", parsed.extent.absent, parsed.extent.under, parsed.extent.complete_for);
    extent.push_str(&parsed.notices.join("\n"));
    hash.update(extent.as_bytes());
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
