//! SMTP against a server that fails at every stage: the outcomes of DESIGN, exactly.

use std::time::Duration;

use caseconsultant::mail::endpoint::{OutboxUrl, Security};
use caseconsultant::mail::login::{Login, Proof};
use caseconsultant::mail::smtp::{
    BeforeData, Envelope, Reply, SendOutcome, SmtpError, SmtpSession, SmtpSettings, SmtpTimeouts, Step,
};
use caseconsultant::mail::tls::Trust;

use crate::support::authority::Authority;
use crate::support::fake_smtp::{Act, FakeSmtp, Script};

const MAIL: &[u8] = b"Subject: x\r\n\r\n.dot\r\nlast\r\n";

fn settings(url: &str, trust: Trust, patience: Duration) -> SmtpSettings {
    let Ok(OutboxUrl::Smtp { server, user }) = url.parse() else { panic!("{url}") };
    SmtpSettings {
        server,
        login: user.map(|user| Login::password(user, "correct horse")),
        trust,
        hello: "desk.example".to_owned(),
        timeouts: SmtpTimeouts { connect: patience, command: patience, content: patience, dot: patience },
    }
}

fn envelope() -> Envelope {
    Envelope {
        from: Some("consult@desk.example".parse().unwrap()),
        to: "asker@praxis.example".parse().unwrap(),
    }
}

/// What became of one mail.
#[derive(Debug)]
enum End {
    NoSession(SmtpError),
    NotPrepared(BeforeData),
    Sent(SendOutcome),
}

async fn send(server: &FakeSmtp, patience: Duration, mail: &[u8]) -> End {
    let url = format!("smtp+insecure://user@127.0.0.1:{}", server.port);
    let session = match SmtpSession::connect(&settings(&url, Trust::system().unwrap(), patience)).await {
        Ok(session) => session,
        Err(error) => return End::NoSession(error),
    };
    match session.prepare(&envelope()).await {
        Ok(ready) => End::Sent(ready.transmit(mail).await),
        Err(error) => End::NotPrepared(error),
    }
}

const PATIENT: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

async fn run(script: Script, patience: Duration) -> End {
    send(&FakeSmtp::start(script, None).await, patience, MAIL).await
}

fn reply(code: u16, text: &str) -> Reply {
    Reply { code: Some(code), text: text.to_owned() }
}

/// Waits until the server has seen `command` as its last one.
async fn wait_for(server: &FakeSmtp, command: &str) {
    for _ in 0..500 {
        if server.seen().commands.last().is_some_and(|last| last == command) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{command} never came: {:?}", server.seen().commands);
}

#[tokio::test]
async fn a_mail_goes_out_byte_for_byte() {
    let server = FakeSmtp::start(Script::default(), None).await;
    let end = send(&server, PATIENT, MAIL).await;
    assert!(
        matches!(&end, End::Sent(SendOutcome::Accepted { reply: r }) if *r == reply(250, "queued as 4711")),
        "{end:?}"
    );
    wait_for(&server, "QUIT").await;
    let seen = server.seen();
    assert_eq!(
        seen.commands,
        [
            "EHLO desk.example",
            "AUTH PLAIN AHVzZXIAY29ycmVjdCBob3JzZQ==",
            "MAIL FROM:<consult@desk.example>",
            "RCPT TO:<asker@praxis.example>",
            "DATA",
            "(mail)",
            "QUIT",
        ]
    );
    assert_eq!(seen.mails, [b"Subject: x\r\n\r\n..dot\r\nlast\r\n.\r\n".to_vec()]);
}

#[tokio::test]
async fn nothing_is_sent_between_the_recipient_and_data() {
    let server = FakeSmtp::start(Script::default(), None).await;
    let url = format!("smtp+insecure://127.0.0.1:{}", server.port);
    let session = SmtpSession::connect(&settings(&url, Trust::system().unwrap(), PATIENT)).await.unwrap();
    let ready = session.prepare(&Envelope { from: None, ..envelope() }).await.unwrap();
    // The null sender, and no sign-in without a user.
    let want = ["EHLO desk.example", "MAIL FROM:<>", "RCPT TO:<asker@praxis.example>"];
    assert_eq!(server.seen().commands, want);
    ready.cancel().await;
    wait_for(&server, "QUIT").await;
    assert!(!server.seen().commands.contains(&"DATA".to_owned()));
}

#[tokio::test]
async fn before_data_everything_is_definite() {
    let d = Script::default;
    let multi = "450-4.2.0 try\r\n450 4.2.0 later\r\n";
    type Check = fn(&End) -> bool;
    let cases: Vec<(&str, Script, Check)> = vec![
        ("greeting 554", Script { greeting: Act::Say("554 no\r\n"), ..d() }, |e| {
            matches!(e, End::NoSession(SmtpError::Reply { step: Step::Hello, .. }))
        }),
        ("greeting 421", Script { greeting: Act::SayAndClose("421 busy\r\n"), ..d() }, |e| {
            matches!(e, End::NoSession(SmtpError::Reply { step: Step::Hello, .. }))
        }),
        ("no greeting", Script { greeting: Act::Close, ..d() }, |e| {
            matches!(e, End::NoSession(SmtpError::Lost { step: Step::Hello }))
        }),
        ("greeting no smtp", Script { greeting: Act::Say("HTTP/1.1 200 OK\r\n\r\n"), ..d() }, |e| {
            matches!(e, End::NoSession(SmtpError::Lost { step: Step::Hello }))
        }),
        ("half an ehlo", Script { ehlo: Act::SayAndClose("250-fake\r\n250-AU"), ..d() }, |e| {
            matches!(e, End::NoSession(SmtpError::Lost { step: Step::Hello }))
        }),
        ("auth 535", Script { auth: Act::Say("535 5.7.8 wrong\r\n"), ..d() }, |e| {
            matches!(e, End::NoSession(error @ SmtpError::Auth { user, .. })
                if user == "user" && error.needs_administrator())
        }),
        ("auth 454", Script { auth: Act::Say("454 4.7.0 busy\r\n"), ..d() }, |e| {
            matches!(e, End::NoSession(error @ SmtpError::Reply { step: Step::Auth, .. })
                if !error.needs_administrator())
        }),
        ("no auth", Script { ehlo: Act::Say("250 fake\r\n"), ..d() }, |e| {
            matches!(e, End::NoSession(SmtpError::NoAuth { .. }))
        }),
        ("mail 550", Script { mail: Act::Say("550 5.7.1 not you\r\n"), ..d() }, |e| {
            matches!(e, End::NotPrepared(BeforeData::Refused { about_recipient: false, reply: r })
                if *r == reply(550, "5.7.1 not you"))
        }),
        ("mail eof", Script { mail: Act::Close, ..d() }, |e| {
            matches!(e, End::NotPrepared(BeforeData::Deferred(SmtpError::Lost { step: Step::Mail })))
        }),
        ("rcpt 550", Script { rcpt: Act::Say("550 5.1.1 unknown\r\n"), ..d() }, |e| {
            matches!(e, End::NotPrepared(BeforeData::Refused { about_recipient: true, reply: r })
                if r.code == Some(550))
        }),
        ("rcpt 450", Script { rcpt: Act::Say(multi), ..d() }, |e| {
            matches!(e, End::NotPrepared(BeforeData::Deferred(SmtpError::Reply { step: Step::Rcpt, reply: r }))
                if r.code == Some(450) && r.text.contains("try") && r.text.contains("later"))
        }),
        ("rcpt half a reply", Script { rcpt: Act::SayAndClose("250-rec"), ..d() }, |e| {
            matches!(e, End::NotPrepared(BeforeData::Deferred(SmtpError::Lost { step: Step::Rcpt })))
        }),
    ];
    for (name, script, check) in cases {
        let end = run(script, PATIENT).await;
        assert!(check(&end), "{name}: {end:?}");
    }
}

#[tokio::test]
async fn from_data_on_only_a_lost_answer_to_the_dot_is_uncertain() {
    let d = Script::default;
    type Check = fn(&SendOutcome) -> bool;
    let cases: Vec<(&str, Script, Check)> = vec![
        (
            "data 451",
            Script { data: Act::Say("451 later\r\n"), ..d() },
            |o| matches!(o, SendOutcome::Deferred { reply: r } if r.code == Some(451)),
        ),
        (
            "data 554",
            Script { data: Act::Say("554 no valid recipients\r\n"), ..d() },
            |o| matches!(o, SendOutcome::Refused { reply: r } if r.code == Some(554)),
        ),
        (
            "data 250",
            Script { data: Act::Say("250 what\r\n"), ..d() },
            |o| matches!(o, SendOutcome::Deferred { reply: r } if r.code.is_none()),
        ),
        (
            "data eof",
            Script { data: Act::Close, ..d() },
            |o| matches!(o, SendOutcome::Deferred { reply: r } if r.code.is_none()),
        ),
        (
            "dot 451",
            Script { dot: Act::Say("451 4.3.0 later\r\n"), ..d() },
            |o| matches!(o, SendOutcome::Deferred { reply: r } if r.code == Some(451)),
        ),
        (
            "dot 552",
            Script { dot: Act::Say("552-5.3.4 too\r\n552 5.3.4 large\r\n"), ..d() },
            |o| matches!(o, SendOutcome::Refused { reply: r } if r.code == Some(552) && r.text.contains("large")),
        ),
        (
            "dot 421 and gone",
            Script { dot: Act::SayAndClose("421 shutting down\r\n"), ..d() },
            |o| matches!(o, SendOutcome::Deferred { reply: r } if r.code == Some(421)),
        ),
        ("dot eof", Script { dot: Act::Close, ..d() }, |o| matches!(o, SendOutcome::Lost { .. })),
        ("dot half a reply", Script { dot: Act::SayAndClose("250-queued\r\n250 a"), ..d() }, |o| {
            matches!(o, SendOutcome::Lost { .. })
        }),
        ("dot half a code", Script { dot: Act::SayAndClose("25"), ..d() }, |o| {
            matches!(o, SendOutcome::Lost { .. })
        }),
        ("dot nonsense", Script { dot: Act::Say("354 go on\r\n"), ..d() }, |o| {
            matches!(o, SendOutcome::Lost { .. })
        }),
        (
            "dot several lines",
            Script { dot: Act::Say("250-2.0.0 queued\r\n250 as 1\r\n"), ..d() },
            |o| matches!(o, SendOutcome::Accepted { reply: r } if r.text == "2.0.0 queued as 1"),
        ),
    ];
    for (name, script, check) in cases {
        match run(script, PATIENT).await {
            End::Sent(outcome) => assert!(check(&outcome), "{name}: {outcome:?}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_that_stalls_is_left_in_time() {
    let d = Script::default;
    let end = run(Script { greeting: Act::Stall, ..d() }, SHORT).await;
    assert!(matches!(end, End::NoSession(SmtpError::Timeout { step: Step::Hello, .. })), "{end:?}");
    let end = run(Script { auth: Act::Stall, ..d() }, SHORT).await;
    assert!(matches!(end, End::NoSession(SmtpError::Timeout { step: Step::Auth, .. })), "{end:?}");
    let end = run(Script { rcpt: Act::Stall, ..d() }, SHORT).await;
    assert!(
        matches!(end, End::NotPrepared(BeforeData::Deferred(SmtpError::Timeout { step: Step::Rcpt, .. }))),
        "{end:?}"
    );
    let end = run(Script { data: Act::Stall, ..d() }, SHORT).await;
    assert!(matches!(end, End::Sent(SendOutcome::Deferred { .. })), "{end:?}");
    let end = run(Script { dot: Act::Stall, ..d() }, SHORT).await;
    assert!(matches!(end, End::Sent(SendOutcome::Lost { .. })), "{end:?}");
}

#[tokio::test]
async fn what_breaks_before_the_dot_was_not_sent() {
    // More than the buffers between the two ends hold, so that the end is not reached.
    let large = b"0123456789 0123456789 0123456789 0123456789 0123456789 012345\r\n".repeat(300_000);
    let server = FakeSmtp::start(Script { data: Act::CloseAfter(100_000), ..Script::default() }, None).await;
    let end = send(&server, PATIENT, &large).await;
    assert!(matches!(&end, End::Sent(SendOutcome::Deferred { reply: r }) if r.code.is_none()), "{end:?}");
    let server = FakeSmtp::start(Script { data: Act::StallAfter(100_000), ..Script::default() }, None).await;
    let end = send(&server, Duration::from_secs(2), &large).await;
    assert!(matches!(&end, End::Sent(SendOutcome::Deferred { reply: r }) if r.code.is_none()), "{end:?}");
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_smtputf8() {
    let to = Envelope { to: "jürgen@praxis.example".parse().unwrap(), ..envelope() };
    let server = FakeSmtp::start(Script::default(), None).await;
    let url = format!("smtp+insecure://127.0.0.1:{}", server.port);
    let trust = Trust::system().unwrap();
    let session = SmtpSession::connect(&settings(&url, trust.clone(), PATIENT)).await.unwrap();
    let error = session.prepare(&to).await.err().unwrap();
    assert!(
        matches!(&error, BeforeData::Refused { reply: r, about_recipient: true } if r.code.is_none()),
        "{error:?}"
    );
    let ehlo = Act::Say("250-fake\r\n250 SMTPUTF8\r\n");
    let server = FakeSmtp::start(Script { ehlo, ..Script::default() }, None).await;
    let url = format!("smtp+insecure://127.0.0.1:{}", server.port);
    let session = SmtpSession::connect(&settings(&url, trust, PATIENT)).await.unwrap();
    session.prepare(&to).await.unwrap().cancel().await;
    let seen = server.seen().commands;
    assert!(seen.contains(&"MAIL FROM:<consult@desk.example> SMTPUTF8".to_owned()), "{seen:?}");
    assert!(seen.contains(&"RCPT TO:<jürgen@praxis.example>".to_owned()), "{seen:?}");
}

#[tokio::test]
async fn tls_is_never_given_up() {
    let authority = Authority::new();
    let connect =
        async |url: String, trust: Trust| SmtpSession::connect(&settings(&url, trust, PATIENT)).await;

    let starttls = FakeSmtp::start(Script::default(), Some(authority.acceptor())).await;
    let url = format!("smtp+starttls://user@localhost:{}", starttls.port);
    connect(url.clone(), authority.trust()).await.unwrap().quit().await;
    assert_eq!(starttls.seen().commands.get(..2).unwrap(), ["EHLO desk.example", "STARTTLS"]);
    // A CA that nobody knows.
    let error = connect(url, Trust::system().unwrap()).await.err().unwrap();
    assert!(matches!(error, SmtpError::Tls { .. }) && error.needs_administrator(), "{error:?}");

    let implicit =
        FakeSmtp::start(Script { implicit_tls: true, ..Script::default() }, Some(authority.acceptor())).await;
    let port = implicit.port;
    connect(format!("smtps://user@localhost:{port}"), authority.trust()).await.unwrap().quit().await;
    // The certificate is for localhost, not for the address.
    let error = connect(format!("smtps://user@127.0.0.1:{port}"), authority.trust()).await.err().unwrap();
    assert!(matches!(error, SmtpError::Connect(_)) && error.needs_administrator(), "{error:?}");

    let none = Script { ehlo: Act::Say("250-fake\r\n250 AUTH PLAIN\r\n"), ..Script::default() };
    let refused = Script { starttls: Act::Say("502 no\r\n"), ..Script::default() };
    let put_off = Script { starttls: Act::Say("454 not now\r\n"), ..Script::default() };
    let gone = Script { starttls: Act::SayAndClose("220 go\r\n"), ..Script::default() };
    // Words sent ahead of TLS must not be taken for the server's.
    let injected = Script {
        starttls: Act::Say("220 go\r\n250-fake\r\n250 AUTH PLAIN\r\n235 welcome\r\n"),
        ..Script::default()
    };
    type Check = fn(&SmtpError) -> bool;
    let cases: [(Script, Check); 5] = [
        (none, |e| matches!(e, SmtpError::NoStartTls { .. })),
        (refused, |e| matches!(e, SmtpError::NoStartTls { .. })),
        (put_off, |e| matches!(e, SmtpError::Reply { step: Step::StartTls, .. })),
        (gone, |e| matches!(e, SmtpError::Lost { step: Step::StartTls })),
        (injected, |e| matches!(e, SmtpError::Tls { .. })),
    ];
    for (script, check) in cases {
        let server = FakeSmtp::start(script, Some(authority.acceptor())).await;
        let url = format!("smtp+starttls://user@localhost:{}", server.port);
        let error = connect(url, authority.trust()).await.err().unwrap();
        assert!(check(&error), "{error:?}");
        let seen = server.seen().commands;
        assert!(!seen.iter().any(|command| command.starts_with("AUTH")), "{seen:?}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("smtp+insecure://127.0.0.1:{free}");
    let error = SmtpSession::connect(&settings(&url, Trust::system().unwrap(), PATIENT)).await.err().unwrap();
    assert!(matches!(error, SmtpError::Connect(_)) && !error.needs_administrator(), "{error:?}");
}

#[test]
fn a_sign_in_never_shows_its_secret() {
    let login = Login { user: "u".into(), proof: Proof::AccessToken("hunter2".into()) };
    let settings = SmtpSettings {
        login: Some(login),
        ..settings("smtps://u@h.example", Trust::system().unwrap(), PATIENT)
    };
    assert!(!format!("{settings:?}").contains("hunter2"));
    assert_eq!(settings.server.security, Security::Tls);
}

#[tokio::test]
async fn a_token_goes_by_xoauth2_and_its_refusal_asks_for_the_administrator() {
    let ehlo = Act::Say("250-fake\r\n250 AUTH PLAIN XOAUTH2\r\n");
    for (auth, accepted) in [
        (Act::Say("235 welcome\r\n"), true),
        (Act::Say("535 5.7.3 expired\r\n"), false),
        // With the reason as a challenge first, as Google and Microsoft do.
        (Act::Say("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n535 5.7.3 expired\r\n"), false),
    ] {
        let server = FakeSmtp::start(Script { ehlo: ehlo.clone(), auth, ..Script::default() }, None).await;
        let url = format!("smtp+insecure://127.0.0.1:{}", server.port);
        let login = Login { user: "user".into(), proof: Proof::AccessToken("token".into()) };
        let settings =
            SmtpSettings { login: Some(login), ..settings(&url, Trust::system().unwrap(), PATIENT) };
        let end = SmtpSession::connect(&settings).await;
        let words = "AUTH XOAUTH2 dXNlcj11c2VyAWF1dGg9QmVhcmVyIHRva2VuAQE=".to_owned();
        assert_eq!(server.seen().commands.get(1), Some(&words));
        match end {
            Ok(_) => assert!(accepted),
            Err(error) => assert!(!accepted && matches!(error, SmtpError::Auth { .. }), "{error:?}"),
        }
    }
}

/// The workers run on several threads.
#[test]
fn a_delivery_may_change_threads() {
    fn may_change_threads<T: Send>(_: impl Fn(&'static SmtpSettings) -> T) {}
    may_change_threads(|settings| async {
        let session = SmtpSession::connect(settings).await.ok()?;
        let ready = session.prepare(&envelope()).await.ok()?;
        Some(ready.transmit(MAIL).await)
    });
}
