//! `migrate`: brings the case database up to date.

use std::io::Write;

use super::context::{Context, block_on};
use crate::app::{ServeLock, migrate, open_store};
use crate::clock::Clock;
use crate::config::DatabaseUrl;

pub(super) fn run(context: &Context, out: &mut dyn Write) -> anyhow::Result<()> {
    let config = context.config()?;
    let clock = Clock::system();
    block_on(async {
        let (store, url) = open_store(&config, &clock).await?;
        if store.pending_migrations().await?.is_empty() {
            return Ok(writeln!(out, "the case database is up to date")?);
        }
        // Never beside a desk that runs on the tables as they were.
        let _lock = match &config.database {
            DatabaseUrl::Sqlite(path) => Some(ServeLock::take(path)?),
            DatabaseUrl::Postgres { .. } => None,
        };
        let migrated = migrate(&store, &url, &clock).await?;
        if let Some(copy) = migrated.copy {
            writeln!(out, "copied the database to {}", copy.display())?;
        }
        for migration in &migrated.done {
            writeln!(out, "migrated: {migration}")?;
        }
        Ok(())
    })
}
