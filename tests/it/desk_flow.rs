//! The way of a question with Maildirs, step by step, on both databases: threads, duplicates, machine mail, poison
//! mail, edits and approvals.

use caseconsultant::desk::{DeskError, Edit};
use caseconsultant::domain::{CaseEvent, CaseState, DeliveryKind, MessageId};
use caseconsultant::store::Choice;

use crate::support::desk::{QUESTION, Running, TestDesk, both};
use sqlx::{Connection, Executor};

async fn asked(desk: &TestDesk) -> Running {
    desk.ask("q1", QUESTION);
    let mut running = desk.start().await;
    running.work().await.unwrap();
    running
}

#[tokio::test]
async fn a_question_is_drafted_approved_and_answered_in_its_thread() {
    for desk in both().await {
        let mut running = asked(&desk).await;
        let case = running.case().await;
        assert_eq!(case.state, CaseState::InReview);
        assert_eq!(case.number.to_string(), "CC-2026-00001");
        let draft = running.app.store.newest_draft(&case.id).await.unwrap().unwrap();
        assert!(draft.text.contains("63020") && draft.text.contains("[1]"), "{}", draft.text);
        running.approve_it().await;
        running.work().await.unwrap();
        assert_eq!(running.state().await, CaseState::Answered);
        let sent = desk.sent();
        assert_eq!(sent.len(), 1);
        let question = MessageId::new("q1@clinic.example").unwrap();
        assert_eq!(sent[0].in_reply_to, std::slice::from_ref(&question));
        assert_eq!(sent[0].references, [question]);
        assert_eq!(sent[0].subject, "Re: A question (q1) [CC-2026-00001]");
        assert_eq!(sent[0].to[0].address.to_string(), "amy@clinic.example");
        assert_eq!(sent[0].message_id.as_ref().unwrap().token(), Some(case.token));
        assert!(sent[0].text.contains("Rita Reviewer, CPC"), "{}", sent[0].text);
        running.assert_audit_is_whole().await;
    }
}

#[tokio::test]
async fn what_was_shown_is_what_goes_out_and_nothing_else() {
    for desk in both().await {
        let mut running = asked(&desk).await;
        let case = running.case().await;
        let shown = running.decision(&case).await;
        let bytes = {
            let signer = running.reviewer().await;
            let draft = running.app.store.newest_draft(&case.id).await.unwrap().unwrap();
            let mails = running.app.store.mails_of(&case.id).await.unwrap();
            let id = Some(shown.delivery_id.clone());
            running.app.desk.preview(&case, &draft, &mails, &signer, &[], id).unwrap().mime
        };
        let signer = running.reviewer().await;
        running.app.desk.approve(&shown, &signer).await.unwrap();
        let stored = running.app.store.delivery(&shown.delivery_id).await.unwrap().mime;
        assert_eq!(stored, bytes);
        // A second click finds the case changed.
        assert!(running.app.desk.approve(&shown, &signer).await.unwrap_err().is_conflict());
        desk.clock.advance(60);
        running.work().await.unwrap();
        assert_eq!(desk.sent().len(), 1);
    }
}

#[tokio::test]
async fn an_edit_or_newer_mail_voids_what_was_shown() {
    for desk in both().await {
        let mut running = asked(&desk).await;
        let (case, signer) = (running.case().await, running.reviewer().await);
        let shown = running.decision(&case).await;
        let edit = Edit {
            case_id: case.id.clone(),
            case_version: case.version,
            kind: DeliveryKind::Answer,
            text: "Mine.".to_owned(),
        };
        running.app.desk.edit(&edit, &signer).await.unwrap();
        assert!(running.app.desk.approve(&shown, &signer).await.unwrap_err().is_conflict());
        assert!(
            running.app.desk.edit(&edit, &signer).await.unwrap_err().is_conflict(),
            "the same page twice"
        );

        let shown = running.decision(&running.case().await).await;
        desk.post(
            "more",
            &format!(
                "From: amy@clinic.example\nTo: consult@desk.example\nSubject: Re: A question\nMessage-ID: <m@c.example>\n\
                 In-Reply-To: <cc.{}.x@desk.example>\n\nIt is Medicaid, not Medicare.\n",
                case.token
            ),
        );
        running.work().await.unwrap();
        assert!(running.app.desk.approve(&shown, &signer).await.unwrap_err().is_conflict());
        let case = running.case().await;
        assert_eq!(case.state, CaseState::InReview);
        let drafts = running.app.store.drafts_of(&case.id).await.unwrap();
        assert_eq!(drafts.len(), 3, "the person's edit stays as a version");
        assert_eq!(drafts[1].text, "Mine.");
        assert!(desk.sent().is_empty());
    }
}

#[tokio::test]
async fn an_approval_can_be_taken_back_while_it_is_queued() {
    for desk in both().await {
        let mut running = asked(&desk).await;
        let signer = running.reviewer().await;
        running.approve(&running.case().await).await.unwrap();
        running.work().await.unwrap();
        assert!(desk.sent().is_empty(), "the undo window is open");
        let case = running.case().await;
        running.app.desk.void(&case.id, case.version, "a typing error", &signer).await.unwrap();
        assert_eq!(running.state().await, CaseState::InReview);
        desk.clock.advance(3600);
        running.work().await.unwrap();
        assert!(desk.sent().is_empty());
        // The same draft can be approved again.
        running.approve_it().await;
        running.work().await.unwrap();
        assert_eq!(desk.sent().len(), 1);
        let case = running.case().await;
        let late = running.app.desk.void(&case.id, case.version, "", &signer).await;
        assert!(matches!(late, Err(DeskError::Store(_))), "{late:?}");
    }
}

#[tokio::test]
async fn mail_that_comes_while_an_answer_waits_calls_it_back() {
    for desk in both().await {
        let mut running = asked(&desk).await;
        running.approve(&running.case().await).await.unwrap();
        let token = running.case().await.token;
        desk.post(
            "more",
            &format!(
                "From: amy@clinic.example\nTo: consult@desk.example\nSubject: wait\nMessage-ID: <m@c.example>\n\
                 References: <cc.{token}.x@desk.example>\n\nWait, the second code is 63035.\n"
            ),
        );
        desk.clock.advance(60);
        // Filing comes before delivery here; the queued answer is cancelled.
        running.work().await.unwrap();
        assert!(desk.sent().is_empty());
        assert_eq!(running.state().await, CaseState::InReview);
        running.approve_it().await;
        running.work().await.unwrap();
        assert_eq!(desk.sent().len(), 1);
    }
}

#[tokio::test]
async fn a_follow_up_joins_and_a_stranger_goes_to_a_person() {
    for desk in both().await {
        let mut running = asked(&desk).await;
        running.approve_it().await;
        running.work().await.unwrap();
        let answer = desk.sent().remove(0).message_id.unwrap();
        let reply = |from: &str, name: &str| {
            format!(
                "From: {from}\nTo: consult@desk.example\nSubject: Re: A question\nMessage-ID: <{name}@c.example>\n\
                 In-Reply-To: {answer}\n\nAnd what about 63047?\n"
            )
        };
        desk.post("follow", &reply("AMY@clinic.example", "follow"));
        desk.post("stranger", &reply("mallory@evil.example", "stranger"));
        running.work().await.unwrap();
        let case = running.case().await;
        assert_eq!(case.state, CaseState::InReview);
        assert_eq!(running.app.store.mails_of(&case.id).await.unwrap().len(), 2);
        // The next answer carries the thread on.
        running.approve_it().await;
        running.work().await.unwrap();
        let second = desk.sent().into_iter().find(|m| m.message_id.as_ref() != Some(&answer)).unwrap();
        assert_eq!(second.in_reply_to, [MessageId::new("follow@c.example").unwrap()]);
        assert_eq!(second.references, [answer.clone(), MessageId::new("follow@c.example").unwrap()]);
        let aside = running.app.store.quarantined().await.unwrap();
        assert_eq!(aside.len(), 1);
        assert_eq!(aside[0].suggested_case.as_ref(), Some(&case.id));
        assert!(aside[0].reason.contains("CC-2026-00001"), "{}", aside[0].reason);
        // A person says: a case of its own.
        running.app.store.retry_mail(&aside[0].id, &Choice::NewCase, "rita").await.unwrap();
        running.work().await.unwrap();
        assert_eq!(running.cases().await.len(), 2);
        assert!(running.app.store.quarantined().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_same_mail_twice_opens_one_case_and_a_reused_id_is_shown() {
    for desk in both().await {
        let mut running = asked(&desk).await;
        desk.ask("q1-again", QUESTION);
        let same = format!(
            "Received: by another host\nFrom: Amy Example <amy@clinic.example>\nTo: consult@desk.example\n\
             Subject: A question (q1)\nMessage-ID: <q1@clinic.example>\nDate: Sun, 22 Nov 2026 11:00:00 +0000\n\n{QUESTION}\n"
        );
        desk.post("delivered-twice", &same);
        running.work().await.unwrap();
        assert_eq!(running.cases().await.len(), 2, "q1 and q1-again; the second delivery opens none");
        desk.post(
            "reused",
            "From: bob@clinic.example\nTo: consult@desk.example\nSubject: other\nMessage-ID: <q1@clinic.example>\n\n\
             What is the MUE of 97110?\n",
        );
        desk.post("no-id", "From: bob@clinic.example\nSubject: no id\n\nWhat is 20610?\n");
        running.work().await.unwrap();
        let cases = running.cases().await;
        assert_eq!(cases.len(), 4);
        let reused = cases.iter().find(|c| c.masked_subject == "other").unwrap();
        let mails = running.app.store.mails_of(&reused.id).await.unwrap();
        assert!(mails[0].problems.iter().any(|p| p.contains("same Message-ID")), "{:?}", mails[0].problems);
    }
}

#[tokio::test]
async fn machine_mail_and_poison_are_filed_and_never_answered() {
    for desk in both().await {
        let desk = desk.with("acknowledge = true");
        desk.post(
            "ooo",
            "From: amy@clinic.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nI am away.\n",
        );
        desk.post("ours", "From: consult@desk.example\nTo: consult@desk.example\nSubject: loop\n\nHello\n");
        desk.post_bytes("empty", b"");
        desk.post_bytes("binary", &[0u8, 255, 254, 3].repeat(5000));
        desk.post("list", "From: news@list.example\nSubject: News\nList-Id: <news.list.example>\nPrecedence: bulk\n\nNews\n");
        desk.post("nobody", "Subject: nobody\nMessage-ID: <n@x.example>\n\nWhat is 99213?\n");
        let mut running = desk.start().await;
        running.work().await.unwrap();
        let case = running.case().await;
        assert_eq!(
            (case.masked_subject.as_str(), &case.asker),
            ("nobody", &None),
            "a person decides whom to answer"
        );
        assert!(desk.sent().is_empty(), "nobody is acknowledged");
        let aside = running.app.store.quarantined().await.unwrap();
        assert!(!aside.is_empty(), "what cannot be read is set aside");
        assert!(aside.iter().all(|m| !m.reason.is_empty()));
        assert_eq!(
            running.app.store.known_keys("consult", u64::MAX).await.unwrap().len(),
            6,
            "every mail is a row"
        );
    }
}

#[tokio::test]
async fn acknowledgements_are_few_and_say_nothing_of_the_question() {
    for desk in both().await {
        let desk = desk.with("acknowledge = true");
        for name in ["a", "b", "c"] {
            desk.ask(name, "Is 20610 valid? My secret-word question.");
        }
        let mut running = desk.start().await;
        running.work().await.unwrap();
        let sent = desk.sent();
        assert_eq!(sent.len(), 1, "one an hour to a sender");
        assert!(
            sent[0].subject.starts_with("[CC-2026-0000")
                && sent[0].subject.ends_with("] We have your question")
        );
        assert!(!sent[0].text.contains("secret-word") && !sent[0].text.contains("20610"));
        let id = running.app.store.deliveries(&[]).await.unwrap()[0].id.clone();
        let stored = running.app.store.delivery(&id).await.unwrap();
        assert_eq!(stored.envelope_sender, None, "the null sender");
        let mime = String::from_utf8(stored.mime).unwrap();
        assert!(mime.contains("Auto-Submitted: auto-replied\r\n"), "{mime}");
    }
}

#[tokio::test]
async fn patient_data_is_masked_everywhere_but_in_the_sealed_original() {
    for desk in both().await {
        desk.ask("phi", "Patient: Jane Testperson, DOB 01/02/1950, SSN 000-12-3456, MRN 99887766. Is 20610 valid on 2024-08-15?");
        let mut running = desk.start().await;
        running.work().await.unwrap();
        running.approve_it().await;
        running.work().await.unwrap();
        let case = running.case().await;
        let mails = running.app.store.mails_of(&case.id).await.unwrap();
        let mut seen = format!("{:?}", mails);
        seen += &format!("{:?}", running.app.store.drafts_of(&case.id).await.unwrap());
        seen += &format!("{:?}", running.app.store.audit_of(case.id.as_str()).await.unwrap());
        seen += &desk.sent()[0].text;
        for secret in ["Testperson", "01/02/1950", "000-12-3456", "99887766"] {
            assert!(!seen.contains(secret), "{secret}");
        }
        assert!(mails[0].masked_text.contains("[name]") && mails[0].masked_text.contains("20610"));
        let (_, sealed) = running.app.store.sealed_original(&mails[0].id).await.unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("Testperson"));
        let original = running.app.keys.open(mails[0].id.as_str().as_bytes(), &sealed).unwrap();
        assert!(String::from_utf8_lossy(&original).contains("Jane Testperson"));
    }
}

#[tokio::test]
async fn ask_back_decline_redo_close_and_reopen_follow_the_table() {
    for desk in both().await {
        let mut running = asked(&desk).await;
        let signer = running.reviewer().await;
        let case = running.case().await;
        running.app.desk.redo(&case.id, case.version, &signer).await.unwrap();
        running.work().await.unwrap();
        assert_eq!(running.state().await, CaseState::InReview);
        let case = running.case().await;
        let edit = Edit {
            case_id: case.id.clone(),
            case_version: case.version,
            kind: DeliveryKind::AskBack,
            text: "Which setting?".to_owned(),
        };
        running.app.desk.edit(&edit, &signer).await.unwrap();
        running.approve_it().await;
        assert_eq!(running.state().await, CaseState::AwaitingAsker);
        running.work().await.unwrap();
        assert_eq!(desk.sent().len(), 1);
        assert_eq!(running.state().await, CaseState::AwaitingAsker);
        let case = running.case().await;
        running.app.desk.move_case(&case.id, case.version, CaseEvent::Close, "", &signer).await.unwrap();
        let case = running.case().await;
        running.app.desk.move_case(&case.id, case.version, CaseEvent::Reopen, "", &signer).await.unwrap();
        let case = running.case().await;
        assert!(running.app.desk.decline_silently(&case.id, case.version, " ", &signer).await.is_err());
        running
            .app
            .desk
            .decline_silently(&case.id, case.version, "not a coding question", &signer)
            .await
            .unwrap();
        assert_eq!(running.state().await, CaseState::Declined);
        running.work().await.unwrap();
        assert_eq!(desk.sent().len(), 1, "nobody is written to");
        running.assert_audit_is_whole().await;
    }
}

#[tokio::test]
async fn mail_over_max_size_is_shown_and_stays_in_the_mailbox() {
    for desk in both().await {
        let desk = desk.with("max_size = \"1 MB\"");
        let big = format!("From: amy@clinic.example\r\nSubject: big\r\n\r\n{}", "x".repeat(1_200_000));
        desk.post_bytes("big", big.as_bytes());
        let mut running = desk.start().await;
        running.work().await.unwrap();
        let aside = running.app.store.quarantined().await.unwrap();
        assert_eq!(aside.len(), 1);
        assert!(aside[0].reason.contains("max_size"), "{}", aside[0].reason);
        assert!(desk.path("inbox/new/big").exists(), "it is not marked");
        running.work().await.unwrap();
        assert_eq!(running.app.store.quarantined().await.unwrap().len(), 1, "and is counted once");
        drop(running);
        // The limit is raised, and the desk started again.
        let desk = desk.instead_of("max_size = \"1 MB\"", "max_size = \"2 MB\"");
        desk.clock.advance(600);
        let mut running = desk.start().await;
        running.work().await.unwrap();
        assert!(running.app.store.quarantined().await.unwrap().is_empty());
        assert_eq!(running.case().await.masked_subject, "big");
    }
}

#[tokio::test]
async fn filed_mail_is_marked_in_the_mailbox() {
    let desk = TestDesk::sqlite();
    let mut running = asked(&desk).await;
    running.work().await.unwrap();
    assert!(!desk.path("inbox/new/q1").exists());
    assert_eq!(std::fs::read_dir(desk.path("inbox/cur")).unwrap().count(), 1);
    // And is not taken in again, whatever its flags.
    running.work().await.unwrap();
    assert_eq!(running.cases().await.len(), 1);
}

#[tokio::test]
async fn a_new_codebook_outdates_a_draft_only_if_its_evidence_changed() {
    let desk = TestDesk::sqlite();
    let mut running = asked(&desk).await;
    running.work().await.unwrap();
    let path = format!("sqlite://{}", desk.path("data/cases.db").display());
    let mut db = sqlx::SqliteConnection::connect(&path).await.unwrap();
    // As if the draft had been written with an older book that said the same.
    db.execute("UPDATE drafts SET codebook_id = 'older'").await.unwrap();
    assert_eq!(running.recheck().await, 0);
    assert_eq!(running.case().await.stale, "");
    // And with one that said something else.
    db.execute("UPDATE drafts SET codebook_id = 'older', evidence_digest = 'other rows'").await.unwrap();
    assert_eq!(running.recheck().await, 1);
    assert!(!running.case().await.stale.is_empty());
    let refused = running.approve(&running.case().await).await.unwrap_err().to_string();
    assert!(refused.contains("no longer holds"), "{refused}");
    // Redoing it makes it good.
    let (case, signer) = (running.case().await, running.reviewer().await);
    running.app.desk.redo(&case.id, case.version, &signer).await.unwrap();
    running.work().await.unwrap();
    running.approve_it().await;
    running.work().await.unwrap();
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn a_process_with_another_codebook_neither_drafts_nor_approves() {
    let desk = TestDesk::sqlite();
    let mut running = asked(&desk).await;
    running.app.store.activate_codebook("another book").await.unwrap();
    let refused = running.approve(&running.case().await).await.unwrap_err().to_string();
    assert!(refused.contains("another codebook"), "{refused}");
    desk.ask("q2", QUESTION);
    let refused = running.work().await.unwrap_err().to_string();
    assert!(refused.contains("another codebook"), "{refused}");
}
