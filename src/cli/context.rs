//! What commands share: the configuration, the store, the assembled desk, and who acts.

use std::future::Future;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::app::{App, open_store};
use crate::clock::Clock;
use crate::config::{Config, process_environment};
use crate::desk::Signer;
use crate::domain::{Address, Role};
use crate::store::{Store, User};

/// The global options.
pub(super) struct Context {
    pub(super) config: Option<PathBuf>,
    pub(super) codebook: Option<PathBuf>,
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

    /// The codebook's file; none is the starter. Look-ups work without any configuration.
    pub(super) fn book_path(&self) -> anyhow::Result<Option<PathBuf>> {
        if self.codebook.is_some() {
            return Ok(self.codebook.clone());
        }
        if self.config.is_some() || Path::new(HERE).exists() {
            return Ok(self.config()?.codebook);
        }
        Ok(None)
    }

    /// The case database, which must be up to date.
    pub(super) async fn store(&self, config: &Config, clock: &Clock) -> anyhow::Result<Store> {
        let (store, _) = open_store(config, clock).await?;
        if !store.pending_migrations().await?.is_empty() {
            bail!("the case database is not up to date: run `caseconsultant migrate` (or `serve`, with SQLite)");
        }
        Ok(store)
    }

    /// The whole desk, for commands that act like a reviewer.
    pub(super) async fn app(&self) -> anyhow::Result<App> {
        Ok(App::assemble(self.config()?, Clock::system()).await?)
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
pub(super) async fn acting(store: &Store, named: Option<&str>, least: Role) -> anyhow::Result<(User, Signer)> {
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
                (None, _) => bail!("nobody may do this yet: `caseconsultant user add ADDRESS --role {least}` first"),
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
