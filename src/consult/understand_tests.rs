//! Understanding, held against the expectations of invented mails (tests/fixtures/consult/understand.jsonl): every field
//! of every mail, exactly; a field that a mail does not list must be empty.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde::Deserialize;

use super::extract::own_words;
use super::*;

static BOOK: LazyLock<Codebook> = LazyLock::new(|| Codebook::starter().unwrap());

#[derive(Deserialize)]
struct Mail {
    #[serde(default)]
    subject: String,
    text: String,
    intent: String,
    area: String,
    /// These topics at least.
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default = "one")]
    parts: usize,
    #[serde(flatten)]
    fields: BTreeMap<String, Vec<String>>,
}

fn one() -> usize {
    1
}

fn question(subject: &str, text: &str) -> Question {
    Question {
        subject: subject.to_owned(),
        text: text.to_owned(),
        date: "2026-01-15".parse().unwrap(),
        dos_override: None,
        phi_present: false,
        attachments_unread: Vec::new(),
        earlier: Vec::new(),
        context: Vec::new(),
    }
}

fn mails() -> Vec<Mail> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/consult/understand.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn every_field_of_every_mail() {
    let mut passed: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    let all = mails();
    assert!(all.len() >= 150, "{}", all.len());
    for mail in &all {
        let asked = question(&mail.subject, &mail.text);
        let read = understand(&asked, &BOOK).unwrap();
        let mut check = |field: &str, want: String, got: String| {
            let count = passed.entry(field.to_owned()).or_default();
            count.1 += 1;
            if want == got {
                count.0 += 1;
            } else {
                wrong.push(format!("{field}: want {want}, got {got}: {}", mail.text.replace('\n', " | ")));
            }
        };
        check("intent", mail.intent.clone(), read.intent.clone());
        check("area", mail.area.clone(), read.area.to_owned());
        check("parts", mail.parts.to_string(), parts(&asked).len().to_string());
        for topic in &mail.topics {
            let has = read.topics.contains(&topic.as_str());
            check("topics", topic.clone(), if has { topic.clone() } else { "nothing".to_owned() });
        }
        let mut names: Vec<&str> = mail.fields.keys().map(String::as_str).collect();
        names.extend(read.fields.keys().filter(|k| !mail.fields.contains_key(**k)));
        for name in names {
            let list = |l: Option<&Vec<String>>| format!("{:?}", l.cloned().unwrap_or_default());
            check(name, list(mail.fields.get(name)), list(read.fields.get(name)));
        }
    }
    for (field, (good, of)) in &passed {
        println!("{field:<12} {good:>4} of {of}");
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// No field of a mail changes with a signature, a disclaimer or a quoted thread below it.
#[test]
fn signatures_and_threads_change_nothing() {
    let tails = [
        "\n\nThanks,\nJane Roe, CPC, COC\nSenior Coder, Wound Care Center of Texas\n123 Main St Ste 20610\nDallas, TX 75201\nPhone: (555) 123-4567 | Fax (555) 123-9999",
        "\n-- \nJ. Roe RN\nMedicare Advantage Billing Office, Tampa, FL 33601",
        "\n\nRegards,\nJane\n\nCONFIDENTIALITY NOTICE: This e-mail may contain protected health information of a 67 yo female.",
        "\n\nOn Tue, Mar 4, 2025 at 9:00 AM Desk <desk@example.org> wrote:\n> 99215-57 and 20553 x 4, Medicaid, inpatient, CO-97\n> 45 minutes, 60 mg IM",
        "\n\n-----Original Message-----\nFrom: Desk\nSent: Monday, March 3, 2025\nSubject: RE: 20553\n\n20553 was denied CO-50 by Aetna, right knee.",
    ];
    for mail in mails().iter().filter(|m| m.area != "out_of_scope") {
        let bare = understand(&question(&mail.subject, &mail.text), &BOOK).unwrap();
        for tail in tails {
            // A mail that brings its own signature has its thread below that.
            if own_words(&mail.text) != mail.text {
                continue;
            }
            let longer =
                understand(&question(&mail.subject, &format!("{}{tail}", mail.text)), &BOOK).unwrap();
            assert_eq!(longer.fields, bare.fields, "{}{tail}", mail.text);
            assert_eq!((longer.intent, longer.area), (bare.intent.clone(), bare.area), "{}", mail.text);
        }
    }
}

/// Each question of a mail is answered on its own, with the date, payer and place of the whole.
#[test]
fn parts_share_their_context() {
    let text = "Medicare, POS 11, DOS 8/15/2024.\n1) Can 63020 go with 63030?\n2) How many units of J3301 for 40 mg?";
    let each = parts(&question("two questions", text));
    assert_eq!(each.len(), 2);
    for part in &each {
        let read = understand(part, &BOOK).unwrap();
        assert_eq!(read.fields["payer"], ["Medicare"]);
        assert_eq!(read.fields["pos"], ["11"]);
    }
    assert_eq!(understand(&each[0], &BOOK).unwrap().fields["lines"], ["63020", "63030"]);
    assert_eq!(understand(&each[1], &BOOK).unwrap().fields["lines"], ["J3301"]);
    assert!(consult(&each[1], &BOOK).unwrap().text.contains("2024-08-15"));
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,400}") {
        let read = extract::read(&text, "2026-01-15".parse().unwrap());
        prop_assert!(read.codes.len() <= 400);
        let spans: Vec<_> = extract::questions(&text).into_iter().map(|p| p.span).collect();
        prop_assert!(!spans.is_empty());
        prop_assert!(spans.windows(2).all(|w| w[0].end <= w[1].start));
    }

    #[test]
    fn pieces_of_mails_are_read(words in prop::collection::vec(prop::sample::select(vec![
        "99213-25", "20610 RT,59", "97110 x 3", "99213, 14", "99202 thru 05", "M54.50–M54.59", "CO-97", "N362", "16/M76",
        "10:05 to 11:30", "1 hr", "20", "0.5 mL of 10 mg/mL", "20 mg discarded", "4 sq cm", "2.5 x 3 cm", "Jan 5th", "FY26",
        "28 weeks", "67F", "POS", "11", "1)", "2)", "?", "\n\n", "Also,", "Thanks,", "--", "> ", "On x wrote:", "é", "–", "½",
        "modifier", "-", "/", "(", "x", "units", "IM", ",", ".", "in", "TX", "PA", "left", "both", "\u{0}",
    ]), 0..40), sep in prop::sample::select(vec![" ", "", "\n", ", "])) {
        let text = words.join(sep);
        let date = "2026-01-15".parse().unwrap();
        let read = extract::read(&text, date);
        prop_assert_eq!(&read, &extract::read(&text, date));
        for part in extract::questions(&text) {
            prop_assert!(extract::read(&part.text, date).codes.len() <= 200);
        }
    }

    /// The order in which codes are written changes nothing of what they are.
    #[test]
    fn the_order_of_codes_changes_no_set(codes in prop::collection::vec(prop::sample::select(vec![
        "99213-25", "20610-RT", "97110 x 3", "J3301 x 4", "M54.50", "E11.22", "29826", "63047", "G0439", "80053",
    ]), 1..8), sep in prop::sample::select(vec![", ", "\n", " and ", "; "])) {
        let date = "2026-01-15".parse().unwrap();
        let set = |codes: &[&str]| {
            let read = extract::read(&codes.join(sep), date).codes;
            let mut all: Vec<String> =
                read.iter().map(|m| format!("{} {:?} {:?}", m.code, m.modifiers, m.units)).collect();
            all.sort();
            all
        };
        let mut other = codes.clone();
        other.reverse();
        prop_assert_eq!(set(&codes), set(&other));
    }
}
