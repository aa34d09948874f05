//! The embedded starter codebook, read by the same importers as the official files.

use include_dir::{Dir, include_dir};
use rusqlite::Connection;

use crate::codebook::import::build::{Builder, Ready};
use crate::codebook::import::manifest::read_manifest;
use crate::codebook::import::rows::Parsed;
use crate::codebook::{CodebookError, Notice};

static STARTER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config/starter");

/// The starter's files; with `only_own`, what a new book begins with.
pub(crate) fn starter_files(only_own: bool) -> Result<(Vec<Parsed>, Vec<Notice>), CodebookError> {
    let open = |name: &str| STARTER.get_file(name).map(|f| f.contents().to_vec());
    let manifest = open("starter.toml").ok_or_else(|| CodebookError::Embedded {
        what: "starter codebook",
        why: "starter.toml is missing".to_owned(),
    })?;
    read_manifest("starter.toml", &manifest, only_own, &open)
}

/// Builds the starter codebook in memory.
pub(crate) fn build_starter() -> Result<Connection, CodebookError> {
    let (files, notices) = starter_files(false)?;
    let mut builder = Builder::in_memory()?;
    for file in files {
        builder.add(&Ready::new(file), false)?;
    }
    for notice in notices {
        builder.add_notice(&notice)?;
    }
    builder.finish()
}
