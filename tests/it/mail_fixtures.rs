//! Mails of many kinds and what is read from them; and mails made to break the reader.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::{Duration, Instant};

use caseconsultant::mail::{Unparseable, parse_guarded};
use proptest::prelude::*;

#[test]
fn every_fixture_reads_as_reviewed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 12);
    for path in paths {
        let mail = parse_guarded(std::fs::read(&path).unwrap()).unwrap();
        insta::assert_json_snapshot!(path.file_stem().unwrap().to_string_lossy().into_owned(), mail);
    }
}

/// The slowest of these took a second in a debug build; the limit leaves room for a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn mail_made_to_break_the_reader_is_survived_in_time() {
    let head = "From: amy@clinic.example\nSubject: x\n";
    let multi = |sub: &str| format!("{head}Content-Type: multipart/{sub}; boundary=b\n\n");
    let nested = |n: usize| {
        (0..n)
            .map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"))
            .collect::<String>()
    };
    let encoded = "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n";
    let hostile: Vec<(&str, String)> = vec![
        ("10,000 parts", format!("{}{}", multi("mixed"), "--b\n\nhello\n".repeat(10_000))),
        ("100,000 mails in mails", format!("{head}{}", "Content-Type: message/rfc822\n\n".repeat(100_000))),
        ("10,000 multiparts in multiparts", format!("{head}{}", nested(10_000))),
        (
            "multiparts without their boundary",
            format!(
                "{}{}",
                multi("mixed"),
                "--b\nContent-Type: multipart/mixed; boundary=zz\n\n".repeat(50_000)
            ),
        ),
        ("encoded mails", format!("{}{}", multi("mixed"), encoded.repeat(50_000))),
        ("a header of 10 MB", format!("{head}To: {}\n\nx", "a@b.example, ".repeat(800_000))),
        ("a million headers", format!("{head}{}\nx", "X: y\n".repeat(1_000_000))),
        ("encoded words", format!("Subject: {}\n{head}\nx", "=?utf-8?q?=?=?b?".repeat(200_000))),
        ("comments", format!("To: {}\n{head}\nx", "(".repeat(1_000_000))),
        ("parameters", format!("{head}Content-Type: text/plain{}\n\nx", "; a*0*=utf-8''x".repeat(100_000))),
        ("open HTML", format!("{head}Content-Type: text/html\n\n{}", "<div><b><table>".repeat(200_000))),
        ("entities", format!("{head}Content-Type: text/html\n\n{}", "&lt;&#x3c;&".repeat(200_000))),
        ("quotes", format!("{head}\n{}", "> ".repeat(1_000_000))),
        ("quoted lines", format!("{head}\nHi\n\n{}", "> x\nOn 1/1/2026 a@b wrote:\n".repeat(9_000))),
        ("attributions", format!("{head}\nHi\n\n{}", "On 1/1/2026 a@b wrote:\n".repeat(19_000))),
        ("attributions in pieces", format!("{head}\nHi\n\n{}", "a@b wrote\n:\n".repeat(9_000))),
        ("fields", format!("{head}\nHi\n\n{}", "From: x\n".repeat(19_000))),
        (
            "forty MB of text",
            format!("{head}\n{}", "0123456789 abcdefghijklmnopqrstuvwxyz\n".repeat(1_100_000)),
        ),
        ("one line of ten MB", format!("{head}\n{}", "x@".repeat(5_000_000))),
        (
            "report blocks",
            format!(
                "{head}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n{}",
                "Action: failed\n\n".repeat(300_000)
            ),
        ),
    ];
    let mut slowest = (Duration::ZERO, "");
    for (name, mail) in hostile {
        let begun = Instant::now();
        let read = parse_guarded(mail.into_bytes());
        let took = begun.elapsed();
        assert!(read.is_ok(), "{name}: {read:?}");
        assert!(took < LIMIT, "{name} took {took:?}");
        if took > slowest.0 {
            slowest = (took, name);
        }
        println!("{name}: {took:?}");
    }
    println!("slowest: {slowest:?}");
}

#[test]
fn what_is_no_mail_says_so() {
    assert_eq!(parse_guarded(Vec::new()), Err(Unparseable::Empty));
    assert_eq!(parse_guarded(b" \r\n\n ".to_vec()), Err(Unparseable::Empty));
    assert!(matches!(parse_guarded(vec![0; 1_000_000]), Err(Unparseable::NoMail(_))));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(parse_guarded(bytes) != Err(Unparseable::Failed));
    }

    #[test]
    fn any_mail_like_bytes_are_survived(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("From: a@b.example\n"), Just("Subject: =?utf-8?q?=C3?=\n"), Just("Content-Type: multipart/report; boundary=b; report-type=delivery-status\n"),
                Just("Content-Type: message/delivery-status\n"), Just("Content-Type: message/rfc822\n"), Just("Content-Type: text/html; charset=utf-16\n"), Just("Content-Transfer-Encoding: base64\n"),
                Just("Content-Transfer-Encoding: quoted-printable\n"), Just("\n"), Just("--b\n"), Just("--b--\n"), Just("Action: failed\nFinal-Recipient: rfc822;\n"), Just("=C3=\n"), Just("> x\n"), Just("On 1/1/2026 a@b.example wrote:\n"),
                Just("-- \n"), Just("\0\r"), Just("é\u{202e}"), Just("<p><b>"), Just("Auto-Submitted: x\n"), Just("Return-Path: <>\n"),
            ],
            0..60,
        )
    ) {
        let mail = pieces.concat();
        let read = parse_guarded(mail.into_bytes());
        prop_assert!(read != Err(Unparseable::Failed));
        if let Ok(mail) = read {
            prop_assert!(!serde_json::to_string(&mail).unwrap().contains("\\u0000"));
        }
    }
}
