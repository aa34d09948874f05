//! Passages found by words, or by a code that they name.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::codebook::coverage::Loaded;
use crate::codebook::error::SqlContext;
use crate::codebook::manual::sentences::{best, sentences};
use crate::codebook::manual::words::{MOST_SECTIONS, asked, expression};
use crate::codebook::manual::{Manual, SectionRef, ancestry, evidence};
use crate::codebook::{Codebook, CodebookError, Dated};
use crate::domain::{CivilDate, CodeSystem};

/// A section that was found, with the sentence that it was found by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundPassage {
    /// The manual.
    pub manual: Manual,
    /// The section.
    pub at: SectionRef,
    /// As one cites it: `chapter IV §H.6`.
    pub cited: String,
    /// The titles around it, the outermost first.
    pub within: Vec<String>,
    /// Its sentence that says most of what was asked for; empty if it has no text of its own.
    pub sentence: String,
    /// The page of that sentence.
    pub page: String,
}

impl FoundPassage {
    /// Its title; of a numbered paragraph, which has none, that of the section around it.
    #[must_use]
    pub fn heading(&self) -> &str {
        if self.at.title.is_empty() { self.within.last().map_or("", String::as_str) } else { &self.at.title }
    }
}

const DOING: &str = "searching the manuals";
/// The most sections that are found at once.
const MOST_FOUND: usize = 200;

/// A section by its release and number.
type Place = (i64, i64);

impl Codebook {
    /// The sections of the manuals (of one, if it is named) that say what is asked, the best first, in the editions in
    /// force on a date. Codes in the query find the sections that name them.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn passages(
        &self,
        query: &str,
        on: CivilDate,
        manual: Option<Manual>,
        limit: usize,
    ) -> Result<Vec<Dated<FoundPassage>>, CodebookError> {
        let limit = limit.min(MOST_FOUND);
        let releases = self.in_force(manual, on);
        let connection = self.connection()?;
        let mut places: Vec<Place> = Vec::new();
        for (manual, release) in &releases {
            // A section by its name.
            for section in manual.sections_in(query).iter().filter(|s| s.contains('.')) {
                places.extend(
                    super::number_of(&connection, release.id, section).doing(DOING)?.map(|n| (release.id, n)),
                );
            }
        }
        for code in codes_in(query) {
            for (_, release) in &releases {
                places
                    .extend(naming(&connection, release.id, &code, limit).doing(DOING)?.iter().map(|f| f.0));
            }
        }
        let asked = asked(query);
        for all in [true, false] {
            if places.len() < limit && !asked.is_empty() {
                let expression = expression(&asked, all);
                places.extend(by_words(&connection, &releases, &expression, limit).doing(DOING)?);
            }
        }
        let mut seen = HashSet::new();
        places.retain(|place| seen.insert(*place));
        places.truncate(limit);
        let known: HashMap<i64, (Manual, &Loaded)> =
            releases.into_iter().map(|(m, r)| (r.id, (m, r))).collect();
        let mut found = Vec::new();
        for (release, n) in places {
            let Some((manual, release)) = known.get(&release) else { continue };
            let chosen = paragraphs(&connection, release.id, n).doing(DOING)?;
            let sentence = best(chosen.iter().map(|p| p.1.as_str()), query, 1).pop().unwrap_or_default();
            found.extend(describe(&connection, *manual, release, n, sentence, &chosen, on).doing(DOING)?);
        }
        Ok(found)
    }

    /// The sections of the manuals that name a code (with or without its dot), those that name it most closely first,
    /// in the editions in force on a date: the Official Guidelines for diagnoses, the NCCI Policy Manual for CPT and
    /// HCPCS. Ranges count (`T36-T50`); what names a whole chapter comes last.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn passages_for_code(
        &self,
        system: CodeSystem,
        code: &str,
        on: CivilDate,
        limit: usize,
    ) -> Result<Vec<Dated<FoundPassage>>, CodebookError> {
        let manual = match system {
            CodeSystem::Icd10cm => Manual::OfficialGuidelines,
            CodeSystem::Cpt | CodeSystem::Hcpcs => Manual::NcciPolicy,
            CodeSystem::Icd10pcs => return Ok(Vec::new()),
        };
        let Some(release) = self.manual_release(manual, on) else { return Ok(Vec::new()) };
        let asked = Code {
            service: manual == Manual::NcciPolicy,
            code: code.trim().replace('.', "").to_ascii_uppercase(),
        };
        let connection = self.connection()?;
        let mut found = Vec::new();
        for ((_, n), k, written) in
            naming(&connection, release.id, &asked, limit.min(MOST_FOUND)).doing(DOING)?
        {
            let own = paragraphs(&connection, release.id, n).doing(DOING)?;
            let named = own.get(usize::try_from(k).unwrap_or(0)).map_or("", |p| p.1.as_str());
            let sentence = sentences(named).into_iter().find(|s| s.replace('.', "").contains(&written));
            let sentence = sentence.or_else(|| sentences(named).first().copied()).unwrap_or("").to_owned();
            found.extend(describe(&connection, manual, release, n, sentence, &own, on).doing(DOING)?);
        }
        Ok(found)
    }

    fn in_force(&self, manual: Option<Manual>, on: CivilDate) -> Vec<(Manual, &Loaded)> {
        let wanted = Manual::ALL.into_iter().filter(|m| manual.is_none_or(|one| one == *m));
        wanted.filter_map(|m| Some((m, self.manual_release(m, on)?))).collect()
    }
}

/// A code that is asked for.
#[derive(Debug)]
struct Code {
    /// CPT or HCPCS.
    service: bool,
    /// Without a dot.
    code: String,
}

/// The codes in a query.
fn codes_in(query: &str) -> Vec<Code> {
    let words =
        query.split([' ', ',', ';', '/', '(', ')']).map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()));
    let code = |word: &str| {
        let written = word.to_ascii_uppercase();
        let code = written.replace('.', "");
        let mut chars = code.chars();
        let letter = chars.next().is_some_and(|c| c.is_ascii_uppercase());
        let figure = chars.next().is_some_and(|c| c.is_ascii_digit());
        let plain = code.bytes().all(|b| b.is_ascii_alphanumeric());
        if crate::codebook::import::is_service_code(&code) && !written.contains('.') {
            return Some(Code { service: true, code });
        }
        (letter && figure && plain && (3..=7).contains(&code.len())).then_some(Code { service: false, code })
    };
    words.filter_map(code).take(8).collect()
}

/// The sections that name a code: place, paragraph, and how the code or the beginning of its range is written there
/// (without dots). The closest first: the code itself, then what stands above it, then ranges by their width.
fn naming(
    connection: &Connection,
    release: i64,
    code: &Code,
    limit: usize,
) -> rusqlite::Result<Vec<(Place, i64, String)>> {
    let system = if code.service { "service" } else { "icd10cm" };
    let mut all: Vec<(u32, i64, i64, String)> = Vec::new();
    let mut single = connection.prepare_cached(
        "SELECT n, k FROM manual_mention WHERE system=?1 AND first=?2 AND last=?2 AND release=?3 ORDER BY n, k",
    )?;
    let shortest = if code.service { code.code.len() } else { 3 };
    for (above, length) in (shortest..=code.code.len()).rev().zip(0_u32..).map(|(l, a)| (a, l)) {
        let Some(beginning) = code.code.get(..length) else { continue };
        let rows = single.query_map(params![system, beginning, release], |r| Ok((r.get(0)?, r.get(1)?)))?;
        for row in rows {
            let (n, k) = row?;
            all.push((above, n, k, beginning.to_owned()));
        }
    }
    let mut ranges = connection.prepare_cached(
        "SELECT n, k, first, last FROM manual_mention
         WHERE system=?1 AND first<>last AND first<=?2 AND substr(?2,1,length(last))<=last AND release=?3 ORDER BY n, k",
    )?;
    let rows = ranges.query_map(params![system, code.code, release], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get::<_, String>(2)?, r.get::<_, String>(3)?))
    })?;
    for row in rows {
        let (n, k, first, last) = row?;
        if !code.service || first.len() == code.code.len() {
            all.push((100 + width(&first, &last), n, k, first));
        }
    }
    all.sort();
    let mut seen = HashSet::new();
    all.retain(|(_, n, ..)| seen.insert(*n));
    all.truncate(limit);
    Ok(all.into_iter().map(|(_, n, k, written)| ((release, n), k, written)).collect())
}

/// How wide a range is, roughly: the distance of its ends as numbers of base 36, of their first three characters for
/// diagnoses and of all for services.
fn width(first: &str, last: &str) -> u32 {
    let number = |code: &str| {
        let length = if code.len() == 5 { 5 } else { 3 };
        code.chars()
            .take(length)
            .fold(0_u32, |n, c| n.saturating_mul(36).saturating_add(c.to_digit(36).unwrap_or(0)))
    };
    number(last).abs_diff(number(first)).min(1_000_000_000)
}

fn by_words(
    connection: &Connection,
    releases: &[(Manual, &Loaded)],
    expression: &str,
    limit: usize,
) -> rusqlite::Result<Vec<Place>> {
    let mut statement = connection.prepare_cached(
        "SELECT rowid, bm25(manual_words, 4.0, 1.0) AS score FROM manual_words
         WHERE manual_words MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY score, rowid LIMIT ?4",
    )?;
    let mut all: Vec<(f64, i64)> = Vec::new();
    for (_, release) in releases {
        let first = release.id * MOST_SECTIONS;
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![expression, first, first + MOST_SECTIONS - 1, most], |r| {
            Ok((r.get(1)?, r.get(0)?))
        })?;
        for row in rows {
            all.push(row?);
        }
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    all.truncate(limit);
    Ok(all.into_iter().map(|(_, id)| (id / MOST_SECTIONS, id % MOST_SECTIONS)).collect())
}

/// The paragraphs of a section: page and text.
fn paragraphs(connection: &Connection, release: i64, n: i64) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare_cached("SELECT page, text FROM manual_paragraph WHERE release=?1 AND n=?2 ORDER BY k")?
        .query_map(params![release, n], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect()
}

fn describe(
    connection: &Connection,
    manual: Manual,
    release: &Loaded,
    n: i64,
    sentence: String,
    own: &[(String, String)],
    on: CivilDate,
) -> rusqlite::Result<Option<Dated<FoundPassage>>> {
    let mut around = ancestry(connection, release.id, n)?;
    let Some(at) = around.pop() else { return Ok(None) };
    let page = own
        .iter()
        .find(|(_, text)| !sentence.is_empty() && text.contains(&sentence))
        .map(|(page, _)| page.clone());
    let page = page.unwrap_or_else(|| at.page.clone());
    Ok(Some(Dated {
        coverage: Some(release.coverage(on.days())),
        evidence: Some(evidence(manual, release, &at.section, &page)),
        value: FoundPassage {
            manual,
            cited: manual.cited(&at.section),
            within: around.into_iter().map(|s| s.title).filter(|t| !t.is_empty()).collect(),
            at,
            sentence,
            page,
        },
    }))
}
