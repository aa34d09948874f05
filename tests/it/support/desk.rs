//! A whole desk for tests: Maildirs, a database of its own (SQLite or PostgreSQL), a clock that stands still, and
//! the workers' steps driven by hand.

use std::path::PathBuf;

use caseconsultant::app::{App, open_store};
use caseconsultant::clock::Clock;
use caseconsultant::config::{Config, Environment};
use caseconsultant::desk::{Decision, DeskError, Signer};
use caseconsultant::domain::{CaseState, Role, Timestamp, UserId};
use caseconsultant::mail::maildir::{Content, Maildir};
use caseconsultant::mail::{ParsedMail, parse};
use caseconsultant::store::{Case, CrashHook, Delivery, Dialect, NewUser, QueueFilter, Store};
use caseconsultant::work::deliver::Deliverer;
use caseconsultant::work::draft::Drafter;
use caseconsultant::work::file::Filer;
use caseconsultant::work::housekeeping::Housekeeper;
use caseconsultant::work::intake::Intake;
use caseconsultant::work::{Step, WorkError};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::servers::variable;

/// Sunday, 2026-11-22 12:00 UTC.
const START: i64 = 1_795_348_800;
pub(crate) const QUESTION: &str = "Can 63020 and 63030 be billed together? Date of service 08/15/2024, Medicare, \
                                   one surgeon, professional claim.";

/// A folder, a database and a clock; [`TestDesk::start`] runs a desk on them as often as a test likes.
pub(crate) struct TestDesk {
    pub(crate) folder: TempDir,
    pub(crate) clock: Clock,
    database: String,
    outbox: String,
    import_from: &'static str,
    pub(crate) extra: String,
}

/// A running desk.
pub(crate) struct Running {
    pub(crate) app: App,
    intake: Intake,
    filer: Filer,
    drafter: Drafter,
    deliverer: Deliverer,
    housekeeper: Housekeeper,
}

/// The databases at hand: SQLite always, PostgreSQL where `tests/run` started one.
pub(crate) async fn both() -> Vec<TestDesk> {
    let mut desks = vec![TestDesk::sqlite()];
    desks.extend(TestDesk::postgres().await);
    desks
}

impl TestDesk {
    pub(crate) fn sqlite() -> Self {
        Self::on("sqlite:data/cases.db".to_owned())
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let server = variable("CC_TEST_POSTGRES_URL")?;
        Some(Self::on(fresh_database(&server).await))
    }

    fn on(database: String) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Clock::fixed(Timestamp::from_seconds(START)),
            database,
            outbox: "maildir:outbox".to_owned(),
            import_from: "all",
            extra: String::new(),
        }
    }

    /// Mail goes out to this server instead of a Maildir.
    pub(crate) fn sending_to(mut self, url: &str) -> Self {
        self.outbox = url.to_owned();
        self
    }

    /// Since when mail is opened.
    pub(crate) fn importing_from(mut self, when: &'static str) -> Self {
        self.import_from = when;
        self
    }

    /// More lines for the mailbox's section.
    pub(crate) fn with(mut self, lines: &str) -> Self {
        self.extra.push_str(lines);
        self.extra.push('\n');
        self
    }

    pub(crate) fn instead_of(mut self, old: &str, new: &str) -> Self {
        self.extra = self.extra.replace(old, new);
        self
    }

    pub(crate) fn config(&self) -> Config {
        let text = format!(
            "[database]\nurl = \"{}\"\n[delivery]\ncommand_timeout = \"2 s\"\nconnect_timeout = \"2 s\"\n\
             data_timeout = \"2 s\"\n[[mailbox]]\nname = \"consult\"\naddress = \"consult@desk.example\"\n\
             inbox = \"maildir:inbox\"\noutbox = \"{}\"\nimport_from = \"{}\"\n{}",
            self.database, self.outbox, self.import_from, self.extra
        );
        Config::from_text(&text, "test", self.folder.path(), &Environment::new()).unwrap()
    }

    pub(crate) async fn store(&self) -> Store {
        let store = open_store(&self.config(), &self.clock).await.unwrap().0;
        store.migrate().await.unwrap();
        store
    }

    pub(crate) async fn start(&self) -> Running {
        self.start_with(None).await
    }

    /// Starts as `serve` does; `hook` may stop it at any transaction.
    pub(crate) async fn start_with(&self, hook: Option<CrashHook>) -> Running {
        let config = self.config();
        let (store, url) = open_store(&config, &self.clock).await.unwrap();
        store.migrate().await.unwrap();
        let app = App::assemble_on(store, url, config, self.clock.clone()).await.unwrap();
        app.register_mailboxes().await.unwrap();
        app.store.activate_codebook(&app.desk.book.id()).await.unwrap();
        if app.store.dialect() == Dialect::Sqlite {
            app.store.end_leases(true).await.unwrap();
        }
        let mut app = app;
        if let Some(hook) = hook {
            app.store = app.store.clone().with_crash_hook(hook);
            app.desk.store = app.store.clone();
        }
        let mailbox = app.mailboxes[0].clone();
        let store = app.store.clone();
        Running {
            intake: Intake::new(store.clone(), app.keys.clone(), self.clock.clone(), mailbox.clone()),
            filer: Filer::new(app.desk.clone(), app.keys.clone()),
            drafter: Drafter::new(
                store.clone(),
                app.desk.book.clone(),
                self.clock.clone(),
                app.desk.zone.clone(),
            ),
            deliverer: Deliverer::new(store.clone(), self.clock.clone(), mailbox),
            housekeeper: Housekeeper::new(store, self.clock.clone(), &app.mailboxes),
            app,
        }
    }

    /// Puts a mail into the inbox, as a mail server would.
    pub(crate) fn post(&self, name: &str, mail: &str) {
        self.post_bytes(name, mail.replace("\r\n", "\n").replace('\n', "\r\n").as_bytes());
    }

    pub(crate) fn post_bytes(&self, name: &str, mail: &[u8]) {
        let inbox = Maildir::new(self.path("inbox"));
        inbox.create().unwrap();
        inbox.deliver(mail, name).unwrap();
    }

    /// A question by Amy.
    pub(crate) fn ask(&self, name: &str, text: &str) {
        self.post(
            name,
            &format!(
                "From: Amy Example <amy@clinic.example>\nTo: consult@desk.example\nSubject: A question ({name})\n\
                 Message-ID: <{name}@clinic.example>\nDate: Sun, 22 Nov 2026 11:00:00 +0000\n\n{text}\n"
            ),
        );
    }

    /// What went out to the Maildir, oldest first.
    pub(crate) fn sent(&self) -> Vec<ParsedMail> {
        let outbox = Maildir::new(self.path("outbox"));
        outbox.create().unwrap();
        let read = |base: &str| match outbox.read(base, 10_000_000).unwrap() {
            Content::Whole(bytes) => parse(&bytes).unwrap(),
            other => panic!("{other:?}"),
        };
        outbox.list().unwrap().entries.iter().map(|e| read(&e.base)).collect()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Running {
    /// Steps every worker until all of them are idle.
    pub(crate) async fn work(&mut self) -> Result<(), WorkError> {
        for _ in 0..1000 {
            let mut worked = self.intake.cycle().await?.stored > 0;
            worked |= self.filer.file_one().await? == Step::Worked;
            worked |= self.drafter.draft_one().await? == Step::Worked;
            worked |= self.deliver().await? == Step::Worked;
            if !worked {
                return Ok(());
            }
        }
        panic!("the workers find no end");
    }

    pub(crate) async fn deliver(&self) -> Result<Step, WorkError> {
        self.deliverer.deliver_one(&CancellationToken::new()).await
    }

    pub(crate) async fn housekeep(&self) {
        self.housekeeper.round().await.unwrap();
    }

    pub(crate) async fn recheck(&self) -> usize {
        self.drafter.recheck_drafts().await.unwrap()
    }

    pub(crate) async fn cases(&self) -> Vec<Case> {
        let all = self.app.store.queue(&QueueFilter::default()).await.unwrap();
        all.into_iter().map(|e| e.case).collect()
    }

    /// The only case.
    pub(crate) async fn case(&self) -> Case {
        let mut cases = self.cases().await;
        assert_eq!(cases.len(), 1, "{cases:?}");
        cases.remove(0)
    }

    pub(crate) async fn state(&self) -> CaseState {
        self.case().await.state
    }

    /// The deliveries of the only case that carry an answer.
    pub(crate) async fn answers(&self) -> Vec<Delivery> {
        let mut all = self.app.store.deliveries_of(&self.case().await.id).await.unwrap();
        all.retain(|d| d.kind.as_str() != "acknowledgement");
        all
    }

    /// The reviewer, who is added at the first call.
    pub(crate) async fn reviewer(&self) -> Signer {
        let address = "rita@desk.example".parse().unwrap();
        if self.app.store.user(&address).await.is_err() {
            let user = NewUser {
                id: UserId::fresh(self.app.clock.new_id()),
                address: address.clone(),
                name: "Rita Reviewer".to_owned(),
                credential: "CPC".to_owned(),
                role: Role::Senior,
                password_hash: String::new(),
            };
            self.app.store.add_user(user, "test").await.unwrap();
        }
        Signer::from(&self.app.store.user(&address).await.unwrap())
    }

    /// What a reviewer would post after looking at the case's newest draft.
    pub(crate) async fn decision(&self, case: &Case) -> Decision {
        let signer = self.reviewer().await;
        let draft = self.app.store.newest_draft(&case.id).await.unwrap().unwrap();
        let mails = self.app.store.mails_of(&case.id).await.unwrap();
        let preview = self.app.desk.preview(case, &draft, &mails, &signer, &[], None).unwrap();
        Decision {
            case_id: case.id.clone(),
            case_version: case.version,
            draft_id: draft.id,
            delivery_id: preview.delivery_id,
            digest: preview.digest,
            cc: Vec::new(),
            overruling: None,
        }
    }

    pub(crate) async fn approve(&self, case: &Case) -> Result<(), DeskError> {
        let decision = self.decision(case).await;
        self.app.desk.approve(&decision, &self.reviewer().await).await
    }

    /// Approves the only case and lets the undo window pass.
    pub(crate) async fn approve_it(&self) {
        self.approve(&self.case().await).await.unwrap();
        self.app.clock.advance(60);
    }

    pub(crate) async fn assert_audit_is_whole(&self) {
        assert_eq!(self.app.store.broken_audit_chains().await.unwrap(), Vec::<String>::new());
    }
}

/// A database of its own on the server; the whole server is thrown away after the tests.
pub(crate) async fn fresh_database(server: &str) -> String {
    use sqlx::{Connection, Executor};
    let name = format!("desk_{}", uuid::Uuid::from_bytes(random()).simple());
    let mut connection = sqlx::PgConnection::connect(server).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

fn random() -> [u8; 16] {
    let mut bytes = [0u8; 16];
    Clock::system().random(&mut bytes);
    bytes
}
