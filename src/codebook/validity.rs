//! The table `validity`, made from the membership of all editions when a book is built, and what each edition changes
//! against the one before it.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{CachedStatement, Connection, params};

use crate::codebook::ReleaseChanges;
use crate::codebook::codes::attested;
use crate::codebook::coverage::{Loaded, loaded_releases};
use crate::codebook::edition::{Listed, Span, spans};
use crate::codebook::import::is_cpt;
use crate::codebook::membership::{self, Word};

/// What a release is known by: dataset, setting, name, kind, part.
pub(crate) type ReleaseKey = (String, String, String, String, u8);

/// What each edition changes. Editions with none before them are not in it.
pub(crate) type Changes = BTreeMap<ReleaseKey, ReleaseChanges>;

/// What a release's row says of a code, without its text: many codes share it, so what follows is derived once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Row {
    release: i64,
    billable: bool,
    added: Option<i32>,
    terminated: Option<i32>,
}

/// The rows of a code with what is known to lack it, and what follows.
type Known = HashMap<(Vec<Row>, Vec<i64>), Vec<Span>>;

/// Derives and stores the validity of every code.
pub(crate) fn store(connection: &Connection) -> rusqlite::Result<Changes> {
    let loaded = loaded_releases(connection)?;
    let absences = Absences::read(connection)?;
    let mut tally = Tally::over(&loaded);
    let mut put = connection.prepare_cached("INSERT INTO validity VALUES (?1,?2,?3,?4,?5)")?;
    let mut statement = connection.prepare(
        "SELECT system, code, release, billable, added, terminated FROM code ORDER BY system, code, release",
    )?;
    let mut rows = statement.query([])?;
    let (mut system, mut code, mut group) = (String::new(), String::new(), Vec::<Row>::new());
    let mut releases: Vec<&Loaded> = Vec::new();
    let mut known = Known::new();
    loop {
        let row = rows.next()?;
        let same = match &row {
            Some(r) => r.get_ref(0)?.as_str()? == system && r.get_ref(1)?.as_str()? == code,
            None => false,
        };
        if !same && !group.is_empty() {
            let absent = absences.of(&releases, &group, &code);
            tally.count(&releases, &group, &absent);
            let key = (std::mem::take(&mut group), absent);
            if !known.contains_key(&key) {
                let spans = spans_of(&releases, &key.0, &key.1)?;
                known.insert(key.clone(), spans);
            }
            write(&mut put, &system, &code, known.get(&key).map_or(&[][..], Vec::as_slice))?;
        }
        let Some(r) = row else { break };
        if !same {
            let next: String = r.get(0)?;
            if next != system {
                releases = loaded.iter().filter(|l| l.dataset == next && l.setting.is_none()).collect();
                known.clear();
                system = next;
            }
            code = r.get(1)?;
        }
        let release = r.get(2)?;
        group.push(Row { release, billable: r.get(3)?, added: r.get(4)?, terminated: r.get(5)? });
    }
    drop(rows);
    store_listed(connection, &loaded, &mut tally, &mut put)?;
    Ok(tally.changes(&loaded))
}

/// Service codes that no file of their own lists: CPT numbers, and HCPCS codes of the fee schedule and NCCI.
fn store_listed(
    connection: &Connection,
    loaded: &[Loaded],
    tally: &mut Tally,
    put: &mut CachedStatement<'_>,
) -> rusqlite::Result<()> {
    let others: Vec<&Loaded> = loaded.iter().collect();
    let mut has_own = connection.prepare("SELECT 1 FROM code WHERE system='hcpcs' AND code=?1")?;
    let mut statement = connection.prepare("SELECT code, release FROM listing ORDER BY code, release")?;
    let mut rows = statement.query([])?;
    let (mut code, mut group) = (String::new(), Vec::<(i64, u32)>::new());
    let mut known: HashMap<Vec<(i64, u32)>, Vec<Span>> = HashMap::new();
    loop {
        let row = rows.next()?;
        let same = match &row {
            Some(r) => r.get_ref(0)?.as_str()? == code,
            None => false,
        };
        if !same && !group.is_empty() {
            let listed = std::mem::take(&mut group);
            let plain = |(release, _): &(i64, u32)| Row {
                release: *release,
                billable: true,
                added: None,
                terminated: None,
            };
            tally.count(&others, &listed.iter().map(plain).collect::<Vec<_>>(), &[]);
            let system = if is_cpt(&code) { "cpt" } else { "hcpcs" };
            if system == "cpt" || !has_own.exists([&code])? {
                if !known.contains_key(&listed) {
                    known.insert(listed.clone(), spans(&attested(loaded, &listed)));
                }
                write(put, system, &code, known.get(&listed).map_or(&[][..], Vec::as_slice))?;
            }
        }
        let Some(r) = row else { break };
        if !same {
            code = r.get(0)?;
        }
        // The line does not matter here, and would tell codes apart that are alike.
        group.push((r.get(1)?, 0));
    }
    Ok(())
}

fn spans_of(releases: &[&Loaded], rows: &[Row], absent: &[i64]) -> rusqlite::Result<Vec<Span>> {
    let editions = membership::editions(releases.iter().copied(), |release| {
        Ok(match rows.iter().find(|r| r.release == release.id) {
            Some(r) => Word::Listed(Listed {
                release: r.release,
                billable: r.billable,
                added: r.added,
                terminated: r.terminated,
                text: String::new(),
                line: 0,
            }),
            None if absent.contains(&release.id) => Word::Absent,
            None => Word::Silent,
        })
    })?;
    Ok(spans(&editions))
}

fn write(put: &mut CachedStatement<'_>, system: &str, code: &str, spans: &[Span]) -> rusqlite::Result<()> {
    for span in spans {
        put.execute(params![system, code, span.first, span.last, span.status.as_str()])?;
    }
    Ok(())
}

/// What releases that are not full are known to lack.
struct Absences {
    absent: HashSet<(String, i64)>,
    under: HashSet<(String, i64)>,
    /// The releases that say anything of the kind.
    releases: HashSet<i64>,
}

impl Absences {
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let read = |sql: &str| -> rusqlite::Result<HashSet<(String, i64)>> {
            connection.prepare(sql)?.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
        };
        let absent = read("SELECT code, release FROM absent")?;
        let under = read("SELECT prefix, release FROM complete_under")?;
        let releases = absent.iter().chain(&under).map(|(_, release)| *release).collect();
        Ok(Self { absent, under, releases })
    }

    /// The releases that are known to lack a code which they do not list.
    fn of(&self, releases: &[&Loaded], rows: &[Row], code: &str) -> Vec<i64> {
        let lacks = |id: i64| {
            self.absent.contains(&(code.to_owned(), id))
                || (3..code.len())
                    .any(|end| self.under.contains(&(code.get(..end).unwrap_or(code).to_owned(), id)))
        };
        releases
            .iter()
            .filter(|l| !l.is_full() && self.releases.contains(&l.id))
            .map(|l| l.id)
            .filter(|id| !rows.iter().any(|r| r.release == *id) && lacks(*id))
            .collect()
    }
}

/// Counts what editions change.
struct Tally {
    /// A release, the one before it, whether absence ends a code, and the counts.
    pairs: Vec<(i64, i64, bool, ReleaseChanges)>,
}

impl Tally {
    fn over(loaded: &[Loaded]) -> Self {
        let mut pairs = Vec::new();
        for release in loaded.iter().filter(|l| matches!(l.kind.as_str(), "full" | "delta")) {
            let before = loaded.iter().rev().find(|l| {
                l.dataset == release.dataset
                    && l.setting == release.setting
                    && l.kind == "full"
                    && l.part == release.part
                    && l.begins() < release.begins()
            });
            if let Some(before) = before {
                pairs.push((release.id, before.id, release.kind == "full", ReleaseChanges::default()));
            }
        }
        Self { pairs }
    }

    fn count(&mut self, releases: &[&Loaded], rows: &[Row], absent: &[i64]) {
        let listed = |id: i64| rows.iter().any(|r| r.release == id);
        for (release, before, full, changes) in &mut self.pairs {
            if !releases.iter().any(|l| l.id == *release) {
                continue;
            }
            match (listed(*before), listed(*release)) {
                (false, true) => changes.added += 1,
                (true, false) if *full || absent.contains(release) => changes.ended += 1,
                _ => {}
            }
        }
    }

    fn changes(self, loaded: &[Loaded]) -> Changes {
        let mut all = Changes::new();
        for (id, _, _, changes) in self.pairs {
            if let Some(l) = loaded.iter().find(|l| l.id == id) {
                let setting = l.setting.map_or(String::new(), |s| s.as_str().to_owned());
                let key = (l.dataset.clone(), setting, l.name.clone(), l.kind.clone(), l.part);
                all.insert(key, changes);
            }
        }
        all
    }
}
