//! Answers that must not go out (any more): newer mail, closed cases, copies, bounces; and a desk at rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use caseconsultant::desk::Edit;
use caseconsultant::domain::{Address, CaseEvent, CaseState, DeliveryEvent, DeliveryKind, DeliveryState};
use caseconsultant::store::{Claimed, Settlement};
use caseconsultant::work::Step;

use crate::support::desk::{QUESTION, Running, TestDesk, both};
use crate::support::fake_smtp::{Act, FakeSmtp, Script};

async fn approved(desk: &TestDesk) -> Running {
    desk.ask("q1", QUESTION);
    let mut running = desk.start().await;
    running.work().await.unwrap();
    running.approve_it().await;
    running
}

async fn claim(running: &Running) -> Claimed {
    running.app.store.claim_delivery("consult").await.unwrap().unwrap()
}

/// The server puts the claimed mail off: it would be tried again at once.
async fn put_off(desk: &TestDesk, running: &Running, claimed: &Claimed) {
    let later = Settlement::Deferred { not_before: desk.clock.now() };
    let (id, attempt) = (&claimed.delivery.id, claimed.delivery.attempt);
    running.app.store.settle(id, attempt, &later, "450 later").await.unwrap();
}

async fn more_mail(desk: &TestDesk, running: &mut Running) {
    let token = running.case().await.token;
    desk.post(
        "more",
        &format!(
            "From: amy@clinic.example\nTo: consult@desk.example\nSubject: wait\nMessage-ID: <more@c.example>\n\
             References: <cc.{token}.x@desk.example>\n\nWait, it was 63047 instead of 63030.\n"
        ),
    );
}

async fn edit(running: &Running, kind: DeliveryKind) {
    let (case, signer) = (running.case().await, running.reviewer().await);
    let (case_id, case_version) = (case.id, case.version);
    let edit = Edit { case_id, case_version, kind, text: "Which setting was it?".to_owned() };
    running.app.desk.edit(&edit, &signer).await.unwrap();
}

#[tokio::test]
async fn mail_during_a_claim_that_is_put_off_calls_the_answer_back() {
    for desk in both().await {
        let mut running = approved(&desk).await;
        let claimed = claim(&running).await;
        more_mail(&desk, &mut running).await;
        running.work().await.unwrap();
        assert_eq!(running.state().await, CaseState::Approved, "it cannot be called back now");
        put_off(&desk, &running, &claimed).await;
        assert_eq!(running.answers().await[0].state, DeliveryState::Cancelled);
        desk.clock.advance(3600);
        running.work().await.unwrap();
        assert!(desk.sent().is_empty(), "the outdated answer stays in the house");
        assert_eq!(running.state().await, CaseState::InReview);
        running.approve_it().await;
        running.work().await.unwrap();
        assert_eq!(desk.sent().len(), 1);
        running.assert_audit_is_whole().await;
    }
}

#[tokio::test]
async fn mail_during_a_claim_that_succeeds_is_taken_up_afterwards() {
    for desk in both().await {
        let mut running = approved(&desk).await;
        let claimed = claim(&running).await;
        more_mail(&desk, &mut running).await;
        running.work().await.unwrap();
        assert!(running.app.store.begin_data(&claimed.delivery).await.unwrap());
        let (id, attempt) = (claimed.delivery.id, claimed.delivery.attempt);
        running.app.store.settle(&id, attempt, &Settlement::Accepted, "250 ok").await.unwrap();
        assert_eq!(running.state().await, CaseState::Drafting);
        running.work().await.unwrap();
        assert_eq!(running.state().await, CaseState::InReview);
    }
}

#[tokio::test]
async fn a_question_back_put_off_after_newer_mail_does_not_block_the_case() {
    for desk in both().await {
        desk.ask("q1", QUESTION);
        let mut running = desk.start().await;
        running.work().await.unwrap();
        edit(&running, DeliveryKind::AskBack).await;
        running.approve_it().await;
        let claimed = claim(&running).await;
        more_mail(&desk, &mut running).await;
        running.work().await.unwrap();
        put_off(&desk, &running, &claimed).await;
        running.approve_it().await;
        running.work().await.unwrap();
        assert_eq!(desk.sent().len(), 1);
        assert_eq!(running.state().await, CaseState::Answered);
    }
}

#[tokio::test]
async fn a_case_is_not_closed_over_a_mail_that_is_on_its_way() {
    let desk = TestDesk::sqlite();
    desk.ask("q1", QUESTION);
    let mut running = desk.start().await;
    running.work().await.unwrap();
    edit(&running, DeliveryKind::AskBack).await;
    running.approve_it().await;
    let claimed = claim(&running).await;
    let (case, signer) = (running.case().await, running.reviewer().await);
    let close = running.app.desk.move_case(&case.id, case.version, CaseEvent::Close, "", &signer).await;
    assert!(close.unwrap_err().to_string().contains("on its way"), "nothing is closed behind its back");
    put_off(&desk, &running, &claimed).await;
    // Queued again, it can be: and nothing goes out.
    let case = running.case().await;
    running.app.desk.move_case(&case.id, case.version, CaseEvent::Close, "", &signer).await.unwrap();
    let case = running.case().await;
    running.app.desk.move_case(&case.id, case.version, CaseEvent::Reopen, "", &signer).await.unwrap();
    let case = running.case().await;
    running.app.desk.decline_silently(&case.id, case.version, "not ours", &signer).await.unwrap();
    desk.clock.advance(3600);
    running.work().await.unwrap();
    assert!(desk.sent().is_empty());
}

#[tokio::test]
async fn an_uncertain_mail_is_not_sent_again_once_its_case_moved_on() {
    let server = FakeSmtp::start(Script { dot: Act::Close, ..Script::default() }, None).await;
    let desk = TestDesk::sqlite()
        .sending_to(&format!("smtp+insecure://127.0.0.1:{}", server.port))
        .with("on_uncertain = \"resend\"");
    let mut running = approved(&desk).await;
    running.deliver().await.unwrap();
    more_mail(&desk, &mut running).await;
    running.work().await.unwrap();
    let id = running.answers().await[0].id.clone();
    running.housekeep().await;
    assert_eq!(running.answers().await[0].state, DeliveryState::Uncertain, "the policy leaves it alone");
    let again =
        running.app.store.resolve(&id, DeliveryEvent::Resend, "rita", "").await.unwrap_err().to_string();
    assert!(again.contains("no longer its answer"), "{again}");
    running.app.store.resolve(&id, DeliveryEvent::WasSent, "rita", "they have it").await.unwrap();
    assert_eq!(running.state().await, CaseState::Drafting, "and the mail that waited is taken up");
}

#[tokio::test]
async fn the_policy_resend_stops_after_one_more_attempt() {
    let server = FakeSmtp::start(Script { dot: Act::Close, ..Script::default() }, None).await;
    let desk = TestDesk::sqlite()
        .sending_to(&format!("smtp+insecure://127.0.0.1:{}", server.port))
        .with("on_uncertain = \"resend\"");
    let running = approved(&desk).await;
    for _ in 0..5 {
        let _ = running.deliver().await;
        running.housekeep().await;
        desk.clock.advance(60);
    }
    assert_eq!(server.seen().mails.len(), 2);
    assert_eq!(running.answers().await[0].state, DeliveryState::Uncertain);
}

async fn approve_with_copy(running: &Running) {
    let (case, signer) = (running.case().await, running.reviewer().await);
    let draft = running.app.store.newest_draft(&case.id).await.unwrap().unwrap();
    let mails = running.app.store.mails_of(&case.id).await.unwrap();
    let cc: Vec<Address> = vec!["bea@clinic.example".parse().unwrap()];
    for wrong in ["AMY@clinic.example", "consult@desk.example"] {
        let wrong = [wrong.parse().unwrap()];
        assert!(running.app.desk.preview(&case, &draft, &mails, &signer, &wrong, None).is_err());
    }
    let preview = running.app.desk.preview(&case, &draft, &mails, &signer, &cc, None).unwrap();
    let mut decision = running.decision(&case).await;
    (decision.delivery_id, decision.digest, decision.cc) = (preview.delivery_id, preview.digest, cc);
    running.app.desk.approve(&decision, &signer).await.unwrap();
    running.app.clock.advance(60);
}

#[tokio::test]
async fn a_copy_goes_out_once_and_only_after_the_askers_own_mail() {
    for desk in both().await {
        desk.ask("q1", QUESTION);
        let mut running = desk.start().await;
        running.work().await.unwrap();
        approve_with_copy(&running).await;
        let first = claim(&running).await;
        assert_eq!(first.delivery.copy_of, None);
        assert!(running.app.store.claim_delivery("consult").await.unwrap().is_none(), "the copy waits");
        let (id, attempt) = (&first.delivery.id, first.delivery.attempt);
        running.app.store.settle(id, attempt, &Settlement::Refused, "550 no such user").await.unwrap();
        for delivery in running.answers().await {
            let want =
                if delivery.copy_of.is_none() { DeliveryState::Failed } else { DeliveryState::Cancelled };
            assert_eq!(delivery.state, want);
        }
        let (case, signer) = (running.case().await, running.reviewer().await);
        running.app.desk.redo(&case.id, case.version, &signer).await.unwrap();
        approve_with_copy(&running).await;
        running.work().await.unwrap();
        running.work().await.unwrap();
        assert_eq!(desk.sent().len(), 2, "one to the asker, one to the colleague");
        assert_eq!(running.state().await, CaseState::Answered);

        // The bounce of the copy says nothing of the answer.
        let copy = running
            .answers()
            .await
            .into_iter()
            .find(|d| d.copy_of.is_some() && d.state == DeliveryState::Sent);
        let bounce = |to: &str, name: &str, id: &str| {
            format!(
                "From: MAILER-DAEMON@clinic.example\nTo: consult@desk.example\nSubject: Undelivered ({name})\n\
                 Auto-Submitted: auto-replied\nMIME-Version: 1.0\n\
                 Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt did not arrive.\n\
                 --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; clinic.example\n\n\
                 Final-Recipient: rfc822; {to}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n\n\
                 --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{id}>\nSubject: Re\n\n--b--\n"
            )
        };
        let id = copy.unwrap().message_id.as_str().to_owned();
        desk.post("bounce1", &bounce("bea@clinic.example", "copy", &id));
        running.work().await.unwrap();
        assert_eq!(running.state().await, CaseState::Answered);
        desk.post("bounce2", &bounce("amy@clinic.example", "own", &id));
        running.work().await.unwrap();
        assert_eq!(running.state().await, CaseState::Undeliverable);
        running.assert_audit_is_whole().await;
    }
}

#[tokio::test]
async fn an_automatic_reply_makes_nobody_known() {
    let desk = TestDesk::sqlite();
    let mut running = approved(&desk).await;
    running.work().await.unwrap();
    let answer = desk.sent().remove(0).message_id.unwrap();
    let mallory = |name: &str, header: &str| {
        format!(
            "From: mallory@evil.example\nTo: consult@desk.example\nSubject: Re\nMessage-ID: <{name}@evil.example>\n{header}\
             In-Reply-To: {answer}\n\nSend it to me.\n"
        )
    };
    desk.post("auto", &mallory("auto", "Auto-Submitted: auto-replied\n"));
    desk.post("plain", &mallory("plain", ""));
    running.work().await.unwrap();
    assert_eq!(running.case().await.asker.unwrap().to_string(), "amy@clinic.example");
    assert_eq!(running.app.store.quarantined().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_desk_at_rest_commits_nothing() {
    for desk in both().await {
        let commits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&commits);
        let hook = move |_: &'static str, moment: &'static str| {
            counted.fetch_add(usize::from(moment == "before"), Ordering::SeqCst);
            false
        };
        desk.ask("q1", QUESTION);
        let mut running = desk.start_with(Some(Arc::new(hook))).await;
        running.work().await.unwrap();
        running.work().await.unwrap();
        let before = commits.load(Ordering::SeqCst);
        assert!(before > 0);
        for _ in 0..5 {
            running.work().await.unwrap();
            assert_eq!(running.deliver().await.unwrap(), Step::Idle);
        }
        assert_eq!(commits.load(Ordering::SeqCst), before, "each commit would wake every worker");
    }
}
