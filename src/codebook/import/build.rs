//! Writes releases into a book under construction, and computes its id.

use std::path::Path;

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::codebook::error::SqlContext;
use crate::codebook::import::rows::Parsed;
use crate::codebook::import::{beside, canonical};
use crate::codebook::validity::{self, Changes};
use crate::codebook::{CodebookError, Notice, descriptors, manual, search};
use crate::domain::hex;

/// The form of the file; a book of another form is not read.
pub(crate) const SCHEMA_VERSION: &str = "9";

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
    include_str!("../schema/manuals.sql"),
    include_str!("../schema/cpt.sql"),
];

/// What is derived from the rows, once they have their final order.
pub(crate) const DERIVED: &[&str] = &[
    include_str!("../schema/validity.sql"),
    include_str!("../schema/search.sql"),
    include_str!("../schema/manual_words.sql"),
    include_str!("../schema/descriptors.sql"),
];

/// How a release stands to the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The book has none of that name.
    New,
    /// The book has it.
    Already,
    /// The book has it from another file of the same content, which lies behind this one in the order that decides
    /// between them.
    Behind,
    /// The book has a release of that name with other content.
    Other,
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

/// A file under construction needs no journal: no one else knows it, and what a crash leaves is thrown away.
const QUICKLY: &str = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;
    PRAGMA cache_size=-65536;";

impl Builder {
    pub(crate) fn in_memory() -> Result<Self, CodebookError> {
        Self::begin(Connection::open_in_memory().doing(DOING)?, true)
    }

    /// In a staging file: a new one, or a copy of the book in use.
    pub(crate) fn at(path: &Path, is_new: bool) -> Result<Self, CodebookError> {
        Self::begin(Connection::open(path).doing(DOING)?, is_new)
    }

    fn begin(connection: Connection, is_new: bool) -> Result<Self, CodebookError> {
        connection.execute_batch(QUICKLY).doing(DOING)?;
        connection.execute_batch("BEGIN").doing(DOING)?;
        if is_new {
            lay_out(&connection, SCHEMA)?;
        }
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection })
    }

    /// Adds a release, unless the book has the same one.
    ///
    /// # Errors
    /// If the book has a release of that name with other content, unless that is to be replaced.
    pub(crate) fn add(&mut self, parsed: &Ready, replace: bool) -> Result<Standing, CodebookError> {
        let standing = parsed.standing(&self.connection)?;
        let h = &parsed.parsed.heading;
        match standing {
            Standing::Already => return Ok(standing),
            Standing::Other if !replace => {
                let why = format!(
                    "the book has {} {} already, with other content: if this file corrects it, add `--replace`; if it is another release, name it with `--release`",
                    h.dataset, h.release
                );
                return Err(CodebookError::bad_file(parsed.parsed.faults.file(), why));
            }
            Standing::Behind | Standing::Other => {
                if let Some((id, ..)) = parsed.known(&self.connection)? {
                    canonical::forget_release(&self.connection, id).doing(DOING)?;
                }
            }
            Standing::New => {}
        }
        let rows = parsed.parsed.table.len();
        let setting = h.setting.map_or("", |s| s.as_str());
        self.connection
            .execute(
                "INSERT INTO release (dataset, setting, name, first, last, kind, part, row_count, source, digest, mark, implied) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
                params![h.dataset, setting, h.release, h.from.map(|d| d.days()), h.to.map(|d| d.days()), h.kind, h.part, i64::try_from(rows).unwrap_or(0), h.source, parsed.digest, parsed.parsed.mark, i64::try_from(parsed.parsed.table.implied()).unwrap_or(0)],
            )
            .doing(DOING)?;
        let release = self.connection.last_insert_rowid();
        let writer = Writer { connection: &self.connection, first_day: h.from.map(|d| d.days()) };
        parsed.parsed.table.store(&writer, release).doing(DOING)?;
        let extent = &parsed.parsed.extent;
        for (sql, codes) in [
            ("INSERT OR IGNORE INTO absent VALUES (?1,?2)", &extent.absent),
            ("INSERT OR IGNORE INTO complete_under VALUES (?1,?2)", &extent.under),
            ("INSERT OR IGNORE INTO complete_for VALUES (?1,?2)", &extent.complete_for),
        ] {
            let mut statement = self.connection.prepare_cached(sql).doing(DOING)?;
            for code in codes {
                statement.execute(params![code, release]).doing(DOING)?;
            }
        }
        if !parsed.parsed.notices.is_empty() {
            let file = h.source.rsplit(", ").next().unwrap_or(&h.source).to_owned();
            let notice = Notice { files: vec![file], lines: parsed.parsed.notices.clone() };
            self.put_notice(&notice, release)?;
        }
        Ok(standing)
    }

    /// Keeps a notice of a manifest; the same one twice is one.
    pub(crate) fn add_notice(&mut self, notice: &Notice) -> Result<(), CodebookError> {
        self.put_notice(notice, 0)
    }

    fn put_notice(&mut self, notice: &Notice, release: i64) -> Result<(), CodebookError> {
        self.connection
            .execute(
                "INSERT OR IGNORE INTO notice VALUES (?1,?2,?3)",
                params![notice.files.join("\n"), notice.lines.join("\n"), release],
            )
            .doing(DOING)
            .map(|_| ())
    }

    /// Ends a book that lives in memory: derives what follows from the rows.
    pub(crate) fn finish(self) -> Result<Connection, CodebookError> {
        beside::settle(&self.connection).doing(DOING)?;
        self.connection.execute_batch("COMMIT").doing(DOING)?;
        derive(&self.connection)?;
        Ok(self.connection)
    }

    /// Ends a book: copies the staging file into its final order at `book`, and derives what follows from the rows.
    pub(crate) fn finish_at(
        self,
        staging: &Path,
        book: &Path,
    ) -> Result<(Connection, String, Changes), CodebookError> {
        beside::settle(&self.connection).doing(DOING)?;
        self.connection.execute_batch("COMMIT").doing(DOING)?;
        let closed = self.connection.close();
        closed.map_err(|(_, source)| CodebookError::Sql { doing: "closing the staging file", source })?;
        let last = Connection::open(book).doing(DOING)?;
        last.execute_batch(QUICKLY).doing(DOING)?;
        lay_out(&last, SCHEMA)?;
        canonical::copy(&last, staging).doing("putting the new book in order")?;
        let (id, changes) = derive(&last)?;
        Ok((last, id, changes))
    }
}

fn lay_out(connection: &Connection, parts: &[&str]) -> Result<(), CodebookError> {
    for part in parts {
        connection.execute_batch(part).doing(DOING)?;
    }
    Ok(())
}

/// Makes what follows from the rows, and the id over all content.
fn derive(connection: &Connection) -> Result<(String, Changes), CodebookError> {
    connection.execute_batch("BEGIN").doing(DOING)?;
    lay_out(connection, DERIVED)?;
    let changes = validity::store(connection).doing("deriving the validity of codes")?;
    search::index(connection).doing("indexing the words of the new book")?;
    manual::index(connection).doing("indexing the words of the manuals")?;
    descriptors::derive(connection).doing("comparing descriptors with public texts")?;
    let id = id_of(connection).doing(DOING)?;
    connection
        .execute("INSERT INTO meta VALUES ('schema', ?1), ('id', ?2)", params![SCHEMA_VERSION, id])
        .doing(DOING)?;
    connection.execute_batch("COMMIT").doing(DOING)?;
    Ok((id, changes))
}

/// A digest of all releases and notices: the same content gives the same.
fn id_of(connection: &Connection) -> rusqlite::Result<String> {
    let mut hash = Sha256::new();
    for sql in [
        "SELECT dataset||'|'||setting||'|'||name||'|'||kind||'|'||part||'|'||digest FROM release",
        "SELECT DISTINCT 'notice|'||files||'|'||lines FROM notice",
    ] {
        let mut lines: Vec<String> =
            connection.prepare(sql)?.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
        lines.sort();
        hash.update(lines.join("\n").as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

/// A file that was read, with the digest of its content.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) parsed: Parsed,
    digest: String,
}

impl Ready {
    pub(crate) fn new(mut parsed: Parsed) -> Self {
        let digest = digest(&mut parsed);
        Self { parsed, digest }
    }

    /// The release of that name in a book: its id, digest, source and mark.
    fn known(&self, book: &Connection) -> Result<Option<(i64, String, String, i64)>, CodebookError> {
        let h = &self.parsed.heading;
        let setting = h.setting.map_or("", |s| s.as_str());
        let sql = "SELECT id, digest, source, mark FROM release WHERE dataset=?1 AND setting=?2 AND name=?3 AND kind=?4 AND part=?5";
        book.prepare_cached(sql)
            .and_then(|mut s| {
                let key = params![h.dataset, setting, h.release, h.kind, h.part];
                s.query_row(key, |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))).map(Some).or_else(none)
            })
            .doing("comparing with the book in use")
    }

    /// How it stands to a book. Of two files with the same content the same one is kept, whichever came first.
    pub(crate) fn standing(&self, book: &Connection) -> Result<Standing, CodebookError> {
        Ok(match self.known(book)? {
            None => Standing::New,
            Some((_, digest, ..)) if digest != self.digest => Standing::Other,
            Some((_, _, source, mark)) => {
                let own = (self.parsed.heading.source.as_str(), self.parsed.mark);
                if own < (source.as_str(), mark) { Standing::Behind } else { Standing::Already }
            }
        })
    }
}

/// Whether a book has a notice.
pub(crate) fn has_notice(book: &Connection, notice: &Notice) -> Result<bool, CodebookError> {
    book.prepare_cached("SELECT 1 FROM notice WHERE files=?1 AND lines=?2 AND release=0")
        .and_then(|mut s| s.exists(params![notice.files.join("\n"), notice.lines.join("\n")]))
        .doing("comparing with the book in use")
}

/// A number that tells files of the same content apart (another order of rows, other spaces).
pub(crate) fn mark(bytes: &[u8]) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0u8; 8];
        for (to, from) in word.iter_mut().zip(chunk) {
            *to = *from;
        }
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
    }
    i64::from_le_bytes(hash.to_le_bytes())
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
    // Notices are no content of a release: two layouts of one have other words. The book's id counts them.
    let extent =
        format!("{:?}{:?}{:?}", parsed.extent.absent, parsed.extent.under, parsed.extent.complete_for);
    hash.update(extent.as_bytes());
    hex(&hash.finalize())
}
