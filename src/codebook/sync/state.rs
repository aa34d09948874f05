//! What is remembered of fetched files: `sync.json` in their folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::codebook::CodebookError;
use crate::domain::{Timestamp, hex};

const NAME: &str = "sync.json";

/// A file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Its name in the folder.
    pub file: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The publisher's ETag.
    pub etag: Option<String>,
    /// The publisher's Last-Modified.
    pub last_modified: Option<String>,
    /// When it was fetched.
    pub at: String,
    /// Whether the codebook has it.
    pub imported: bool,
    /// Whether the codebook has another file of the same address, which this one is to replace.
    #[serde(default)]
    pub replaces: bool,
}

impl Fetched {
    /// Whether the very bytes that were fetched are still there.
    pub(super) fn is_whole(&self, folder: &Path) -> bool {
        let path = folder.join(&self.file);
        std::fs::metadata(&path).is_ok_and(|m| m.len() == self.size)
            && digest_of(&path).is_ok_and(|d| d == self.sha256)
    }
}

/// All that is remembered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SyncState {
    files: BTreeMap<String, Fetched>,
    licences: BTreeMap<String, String>,
}

impl SyncState {
    pub(super) fn load(folder: &Path) -> Result<Self, CodebookError> {
        let path = folder.join(NAME);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(&path).map_err(CodebookError::io("reading it", &path))?;
        serde_json::from_str(&text).map_err(|e| {
            let source = std::io::Error::new(std::io::ErrorKind::InvalidData, e);
            CodebookError::io("it is damaged; delete it, and everything is fetched anew", &path)(source)
        })
    }

    /// Durable first, then visible.
    pub(super) fn save(&self, folder: &Path) -> Result<(), CodebookError> {
        let (path, fresh) = (folder.join(NAME), folder.join("sync.json.new"));
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&fresh)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            std::fs::rename(&fresh, &path)
        };
        write().map_err(CodebookError::io("writing it", &path))
    }

    pub(super) fn of(&self, url: &str) -> Option<&Fetched> {
        self.files.get(url)
    }

    pub(super) fn put(&mut self, url: &str, fetched: Fetched) {
        self.files.insert(url.to_owned(), fetched);
    }

    pub(super) fn imported(&mut self, url: &str) {
        if let Some(file) = self.files.get_mut(url) {
            (file.imported, file.replaces) = (true, false);
        }
    }

    pub(super) fn accept(&mut self, licence: &str, at: Timestamp) {
        self.licences.entry(licence.to_owned()).or_insert_with(|| at.to_string());
    }

    pub(super) fn accepted(&self, licence: &str) -> bool {
        self.licences.contains_key(licence)
    }
}

/// SHA-256 of a file, in hexadecimal.
pub(super) fn digest_of(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 65_536]);
    loop {
        let n = file.read(&mut buffer)?;
        match buffer.get(..n).filter(|b| !b.is_empty()) {
            Some(bytes) => hash.update(bytes),
            None => break,
        }
    }
    Ok(hex(&hash.finalize()))
}
