//! The list of sources (`config/sources.toml`, or a site's own).

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

/// What is wrong with a list of sources.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Read(String, String),
    /// An entry is faulty.
    #[error("{file}: [[source]] {name}: {why}")]
    Entry {
        /// The list's file.
        file: String,
        /// The entry.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// No such source.
    #[error("the list has no source `{0}`: `codes sync --list` shows them")]
    Unknown(String),
    /// No such licence.
    #[error("the list has no licence `{0}`: `codes sync --list` shows which source asks for which")]
    UnknownLicence(String),
}

/// One official file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A short name of its own.
    pub name: String,
    /// What it is.
    pub what: String,
    /// Its address: https (http only for this machine itself).
    pub url: String,
    /// The publisher's page on which new addresses are found.
    pub page: String,
    /// The licence that has to be accepted first, if there is one.
    pub licence: Option<String>,
    /// Fetched only if it is named.
    #[serde(default)]
    pub optional: bool,
}

/// A licence that a publisher asks to accept before a download.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: String,
    /// Where its text stands.
    pub page: String,
    /// What the address of a file carries once it is accepted.
    pub query: Option<String>,
}

/// The list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceList {
    /// The sources, in the order in which they are fetched.
    #[serde(rename = "source", default)]
    pub sources: Vec<Source>,
    /// The licences that they ask for.
    #[serde(rename = "licence", default)]
    pub licences: Vec<Licence>,
}

impl SourceList {
    /// The list that the program carries.
    ///
    /// # Errors
    /// Only if the program was built with a faulty one.
    pub fn embedded() -> Result<Self, SourceError> {
        Self::from_text(include_str!("../../../config/sources.toml"), "config/sources.toml")
    }

    /// A site's own list.
    ///
    /// # Errors
    /// If it cannot be read, or an entry is faulty.
    pub fn load(path: &Path) -> Result<Self, SourceError> {
        let shown = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|e| SourceError::Read(shown.clone(), e.to_string()))?;
        Self::from_text(&text, &shown)
    }

    /// Reads a list.
    ///
    /// # Errors
    /// If it is no such list, or an entry is faulty.
    pub fn from_text(text: &str, file: &str) -> Result<Self, SourceError> {
        let list: Self = toml::from_str(text)
            .map_err(|e| SourceError::Read(file.to_owned(), e.to_string().trim_end().replace('\n', " ")))?;
        let mut names = BTreeSet::new();
        for source in &list.sources {
            let wrong = |why: &str| SourceError::Entry {
                file: file.to_owned(),
                name: source.name.clone(),
                why: why.to_owned(),
            };
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
            if source.name.is_empty() || source.name.starts_with('.') || !source.name.chars().all(fits) {
                return Err(wrong("a name has a-z, 0-9, `-`, `_` and `.`, and begins with no dot"));
            }
            if !names.insert(source.name.as_str()) {
                return Err(wrong("the name stands twice in the list"));
            }
            if !is_safe(&source.url) {
                return Err(wrong("its url is not https"));
            }
            if source.licence.as_ref().is_some_and(|l| !list.licences.iter().any(|known| known.name == *l)) {
                return Err(wrong("it names a licence that is not in the list ([[licence]])"));
            }
        }
        Ok(list)
    }

    /// A licence by its name.
    ///
    /// # Errors
    /// If there is none.
    pub fn licence(&self, name: &str) -> Result<&Licence, SourceError> {
        self.licences
            .iter()
            .find(|l| l.name == name)
            .ok_or_else(|| SourceError::UnknownLicence(name.to_owned()))
    }

    /// The address from which a source is fetched, its licence accepted.
    pub(super) fn address(&self, source: &Source) -> String {
        let query = source
            .licence
            .as_ref()
            .and_then(|name| self.licences.iter().find(|l| l.name == *name))
            .and_then(|l| l.query.as_deref());
        match query {
            Some(query) => {
                format!("{}{}{query}", source.url, if source.url.contains('?') { '&' } else { '?' })
            }
            None => source.url.clone(),
        }
    }

    pub(super) fn chosen(&self, names: &[String]) -> Result<Vec<&Source>, SourceError> {
        if let Some(unknown) = names.iter().find(|n| !self.sources.iter().any(|s| s.name == **n)) {
            return Err(SourceError::Unknown(unknown.clone()));
        }
        let wanted = |s: &&Source| if names.is_empty() { !s.optional } else { names.contains(&s.name) };
        Ok(self.sources.iter().filter(wanted).collect())
    }
}

/// https; or http to this machine itself, for a mirror beside the program.
pub(super) fn is_safe(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    url.host_str().is_some()
        && url.username().is_empty()
        && (url.scheme() == "https" || (url.scheme() == "http" && here))
}
