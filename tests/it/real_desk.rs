//! The program with Dovecot and Postfix, on SQLite and on PostgreSQL: from a question that swaks sends to the reply
//! in the asker's mailbox, and everything that comes back.

use std::time::{Duration, Instant};

use caseconsultant::clock::Clock;
use regex::Regex;
use serde_json::Value;

use crate::support::real_desk::{PASSWORD, PATIENCE, REVIEWER, RealDesk, Received, real_desks, wait_for};

/// What stands in the questions and must never stand in a mail of ours.
const PATIENT: [&str; 4] = ["Jane", "Roe", "8812345", "04/12/1956"];

#[tokio::test]
async fn a_question_is_drafted_approved_and_answered_in_its_thread() {
    for desk in real_desks().await {
        whole_way(&desk.with("on_filed = \"seen\"\nsent = \"append:Sent\"\nimport_from = \"now\"")).await;
    }
}

async fn whole_way(desk: &RealDesk) {
    desk.set_up();
    // What was in the mailbox before the desk is counted, not opened.
    desk.send("early@elsewhere.example", "Old mail", "old@x.example", "Is 99213 valid?", &[]);
    desk.wait_for_mails(&desk.address, "INBOX", 1).await;
    let arrived = second();
    wait_for("the next second", || (second() > arrived).then_some(()));
    let serving = desk.serve();
    let checked = desk.ok(&["check"]);
    assert!(checked.lines().all(|line| line.starts_with("ok   ")), "{checked}");

    let asker = desk.servers.mailbox("asker");
    let mut times = Vec::new();
    let number = {
        let subject = "Two codes, patient: Jane Roe, MRN 8812345";
        desk.ask(&asker, subject, "first@clinic.example", &[]);
        let delivered = Instant::now();
        let number = desk.wait_for_case(&asker, "in_review");
        times.push(delivered.elapsed());
        number
    };
    let said = desk.ok(&["cases", "approve", &number]);
    assert!(said.contains(&asker), "{said}");
    let replies = desk.wait_for_mails(&asker, "INBOX", 1).await;
    let reply = &replies[0];
    assert_reply(reply, &number, "first@clinic.example", &["first@clinic.example"]);
    assert!(reply.header("To").unwrap().contains(&asker));
    let case = desk.wait_for_what(&number, "answered", |c| c["state"] == "answered");
    assert_eq!(case["deliveries"].as_array().unwrap().len(), 1, "{case}");

    // The copy in Sent is the very mail; the question is marked, the old mail is not.
    let sent = desk.wait_for_mails(&desk.address, "Sent", 1).await;
    assert_eq!(sent[0].mail.message_id, reply.mail.message_id);
    assert!(reply.text().ends_with(&sent[0].text()), "{}\n{}", reply.text(), sent[0].text());
    wait_for_seen(desk, &[2]).await;

    // The asker answers: the same case, a new draft; this time the page approves it.
    let reply_id = reply.mail.message_id.as_ref().unwrap().to_string();
    let references = format!("<first@clinic.example> {reply_id}");
    let thread = ["--h-In-Reply-To", reply_id.as_str(), "--h-References", references.as_str()];
    let (subject, text) =
        (format!("Re: {}", reply.mail.subject), "Does 63030-59 change that? Patient: Jane Roe.");
    desk.send(&asker, &subject, "second@clinic.example", text, &thread);
    let delivered = Instant::now();
    assert_eq!(desk.wait_for_case(&asker, "in_review"), number);
    times.push(delivered.elapsed());
    approve_on_the_page(&serving.url(), &number).await;
    let replies = desk.wait_for_mails(&asker, "INBOX", 2).await;
    let ours = reply_id.trim_matches(['<', '>']);
    assert_reply(&replies[1], &number, "second@clinic.example", &["first@clinic.example", ours]);
    desk.wait_for_what(&number, "answered", |c| c["state"] == "answered");

    // An out-of-office notice is filed with the case and changes nothing.
    let reply_id = replies[1].mail.message_id.as_ref().unwrap().to_string();
    let away = ["--h-In-Reply-To", reply_id.as_str(), "--h-Auto-Submitted", "auto-replied"];
    desk.send(&asker, "Out of office", "away@clinic.example", "I am back on Monday.", &away);
    let has_notice = |case: &Value| mails(case).iter().any(|m| m["class"] == "auto_reply");
    let case = desk.wait_for_what(&number, "the notice", has_notice);
    assert_eq!(case["state"], "answered");

    // Another asker, for the time; and nobody got anything else.
    let other = desk.servers.mailbox("other");
    desk.ask(&other, "The same", "third@clinic.example", &[]);
    let delivered = Instant::now();
    desk.wait_for_case(&other, "in_review");
    times.push(delivered.elapsed());
    assert_eq!(desk.cases().len(), 2, "the old mail opened a case");
    assert_eq!(desk.json(&["outbox", "list", "--json"]).len(), 2);
    desk.wait_for_mails(&desk.address, "Sent", 2).await;
    wait_for_seen(desk, &[2, 3, 4, 5]).await;
    assert_eq!(desk.mails(&asker, "INBOX").await.len(), 2);
    let mailbox = desk.json(&["mailbox", "list", "--json"]).remove(0);
    assert_eq!((&mailbox["older_mail"], &mailbox["missing"]), (&1.into(), &0.into()), "{mailbox}");
    println!("{}: drafts were in the queue after {times:?}", desk.database);

    let (status, after) = serving.terminate();
    assert_eq!(status.code(), Some(0));
    assert!(after < Duration::from_secs(10), "{after:?}");
}

#[tokio::test]
async fn what_cannot_be_delivered_is_said_at_the_case() {
    for desk in real_desks().await {
        let desk = desk.with("acknowledge = true");
        desk.set_up();
        let _serving = desk.serve();
        // Refused for good, refused for now, and taken, but sent back by the next server.
        let domain = &desk.servers.domain;
        let unknown = format!("unknown-{}", desk.servers.mailbox("x"));
        let later = format!("later-{}", desk.servers.mailbox("x"));
        let bounced = format!("bounced-unknown-{}", desk.servers.mailbox("x"));
        let full = format!("bounced-full-{}", desk.servers.mailbox("x"));
        for (n, asker) in [&unknown, &later, &bounced, &full].into_iter().enumerate() {
            desk.ask(asker, "Two codes", &format!("q{n}@{domain}"), &[]);
            let number = desk.wait_for_case(asker, "in_review");
            desk.ok(&["cases", "approve", &number]);
        }
        let number = desk.wait_for_case(&unknown, "undeliverable");
        let case = desk.case(&number);
        let answer = delivery(&case, "answer");
        assert_eq!(answer["state"], "failed", "{case}");
        assert!(answer["reply"].as_str().unwrap().contains("5.1.1"), "{case}");

        let number = desk.wait_for_case(&later, "approved");
        let tried = |case: &Value| delivery(case, "answer")["reply"].as_str().unwrap().contains("4.2.1");
        let case = desk.wait_for_what(&number, "the refusal", tried);
        let answer = delivery(&case, "answer");
        assert_eq!((&answer["state"], &answer["attempt"]), (&"queued".into(), &1.into()), "{case}");
        let listed = desk.json(&["outbox", "list", "--state", "queued", "--json"]);
        let waiting = listed.iter().find(|d| d["id"] == answer["id"]).unwrap();
        assert!(waiting["not_before"].as_str() > waiting["created_at"].as_str(), "{waiting}");

        // The bounce comes back to the desk's own mailbox, and nobody answers it.
        for asker in [&bounced, &full] {
            let number = desk.wait_for_case(asker, "undeliverable");
            let case = desk.case(&number);
            assert_eq!(delivery(&case, "answer")["state"], "bounced", "{case}");
        }
        let all = desk.json(&["outbox", "list", "--json"]);
        assert!(
            all.iter().all(|d| [&unknown, &later, &bounced, &full].iter().any(|a| d["to"] == **a)),
            "{all:?}"
        );
        assert_eq!(desk.cases().len(), 4);
        let checked = desk.run(&["check"]);
        let said = String::from_utf8(checked.stdout).unwrap();
        assert_eq!(checked.status.code(), Some(1));
        assert!(said.contains("BAD  outbox: ") && said.contains("caseconsultant outbox list"), "{said}");
    }
}

#[tokio::test]
async fn a_question_is_acknowledged_once() {
    for desk in real_desks().await {
        let desk = desk.with("acknowledge = true\nsent = \"none\"");
        desk.set_up();
        let _serving = desk.serve();
        let asker = desk.servers.mailbox("asker");
        desk.ask(&asker, "Two codes", "ack@clinic.example", &[]);
        let number = desk.wait_for_case(&asker, "in_review");
        let mails = desk.wait_for_mails(&asker, "INBOX", 1).await;
        let notice = &mails[0];
        assert_eq!(notice.mail.subject, format!("[{number}] We have your question"));
        assert_eq!(notice.header("Return-Path").unwrap(), "<>");
        assert_eq!(notice.header("Auto-Submitted").unwrap(), "auto-replied");
        assert_eq!(notice.header("In-Reply-To").unwrap(), "<ack@clinic.example>");
        assert!(!notice.text().contains("63020"), "{}", notice.text());
        assert_no_patient(notice);

        // A second mail joins the case and is not acknowledged; then the answer.
        let ours = notice.header("Message-ID").unwrap();
        let thread = ["--h-In-Reply-To", ours.as_str()];
        desk.send(&asker, "Re: Two codes", "ack2@clinic.example", "And with 63035?", &thread);
        desk.wait_for_what(&number, "both mails", |c| mails_of(c) == 2 && c["state"] == "in_review");
        desk.ok(&["cases", "approve", &number]);
        let mails = desk.wait_for_mails(&asker, "INBOX", 2).await;
        assert_reply(&mails[1], &number, "ack2@clinic.example", &[ours.trim_matches(['<', '>'])]);
        desk.wait_for_what(&number, "answered", |c| c["state"] == "answered");
        assert_eq!(desk.mails(&asker, "INBOX").await.len(), 2);
        assert_eq!(desk.mails(&desk.address, "Sent").await.len(), 0);
    }
}

#[tokio::test]
async fn two_processes_share_the_work_on_postgresql() {
    let Some(desk) = RealDesk::postgres().await else { return };
    desk.set_up();
    let reading = desk.serve_only("intake,draft");
    assert!(!reading.said.contains("http://"), "{}", reading.said);
    let sending = desk.serve_only("deliver,web");
    let asker = desk.servers.mailbox("asker");
    desk.ask(&asker, "Two codes", "shared@clinic.example", &[]);
    let delivered = Instant::now();
    let number = desk.wait_for_case(&asker, "in_review");
    println!("two processes: the draft was in the queue after {:?}", delivered.elapsed());
    approve_on_the_page(&sending.url(), &number).await;
    desk.wait_for_mails(&asker, "INBOX", 1).await;
    desk.wait_for_what(&number, "answered", |c| c["state"] == "answered");

    // Without the sender, an approved answer waits for it; a second reader takes over when the first one ends.
    sending.kill();
    let second = desk.serve_only("intake,draft");
    assert_eq!(reading.terminate().0.code(), Some(0));
    let other = desk.servers.mailbox("other");
    desk.ask(&other, "Two codes", "shared2@clinic.example", &[]);
    let number = desk.wait_for_case(&other, "in_review");
    desk.ok(&["cases", "approve", &number]);
    let sending = desk.serve_only("deliver");
    desk.wait_for_mails(&other, "INBOX", 1).await;
    desk.wait_for_what(&number, "answered", |c| c["state"] == "answered");
    for serving in [second, sending] {
        assert_eq!(serving.terminate().0.code(), Some(0));
    }
    assert_eq!(desk.mails(&asker, "INBOX").await.len(), 1);
    assert_eq!(desk.mails(&other, "INBOX").await.len(), 1);
}

fn assert_reply(reply: &Received, number: &str, answers: &str, before: &[&str]) {
    let subject = reply.header("Subject").unwrap();
    assert!(subject.starts_with("Re: ") && subject.ends_with(&format!("[{number}]")), "{subject}");
    assert_eq!(subject.matches("Re: ").count(), 1, "{subject}");
    assert_eq!(subject.matches("[CC-").count(), 1, "{subject}");
    assert_eq!(reply.header("In-Reply-To").unwrap(), format!("<{answers}>"));
    let references: Vec<String> =
        reply.mail.references.iter().map(|id| id.to_string().trim_matches(['<', '>']).to_owned()).collect();
    let mut expected: Vec<&str> = before.to_vec();
    if !expected.contains(&answers) {
        expected.push(answers);
    }
    assert_eq!(references, expected);
    assert!(reply.text().is_ascii());
    assert!(reply.mail.text.contains("63030"), "{}", reply.mail.text);
    assert_no_patient(reply);
}

fn assert_no_patient(mail: &Received) {
    let all = format!("{}\n{}\n{}", mail.text(), mail.mail.subject, mail.mail.text);
    for word in PATIENT {
        assert!(!all.contains(word), "{word}: {all}");
    }
}

/// What the browser of a reviewer without JavaScript does: sign in, open the case, press the button.
async fn approve_on_the_page(url: &str, number: &str) {
    let browser = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let signed_in = browser.post(format!("{url}/sign-in")).header("Origin", url);
    let signed_in = signed_in.form(&[("address", REVIEWER), ("password", PASSWORD), ("next", "/queue")]);
    let queue = signed_in.send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
    assert!(queue.contains(number), "{queue}");
    let page = browser.get(format!("{url}/cases/{number}")).send().await.unwrap().text().await.unwrap();
    let form = Regex::new(r#"(?s)<form method="post" action="([^"]*/approve)">(.*?)</form>"#).unwrap();
    let form = form.captures(&page).unwrap_or_else(|| panic!("no way to approve: {page}"));
    let field = Regex::new(r#"<input type="hidden" name="([^"]*)" value="([^"]*)">"#).unwrap();
    let fields: Vec<(String, String)> =
        field.captures_iter(&form[2]).map(|f| (f[1].to_owned(), f[2].to_owned())).collect();
    let approved = browser.post(format!("{url}{}", &form[1])).header("Origin", url).form(&fields);
    let after = approved.send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
    assert!(after.contains("approved"), "{after}");
}

fn mails(case: &Value) -> &Vec<Value> {
    case["mails"].as_array().unwrap()
}

fn mails_of(case: &Value) -> usize {
    mails(case).len()
}

fn delivery<'a>(case: &'a Value, kind: &str) -> &'a Value {
    case["deliveries"].as_array().unwrap().iter().find(|d| d["kind"] == kind).unwrap()
}

fn second() -> i64 {
    Clock::system().now().seconds()
}

/// Waits until exactly these UIDs of the desk's inbox are marked as seen.
async fn wait_for_seen(desk: &RealDesk, uids: &[u32]) {
    let began = Instant::now();
    loop {
        let seen = desk.servers.seen(&desk.address).await;
        if seen == uids {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "seen: {seen:?}, not {uids:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
