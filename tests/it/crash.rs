//! The crash table: the program is stopped before and after the commit of each transaction, started again, and goes
//! on. Whatever the point: one case, one answer, nothing doubled, the audit chain whole. On both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use caseconsultant::desk::DeskError;
use caseconsultant::domain::{CaseState, DeliveryEvent, DeliveryState};
use caseconsultant::store::{CrashHook, StoreError};
use caseconsultant::work::WorkError;

use crate::support::desk::{QUESTION, Running, TestDesk, both};

const POINTS: [&str; 9] = ["T1", "claim-mail", "T2", "claim-case", "T3", "T4", "T5", "T5b", "T6"];

/// Stops the program once at a point.
fn once_at(point: &'static str, when: &'static str) -> (CrashHook, Arc<AtomicBool>) {
    let fired = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&fired);
    let hook = move |at: &'static str, moment: &'static str| {
        at == point && moment == when && !seen.swap(true, Ordering::SeqCst)
    };
    (Arc::new(hook), fired)
}

fn is_crash(error: &WorkError) -> bool {
    matches!(error, WorkError::Store(StoreError::Crashed(_)))
}

/// From the question to the sent answer; `false` if it crashed on the way.
async fn go_on(desk: &mut Running) -> bool {
    if let Err(error) = desk.work().await {
        assert!(is_crash(&error), "{error}");
        return false;
    }
    for case in desk.cases().await {
        if case.state == CaseState::InReview {
            match desk.approve(&case).await {
                Ok(()) => {}
                Err(DeskError::Store(StoreError::Crashed(_))) => return false,
                Err(error) => panic!("{error}"),
            }
        }
    }
    desk.app.clock.advance(60);
    match desk.work().await {
        Ok(()) => true,
        Err(error) => {
            assert!(is_crash(&error), "{error}");
            false
        }
    }
}

async fn crash_at(desk: &TestDesk, point: &'static str, when: &'static str) {
    let place = format!("{point} {when}");
    desk.ask("q1", QUESTION);
    let (hook, fired) = once_at(point, when);
    let mut running = desk.start_with(Some(hook)).await;
    assert!(!go_on(&mut running).await, "{place}: it did not crash");
    assert!(fired.load(Ordering::SeqCst));
    running.app.store.close().await;
    drop(running);

    // Every lease of the dead process has ended when the next one goes on.
    desk.clock.advance(20 * 60);
    let mut again = desk.start().await;
    again.housekeep().await;
    let uncertain: Vec<_> = again.app.store.deliveries(&[DeliveryState::Uncertain]).await.unwrap();
    let may_be_uncertain = place == "T5b after" || point == "T6" && when == "before";
    assert_eq!(!uncertain.is_empty(), may_be_uncertain, "{place}: {uncertain:?}");
    for delivery in uncertain {
        assert!(
            again.deliver().await.unwrap() == caseconsultant::work::Step::Idle,
            "{place}: it was sent by itself"
        );
        let event = if desk.sent().is_empty() { DeliveryEvent::Resend } else { DeliveryEvent::WasSent };
        again.app.store.resolve(&delivery.id, event, "test", "looked into the mailbox").await.unwrap();
    }
    assert!(go_on(&mut again).await, "{place}: it crashed twice");

    let case = again.case().await;
    assert_eq!(case.state, CaseState::Answered, "{place}");
    assert_eq!(desk.sent().len(), 1, "{place}: answers in the mailbox");
    assert_eq!(again.app.store.mails_of(&case.id).await.unwrap().len(), 1, "{place}");
    let answers = again.answers().await;
    assert_eq!(answers.len(), 1, "{place}: {answers:?}");
    assert_eq!(answers[0].state, DeliveryState::Sent, "{place}");
    assert_eq!(again.app.store.known_keys("consult", u64::MAX).await.unwrap().len(), 1, "{place}");
    again.assert_audit_is_whole().await;
    again.app.store.close().await;
}

#[tokio::test]
async fn stopped_before_or_after_any_transaction_nothing_is_lost_or_doubled() {
    for point in POINTS {
        for when in ["before", "after"] {
            for desk in both().await {
                crash_at(&desk, point, when).await;
            }
        }
    }
}
