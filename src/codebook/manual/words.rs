//! Manuals by words: FTS5 over the stems of their sections, asked with our own vocabulary (CKD, heart attack).

use rusqlite::{Connection, params};

use crate::codebook::search::{Lexer, VOCABULARY, is_empty_word, stem, words};

/// The most words of a query that are read.
const MOST_WORDS: usize = 16;
/// The most words of a phrase that has meanings of its own.
const MOST_PHRASE: usize = 4;
/// The most meanings of a phrase that are looked for.
const MOST_MEANINGS: usize = 4;

/// Sections of one release may not be more.
pub(crate) const MOST_SECTIONS: i64 = 1_000_000;

/// Writes the words of all manuals of a new book.
pub(crate) fn index(connection: &Connection) -> rusqlite::Result<()> {
    let mut sections =
        connection.prepare("SELECT release, n, title FROM manual_section ORDER BY release, n")?;
    let mut paragraphs =
        connection.prepare("SELECT text FROM manual_paragraph WHERE release=?1 AND n=?2 ORDER BY k")?;
    let mut put = connection.prepare("INSERT INTO manual_words (rowid, title, text) VALUES (?1,?2,?3)")?;
    let mut lexer = Lexer::default();
    let mut rows = sections.query([])?;
    while let Some(row) = rows.next()? {
        let (release, n, title): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let texts: Vec<String> =
            paragraphs.query_map(params![release, n], |r| r.get(0))?.collect::<Result<_, _>>()?;
        let title = stems_of(&mut lexer, &title).join(" ");
        let text = stems_of(&mut lexer, &texts.join(" ")).join(" ");
        put.execute(params![release * MOST_SECTIONS + n, title, text])?;
    }
    Ok(())
}

/// The stems of a text's words of weight, in order.
pub(crate) fn stems(text: &str) -> Vec<String> {
    stems_of(&mut Lexer::default(), text)
}

/// As [`stems`]; the lexer remembers pieces that it has met.
pub(crate) fn stems_of(lexer: &mut Lexer, text: &str) -> Vec<String> {
    lexer.words(text).iter().filter(|w| !is_empty_word(w)).map(|w| stem(VOCABULARY.american(w))).collect()
}

/// What a query asks for, each in any of several ways of some stems.
pub(crate) type Asked = Vec<Vec<Vec<String>>>;

/// Reads a query.
pub(crate) fn asked(query: &str) -> Asked {
    let written: Vec<String> =
        words(query).into_iter().filter(|w| !is_empty_word(w)).take(MOST_WORDS).collect();
    let (mut all, mut at) = (Asked::new(), 0);
    while let Some(word) = written.get(at) {
        let longest = (1..=MOST_PHRASE).rev().find_map(|n| {
            let phrase = written.get(at..at + n)?;
            Some((n, phrase, VOCABULARY.meanings(phrase.iter().map(String::as_str))?))
        });
        let (taken, mut ways) = match longest {
            Some((n, phrase, meanings)) => {
                let own = phrase.iter().map(|w| stem(VOCABULARY.american(w))).collect();
                let others = meanings.iter().take(MOST_MEANINGS).map(|m| stems(m));
                (n, std::iter::once(own).chain(others).collect::<Vec<_>>())
            }
            None => (1, vec![vec![stem(VOCABULARY.american(word))]]),
        };
        if let [one] = ways.as_slice()
            && let [one] = one.as_slice()
        {
            let equal: Vec<Vec<String>> = VOCABULARY.equals(one).iter().map(|w| vec![stem(w)]).collect();
            ways.extend(equal);
        }
        ways.retain(|way| !way.is_empty());
        ways.dedup();
        if !ways.is_empty() {
            all.push(ways);
        }
        at += taken;
    }
    all
}

/// The query in the words of FTS5; `all`: everything that is asked for must be there.
pub(crate) fn expression(asked: &Asked, all: bool) -> String {
    let word = |w: &String| format!("\"{}\"", w.replace('"', ""));
    let way = |way: &Vec<String>| format!("({})", way.iter().map(word).collect::<Vec<_>>().join(" AND "));
    let one =
        |ways: &Vec<Vec<String>>| format!("({})", ways.iter().map(way).collect::<Vec<_>>().join(" OR "));
    asked.iter().map(one).collect::<Vec<_>>().join(if all { " AND " } else { " OR " })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_and_forms_of_words_are_understood() {
        let asked = asked("CKD with fractures of the \"hip\"");
        assert_eq!(asked.len(), 3, "{asked:?}");
        assert!(asked[0].iter().any(|way| *way == stems("chronic kidney disease")), "{asked:?}");
        assert!(asked[1].contains(&stems("fracture")), "{asked:?}");
        let expression = expression(&asked[1..2].to_vec(), true);
        assert!(expression.starts_with("((\"fractur\")"), "{expression}");
    }
}
