//! The words of a search: folded to one form, abbreviations and lay words opened, typing errors forgiven.

use std::collections::HashMap;
use std::sync::LazyLock;

use rusqlite::{Connection, OptionalExtension};

/// `config/vocabulary/synonyms.tsv`: what people write, and what the official texts say.
static SYNONYMS: LazyLock<HashMap<String, Vec<Vec<String>>>> = LazyLock::new(|| {
    let mut all: HashMap<String, Vec<Vec<String>>> = HashMap::new();
    for line in include_str!("../../config/vocabulary/synonyms.tsv").lines() {
        if let Some((written, official)) = line.split_once('\t').filter(|_| !line.starts_with('#')) {
            let meanings = official.split('|').map(words_of).filter(|w| !w.is_empty());
            all.entry(words_of(written).join(" ")).or_default().extend(meanings);
        }
    }
    all
});

/// Words that say nothing about a code.
const EMPTY: &[&str] = &[
    "a",
    "an",
    "and",
    "the",
    "of",
    "in",
    "on",
    "for",
    "with",
    "to",
    "by",
    "or",
    "at",
    "due",
    "from",
    "is",
    "has",
    "patient",
    "pt",
    "code",
    "diagnosis",
    "dx",
    "icd",
    "what",
    "which",
    "who",
    "my",
    "w",
];

/// One thing that a query asks for: any of the alternatives, each of one or more words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Concept {
    pub(crate) alternatives: Vec<Vec<String>>,
    /// Whether a word may be longer than asked for.
    prefix: bool,
    /// How much it tells: rare words more.
    pub(crate) weight: f64,
}

impl Concept {
    /// As an FTS5 expression.
    pub(crate) fn fts(&self) -> String {
        let star = if self.prefix { "*" } else { "" };
        let one = |words: &Vec<String>| {
            let joined = words.iter().map(|w| format!("\"{w}\"{star}")).collect::<Vec<_>>().join(" AND ");
            format!("({joined})")
        };
        format!("({})", self.alternatives.iter().map(one).collect::<Vec<_>>().join(" OR "))
    }
}

/// The words of a text in the form in which they are indexed: lower case, ASCII letters and digits, singular.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace(['\'', '’'], "")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(singular)
        .collect()
}

fn singular(word: &str) -> String {
    if word.len() > 4
        && let Some(stem) = word.strip_suffix("ies")
    {
        return format!("{stem}y");
    }
    let kept = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix('s') {
        Some(stem) if word.len() > 3 && !kept => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// What a query asks for.
pub(crate) fn concepts(connection: &Connection, query: &str) -> rusqlite::Result<Vec<Concept>> {
    let words: Vec<String> = words_of(query).into_iter().take(24).collect();
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        // The longest phrase that has a meaning of its own.
        let phrase = (1..=4usize).rev().find_map(|n| {
            let key = words.get(at..at + n)?.join(" ");
            SYNONYMS.get(&key).map(|meanings| (n, key, meanings))
        });
        if let Some((n, key, meanings)) = phrase {
            let mut alternatives = meanings.clone();
            alternatives.push(key.split(' ').map(str::to_owned).collect());
            all.push(Concept { alternatives, prefix: false, weight: 1.0 });
            at += n;
            continue;
        }
        at += 1;
        if EMPTY.contains(&word.as_str()) {
            continue;
        }
        all.push(plain(connection, word)?);
    }
    for concept in &mut all {
        concept.weight = weight(connection, concept)?;
    }
    Ok(all)
}

/// A word as it stands in the index; else as the beginning of words; else the nearest word.
fn plain(connection: &Connection, word: &str) -> rusqlite::Result<Concept> {
    let as_is = |alternatives: Vec<Vec<String>>, prefix| Concept { alternatives, prefix, weight: 1.0 };
    if documents(connection, word)?.is_some() {
        return Ok(as_is(vec![vec![word.to_owned()]], false));
    }
    let start: String = word.chars().take(1).collect();
    let mut statement =
        connection.prepare_cached("SELECT term, doc FROM search_term WHERE term>=?1 AND term<?1||'~'")?;
    let mut rows = statement.query([&start])?;
    let (mut begins, mut nearest) = (false, Vec::<(usize, i64, String)>::new());
    let length = word.chars().count();
    let most = match length {
        0..=4 => 0,
        5..=7 => 1,
        _ => 2,
    };
    while let Some(row) = rows.next()? {
        let (term, documents): (String, i64) = (row.get(0)?, row.get(1)?);
        begins |= length >= 4 && term.starts_with(word);
        if most > 0 && term.chars().count().abs_diff(length) <= most {
            let distance = distance(word, &term);
            if distance <= most {
                nearest.push((distance, -documents, term));
            }
        }
    }
    if begins {
        return Ok(as_is(vec![vec![word.to_owned()]], true));
    }
    nearest.sort();
    let best: Vec<Vec<String>> = nearest.into_iter().take(2).map(|(_, _, term)| vec![term]).collect();
    Ok(as_is(if best.is_empty() { vec![vec![word.to_owned()]] } else { best }, false))
}

fn documents(connection: &Connection, word: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT doc FROM search_term WHERE term=?1")?
        .query_row([word], |r| r.get(0))
        .optional()
}

/// Rare words tell more.
fn weight(connection: &Connection, concept: &Concept) -> rusqlite::Result<f64> {
    let mut most: Option<i64> = None;
    for words in &concept.alternatives {
        let mut rarest: Option<i64> = None;
        for word in words {
            if let Some(n) = documents(connection, word)? {
                rarest = Some(rarest.map_or(n, |r| r.min(n)));
            }
        }
        most = most.max(rarest);
    }
    let documents = f64::from(i32::try_from(most.unwrap_or(1)).unwrap_or(i32::MAX));
    Ok((1.0 + 100_000.0 / (documents + 1.0)).ln().max(0.3))
}

/// Edit distance with swapped neighbours as one error (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let width = b.len() + 1;
    let mut before = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + usize::from(x != y));
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = last;
        last = row;
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_to_one_form() {
        assert_eq!(
            words_of("Crohn's  Injuries, diabetes"),
            ["crohn", "injury", "diabete"].map(|w| if w == "crohn" {
                "crohn".to_owned()
            } else {
                w.to_owned()
            })
        );
    }

    #[test]
    fn distance_counts_a_swap_once() {
        assert_eq!(distance("diabetse", "diabetes"), 1);
        assert_eq!(distance("pnumonia", "pneumonia"), 1);
        assert_eq!(distance("abc", "xyz"), 3);
    }
}
