//! Codes by words: FTS5 finds candidates, the ranking, the synonyms and the tolerance of typing errors are ours.

use std::cmp::Ordering;

use rusqlite::{Connection, params};

use crate::codebook::codes::compact;
use crate::codebook::error::SqlContext;
use crate::codebook::vocabulary::{Concept, concepts, words_of};
use crate::codebook::{Codebook, CodebookError, SearchHit};
use crate::domain::{CivilDate, CodeStatus, CodeSystem};

/// How many candidates are ranked.
const CANDIDATES: usize = 400;

/// Indexes every code's newest text, with our own words for it. Called once, at the end of a build.
pub(crate) fn index(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("INSERT INTO search(search) VALUES ('delete-all'); DELETE FROM search_code;")?;
    let mut texts: std::collections::BTreeMap<(String, String), String> = std::collections::BTreeMap::new();
    {
        let mut statement = connection.prepare(
            "SELECT c.system, c.code, t.text FROM code c JOIN text t ON t.id=c.text_id JOIN release r ON r.id=c.release
             ORDER BY r.first, r.kind='full'",
        )?;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            texts.insert((r.get(0)?, r.get(1)?), r.get(2)?);
        }
        let mut statement = connection.prepare(
            "SELECT code, text, words FROM own_text WHERE dataset='plain_language' ORDER BY release",
        )?;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            let (code, text, words): (String, String, String) = (r.get(0)?, r.get(1)?, r.get(2)?);
            let system =
                if crate::codebook::import::is_cpt(&code) { CodeSystem::Cpt } else { CodeSystem::Hcpcs };
            let all = texts.entry((system.as_str().to_owned(), code)).or_default();
            all.push(' ');
            all.push_str(&text);
            all.push(' ');
            all.push_str(&words);
        }
    }
    let mut put = connection.prepare("INSERT INTO search (rowid, words) VALUES (?1,?2)")?;
    let mut name = connection.prepare("INSERT INTO search_code VALUES (?1,?2,?3,?4)")?;
    for (id, ((system, code), text)) in texts.iter().enumerate() {
        let id = i64::try_from(id + 1).unwrap_or(i64::MAX);
        let words = words_of(text);
        put.execute(params![id, words.join(" ")])?;
        name.execute(params![id, system, code, i64::try_from(words.len()).unwrap_or(0)])?;
    }
    Ok(())
}

/// A candidate, with the part of the query that it matches.
struct Candidate {
    system: CodeSystem,
    code: String,
    words: usize,
    weight: f64,
    matched: usize,
}

impl Codebook {
    /// Codes that fit words, abbreviations or the beginning of a code, valid (or headings) on the date. The best
    /// first: all words before some, billable before headings, shorter and unspecified before special.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn search(
        &self,
        query: &str,
        system: Option<CodeSystem>,
        on: CivilDate,
        limit: usize,
    ) -> Result<Vec<SearchHit>, CodebookError> {
        let by_code = self.by_code(query, system, on, limit)?;
        if !by_code.is_empty() {
            return Ok(by_code);
        }
        let (concepts, total, found) = {
            let connection = self.connection()?;
            let concepts = concepts(&connection, query).doing("reading the words of a search")?;
            let total: f64 = concepts.iter().map(|c| c.weight).sum();
            let found = candidates(&connection, &concepts, system).doing("searching")?;
            (concepts, total, found)
        };
        let mut hits = Vec::new();
        for candidate in found {
            let entry = self.entry(candidate.system, &candidate.code, on, false)?;
            if !matches!(entry.status, CodeStatus::Valid | CodeStatus::Header) {
                continue;
            }
            let lower = entry.description.to_ascii_lowercase();
            let unspecified = lower.contains("unspecified") || lower.contains("without complication");
            let extra = candidate.words.saturating_sub(candidate.matched);
            let mut score = candidate.weight / total.max(0.001);
            score -= 0.012 * f64::from(u32::try_from(extra.min(25)).unwrap_or(25));
            score += if entry.billable { 0.04 } else { 0.0 };
            score += if unspecified { 0.03 } else { 0.0 };
            // Sequelae and later encounters are asked for by name.
            let asked =
                |word: &str| concepts.iter().any(|c| c.alternatives.iter().flatten().any(|w| w == word));
            if lower.contains("sequela") && !asked("sequela")
                || lower.contains("subsequent") && !asked("subsequent")
            {
                score -= 0.15;
            }
            if lower.starts_with("family history") && !asked("family")
                || lower.starts_with("personal history") && !asked("history")
            {
                score -= 0.1;
            }
            hits.push(SearchHit {
                code: entry.code,
                system: entry.system,
                billable: entry.billable,
                description: entry.description,
                score: (score.clamp(0.0, 1.1) / 1.1 * 10_000.0).round() / 10_000.0,
            });
        }
        hits.sort_by(|a, b| {
            b.score.partial_cmp(&a.score).unwrap_or(Ordering::Equal).then_with(|| a.code.cmp(&b.code))
        });
        hits.truncate(limit);
        Ok(hits)
    }

    /// A query that is a code, or its beginning (three characters or more, with a digit).
    fn by_code(
        &self,
        query: &str,
        system: Option<CodeSystem>,
        on: CivilDate,
        limit: usize,
    ) -> Result<Vec<SearchHit>, CodebookError> {
        let plain = compact(query);
        let shaped = (3..=7).contains(&plain.len())
            && plain.bytes().all(|b| b.is_ascii_alphanumeric())
            && plain.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if !shaped {
            return Ok(Vec::new());
        }
        let found: Vec<(String, String)> = {
            let connection = self.connection()?;
            let read = || -> rusqlite::Result<Vec<(String, String)>> {
                let mut statement = connection.prepare_cached(
                    "SELECT DISTINCT system, code FROM code WHERE system IN ('icd10cm','hcpcs') AND code>=?1 AND code<?1||'~'
                     UNION SELECT 'cpt', code FROM listing WHERE code>=?1 AND code<?1||'~' AND code<'A'
                     ORDER BY 2 LIMIT 500",
                )?;
                statement.query_map([&plain], |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
            };
            read().doing("searching by code")?
        };
        let mut hits = Vec::new();
        for (found_system, code) in found {
            let Ok(found_system) = found_system.parse::<CodeSystem>() else { continue };
            let dotted = query.contains('.') && found_system != CodeSystem::Icd10cm;
            if dotted || system.is_some_and(|s| s != found_system) {
                continue;
            }
            let entry = self.entry(found_system, &code, on, false)?;
            if matches!(entry.status, CodeStatus::Valid | CodeStatus::Header) {
                let beyond = f64::from(u32::try_from(code.len() - plain.len()).unwrap_or(0));
                hits.push(SearchHit {
                    code: entry.code,
                    system: found_system,
                    billable: entry.billable,
                    description: entry.description,
                    score: 1.0 - 0.1 * beyond,
                });
                if hits.len() >= limit {
                    break;
                }
            }
        }
        Ok(hits)
    }
}

/// What FTS5 finds: codes that match every concept; if those are few, also codes that match some.
fn candidates(
    connection: &Connection,
    concepts: &[Concept],
    system: Option<CodeSystem>,
) -> rusqlite::Result<Vec<Candidate>> {
    let mut all: std::collections::BTreeMap<i64, (f64, usize)> = std::collections::BTreeMap::new();
    if concepts.is_empty() {
        return Ok(Vec::new());
    }
    let every = concepts.iter().map(Concept::fts).collect::<Vec<_>>().join(" AND ");
    let some = concepts.iter().map(Concept::fts).collect::<Vec<_>>().join(" OR ");
    let system_word = system.map_or("", CodeSystem::as_str);
    let mut statement = connection.prepare_cached(
        "SELECT s.rowid FROM search s JOIN search_code c ON c.id=s.rowid
         WHERE s.words MATCH ?1 AND (?2='' OR c.system=?2) ORDER BY rank LIMIT ?3",
    )?;
    let limit = i64::try_from(CANDIDATES).unwrap_or(400);
    let mut ids: Vec<i64> =
        statement.query_map(params![every, system_word, limit], |r| r.get(0))?.collect::<Result<_, _>>()?;
    if ids.len() < 10 && concepts.len() > 1 {
        ids.extend(
            statement
                .query_map(params![some, system_word, limit], |r| r.get(0))?
                .collect::<Result<Vec<i64>, _>>()?,
        );
    }
    // Which concepts a candidate matches: one question a concept, over the candidates alone.
    for concept in concepts {
        let mut one = connection.prepare_cached("SELECT 1 FROM search WHERE words MATCH ?1 AND rowid=?2")?;
        for id in &ids {
            let slot = all.entry(*id).or_insert((0.0, 0));
            if one.exists(params![concept.fts(), id])? {
                slot.0 += concept.weight;
                slot.1 += concept.alternatives.iter().map(Vec::len).max().unwrap_or(1);
            }
        }
        ids.sort_unstable();
        ids.dedup();
    }
    let mut named = connection.prepare_cached("SELECT system, code, words FROM search_code WHERE id=?1")?;
    let mut found = Vec::new();
    for (id, (weight, matched)) in all {
        let (system, code, words): (String, String, i64) =
            named.query_row([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        if let Ok(system) = system.parse() {
            found.push(Candidate {
                system,
                code,
                words: usize::try_from(words).unwrap_or(0),
                weight,
                matched,
            });
        }
    }
    Ok(found)
}
