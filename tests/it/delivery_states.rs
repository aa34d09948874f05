//! Deliveries against a server that fails at every stage: the states of the design, exactly, and what they mean for
//! the case.

use caseconsultant::domain::{CaseState, DeliveryEvent, DeliveryState};
use caseconsultant::work::Step;

use crate::support::desk::{QUESTION, Running, TestDesk};
use crate::support::fake_smtp::{Act, FakeSmtp, Script};

/// An approved answer, tried once against a server with this script.
async fn tried_once(script: Script) -> (TestDesk, Running, FakeSmtp) {
    tried_on(TestDesk::sqlite(), script).await
}

async fn tried_on(desk: TestDesk, script: Script) -> (TestDesk, Running, FakeSmtp) {
    let server = FakeSmtp::start(script, None).await;
    let desk = desk.sending_to(&format!("smtp+insecure://127.0.0.1:{}", server.port));
    desk.ask("q1", QUESTION);
    let mut running = desk.start().await;
    running.work().await.unwrap();
    running.approve_it().await;
    // What is wrong with the mailbox itself is an error of the step, for the administrator.
    let _ = running.deliver().await;
    (desk, running, server)
}

async fn states(running: &Running) -> (DeliveryState, CaseState) {
    (running.answers().await[0].state, running.state().await)
}

#[tokio::test]
async fn each_fault_leads_to_its_state() {
    use CaseState as C;
    use DeliveryState as D;
    let ok = Script::default;
    let table: Vec<(&str, Script, D, C)> = vec![
        ("accepted", ok(), D::Sent, C::Answered),
        ("closed at the greeting", Script { greeting: Act::Close, ..ok() }, D::Queued, C::Approved),
        (
            "busy greeting",
            Script { greeting: Act::SayAndClose("421 later\r\n"), ..ok() },
            D::Queued,
            C::Approved,
        ),
        ("stalls at EHLO", Script { ehlo: Act::Stall, ..ok() }, D::Queued, C::Approved),
        (
            "sender refused for now",
            Script { mail: Act::Say("451 later\r\n"), ..ok() },
            D::Queued,
            C::Approved,
        ),
        (
            "sender refused",
            Script { mail: Act::Say("553 5.7.1 not permitted to send as this sender\r\n"), ..ok() },
            D::Queued,
            C::Approved,
        ),
        (
            "recipient refused for now",
            Script { rcpt: Act::Say("450 greylisted\r\n"), ..ok() },
            D::Queued,
            C::Approved,
        ),
        (
            "recipient refused",
            Script { rcpt: Act::Say("550 5.1.1 no such user\r\n"), ..ok() },
            D::Failed,
            C::Undeliverable,
        ),
        (
            "dropped before DATA",
            Script { rcpt: Act::SayAndClose("250 ok\r\n"), ..ok() },
            D::Queued,
            C::Approved,
        ),
        ("closed at DATA", Script { data: Act::Close, ..ok() }, D::Queued, C::Approved),
        ("DATA refused for now", Script { data: Act::Say("451 later\r\n"), ..ok() }, D::Queued, C::Approved),
        ("DATA refused", Script { data: Act::Say("554 no\r\n"), ..ok() }, D::Failed, C::Undeliverable),
        (
            "refused for now after the dot",
            Script { dot: Act::Say("452 full\r\n"), ..ok() },
            D::Queued,
            C::Approved,
        ),
        (
            "refused after the dot",
            Script { dot: Act::Say("554 5.7.1 spam\r\n"), ..ok() },
            D::Failed,
            C::Undeliverable,
        ),
        ("dropped after the dot", Script { dot: Act::Close, ..ok() }, D::Uncertain, C::Approved),
        ("stalls after the dot", Script { dot: Act::Stall, ..ok() }, D::Uncertain, C::Approved),
        ("ends in the reply", Script { dot: Act::SayAndClose("250"), ..ok() }, D::Uncertain, C::Approved),
    ];
    for (name, script, delivery, case) in table {
        let (_desk, running, _server) = tried_once(script).await;
        assert_eq!(states(&running).await, (delivery, case), "{name}: {:?}", running.answers().await);
        running.assert_audit_is_whole().await;
    }
}

#[tokio::test]
async fn what_is_put_off_goes_out_once_the_server_takes_it() {
    let (desk, running, busy) =
        tried_once(Script { rcpt: Act::Say("450 greylisted\r\n"), ..Script::default() }).await;
    assert_eq!(running.deliver().await.unwrap(), Step::Idle, "not before its time");
    assert_eq!(busy.seen().mails.len(), 0);
    drop(running);
    let server = FakeSmtp::start(Script::default(), None).await;
    let desk = desk.sending_to(&format!("smtp+insecure://127.0.0.1:{}", server.port));
    desk.clock.advance(120);
    let running = desk.start().await;
    assert_eq!(running.deliver().await.unwrap(), Step::Worked);
    assert_eq!(states(&running).await, (DeliveryState::Sent, CaseState::Answered));
    assert_eq!(running.answers().await[0].attempt, 2);
    assert_eq!(server.seen().mails.len(), 1);
}

#[tokio::test]
async fn what_is_put_off_for_too_long_is_given_up() {
    let (desk, running, _server) =
        tried_once(Script { rcpt: Act::Say("450 greylisted\r\n"), ..Script::default() }).await;
    desk.clock.advance(3 * 86_400);
    assert_eq!(running.deliver().await.unwrap(), Step::Worked);
    assert_eq!(states(&running).await, (DeliveryState::Failed, CaseState::Undeliverable));
    assert!(running.answers().await[0].reply.contains("450 greylisted"), "{:?}", running.answers().await);
}

#[tokio::test]
async fn what_is_uncertain_waits_for_a_person_and_is_never_sent_by_itself() {
    let (desk, running, server) = tried_once(Script { dot: Act::Close, ..Script::default() }).await;
    desk.clock.advance(86_400);
    running.housekeep().await;
    assert_eq!(running.deliver().await.unwrap(), Step::Idle);
    assert_eq!(server.seen().mails.len(), 1);
    let id = running.answers().await[0].id.clone();
    let signer = running.reviewer().await;
    let senior = caseconsultant::domain::Role::Senior;
    running
        .app
        .desk
        .settle(&id, DeliveryEvent::WasSent, "it is in their mailbox", &signer, senior)
        .await
        .unwrap();
    assert_eq!(states(&running).await, (DeliveryState::Sent, CaseState::Answered));
}

#[tokio::test]
async fn the_policy_resend_sends_the_same_bytes_again() {
    let desk = TestDesk::sqlite().with("on_uncertain = \"resend\"");
    let (_desk, running, server) = tried_on(desk, Script { dot: Act::Close, ..Script::default() }).await;
    running.housekeep().await;
    assert_eq!(running.deliver().await.unwrap(), Step::Worked);
    let mails = server.seen().mails;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
}

#[tokio::test]
async fn a_refused_answer_can_be_sent_again_by_a_person() {
    let (desk, running, _server) =
        tried_once(Script { rcpt: Act::Say("550 no such user\r\n"), ..Script::default() }).await;
    assert_eq!(running.state().await, CaseState::Undeliverable);
    let id = running.answers().await[0].id.clone();
    running
        .app
        .store
        .resolve(&id, DeliveryEvent::Resend, "rita@desk.example", "their mailbox is back")
        .await
        .unwrap();
    assert_eq!(states(&running).await, (DeliveryState::Queued, CaseState::Approved));
    drop(running);
    let server = FakeSmtp::start(Script::default(), None).await;
    let desk = desk.sending_to(&format!("smtp+insecure://127.0.0.1:{}", server.port));
    let running = desk.start().await;
    running.deliver().await.unwrap();
    assert_eq!(states(&running).await, (DeliveryState::Sent, CaseState::Answered));
    running.assert_audit_is_whole().await;
}

#[tokio::test]
async fn what_a_person_sends_again_is_not_given_up_at_once() {
    let (desk, running, _server) =
        tried_once(Script { rcpt: Act::Say("450 greylisted\r\n"), ..Script::default() }).await;
    desk.clock.advance(3 * 86_400);
    running.deliver().await.unwrap();
    assert_eq!(states(&running).await, (DeliveryState::Failed, CaseState::Undeliverable));
    let id = running.answers().await[0].id.clone();
    running
        .app
        .store
        .resolve(&id, DeliveryEvent::Resend, "rita@desk.example", "they are back")
        .await
        .unwrap();
    running.deliver().await.unwrap();
    assert_eq!(states(&running).await, (DeliveryState::Queued, CaseState::Approved));
    desk.clock.advance(3 * 86_400);
    running.deliver().await.unwrap();
    assert_eq!(states(&running).await, (DeliveryState::Failed, CaseState::Undeliverable));
}
