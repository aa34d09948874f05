//! `migrate`: brings the case database up to date.

use std::io::Write;

use super::context::{Context, block_on};
use crate::app::open_store;
use crate::clock::Clock;
use crate::config::DatabaseUrl;

pub(super) fn run(context: &Context, out: &mut dyn Write) -> anyhow::Result<()> {
    let config = context.config()?;
    let clock = Clock::system();
    block_on(async {
        let (store, _) = open_store(&config, &clock).await?;
        if let DatabaseUrl::Sqlite(path) = &config.database
            && !store.is_new().await?
            && !store.pending_migrations().await?.is_empty()
        {
            let copy = path.with_extension(format!("before-{}.db", clock.now().seconds()));
            store.copy_to(&copy).await?;
            writeln!(out, "copied the database to {}", copy.display())?;
        }
        let done = store.migrate().await?;
        for migration in &done {
            writeln!(out, "migrated: {migration}")?;
        }
        if done.is_empty() {
            writeln!(out, "the case database is up to date")?;
        }
        Ok(())
    })
}
