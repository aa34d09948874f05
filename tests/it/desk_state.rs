//! What all processes of a desk agree on, what `check` looks for, and which commands change the schema.

use std::process::{Command, Output};

use caseconsultant::app::{App, open_store};
use caseconsultant::domain::DeliveryEvent;
use caseconsultant::store::Settlement;
use sqlx::{Connection, Executor};

use crate::support::desk::{QUESTION, TestDesk, both};

#[tokio::test]
async fn a_second_machine_with_another_key_is_refused() {
    for desk in both().await {
        let store = desk.start().await.app.store;
        let known = store.key_fingerprint().await.unwrap().unwrap();
        assert_eq!(known.len(), 16);
        // Without the file, none is made anew; with another one, nothing begins.
        let file = desk.config().key_file;
        std::fs::remove_file(&file).unwrap();
        for another in [false, true] {
            if another {
                caseconsultant::privacy::Keys::load_or_create(&file, &desk.clock).unwrap();
            }
            let (store, url) = open_store(&desk.config(), &desk.clock).await.unwrap();
            let refused =
                App::assemble_on(store, url, desk.config(), desk.clock.clone()).await.err().unwrap();
            let words = if another { "is not the one" } else { "is missing" };
            assert!(refused.to_string().contains(words), "{refused}");
        }
        assert_eq!(store.key_fingerprint().await.unwrap(), Some(known));
    }
}

#[tokio::test]
async fn what_waits_for_too_long_is_found() {
    for desk in both().await {
        desk.ask("q1", QUESTION);
        let mut running = desk.start().await;
        running.work().await.unwrap();
        let store = running.app.store.clone();
        let stuck = store.stuck(300).await.unwrap();
        assert_eq!((stuck.undrafted_since, stuck.overdue.len(), stuck.for_a_person), (None, 0, 0));
        running.approve_it().await;
        desk.clock.advance(400);
        let overdue = store.stuck(300).await.unwrap().overdue;
        assert_eq!((overdue[0].mailbox.as_str(), overdue[0].count), ("consult", 1));
        // Refused, it needs a person, until a newer answer stands for it.
        let claimed = store.claim_delivery("consult").await.unwrap().unwrap().delivery;
        store.settle(&claimed.id, claimed.attempt, &Settlement::Refused, "no such user").await.unwrap();
        let stuck = store.stuck(300).await.unwrap();
        assert_eq!((stuck.overdue.len(), stuck.for_a_person), (0, 1));
        store.resolve(&claimed.id, DeliveryEvent::Resend, "rita@desk.example", "it is back").await.unwrap();
        assert_eq!(store.stuck(300).await.unwrap().for_a_person, 0);
    }
}

#[tokio::test]
async fn the_signs_of_life_end_with_their_process() {
    for desk in both().await {
        let store = desk.store().await;
        store.sign_of_life("file", "").await.unwrap();
        store.sign_of_life("file", "the disk is full").await.unwrap();
        let signs = store.status().await.unwrap().signs_of_life;
        assert_eq!(signs.len(), 1);
        assert_eq!((signs[0].worker.as_str(), signs[0].note.as_str()), ("file", "the disk is full"));
        assert!(signs[0].process.starts_with(&std::process::id().to_string()), "{signs:?}");
        store.end_signs_of_life().await.unwrap();
        assert!(store.status().await.unwrap().signs_of_life.is_empty());
    }
}

fn run(desk: &TestDesk, words: &[&str]) -> Output {
    let config = desk.path("caseconsultant.toml");
    let command =
        Command::new(env!("CARGO_BIN_EXE_caseconsultant")).arg("--config").arg(config).args(words).output();
    command.unwrap()
}

#[tokio::test]
async fn only_what_may_brings_the_database_up_to_date() {
    let desk = TestDesk::sqlite();
    desk.store().await.close().await;
    let text = "[database]\nurl = \"sqlite:data/cases.db\"\n[[mailbox]]\nname = \"consult\"\n\
                address = \"consult@desk.example\"\ninbox = \"maildir:inbox\"\noutbox = \"maildir:outbox\"\n";
    std::fs::write(desk.path("caseconsultant.toml"), text).unwrap();
    let path = format!("sqlite://{}", desk.path("data/cases.db").display());
    let mut db = sqlx::SqliteConnection::connect(&path).await.unwrap();
    db.execute("DROP TABLE older_mail").await.unwrap();
    db.execute("DELETE FROM _sqlx_migrations WHERE version = 2").await.unwrap();
    db.close().await.unwrap();
    for words in
        [&["cases", "export", "CC-2026-00001"][..], &["mailbox", "reset", "consult"], &["user", "list"]]
    {
        let refused = run(&desk, words);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("caseconsultant migrate"), "{words:?}: {said}");
    }
    let done = run(&desk, &["migrate"]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("copied the database to") && said.contains("migrated: 0002"), "{said}");
    assert!(String::from_utf8_lossy(&run(&desk, &["migrate"]).stdout).contains("is up to date"));
}
