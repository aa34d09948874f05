//! Mailboxes in which something is wrong: the other mails come in all the same, and what is missing is counted.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use caseconsultant::app::App;
use caseconsultant::config::{Config, Environment};
use caseconsultant::work::intake::Intake;

use crate::support::desk::{QUESTION, Running, TestDesk};
use crate::support::fake_imap::{Act, FakeImap};

async fn missing(running: &Running) -> i64 {
    running.app.store.mailbox("consult").await.unwrap().missing
}

#[tokio::test]
async fn a_file_that_cannot_be_read_keeps_no_other_mail_out() {
    let desk = TestDesk::sqlite();
    desk.ask("a1", QUESTION);
    desk.ask("c3", QUESTION);
    // A name that no mail can have, and (where the tests do not run as root) a file that may not be read.
    fs::write(desk.path("inbox/new/:2,S"), "no name").unwrap();
    desk.ask("b2", QUESTION);
    let closed = desk.path("inbox/new/b2");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let readable = File::open(&closed).is_ok();
    let mut running = desk.start().await;
    running.work().await.unwrap();
    assert_eq!(running.cases().await.len(), if readable { 3 } else { 2 });
    assert_eq!(missing(&running).await, if readable { 1 } else { 2 });
    // Filed, it may lie elsewhere by now.
    let _ = fs::set_permissions(&closed, fs::Permissions::from_mode(0o600));
    fs::remove_file(desk.path("inbox/new/:2,S")).unwrap();
    running.work().await.unwrap();
    assert_eq!((running.cases().await.len(), missing(&running).await), (3, 0));
}

#[tokio::test]
async fn a_mail_that_the_server_will_not_give_keeps_no_other_out() {
    let listed =
        "* 1 FETCH (UID 8 RFC822.SIZE 4 FLAGS ())\r\n* 2 FETCH (UID 9 RFC822.SIZE 4 FLAGS ())\r\nTAG OK\r\n";
    let server = FakeImap::start(&[
        ("UID SEARCH", Act::Say("* SEARCH 8 9\r\nTAG OK\r\n")),
        ("UID FETCH 8:9 (UID RFC822", Act::Say(listed)),
        ("UID FETCH 9 (UID RFC822", Act::Say("* 2 FETCH (UID 9 RFC822.SIZE 4 FLAGS ())\r\nTAG OK\r\n")),
        ("UID FETCH 8:9 (UID BODY", Act::Say("TAG NO one of them is damaged\r\n")),
        ("UID FETCH 9 (UID BODY", Act::Say("TAG NO it is damaged\r\n")),
        ("UID FETCH 8 (UID BODY", Act::Say("* 1 FETCH (UID 8 BODY[] {4}\r\nmail)\r\nTAG OK\r\n")),
    ])
    .await;
    let desk = TestDesk::sqlite();
    fs::write(desk.path("password"), "secret").unwrap();
    fs::set_permissions(desk.path("password"), fs::Permissions::from_mode(0o600)).unwrap();
    let text = format!(
        "[database]\nurl = \"sqlite:cases.db\"\n[[mailbox]]\nname = \"consult\"\naddress = \"consult@desk.example\"\n\
         inbox = \"imap+insecure://user@127.0.0.1:{}\"\noutbox = \"maildir:outbox\"\nimport_from = \"all\"\n\
         inbox_password_file = \"password\"\n",
        server.port
    );
    let config = Config::from_text(&text, "test", desk.folder.path(), &Environment::new()).unwrap();
    let app = App::assemble(config, desk.clock.clone()).await.unwrap();
    app.register_mailboxes().await.unwrap();
    let mut intake =
        Intake::new(app.store.clone(), app.keys.clone(), app.clock.clone(), app.mailboxes[0].clone());
    assert_eq!(intake.cycle().await.unwrap().stored, 1);
    assert_eq!(app.store.mailbox("consult").await.unwrap().missing, 1);
    // The session is still good: the next look goes on with it.
    assert_eq!(intake.cycle().await.unwrap().stored, 0);
    assert_eq!(server.seen().iter().filter(|c| c.starts_with("SELECT")).count(), 1);
}

/// As `mv`, `rsync` and `mbsync` do: the file comes in with the time at which the mail was first delivered.
fn age(desk: &TestDesk, name: &str, days: u64) {
    let file = File::options().write(true).open(desk.path("inbox/new").join(name)).unwrap();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800);
    file.set_times(FileTimes::new().set_modified(start - Duration::from_secs(days * 86_400))).unwrap();
}

#[tokio::test]
async fn an_old_mail_moved_in_later_is_opened() {
    let desk = TestDesk::sqlite().importing_from("now");
    desk.ask("before", QUESTION);
    age(&desk, "before", 10);
    let mut running = desk.start().await;
    running.work().await.unwrap();
    assert_eq!(running.cases().await.len(), 0);
    desk.ask("from-junk", QUESTION);
    age(&desk, "from-junk", 3);
    running.work().await.unwrap();
    assert_eq!(running.cases().await.len(), 1);
    let row = running.app.store.mailbox("consult").await.unwrap();
    assert_eq!((row.missing, row.older_mail, row.on_server), (0, 1, 2));
    // The names outlast the program.
    drop(running);
    let mut running = desk.start().await;
    running.work().await.unwrap();
    assert_eq!(running.cases().await.len(), 1);
    assert_eq!(running.app.store.mailbox("consult").await.unwrap().older_mail, 1);
}
