//! `backup FILE`: one consistent copy of an SQLite case database, also while the desk runs.

use std::io::Write;
use std::path::PathBuf;

use super::context::{Context, block_on};
use crate::clock::Clock;

/// Options of `backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// The file to write; it must not exist.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

pub(super) fn run(context: &Context, args: &BackupArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let config = context.config()?;
    block_on(async {
        let store = context.store(&config, &Clock::system()).await?;
        store.copy_to(&args.file).await?;
        let size = std::fs::metadata(&args.file).map(|m| m.len()).unwrap_or(0);
        writeln!(out, "{}: {size} bytes", args.file.display())?;
        writeln!(
            out,
            "The originals in it are sealed: keep a copy of {} apart from it, or they can never be opened again.",
            config.key_file.display()
        )?;
        Ok(())
    })
}
