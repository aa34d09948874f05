//! What a reviewer must know of a question, and the answers to those that belong elsewhere.

use crate::consult::Question;
use crate::consult::facts::Facts;
use crate::consult::intent::{self, Elsewhere, Intent};
use crate::domain::{Answer, Verdict};

/// The flags of a question, before any rule is looked at.
pub(crate) fn flags(question: &Question, facts: &Facts, intent: Intent) -> Vec<String> {
    let mut out = Vec::new();
    let mut add = |on: bool, flag: &str| {
        if on {
            out.push(flag.to_owned());
        }
    };
    add(question.phi_present, "phi_present");
    add(!question.attachments_unread.is_empty(), "attachment_not_read");
    add(intent::is_instruction_like(&facts.text), "instruction_like_text");
    add(intent::is_compliance(&facts.text) || intent == Intent::Compliance, "compliance");
    add(matches!(intent, Intent::OutOfScope(_)), "out_of_scope");
    out
}

/// The reply to a question that is not for this desk.
pub(crate) fn decline(elsewhere: Elsewhere, flags: Vec<String>) -> Answer {
    let (summary, rest) = match elsewhere {
        Elsewhere::Thanks => (
            "A message of thanks; nothing is asked.",
            "You are welcome. Write to us whenever a coding question comes up.",
        ),
        Elsewhere::Job => (
            "Not a coding question: this address answers coding questions only.",
            "We cannot say anything about positions, pay or applications here; please write to the organisation's human resources department.",
        ),
        Elsewhere::Legal => (
            "This asks for legal advice, which this desk does not give.",
            "Please speak to an attorney or to your compliance officer. We are glad to answer questions about codes, modifiers and edits.",
        ),
        Elsewhere::Clinical => (
            "This asks for medical advice, which this desk does not give.",
            "Please ask the treating clinician or a pharmacist; if it is urgent, call the emergency services.",
        ),
    };
    Answer {
        verdict: Verdict::OutOfScope,
        summary: summary.to_owned(),
        text: format!("**{summary}**\n\n{rest}\n"),
        date_of_service: None,
        codes: Vec::new(),
        findings: Vec::new(),
        missing: Vec::new(),
        flags,
        sources: Vec::new(),
    }
}
