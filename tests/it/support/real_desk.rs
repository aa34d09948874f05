//! The program itself, as an administrator runs it: a folder with a configuration, `serve` as a process, commands
//! beside it, and Dovecot and Postfix around it.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use caseconsultant::mail::{Headers, ParsedMail, parse};
use serde_json::Value;
use tempfile::TempDir;

use super::desk::fresh_database;
use super::servers::{MailServers, variable};

/// Long enough for a machine that is busy with other tests; nothing waits so long if all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const REVIEWER: &str = "rita@desk.example";
pub(crate) const PASSWORD: &str = "a long enough pass phrase";

/// A desk in a folder of its own with a mailbox of its own.
pub(crate) struct RealDesk {
    pub(crate) servers: MailServers,
    pub(crate) folder: TempDir,
    /// The desk's address, which is also its account.
    pub(crate) address: String,
    pub(crate) database: String,
    /// The port of the IMAP server, or of a proxy before it.
    pub(crate) imaps_port: u16,
    /// Further lines of the mailbox's section.
    pub(crate) mailbox_lines: String,
    pub(crate) undo_seconds: u32,
}

/// A running process of the program. Dropping it kills it.
pub(crate) struct Serving {
    child: Child,
    log: PathBuf,
    pub(crate) said: String,
}

/// A mail in a mailbox.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mail: ParsedMail,
}

/// On SQLite, and on PostgreSQL; empty (with a note) without `tests/run`.
pub(crate) async fn real_desks() -> Vec<RealDesk> {
    let mut desks = Vec::new();
    if let Some(desk) = RealDesk::sqlite() {
        desks.push(desk);
        desks.extend(RealDesk::postgres().await);
    }
    desks
}

impl RealDesk {
    pub(crate) fn sqlite() -> Option<Self> {
        let servers = MailServers::find()?;
        let (address, imaps_port) = (servers.mailbox("consult"), servers.imaps_port);
        Some(Self {
            servers,
            folder: tempfile::tempdir().unwrap(),
            address,
            database: "sqlite:data/cases.db".to_owned(),
            imaps_port,
            mailbox_lines: String::new(),
            undo_seconds: 0,
        })
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let server = variable("CC_TEST_POSTGRES_URL")?;
        Some(Self { database: fresh_database(&server).await, ..Self::sqlite()? })
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.database.starts_with("postgres")
    }

    pub(crate) fn with(mut self, lines: &str) -> Self {
        self.mailbox_lines.push_str(lines);
        self.mailbox_lines.push('\n');
        self
    }

    /// Writes the configuration and the password file.
    pub(crate) fn configure(&self) {
        self.write_password(&self.servers.password);
        let account = self.address.replace('@', "%40");
        let text = format!(
            "[desk]\nname = \"Coding desk\"\n[database]\nurl = \"{}\"\n[web]\nlisten = \"127.0.0.1:0\"\n\
             [review]\nundo_seconds = {}\n[log]\nlevel = \"debug\"\n\
             [[mailbox]]\nname = \"consult\"\naddress = \"{}\"\n\
             inbox = \"imaps://{account}@localhost:{}/INBOX\"\noutbox = \"{}\"\n\
             password_file = \"secrets/consult\"\nca_file = \"{}\"\n{}",
            self.database,
            self.undo_seconds,
            self.address,
            self.imaps_port,
            self.servers.outbox_url(&self.address),
            self.servers.ca_file.display(),
            self.mailbox_lines,
        );
        std::fs::write(self.folder.path().join("caseconsultant.toml"), text).unwrap();
    }

    pub(crate) fn write_password(&self, password: &str) {
        let path = self.folder.path().join("secrets/consult");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = std::fs::remove_file(&path);
        let file = File::options().write(true).create_new(true).mode(0o600).open(&path);
        std::io::Write::write_all(&mut file.unwrap(), password.as_bytes()).unwrap();
    }

    /// All that is done before the first `serve`.
    pub(crate) fn set_up(&self) {
        self.configure();
        if self.is_postgres() {
            assert!(self.ok(&["migrate"]).contains("migrated:"));
        }
        let said = self.run_with_input(
            &["user", "add", REVIEWER, "--role", "senior", "--name", "Rita Reviewer", "--password-stdin"],
            PASSWORD,
        );
        assert!(said.status.success(), "{said:?}");
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.current_dir(self.folder.path()).args(["--config", "caseconsultant.toml"]).args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).stdin(Stdio::null()).output().unwrap()
    }

    fn run_with_input(&self, args: &[&str], input: &str) -> Output {
        let path = self.folder.path().join("input");
        std::fs::write(&path, input).unwrap();
        self.command(args).stdin(File::open(path).unwrap()).output().unwrap()
    }

    /// What a command prints that must succeed.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command says on standard error that must fail with exit code 1: one line.
    pub(crate) fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", text(&output));
        let said = String::from_utf8(output.stderr).unwrap();
        let line = said.lines().last().unwrap_or_default().to_owned();
        assert!(line.starts_with("caseconsultant: "), "{said}");
        line
    }

    /// One JSON value a line.
    pub(crate) fn json(&self, args: &[&str]) -> Vec<Value> {
        self.ok(args).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn cases(&self) -> Vec<Value> {
        self.json(&["cases", "list", "--json"])
    }

    pub(crate) fn case(&self, number: &str) -> Value {
        self.json(&["cases", "show", number, "--json"]).remove(0)
    }

    /// Waits for the only case of this asker to stand in this state; says its number.
    pub(crate) fn wait_for_case(&self, asker: &str, state: &str) -> String {
        let mut last = Vec::new();
        wait_for(&format!("the case of {asker} in {state}"), || {
            last = self.cases();
            let mut of_asker = last.iter().filter(|c| c["from"] == *asker);
            match (of_asker.next(), of_asker.next()) {
                (_, Some(second)) => panic!("a second case: {second}"),
                (Some(case), None) if case["state"] == *state => {
                    Some(case["case"].as_str().unwrap().to_owned())
                }
                _ => None,
            }
        })
    }

    /// Waits until something is true of a case.
    pub(crate) fn wait_for_what(&self, number: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        wait_for(&format!("{what}: {number}"), || Some(self.case(number)).filter(&is))
    }

    pub(crate) fn serve(&self) -> Serving {
        self.serve_only("")
    }

    /// Starts `serve` (with `--only`, unless empty) and waits until it says that it is up.
    pub(crate) fn serve_only(&self, parts: &str) -> Serving {
        let mut args = vec!["serve"];
        if !parts.is_empty() {
            args.extend(["--only", parts]);
        }
        Serving::start(self.command(&args), &self.folder.path().join("serve.log"))
    }

    /// Sends a question by swaks, from the asker's address.
    pub(crate) fn ask(&self, asker: &str, subject: &str, message_id: &str, more: &[&str]) {
        let body = "Can 63020 and 63030 be billed together? Medicare, one surgeon, professional claim.\n\
                    Patient: Jane Roe, DOB 04/12/1956, MRN 8812345. Date of service 08/15/2024.";
        self.send(asker, subject, message_id, body, more);
    }

    pub(crate) fn send(&self, from: &str, subject: &str, message_id: &str, body: &str, more: &[&str]) {
        let id = format!("<{message_id}>");
        // Some bodies are longer than a command line may be.
        let path = self.folder.path().join("body");
        std::fs::write(&path, body).unwrap();
        let body = format!("@{}", path.display());
        let more: Vec<&str> = [&["--h-Message-Id", &id], more].concat();
        self.servers.swaks(from, &self.address, subject, &body, &more);
    }

    /// What is in a folder of a mailbox.
    pub(crate) async fn mails(&self, mailbox: &str, folder: &str) -> Vec<Received> {
        let mut session = self.servers.sign_in(mailbox).await;
        session.select(folder).await.unwrap();
        let uids = session.uids().await.unwrap();
        let listed = session.sizes(&uids).await.unwrap();
        let mut found = Vec::new();
        for fetched in session.fetch(&listed).await.unwrap() {
            found.push(Received { mail: parse(&fetched.bytes).unwrap(), bytes: fetched.bytes });
        }
        session.logout().await;
        found
    }

    /// Waits until a folder holds at least so many mails; says what is there.
    pub(crate) async fn wait_for_mails(&self, mailbox: &str, folder: &str, count: usize) -> Vec<Received> {
        let began = Instant::now();
        loop {
            let mails = self.mails(mailbox, folder).await;
            if mails.len() >= count {
                return mails;
            }
            assert!(began.elapsed() < PATIENCE, "{mailbox} {folder}: {} of {count} mails came", mails.len());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Received {
    /// A header as it stands in the mail, unfolded; panics if it is there twice.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let headers = Headers::read(&self.bytes).unwrap();
        let name = name.to_lowercase();
        let mut found = headers.all(&name);
        let first = found.next().map(|value| value.trim().to_owned());
        assert!(found.next().is_none(), "{name} stands there twice");
        first
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Serving {
    /// Starts a process and waits for its first line, which it prints when it is up.
    pub(crate) fn start(mut command: Command, log: &std::path::Path) -> Self {
        let out = log.with_extension("out");
        let append = |path| File::options().create(true).append(true).open(path).unwrap();
        let _ = std::fs::remove_file(&out);
        command.stdin(Stdio::null()).stdout(append(&out)).stderr(append(&log.to_owned()));
        let mut serving = Self { child: command.spawn().unwrap(), log: log.to_owned(), said: String::new() };
        serving.said = wait_for("serve to be up", || {
            if let Some(status) = serving.child.try_wait().unwrap() {
                panic!("it ended with {status}");
            }
            Some(std::fs::read_to_string(&out).unwrap()).filter(|text| text.ends_with('\n'))
        });
        serving
    }

    /// `http://…` of its pages.
    pub(crate) fn url(&self) -> String {
        let from = self.said.find("http://").unwrap();
        self.said[from..].split_whitespace().next().unwrap().trim_end_matches('/').to_owned()
    }

    /// As if the power failed.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; says how it ended and after how long.
    pub(crate) fn terminate(mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = wait_for("the end of serve", || self.child.try_wait().unwrap());
        (status, began.elapsed())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            println!("{}", std::fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

/// The program, without a configuration from the environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caseconsultant"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CASECONSULTANT_")) {
        command.env_remove(name);
    }
    command
}

/// Looks again and again, until there is something.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(25));
    }
}

pub(crate) fn text(output: &Output) -> String {
    format!(
        "{} {}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
