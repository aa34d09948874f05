use std::path::{Path, PathBuf};

use super::*;
use crate::codebook::Codebook;
use crate::domain::CodeStatus;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/guidance")
}

/// The notes as they stand in the folder: the embedded ones may be of an earlier build.
fn on_disk() -> Library {
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .map(|p| (p.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&p).unwrap()))
        .collect();
    files.sort();
    Library::read(files.iter().map(|(name, text)| (name.clone(), text.as_str())))
}

#[test]
fn every_note_is_well_formed() {
    let library = on_disk();
    let problems = library.problems();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    assert!(library.notes().len() >= 40);
    for (topic, (all, read)) in library.counts() {
        println!("{topic}: {all} notes, {read} with their source read");
    }
}

#[test]
fn the_lists_are_well_formed() {
    let text = |name: &str| std::fs::read_to_string(folder().join(name)).unwrap();
    assert!(!toml::from_str::<EvaluationFile>(&text("evaluation.toml")).unwrap().codes.is_empty());
    assert!(crate::consult::rules::diagnoses::is_well_formed(&text("first_listed.toml")));
}

#[test]
fn the_program_holds_the_notes_of_the_folder() {
    // A file that is new in the folder is embedded once this module is compiled again.
    assert_eq!(library().notes().len(), on_disk().notes().len(), "touch src/consult/guidance/library.rs");
}

/// The fullest books at hand: the starter, and one of the official files if it was built
/// (`CASECONSULTANT_FULL_BOOK`).
fn books() -> Vec<Codebook> {
    let full = std::env::var_os("CASECONSULTANT_FULL_BOOK").map(PathBuf::from).filter(|p| p.exists());
    match full {
        Some(path) => vec![Codebook::open(&path).unwrap()],
        None => {
            println!("skipped: codes that are not in the starter (CASECONSULTANT_FULL_BOOK names no book)");
            vec![Codebook::starter().unwrap()]
        }
    }
}

fn is_none(status: CodeStatus) -> bool {
    matches!(status, CodeStatus::Unknown | CodeStatus::NoData)
}

/// Whether a code is one on some day for which the note holds and tables are loaded.
fn is_known(book: &Codebook, note: &Note, code: &str, fits: fn(CodeStatus) -> bool) -> bool {
    let days = ["2025-11-15", "2024-08-15", "2025-06-01", "2026-02-01", "2024-02-01"];
    let days = days.iter().map(|d| d.parse().unwrap()).filter(|d| note.holds_on(*d));
    days.chain(note.from).chain(note.to).any(|day| {
        let entries = book.show(None, code, day).unwrap();
        entries.iter().any(|e| fits(e.status))
    })
}

#[test]
fn the_codes_of_notes_exist() {
    let full = std::env::var_os("CASECONSULTANT_FULL_BOOK").is_some();
    let mut wrong = Vec::new();
    for book in books() {
        for note in on_disk().notes() {
            let known = |code: &str, fits: fn(CodeStatus) -> bool| is_known(&book, note, code, fits);
            let triggers = note.triggers();
            let named = triggers
                .iter()
                .flat_map(|t| t.codes.iter().chain(&t.with_codes))
                .filter_map(|p| pattern::Pattern::read(p))
                .filter_map(|p| match p {
                    pattern::Pattern::Code(code) => Some(code),
                    _ => None,
                });
            for code in named.chain(note.suggest.iter().cloned()) {
                if note.historical || !full || known(&code, |s| !is_none(s)) {
                    continue;
                }
                wrong.push(format!("{}: {code} is in no release", note.id));
            }
            for code in &note.suggest {
                if full && !note.historical && !known(code, |s| s == CodeStatus::Valid) {
                    wrong.push(format!("{}: it suggests {code}, which is not valid", note.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A code that a statement names is asserted to the asker: it must be one.
#[test]
fn the_codes_that_statements_name_exist() {
    let Some(path) = std::env::var_os("CASECONSULTANT_FULL_BOOK").map(PathBuf::from) else {
        println!("skipped: CASECONSULTANT_FULL_BOOK names no book of the official files");
        return;
    };
    let book = Codebook::open(&path).unwrap();
    let form = regex::Regex::new(r"\b(?:\d{4}[0-9FTUM]|[A-V]\d{4}|[A-TV-Z]\d[0-9AB](?:\.[0-9A-Z]{1,4})?)\b")
        .unwrap();
    let mut wrong = Vec::new();
    for note in on_disk().notes().iter().filter(|n| !n.historical) {
        let said = format!("{} {}", note.headline.as_deref().unwrap_or_default(), note.statement);
        for found in form.find_iter(&said) {
            let code = found.as_str();
            if code != "B12" && !is_known(&book, note, code, |s| !is_none(s)) {
                wrong.push(format!("{}: {code} is in no release", note.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{} codes:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_must_be_spoken_of_is() {
    let text = std::fs::read_to_string(folder().join("coverage.toml")).unwrap();
    let wanted = coverage::read(&text).unwrap();
    let gaps = coverage::gaps(&wanted, &on_disk());
    assert!(gaps.is_empty(), "{} of {} subjects lack:\n{}", gaps.len(), wanted.len(), gaps.join("\n"));
}

fn small(notes: &str) -> Library {
    Library::read([("some.toml".to_owned(), notes)].into_iter())
}

const REST: &str =
    "topic = \"guidelines\"\nsource = \"Manual\"\nedition = \"2026\"\nsection = \"1\"\nread = true\n";

#[test]
fn what_is_not_well_formed_is_named_and_left_out() {
    let good = format!(
        "[[note]]\nid = \"good\"\ncodes = [\"E11.*\"]\nstatement = \"Something to be said here.\"\n{REST}"
    );
    assert_eq!(small(&good).problems(), [""; 0]);
    for (change, to, says) in [
        ("codes", "coeds", "unknown field"),
        ("E11.*", "E11.9-E11", "no range"),
        ("here.", "here", "full stop"),
        ("section = \"1\"", "section = \"\"", "section"),
        ("read = true", "read = false", "established"),
        ("\"good\"", "\"Good one\"", "lower-case"),
        ("guidelines", "weather", "topic"),
        ("codes = [\"E11.*\"]", "", "everybody"),
        ("codes = [\"E11.*\"]", "terms = [[]]", "empty"),
        ("codes = [\"E11.*\"]", "terms = [[\"CKD\"]]", "lower case"),
        (
            "codes = [\"E11.*\"]",
            "from = \"2026-01-02\"\nto = \"2026-01-01\"\nmodifiers = [\"25\"]",
            "last day",
        ),
        ("codes = [\"E11.*\"]", "modifiers = [\"025\"]", "no modifier"),
        ("[[note]]", "[[notes]]", "not known"),
        ("[[note]]", "[[note", "no TOML"),
    ] {
        let library = small(&good.replace(change, to));
        let said = library.problems().join("\n");
        assert!(said.contains(says), "{change} -> {to}: {said}");
        assert!(library.notes().is_empty(), "{change}");
    }
    let twice = small(&format!("{good}{good}"));
    assert_eq!((twice.notes().len(), twice.problems().len()), (1, 1));
}

fn ids(library: &Library, text: &str, codes: &[&str], modifiers: &[&str]) -> Vec<String> {
    let codes: Vec<String> = codes.iter().map(|c| (*c).to_owned()).collect();
    let modifiers: Vec<String> = modifiers.iter().map(|m| (*m).to_owned()).collect();
    let on = "2025-11-15".parse().unwrap();
    let matter =
        Matter { text, codes: &codes, modifiers: &modifiers, on, claim: None, topics: &[], averse: &[] };
    library.matching(matter).iter().map(|m| m.note.id.clone()).collect()
}

#[test]
fn the_more_exact_note_stands_first() {
    let note = |id: &str, trigger: &str| {
        format!("[[note]]\nid = \"{id}\"\n{trigger}\nstatement = \"Something to be said here.\"\n{REST}")
    };
    let library = small(
        &[
            note("range", "codes = [\"99202-99499\"]"),
            note("code", "codes = [\"99213\"]\nmodifiers = [\"25\"]"),
            note(
                "when",
                "when = [{ codes = [\"J3301\"] }, { terms = [[\"kenalog\"], [\"waste\", \"jz\"]] }]",
            ),
            note("not", "codes = [\"99213\"]\nwithout_codes = [\"G2211\"]\nwithout = [\"new patient\"]"),
        ]
        .concat(),
    );
    assert_eq!(library.problems(), [""; 0]);
    assert_eq!(ids(&library, "a visit", &["99213"], &["25"]), ["code", "not", "range"]);
    assert_eq!(ids(&library, "a visit", &["99213", "G2211"], &[]), ["range"]);
    assert_eq!(ids(&library, "new patients", &["99213"], &[]), ["range"]);
    assert_eq!(ids(&library, "kenalog, wasted", &[], &[]), ["when"]);
    assert_eq!(ids(&library, "kenalog", &[], &[]), [""; 0]);
    assert_eq!(ids(&library, "", &["J3301"], &[]), ["when"]);
}

#[test]
fn two_lists_of_codes_ask_for_two_codes() {
    let library = small(&format!(
        "[[note]]\nid = \"visits\"\ncodes = [\"99202-99499\"]\nwith_codes = [\"99202-99499\"]\nstatement = \"Something to be said here.\"\n{REST}"
    ));
    assert_eq!(ids(&library, "", &["99213"], &[]), [""; 0]);
    assert_eq!(ids(&library, "", &["99213", "99214"], &[]), ["visits"]);
}

#[test]
fn a_subject_is_said_once() {
    let note = |id: &str, terms: &str| {
        format!(
            "[[note]]\nid = \"{id}\"\nterms = {terms}\nstatement = \"Something to be said here.\"\n{REST}"
        )
    };
    let library = small(
        &[
            note("sepsis.plain", "[[\"sepsis\"]]"),
            note("sepsis.shock", "[[\"sepsis\"], [\"septic shock\"]]"),
            note("other", "[[\"septic shock\"]]"),
        ]
        .concat(),
    );
    let on = "2025-11-15".parse().unwrap();
    let text = "sepsis with septic shock";
    let matter = Matter { text, codes: &[], modifiers: &[], on, claim: None, topics: &[], averse: &[] };
    let (said, also) = choice::chosen(library.matching(matter), 4);
    let ids = |list: &[Match<'_>]| list.iter().map(|m| m.note.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&said), ["sepsis.shock", "other"]);
    assert_eq!(ids(&also), ["sepsis.plain"]);
}

#[test]
fn evaluation_and_management() {
    for code in ["99213", "92014", "G0463", "99291"] {
        assert!(is_evaluation(code), "{code}");
    }
    for code in ["20610", "J3301", "97110", "90834"] {
        assert!(!is_evaluation(code), "{code}");
    }
}
