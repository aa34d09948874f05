use std::sync::LazyLock;

use super::*;
use crate::consult::{Question, consult};

static BOOK: LazyLock<Codebook> = LazyLock::new(|| Codebook::starter().unwrap());

fn check(text: &str, on: &str) -> Vec<Objection> {
    let checked = Checked { text, on: on.parse().unwrap(), drafted: None, sources: 9, derived: "" };
    verify(&checked, &BOOK).unwrap()
}

/// The objections that are more than a note, as `kind weight`.
fn kinds(text: &str, on: &str) -> Vec<String> {
    let word = |o: &Objection| {
        let json = |v: serde_json::Value| v.as_str().unwrap().to_owned();
        format!(
            "{} {}",
            json(serde_json::to_value(o.kind).unwrap()),
            json(serde_json::to_value(o.weight).unwrap())
        )
    };
    check(text, on).iter().filter(|o| o.kind != ObjectionKind::NoEvidence).map(word).collect()
}

#[test]
fn codes_that_do_not_hold_on_the_date_are_objected_to() {
    let on = "2026-01-05";
    assert_eq!(kinds("Report M54.5 for low back pain.", on), ["not_billable warns"]);
    assert!(kinds("M54.5 is a heading; report M54.50.", on).is_empty());
    assert_eq!(kinds("Use M54.59X.", on), ["unknown_code blocks"]);
    assert_eq!(kinds("Report G35.", on), ["not_billable warns"]);
    assert!(kinds("Report G35.", "2025-09-30").is_empty(), "it was a code until then");
    assert!(kinds("Until 2025-09-30 G35 was the code.", on).is_empty());
    assert!(kinds("There is no such code as M54.59X.", on).is_empty());
    assert!(kinds("The codes N18.30 to N18.32 are those of stage 3; N18.- has them all.", on).is_empty());
    // Amounts, dates, addresses and anatomy are no codes.
    let none = "The $99,213 were paid on 10/15/2025 at T12 and L4, ZIP 10001, case CC-2026-00042, 2,410 USD, A1C 7.1.";
    assert!(kinds(none, on).is_empty(), "{:?}", check(none, on));
}

#[test]
fn statements_about_pairs_are_compared() {
    let on = "2024-08-15";
    assert!(kinds("No NCCI edit stands between 63020 and 63030. [1]", on).is_empty());
    let found = check("No edit stands between 23412 and 29826, so both can be billed. [1]", on);
    let edit = BOOK.ptp(crate::domain::Setting::Practitioner, "23412", "29826", on.parse().unwrap()).unwrap();
    assert_eq!(found.len(), usize::from(!edit.rows.is_empty()), "{found:?}");
    let row = BOOK.ptp(crate::domain::Setting::Practitioner, "99213", "20610", on.parse().unwrap()).unwrap();
    let row = row.rows.first().expect("the starter has this pair").clone();
    let (a, b, i) = (&row.column1, &row.column2, row.indicator);
    let right = format!("The NCCI edit has column 1 {a} and column 2 {b}, with indicator {i}. [1]");
    assert!(kinds(&right, on).is_empty(), "{:?}", check(&right, on));
    let wrong = if i == '0' { '1' } else { '0' };
    assert_eq!(kinds(&format!("{a} and {b}: the edit indicator is {wrong}."), on), ["pair blocks"]);
    assert_eq!(kinds(&format!("Column 2 is {a} and column 1 is {b}."), on), ["pair blocks", "pair blocks"]);
    assert_eq!(kinds(&format!("There is no PTP edit between {a} and {b}."), on), ["pair blocks"]);
    let both = kinds(&format!("{a} and {b} can be billed together."), on);
    assert_eq!(both, [if i == '0' { "pair blocks" } else { "pair warns" }]);
    assert!(
        kinds(&format!("{a} and {b} can be billed together only if the visit is separate."), on).is_empty()
    );
    assert_eq!(kinds("63020 is bundled into 63030 by an NCCI edit.", on), ["pair blocks"]);
}

#[test]
fn unit_limits_and_the_fee_schedule_are_compared() {
    let on = "2024-07-15";
    assert!(kinds("The MUE of J3301 is 16 units per day, MAI 3. [1]", on).is_empty());
    assert_eq!(kinds("J3301 has an MUE of 4.", on), ["units blocks"]);
    assert_eq!(kinds("J3301 has MAI 2.", on), ["units blocks"]);
    let on = "2025-11-15";
    assert!(kinds("27447 has a global period of 90 days and bilateral indicator 1. [1]", on).is_empty());
    assert_eq!(kinds("27447 has a 10-day global.", on), ["fee_schedule blocks"]);
    assert_eq!(kinds("27447: bilateral surgery indicator 0.", on), ["fee_schedule blocks"]);
    assert!(kinds("99213 pays $88.95 nationally outside a facility. [1]", on).is_empty());
    assert_eq!(kinds("99213 pays $98.95.", on), ["amount warns"]);
    assert_eq!(kinds("J3301 has fee schedule status A.", on), ["fee_schedule blocks"]);
}

#[test]
fn dates_and_official_texts_are_compared() {
    let on = "2026-01-05";
    let text = BOOK.show(None, "M54.50", on.parse().unwrap()).unwrap()[0].description.clone();
    assert!(kinds(&format!("M54.50 is valid: “{text}.” [1]"), on).is_empty());
    assert_eq!(kinds("M54.50 (ICD-10-CM) “Pain in the left arm.”", on), ["text warns"]);
    assert!(
        kinds("G35.A is valid from 2025-10-01. [1]", on).is_empty(),
        "{:?}",
        check("G35.A is valid from 2025-10-01. [1]", on)
    );
    assert_eq!(kinds("G35.A is valid from 2023-10-01.", on), ["date blocks"]);
}

#[test]
fn sources_are_counted_and_a_persons_words_are_theirs() {
    let on: CivilDate = "2026-01-05".parse().unwrap();
    let text = "**M54.50 fits.** [1]\n\nIt is in the order file. [12]\n\nPlease call me.\n";
    let checked = Checked { text, on, drafted: Some("**M54.50 fits.** [1]\n"), sources: 1, derived: "" };
    let found = verify(&checked, &BOOK).unwrap();
    let kinds: Vec<ObjectionKind> = found.iter().map(|o| o.kind).collect();
    assert_eq!(kinds, [ObjectionKind::Citation, ObjectionKind::OwnWords]);
    assert_eq!(text.get(found[1].from..found[1].to), Some("Please call me."));
}

#[test]
fn nothing_that_the_consultant_writes_is_objected_to() {
    let questions = [
        "Can 63020 and 63030 be billed together? DOS 2024-08-15, Medicare.",
        "99213 and 20610 same day, knee injection with J3301 40 mg, DOS 2024-08-15. Do we need 25?",
        "Is M54.5 valid for 2025-11-02?",
        "G35 was rejected, DOS 10/14/2025.",
        "97110 x 8 and 97140 x 2 on 2024-08-20, is that over the MUE?",
        "23412 and 29826 denied CO-97, DOS 2024-08-15",
        "What is the global period of 27447?",
        "Type 2 diabetes with CKD stage 3b, which codes?",
    ];
    for text in questions {
        let question = Question {
            subject: String::new(),
            text: text.to_owned(),
            date: "2026-01-05".parse().unwrap(),
            dos_override: None,
            phi_present: false,
            attachments_unread: Vec::new(),
            earlier: Vec::new(),
        };
        let answer = consult(&question, &BOOK).unwrap();
        let derived: Vec<&str> = answer.findings.iter().map(|f| f.statement.as_str()).collect();
        let derived = derived.join("\n");
        let on = answer.date_of_service.unwrap();
        let checked = Checked {
            text: &answer.text,
            on,
            drafted: None,
            sources: answer.sources.len(),
            derived: &derived,
        };
        let found = verify(&checked, &BOOK).unwrap();
        assert!(found.iter().all(|o| o.weight == Weight::Note), "{text}: {found:#?}\n{}", answer.text);
    }
}

#[test]
fn any_text_is_read_without_a_panic() {
    proptest::proptest!(|(text in r"(?s)[\PC\n ]{0,200}|([A-Z][0-9]{2}\.?[0-9A-Z]{0,4}|[0-9]{5}|MUE of|global|indicator|edit| |\$|“|”|\[|\]|-|\.){0,40}")| {
        for found in check(&text, "2026-01-05") {
            proptest::prop_assert!(text.is_char_boundary(found.from) && text.is_char_boundary(found.to));
            proptest::prop_assert!(found.from <= found.to && found.to <= text.len());
        }
    });
}
