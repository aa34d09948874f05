//! `codes sync` of the real program over https, from a server that serves archives as a publisher does.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::support::authority::Authority;

/// The first edition of the file, or the one that corrects it.
fn archive(edition: usize) -> Vec<u8> {
    let text = if edition == 1 { "Invented disease" } else { "Invented disease, corrected" };
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("icd10cm_order_2026.txt", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(format!("00001 A000    1 {:<60} {}\r\n", "Invented", text).as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

struct Publisher {
    address: String,
    /// How often the archive was fetched.
    fetched: Arc<AtomicUsize>,
    /// Which edition is served.
    edition: Arc<AtomicUsize>,
}

/// Serves the archive, and "not modified" to whoever has it.
async fn publisher(authority: &Authority) -> Publisher {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let (fetched, acceptor) = (Arc::new(AtomicUsize::new(0)), authority.acceptor());
    let edition = Arc::new(AtomicUsize::new(1));
    let (count, serves) = (Arc::clone(&fetched), Arc::clone(&edition));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => request.push(byte),
                    Err(_) => break,
                }
            }
            let request = String::from_utf8_lossy(&request).to_lowercase();
            let edition = serves.load(Ordering::SeqCst);
            let answer = if request.contains(&format!("if-none-match: \"v{edition}\"")) {
                b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec()
            } else {
                count.fetch_add(1, Ordering::SeqCst);
                let body = archive(edition);
                let head = format!(
                    "HTTP/1.1 200 OK\r\nETag: \"v{edition}\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                [head.into_bytes(), body].concat()
            };
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    });
    Publisher { address, fetched, edition }
}

async fn sync(folder: &Path, ca: Option<&Path>) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caseconsultant"));
    command.current_dir(folder).args([
        "--codebook",
        "book.sqlite",
        "codes",
        "sync",
        "--sources",
        "list.toml",
    ]);
    if let Some(ca) = ca {
        command.env("SSL_CERT_FILE", ca);
    }
    let output = command.output().await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn an_archive_is_fetched_over_https_imported_and_not_fetched_again() {
    let (authority, dir) = (Authority::new(), tempfile::tempdir().unwrap());
    let Publisher { address, fetched, edition } = publisher(&authority).await;
    let list = format!(
        "[[source]]\nname = \"icd\"\nwhat = \"w\"\nurl = \"{address}/2026.zip\"\npage = \"https://p.example\"\n"
    );
    std::fs::write(dir.path().join("list.toml"), list).unwrap();

    let (done, said) = sync(dir.path(), None).await;
    assert!(!done && said.contains("certificate") && fetched.load(Ordering::SeqCst) == 0, "{said}");

    let ca = authority.ca_file();
    let (done, said) = sync(dir.path(), Some(&ca)).await;
    assert!(done && said.contains("icd: fetched") && said.contains("ICD-10-CM FY2026"), "{said}");
    let text = || {
        let book = caseconsultant::codebook::Codebook::open(&dir.path().join("book.sqlite")).unwrap();
        book.show(None, "A00.0", "2026-01-05".parse().unwrap()).unwrap().remove(0).description
    };
    assert_eq!(text(), "Invented disease");

    let (done, said) = sync(dir.path(), Some(&ca)).await;
    assert!(done && said.contains("icd: not changed"), "{said}");
    assert_eq!(fetched.load(Ordering::SeqCst), 1);

    // What the publisher corrects at the same address takes the place of what the book has.
    edition.store(2, Ordering::SeqCst);
    let (done, said) = sync(dir.path(), Some(&ca)).await;
    assert!(done && said.contains("icd: fetched; the publisher has replaced the file"), "{said}");
    assert_eq!((text().as_str(), fetched.load(Ordering::SeqCst)), ("Invented disease, corrected", 2));
}
