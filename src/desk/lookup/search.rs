//! Codes found by words, in the shape of `codes search --json`.

use serde::Serialize;

use crate::codebook::{Codebook, CodebookError, SearchHit};
use crate::domain::{CivilDate, CodeSystem};

/// The longest query that is read; what is longer is cut.
const LONGEST: usize = 400;

/// A hit, with the reason why it is one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The hit.
    #[serde(flatten)]
    pub hit: SearchHit,
    /// Why it is one.
    pub why: String,
}

/// What `codes search --json` gives: a contract.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Searched {
    /// The query as it was read.
    pub query: String,
    /// The date asked for.
    pub on: CivilDate,
    /// The best first.
    pub hits: Vec<Hit>,
}

/// Searches; without words nothing is found. `typing`: the last word may be unfinished.
///
/// # Errors
/// If the book cannot be read.
pub fn search(
    book: &Codebook,
    query: &str,
    system: Option<CodeSystem>,
    on: CivilDate,
    limit: usize,
    typing: bool,
) -> Result<Searched, CodebookError> {
    let query: String = query.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let hits = match query.is_empty() {
        true => Vec::new(),
        false => book.search_shown(&query, system, on, limit, typing)?,
    };
    let hits = hits.into_iter().map(|hit| Hit { why: why(&query, &hit), hit }).collect();
    Ok(Searched { query, on, hits })
}

/// Its name that fits, or the words of the query that stand in its text.
fn why(query: &str, hit: &SearchHit) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
    };
    let (asked, code) = (plain(query), plain(&hit.code));
    if !asked.is_empty() && asked == code {
        return "the code itself".to_owned();
    }
    if asked.len() >= 2 && code.starts_with(&asked) {
        return format!("code begins with {}", query.trim().to_uppercase());
    }
    if let Some(name) = &hit.name {
        return format!("also called {name}");
    }
    let said: Vec<String> =
        hit.description.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    let mut shared: Vec<String> = Vec::new();
    for word in query.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
        if word.chars().count() > 1 && said.iter().any(|w| w == word) && !shared.iter().any(|w| w == word) {
            shared.push(word.to_owned());
        }
    }
    if shared.is_empty() {
        "by words of the same meaning".to_owned()
    } else {
        format!("in its text: {}", shared.join(", "))
    }
}
