//! What a note must keep to. Whether its codes exist is the codebook's word, and a test's.

use crate::consult::guidance::note::{ESTABLISHED, Note, Trigger};
use crate::consult::guidance::pattern::Pattern;

/// The longest headline, in characters.
const LONGEST_HEADLINE: usize = 160;

/// The topics of notes.
pub const TOPICS: &[&str] = &[
    "cpt_codes",
    "guidelines",
    "modifiers",
    "crosswalks",
    "ncci_edits",
    "compliance",
    "medicare_coverage",
    "units",
    "denials",
    "inpatient",
];

/// What is wrong with a note; nothing if it is well formed.
#[must_use]
pub fn problems(note: &Note) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |fine: bool, what: String| {
        if !fine {
            wrong.push(what);
        }
    };
    let id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    must(
        !note.id.is_empty() && note.id.chars().all(id),
        "an id is of lower-case letters, digits, `-` and `.`".into(),
    );
    must(
        TOPICS.contains(&note.topic.as_str()),
        format!("topic `{}` is none of {}", note.topic, TOPICS.join(", ")),
    );
    must(note.statement.ends_with('.'), "the statement does not end with a full stop".into());
    must(note.statement.chars().count() >= 20, "the statement says nothing".into());
    must(
        !note.source.is_empty() && !note.edition.is_empty(),
        "source and edition are needed; established knowledge names its manual, too".into(),
    );
    must(
        note.read != note.section.is_empty(),
        "a section is cited where it was read, and nowhere else".into(),
    );
    must(
        note.read == (note.edition != ESTABLISHED),
        format!("the edition is `{ESTABLISHED}` where the source was not read, and nowhere else"),
    );
    let triggers = note.triggers();
    must(note.cited || !triggers.is_empty(), "nothing chooses it, it would be shown to everybody".into());
    must(!note.cited || triggers.is_empty(), "a note that a rule cites has no triggers".into());
    must(
        note.from.zip(note.to).is_none_or(|(from, to)| from <= to),
        "its first day is after its last day".into(),
    );
    if let Some(line) = &note.headline {
        let one = crate::consult::guidance::note::first_sentence(line) == *line;
        must(
            line.chars().count() <= LONGEST_HEADLINE && line.ends_with('.') && one,
            format!("a headline is one sentence of at most {LONGEST_HEADLINE} characters with its full stop"),
        );
    }
    must(note.ask.iter().all(|ask| ask.question.trim().len() >= 8), "a question of `ask` is empty".into());
    wrong.extend(note.ask.iter().flat_map(|ask| &ask.unless).filter_map(|t| term(t)));
    wrong.extend(
        note.suggest
            .iter()
            .filter(|c| !matches!(Pattern::read(c), Some(Pattern::Code(_))))
            .map(|code| format!("`{code}` of `suggest` is no code: write it as it is officially written")),
    );
    wrong.extend(triggers.iter().flat_map(of_trigger));
    wrong.dedup();
    wrong
}

fn of_trigger(trigger: &Trigger) -> Vec<String> {
    let mut wrong = Vec::new();
    if trigger.is_empty() {
        wrong.push("a trigger of `when` asks for nothing".to_owned());
    }
    for code in trigger.codes.iter().chain(&trigger.with_codes).chain(&trigger.without_codes) {
        if Pattern::read(code).is_none() {
            wrong
                .push(format!("`{code}` is no code, no range A-B of equal length, and no prefix like E11.*"));
        }
    }
    for modifier in &trigger.modifiers {
        if modifier.len() != 2 || !modifier.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            wrong.push(format!("`{modifier}` is no modifier"));
        }
    }
    if trigger.terms.iter().any(Vec::is_empty) {
        wrong.push("a group of terms is empty".to_owned());
    }
    if trigger.terms.len() > 30 {
        wrong.push("more than 30 groups of terms".to_owned());
    }
    wrong.extend(trigger.terms.iter().flatten().chain(&trigger.without).filter_map(|t| term(t)));
    wrong
}

/// What is wrong with a term.
fn term(term: &str) -> Option<String> {
    let words = crate::codebook::spoken(term);
    if words.is_empty() || words.len() > 6 {
        return Some(format!("the term `{term}` has {} words: one to six", words.len()));
    }
    if term.to_lowercase() != term {
        return Some(format!("the term `{term}` is not in lower case"));
    }
    term.contains('*').then(|| format!("the term `{term}`: words are compared by their stems, without `*`"))
}
