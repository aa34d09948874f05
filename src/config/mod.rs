//! The configuration: the embedded defaults, a site's file over them, the environment over both. All that is
//! wrong is reported at once, each fault by its key and with what to do, before anything starts.

mod database;
mod mailbox;
mod read;
mod secret;
mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use url::Url;

pub use database::DatabaseUrl;
pub use mailbox::MailboxConfig;
pub use secret::{Secret, SecretFault};
pub use values::{Auth, ImportFrom, OnFiled, OnUncertain, SentCopy};

use read::{Reading, Section, did_you_mean};

/// Every key with its meaning and its default: `config/default.toml`.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

/// Environment variables by name.
pub type Environment = BTreeMap<String, String>;

/// What the program runs with, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[desk]`
    pub desk: Desk,
    /// `[database] url` and its password.
    pub database: DatabaseUrl,
    /// `[codebook] path`; the embedded starter codebook if absent.
    pub codebook: Option<PathBuf>,
    /// `[codebook] cpt_licence`: the site holds a licence of the American Medical Association to use CPT.
    pub cpt_licence: bool,
    /// `[codebook] cpt_notice`: what is said of the copyright of CPT files that carry no notice themselves.
    pub cpt_notice: String,
    /// `[web]`
    pub web: Web,
    /// `[privacy] key_file`: the key that seals originals. Need not exist yet.
    pub key_file: PathBuf,
    /// `[paths] templates`: replaces built-in templates of the same name.
    pub templates: Option<PathBuf>,
    /// `[review] undo_seconds`: how long an approval can be taken back.
    pub undo: Duration,
    /// `[delivery]`
    pub delivery: Delivery,
    /// `[log] level`, as `tracing` filters are written.
    pub log_level: String,
    /// `[[mailbox]]`, in the file's order.
    pub mailboxes: Vec<MailboxConfig>,
    /// What is not wrong but worth a line in the log.
    pub warnings: Vec<String>,
}

/// The desk as a whole.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Stands on its pages and beside its address.
    pub name: String,
    /// Decides "today" and the case number's year.
    pub timezone: TimeZone,
}

/// Where and how the pages are served.
#[derive(Debug, Clone)]
pub struct Web {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The address under which people reach the pages.
    pub public_url: Option<Url>,
    /// After so long a person signs in again.
    pub session: Duration,
    /// Whether the code pages are open to people who are not signed in.
    pub public_codes: bool,
    /// Whether the site may show CPT numbers to the public.
    pub ama_distribution_licence: bool,
}

/// How long to wait for mail servers, and how often to try again.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// For a connection.
    pub connect_timeout: Duration,
    /// For each reply.
    pub command_timeout: Duration,
    /// For the reply to the end of a mail.
    pub data_timeout: Duration,
    /// The first wait after "not now"; each further one is twice as long …
    pub retry_first: Duration,
    /// … up to this.
    pub retry_most: Duration,
    /// After so long the mail has failed.
    pub give_up_after: Duration,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key, as `section.key`.
    pub key: String,
    /// What is wrong with it and what to do.
    pub what: String,
}

/// All that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFaults {
    /// The site's file, or where else the text came from.
    pub file: String,
    /// Each fault, in the order of the sections.
    pub faults: Vec<Fault>,
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [fault] = self.faults.as_slice() {
            return write!(f, "{}: {}: {}", self.file, fault.key, fault.what);
        }
        write!(f, "{}: {} things are wrong:", self.file, self.faults.len())?;
        for fault in &self.faults {
            write!(f, "\n  {}: {}", fault.key, fault.what)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigFaults {}

/// The process's environment, as far as it is text.
#[must_use]
pub fn process_environment() -> Environment {
    let pairs = std::env::vars_os();
    pairs.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

impl Config {
    /// Reads a site's file; without one, the defaults and the environment alone, with paths from the current
    /// folder.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn load(file: Option<&Path>, environment: &Environment) -> Result<Self, ConfigFaults> {
        let Some(path) = file else {
            return Self::from_text("", "the configuration", Path::new("."), environment);
        };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| {
            let what = format!("it cannot be read ({e}): name the configuration's file with --config");
            ConfigFaults { file: name.clone(), faults: vec![Fault { key: "file".to_owned(), what }] }
        })?;
        // An absolute folder, so that nothing depends on where the program is started.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self::from_text(&text, &name, absolute.parent().unwrap_or(Path::new(".")), environment)
    }

    /// Reads a configuration's text; `name` stands for it in faults, relative paths start at `folder`.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn from_text(
        text: &str,
        name: &str,
        folder: &Path,
        environment: &Environment,
    ) -> Result<Self, ConfigFaults> {
        let mut reading = Reading::new(folder, environment);
        let mut sections = parse(&mut reading, "config/default.toml", DEFAULTS);
        let known: Vec<String> = sections.keys().cloned().collect();
        let mut list = None;
        for (section, value) in parse(&mut reading, "file", text) {
            match (value, sections.get_mut(&section)) {
                (value, _) if section == "mailbox" => list = Some(value),
                (toml::Value::Table(site), Some(toml::Value::Table(defaults))) => defaults.extend(site),
                (_, Some(_)) => reading.fault(&section, format!("write it as a section: [{section}]")),
                (_, None) => {
                    let known = known.iter().map(String::as_str).chain(["mailbox"]);
                    let hint = did_you_mean(&section, known);
                    reading.fault(section, format!("there is no such section{hint}"));
                }
            }
        }
        let config = build(&mut reading, &mut sections, list);
        if reading.faults.is_empty() {
            return Ok(config);
        }
        Err(ConfigFaults { file: name.to_owned(), faults: reading.faults })
    }

    /// The mailbox of this name.
    #[must_use]
    pub fn mailbox(&self, name: &str) -> Option<&MailboxConfig> {
        self.mailboxes.iter().find(|m| m.name == name)
    }
}

/// Parses TOML; what cannot be parsed is one fault with its line, and counts as empty.
fn parse(reading: &mut Reading<'_>, key: &str, text: &str) -> toml::Table {
    text.parse().unwrap_or_else(|e: toml::de::Error| {
        let before = e.span().and_then(|s| text.get(..s.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        reading.fault(
            format!("{key}, line {line}"),
            format!("it is not TOML: {}", e.message().replace('\n', ", ")),
        );
        toml::Table::new()
    })
}

fn build(reading: &mut Reading<'_>, sections: &mut toml::Table, list: Option<toml::Value>) -> Config {
    let mut take = |name: &str| match sections.remove(name) {
        Some(toml::Value::Table(table)) => table,
        _ => toml::Table::new(),
    };

    let mut section = Section::new(reading, "desk", take("desk"));
    let desk = Desk {
        name: section.parsed("name", |t| Ok(t.trim().to_owned())).unwrap_or_default(),
        timezone: section.parsed("timezone", values::timezone).unwrap_or(TimeZone::UTC),
    };
    if desk.name.chars().any(char::is_control) {
        section.fault("name", "write it in one line");
    }
    section.finish();

    let mut section = Section::new(reading, "database", take("database"));
    let database = database::database(&mut section);
    section.finish();

    let mut section = Section::new(reading, "codebook", take("codebook"));
    let codebook = section.path("path");
    let cpt_licence = section.flag("cpt_licence");
    let cpt_notice = section.parsed("cpt_notice", |t| Ok(t.trim().to_owned())).unwrap_or_default();
    if cpt_notice.chars().any(char::is_control) {
        section.fault("cpt_notice", "write it in one line");
    }
    section.finish();

    let mut warnings = Vec::new();
    let mut section = Section::new(reading, "web", take("web"));
    let web = web(&mut section, &mut warnings);
    section.finish();

    let mut section = Section::new(reading, "privacy", take("privacy"));
    let key_file = section.path("key_file").unwrap_or_default();
    section.finish();

    let mut section = Section::new(reading, "paths", take("paths"));
    let templates = section.path("templates");
    if templates.as_deref().is_some_and(|folder| !folder.is_dir()) {
        section.fault("templates", "there is no such folder: create it, or leave the key out");
    }
    section.finish();

    let mut section = Section::new(reading, "review", take("review"));
    let undo = Duration::from_secs(section.number("undo_seconds", 0, 3600).unsigned_abs());
    section.finish();

    let mut section = Section::new(reading, "delivery", take("delivery"));
    let delivery = delivery(&mut section);
    section.finish();

    let mut section = Section::new(reading, "log", take("log"));
    let log_level = section.parsed("level", crate::telemetry::check_level).unwrap_or_default();
    section.finish();

    let mailboxes = mailbox::mailboxes(reading, list, &take("mailbox_defaults"));
    let not_settings = ["CASECONSULTANT_CONFIG", "CASECONSULTANT_CODEBOOK"];
    for variable in reading.unused_variables() {
        if !not_settings.contains(&variable.as_str()) && !variable.starts_with("CASECONSULTANT_TEST_") {
            warnings.push(format!("the environment variable {variable} stands for no key and is ignored"));
        }
    }
    Config {
        desk,
        database,
        codebook,
        cpt_licence,
        cpt_notice,
        web,
        key_file,
        templates,
        undo,
        delivery,
        log_level,
        mailboxes,
        warnings,
    }
}

fn web(section: &mut Section<'_, '_>, warnings: &mut Vec<String>) -> Web {
    let listen = section.parsed("listen", |text| {
        text.parse::<SocketAddr>().map_err(|_| {
            format!(
                "`{text}` is not an address: write IP:PORT, for example \"127.0.0.1:8080\" or \"[::]:8080\""
            )
        })
    });
    let listen = listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
    let public_url = section.parsed("public_url", |text| {
        let wrong = "write it as \"https://desk.example.org\", without a path";
        let url = Url::parse(text).map_err(|_| wrong.to_owned())?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !bare {
            return Err(wrong.to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("user names and passwords do not belong into it".to_owned());
        }
        Ok(url)
    });
    let encrypted = public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    if !listen.ip().is_loopback() && !encrypted {
        warnings.push(format!(
            "the pages are served on {listen} without encryption: put a proxy with https in front and set \
             web.public_url"
        ));
    }
    let hours = section.number("session_hours", 1, 24 * 30).unsigned_abs();
    Web {
        listen,
        public_url,
        session: Duration::from_secs(hours * 3600),
        public_codes: section.flag("public_codes"),
        ama_distribution_licence: section.flag("ama_distribution_licence"),
    }
}

fn delivery(section: &mut Section<'_, '_>) -> Delivery {
    let mut read = |key| section.parsed(key, values::duration).unwrap_or(Duration::ZERO);
    let delivery = Delivery {
        connect_timeout: read("connect_timeout"),
        command_timeout: read("command_timeout"),
        data_timeout: read("data_timeout"),
        retry_first: read("retry_first"),
        retry_most: read("retry_most"),
        give_up_after: read("give_up_after"),
    };
    // The lease on a delivery is 15 minutes: whoever waits longer would lose it to another worker.
    if delivery.data_timeout > Duration::from_secs(14 * 60) {
        section.fault("data_timeout", "it must be at most \"14 min\"");
    }
    if delivery.retry_most < delivery.retry_first {
        section.fault("retry_most", "it must not be shorter than retry_first");
    }
    delivery
}

#[cfg(test)]
mod tests;
