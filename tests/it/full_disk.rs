//! A disk that is full, and later is not: the real program, whose files may not grow for a while.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use caseconsultant::mail::maildir::Maildir;

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_caseconsultant");

/// The largest file the running program may write, in bytes.
fn limit(pid: u32, bytes: &str) {
    let done =
        Command::new("prlimit").args(["--pid", &pid.to_string(), &format!("--fsize={bytes}:")]).status();
    assert!(done.unwrap().success(), "prlimit (of util-linux) sets the limit");
}

fn subjects(folder: &Path) -> Vec<String> {
    let config = folder.join("caseconsultant.toml");
    let out =
        Command::new(PROGRAM).arg("--config").arg(config).args(["cases", "list", "--json"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let line = |l: &str| serde_json::from_str::<serde_json::Value>(l).unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    text.lines()
        .map(line)
        .filter(|c| c["state"] == "in_review")
        .map(|c| c["subject"].as_str().unwrap().to_owned())
        .collect()
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(180), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_full_disk_stops_nothing_for_good_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    // Without this a file that grows too large would end the program by a signal, which a full disk does not do.
    let script = format!("trap '' XFSZ; exec {PROGRAM} demo --dir {} --port 0", demo.display());
    let child = Command::new("bash")
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut program = Program(child);
    let mut out = BufReader::new(program.0.stdout.take().unwrap()).lines();
    assert!(out.any(|l| l.unwrap().contains("Stop it with Ctrl-C")));
    wait_for("the samples", || subjects(&demo).len() >= 9);

    let inbox = Maildir::new(demo.join("inbox"));
    let mail = |name: &str| {
        let filler = "All of this is invented and only fills the disk. ".repeat(8000);
        format!(
            "From: amy@clinic.example\r\nTo: consult@demo.example\r\nSubject: {name}\r\nMessage-ID: <{name}@c.example>\r\n\r\n\
             Is 97110 x 8 fine? {name}\r\n\r\n{filler}\r\n"
        )
    };
    limit(program.0.id(), "4096");
    inbox.deliver(mail("while-full").as_bytes(), "while-full").unwrap();
    let worker_says = || {
        let config = demo.join("caseconsultant.toml");
        let out = Command::new(PROGRAM)
            .arg("--config")
            .arg(config)
            .args(["mailbox", "list", "--json"])
            .output()
            .unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    let before = worker_says();
    // Nothing of the mailbox can be written down; the mail stays where it is.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(worker_says(), before, "no look at the mailbox is noted while the disk is full");
    assert!(program.0.try_wait().unwrap().is_none(), "the program goes on");
    assert!(!subjects(&demo).contains(&"while-full".to_owned()));
    assert!(demo.join("inbox/new/while-full").exists());

    limit(program.0.id(), "unlimited");
    inbox.deliver(mail("afterwards").as_bytes(), "afterwards").unwrap();
    wait_for("both questions", || {
        let subjects = subjects(&demo);
        ["while-full", "afterwards"].iter().all(|s| subjects.iter().filter(|x| x == s).count() == 1)
    });
}
