//! Any text is a question: a draft follows, and it asserts no code that the book lacks.

#![no_main]

use std::sync::LazyLock;

use caseconsultant::codebook::Codebook;
use caseconsultant::consult::{Question, consult};
use caseconsultant::domain::CodeStatus;
use libfuzzer_sys::fuzz_target;

static BOOK: LazyLock<Codebook> = LazyLock::new(|| Codebook::starter().unwrap());

fuzz_target!(|text: String| {
    let question = Question {
        subject: String::new(),
        text,
        date: "2026-01-05".parse().unwrap(),
        dos_override: None,
        phi_present: false,
        attachments_unread: Vec::new(),
        earlier: Vec::new(),
    };
    let answer = consult(&question, &BOOK).unwrap();
    for code in answer.codes.iter().filter(|c| c.status == CodeStatus::Valid) {
        let found = BOOK.show(Some(code.system), &code.code, question.date).unwrap();
        assert!(!found.is_empty(), "{} is asserted and in no table", code.code);
    }
});
