//! The final order of a book: the same files give the same bytes, whatever the order in which they came.
//!
//! A book is built in a staging file, in the order of the files, and then copied row by row into the final one:
//! releases numbered by what they are, texts by their letters, rows by their primary keys. The copy knows the
//! tables only by the schema's conventions (a column `release`; a column `*_id` refers to `text`), so a new
//! table needs nothing here. What is derived from the rows (the search's words, validity) is made after the copy.

use std::path::Path;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params};

/// A table of rows, as the copy needs to know it.
#[derive(Debug)]
struct RowTable {
    name: String,
    columns: Vec<String>,
    /// The columns of the primary key, in its order.
    key: Vec<String>,
}

/// Copies all rows of the staging file into the (empty) tables of `book`, in their final order.
pub(crate) fn copy(book: &Connection, staging: &Path) -> rusqlite::Result<()> {
    let tables = row_tables(book)?;
    book.execute("ATTACH ?1 AS staging", [staging.to_string_lossy()])?;
    book.execute_batch("PRAGMA temp_store=MEMORY; PRAGMA staging.cache_size=-16384; BEGIN;")?;
    order_releases(book)?;
    order_texts(book, &tables)?;
    for table in &tables {
        copy_table(book, table)?;
    }
    book.execute_batch("COMMIT; DROP TABLE temp.release_order; DROP TABLE temp.text_order; DETACH staging;")
}

/// Removes what the rows of a release left in each table.
pub(crate) fn forget_release(connection: &Connection, release: i64) -> rusqlite::Result<()> {
    for table in row_tables(connection)? {
        connection.execute(&format!("DELETE FROM {} WHERE release=?1", table.name), [release])?;
    }
    connection.execute("DELETE FROM release WHERE id=?1", [release]).map(|_| ())
}

/// The tables that hold rows of releases, by name.
fn row_tables(connection: &Connection) -> rusqlite::Result<Vec<RowTable>> {
    let names: Vec<String> = connection
        .prepare("SELECT name FROM main.sqlite_schema WHERE type='table' ORDER BY name")?
        .query_map([], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let mut tables = Vec::new();
    for name in names {
        let mut columns: Vec<(String, i64)> = connection
            .prepare("SELECT name, pk FROM pragma_table_info(?1, 'main') ORDER BY cid")?
            .query_map([&name], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<Result<_, _>>()?;
        if !columns.iter().any(|(column, _)| column == "release") {
            continue;
        }
        let all = columns.iter().map(|(column, _)| column.clone()).collect();
        columns.retain(|(_, place)| *place > 0);
        columns.sort_by_key(|(_, place)| *place);
        tables.push(RowTable { name, columns: all, key: columns.into_iter().map(|(c, _)| c).collect() });
    }
    Ok(tables)
}

/// Numbers the releases by what they are.
fn order_releases(book: &Connection) -> rusqlite::Result<()> {
    // Release 0: what belongs to none.
    book.execute_batch(
        "CREATE TEMP TABLE release_order (old INTEGER PRIMARY KEY, new INTEGER NOT NULL);
         INSERT INTO temp.release_order VALUES (0, 0);
         INSERT INTO temp.release_order
           SELECT id, row_number() OVER (ORDER BY dataset, setting, first, name, kind, part) FROM staging.release;
         INSERT INTO main.release
           SELECT o.new, dataset, setting, name, first, last, kind, part, row_count, implied, source, digest, mark
           FROM staging.release r JOIN temp.release_order o ON o.old=r.id ORDER BY o.new;",
    )
}

/// Numbers the texts that rows refer to by their letters.
fn order_texts(book: &Connection, tables: &[RowTable]) -> rusqlite::Result<()> {
    book.execute_batch(
        "CREATE TEMP TABLE used (id INTEGER PRIMARY KEY);
         CREATE TEMP TABLE text_order (old INTEGER PRIMARY KEY, new INTEGER NOT NULL);",
    )?;
    for table in tables {
        for column in table.columns.iter().filter(|c| is_text(c)) {
            book.execute_batch(&format!(
                "INSERT OR IGNORE INTO temp.used SELECT {column} FROM staging.{} WHERE {column} IS NOT NULL",
                table.name
            ))?;
        }
    }
    let mut texts = book
        .prepare("SELECT t.id, t.text FROM staging.text t JOIN temp.used u ON u.id=t.id ORDER BY t.text")?;
    let mut put = book.prepare("INSERT INTO main.text VALUES (?1,?2)")?;
    let mut place = book.prepare("INSERT INTO temp.text_order VALUES (?1,?2)")?;
    let mut rows = texts.query([])?;
    let mut new = 0i64;
    while let Some(row) = rows.next()? {
        new += 1;
        put.execute(params![new, ToSqlOutput::Borrowed(row.get_ref(1)?)])?;
        place.execute(params![row.get::<_, i64>(0)?, new])?;
    }
    drop(rows);
    book.execute_batch("DROP TABLE temp.used")
}

fn is_text(column: &str) -> bool {
    column.ends_with("_id")
}

fn copy_table(book: &Connection, table: &RowTable) -> rusqlite::Result<()> {
    let mut values = Vec::new();
    let mut joins = String::new();
    let value = |column: &str| match column {
        "release" => "o.new".to_owned(),
        c if is_text(c) => format!("t_{c}.new"),
        c => format!("s.{c}"),
    };
    for column in &table.columns {
        values.push(value(column));
        if is_text(column) {
            joins.push_str(&format!(" LEFT JOIN temp.text_order t_{column} ON t_{column}.old=s.{column}"));
        }
    }
    let key = if table.key.is_empty() { &table.columns } else { &table.key };
    let by = key.iter().map(|c| value(c)).collect::<Vec<_>>().join(", ");
    let (name, values) = (&table.name, values.join(", "));
    let head = format!("INSERT INTO main.{name} SELECT {values} FROM staging.{name} s");
    if key.first().is_some_and(|c| c == "release") {
        // A release at a time: its rows lie in this order already, and large ones need no sorting.
        let rest = key.iter().skip(1).map(|c| value(c)).collect::<Vec<_>>().join(", ");
        let order = if rest.is_empty() { String::new() } else { format!(" ORDER BY {rest}") };
        let sql =
            format!("{head} CROSS JOIN temp.release_order o ON o.old=?1{joins} WHERE s.release=?1{order}");
        let mut releases = book.prepare("SELECT old FROM temp.release_order ORDER BY new")?;
        let releases: Vec<i64> = releases.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
        let mut statement = book.prepare(&sql)?;
        for release in releases {
            statement.execute([release])?;
        }
        return Ok(());
    }
    book.execute_batch(&format!(
        "{head} CROSS JOIN temp.release_order o ON o.old=s.release{joins} ORDER BY {by}"
    ))
}
