//! All notes, read from `config/guidance/*.toml`, with the index by which they are chosen.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

use crate::consult::guidance::note::{Note, Trigger};
use crate::consult::guidance::pattern::Pattern;
use crate::consult::guidance::terms::{TermId, Terms};
use crate::consult::guidance::well_formed;

pub(super) static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config/guidance");

/// The files of the folder that hold no notes.
pub(super) const LISTS: &[&str] = &["evaluation.toml", "first_listed.toml", "coverage.toml"];

/// Words that every question to a coding desk may hold, or leave out.
const ANY_QUESTION: &[&str] = &[
    "code",
    "codes",
    "coding",
    "coded",
    "which code",
    "what code",
    "how to code",
    "bill",
    "billed",
    "billing",
    "report",
    "cpt",
    "icd",
    "icd-10",
    "icd10",
    "dx",
    "diagnosis",
    "charge",
];

/// A trigger, ready to be compared.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) note: usize,
    pub(super) codes: Vec<Pattern>,
    pub(super) with_codes: Vec<Pattern>,
    pub(super) without_codes: Vec<Pattern>,
    pub(super) modifiers: Vec<String>,
    pub(super) groups: Vec<Vec<TermId>>,
    /// The groups that must be met, as bits: one that names "code" or "bill" is met by any question.
    pub(super) must: u32,
    pub(super) without: Vec<TermId>,
}

/// The notes and what they are found by.
#[derive(Debug, Default)]
pub struct Library {
    notes: Vec<Note>,
    by_id: HashMap<String, usize>,
    pub(super) terms: Terms,
    pub(super) triggers: Vec<Ready>,
    /// By term: the triggers that name it, with the number of the group.
    pub(super) by_term: HashMap<TermId, Vec<(usize, usize)>>,
    /// Triggers without terms.
    pub(super) by_codes_alone: Vec<usize>,
    problems: Vec<String>,
}

static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let mut files: Vec<_> = FOLDER.files().collect();
    files.sort_by_key(|f| f.path().to_owned());
    let named = files.iter().map(|f| (f.path().display().to_string(), f.contents_utf8().unwrap_or("\u{0}")));
    Library::read(named)
});

/// The library of this program.
#[must_use]
pub fn library() -> &'static Library {
    &LIBRARY
}

impl Library {
    /// Reads files of notes: name and text. What is not well formed is left out and named in [`Library::problems`].
    #[must_use]
    pub fn read<'a>(files: impl Iterator<Item = (String, &'a str)>) -> Self {
        let mut out = Self::default();
        for (name, text) in files.filter(|(name, _)| !LISTS.contains(&name.as_str())) {
            match text.parse::<toml::Table>() {
                Ok(table) => out.file(&name, table),
                Err(error) => out.problems.push(format!("{name} is no TOML: {}", error.message())),
            }
        }
        out
    }

    fn file(&mut self, name: &str, table: toml::Table) {
        for (key, value) in table {
            let toml::Value::Array(notes) = value else {
                self.problems.push(format!("{name}: `{key}` is not known; a file holds [[note]] alone"));
                continue;
            };
            if key != "note" {
                self.problems.push(format!("{name}: [[{key}]] is not known; a file holds [[note]] alone"));
                continue;
            }
            for value in notes {
                let id = value.get("id").and_then(toml::Value::as_str).unwrap_or("without id").to_owned();
                match value.try_into::<Note>() {
                    Ok(note) => self.add(name, note),
                    Err(error) => self.problems.push(format!("{name}: note {id}: {}", error.message())),
                }
            }
        }
    }

    fn add(&mut self, file: &str, note: Note) {
        let mut wrong = well_formed::problems(&note);
        if self.by_id.contains_key(&note.id) {
            wrong.push("another note has this id".to_owned());
        }
        if !wrong.is_empty() {
            self.problems.extend(wrong.into_iter().map(|w| format!("{file}: note {}: {w}", note.id)));
            return;
        }
        let at = self.notes.len();
        for trigger in note.triggers().iter().filter(|_| !note.cited) {
            self.index(at, trigger);
        }
        for term in note.ask.iter().flat_map(|ask| &ask.unless) {
            self.terms.add(term, at);
        }
        self.by_id.insert(note.id.clone(), at);
        self.notes.push(note);
    }

    fn index(&mut self, note: usize, trigger: &Trigger) {
        let patterns = |list: &[String]| list.iter().filter_map(|p| Pattern::read(p)).collect();
        let place = self.triggers.len();
        let mut groups = Vec::new();
        let mut must = 0_u32;
        for (group, terms) in trigger.terms.iter().enumerate() {
            if !terms.iter().any(|t| ANY_QUESTION.contains(&t.as_str())) {
                must |= 1_u32.checked_shl(group as u32).unwrap_or(0);
            }
            let ids: Vec<TermId> = terms.iter().map(|t| self.terms.add(t, note)).collect();
            for id in &ids {
                self.by_term.entry(*id).or_default().push((place, group));
            }
            groups.push(ids);
        }
        let without = trigger.without.iter().map(|t| self.terms.add(t, note)).collect();
        if groups.is_empty() {
            self.by_codes_alone.push(place);
        }
        self.triggers.push(Ready {
            note,
            codes: patterns(&trigger.codes),
            with_codes: patterns(&trigger.with_codes),
            without_codes: patterns(&trigger.without_codes),
            modifiers: trigger.modifiers.clone(),
            groups,
            must,
            without,
        });
    }

    /// The notes, in the order of their files.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The note with this id.
    #[must_use]
    pub fn note(&self, id: &str) -> Option<&Note> {
        self.by_id.get(id).and_then(|at| self.notes.get(*at))
    }

    /// What was left out, and why; empty in any build that passed its tests.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// How many notes there are of each topic: all, and those whose source was read.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&str, (usize, usize)> {
        let mut counts = BTreeMap::new();
        for note in &self.notes {
            let (all, read): &mut (usize, usize) = counts.entry(note.topic.as_str()).or_default();
            *all += 1;
            *read += usize::from(note.read);
        }
        counts
    }
}
