//! Codes files and addenda beside the full edition of the same days: they add nothing to it, and their rows are not
//! kept twice. Alone, a codes file lends its headings the texts that other editions have for them.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::codebook::validity::ReleaseKey;

/// Releases that a full edition of the same first day makes superfluous.
const BESIDE: &str =
    "FROM release r WHERE r.kind IN ('billable','delta') AND r.dataset IN ('icd10cm','icd10pcs')
    AND EXISTS (SELECT 1 FROM release f WHERE f.dataset=r.dataset AND f.setting=r.setting AND f.kind='full'
                AND f.part=0 AND f.first=r.first)";

/// Called on all rows before a book is put in order: what it does follows from what is loaded, not from the order in
/// which that came.
pub(crate) fn settle(connection: &Connection) -> rusqlite::Result<()> {
    let billable: bool =
        connection
            .query_row("SELECT EXISTS (SELECT 1 FROM release WHERE kind='billable')", [], |r| r.get(0))?;
    if !billable {
        return Ok(());
    }
    connection.execute_batch(&format!(
        "DELETE FROM code WHERE release IN (SELECT r.id {BESIDE} AND r.kind='billable')"
    ))?;
    // The nearest edition before (else after) that has a text of its own.
    connection.execute_batch(
        "INSERT OR IGNORE INTO text (text) VALUES ('');
         UPDATE code SET text_id = coalesce(
           (SELECT o.text_id FROM code o JOIN release r ON r.id=o.release JOIN release s ON s.id=code.release
              JOIN text t ON t.id=o.text_id
            WHERE o.system=code.system AND o.code=code.code AND r.kind<>'billable' AND t.text<>''
            ORDER BY r.first<=s.first DESC, abs(r.first-s.first), r.kind DESC, r.name LIMIT 1),
           (SELECT id FROM text WHERE text=''))
         WHERE billable=0 AND release IN (SELECT id FROM release WHERE kind='billable');",
    )
}

/// The releases that add nothing to the full edition beside them.
pub(crate) fn superfluous(connection: &Connection) -> rusqlite::Result<BTreeSet<ReleaseKey>> {
    let sql = format!("SELECT r.dataset, r.setting, r.name, r.kind, r.part {BESIDE}");
    let mut statement = connection.prepare(&sql)?;
    let keys = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)))?;
    keys.collect()
}
