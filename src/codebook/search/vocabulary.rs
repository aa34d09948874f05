//! Our own vocabulary (`config/vocabulary/`): abbreviations, lay words, brand names, British spelling, words of one
//! meaning, and other names of codes. Data, not code; embedded in the program.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

use crate::codebook::search::stem::{singular, stem};
use crate::codebook::search::words::{is_empty_word, words};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config/vocabulary");

/// The most words of a phrase.
pub(crate) const MOST_WORDS: usize = 6;

/// What a query is read with.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    /// By the stems of what is written: the meanings.
    phrases: HashMap<String, Vec<String>>,
    /// All words of those phrases: they are no typing errors.
    written: HashSet<String>,
    spelling: HashMap<String, String>,
    /// By stem: other words of the same meaning.
    equal: HashMap<String, Vec<String>>,
}

/// The vocabulary of this program.
pub(crate) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut all = Vocabulary::default();
    for line in rows("spelling.tsv") {
        if let Some((british, american)) = line.split_once('\t') {
            all.spelling.insert(british.trim().to_lowercase(), american.trim().to_lowercase());
        }
    }
    for line in rows("words.tsv") {
        let class: Vec<&str> = line.split_whitespace().collect();
        for word in &class {
            let others = class.iter().filter(|w| *w != word).map(|w| (*w).to_owned());
            all.equal.entry(stem(word)).or_default().extend(others);
        }
    }
    for file in ["abbreviations.tsv", "drugs.tsv"] {
        for line in rows(file) {
            let mut columns = line.split('\t');
            let (Some(written), Some(meant)) = (columns.next(), columns.next()) else { continue };
            for written in written.split('|') {
                all.phrase(written, meant);
            }
        }
    }
    all
});

fn rows(file: &str) -> impl Iterator<Item = &'static str> {
    let text = FILES.get_file(file).and_then(|f| f.contents_utf8()).unwrap_or("");
    text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty())
}

static DRUGS: LazyLock<HashMap<String, (&'static str, &'static str)>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for line in rows("drugs.tsv") {
        let mut columns = line.split('\t');
        let (Some(written), Some(generic)) = (columns.next(), columns.next()) else { continue };
        let generic = generic.split('|').next().unwrap_or(generic).trim();
        for name in written.split('|').map(str::trim) {
            all.insert(name.to_lowercase(), (name, generic));
        }
        // A generic name stands for itself; a class ("antiviral drugs") is no name of a drug.
        if !generic.ends_with("drugs") && !generic.contains(" and ") {
            all.entry(generic.to_lowercase()).or_insert((generic, generic));
        }
    }
    all
});

/// A drug by a name in lower case, as our vocabulary has it, and its generic name (or class).
#[must_use]
pub fn drug_named(name: &str) -> Option<(&'static str, &'static str)> {
    DRUGS.get(name).copied()
}

/// Our own names of the codes of a system that `has` knows: code without its dot, name. The files are named by the
/// system: `icd10cm_a_b.tsv`, `hcpcs.tsv`.
pub(crate) fn own_names(system: &str, has: impl Fn(&str) -> bool) -> Vec<(String, &'static str)> {
    let mut all = Vec::new();
    let Some(folder) = FILES.get_dir("names") else { return all };
    for file in folder.files() {
        let name = file.path().file_stem().and_then(|n| n.to_str()).unwrap_or("");
        if name.split('_').next() != Some(system) {
            continue;
        }
        let text = file.contents_utf8().unwrap_or("");
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            let Some((code, names)) = line.split_once('\t') else { continue };
            let code = code.trim().replace('.', "").to_ascii_uppercase();
            if has(&code) {
                let names = names.split(['|', '\t']).map(str::trim).filter(|n| !n.is_empty());
                all.extend(names.map(|n| (code.clone(), n)));
            }
        }
    }
    all
}

impl Vocabulary {
    fn phrase(&mut self, written: &str, meant: &str) {
        let written: Vec<String> = words(written).into_iter().filter(|w| !is_empty_word(w)).collect();
        if written.is_empty() || written.len() > MOST_WORDS {
            return;
        }
        let list = self.phrases.entry(key(written.iter().map(String::as_str))).or_default();
        for meaning in meant.split('|').map(str::trim).filter(|m| !m.is_empty()) {
            if !list.iter().any(|m| m == meaning) {
                list.push(meaning.to_owned());
            }
        }
        self.written.extend(written);
    }

    /// What a phrase stands for.
    pub(crate) fn meanings<'a>(&self, phrase: impl Iterator<Item = &'a str>) -> Option<&[String]> {
        self.phrases.get(&key(phrase)).map(Vec::as_slice)
    }

    /// Whether a word stands in some phrase.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.written.contains(word)
    }

    /// American spelling.
    pub(crate) fn american<'a>(&'a self, word: &'a str) -> &'a str {
        self.spelling.get(word).map_or(word, String::as_str)
    }

    /// Other words that mean the same.
    pub(crate) fn equals(&self, stem: &str) -> &[String] {
        self.equal.get(stem).map_or(&[], Vec::as_slice)
    }
}

fn key<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut key = String::new();
    for word in words {
        if !key.is_empty() {
            key.push(' ');
        }
        // Short stems would take abbreviations for forms of other words: MASH and mashed.
        let stem = stem(word);
        key.push_str(&if stem.len() < 5 { singular(word) } else { stem });
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_what_is_written_and_what_is_meant() {
        for file in ["abbreviations.tsv", "drugs.tsv", "spelling.tsv", "forms.tsv"] {
            let mut lines = 0;
            for line in rows(file) {
                let (written, meant) = line.split_once('\t').unwrap_or_default();
                assert!(!written.trim().is_empty() && !meant.trim().is_empty(), "{file}: {line}");
                lines += 1;
            }
            assert!(lines > 10, "{file}");
        }
        for line in rows("words.tsv") {
            assert!(line.split_whitespace().count() > 1, "{line}");
        }
    }

    #[test]
    fn a_phrase_is_found_in_any_of_its_forms() {
        let meanings = VOCABULARY.meanings(["kidney", "stones"].into_iter()).unwrap();
        assert!(meanings.iter().any(|m| m.contains("calculus")));
        assert!(VOCABULARY.meanings(["no", "such", "phrase"].into_iter()).is_none());
    }
}
