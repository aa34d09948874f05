//! `codes import` killed in the middle: the real program, stopped while it waits for the second of two files.

use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_caseconsultant");

/// Opens a pipe for writing only if a reader has opened it, and does not wait for one.
const O_NONBLOCK: i32 = 0o4000;

fn order_file(folder: &Path, year: u16) -> std::path::PathBuf {
    let path = folder.join(format!("icd10cm_order_{year}.txt"));
    let line =
        |n: usize, code: &str, flag: u8, text: &str| format!("{n:05} {code:<7} {flag} {text:<60} {text}\r\n");
    let text = line(1, "A00", 0, "Cholera") + &line(2, "A000", 1, &format!("Cholera of {year}"));
    std::fs::write(&path, text).unwrap();
    path
}

fn codes(book: &Path, args: &[&Path], act: &str) -> std::process::Output {
    let mut command = Command::new(PROGRAM);
    command.arg("--codebook").arg(book).args(["codes", act]).args(args).output().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let name = |e: std::io::Result<std::fs::DirEntry>| e.unwrap().file_name().to_string_lossy().into_owned();
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn an_import_killed_in_the_middle_leaves_the_book_in_use_and_the_next_one_clears_up() {
    let folder = tempfile::tempdir().unwrap();
    let books = folder.path().join("books");
    let book = books.join("book.sqlite");
    let done = codes(&book, &[&order_file(folder.path(), 2025)], "import");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let before = std::fs::read(&book).unwrap();

    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let next = order_file(folder.path(), 2026);
    let mut child = Command::new(PROGRAM)
        .arg("--codebook")
        .arg(&book)
        .args(["codes", "import"])
        .args([&next, &pipe])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Once it reads the pipe, the first file is in the new book, and the second is not.
    let open = || std::fs::OpenOptions::new().write(true).custom_flags(O_NONBLOCK).open(&pipe);
    let writer = loop {
        if let Ok(writer) = open() {
            break writer;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended before it read the second file");
        std::thread::yield_now();
    };
    assert!(names(&books).contains(&"book.sqlite.staging".to_owned()), "{:?}", names(&books));
    child.kill().unwrap();
    child.wait().unwrap();
    drop(writer);

    assert!(std::fs::read(&book).unwrap() == before, "the book in use is as it was");
    let shown = codes(&book, &[], "list");
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.status.success() && text.contains("FY2025") && !text.contains("FY2026"), "{text}");

    let done = codes(&book, &[&next], "import");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(names(&books), ["book.sqlite", "book.sqlite.lock"]);
    let text = String::from_utf8(codes(&book, &[], "list").stdout).unwrap();
    assert!(text.contains("FY2025") && text.contains("FY2026"), "{text}");
}
