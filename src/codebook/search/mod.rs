//! Codes by what people write.
//!
//! Each code has many names: the official text, inclusion terms, the tables of the index, and our own
//! (`config/vocabulary/names`). [`build`] makes an inverted index over them at the end of a book's build, one for each
//! system; [`query`] reads what is asked: abbreviations and brand names opened, typing errors put right, side and
//! encounter heard; [`rank`] finds the codes of which one name covers most of the query and says little else.

mod build;
mod by_code;
mod bytes;
mod collect;
mod encounter;
mod index;
mod query;
mod rank;
mod score;
mod spelling;
mod stem;
mod text;
mod vocabulary;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use stem::stem;
pub(crate) use vocabulary::VOCABULARY;
pub(crate) use words::{Lexer, is_empty_word, words};

use std::sync::Arc;

use rusqlite::{OptionalExtension, params};

pub(crate) use collect::{Indexes, index};

use crate::codebook::codes::written;
use crate::codebook::error::SqlContext;
use crate::codebook::search::index::Index;
use crate::codebook::{Codebook, CodebookError, SearchHit};
use crate::domain::{CivilDate, CodeSystem};

/// The score that a perfect match comes to.
const PERFECT: f64 = 1.25;
/// Hits below this share of the best are left out.
const FAR: f64 = 0.25;
/// How many words of a query may be codes.
const MOST_CODES: usize = 12;
/// Procedures are searched, too, if nothing else fits better than this.
const POOR: f64 = 0.3;

const DOING: &str = "searching";

/// A code that was found, before its text is read.
struct Hit {
    system: CodeSystem,
    code: String,
    billable: bool,
    name: Option<String>,
    score: f64,
}

impl Codebook {
    /// Codes that fit words, abbreviations or the beginning of a code, valid (or headings) on the date; the best
    /// first. ICD-10-PCS only if it is asked for, or if nothing else fits.
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
        self.find(query, system, on, limit, false)
    }

    /// As [`Codebook::search`], while the query is still being typed: its last word may be unfinished.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn suggest(
        &self,
        query: &str,
        system: Option<CodeSystem>,
        on: CivilDate,
        limit: usize,
    ) -> Result<Vec<SearchHit>, CodebookError> {
        let typing = query.chars().next_back().is_some_and(char::is_alphanumeric);
        self.find(query, system, on, limit, typing)
    }

    fn find(
        &self,
        query: &str,
        system: Option<CodeSystem>,
        on: CivilDate,
        limit: usize,
        typing: bool,
    ) -> Result<Vec<SearchHit>, CodebookError> {
        let mut hits = self.by_code(query, system, on, limit)?;
        if hits.is_empty() {
            let systems = match system {
                Some(one) => vec![one],
                None => vec![CodeSystem::Icd10cm, CodeSystem::Hcpcs, CodeSystem::Cpt],
            };
            hits = self.by_words(query, &systems, on, limit, typing)?;
            // Codes that stand among the words come first.
            for word in query.split_whitespace().filter(|_| query.trim().contains(' ')).take(MOST_CODES) {
                let word = word.trim_matches([',', ';', ':', '(', ')', '+', '/']);
                if word.len() >= 4 {
                    let named = self.by_code(word, system, on, limit)?.into_iter().filter(|h| h.score >= 1.0);
                    for hit in named {
                        hits.retain(|h| (h.system, &h.code) != (hit.system, &hit.code));
                        hits.push(hit);
                    }
                }
            }
            sort(&mut hits, limit);
            if system.is_none() && hits.first().is_none_or(|h| h.score < POOR) {
                hits.extend(self.by_words(query, &[CodeSystem::Icd10pcs], on, limit, typing)?);
                sort(&mut hits, limit);
            }
        }
        hits.into_iter().map(|hit| self.described(hit, on)).collect()
    }

    fn by_code(
        &self,
        query: &str,
        system: Option<CodeSystem>,
        on: CivilDate,
        limit: usize,
    ) -> Result<Vec<Hit>, CodebookError> {
        let connection = self.connection()?;
        let begun = by_code::begun(&connection, query, system, on, limit).doing("searching by code")?;
        let hit = |b: by_code::Begun| Hit {
            system: b.system,
            code: b.code,
            billable: b.billable,
            name: None,
            score: 1.0 - 0.1 * f64::from(u32::try_from(b.beyond).unwrap_or(9)),
        };
        Ok(begun.into_iter().map(hit).collect())
    }

    fn by_words(
        &self,
        query: &str,
        systems: &[CodeSystem],
        on: CivilDate,
        limit: usize,
        typing: bool,
    ) -> Result<Vec<Hit>, CodebookError> {
        let mut indexes: Vec<(CodeSystem, Arc<Index>)> = Vec::new();
        {
            let connection = self.connection()?;
            for system in systems {
                indexes.push((
                    *system,
                    self.indexes.of(&connection, *system).doing("reading the search's index")?,
                ));
            }
        }
        let borrowed: Vec<&Index> = indexes.iter().map(|(_, index)| &**index).collect();
        let query = query::read(query, &borrowed, typing);
        let mut hits = Vec::new();
        for (system, index) in &indexes {
            for found in rank::rank(index, &query, on.days(), limit) {
                let Some(node) = index.node(found.node) else { continue };
                let billable = index.valid(node, on.days()).is_some_and(|s| s.billable);
                let name = index.name(found.name).and_then(|n| index.written(n)).map(str::to_owned);
                let score = (f64::from(found.score) / PERFECT).clamp(0.0, 0.999);
                hits.push(Hit { system: *system, code: node.code.to_string(), billable, name, score });
            }
        }
        sort(&mut hits, limit);
        let best = hits.first().map_or(0.0, |h| h.score);
        hits.retain(|h| h.score > 0.0 && h.score >= FAR * best);
        Ok(hits)
    }

    /// A hit with its text on the day.
    fn described(&self, hit: Hit, on: CivilDate) -> Result<SearchHit, CodebookError> {
        let connection = self.connection()?;
        let read = || -> rusqlite::Result<String> {
            let official: Option<String> = connection
                .prepare_cached(
                    "SELECT t.text FROM code c JOIN release r ON r.id=c.release JOIN text t ON t.id=c.text_id
                     WHERE c.system=?1 AND c.code=?2
                     ORDER BY r.first>?3, abs(r.first-?3), r.kind='full' DESC, r.id DESC LIMIT 1",
                )?
                .query_row(params![hit.system.as_str(), hit.code, on.days()], |r| r.get(0))
                .optional()?;
            if let Some(text) = official.filter(|t| !t.is_empty()) {
                return Ok(text);
            }
            let own = connection
                .prepare_cached(
                    "SELECT text FROM own_text WHERE dataset='plain_language' AND code=?1 ORDER BY release DESC",
                )?
                .query_row([&hit.code], |r| r.get(0))
                .optional()?;
            Ok(own.unwrap_or_default())
        };
        let description = read().doing(DOING)?;
        Ok(SearchHit {
            code: written(hit.system, &hit.code),
            system: hit.system,
            billable: hit.billable,
            description,
            name: hit.name,
            score: (hit.score * 10_000.0).round() / 10_000.0,
        })
    }
}

fn sort(hits: &mut Vec<Hit>, limit: usize) {
    let place = |s: CodeSystem| collect::SYSTEMS.iter().position(|x| *x == s);
    hits.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| place(a.system).cmp(&place(b.system)))
            .then_with(|| a.code.cmp(&b.code))
    });
    hits.truncate(limit);
}
