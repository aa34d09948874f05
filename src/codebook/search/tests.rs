//! The search over a handful of codes: invented texts in the official manner.

use crate::codebook::search::build::{Coded, Named, build};
use crate::codebook::search::index::{Index, Kind, Span};
use crate::codebook::search::query::read;
use crate::codebook::search::rank::rank;
use crate::codebook::search::spelling::nearest;

const TODAY: i32 = 20_000;

/// Code, whether billable, text.
const CODES: &[(&str, bool, &str)] = &[
    ("E11", false, "Type 2 diabetes mellitus"),
    ("E118", true, "Type 2 diabetes mellitus with unspecified complications"),
    ("E119", true, "Type 2 diabetes mellitus without complications"),
    ("J18", false, "Pneumonia, unspecified organism"),
    ("J180", true, "Bronchopneumonia, unspecified organism"),
    ("J189", true, "Pneumonia, unspecified organism"),
    ("K21", false, "Gastro-esophageal reflux disease"),
    ("K210", true, "Gastro-esophageal reflux disease with esophagitis"),
    ("K219", true, "Gastro-esophageal reflux disease without esophagitis"),
    ("M674", false, "Ganglion"),
    ("M6743", false, "Ganglion, wrist"),
    ("M67431", true, "Ganglion, right wrist"),
    ("M67432", true, "Ganglion, left wrist"),
    ("M67439", true, "Ganglion, unspecified wrist"),
    ("O99", false, "Other maternal diseases complicating pregnancy"),
    ("O9981", true, "Ganglion complicating pregnancy"),
    ("S525", false, "Fracture of lower end of radius"),
    ("S52501", false, "Unspecified fracture of the lower end of right radius"),
    (
        "S52501A",
        true,
        "Unspecified fracture of the lower end of right radius, initial encounter for closed fracture",
    ),
    (
        "S52501B",
        true,
        "Unspecified fracture of the lower end of right radius, initial encounter for open fracture type I or II",
    ),
    (
        "S52501K",
        true,
        "Unspecified fracture of the lower end of right radius, subsequent encounter for closed fracture with nonunion",
    ),
    ("S52501S", true, "Unspecified fracture of the lower end of right radius, sequela"),
    ("S52502", false, "Unspecified fracture of the lower end of left radius"),
    (
        "S52502A",
        true,
        "Unspecified fracture of the lower end of left radius, initial encounter for closed fracture",
    ),
    ("S52509", false, "Unspecified fracture of the lower end of unspecified radius"),
    (
        "S52509A",
        true,
        "Unspecified fracture of the lower end of unspecified radius, initial encounter for closed fracture",
    ),
];

const NAMES: &[(&str, Kind, &str)] = &[
    ("S525", Kind::Own, "broken wrist"),
    ("M67439", Kind::Own, "bible cyst"),
    ("J189", Kind::Inclusion, "Pneumonia NOS"),
];

fn small() -> Index {
    let coded = |(code, billable, text): &(&str, bool, &str)| Coded {
        code: (*code).to_owned(),
        text: (*text).to_owned(),
        billable: *billable,
        spans: vec![Span { from: 0, to: 30_000, billable: *billable }],
    };
    let named = |(code, kind, text): &(&str, Kind, &str)| Named {
        code: (*code).to_owned(),
        kind: *kind,
        text: (*text).to_owned(),
    };
    let codes: Vec<Coded> = CODES.iter().map(coded).collect();
    let names: Vec<Named> = NAMES.iter().map(named).collect();
    Index::from_bytes(&build(&codes, &names, true).to_bytes())
}

fn found(index: &Index, query: &str) -> Vec<String> {
    let asked = read(query, &[index], false);
    rank(index, &asked, TODAY, 10).iter().map(|f| index.nodes[f.node as usize].code.to_string()).collect()
}

#[track_caller]
fn first(query: &str, code: &str) {
    let found = found(&small(), query);
    assert_eq!(found.first().map(String::as_str), Some(code), "{query}: {found:?}");
}

#[test]
fn the_side_chooses_among_siblings_and_none_is_unspecified() {
    first("ganglion R wrist", "M67431");
    first("ganglion wrist left", "M67432");
    first("ganglion of wrist", "M67439");
}

#[test]
fn a_name_of_the_unspecified_side_is_one_of_each_side() {
    first("bible cyst", "M67439");
    first("bible cyst left", "M67432");
}

#[test]
fn a_name_of_a_heading_holds_for_the_codes_below_it() {
    first("broken wrist", "S52509A");
    first("broken wrist left", "S52502A");
}

#[test]
fn the_seventh_character_is_heard_and_else_initial_and_closed() {
    first("fracture lower end of radius right", "S52501A");
    first("open fracture lower end radius right", "S52501B");
    first("nonunion fracture lower end radius right", "S52501K");
    first("sequela of fracture of lower end of right radius", "S52501S");
}

#[test]
fn denial_is_not_mention() {
    first("gastroesophageal reflux disease with esophagitis", "K210");
    first("gastroesophageal reflux disease no esophagitis", "K219");
    first("gastroesophageal reflux disease", "K219");
    first("type II diabetes mellitus", "E119");
}

#[test]
fn typing_errors_are_put_right() {
    first("pnumonia", "J189");
    first("nuemonia", "J189");
    first("gangleon right wrist", "M67431");
    let index = small();
    assert!(nearest(&index, "zzzzzz").is_empty());
}

#[test]
fn a_code_comes_before_its_heading_unless_the_category_is_asked_for() {
    first("pneumonia", "J189");
    first("pneumonia category", "J18");
}

#[test]
fn what_is_special_must_be_asked_for() {
    let found = found(&small(), "ganglion");
    assert_ne!(found.first().map(String::as_str), Some("O9981"), "{found:?}");
    first("ganglion in pregnancy", "O9981");
}

#[test]
fn only_codes_of_the_day_are_found() {
    let index = small();
    assert!(rank(&index, &read("pneumonia", &[&index], false), 40_000, 10).is_empty());
}

#[test]
fn an_unfinished_word_finds_what_begins_so() {
    let index = small();
    let asked = read("gang", &[&index], true);
    assert!(!rank(&index, &asked, TODAY, 10).is_empty());
}

/// The services say "ganglion" more rarely than the diagnoses say "gangrene": the two lists are not in the words' order.
#[test]
fn a_word_of_two_indexes_is_one_word() {
    let of = |texts: &[&str]| {
        let coded = |(text, at): (&&str, usize)| Coded {
            code: format!("A{at:02}"),
            text: (*text).to_owned(),
            billable: true,
            spans: vec![Span { from: 0, to: 30_000, billable: true }],
        };
        let codes: Vec<Coded> = texts.iter().zip(10..).map(coded).collect();
        Index::from_bytes(&build(&codes, &[], false).to_bytes())
    };
    let diagnoses =
        of(&["Ganglion", "Ganglion of wrist", "Ganglion of knee", "Gangrene", "Gangrene of foot"]);
    let services = of(&["Ganglion aspiration"]);
    for (query, typing) in [("gang", true), ("ganglio", false), ("gangleon", false)] {
        let asked = read(query, &[&diagnoses, &services], typing);
        for token in &asked.tokens {
            let mut words: Vec<&String> = token.options.iter().map(|(word, _)| word).collect();
            let count = words.len();
            words.sort();
            words.dedup();
            assert_eq!(words.len(), count, "{query}: {:?}", token.options);
        }
    }
}

#[test]
fn the_same_codes_give_the_same_bytes_and_damage_finds_less() {
    let bytes = small().to_bytes();
    assert_eq!(bytes, small().to_bytes());
    for end in (0..bytes.len()).step_by(97) {
        let cut = Index::from_bytes(&bytes[..end]);
        let _ = found(&cut, "fracture of radius, right");
    }
}

#[test]
fn nonsense_is_no_failure() {
    let index = small();
    let long = "fracture radius ".repeat(500);
    for query in [
        "",
        " ",
        "%%%",
        "a/b/c",
        "'; DROP TABLE code",
        "\u{0}\u{7f}",
        "ÄÖÜ 漢字 🙂",
        "- -- ---",
        long.as_str(),
    ] {
        let _ = found(&index, query);
    }
}
