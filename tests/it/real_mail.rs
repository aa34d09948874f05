//! The mail connections against Dovecot and Postfix.

use std::time::{Duration, Instant};

use caseconsultant::mail::imap::{Fetched, IdleEnd, ImapError, ImapSession, batches};
use caseconsultant::mail::login::Login;
use caseconsultant::mail::smtp::{BeforeData, Envelope, SendOutcome, SmtpError, SmtpSession};
use caseconsultant::mail::tls::Trust;
use tokio_util::sync::CancellationToken;

use crate::support::servers::MailServers;

/// Waits for mail as the desk does and fetches all there is.
async fn fetch_all(session: &mut ImapSession, at_least: usize) -> Vec<Fetched> {
    let cancel = CancellationToken::new();
    let give_up = Instant::now() + Duration::from_secs(60);
    loop {
        let uids = session.uids().await.unwrap();
        if uids.len() >= at_least {
            let mut mails = Vec::new();
            for batch in batches(&session.sizes(&uids).await.unwrap()) {
                mails.extend(session.fetch(&batch).await.unwrap());
            }
            return mails;
        }
        assert!(Instant::now() < give_up, "only {} mails came", uids.len());
        session.idle(Duration::from_secs(10), &cancel).await.unwrap();
    }
}

fn text(mail: &Fetched) -> String {
    String::from_utf8(mail.bytes.clone()).unwrap()
}

#[tokio::test]
async fn a_mail_is_seen_at_once_fetched_marked_and_moved() {
    let Some(servers) = MailServers::find() else { return };
    let address = servers.mailbox("consult");
    let mut session = servers.sign_in(&address).await;
    let selected = session.select("INBOX").await.unwrap();
    assert_eq!((selected.exists, selected.uidnext), (0, Some(1)));
    assert!(selected.uidvalidity > 0);
    assert_eq!(session.uids().await.unwrap(), [0; 0]);

    let cancel = CancellationToken::new();
    assert_eq!(session.idle(Duration::from_millis(200), &cancel).await.unwrap(), IdleEnd::Timeout);

    let (task_servers, to) = (MailServers::find().unwrap(), address.clone());
    let delivered = tokio::task::spawn_blocking(move || {
        task_servers.swaks("asker@praxis.example", &to, "Two codes", "Can 63020 and 63030 be billed?", &[]);
        Instant::now()
    });
    assert_eq!(session.idle(Duration::from_secs(30), &cancel).await.unwrap(), IdleEnd::NewData);
    let noticed = Instant::now().saturating_duration_since(delivered.await.unwrap());
    assert!(noticed < Duration::from_secs(2), "{noticed:?}");

    let mails = fetch_all(&mut session, 1).await;
    assert_eq!(mails.len(), 1);
    assert!(text(&mails[0]).contains("Can 63020 and 63030 be billed?"), "{mails:?}");
    let uid = mails[0].uid;
    let listed = session.sizes(&[uid, 4711]).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].size, mails[0].bytes.len() as u64);
    assert!(listed[0].internal_date.is_some());
    assert!(!listed[0].flags.contains(&r"\Seen".to_owned()), "fetching marked it: {listed:?}");

    let header = session.fetch_header(uid).await.unwrap().unwrap();
    let header = String::from_utf8(header).unwrap();
    assert!(header.contains("Subject: Two codes\r\n") && !header.contains("63020"), "{header}");
    assert_eq!(session.fetch_header(4711).await.unwrap(), None);

    session.mark_seen(uid).await.unwrap();
    session.mark_seen(uid).await.unwrap();
    session.mark_seen(4711).await.unwrap();
    assert!(session.sizes(&[uid]).await.unwrap()[0].flags.contains(&r"\Seen".to_owned()));

    session.move_to(uid, "Erledigt/Für später").await.unwrap();
    session.move_to(uid, "Erledigt/Für später").await.unwrap();
    assert_eq!(session.uids().await.unwrap(), [0; 0]);
    assert_eq!(session.select("Erledigt/Für später").await.unwrap().exists, 1);
    assert!(matches!(session.select("Nowhere").await, Err(ImapError::Refused { .. })));
    // A refusal leaves the session in order.
    assert_eq!(session.select("INBOX").await.unwrap().uidvalidity, selected.uidvalidity);
    session.logout().await;
}

#[tokio::test]
async fn a_copy_is_filed_into_sent_and_found_again() {
    let Some(servers) = MailServers::find() else { return };
    let address = servers.mailbox("sent");
    let mut session = servers.sign_in(&address).await;
    let sent = session.sent_folder().await.unwrap().unwrap();
    assert_eq!(sent, "Sent");
    let mail =
        b"Message-ID: <one@desk.example>\r\nX-CaseConsultant-Delivery: d-1\r\nSubject: x\r\n\r\nanswer\r\n";
    assert!(!session.find_in_folder(&sent, "<one@desk.example>", "d-1").await.unwrap());
    session.append(&sent, mail, &[r"\Seen"]).await.unwrap();
    assert!(session.find_in_folder(&sent, "<one@desk.example>", "other").await.unwrap());
    assert!(session.find_in_folder(&sent, "<other@desk.example>", "d-1").await.unwrap());
    assert!(!session.find_in_folder(&sent, "<other@desk.example>", "other").await.unwrap());
    assert!(!session.find_in_folder("Nowhere", "<one@desk.example>", "d-1").await.unwrap());
    // A folder that does not exist yet.
    session.append("Gesendete Einträge", mail, &[r"\Seen"]).await.unwrap();
    session.select("Gesendete Einträge").await.unwrap();
    let mails = fetch_all(&mut session, 1).await;
    assert_eq!(text(&mails[0]).as_bytes(), mail);
}

#[tokio::test]
async fn an_answer_goes_through_postfix_into_the_askers_mailbox() {
    const REST: &str = "Message-ID: <a@desk.example>\r\nDate: Sun, 22 Nov 2026 11:10:50 +0000\r\n\r\n.a dot\r\n..\r\nlast\r\n";
    let Some(servers) = MailServers::find() else { return };
    let (desk, asker) = (servers.mailbox("desk"), servers.mailbox("asker"));
    let smtps = format!("smtps://{}@localhost:{}", desk.replace('@', "%40"), servers.smtps_port);
    for (url, from) in [(servers.outbox_url(&desk), Some(&desk)), (smtps, None)] {
        let session = SmtpSession::connect(&servers.smtp_settings(&url)).await.unwrap();
        let envelope = Envelope { from: from.map(|a| a.parse().unwrap()), to: asker.parse().unwrap() };
        let ready = session.prepare(&envelope).await.unwrap();
        let mail = format!("From: {desk}\r\nTo: {asker}\r\n{REST}");
        let outcome = ready.transmit(mail.as_bytes()).await;
        assert!(matches!(outcome, SendOutcome::Accepted { .. }), "{outcome:?}");
    }
    let mut session = servers.sign_in(&asker).await;
    session.select("INBOX").await.unwrap();
    let mails = fetch_all(&mut session, 2).await;
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        assert!(text(mail).ends_with(REST), "{}", text(mail));
    }
    assert!(text(&mails[0]).starts_with(&format!("Return-Path: <{desk}>")), "{}", text(&mails[0]));
    assert!(text(&mails[1]).starts_with("Return-Path: <>"), "{}", text(&mails[1]));
}

#[tokio::test]
async fn recipients_are_refused_for_good_or_for_now() {
    let Some(servers) = MailServers::find() else { return };
    let desk = servers.mailbox("desk");
    for (to, later) in [("unknown", false), ("later", true)] {
        let settings = servers.smtp_settings(&servers.outbox_url(&desk));
        let session = SmtpSession::connect(&settings).await.unwrap();
        let to = format!("{to}@{}", servers.domain).parse().unwrap();
        let error = session.prepare(&Envelope { from: Some(desk.parse().unwrap()), to }).await.err().unwrap();
        match later {
            true => assert!(matches!(error, BeforeData::Deferred(SmtpError::Reply { .. })), "{error:?}"),
            false => {
                assert!(matches!(error, BeforeData::Refused { about_recipient: true, .. }), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_strangers_certificate_are_said_clearly() {
    let Some(servers) = MailServers::find() else { return };
    let address = servers.mailbox("wrong");
    let mut imap = servers.imap_settings(&servers.inbox_url(&address));
    imap.login = Login::password(&*address, "wrong");
    let error = ImapSession::connect(&imap).await.err().unwrap();
    assert!(matches!(&error, ImapError::Auth { user, .. } if *user == address), "{error:?}");
    let message = error.to_string();
    assert!(message.contains(&address) && message.contains("localhost") && message.contains("password"));

    let mut smtp = servers.smtp_settings(&servers.outbox_url(&address));
    smtp.login = Some(Login::password(&*address, "wrong"));
    let error = SmtpSession::connect(&smtp).await.err().unwrap();
    assert!(matches!(&error, SmtpError::Auth { user, .. } if *user == address), "{error:?}");

    imap.trust = Trust::system().unwrap();
    let error = ImapSession::connect(&imap).await.err().unwrap();
    assert!(error.needs_administrator() && matches!(error, ImapError::Connect(_)), "{error:?}");
    smtp.trust = Trust::system().unwrap();
    let error = SmtpSession::connect(&smtp).await.err().unwrap();
    assert!(matches!(error, SmtpError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn starttls_before_the_sign_in() {
    let Some(servers) = MailServers::find() else { return };
    let address = servers.mailbox("starttls");
    let url = format!("imap+starttls://{}@localhost:{}", address.replace('@', "%40"), servers.imap_port);
    let mut session = ImapSession::connect(&servers.imap_settings(&url)).await.unwrap();
    assert_eq!(session.select("INBOX").await.unwrap().exists, 0);
}

#[tokio::test]
async fn many_and_large_mails_come_whole() {
    let Some(servers) = MailServers::find() else { return };
    let address = servers.mailbox("many");
    let mut session = servers.sign_in(&address).await;
    let large = format!("Subject: large\r\n\r\n{}", "0123456789abcdef0123456789abcdef\r\n".repeat(300_000));
    session.append("INBOX", large.as_bytes(), &[]).await.unwrap();
    for n in 1..=150 {
        session.append("INBOX", format!("Subject: {n}\r\n\r\nmail {n}\r\n").as_bytes(), &[]).await.unwrap();
    }
    session.select("INBOX").await.unwrap();
    let mails = fetch_all(&mut session, 151).await;
    assert_eq!(mails.len(), 151);
    assert_eq!(mails[0].bytes, large.as_bytes());
    assert!(mails.iter().skip(1).enumerate().all(|(n, m)| text(m).contains(&format!("mail {}\r\n", n + 1))));
}

#[tokio::test]
async fn waiting_can_be_called_off() {
    let Some(servers) = MailServers::find() else { return };
    let mut session = servers.sign_in(&servers.mailbox("waiting")).await;
    session.select("INBOX").await.unwrap();
    let cancel = CancellationToken::new();
    let from_afar = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        from_afar.cancel();
    });
    let began = Instant::now();
    assert_eq!(session.idle(Duration::from_secs(60), &cancel).await.unwrap(), IdleEnd::Cancelled);
    assert!(began.elapsed() < Duration::from_secs(10));
    // The session is still good.
    session.noop().await.unwrap();
}
