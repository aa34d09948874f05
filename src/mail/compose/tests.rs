use super::*;
use crate::mail::parse;
use proptest::prelude::*;

fn sample() -> Outgoing {
    Outgoing {
        from: Mailbox {
            name: "Coding desk, \"Räte\"".to_owned(),
            address: "consult@desk.example".parse().unwrap(),
        },
        to: "amy@clinic.example".parse().unwrap(),
        cc: vec!["boss@clinic.example".parse().unwrap(), "two@clinic.example".parse().unwrap()],
        reply_to: Some("consult+abcdefghijklmnop@desk.example".parse().unwrap()),
        subject: "Re: 63020 and 63030 [CC-2026-00042]".to_owned(),
        message_id: MessageId::new("cc.abcdefghijklmnop.1@desk.example").unwrap(),
        in_reply_to: MessageId::new("q1@clinic.example"),
        references: vec![MessageId::new("q0@clinic.example").unwrap()],
        date: Timestamp::from_seconds(1_767_621_780),
        zone_offset: "-0500".to_owned(),
        text: "Yes.\n\nNot with modifier 59.\n".to_owned(),
        html: None,
        attachments: Vec::new(),
        automatic: false,
        delivery: "01900000-0000-7000-8000-000000000001".parse().unwrap(),
    }
}

fn check(mail: &Outgoing) -> crate::mail::ParsedMail {
    let bytes = mail.to_bytes();
    assert_eq!(bytes, mail.to_bytes());
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.is_ascii());
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "only CRLF");
    assert!(text.split("\r\n").all(|l| l.len() <= 998));
    parse(&bytes).unwrap()
}

#[test]
fn a_plain_reply() {
    insta::assert_snapshot!(String::from_utf8(sample().to_bytes()).unwrap().replace('\r', ""));
    let read = check(&sample());
    assert_eq!(read.from, [sample().from]);
    assert_eq!(read.text, sample().text);
    assert_eq!(read.references.len(), 2);
    assert_eq!(read.date, Some(sample().date));
    assert_eq!(read.delivery_header, Some(sample().delivery));
}

#[test]
fn all_parts_of_a_reply() {
    let mail = Outgoing {
        html: Some("<p>Ja – 63020</p>".to_owned()),
        attachments: vec![
            OutgoingFile { name: "a.pdf".into(), media_type: "application/pdf".into(), bytes: vec![0; 500] },
            OutgoingFile {
                name: format!("../{}.txt", "Übersicht ".repeat(11)),
                media_type: "text/x\r\nBcc: evil@x.example".into(),
                bytes: b"--=_cc1".to_vec(),
            },
        ],
        automatic: true,
        ..sample()
    };
    insta::assert_snapshot!(String::from_utf8(mail.to_bytes()).unwrap().replace('\r', ""));
    let read = check(&mail);
    assert_eq!(read.text, mail.text);
    assert!(read.html_present);
    assert_eq!(read.attachments.iter().map(|a| a.size).collect::<Vec<_>>(), [500, 7]);
    assert!(read.attachments[1].name.starts_with("Übersicht Übersicht"));
    assert!(read.attachments[1].name.ends_with("sicht.txt") || read.attachments[1].name.contains("Über"));
    assert_eq!(read.class, crate::domain::MailClass::AutoReply);
}

#[test]
fn many_references_keep_the_first_and_the_last() {
    let ids: Vec<_> = (0..100).map(|i| MessageId::new(&format!("{i}@x.example")).unwrap()).collect();
    let read = check(&Outgoing { references: ids, ..sample() });
    assert_eq!(read.references.len(), 20);
    assert_eq!(read.references[0].as_str(), "0@x.example");
    assert_eq!(read.references[19].as_str(), "q1@clinic.example");
}

proptest! {
    #[test]
    fn any_text_round_trips(subject in "\\PC{0,200}|(re|=\\?utf-8\\?q\\?x\\?=|[\r\n]|x| ){0,40}", text in "(\\PC|[\n\t]|\\.|From |--=_|[ =]){0,300}", name in "\\PC{0,60}", long in 0usize..3000) {
        let text = format!("{text}{}", "x".repeat(long));
        let mail = Outgoing {
            from: Mailbox { name, ..sample().from },
            subject: subject.clone(),
            text: text.clone(),
            html: Some(format!("<p>{text}</p>")),
            ..sample()
        };
        let read = check(&mail);
        prop_assert_eq!(read.subject, crate::mail::decode::one_line(&subject));
        let sent = crate::mail::decode::clean(&text);
        prop_assert_eq!(read.text.trim_end_matches('\n'), sent.trim_end_matches('\n'));
        prop_assert_eq!(read.from.len(), 1);
        prop_assert!(read.cc.len() == 2 && read.message_id.is_some());
    }
}
