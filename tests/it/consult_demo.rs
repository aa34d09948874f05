//! The demo's own questions, answered from the starter codebook alone: each draft as a reviewed snapshot.

use std::path::Path;

use caseconsultant::codebook::Codebook;
use caseconsultant::consult::{Question, consult};
use caseconsultant::domain::{Answer, CivilDate, Verdict};
use caseconsultant::mail::parse_guarded;

fn answer(name: &str) -> Answer {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo/questions").join(name);
    let mail = parse_guarded(std::fs::read(path).unwrap()).unwrap();
    let question = Question {
        subject: mail.subject.clone(),
        text: mail.reply_text.clone(),
        date: "2026-11-20".parse::<CivilDate>().unwrap(),
        dos_override: None,
        phi_present: name.starts_with("08"),
        attachments_unread: Vec::new(),
        earlier: Vec::new(),
        context: Vec::new(),
    };
    consult(&question, &Codebook::starter().unwrap()).unwrap()
}

macro_rules! drafts {
    ($($test:ident: $file:literal => $verdict:ident,)+) => {$(
        #[test]
        fn $test() {
            let answer = answer($file);
            insta::assert_snapshot!(stringify!($test), format!(
                "verdict: {}\nflags: {:?}\nmissing: {:?}\n\n{}", answer.verdict, answer.flags, answer.missing, answer.text));
            assert_eq!(answer.verdict, Verdict::$verdict);
        }
    )+};
}

drafts! {
    disc_surgery: "01-disc-surgery-two-levels.eml" => Yes,
    visit_and_injection: "02-visit-and-knee-injection.eml" => Conditional,
    ms_code: "03-ms-code-rejected.eml" => Answer,
    acromioplasty: "04-acromioplasty-denied.eml" => No,
    eight_units: "05-eight-units-of-exercise.eml" => Answer,
    diabetes: "06-diabetes-with-kidney-disease.eml" => Answer,
    therapy_and_visit: "07-therapy-and-visit.eml" => NeedInfo,
    two_polyps: "08-two-polyps-with-chart-copy.eml" => Conditional,
    thanks: "09-thanks.eml" => OutOfScope,
    looking_for_work: "11-looking-for-work.eml" => OutOfScope,
}
