//! How the pages call things: a stored word with what a person reads.

use serde::Serialize;

use crate::consult::verify::Weight;
use crate::domain::{CaseState, CodeStatus, DeliveryKind, DeliveryState, MailClass, Outcome, Verdict};

/// A stored word (it decides the colour) with its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Badge {
    pub(crate) word: String,
    pub(crate) label: String,
}

fn badge(word: &str, label: &str) -> Badge {
    Badge { word: word.to_owned(), label: label.to_owned() }
}

pub(crate) fn state(state: CaseState) -> Badge {
    let label = match state {
        CaseState::Received => "received",
        CaseState::Drafting => "being drafted",
        CaseState::InReview => "to review",
        CaseState::Approved => "approved",
        CaseState::AwaitingAsker => "asked back",
        CaseState::Answered => "answered",
        CaseState::Undeliverable => "undeliverable",
        CaseState::Declined => "declined",
        CaseState::Closed => "closed",
    };
    badge(state.as_str(), label)
}

pub(crate) fn verdict(verdict: Verdict) -> Badge {
    let label = match verdict {
        Verdict::Yes => "yes",
        Verdict::No => "no",
        Verdict::Conditional => "only if",
        Verdict::Answer => "answer",
        Verdict::NeedInfo => "needs information",
        Verdict::OutOfScope => "out of scope",
    };
    badge(verdict.as_str(), label)
}

pub(crate) fn outcome(outcome: Outcome) -> Badge {
    let label = match outcome {
        Outcome::Pass => "pass",
        Outcome::Deny => "deny",
        Outcome::Bypassable => "deny unless modifier",
        Outcome::Warn => "look",
        Outcome::Info => "info",
        Outcome::NoData => "no data",
    };
    badge(outcome.as_str(), label)
}

pub(crate) fn weight(weight: Weight) -> Badge {
    match weight {
        Weight::Blocks => badge("deny", "contradicts a table"),
        Weight::Warns => badge("warn", "look"),
        Weight::Note => badge("info", "note"),
    }
}

pub(crate) fn code_status(status: CodeStatus) -> Badge {
    let label = match status {
        CodeStatus::Valid => "valid",
        CodeStatus::Header => "not billable",
        CodeStatus::NotYetValid => "not yet valid",
        CodeStatus::Ended => "ended",
        CodeStatus::Unknown => "unknown",
        CodeStatus::NoData => "no data",
    };
    badge(status.as_str(), label)
}

pub(crate) fn delivery(state: DeliveryState) -> Badge {
    let label = match state {
        DeliveryState::Queued => "waiting to go out",
        DeliveryState::Claimed | DeliveryState::Transmitting => "going out",
        DeliveryState::Uncertain => "uncertain",
        DeliveryState::Sent => "sent",
        DeliveryState::Failed => "failed",
        DeliveryState::Bounced => "came back",
        DeliveryState::Cancelled => "cancelled",
    };
    badge(state.as_str(), label)
}

pub(crate) fn kind(kind: DeliveryKind) -> &'static str {
    match kind {
        DeliveryKind::Answer => "answer",
        DeliveryKind::AskBack => "question back",
        DeliveryKind::Decline => "refusal",
        DeliveryKind::Acknowledgement => "acknowledgement",
        DeliveryKind::Notice => "notice",
    }
}

/// The class of a mail that no person wrote; nothing for one that a person wrote.
pub(crate) fn class(word: &str) -> String {
    match word.parse() {
        Ok(MailClass::Human) | Err(_) => String::new(),
        Ok(class) => class.as_str().replace('_', " "),
    }
}

pub(crate) fn flag(word: &str) -> Badge {
    let label = match word {
        "phi_present" => "patient data masked",
        "compliance" => "compliance",
        "not_verified" => "not verified",
        "instruction_like_text" => "text reads like an instruction",
        other => return badge(other, &other.replace('_', " ")),
    };
    badge(word, label)
}

/// A span of time, roughly: `< 1 min`, `12 min`, `5 h`, `3 d`.
pub(crate) fn span(seconds: i64) -> String {
    match seconds.max(0) {
        s if s < 60 => "< 1 min".to_owned(),
        s if s < 3_600 => format!("{} min", s / 60),
        s if s < 2 * 86_400 => format!("{} h", s / 3_600),
        s => format!("{} d", s / 86_400),
    }
}

/// A size in bytes, roughly.
pub(crate) fn size(bytes: i64) -> String {
    match bytes.max(0) {
        b if b < 1_000 => format!("{b} B"),
        b if b < 1_000_000 => format!("{} KB", b / 1_000),
        b => format!("{}.{} MB", b / 1_000_000, b % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_are_rough_but_right() {
        let spans = [(0, "< 1 min"), (60, "1 min"), (3_599, "59 min"), (90_000, "25 h"), (200_000, "2 d")];
        for (seconds, text) in spans {
            assert_eq!(span(seconds), text);
        }
        assert_eq!(size(35_400_000), "35.4 MB");
        assert_eq!(size(-1), "0 B");
    }
}
