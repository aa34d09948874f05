//! Reads sections of the configuration key by key, and collects what is wrong instead of stopping at it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::config::{Environment, Fault};

/// The prefix of every environment variable of ours.
pub(super) const PREFIX: &str = "CASECONSULTANT_";

/// What one reading of the configuration shares between its sections.
pub(super) struct Reading<'a> {
    /// Relative paths start here.
    pub(super) folder: &'a Path,
    /// The process's environment.
    pub(super) environment: &'a Environment,
    /// All that is wrong, in the order in which it was found.
    pub(super) faults: Vec<Fault>,
    /// Environment variables that were used, with the key that used them.
    used: BTreeMap<String, String>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(folder: &'a Path, environment: &'a Environment) -> Self {
        Self { folder, environment, faults: Vec::new(), used: BTreeMap::new() }
    }

    pub(super) fn fault(&mut self, key: impl Into<String>, what: impl Into<String>) {
        self.faults.push(Fault { key: key.into(), what: what.into() });
    }

    /// Takes an environment variable for a key. Two keys that claim the same variable are a fault: mailbox `a`
    /// with `inbox_password` and mailbox `a_inbox` with `password` would otherwise share one.
    fn variable(&mut self, name: &str, key: &str) -> Option<String> {
        let value = self.environment.get(name)?.clone();
        match self.used.get(name) {
            Some(other) if other != key => {
                let what =
                    format!("{name} could also mean `{other}`: give one of the mailboxes another name");
                self.fault(key, what);
            }
            _ => {
                self.used.insert(name.to_owned(), key.to_owned());
            }
        }
        Some(value)
    }

    /// Variables with our prefix that nothing has read: likely a slip of the pen.
    pub(super) fn unused_variables(&self) -> Vec<String> {
        let all = self.environment.keys().filter(|name| name.starts_with(PREFIX));
        all.filter(|name| !self.used.contains_key(*name)).cloned().collect()
    }
}

/// One table of the configuration.
pub(super) struct Section<'r, 'a> {
    /// What is shared with the other sections.
    pub(super) reading: &'r mut Reading<'a>,
    name: String,
    variables: String,
    table: toml::Table,
    known: BTreeSet<&'static str>,
}

impl<'r, 'a> Section<'r, 'a> {
    /// The section `name` (`web`, `mailbox.consult`).
    pub(super) fn new(reading: &'r mut Reading<'a>, name: impl Into<String>, table: toml::Table) -> Self {
        let name = name.into();
        let variables = format!("{PREFIX}{}_", name.replace('.', "_").to_ascii_uppercase());
        Self { reading, name, variables, table, known: BTreeSet::new() }
    }

    /// The full name of a key, as faults give it.
    pub(super) fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    /// The environment variable that stands for a key.
    pub(super) fn variable_name(&self, key: &str) -> String {
        format!("{}{}", self.variables, key.to_ascii_uppercase())
    }

    /// Notes what is wrong with a key.
    pub(super) fn fault(&mut self, key: &str, what: impl Into<String>) {
        let key = self.key(key);
        self.reading.fault(key, what);
    }

    /// A value that is only ever taken from the environment: a secret.
    pub(super) fn environment_value(&mut self, key: &str) -> Option<String> {
        let (variable, key) = (self.variable_name(key), self.key(key));
        self.reading.variable(&variable, &key)
    }

    /// The value of a key: from the environment, else from the file.
    fn value(&mut self, key: &'static str) -> Option<toml::Value> {
        self.known.insert(key);
        let from_environment = self.environment_value(key).map(toml::Value::String);
        from_environment.or_else(|| self.table.get(key).cloned())
    }

    /// Whether a key has a value at all, right or wrong.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key) || self.reading.environment.contains_key(&self.variable_name(key))
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        match self.value(key)? {
            toml::Value::String(text) if text.trim().is_empty() => {
                self.fault(key, "it is empty: give it a value, or leave the key out");
                None
            }
            toml::Value::String(text) => Some(text),
            other => {
                self.fault(key, format!("write it as text in quotation marks, not as {}", kind(&other)));
                None
            }
        }
    }

    /// A text that a function turns into a value; the function says what is wrong with it and what to do.
    pub(super) fn parsed<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(what) => {
                self.fault(key, what);
                None
            }
        }
    }

    /// `true` or `false`; false if something else stands there, which is a fault.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        match self.value(key) {
            Some(toml::Value::Boolean(flag)) => flag,
            Some(toml::Value::String(text)) if text == "true" => true,
            Some(toml::Value::String(text)) if text == "false" => false,
            Some(_) => {
                self.fault(key, "write true or false, without quotation marks");
                false
            }
            None => false,
        }
    }

    /// A whole number within bounds; the lower bound if it is wrong, which is a fault.
    pub(super) fn number(&mut self, key: &'static str, least: i64, most: i64) -> i64 {
        let number = match self.value(key) {
            Some(toml::Value::Integer(number)) => Some(number),
            Some(toml::Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        match number.filter(|n| (least..=most).contains(n)) {
            Some(number) => number,
            None => {
                self.fault(key, format!("write a whole number from {least} to {most}"));
                least
            }
        }
    }

    /// A path, taken from the configuration's folder.
    pub(super) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        let text = self.text(key)?;
        Some(self.reading.folder.join(text))
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.table.keys().filter(|key| !self.known.contains(key.as_str())) {
            let full = format!("{}.{key}", self.name);
            if key == "password" || key.ends_with("_password") {
                let variable = format!("{}{}", self.variables, key.to_ascii_uppercase());
                let what = format!(
                    "a password does not belong here: put it into a file that its owner alone can read and \
                     name that as `{key}_file`, or set {variable}"
                );
                self.reading.fault(full, what);
            } else {
                let hint = did_you_mean(key, self.known.iter().copied());
                self.reading.fault(full, format!("there is no such key{hint}"));
            }
        }
    }
}

fn kind(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "text",
        toml::Value::Integer(_) | toml::Value::Float(_) => "a number",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Datetime(_) => "a date without quotation marks",
        toml::Value::Array(_) => "a list",
        toml::Value::Table(_) => "a section",
    }
}

/// `: did you mean …?` if a known word is near, else `: remove it`.
pub(super) fn did_you_mean<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> String {
    let nearest = known.map(|k| (distance(word, k), k)).min();
    match nearest {
        Some((d, k)) if d <= 2 || (d <= 3 && word.len() > 8) => format!(": did you mean `{k}`?"),
        _ => ": remove it, or look its name up in config/default.toml".to_owned(),
    }
}

/// How many characters must be inserted, removed or replaced to turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut left = i + 1;
        next.push(left);
        for (y, pair) in b.iter().zip(row.windows(2)) {
            if let [diagonal, above] = pair {
                left = (diagonal + usize::from(x != *y)).min(above + 1).min(left + 1);
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        assert_eq!(distance("lisen", "listen"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert!(did_you_mean("timezon", ["name", "timezone"].into_iter()).contains("`timezone`"));
        assert!(did_you_mean("colour", ["name", "timezone"].into_iter()).contains("remove it"));
    }
}
