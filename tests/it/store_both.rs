//! The store on both databases: the same schema, audit chains that show tampering, mailboxes that changed, locks.

use std::collections::BTreeSet;

use caseconsultant::domain::Timestamp;
use caseconsultant::store::{NewMail, Registration, Store, StoreUrl};
use sqlx::{Connection, Executor, Row};

use crate::support::desk::{QUESTION, TestDesk, both};

/// `table.column: kind` of everything but the migrations' own table.
async fn sqlite_schema(path: &std::path::Path) -> BTreeSet<String> {
    let mut db = sqlx::SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    let sql = "SELECT m.name AS t, c.name AS c, c.type AS k, c.\"notnull\" AS n FROM sqlite_master m \
               JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' \
               AND m.name NOT LIKE 'sqlite%'";
    let rows = db.fetch_all(sql).await.unwrap();
    let kind = |k: String| if k == "BLOB" { "bytes".to_owned() } else { k.to_lowercase() };
    rows.iter()
        .map(|r| {
            format!(
                "{}.{}: {} {}",
                r.get::<String, _>("t"),
                r.get::<String, _>("c"),
                kind(r.get("k")),
                r.get::<i64, _>("n") != 0
            )
        })
        .collect()
}

async fn postgres_schema(url: &str) -> BTreeSet<String> {
    let mut db = sqlx::PgConnection::connect(url).await.unwrap();
    let sql = "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS k, (is_nullable = 'NO') AS n, \
               COALESCE(collation_name::text, '') AS l FROM information_schema.columns \
               WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%'";
    let rows = db.fetch_all(sql).await.unwrap();
    rows.iter()
        .map(|r| {
            let kind = match r.get::<String, _>("k").as_str() {
                "bytea" => "bytes".to_owned(),
                "text" => {
                    assert_eq!(r.get::<String, _>("l"), "C", "{}", r.get::<String, _>("c"));
                    "text".to_owned()
                }
                other => other.to_owned(),
            };
            format!(
                "{}.{}: {kind} {}",
                r.get::<String, _>("t"),
                r.get::<String, _>("c"),
                r.get::<bool, _>("n")
            )
        })
        .collect()
}

#[tokio::test]
async fn both_databases_end_in_the_same_schema() {
    let sqlite = TestDesk::sqlite();
    sqlite.store().await.close().await;
    let ours = sqlite_schema(&sqlite.path("data/cases.db")).await;
    assert!(ours.len() > 80, "{ours:?}");
    assert!(ours.contains("mails.sealed_original: bytes true"), "{ours:?}");
    let Some(postgres) = TestDesk::postgres().await else { return };
    postgres.store().await.close().await;
    let url = postgres.config().database.connect_url().unwrap();
    assert_eq!(ours, postgres_schema(secrecy::ExposeSecret::expose_secret(&url)).await);
}

#[tokio::test]
async fn an_audit_entry_changed_by_hand_is_noticed() {
    let desk = TestDesk::sqlite();
    desk.ask("q1", QUESTION);
    let mut running = desk.start().await;
    running.work().await.unwrap();
    running.assert_audit_is_whole().await;
    let id = running.case().await.id.to_string();
    let path = format!("sqlite://{}", desk.path("data/cases.db").display());
    let mut db = sqlx::SqliteConnection::connect(&path).await.unwrap();
    for tampering in [
        "UPDATE audit SET actor = 'somebody else' WHERE case_id <> '' AND seq = 2",
        "DELETE FROM audit WHERE case_id <> '' AND seq = 1",
    ] {
        db.execute("SAVEPOINT before_it").await.unwrap();
        assert_eq!(db.execute(tampering).await.unwrap().rows_affected(), 1);
        db.execute("RELEASE before_it").await.unwrap();
        assert_eq!(
            running.app.store.broken_audit_chains().await.unwrap(),
            std::slice::from_ref(&id),
            "{tampering}"
        );
    }
}

#[tokio::test]
async fn a_changed_mailbox_is_told_and_can_be_renamed_or_reset() {
    for desk in both().await {
        let store = desk.store().await;
        let epoch = Timestamp::from_micros(0);
        assert_eq!(store.compare_mailbox("a", "imap x h INBOX").await.unwrap(), Registration::New);
        store.register_mailbox("a", "imap x h INBOX", epoch).await.unwrap();
        assert_eq!(store.compare_mailbox("a", "imap x h INBOX").await.unwrap(), Registration::Known);
        let changed = store.compare_mailbox("a", "imap y h INBOX").await.unwrap();
        assert_eq!(changed, Registration::Changed { was: "imap x h INBOX".into() });
        let renamed = store.compare_mailbox("b", "imap x h INBOX").await.unwrap();
        assert_eq!(renamed, Registration::Renamed { was: "a".into() });
        store.rename_mailbox("a", "b", "test").await.unwrap();
        assert_eq!(store.compare_mailbox("b", "imap x h INBOX").await.unwrap(), Registration::Known);
        store.set_baseline("b", 7, 100).await.unwrap();
        store.reset_mailbox("b", "imap y h INBOX", epoch, "test").await.unwrap();
        assert_eq!(store.mailbox("b").await.unwrap().baseline_uid, 0);
        // Under the same UIDVALIDITY, the other account's mails are other mails.
        let mail = |id: u128| NewMail {
            id: uuid::Uuid::from_u128(id).to_string().parse().unwrap(),
            mailbox: "b".into(),
            source_key: "1:1".into(),
            size: 1,
            sealed: vec![1],
            content_digest: "d".into(),
            arrived_at: epoch,
            too_large: None,
        };
        assert_eq!(store.take_in(vec![mail(1)]).await.unwrap(), 1);
        assert_eq!(store.take_in(vec![mail(2)]).await.unwrap(), 0);
        store.reset_mailbox("b", "imap z h INBOX", epoch, "test").await.unwrap();
        assert_eq!(store.take_in(vec![mail(3)]).await.unwrap(), 1);
        assert!(store.rename_mailbox("none", "c", "test").await.is_err());
    }
}

#[tokio::test]
async fn one_process_at_a_time_reads_a_mailbox() {
    for desk in both().await {
        let store = desk.store().await;
        store.register_mailbox("a", "i", Timestamp::from_micros(0)).await.unwrap();
        assert!(store.lease_mailbox("a", "one", 60).await.unwrap());
        assert!(store.lease_mailbox("a", "one", 60).await.unwrap(), "it may keep it");
        assert!(!store.lease_mailbox("a", "two", 60).await.unwrap());
        desk.clock.advance(61);
        assert!(store.lease_mailbox("a", "two", 60).await.unwrap());
        store.release_mailbox("a", "two").await.unwrap();
        assert!(store.lease_mailbox("a", "one", 60).await.unwrap());
    }
}

#[tokio::test]
async fn an_older_program_refuses_a_newer_database() {
    let desk = TestDesk::sqlite();
    desk.store().await.close().await;
    let path = desk.path("data/cases.db");
    let mut db = sqlx::SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    db.execute("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', 1, x'00', 0)")
        .await
        .unwrap();
    let error = Store::connect(&StoreUrl::Sqlite(path), desk.clock.clone()).await.err().unwrap().to_string();
    assert!(error.contains("newer caseconsultant") && error.contains("9999"), "{error}");
}

#[tokio::test]
async fn a_copy_is_whole_and_never_overwrites() {
    let desk = TestDesk::sqlite();
    desk.ask("q1", QUESTION);
    let mut running = desk.start().await;
    running.work().await.unwrap();
    let copy = desk.path("copy.db");
    running.app.store.copy_to(&copy).await.unwrap();
    assert!(running.app.store.copy_to(&copy).await.is_err());
    let store = Store::connect(&StoreUrl::Sqlite(copy), desk.clock.clone()).await.unwrap();
    assert_eq!(store.queue(&Default::default()).await.unwrap().len(), 1);
    assert!(store.broken_audit_chains().await.unwrap().is_empty());
}

#[tokio::test]
async fn foreign_text_of_any_kind_can_be_stored() {
    for desk in both().await {
        desk.post_bytes("zero", b"From: amy@clinic.example\r\nSubject: a\0b \xff\xfe\r\nMessage-ID: <z\0@c.example>\r\n\r\nIs 20610\0 valid? \xf0\x9f\x98\x80 \xc3\x28\r\n");
        let mut running = desk.start().await;
        running.work().await.unwrap();
        assert!(!running.case().await.masked_subject.contains('\0'));
    }
}
