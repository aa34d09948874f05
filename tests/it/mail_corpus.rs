//! Measures against public test mail, where it is at hand (`../shared/mail`).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use caseconsultant::domain::MailClass;
use caseconsultant::mail::{parse_guarded, quote};

fn corpus() -> Option<PathBuf> {
    let at = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/mail");
    if at.is_dir() {
        return Some(at);
    }
    println!("skipped: there is no test mail at {}", at.display());
    None
}

fn rows(path: &std::path::Path) -> Vec<serde_json::Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn machine_mail_is_found_and_human_mail_left_alone() {
    let Some(at) = corpus() else { return };
    let mut found: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut right_reason, mut right_permanence, mut reports) = (0, 0, 0);
    for row in rows(&at.join("machine_labels.jsonl")) {
        let (file, label) = (row["file"].as_str().unwrap(), row["label"].as_str().unwrap());
        let mail = parse_guarded(std::fs::read(at.join(file)).unwrap()).unwrap();
        let right = match label {
            "bounce" => mail.class == MailClass::Bounce || mail.class == MailClass::DeliveryNotice,
            "auto" => mail.class == MailClass::AutoReply,
            "arf" => mail.class == MailClass::FeedbackReport,
            "dsn-success" => mail.class == MailClass::DeliveryNotice,
            _ => mail.class == MailClass::Human,
        };
        let count = found.entry(label.to_owned()).or_default();
        count.0 += usize::from(right);
        count.1 += 1;
        if !right || (label == "bounce" && mail.class != MailClass::Bounce) {
            println!("{file} {label} -> {} ({}) {:?}", mail.class, mail.why, mail.subject);
        }
        for (want, got) in row["bounce"].as_array().into_iter().flatten().zip(&mail.bounces) {
            let want_reason = reason(want["reason"].as_str().unwrap_or_default());
            let reason_fits = want_reason.contains(&got.reason.as_str());
            let permanence_fits = want["hardbounce"].as_bool() == Some(got.permanent);
            reports += 1;
            right_reason += usize::from(reason_fits);
            right_permanence += usize::from(permanence_fits);
            if !reason_fits || !permanence_fits {
                println!("  {file} {want} -> {got:?}");
            }
        }
    }
    println!(
        "found of each kind: {found:?}; of {reports} reports reason right {right_reason}, permanence right {right_permanence}"
    );
    assert_eq!(found["human"].0, found["human"].1, "false alarms on human mail");
    assert!(found["bounce"].0 * 100 >= found["bounce"].1 * 97);
}

/// The reasons of the labels in our words; where the border is a matter of taste, either.
fn reason(label: &str) -> &'static [&'static str] {
    match label {
        "userunknown" => &["user_unknown"],
        "mailboxfull" => &["mailbox_full"],
        "hostunknown" => &["host_unknown"],
        "notaccept" => &["host_unknown", "rejected"],
        "hasmoved" => &["moved"],
        "suspend" => &["suspended"],
        "expired" | "networkerror" => &["expired", "network"],
        "norelaying" => &["relaying_denied"],
        "mesgtoobig" | "exceedlimit" => &["too_large"],
        "spamdetected" | "virusdetected" => &["spam", "policy"],
        "blocked" | "policyviolation" | "authfailure" | "requireptr" | "badreputation" | "securityerror"
        | "toomanyconn" => &["policy", "rejected", "spam", "network"],
        "filtered" | "rejected" => &["rejected", "policy", "suspended", "user_unknown"],
        "contenterror" | "notcompliantrfc" | "syntaxerror" => &["content", "policy", "rejected"],
        "systemerror" | "mailererror" => &["system"],
        _ => &["undefined"],
    }
}

#[test]
fn reply_text_is_found_and_none_lost() {
    let Some(at) = corpus() else { return };
    let fold = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
    let (mut exact, mut all, mut lost) = (0, 0, Vec::new());
    for row in rows(&at.join("reply_text.jsonl")) {
        let (id, input, expect) =
            (&row["id"], row["input"].as_str().unwrap(), fold(row["expect"].as_str().unwrap()));
        let got = fold(&quote::split(input).reply);
        all += 1;
        exact += usize::from(got == expect);
        if got != expect {
            println!("{id}\n   want {expect:?}\n   got  {got:?}");
        }
        // In their order: each word of the expected text must be in ours.
        let mut ours = got.split(' ');
        if !expect.split(' ').all(|w| w.is_empty() || ours.any(|o| o == w)) {
            lost.push(id.to_string());
        }
    }
    println!("exact {exact} of {all}; lost: {lost:?}");
    assert!(
        lost.iter().all(|id| id.contains("embedded_email_7") || id.contains("embedded_email_17")),
        "{lost:?}"
    );
}
