//! IMAP against a server that fails at every step: always an error that says which, never an inbox that looks empty.

use std::time::{Duration, Instant};

use caseconsultant::mail::endpoint::InboxUrl;
use caseconsultant::mail::imap::{IdleEnd, ImapError, ImapSession, ImapSettings, ImapTimeouts, Listed};
use caseconsultant::mail::login::{Login, Proof};
use caseconsultant::mail::tls::Trust;
use tokio_util::sync::CancellationToken;

use crate::support::fake_imap::{Act, FakeImap, Script};

const PATIENT: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

fn settings(url: &str, patience: Duration) -> ImapSettings {
    let Ok(InboxUrl::Imap { server, user, .. }) = url.parse() else { panic!("{url}") };
    ImapSettings {
        server,
        login: Login::password(user, "secret"),
        trust: Trust::system().unwrap(),
        timeouts: ImapTimeouts { connect: patience, command: patience },
    }
}

async fn connect(server: &FakeImap, patience: Duration) -> Result<ImapSession, ImapError> {
    ImapSession::connect(&settings(&format!("imap+insecure://user@127.0.0.1:{}", server.port), patience))
        .await
}

/// All that a desk does in a cycle; how far it came, and what ended it.
async fn cycle(server: &FakeImap, patience: Duration) -> Result<(), ImapError> {
    let mut session = connect(server, patience).await?;
    session.select("INBOX").await?;
    let uids = session.uids().await?;
    let listed = session.sizes(&uids).await?;
    session.fetch(&listed).await?;
    session.mark_seen(8).await?;
    session.move_to(8, "Done").await?;
    session.append("Sent", b"mail", &[r"\Seen"]).await?;
    session.idle(patience, &CancellationToken::new()).await?;
    Ok(())
}

/// A server with one mail, on which a whole cycle works.
fn good() -> Vec<(&'static str, Act)> {
    vec![
        ("UID SEARCH", Act::Say("* SEARCH 8\r\nTAG OK\r\n")),
        ("UID FETCH 8 (UID RFC822", Act::Say("* 1 FETCH (UID 8 RFC822.SIZE 4 FLAGS ())\r\nTAG OK\r\n")),
        ("UID FETCH 8 (UID BODY", Act::Say("* 1 FETCH (UID 8 BODY[] {4}\r\nmail)\r\nTAG OK\r\n")),
        ("APPEND", Act::Say("+ go\r\n")),
        ("mail", Act::Say("TAG OK appended\r\n")),
        ("IDLE", Act::Say("+ idling\r\n* 3 EXISTS\r\n")),
    ]
}

const STEPS: [&str; 11] = [
    "CAPABILITY",
    "AUTHENTICATE",
    "AHVzZXIAc2VjcmV0",
    "SELECT",
    "UID SEARCH",
    "UID FETCH 8 (UID RFC822",
    "UID FETCH 8 (UID BODY",
    "UID STORE",
    "UID COPY",
    "APPEND",
    "IDLE",
];

#[tokio::test]
async fn a_whole_cycle_without_move() {
    let server = FakeImap::start(&good()).await;
    cycle(&server, PATIENT).await.unwrap();
    assert_eq!(
        server.seen(),
        [
            "CAPABILITY",
            "AUTHENTICATE PLAIN",
            "AHVzZXIAc2VjcmV0",
            "CAPABILITY",
            r#"SELECT "INBOX""#,
            "UID SEARCH ALL",
            "UID FETCH 8 (UID RFC822.SIZE INTERNALDATE FLAGS)",
            "UID FETCH 8 (UID BODY.PEEK[])",
            r"UID STORE 8 +FLAGS.SILENT (\Seen)",
            r#"UID COPY 8 "Done""#,
            r"UID STORE 8 +FLAGS.SILENT (\Seen \Deleted)",
            "UID EXPUNGE 8",
            r#"APPEND "Sent" (\Seen) {4}"#,
            "mail",
            "IDLE",
            "DONE",
        ]
    );
}

#[tokio::test]
async fn a_connection_that_ends_at_any_step_is_an_error() {
    for step in STEPS {
        for end in ["", "* BYE shutting down\r\n", "* 1 FETCH (UID 8 BODY[] {4000}\r\nhalf", "TAG O"] {
            let mut steps = vec![(step, Act::SayAndClose(end))];
            steps.extend(good());
            let error = cycle(&FakeImap::start(&steps).await, PATIENT).await.unwrap_err();
            assert!(matches!(error, ImapError::Closed { .. }), "{step} {end:?}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_no_or_nonsense_at_any_step_is_an_error() {
    for step in STEPS {
        let mut steps = vec![(step, Act::Say("TAG NO over quota\r\n"))];
        steps.extend(good());
        let error = cycle(&FakeImap::start(&steps).await, PATIENT).await.unwrap_err();
        let signing_in = step == "AUTHENTICATE" || step.starts_with("AH");
        match error {
            ImapError::Auth { .. } => assert!(signing_in, "{step}"),
            ImapError::Refused { reply, .. } => {
                assert!(!signing_in && reply == "over quota", "{step} {reply}")
            }
            other => panic!("{step}: {other:?}"),
        }
        // The last one makes the parser itself panic.
        for nonsense in
            ["TAG BAD what?\r\n", "HTTP/1.1 400\r\n\r\n", "* \u{1}\r\n", "* 1 FETCH (INTERNALDATE NIL)\r\n"]
        {
            let mut steps = vec![(step, Act::Say(nonsense))];
            steps.extend(good());
            let error = cycle(&FakeImap::start(&steps).await, PATIENT).await.unwrap_err();
            assert!(matches!(error, ImapError::Protocol { .. }), "{step} {nonsense:?}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_stalls_is_left_in_time() {
    for step in STEPS {
        let mut steps = vec![(step, Act::Stall)];
        steps.extend(good());
        let error = cycle(&FakeImap::start(&steps).await, SHORT).await.unwrap_err();
        assert!(matches!(error, ImapError::Timeout { .. }), "{step}: {error:?}");
    }
    let server = FakeImap::run(Script { greeting: Act::Stall, steps: vec![] }).await;
    assert!(matches!(connect(&server, SHORT).await.err(), Some(ImapError::Timeout { .. })));
}

#[tokio::test]
async fn a_half_open_connection_is_noticed_when_the_waiting_ends() {
    let server = FakeImap::start(&[("DONE", Act::Stall)]).await;
    let mut session = connect(&server, SHORT).await.unwrap();
    session.select("INBOX").await.unwrap();
    let error = session.idle(SHORT, &CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, ImapError::Timeout { .. }), "{error:?}");
    // And nothing more is said on it.
    assert!(matches!(session.noop().await, Err(ImapError::Closed { .. })));
}

#[tokio::test]
async fn greetings_that_do_not_ask_for_a_sign_in() {
    for (greeting, closed) in [
        ("* PREAUTH welcome\r\n", false),
        ("* BYE busy\r\n", true),
        ("220 mail ESMTP\r\n", false),
        ("", true),
    ] {
        let server = FakeImap::run(Script { greeting: Act::SayAndClose(greeting), steps: vec![] }).await;
        let error = connect(&server, PATIENT).await.err().unwrap();
        match closed {
            true => assert!(matches!(error, ImapError::Closed { .. }), "{greeting:?} {error:?}"),
            false => assert!(matches!(error, ImapError::Protocol { .. }), "{greeting:?} {error:?}"),
        }
    }
}

#[tokio::test]
async fn a_busy_server_is_no_wrong_password() {
    let busy = Act::Say("TAG NO [UNAVAILABLE] try later\r\n");
    let error = connect(&FakeImap::start(&[("AH", busy)]).await, PATIENT).await.err().unwrap();
    assert!(!error.needs_administrator(), "{error:?}");
    let wrong = Act::Say("TAG NO [AUTHENTICATIONFAILED] no\r\n");
    let error = connect(&FakeImap::start(&[("AH", wrong)]).await, PATIENT).await.err().unwrap();
    assert!(error.needs_administrator(), "{error:?}");
    assert!(error.to_string().contains("user") && !error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn without_plain_the_password_goes_by_login() {
    let capabilities = Act::Say("* CAPABILITY IMAP4rev1\r\nTAG OK\r\n");
    let server = FakeImap::start(&[("CAPABILITY", capabilities)]).await;
    connect(&server, PATIENT).await.unwrap();
    assert!(server.seen().contains(&r#"LOGIN "user" "secret""#.to_owned()));
    let disabled = Act::Say("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK\r\n");
    let server = FakeImap::start(&[("CAPABILITY", disabled)]).await;
    assert!(connect(&server, PATIENT).await.is_err());
    assert_eq!(server.seen(), ["CAPABILITY"]);
}

#[tokio::test]
async fn without_starttls_nothing_is_said() {
    for answer in ["TAG NO not here\r\n", "TAG BAD what?\r\n"] {
        let server = FakeImap::start(&[("STARTTLS", Act::Say(answer))]).await;
        let url = format!("imap+starttls://user@localhost:{}", server.port);
        let error = ImapSession::connect(&settings(&url, PATIENT)).await.err().unwrap();
        assert!(matches!(error, ImapError::NoStartTls { .. }), "{error:?}");
        assert_eq!(server.seen(), ["STARTTLS"]);
    }
}

#[tokio::test]
async fn more_than_was_asked_for_is_not_read() {
    let listed = Listed { uid: 8, size: 4, internal_date: None, flags: vec![] };
    // It announces 400 MB in place of the 4 bytes, and goes on sending.
    let flood: &'static str = Box::leak(
        format!("* 1 FETCH (UID 8 BODY[] {{400000000}}\r\n{}", "x".repeat(40_000_000)).into_boxed_str(),
    );
    let server = FakeImap::start(&[("UID FETCH", Act::Say(flood))]).await;
    let mut session = connect(&server, PATIENT).await.unwrap();
    session.select("INBOX").await.unwrap();
    let error = session.fetch(&[listed]).await.unwrap_err();
    assert!(matches!(error, ImapError::Protocol { why, .. } if why.contains("larger")), "{error:?}");
}

#[tokio::test]
async fn news_during_another_command_end_the_waiting_at_once() {
    let search = Act::Say("* SEARCH 8\r\n* 3 EXISTS\r\nTAG OK\r\n");
    let server = FakeImap::start(&[("UID SEARCH", search)]).await;
    let mut session = connect(&server, PATIENT).await.unwrap();
    session.select("INBOX").await.unwrap();
    session.uids().await.unwrap();
    let cancel = CancellationToken::new();
    let began = Instant::now();
    assert_eq!(session.idle(PATIENT, &cancel).await.unwrap(), IdleEnd::NewData);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(!server.seen().contains(&"IDLE".to_owned()));
    // Told once.
    assert_eq!(session.idle(SHORT, &cancel).await.err().map(|e| e.to_string()), None);
}

#[tokio::test]
async fn without_idle_the_server_is_asked() {
    let capabilities = Act::Say("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK\r\n");
    let server = FakeImap::start(&[("CAPABILITY", capabilities)]).await;
    let mut session = connect(&server, PATIENT).await.unwrap();
    session.select("INBOX").await.unwrap();
    let cancel = CancellationToken::new();
    assert_eq!(session.idle(SHORT, &cancel).await.unwrap(), IdleEnd::Timeout);
    assert_eq!(server.seen().last().unwrap(), "NOOP");
    cancel.cancel();
    assert_eq!(session.idle(PATIENT, &cancel).await.unwrap(), IdleEnd::Cancelled);
}

#[tokio::test]
async fn a_command_that_was_dropped_ends_the_session() {
    let server = FakeImap::start(&[("UID SEARCH", Act::Stall)]).await;
    let mut session = connect(&server, PATIENT).await.unwrap();
    session.select("INBOX").await.unwrap();
    assert!(tokio::time::timeout(SHORT, session.uids()).await.is_err());
    assert!(matches!(session.noop().await, Err(ImapError::Closed { .. })));
}

#[tokio::test]
async fn a_token_goes_by_xoauth2_and_its_refusal_is_read_to_the_end() {
    // user=user^Aauth=Bearer token^A^A, in base64.
    const WORDS: &str = "dXNlcj11c2VyAWF1dGg9QmVhcmVyIHRva2VuAQE=";
    let connect = async |server: &FakeImap| {
        let url = format!("imap+insecure://user@127.0.0.1:{}", server.port);
        let login = Login { user: "user".into(), proof: Proof::AccessToken("token".into()) };
        ImapSession::connect(&ImapSettings { login, ..settings(&url, PATIENT) }).await
    };
    let server = FakeImap::start(&[(WORDS, Act::Say("TAG OK welcome\r\n"))]).await;
    connect(&server).await.unwrap();
    assert_eq!(server.seen()[1], "AUTHENTICATE XOAUTH2");
    let expired = [(WORDS, Act::Say("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")), ("", Act::Say("TAG NO expired\r\n"))];
    let mut script = Script { greeting: Act::Say("* OK ready\r\n"), steps: vec![expired[0].clone()] };
    script.steps.extend([
        ("CAPABILITY", Act::Say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\nTAG OK\r\n")),
        ("AUTHENTICATE", Act::Say("+ \r\n")),
        expired[1].clone(),
    ]);
    let server = FakeImap::run(script).await;
    let error = connect(&server).await.err().unwrap();
    assert!(matches!(&error, ImapError::Auth { reply, .. } if reply == "expired"), "{error:?}");
}

#[tokio::test]
async fn ten_thousand_mails_are_listed() {
    let mut answer = "* SEARCH".to_owned();
    (1..=10_000u32).for_each(|uid| answer.push_str(&format!(" {}", uid + 1_000_000)));
    answer.push_str("\r\nTAG OK\r\n");
    let server = FakeImap::start(&[("UID SEARCH", Act::Say(answer.leak()))]).await;
    let mut session = connect(&server, PATIENT).await.unwrap();
    session.select("INBOX").await.unwrap();
    assert_eq!(session.uids().await.unwrap().len(), 10_000);
}

/// The workers run on several threads.
#[test]
fn a_session_may_change_threads() {
    fn may_change_threads<T: Send>(_: impl Fn(&'static mut ImapSession) -> T) {}
    may_change_threads(|session| async {
        session.uids().await?;
        session.fetch(&[]).await?;
        session.append("Sent", b"", &[]).await?;
        session.move_to(1, "Done").await?;
        session.find_in_folder("Sent", "", "").await?;
        session.idle(PATIENT, &CancellationToken::new()).await
    });
}
