//! An import while the desk runs: the new codebook is taken into use, and only what it changes makes a draft outdated.

use std::path::{Path, PathBuf};

use caseconsultant::codebook::import::{ImportOptions, import};
use caseconsultant::domain::CaseState;
use caseconsultant::work::book::BookKeeper;
use caseconsultant::work::draft::Drafter;

use crate::support::desk::{QUESTION, Running, TestDesk, both};

fn keeper(desk: &TestDesk, running: &Running) -> BookKeeper {
    let app = &running.app;
    let (store, book, clock) = (app.store.clone(), app.desk.book.clone(), desk.clock.clone());
    let drafter = Drafter::new(store.clone(), book.clone(), clock.clone(), app.desk.zone.clone());
    BookKeeper::new(store, clock, book, Some(drafter))
}

fn put(desk: &TestDesk, name: &str, text: &str) -> PathBuf {
    let path = desk.path(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A diagnosis edition of long ago: it concerns no draft.
fn unrelated(desk: &TestDesk) -> PathBuf {
    put(desk, "icd10cm_order_2019.txt", &format!("00001 A000    1 {:<60} {}\r\n", "Cholera", "Cholera"))
}

/// An edit of the very pair that was asked about.
fn an_edit(desk: &TestDesk) -> PathBuf {
    let text = "Column1/Column2 Edits\n63020\t63030\t\t20240701\t*\t0\tInvented for a test\n";
    put(desk, "ccipra-2024q3.excerpt.txt", text)
}

#[tokio::test]
async fn a_book_that_is_swapped_in_carries_drafts_over_or_marks_them_outdated() {
    for desk in both().await {
        let book = desk.path("book.sqlite");
        let starter = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/starter");
        import(&book, &[starter], &ImportOptions::default()).unwrap();
        let desk = desk.with("[codebook]\npath = \"book.sqlite\"");
        desk.ask("q1", QUESTION);
        let mut running = desk.start().await;
        let mut keeper = keeper(&desk, &running);
        running.work().await.unwrap();
        assert!(!keeper.look().await.unwrap(), "nothing was imported yet");
        let first = running.app.desk.book.id();

        import(&book, &[unrelated(&desk)], &ImportOptions::default()).unwrap();
        assert!(keeper.look().await.unwrap());
        let second = running.app.desk.book.id();
        assert_ne!(first, second);
        assert_eq!(running.app.store.active_codebook().await.unwrap().as_deref(), Some(second.as_str()));
        assert_eq!(running.case().await.stale, "", "an unrelated release changes nothing");
        running.approve_it().await;

        let named = ImportOptions {
            release: Some("NCCI PTP practitioner 2024Q3, corrected".to_owned()),
            ..Default::default()
        };
        import(&book, &[an_edit(&desk)], &named).unwrap();
        assert!(keeper.look().await.unwrap());
        assert_eq!(running.state().await, CaseState::InReview, "the approval was called back");
        assert!(running.case().await.stale.contains("codebook"));
        desk.clock.advance(3600);
        running.work().await.unwrap();
        assert!(desk.sent().is_empty(), "an answer that the tables contradict stays in the house");
        running.assert_audit_is_whole().await;
    }
}
