//! Fetching from a web server on this machine, which breaks off, changes files, answers nonsense.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::{Outcome, SourceList, Sync, Synced};
use crate::clock::Clock;
use crate::domain::Timestamp;

/// What the server answers to a request: its lines in lower case → head and body, and after how many bytes of the
/// body the connection breaks.
type Answer = Box<dyn Fn(&[String]) -> (String, Vec<u8>, Option<usize>) + Send>;

struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Vec<String>>>>,
    answer: Arc<Mutex<Answer>>,
}

impl Server {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(answer)));
        let server = Self { url, seen: Arc::clone(&seen), answer: Arc::clone(&answer) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &seen, &answer);
            }
        });
        server
    }

    fn now(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn requests(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Vec<String>>>, answer: &Mutex<Answer>) {
    let mut lines = Vec::new();
    for line in BufReader::new(&stream).lines().map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
        lines.push(line.to_lowercase());
    }
    seen.lock().unwrap().push(lines.clone());
    let (head, body, breaks) = answer.lock().unwrap()(&lines);
    let shown = &body[..breaks.unwrap_or(body.len()).min(body.len())];
    let head = format!("{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = (&stream).write_all(head.as_bytes()).and_then(|()| (&stream).write_all(shown));
}

fn ok(body: &[u8], etag: &str) -> Answer {
    let (body, head) = (body.to_vec(), format!("HTTP/1.1 200 OK\r\nETag: \"{etag}\""));
    Box::new(move |_| (head.clone(), body.clone(), None))
}

fn list(url: &str) -> SourceList {
    let text = format!(
        "[[licence]]\nname = \"ama\"\nwhat = \"w\"\npage = \"https://l.example\"\nquery = \"agree=yes\"\n\
         [[source]]\nname = \"one\"\nwhat = \"w\"\nurl = \"{url}/files/a-file.zip\"\npage = \"https://p.example\"\n\
         [[source]]\nname = \"two\"\nwhat = \"w\"\nurl = \"{url}/b.zip\"\npage = \"https://p.example\"\nlicence = \"ama\"\noptional = true\n"
    );
    SourceList::from_text(&text, "test").unwrap()
}

fn fetch(list: &SourceList, folder: &Path, names: &[&str]) -> Vec<Synced> {
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    sync(list, folder).fetch(&names, &()).unwrap()
}

fn sync<'a>(list: &'a SourceList, folder: &Path) -> Sync<'a> {
    Sync::begin(list, folder, Clock::fixed(Timestamp::from_seconds(1_795_348_800))).unwrap()
}

fn bytes(n: usize) -> Vec<u8> {
    (0..n).map(|i| u8::try_from((i * 7 + i / 251) % 251).unwrap()).collect()
}

#[test]
fn a_file_is_fetched_once_and_asked_about_afterwards() {
    let (dir, body) = (tempfile::tempdir().unwrap(), bytes(300_000));
    let server = Server::start(ok(&body, "v1"));
    let list = list(&server.url);
    let first = fetch(&list, dir.path(), &[]).remove(0);
    assert_eq!(first.outcome, Outcome::Fetched);
    let file = first.file.unwrap();
    assert!(file.ends_with("one/a-file.zip") && std::fs::read(&file).unwrap() == body);
    assert!(server.requests()[0].iter().all(|l| !l.starts_with("if-")));

    server.now(Box::new(|_| ("HTTP/1.1 304 Not Modified".to_owned(), Vec::new(), None)));
    assert_eq!(fetch(&list, dir.path(), &[])[0].outcome, Outcome::Unchanged);
    assert!(server.requests()[0].contains(&"if-none-match: \"v1\"".to_owned()));

    // A file that was damaged here is fetched whole.
    std::fs::write(&file, b"damaged").unwrap();
    server.now(ok(&body, "v1"));
    assert_eq!(fetch(&list, dir.path(), &[])[0].outcome, Outcome::Fetched);
    assert!(server.requests()[0].iter().all(|l| !l.starts_with("if-")));
    assert_eq!(std::fs::read(&file).unwrap(), body);

    server.now(ok(&bytes(2_000), "v2"));
    let changed = fetch(&list, dir.path(), &[]).remove(0);
    assert!(matches!(changed.outcome, Outcome::Changed { .. }) && !changed.imported);
    assert_eq!(std::fs::read(&file).unwrap(), bytes(2_000));
    // The codebook has none of it so far, so there is nothing to replace.
    assert!(!changed.replaces);
}

#[test]
fn what_changed_after_its_import_replaces_until_it_is_imported() {
    let (dir, server) = (tempfile::tempdir().unwrap(), Server::start(ok(&bytes(900), "v1")));
    let list = list(&server.url);
    let imported = |synced: &[Synced]| {
        sync(&list, dir.path()).imported(synced).unwrap();
    };
    let first = fetch(&list, dir.path(), &[]);
    assert!(!first[0].replaces);
    imported(&first);
    server.now(ok(&bytes(800), "v2"));
    assert!(fetch(&list, dir.path(), &[])[0].replaces);
    // Its import failed: it is the same file next time, and has still to take the other's place.
    server.now(Box::new(|_| ("HTTP/1.1 304 Not Modified".to_owned(), Vec::new(), None)));
    let again = fetch(&list, dir.path(), &[]);
    assert!(again[0].outcome == Outcome::Unchanged && !again[0].imported && again[0].replaces);
    // And if it changes once more meanwhile.
    server.now(ok(&bytes(700), "v3"));
    let third = fetch(&list, dir.path(), &[]);
    assert!(third[0].replaces);
    imported(&third);
    server.now(Box::new(|_| ("HTTP/1.1 304 Not Modified".to_owned(), Vec::new(), None)));
    let last = fetch(&list, dir.path(), &[]);
    assert!(last[0].imported && !last[0].replaces);
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_ended() {
    let (dir, body) = (tempfile::tempdir().unwrap(), bytes(400_000));
    let whole = body.clone();
    let server = Server::start(Box::new(move |lines| {
        let from =
            lines.iter().find_map(|l| l.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok());
        match from {
            None => ("HTTP/1.1 200 OK\r\nETag: \"v1\"".to_owned(), whole.clone(), Some(150_000)),
            Some(from) => {
                let from: usize = from;
                let head = format!(
                    "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes {from}-{}/{}",
                    whole.len() - 1,
                    whole.len()
                );
                (head, whole[from..].to_vec(), None)
            }
        }
    }));
    let list = list(&server.url);
    let one = fetch(&list, dir.path(), &[]).remove(0);
    assert_eq!(one.outcome, Outcome::Fetched);
    assert_eq!(std::fs::read(one.file.unwrap()).unwrap(), body);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].contains(&"if-range: \"v1\"".to_owned()), "{requests:?}");
}

#[test]
fn a_part_of_an_older_file_is_never_joined_to_a_newer_one() {
    let (dir, body) = (tempfile::tempdir().unwrap(), bytes(100_000));
    let server = Server::start(Box::new(|_| {
        ("HTTP/1.1 200 OK\r\nETag: \"old\"".to_owned(), vec![1; 90_000], Some(50_000))
    }));
    let list = list(&server.url);
    let failed = fetch(&list, dir.path(), &[]).remove(0);
    let Outcome::Failed { why } = failed.outcome else { panic!("{failed:?}") };
    assert!(why.contains("goes on from there"), "{why}");
    // The publisher ignores the range, because its file is another one now.
    server.now(ok(&body, "new"));
    let one = fetch(&list, dir.path(), &[]).remove(0);
    assert_eq!(std::fs::read(one.file.unwrap()).unwrap(), body);
    // A range that begins elsewhere is not taken either.
    server.now(Box::new(|_| ("HTTP/1.1 200 OK\r\nETag: \"x\"".to_owned(), vec![1; 90_000], Some(50_000))));
    fetch(&list, dir.path(), &[]);
    let whole = bytes(70_000);
    server.now(Box::new(move |lines| {
        if lines.iter().any(|l| l.starts_with("range:")) {
            let head = "HTTP/1.1 206 Partial Content\r\nETag: \"y\"\r\nContent-Range: bytes 7-69999/70000";
            (head.to_owned(), whole[7..].to_vec(), None)
        } else {
            ("HTTP/1.1 200 OK\r\nETag: \"y\"".to_owned(), whole.clone(), None)
        }
    }));
    let one = fetch(&list, dir.path(), &[]).remove(0);
    assert_eq!(std::fs::read(one.file.unwrap()).unwrap(), bytes(70_000));
}

#[test]
fn pages_errors_and_unsafe_redirections_are_told_and_leave_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(ok(&bytes(1_000), "v1"));
    let list = list(&server.url);
    let file = fetch(&list, dir.path(), &[]).remove(0).file.unwrap();
    let cases: [(&str, &[u8], &str); 4] = [
        ("HTTP/1.1 404 Not Found", b"no", "https://p.example"),
        ("HTTP/1.1 200 OK", b"\n <!DOCTYPE html><p>Please accept", "a page came"),
        ("HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/x.zip", b"", "not https"),
        ("HTTP/1.1 302 Found\r\nLocation: /files/a-file.zip", b"", "one redirection after another"),
    ];
    for (head, body, says) in cases {
        let (head, body) = (head.to_owned(), body.to_vec());
        server.now(Box::new(move |_| (head.clone(), body.clone(), None)));
        let Outcome::Failed { why } = fetch(&list, dir.path(), &[]).remove(0).outcome else {
            panic!("{says}")
        };
        assert!(why.contains(says), "{why}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes(1_000));
    }
}

#[test]
fn a_licence_is_accepted_first_and_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(ok(&bytes(10), "v1"));
    let list = list(&server.url);
    let two = fetch(&list, dir.path(), &["two"]).remove(0);
    assert!(matches!(two.outcome, Outcome::NeedsLicence { ref licence, .. } if licence == "ama"));
    assert!(server.requests().is_empty());
    sync(&list, dir.path()).accept("ama").unwrap();
    assert_eq!(fetch(&list, dir.path(), &["two"])[0].outcome, Outcome::Fetched);
    assert!(server.requests()[0][0].contains("/b.zip?agree=yes"));
    assert!(sync(&list, dir.path()).accept("other").is_err());
    assert!(sync(&list, dir.path()).fetch(&["three".to_owned()], &()).is_err());
    let _held = sync(&list, dir.path());
    assert!(Sync::begin(&list, dir.path(), Clock::system()).is_err(), "one at a time");
}

#[test]
fn the_programs_own_list_and_faulty_ones() {
    let own = SourceList::embedded().unwrap();
    assert!(own.sources.len() > 20 && own.sources.iter().all(|s| s.url.starts_with("https://")));
    let entry = |url: &str, more: &str| {
        SourceList::from_text(
            &format!("[[source]]\nname=\"a\"\nwhat=\"w\"\npage=\"p\"\nurl=\"{url}\"\n{more}"),
            "f",
        )
    };
    assert!(entry("https://a.example/x.zip", "").is_ok());
    for (url, more) in [
        ("http://a.example/x.zip", ""),
        ("https://user@a.example/x.zip", ""),
        ("file:///etc/passwd", ""),
        ("https://a.example/x.zip", "licence=\"none\""),
        ("https://a.example/x.zip", "other=1"),
    ] {
        assert!(entry(url, more).is_err(), "{url} {more}");
    }
}
