//! Which database, and with which password.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::read::Section;
use crate::config::secret::{Secret, secret};

/// Where the cases are kept.
#[derive(Clone, PartialEq)]
pub enum DatabaseUrl {
    /// One file on this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL server; its URL names no password.
    Postgres {
        /// `postgres://user@host:port/database?options`.
        url: Url,
        /// The password, if one is needed.
        password: Option<Secret>,
    },
}

impl DatabaseUrl {
    /// The URL that opens the database, with its password: for the database driver alone.
    ///
    /// # Errors
    /// The password's file has become unreadable.
    pub fn connect_url(&self) -> Result<SecretString, crate::config::SecretFault> {
        match self {
            Self::Sqlite(path) => Ok(SecretString::from(format!("sqlite://{}", path.display()))),
            Self::Postgres { url, password: None } => Ok(SecretString::from(url.to_string())),
            Self::Postgres { url, password: Some(password) } => {
                let mut url = url.clone();
                // A URL with a host always takes a password.
                let _ = url.set_password(Some(password.read()?.expose_secret()));
                Ok(SecretString::from(url.to_string()))
            }
        }
    }
}

/// Without the password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres { url, .. } => write!(f, "{url}"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

pub(super) fn database(section: &mut Section<'_, '_>) -> DatabaseUrl {
    let folder = section.reading.folder;
    let url = section.parsed("url", |text| {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path == ":memory:" || path.contains('?') {
                return Err("name a file, for example \"sqlite:data/cases.db\"".to_owned());
            }
            return Ok(DatabaseUrl::Sqlite(folder.join(path)));
        }
        let wrong = || "write \"sqlite:PATH\" or \"postgres://user@host/database\"".to_owned();
        let url = Url::parse(text).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(wrong());
        }
        let in_query = url.query_pairs().any(|(key, _)| key == "password");
        if url.password().is_some() || in_query {
            let what = "a password does not belong into the URL: take it out and name a file as \
                        `password_file`, or set CASECONSULTANT_DATABASE_PASSWORD";
            return Err(what.to_owned());
        }
        if url.path().trim_matches('/').is_empty() {
            return Err("name the database behind the host: \"postgres://user@host/database\"".to_owned());
        }
        Ok(DatabaseUrl::Postgres { url, password: None })
    });
    let password = secret(section, "password", "password_file");
    match url {
        Some(DatabaseUrl::Postgres { url, .. }) => DatabaseUrl::Postgres { url, password },
        Some(sqlite) => sqlite,
        None => DatabaseUrl::Sqlite(PathBuf::new()),
    }
}
