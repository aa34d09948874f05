//! The parts of the desk, made from its configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl, ImportFrom, SentCopy};
use crate::desk::{BookInUse, Desk, DeskMailbox};
use crate::domain::Timestamp;
use crate::privacy::Keys;
use crate::render::Renderer;
use crate::store::{Dialect, Registration, Store, StoreError, StoreUrl};
use crate::work::mailbox::MailboxWork;

/// Why the desk cannot start, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Something on this machine is not as it must be.
    #[error("{0}")]
    Setup(String),
    /// The case database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The codebook.
    #[error(transparent)]
    Codebook(#[from] crate::codebook::CodebookError),
    /// A template.
    #[error(transparent)]
    Render(#[from] crate::render::RenderError),
    /// The key file.
    #[error(transparent)]
    Key(#[from] crate::privacy::KeyError),
    /// A worker ended although nobody asked it to.
    #[error("{0} ended unexpectedly: the desk stops, so that nobody believes that it works")]
    DeadWorker(String),
}

/// The desk, put together.
pub struct App {
    /// Its configuration.
    pub config: Config,
    /// The case database.
    pub store: Store,
    /// How the database is reached.
    pub store_url: StoreUrl,
    /// What seals originals.
    pub keys: Arc<Keys>,
    /// The reviewer's acts.
    pub desk: Desk,
    /// The mailboxes.
    pub mailboxes: Vec<MailboxWork>,
    /// Time and ids.
    pub clock: Clock,
}

/// Connects to the case database of a configuration.
///
/// # Errors
/// If it cannot be reached.
pub async fn open_store(config: &Config, clock: &Clock) -> Result<(Store, StoreUrl), AppError> {
    let url = match &config.database {
        DatabaseUrl::Sqlite(path) => StoreUrl::Sqlite(path.clone()),
        postgres @ DatabaseUrl::Postgres { .. } => {
            StoreUrl::Postgres(postgres.connect_url().map_err(|e| AppError::Setup(e.to_string()))?)
        }
    };
    Ok((Store::connect(&url, clock.clone()).await?, url))
}

/// The key file: made at the very first start, never again. The database remembers which key is its own, so that no
/// second machine seals with another one.
///
/// # Errors
/// If it is missing although a key was in use, readable by others, no key, or another one.
pub async fn open_keys(config: &Config, store: &Store, clock: &Clock) -> Result<Keys, AppError> {
    let known = store.key_fingerprint().await?;
    let keys = if known.is_some() || store.holds_mail().await? {
        Keys::load(&config.key_file)?
    } else {
        Keys::load_or_create(&config.key_file, clock)?
    };
    let known = match known {
        Some(known) => known,
        None => store.keep_key_fingerprint(&keys.fingerprint()).await?,
    };
    if known == keys.fingerprint() { Ok(keys) } else { Err(AppError::Setup(other_key(&config.key_file))) }
}

/// What to do about a key that is not the database's.
#[must_use]
pub fn other_key(path: &Path) -> String {
    format!(
        "the key file {} is not the one that this database is used with: copy the key file of the machine that was \
         started first, or restore it from the backup",
        path.display()
    )
}

impl App {
    /// Puts the desk together, and brings an SQLite database up to date (after a copy).
    ///
    /// # Errors
    /// Whatever is not as it must be, with what to do.
    pub async fn assemble(config: Config, clock: Clock) -> Result<Self, AppError> {
        let (store, store_url) = open_store(&config, &clock).await?;
        Self::assemble_on(store, store_url, config, clock).await
    }

    /// As [`App::assemble`], on a store that is open already.
    ///
    /// # Errors
    /// Whatever is not as it must be, with what to do.
    pub async fn assemble_on(
        store: Store,
        store_url: StoreUrl,
        config: Config,
        clock: Clock,
    ) -> Result<Self, AppError> {
        bring_up_to_date(&store, &store_url, &clock).await?;
        let keys = Arc::new(open_keys(&config, &store, &clock).await?);
        let (path, licence) = (config.codebook.clone(), config.cpt_licence);
        let book = tokio::task::spawn_blocking(move || BookInUse::open(path.as_deref(), licence))
            .await
            .map_err(|e| AppError::Setup(format!("the codebook cannot be opened: {e}")))??;
        let renderer = Arc::new(Renderer::new(config.templates.as_deref())?);
        let mailboxes: Vec<MailboxWork> = config
            .mailboxes
            .iter()
            .map(|m| MailboxWork { config: m.clone(), delivery: config.delivery.clone() })
            .collect();
        let desk = Desk {
            store: store.clone(),
            renderer,
            clock: clock.clone(),
            zone: config.desk.timezone.clone(),
            name: config.desk.name.clone(),
            mailboxes: Arc::new(desk_mailboxes(&config)),
            book,
            undo_seconds: i64::try_from(config.undo.as_secs()).unwrap_or(0),
        };
        Ok(Self { config, store, store_url, keys, desk, mailboxes, clock })
    }

    /// Makes new mailboxes known, and refuses one that has changed behind its name.
    ///
    /// # Errors
    /// With the command that settles it.
    pub async fn register_mailboxes(&self) -> Result<(), AppError> {
        for mailbox in &self.mailboxes {
            let (name, identity) = (mailbox.name(), mailbox.identity());
            match self.store.compare_mailbox(name, &identity).await? {
                Registration::Known => {}
                Registration::New => {
                    let after = self.import_after(mailbox);
                    self.store.register_mailbox(name, &identity, after).await?;
                }
                other => return Err(AppError::Setup(changed_mailbox(name, &identity, &other))),
            }
        }
        Ok(())
    }

    /// From when on mail of a new mailbox is opened.
    #[must_use]
    pub fn import_after(&self, mailbox: &MailboxWork) -> Timestamp {
        match mailbox.config.import_from {
            ImportFrom::All => Timestamp::from_micros(0),
            // To the second: servers and files do not date more finely.
            ImportFrom::Now => Timestamp::from_seconds(self.clock.now().seconds()),
            ImportFrom::Since(date) => date.start_in(&self.config.desk.timezone),
        }
    }
}

/// What to do about a mailbox that is not the one the database knows.
#[must_use]
pub fn changed_mailbox(name: &str, identity: &str, what: &Registration) -> String {
    match what {
        Registration::Changed { was } => format!(
            "mailbox {name} was `{was}` and is `{identity}` now: if it is another mailbox, run `caseconsultant \
             mailbox reset {name}`; otherwise put the configuration back"
        ),
        Registration::Renamed { was } => format!(
            "mailbox {name} is known as `{was}`: run `caseconsultant mailbox rename {was} {name}`, or put the \
             configuration back"
        ),
        Registration::Known | Registration::New => format!("mailbox {name} is as it was"),
    }
}

async fn bring_up_to_date(store: &Store, url: &StoreUrl, clock: &Clock) -> Result<(), AppError> {
    let pending = store.pending_migrations().await?;
    if store.dialect() == Dialect::Postgres && !pending.is_empty() {
        return Err(AppError::Setup(format!(
            "the PostgreSQL database lacks {} migration(s): back it up, then run `caseconsultant migrate`",
            pending.len()
        )));
    }
    if let Some(copy) = migrate(store, url, clock).await?.copy {
        tracing::info!(copy = %copy.display(), "copied the case database before bringing it up to date");
    }
    Ok(())
}

/// What bringing a database up to date did.
#[derive(Debug)]
pub struct Migrated {
    /// The copy that was made before, of an SQLite database that held something.
    pub copy: Option<PathBuf>,
    /// The migrations that were run, by name.
    pub done: Vec<String>,
}

/// Brings the case database up to date; an SQLite database is copied first.
///
/// # Errors
/// If the copy or a migration fails.
pub async fn migrate(store: &Store, url: &StoreUrl, clock: &Clock) -> Result<Migrated, AppError> {
    let mut copy = None;
    if let StoreUrl::Sqlite(path) = url
        && !store.pending_migrations().await?.is_empty()
        && !store.is_new().await?
    {
        let target = path.with_extension(format!("before-{}.db", clock.now().seconds()));
        store.copy_to(&target).await?;
        copy = Some(target);
    }
    Ok(Migrated { copy, done: store.migrate().await? })
}

fn desk_mailboxes(config: &Config) -> BTreeMap<String, DeskMailbox> {
    let of = |m: &crate::config::MailboxConfig| DeskMailbox {
        address: m.address.clone(),
        plus_addressing: m.plus_addressing,
        wants_copy: matches!(m.sent, SentCopy::Append(_)),
        acknowledge: m.acknowledge,
    };
    config.mailboxes.iter().map(|m| (m.name.clone(), of(m))).collect()
}
