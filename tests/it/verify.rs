//! What contradicts a table does not go out, unless a senior answers for it; what points to a patient never does.

use caseconsultant::desk::{DeskError, Edit, Overruling};
use caseconsultant::domain::{CaseState, DeliveryKind, Role};

use crate::support::desk::{QUESTION, Running, TestDesk, both};

async fn drafted(desk: &TestDesk) -> Running {
    desk.ask("q1", QUESTION);
    let mut running = desk.start().await;
    running.work().await.unwrap();
    running
}

async fn write(running: &Running, more: &str) {
    let (case, signer) = (running.case().await, running.reviewer().await);
    let text = running.app.store.newest_draft(&case.id).await.unwrap().unwrap().text;
    let edit = Edit {
        case_id: case.id,
        case_version: case.version,
        kind: DeliveryKind::Answer,
        text: format!("{more}\n\n{text}"),
    };
    running.app.desk.edit(&edit, &signer).await.unwrap();
}

async fn approve(running: &Running, overruling: Option<(&str, Role)>) -> Result<(), DeskError> {
    let mut decision = running.decision(&running.case().await).await;
    decision.overruling = overruling.map(|(reason, role)| Overruling { reason: reason.to_owned(), role });
    running.app.desk.approve(&decision, &running.reviewer().await).await
}

#[tokio::test]
async fn a_text_against_the_tables_goes_out_only_if_a_senior_answers_for_it() {
    for desk in both().await {
        let running = drafted(&desk).await;
        write(&running, "The diagnosis is M54.5X9.").await;
        let refused = approve(&running, None).await.unwrap_err().to_string();
        assert!(refused.contains("M54.5X9") && refused.contains("senior"), "{refused}");
        let refused = approve(&running, Some(("I say so", Role::Reviewer))).await.unwrap_err().to_string();
        assert!(refused.contains("only a senior"), "{refused}");
        assert!(approve(&running, Some(("  ", Role::Senior))).await.is_err(), "a reason is needed");
        assert_eq!(running.state().await, CaseState::InReview);

        approve(&running, Some(("the payer's own code", Role::Senior))).await.unwrap();
        assert_eq!(running.state().await, CaseState::Approved);
        let trail = running.app.store.audit_of(running.case().await.id.as_str()).await.unwrap();
        let last = serde_json::to_string(trail.last().unwrap()).unwrap();
        assert!(last.contains("the payer's own code") && last.contains("M54.5X9"), "{last}");
        running.assert_audit_is_whole().await;
    }
}

#[tokio::test]
async fn what_points_to_a_patient_never_goes_out() {
    for desk in both().await {
        let running = drafted(&desk).await;
        write(&running, "For the record: MRN 48213377, DOB 03/04/1951.").await;
        for overruling in [None, Some(("it is needed", Role::Admin))] {
            let refused = approve(&running, overruling).await.unwrap_err().to_string();
            assert!(refused.contains("points to a patient") && !refused.contains("48213377"), "{refused}");
        }
        write(&running, "The payer's line is 800-555-0134.").await;
        let case = running.case().await;
        let draft = running.app.store.newest_draft(&case.id).await.unwrap().unwrap();
        let verified = running.app.desk.verify(&case, &draft).await.unwrap();
        assert!(verified.patient_data, "the first addition still stands in it");
        assert!(verified.objections.iter().all(|o| !o.words.contains("48213377")));
    }
}

#[tokio::test]
async fn a_drafts_own_text_holds_and_a_persons_words_are_marked() {
    let desk = TestDesk::sqlite();
    let running = drafted(&desk).await;
    let case = running.case().await;
    let draft = running.app.store.newest_draft(&case.id).await.unwrap().unwrap();
    let verified = running.app.desk.verify(&case, &draft).await.unwrap();
    assert!(verified.holds() && verified.objections.is_empty(), "{:?}", verified.objections);
    write(&running, "Call me on any weekday morning.").await;
    let draft = running.app.store.newest_draft(&case.id).await.unwrap().unwrap();
    let verified = running.app.desk.verify(&case, &draft).await.unwrap();
    assert!(verified.holds());
    let words: Vec<&str> = verified.objections.iter().map(|o| o.words.as_str()).collect();
    assert_eq!(words, ["Call me on any weekday morning."]);
    approve(&running, None).await.unwrap();
}
