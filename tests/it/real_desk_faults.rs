//! The program with Dovecot and Postfix when something goes wrong: it is killed, the connection is cut, the
//! configuration is at fault, a mail is too large.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::proxy::Proxy;
use crate::support::real_desk::{RealDesk, real_desks, wait_for};

#[tokio::test]
async fn killed_at_any_moment_it_loses_nothing_and_doubles_nothing() {
    let Some(desk) = RealDesk::sqlite() else { return };
    desk.set_up();
    let mut serving = desk.serve();
    let mut uncertain = 0;
    // So long after the delivery of the question, and after the approval, the power fails.
    for (n, millis) in [0, 20, 60, 120, 250, 500, 900].into_iter().enumerate() {
        let (moment, asker) = (Duration::from_millis(millis), desk.servers.mailbox("asker"));
        desk.ask(&asker, "Two codes", &format!("kill{n}@clinic.example"), &[]);
        std::thread::sleep(moment);
        serving.kill();
        serving = desk.serve();
        let number = desk.wait_for_case(&asker, "in_review");
        desk.ok(&["cases", "approve", &number]);
        std::thread::sleep(moment);
        serving.kill();
        serving = desk.serve();
        let settled = desk.wait_for_what(&number, "sent or uncertain", |case| {
            let answers = case["deliveries"].as_array().unwrap();
            assert_eq!(answers.len(), 1, "{case}");
            ["sent", "uncertain"].iter().any(|state| answers[0]["state"] == *state)
        });
        if settled["deliveries"][0]["state"] == "uncertain" {
            // Killed between the last dot and the server's reply: a person looks and decides.
            uncertain += 1;
            let id = settled["deliveries"][0]["id"].as_str().unwrap();
            let arrived = !desk.mails(&asker, "INBOX").await.is_empty();
            desk.ok(&["outbox", if arrived { "was-sent" } else { "resend" }, id, "--reason", "looked"]);
        }
        desk.wait_for_what(&number, "answered", |case| case["state"] == "answered");
        let mails = desk.wait_for_mails(&asker, "INBOX", 1).await;
        assert_eq!(mails.len(), 1, "killed after {moment:?}");
        assert_eq!(mails_of(&desk.case(&number)), 1);
    }
    println!("killed 14 times: {uncertain} deliveries were uncertain");
    assert_eq!(desk.cases().len(), 7);
    assert_eq!(desk.wait_for_mails(&desk.address, "Sent", 7).await.len(), 7);
    let checked = desk.ok(&["check"]);
    assert!(checked.contains("audit trail: every chain is whole"), "{checked}");
    assert_eq!(serving.terminate().0.code(), Some(0));
}

#[tokio::test]
async fn an_approval_outlives_a_kill_on_postgresql() {
    let Some(mut desk) = RealDesk::postgres().await else { return };
    // The undo window is still open when the power fails, so that nothing is claimed yet.
    desk.undo_seconds = 2;
    desk.set_up();
    let serving = desk.serve();
    let asker = desk.servers.mailbox("asker");
    desk.ask(&asker, "Two codes", "kill@clinic.example", &[]);
    let number = desk.wait_for_case(&asker, "in_review");
    desk.ok(&["cases", "approve", &number]);
    serving.kill();
    let serving = desk.serve();
    desk.wait_for_what(&number, "answered", |case| case["state"] == "answered");
    assert_eq!(desk.wait_for_mails(&asker, "INBOX", 1).await.len(), 1);
    assert_eq!(serving.terminate().0.code(), Some(0));
}

#[tokio::test]
async fn a_cut_connection_is_taken_up_again() {
    for mut desk in real_desks().await {
        let proxy = Proxy::before(desk.imaps_port);
        desk.imaps_port = proxy.port;
        desk.set_up();
        let serving = desk.serve();
        let ask = |n: usize| {
            let asker = desk.servers.mailbox("asker");
            desk.ask(&asker, "Two codes", &format!("cut{n}@clinic.example"), &[]);
            asker
        };
        desk.wait_for_case(&ask(0), "in_review");

        // Dropped: it comes back after some 2 s and finds what came meanwhile.
        proxy.drop_connections();
        let asker = ask(1);
        let began = Instant::now();
        desk.wait_for_case(&asker, "in_review");
        println!("{}: caught up {:?} after the connection was dropped", desk.database, began.elapsed());

        // The server is away for a while: it tries again and again, `check` says so, and it catches up.
        let before = proxy.refused();
        proxy.cut();
        let asker = ask(2);
        wait_for("two attempts", || (proxy.refused() >= before + 2).then_some(()));
        let checked = desk.run(&["check"]);
        let said = String::from_utf8(checked.stdout).unwrap();
        assert_eq!(checked.status.code(), Some(1));
        assert!(said.contains("BAD  worker intake:consult: "), "{said}");
        assert!(said.contains("BAD  mailbox consult, inbox: "), "{said}");
        assert!(said.contains("ok   mailbox consult, outbox: "), "{said}");
        proxy.mend();
        let began = Instant::now();
        desk.wait_for_case(&asker, "in_review");
        println!("{}: caught up {:?} after the server came back", desk.database, began.elapsed());
        assert_eq!(desk.cases().len(), 3);
        wait_for("a clean check", || desk.run(&["check"]).status.success().then_some(()));
        assert_eq!(serving.terminate().0.code(), Some(0));
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_with_what_to_do() {
    for desk in real_desks().await {
        desk.set_up();
        desk.write_password("wrong");
        let checked = desk.run(&["check", "--json"]);
        assert_eq!(checked.status.code(), Some(1));
        let lines: Vec<Value> =
            checked.stdout.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
        for which in ["mailbox consult, inbox", "mailbox consult, outbox"] {
            let line = lines.iter().find(|l| l["what"] == which).unwrap();
            assert_eq!(line["ok"], false);
            let said = line["text"].as_str().unwrap();
            assert!(said.contains(&desk.address) && said.contains("password"), "{said}");
            assert!(!said.contains("wrong\""), "{said}");
        }
        // The desk runs all the same and is well as soon as the file is.
        let _serving = desk.serve();
        wait_for("the trouble on record", || {
            let said = String::from_utf8(desk.run(&["check"]).stdout).unwrap();
            said.contains("BAD  worker intake:consult: ").then_some(())
        });
        desk.write_password(&desk.servers.password);
        let asker = desk.servers.mailbox("asker");
        desk.ask(&asker, "Two codes", "password@clinic.example", &[]);
        desk.wait_for_case(&asker, "in_review");
        wait_for("a clean check", || desk.run(&["check"]).status.success().then_some(()));
    }
}

#[tokio::test]
async fn one_serve_for_an_sqlite_file() {
    let Some(desk) = RealDesk::sqlite() else { return };
    desk.set_up();
    let serving = desk.serve();
    let said = desk.refused(&["serve"]);
    assert!(said.contains("serves") && said.contains("PostgreSQL") && said.contains("(process "), "{said}");
    assert!(desk.refused(&["serve", "--only", "web"]).contains("another caseconsultant"));
    serving.kill();
    assert!(desk.refused(&["serve", "--only", "web"]).contains("`--only` needs PostgreSQL"));
    assert_eq!(desk.serve().terminate().0.code(), Some(0));
}

#[tokio::test]
async fn another_account_behind_a_name_is_refused_until_it_is_reset() {
    for mut desk in real_desks().await {
        desk.set_up();
        assert_eq!(desk.serve().terminate().0.code(), Some(0));
        desk.address = desk.servers.mailbox("moved");
        desk.configure();
        let said = desk.refused(&["serve"]);
        assert!(said.contains("caseconsultant mailbox reset consult"), "{said}");
        let checked = desk.run(&["check"]);
        assert_eq!(checked.status.code(), Some(1));
        let printed = String::from_utf8(checked.stdout).unwrap();
        assert!(printed.contains("caseconsultant mailbox reset consult"), "{printed}");
        desk.ok(&["mailbox", "reset", "consult"]);
        desk.ok(&["check"]);
        let _serving = desk.serve();
        let asker = desk.servers.mailbox("asker");
        desk.ask(&asker, "Two codes", "moved@clinic.example", &[]);
        desk.wait_for_case(&asker, "in_review");
    }
}

#[tokio::test]
async fn too_large_a_mail_stays_on_the_server_and_is_shown() {
    for desk in real_desks().await {
        let desk = desk.with("max_size = \"100 KB\"\nacknowledge = true");
        desk.set_up();
        let serving = desk.serve();
        let asker = desk.servers.mailbox("asker");
        let scan = "Nothing but filling, line after line.\n".repeat(5_000);
        desk.send(&asker, "The whole chart", "large@clinic.example", &scan, &[]);
        let shown = wait_for("the large mail", || desk.json(&["quarantine", "list", "--json"]).pop());
        assert_eq!(shown["state"], "too_large", "{shown}");
        let reason = shown["reason"].as_str().unwrap();
        assert!(reason.contains("max_size") && reason.contains("stays in the mailbox"), "{shown}");
        assert_eq!(shown["sender"], *asker, "{shown}");
        assert_eq!(shown["masked_subject"], "The whole chart");
        // What follows it is not held up, and only that is taken for done.
        desk.ask(&asker, "Two codes", "small@clinic.example", &[]);
        desk.wait_for_case(&asker, "in_review");
        assert_eq!(desk.cases().len(), 1);
        assert_eq!(desk.mails(&desk.address, "INBOX").await.len(), 2);
        wait_for("a look", || desk.json(&["mailbox", "list", "--json"])[0]["on_server"].eq(&2).then_some(()));
        assert_eq!(serving.terminate().0.code(), Some(0));
        assert_eq!(desk.servers.seen(&desk.address).await, [2]);

        // With a larger max_size it is fetched after all.
        let desk = RealDesk { mailbox_lines: String::new(), ..desk };
        desk.configure();
        let _serving = desk.serve();
        wait_for("the case of the large mail", || (desk.cases().len() == 2).then_some(()));
        assert_eq!(desk.json(&["quarantine", "list", "--json"]), [Value::Null; 0]);
    }
}

fn mails_of(case: &Value) -> usize {
    case["mails"].as_array().unwrap().len()
}
