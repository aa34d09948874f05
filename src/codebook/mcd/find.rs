//! Looking coverage documents up: by a service, by a diagnosis, by their own number.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use crate::codebook::coverage::Loaded;
use crate::codebook::error::SqlContext;
use crate::codebook::mcd::versions::{Edition, InForce, Version, in_force};
use crate::codebook::mcd::{CoverageArea, CoverageDocument, CoverageDocuments, CoverageKind, area, runs};
use crate::codebook::{Codebook, CodebookError, Coverage};
use crate::domain::{CivilDate, Evidence};

/// What evidence names.
pub(crate) const SOURCE: &str = "Medicare Coverage Database";
/// The most documents of one service that are weighed; none has so many.
const MOST: usize = 500;
const DOING: &str = "looking coverage documents up";

const DATASETS: [(&str, &[CoverageKind]); 5] = [
    ("mcd_ncd", &[CoverageKind::Ncd]),
    ("mcd_lcd", &[CoverageKind::Lcd]),
    ("mcd_article", &[CoverageKind::Article]),
    ("mcd_list", &[CoverageKind::Lcd, CoverageKind::Article]),
    ("mcd_state", &[]),
];

/// A document, whatever its version.
type Number = (CoverageKind, u32);

impl Codebook {
    /// The coverage documents in force that speak of a service: those whose code lists have it, and the LCDs and NCDs
    /// that belong to these. `area`: a state or a contractor's jurisdiction; without one, those of all.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn coverage_documents(
        &self,
        code: &str,
        on: CivilDate,
        area: Option<&CoverageArea>,
    ) -> Result<CoverageDocuments, CodebookError> {
        let code = code.to_ascii_uppercase();
        self.search_documents(on, area, MOST, |connection| {
            let mut found: BTreeMap<Number, Vec<(u16, u16)>> = BTreeMap::new();
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT kind, number, version, grp FROM coverage_code WHERE code=?1 ORDER BY kind, number, version, grp",
            )?;
            let mut rows = statement.query([&code])?;
            while let Some(row) = rows.next()? {
                if let Some(kind) = CoverageKind::of_word(row.get_ref(0)?.as_str()?) {
                    found.entry((kind, row.get(1)?)).or_default().push((row.get(2)?, row.get(3)?));
                }
            }
            Ok(found)
        })
    }

    /// The coverage documents in force on whose lists a diagnosis stands (`coverage_of_diagnosis` says on which): of at
    /// most so many, and how many more have had it in any version.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn coverage_naming_diagnosis(
        &self,
        diagnosis: &str,
        on: CivilDate,
        area: Option<&CoverageArea>,
        most: usize,
    ) -> Result<CoverageDocuments, CodebookError> {
        let code = diagnosis.replace('.', "").to_ascii_uppercase();
        self.search_documents(on, area, most, |connection| {
            let mut found: BTreeMap<Number, Vec<(u16, u16)>> = BTreeMap::new();
            let mut statement =
                connection.prepare_cached("SELECT entries FROM coverage_diagnosis WHERE code=?1")?;
            let mut rows = statement.query([&code])?;
            while let Some(row) = rows.next()? {
                for place in runs::places(row.get_ref(0)?.as_blob()?) {
                    found.entry((place.kind, place.number)).or_default().push((place.version, place.group));
                }
            }
            Ok(found)
        })
    }

    fn search_documents(
        &self,
        on: CivilDate,
        area: Option<&CoverageArea>,
        most: usize,
        find: impl FnOnce(&Connection) -> rusqlite::Result<BTreeMap<Number, Vec<(u16, u16)>>>,
    ) -> Result<CoverageDocuments, CodebookError> {
        let loaded: Vec<&Loaded> = self.coverage_releases().collect();
        let mut out =
            CoverageDocuments { documents: Vec::new(), elsewhere: 0, more: 0, releases: Vec::new() };
        if loaded.is_empty() {
            return Ok(out);
        }
        out.releases = asked(&loaded, on);
        let connection = self.connection()?;
        let search = Search { connection: &connection, loaded: &loaded, editions: editions(&loaded), on };
        let named = find(&connection).doing(DOING)?;
        out.more = named.len().saturating_sub(most);
        let mut met: BTreeSet<Number> = named.keys().copied().collect();
        let mut related: Vec<(Number, String)> = Vec::new();
        for (number, places) in named.into_iter().take(most) {
            let Some(mut document) = search.in_force(number).doing(DOING)? else { continue };
            let groups: BTreeSet<u16> =
                places.iter().filter(|p| p.0 == document.version).map(|p| p.1).collect();
            // An earlier or later version had it.
            if groups.is_empty() {
                continue;
            }
            document.groups = groups.into_iter().collect();
            for other in search.related(number, document.version).doing(DOING)? {
                if met.insert(other) {
                    related.push((other, document.id.clone()));
                }
            }
            out.take(document, area);
        }
        for (number, through) in related {
            if let Some(mut document) = search.in_force(number).doing(DOING)? {
                document.through = Some(through);
                out.take(document, area);
            }
        }
        out.documents.sort_by_key(|d| (d.kind, d.number));
        Ok(out)
    }

    /// A coverage document by its name (`L33577`, `A56781`, `NCD 220.4`), in the version in force. `None`: no loaded
    /// release has it in force on the date.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn coverage_document(
        &self,
        id: &str,
        on: CivilDate,
    ) -> Result<Option<CoverageDocument>, CodebookError> {
        let loaded: Vec<&Loaded> = self.coverage_releases().collect();
        let id = id.trim().to_ascii_uppercase();
        let connection = self.connection()?;
        let search = Search { connection: &connection, loaded: &loaded, editions: editions(&loaded), on };
        let Some(number) = search.number_of(&id).doing(DOING)? else { return Ok(None) };
        search.in_force(number).doing(DOING)
    }

    fn coverage_releases(&self) -> impl Iterator<Item = &Loaded> {
        self.loaded.iter().filter(|l| DATASETS.iter().any(|d| d.0 == l.dataset))
    }
}

impl CoverageDocuments {
    /// Takes a document if it holds for the area. One whose states are not known is taken.
    fn take(&mut self, document: CoverageDocument, area: Option<&CoverageArea>) {
        match area {
            Some(area) if !document.states.is_empty() && !area.meets(&document.states) => self.elsewhere += 1,
            _ => self.documents.push(document),
        }
    }
}

/// The releases as look-ups weigh them.
fn editions(loaded: &[&Loaded]) -> Vec<Edition> {
    let edition = |l: &&Loaded| Edition {
        id: l.id,
        days: l.first.map(|first| (first, l.last.unwrap_or(first))),
        full: l.is_full(),
        kinds: DATASETS.iter().find(|d| d.0 == l.dataset).map_or(&[] as &[CoverageKind], |d| d.1),
    };
    loaded.iter().map(edition).collect()
}

/// The newest release of each dataset, newest first: what is not found is not in these.
fn asked(loaded: &[&Loaded], on: CivilDate) -> Vec<Coverage> {
    let mut newest: Vec<&Loaded> = Vec::new();
    // A list of documents and an export of NCDs name no codes.
    for dataset in ["mcd_lcd", "mcd_article", "mcd_state"] {
        newest.extend(loaded.iter().filter(|l| l.dataset == dataset).max_by_key(|l| (l.first, l.id)));
    }
    newest.sort_by_key(|l| std::cmp::Reverse(l.first));
    newest.into_iter().map(|l| coverage(l, l.first.is_some() && l.holds_on(on.days()), on)).collect()
}

/// A release as the basis of a fact. One without a date is known for none: it is said to be of the day asked for.
fn coverage(release: &Loaded, covers: bool, on: CivilDate) -> Coverage {
    let day = |d: Option<i32>| d.map_or(on, CivilDate::from_days);
    Coverage { release: release.name.clone(), from: day(release.first), to: day(release.last), covers }
}

/// One look-up.
struct Search<'a> {
    connection: &'a Connection,
    loaded: &'a [&'a Loaded],
    editions: Vec<Edition>,
    on: CivilDate,
}

/// A version's row of one release.
struct Stored {
    version: Version,
    shown: String,
    title: String,
    sort: String,
    contractors: String,
    states: String,
    covered: usize,
    noncovered: usize,
    line: u32,
}

impl Search<'_> {
    /// The version in force, as the release that speaks for it best has it; what that leaves open is taken from the
    /// others' rows of the version.
    fn in_force(&self, number: Number) -> rusqlite::Result<Option<CoverageDocument>> {
        let mut rows = self.stored(number)?;
        let versions: Vec<Version> = rows.iter().map(|r| r.version).collect();
        let Some(held) = in_force(number.0, &versions, &self.editions, self.on.days()) else {
            return Ok(None);
        };
        rows.retain(|r| r.version.version == held.version);
        rows.sort_by_key(|r| (r.version.release != held.release, std::cmp::Reverse(r.version.release)));
        Ok(Some(self.document(number, held, &rows)))
    }

    fn stored(&self, (kind, number): Number) -> rusqlite::Result<Vec<Stored>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT d.version, d.release, d.shown, d.title, d.sort, d.first, d.last, d.retired, c.text, s.text,
                    d.covered, d.noncovered, d.line
             FROM coverage_document d JOIN text c ON c.id=d.contractors_id JOIN text s ON s.id=d.states_id
             WHERE d.kind=?1 AND d.number=?2",
        )?;
        let count = |n: i64| usize::try_from(n).unwrap_or(0);
        let rows = statement.query_map(params![kind.word(), number], |r| {
            let (last, retired): (Option<i32>, Option<i32>) = (r.get(6)?, r.get(7)?);
            Ok(Stored {
                version: Version {
                    version: r.get(0)?,
                    release: r.get(1)?,
                    first: r.get(5)?,
                    // Both may be there: the document ends with the earlier.
                    last: [last, retired].into_iter().flatten().min(),
                },
                shown: r.get(2)?,
                title: r.get(3)?,
                sort: r.get(4)?,
                contractors: r.get(8)?,
                states: r.get(9)?,
                covered: count(r.get(10)?),
                noncovered: count(r.get(11)?),
                line: r.get(12)?,
            })
        })?;
        rows.collect()
    }

    fn document(&self, (kind, number): Number, held: InForce, rows: &[Stored]) -> CoverageDocument {
        let release = self.loaded.iter().find(|l| l.id == held.release);
        let name = release.map_or(String::new(), |l| l.name.clone());
        let none = || Coverage { release: name.clone(), from: self.on, to: self.on, covers: false };
        let text = |of: fn(&Stored) -> &String| {
            rows.iter().map(of).find(|t| !t.is_empty()).cloned().unwrap_or_default()
        };
        let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (id, line) = (text(|r| &r.shown), rows.first().map_or(0, |r| r.line));
        let version = if held.version == 0 { String::new() } else { format!(", version {}", held.version) };
        let locator = match line {
            0 => format!("{id}{version}"),
            line => format!("line {line}, {id}{version}"),
        };
        let contractors = lines(text(|r| &r.contractors));
        let mut states = lines(text(|r| &r.states));
        let unknown = states.is_empty() && kind != CoverageKind::Ncd;
        if unknown {
            let named: BTreeSet<&str> =
                contractors.iter().flat_map(|c| area::states_of_contractor(c)).collect();
            states = named.into_iter().map(str::to_owned).collect();
        }
        CoverageDocument {
            id,
            kind,
            number,
            version: held.version,
            title: text(|r| &r.title),
            sort: text(|r| &r.sort),
            effective: rows.iter().find_map(|r| r.version.first).map(CivilDate::from_days),
            ends: rows.iter().find_map(|r| r.version.last).map(CivilDate::from_days),
            states_by_name: unknown && !states.is_empty(),
            contractors,
            states,
            through: None,
            groups: Vec::new(),
            covered: rows.iter().map(|r| r.covered).max().unwrap_or(0),
            noncovered: rows.iter().map(|r| r.noncovered).max().unwrap_or(0),
            url: address(kind, number, held.version),
            coverage: release.map_or_else(none, |l| coverage(l, held.covers, self.on)),
            evidence: Evidence { source: SOURCE.to_owned(), release: name, locator },
        }
    }

    fn related(&self, (kind, number): Number, version: u16) -> rusqlite::Result<Vec<Number>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT other_kind, other_number FROM coverage_relation
             WHERE kind=?1 AND number=?2 AND version=?3 AND other_kind<>'article' ORDER BY other_kind, other_number",
        )?;
        let rows = statement.query_map(params![kind.word(), number, version], |r| {
            Ok((CoverageKind::of_word(r.get_ref(0)?.as_str()?), r.get(1)?))
        })?;
        let all: Vec<(Option<CoverageKind>, u32)> = rows.collect::<Result<_, _>>()?;
        Ok(all.into_iter().filter_map(|(kind, number)| Some((kind?, number))).collect())
    }

    /// The document with this name.
    fn number_of(&self, id: &str) -> rusqlite::Result<Option<Number>> {
        let by_letter = |letter: char, kind| Some((kind, id.strip_prefix(letter)?.parse::<u32>().ok()?));
        if let Some(found) = by_letter('L', CoverageKind::Lcd).or(by_letter('A', CoverageKind::Article)) {
            return Ok(Some(found));
        }
        let section = id.strip_prefix("NCD").unwrap_or(id).trim();
        let mut statement = self
            .connection
            .prepare_cached("SELECT number FROM coverage_document WHERE kind='ncd' AND shown=?1 LIMIT 1")?;
        let mut rows = statement.query([format!("NCD {section}")])?;
        rows.next()?.map(|r| Ok((CoverageKind::Ncd, r.get(0)?))).transpose()
    }
}

/// The page of a version at CMS.
fn address(kind: CoverageKind, number: u32, version: u16) -> String {
    let (page, id, ver) = match kind {
        CoverageKind::Ncd => ("ncd", "ncdid", "ncdver"),
        CoverageKind::Lcd => ("lcd", "lcdid", "ver"),
        CoverageKind::Article => ("article", "articleid", "ver"),
    };
    let version = if version == 0 { String::new() } else { format!("&{ver}={version}") };
    format!("https://www.cms.gov/medicare-coverage-database/view/{page}.aspx?{id}={number}{version}")
}
