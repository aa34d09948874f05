//! One file over https: conditional, resumed where it was cut, bounded, complete before it is visible.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ureq::Agent;
use ureq::http::{HeaderMap, StatusCode};
use ureq::tls::{RootCerts, TlsConfig};

use super::sources::Source;
use super::state::{Fetched, digest_of};

/// The largest file that is fetched: no official archive is near it.
const MAX_FILE: u64 = 2_000_000_000;
/// How often a download that breaks off is taken up again.
const ATTEMPTS: u32 = 4;
const CONNECT: Duration = Duration::from_secs(20);
/// How long the publisher may be silent.
const SILENCE: Duration = Duration::from_secs(60);

/// Told of how a download goes on.
pub trait Progress {
    /// So many bytes of so many (if that is known) are here.
    fn at(&self, source: &str, bytes: u64, of: Option<u64>);
}

impl Progress for () {
    fn at(&self, _: &str, _: u64, _: Option<u64>) {}
}

/// Why a file was not fetched. What is here already stays.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The publisher refused.
    #[error("{url}: the publisher answers {status}")]
    Status {
        /// The address.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// Something else came than an archive.
    #[error("{url}: a page came instead of the file ({what})")]
    NotTheFile {
        /// The address.
        url: String,
        /// What came.
        what: String,
    },
    /// Too large.
    #[error("{url}: it has more than 2 GB, far beyond any official code file: not fetched")]
    TooLarge {
        /// The address.
        url: String,
    },
    /// The connection.
    #[error("{url}: {why}; what came is kept, and `codes sync` goes on from there")]
    Connection {
        /// The address.
        url: String,
        /// What happened.
        why: String,
    },
    /// The disk.
    #[error("{path}: {why}")]
    Disk {
        /// The file.
        path: String,
        /// What happened.
        why: String,
    },
}

pub(super) enum Got {
    NotModified,
    File(Fetched),
}

/// What a partial file is a part of: a resumed answer must be of the same file.
#[derive(Serialize, Deserialize, Clone, Default, PartialEq)]
struct Part {
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
}

impl Part {
    fn of(url: &str, headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Self { url: url.to_owned(), etag: text("etag"), last_modified: text("last-modified") }
    }

    /// A strong ETag, or the date: what `If-Range` may carry.
    fn validator(&self) -> Option<&str> {
        self.etag.as_deref().filter(|e| !e.starts_with("W/")).or(self.last_modified.as_deref())
    }
}

pub(super) struct Downloader {
    agent: Agent,
}

/// What one request brought.
enum Came {
    All(Part),
    NotModified,
    BrokenOff(String),
    /// What was here is no part of what is there now.
    Restart,
}

impl Downloader {
    pub(super) fn new() -> Result<Self, String> {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .user_agent(concat!("caseconsultant/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .build();
        Ok(Self { agent: config.new_agent() })
    }

    /// Fetches a source into `folder`, unless the publisher says that `known` is still the file.
    pub(super) fn get(
        &self,
        source: &Source,
        address: &str,
        known: Option<&Fetched>,
        folder: &Path,
        progress: &dyn Progress,
    ) -> Result<Got, DownloadError> {
        let part_file = folder.join(format!("{}.part", source.name));
        let note_file = folder.join(format!("{}.part.json", source.name));
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(300 << attempt));
            }
            match self.request(source, address, known, &part_file, &note_file, progress)? {
                Came::NotModified => return Ok(Got::NotModified),
                Came::All(part) => {
                    return finish(source, &part, folder, &part_file, &note_file).map(Got::File);
                }
                Came::BrokenOff(reason) => why = reason,
                Came::Restart => {
                    let _ = std::fs::remove_file(&part_file);
                }
            }
        }
        Err(DownloadError::Connection { url: source.url.clone(), why })
    }

    fn request(
        &self,
        source: &Source,
        address: &str,
        known: Option<&Fetched>,
        part_file: &Path,
        note_file: &Path,
        progress: &dyn Progress,
    ) -> Result<Came, DownloadError> {
        let disk = |path: &Path| {
            let path = path.display().to_string();
            move |e: std::io::Error| DownloadError::Disk { path, why: e.to_string() }
        };
        let note: Part = std::fs::read(note_file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .filter(|p: &Part| p.url == source.url)
            .unwrap_or_default();
        let mut have = std::fs::metadata(part_file).map_or(0, |m| m.len());
        let mut headers: Vec<(&str, String)> = Vec::new();
        match note.validator().filter(|_| have > 0) {
            Some(validator) => {
                headers.push(("range", format!("bytes={have}-")));
                headers.push(("if-range", validator.to_owned()));
            }
            None => {
                have = 0;
                if let Some(etag) = known.and_then(|k| k.etag.clone()) {
                    headers.push(("if-none-match", etag));
                }
                if let Some(date) = known.and_then(|k| k.last_modified.clone()) {
                    headers.push(("if-modified-since", date));
                }
            }
        }
        let response = match self.follow(source, address, &headers)? {
            Ok(response) => response,
            Err(why) => return Ok(Came::BrokenOff(why)),
        };
        let (status, came) = (response.status(), Part::of(&source.url, response.headers()));
        match status {
            StatusCode::NOT_MODIFIED => return Ok(Came::NotModified),
            StatusCode::PARTIAL_CONTENT if continues(response.headers(), have) => {}
            // What is there now is another file, or ends before what is here.
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => return Ok(Came::Restart),
            StatusCode::OK => have = 0,
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Ok(Came::BrokenOff(format!("the publisher answers {}", status.as_u16())));
            }
            status => return Err(DownloadError::Status { url: source.url.clone(), status: status.as_u16() }),
        }
        let length = length(response.headers());
        let total = length.map(|l| l.saturating_add(have));
        if total.is_some_and(|t| t > MAX_FILE) {
            return Err(DownloadError::TooLarge { url: source.url.clone() });
        }
        let note = serde_json::to_vec(&came).unwrap_or_default();
        std::fs::write(note_file, note).map_err(disk(note_file))?;
        let mut file =
            if have > 0 { OpenOptions::new().append(true).open(part_file) } else { File::create(part_file) }
                .map_err(disk(part_file))?;
        let (mut reader, mut buffer) = (response.into_body().into_reader(), vec![0; 65_536]);
        loop {
            let n = match reader.read(&mut buffer) {
                Ok(n) => n,
                Err(error) => return Ok(Came::BrokenOff(error.to_string())),
            };
            let Some(bytes) = buffer.get(..n).filter(|b| !b.is_empty()) else { break };
            if have == 0 && bytes.trim_ascii_start().starts_with(b"<") {
                return Err(DownloadError::NotTheFile { url: source.url.clone(), what: "HTML".to_owned() });
            }
            file.write_all(bytes).map_err(disk(part_file))?;
            have = have.saturating_add(u64::try_from(n).unwrap_or(0));
            if have > MAX_FILE {
                return Err(DownloadError::TooLarge { url: source.url.clone() });
            }
            progress.at(&source.name, have, total);
        }
        if let Some(total) = total.filter(|t| *t != have) {
            return Ok(Came::BrokenOff(format!("it broke off after {have} of {total} bytes")));
        }
        file.sync_all().map_err(disk(part_file))?;
        Ok(Came::All(came))
    }

    /// Follows redirections, each of which must be as safe as the address in the list.
    fn follow(
        &self,
        source: &Source,
        address: &str,
        headers: &[(&str, String)],
    ) -> Result<Result<ureq::http::Response<ureq::Body>, String>, DownloadError> {
        let mut url = address.to_owned();
        for _ in 0..6 {
            let mut request = self.agent.get(&url).header("accept-encoding", "identity");
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            let response = match request.call() {
                Ok(response) => response,
                Err(error) => return Ok(Err(error.to_string())),
            };
            if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED {
                return Ok(Ok(response));
            }
            let to = response.headers().get("location").and_then(|v| v.to_str().ok()).unwrap_or_default();
            let next =
                url::Url::parse(&url).and_then(|base| base.join(to)).map(String::from).unwrap_or_default();
            if !super::sources::is_safe(&next) {
                let what = format!("a redirection to `{next}`, which is not https");
                return Err(DownloadError::NotTheFile { url: source.url.clone(), what });
            }
            url = next;
        }
        let what = "one redirection after another".to_owned();
        Err(DownloadError::NotTheFile { url: source.url.clone(), what })
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get("content-length")?.to_str().ok()?.parse().ok()
}

/// Whether a partial answer begins where what is here ends.
fn continues(headers: &HeaderMap, have: u64) -> bool {
    let range = headers.get("content-range").and_then(|v| v.to_str().ok()).unwrap_or_default();
    range
        .strip_prefix("bytes ")
        .and_then(|r| r.split_once('-'))
        .is_some_and(|(from, _)| from.parse() == Ok(have))
}

/// The whole file is here: its checksum, and its name.
fn finish(
    source: &Source,
    part: &Part,
    folder: &Path,
    part_file: &Path,
    note_file: &Path,
) -> Result<Fetched, DownloadError> {
    let ending = url::Url::parse(&source.url)
        .ok()
        .and_then(|u| u.path_segments().and_then(|mut s| s.next_back().map(str::to_owned)))
        .unwrap_or_default();
    let name: String = ending
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .collect::<String>()
        .trim_start_matches('.')
        .to_owned();
    // The publisher's own name tells the release; the folder tells sources of one name apart.
    let file = format!("{}/{}", source.name, if name.is_empty() { "file" } else { &name });
    let path = folder.join(&file);
    let moved = || -> std::io::Result<(String, u64)> {
        let (digest, size) = (digest_of(part_file)?, std::fs::metadata(part_file)?.len());
        std::fs::create_dir_all(folder.join(&source.name))?;
        std::fs::rename(part_file, &path)?;
        let _ = std::fs::remove_file(note_file);
        Ok((digest, size))
    };
    let (sha256, size) =
        moved().map_err(|e| DownloadError::Disk { path: path.display().to_string(), why: e.to_string() })?;
    Ok(Fetched {
        file,
        size,
        sha256,
        etag: part.etag.clone(),
        last_modified: part.last_modified.clone(),
        at: String::new(),
        imported: false,
        replaces: false,
    })
}
