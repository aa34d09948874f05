//! What commands share: the configuration, the store, the assembled desk, and who acts.

use std::future::Future;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::app::{App, open_store};
use crate::clock::Clock;
use crate::codebook::{Codebook, CodebookError};
use crate::config::{Config, process_environment};
use crate::desk::Signer;
use crate::domain::{Address, CivilDate, Role};
use crate::store::{Store, StoreUrl, User};

/// The global options.
pub(super) struct Context {
    pub(super) config: Option<PathBuf>,
    pub(super) codebook: Option<PathBuf>,
}

/// What the configuration says of the codebook.
#[derive(Debug, Clone, Default)]
pub struct SiteBook {
    /// Its file; none is the embedded starter.
    pub path: Option<PathBuf>,
    /// Whether the site holds a licence to use CPT.
    pub cpt_licence: bool,
    /// What is said of the copyright of CPT files that carry no notice themselves.
    pub cpt_notice: String,
}

impl SiteBook {
    /// Opens it.
    ///
    /// # Errors
    /// If the file is missing or is no codebook.
    pub fn open(&self) -> Result<Codebook, CodebookError> {
        Ok(Codebook::configured(self.path.as_deref())?.with_cpt_texts(self.cpt_licence))
    }
}

const HERE: &str = "caseconsultant.toml";

impl Context {
    /// The configuration; every fault of it is reported at once.
    pub(super) fn config(&self) -> anyhow::Result<Config> {
        let here = Path::new(HERE);
        let file = self.config.as_deref().or_else(|| here.exists().then_some(here));
        let mut config = Config::load(file, &process_environment())?;
        if let Some(book) = &self.codebook {
            config.codebook = Some(book.clone());
        }
        Ok(config)
    }

    /// The site's codebook. Look-ups work without any configuration.
    pub(super) fn site_book(&self) -> anyhow::Result<SiteBook> {
        let config = match self.config.is_some() || Path::new(HERE).exists() {
            true => self.config()?,
            false => Config::from_text("", HERE, Path::new("."), &process_environment())?,
        };
        let path = self.codebook.clone().or(config.codebook);
        Ok(SiteBook { path, cpt_licence: config.cpt_licence, cpt_notice: config.cpt_notice })
    }

    /// Today at the desk; without a configuration, in the default time zone.
    pub(super) fn today(&self) -> anyhow::Result<CivilDate> {
        let zone = match self.config.is_some() || Path::new(HERE).exists() {
            true => self.config()?.desk.timezone,
            false => Config::from_text("", HERE, Path::new("."), &process_environment())?.desk.timezone,
        };
        Ok(Clock::system().today(&zone))
    }

    /// The case database, which must be up to date.
    pub(super) async fn store(&self, config: &Config, clock: &Clock) -> anyhow::Result<Store> {
        Ok(self.open(config, clock).await?.0)
    }

    async fn open(&self, config: &Config, clock: &Clock) -> anyhow::Result<(Store, StoreUrl)> {
        let (store, url) = open_store(config, clock).await?;
        if !store.pending_migrations().await?.is_empty() {
            bail!(
                "the case database is not up to date: run `caseconsultant migrate` (or `serve`, with SQLite)"
            );
        }
        Ok((store, url))
    }

    /// The whole desk, for commands that act like a reviewer. The database must be up to date: an older desk may be
    /// running on it.
    pub(super) async fn app(&self) -> anyhow::Result<App> {
        let (config, clock) = (self.config()?, Clock::system());
        let (store, url) = self.open(&config, &clock).await?;
        Ok(App::assemble_on(store, url, config, clock).await?)
    }
}

/// Runs what waits.
pub(super) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the program cannot start its runtime")?
        .block_on(work)
}

/// The person in whose name a command acts: `--as`, or the only one who could.
pub(super) async fn acting(
    store: &Store,
    named: Option<&str>,
    least: Role,
) -> anyhow::Result<(User, Signer)> {
    let user = match named {
        Some(name) => {
            let address: Address = name.parse()?;
            store.user(&address).await?
        }
        None => {
            let mut able = store.users().await?;
            able.retain(|u| !u.disabled && u.role >= least);
            match (able.pop(), able.is_empty()) {
                (Some(user), true) => user,
                (Some(_), false) => bail!("several people could do this: say who does, with --as ADDRESS"),
                (None, _) => {
                    bail!("nobody may do this yet: `caseconsultant user add ADDRESS --role {least}` first")
                }
            }
        }
    };
    if user.disabled {
        bail!("{} may no longer sign in", user.address);
    }
    if user.role < least {
        bail!("{} is a {}; this needs a {least}", user.address, user.role);
    }
    let signer = Signer::from(&user);
    Ok((user, signer))
}
