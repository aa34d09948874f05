//! Reads the codes and names of a new book, and puts the finished indexes into it; reads them back at the first search.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use rusqlite::{Connection, OptionalExtension, params};

use crate::codebook::names::cell_name;
use crate::codebook::search::build::{Coded, Named, build};
use crate::codebook::search::index::{Index, Kind, Span};
use crate::codebook::search::vocabulary::own_names;
use crate::domain::CodeSystem;

/// The systems that are searched, each with its own index.
pub(crate) const SYSTEMS: [CodeSystem; 4] =
    [CodeSystem::Icd10cm, CodeSystem::Hcpcs, CodeSystem::Cpt, CodeSystem::Icd10pcs];

/// The name of the index of CPT numbers with their descriptors.
const LICENSED: &str = "cpt_licensed";

/// Indexes all codes of a book by their names. Called once, at the end of a build, when the table `validity` is made.
pub(crate) fn index(connection: &Connection) -> rusqlite::Result<()> {
    let mut put = connection.prepare("INSERT INTO search_index (system, data) VALUES (?1, ?2)")?;
    for system in SYSTEMS {
        let codes = codes(connection, system)?;
        if codes.is_empty() {
            continue;
        }
        let names = names(connection, system, &codes)?;
        let is_tree = matches!(system, CodeSystem::Icd10cm | CodeSystem::Icd10pcs);
        put.execute(params![system.as_str(), build(&codes, &names, is_tree).to_bytes()])?;
    }
    if let Some(index) = licensed(connection)? {
        put.execute(params![LICENSED, index.to_bytes()])?;
    }
    Ok(())
}

/// The index of CPT numbers with the descriptors that a licence allows to use, beside the one without them: a desk without
/// the licence finds nothing by their words. `None`: the book has none.
fn licensed(connection: &Connection) -> rusqlite::Result<Option<Index>> {
    let mut statement =
        connection.prepare("SELECT DISTINCT code, text FROM cpt_text ORDER BY code, kind, text")?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let texts: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
    if texts.is_empty() {
        return Ok(None);
    }
    let mut all = codes(connection, CodeSystem::Cpt)?;
    let mut spans = spans(connection, CodeSystem::Cpt)?;
    for (code, _) in &texts {
        if let Err(at) = all.binary_search_by(|c| c.code.cmp(code)) {
            let spans = spans.remove(code).unwrap_or_default();
            all.insert(at, Coded { code: code.clone(), text: String::new(), billable: true, spans });
        }
    }
    let mut names = names(connection, CodeSystem::Cpt, &all)?;
    names.extend(texts.into_iter().map(|(code, text)| Named { code, kind: Kind::Plain, text }));
    Ok(Some(build(&all, &names, false)))
}

/// The codes of a system with their newest texts, in their order.
fn codes(connection: &Connection, system: CodeSystem) -> rusqlite::Result<Vec<Coded>> {
    let mut all: BTreeMap<String, (String, bool)> = BTreeMap::new();
    let mut statement = connection.prepare(
        "SELECT c.code, t.text, c.billable FROM code c JOIN text t ON t.id=c.text_id JOIN release r ON r.id=c.release
         WHERE c.system=?1 ORDER BY c.code, r.first, r.kind='full', r.id",
    )?;
    let mut rows = statement.query([system.as_str()])?;
    while let Some(r) = rows.next()? {
        all.insert(r.get(0)?, (r.get(1)?, r.get(2)?));
    }
    if matches!(system, CodeSystem::Cpt | CodeSystem::Hcpcs) {
        let mut statement = connection.prepare("SELECT code FROM own_text WHERE dataset='plain_language'")?;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            let code: String = r.get(0)?;
            if crate::codebook::import::is_cpt(&code) == (system == CodeSystem::Cpt) {
                all.entry(code).or_insert_with(|| (String::new(), true));
            }
        }
    }
    let mut spans = spans(connection, system)?;
    let coded = |(code, (text, billable)): (String, (String, bool))| {
        let spans = spans.remove(&code).unwrap_or_default();
        Coded { code, text, billable, spans }
    };
    Ok(all.into_iter().map(coded).collect())
}

/// When each code of a system can be found.
fn spans(connection: &Connection, system: CodeSystem) -> rusqlite::Result<HashMap<String, Vec<Span>>> {
    let mut spans: HashMap<String, Vec<Span>> = HashMap::new();
    let mut statement = connection.prepare(
        "SELECT code, first, last, status FROM validity WHERE system=?1 AND status IN ('valid','header') ORDER BY code, first",
    )?;
    let mut rows = statement.query([system.as_str()])?;
    while let Some(r) = rows.next()? {
        let span = Span { from: r.get(1)?, to: r.get(2)?, billable: r.get_ref(3)?.as_str()? == "valid" };
        spans.entry(r.get(0)?).or_default().push(span);
    }
    Ok(spans)
}

/// The other names of a system's codes: of official tables, of our plain-language texts, and our own.
fn names(connection: &Connection, system: CodeSystem, codes: &[Coded]) -> rusqlite::Result<Vec<Named>> {
    let mut all = Vec::new();
    let mut statement = connection.prepare(
        "SELECT DISTINCT n.code, n.kind, t.text FROM name n JOIN text t ON t.id=n.text_id WHERE n.system=?1
         ORDER BY n.code, n.kind, t.text",
    )?;
    let mut rows = statement.query([system.as_str()])?;
    while let Some(r) = rows.next()? {
        let kind = Kind::told(r.get_ref(1)?.as_str()?);
        all.push(Named { code: r.get(0)?, kind, text: r.get(2)? });
    }
    if system == CodeSystem::Icd10cm {
        let mut statement = connection.prepare(
            "SELECT DISTINCT c.code, r.dataset, c.col, t.text FROM table_cell c JOIN release r ON r.id=c.release
             JOIN text t ON t.id=c.text_id ORDER BY c.code, r.dataset, c.col, t.text",
        )?;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            let dataset: String = r.get(1)?;
            let entry: String = r.get(3)?;
            let kind = if dataset == "icd10cm_drug" { Kind::Drug } else { Kind::Neoplasm };
            all.push(Named { code: r.get(0)?, kind, text: cell_name(&dataset, r.get(2)?, &entry) });
        }
    }
    let has = |code: &str| codes.binary_search_by(|c| c.code.as_str().cmp(code)).is_ok();
    if matches!(system, CodeSystem::Cpt | CodeSystem::Hcpcs) {
        let mut statement = connection.prepare(
            "SELECT code, text, words FROM own_text WHERE dataset='plain_language' ORDER BY code, release",
        )?;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            let code: String = r.get(0)?;
            if has(&code) {
                all.push(Named { code: code.clone(), kind: Kind::Plain, text: r.get(1)? });
                all.push(Named { code, kind: Kind::Plain, text: r.get(2)? });
            }
        }
    }
    let own = own_names(system.as_str(), has).into_iter();
    all.extend(own.map(|(code, text)| Named { code, kind: Kind::Own, text: text.to_owned() }));
    Ok(all)
}

/// The indexes of an open book, each read when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Indexes {
    slots: [OnceLock<Arc<Index>>; 4],
    licensed: OnceLock<Arc<Index>>,
}

impl Indexes {
    /// The index of a system; an empty one if the book has none. `licensed`: that of CPT with its descriptors.
    pub(crate) fn of(
        &self,
        connection: &Connection,
        system: CodeSystem,
        licensed: bool,
    ) -> rusqlite::Result<Arc<Index>> {
        let (place, name) = if licensed && system == CodeSystem::Cpt {
            (Some(&self.licensed), LICENSED)
        } else {
            let at = SYSTEMS.iter().position(|s| *s == system);
            (at.and_then(|at| self.slots.get(at)), system.as_str())
        };
        if let Some(index) = place.and_then(OnceLock::get) {
            return Ok(Arc::clone(index));
        }
        let mut statement = connection.prepare_cached("SELECT data FROM search_index WHERE system=?1")?;
        let index = statement
            .query_row([name], |r| Ok(Index::from_bytes(r.get_ref(0)?.as_blob()?)))
            .optional()?
            .unwrap_or_default();
        let index = Arc::new(index);
        Ok(place.map_or(Arc::clone(&index), |slot| Arc::clone(slot.get_or_init(|| index))))
    }
}
