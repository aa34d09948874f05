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
            let Some(held) = search.in_force(number).doing(DOING)? else { continue };
            let groups: BTreeSet<u16> = places.iter().filter(|p| p.0 == held.version).map(|p| p.1).collect();
            // An earlier or later version had it.
            if groups.is_empty() {
                continue;
            }
            let mut document = search.document(number, held).doing(DOING)?;
            document.groups = groups.into_iter().collect();
            for other in search.related(number, held.version).doing(DOING)? {
                if met.insert(other) {
                    related.push((other, document.id.clone()));
                }
            }
            out.take(document, area);
        }
        for (number, through) in related {
            if let Some(held) = search.in_force(number).doing(DOING)? {
                let mut document = search.document(number, held).doing(DOING)?;
                document.through = Some(through);
                out.take(document, area);
            }
        }
        out.documents.sort_by(|a, b| (a.kind, a.number).cmp(&(b.kind, b.number)));
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
        let Some(held) = search.in_force(number).doing(DOING)? else { return Ok(None) };
        search.document(number, held).doing(DOING).map(Some)
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

impl Search<'_> {
    fn in_force(&self, (kind, number): Number) -> rusqlite::Result<Option<InForce>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT version, first, last, retired, release FROM coverage_document WHERE kind=?1 AND number=?2",
        )?;
        let versions: Vec<Version> = statement
            .query_map(params![kind.word(), number], |r| {
                let (last, retired): (Option<i32>, Option<i32>) = (r.get(2)?, r.get(3)?);
                // Both may be there: the document ends with the earlier.
                let last = [last, retired].into_iter().flatten().min();
                Ok(Version { version: r.get(0)?, first: r.get(1)?, last, release: r.get(4)? })
            })?
            .collect::<Result<_, _>>()?;
        Ok(in_force(kind, &versions, &self.editions, self.on.days()))
    }

    /// The row that speaks for a version; what it leaves open is taken from the other releases' rows of the version.
    fn document(&self, (kind, number): Number, held: InForce) -> rusqlite::Result<CoverageDocument> {
        let mut statement = self.connection.prepare_cached(
            "SELECT d.release, d.shown, d.title, d.sort, d.first, d.last, d.retired, c.text, s.text, d.line
             FROM coverage_document d JOIN text c ON c.id=d.contractors_id JOIN text s ON s.id=d.states_id
             WHERE d.kind=?1 AND d.number=?2 AND d.version=?3 ORDER BY d.release=?4 DESC, d.release DESC",
        )?;
        let mut rows = statement.query(params![kind.word(), number, held.version, held.release])?;
        let release = self.loaded.iter().find(|l| l.id == held.release);
        let name = release.map_or(String::new(), |l| l.name.clone());
        let none = || Coverage { release: name.clone(), from: self.on, to: self.on, covers: false };
        let mut out = CoverageDocument {
            id: String::new(),
            kind,
            number,
            version: held.version,
            title: String::new(),
            sort: String::new(),
            effective: None,
            ends: None,
            contractors: Vec::new(),
            states: Vec::new(),
            states_by_name: false,
            through: None,
            groups: Vec::new(),
            covered: 0,
            noncovered: 0,
            url: address(kind, number, held.version),
            coverage: release.map_or_else(none, |l| coverage(l, held.covers, self.on)),
            evidence: Evidence { source: SOURCE.to_owned(), release: name.clone(), locator: String::new() },
        };
        let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
        while let Some(row) = rows.next()? {
            let day = |at: usize| row.get::<_, Option<i32>>(at).map(|d| d.map(CivilDate::from_days));
            if out.id.is_empty() {
                out.id = row.get(1)?;
                out.title = row.get(2)?;
                let version =
                    if held.version == 0 { String::new() } else { format!(", version {}", held.version) };
                out.evidence.locator = match row.get(9)? {
                    0u32 => format!("{}{version}", out.id),
                    line => format!("line {line}, {}{version}", out.id),
                };
            }
            if out.sort.is_empty() {
                out.sort = row.get(3)?;
            }
            out.effective = out.effective.or(day(4)?);
            out.ends = out.ends.or([day(5)?, day(6)?].into_iter().flatten().min());
            if out.contractors.is_empty() {
                out.contractors = lines(row.get(7)?);
            }
            if out.states.is_empty() {
                out.states = lines(row.get(8)?);
            }
        }
        if out.states.is_empty() && kind != CoverageKind::Ncd {
            let named: BTreeSet<&str> =
                out.contractors.iter().flat_map(|c| area::states_of_contractor(c)).collect();
            out.states = named.into_iter().map(str::to_owned).collect();
            out.states_by_name = !out.states.is_empty();
        }
        (out.covered, out.noncovered) = self.counts((kind, number), held.version)?;
        Ok(out)
    }

    /// How many diagnoses the lists of a version have.
    fn counts(&self, (kind, number): Number, version: u16) -> rusqlite::Result<(usize, usize)> {
        let mut statement = self.connection.prepare_cached(
            "SELECT release, list, sum(length(codes)) FROM coverage_group WHERE kind=?1 AND number=?2 AND version=?3
             GROUP BY release, list",
        )?;
        let mut rows = statement.query(params![kind.word(), number, version])?;
        let (mut covered, mut noncovered) = (0, 0);
        while let Some(row) = rows.next()? {
            let bytes: i64 = row.get(2)?;
            let codes = runs::count(usize::try_from(bytes).unwrap_or(0));
            let count = if row.get(1)? { &mut covered } else { &mut noncovered };
            *count = codes.max(*count);
        }
        Ok((covered, noncovered))
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
