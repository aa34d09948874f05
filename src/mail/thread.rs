//! What in a mail points to a case: our token, the ids it refers to, the number in its subject.

use crate::domain::{Address, CaseNumber, DeliveryId, MessageId, ThreadToken};
use crate::mail::ParsedMail;

/// The pointers of one mail, strongest first. Only a token proves that its sender has read a mail of the case;
/// whether the sender is known to the case is for the caller to check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadHints {
    /// Tokens, each once: of a plus-address of ours, then of our ids in In-Reply-To and References.
    pub tokens: Vec<ThreadToken>,
    /// All ids that the mail refers to, nearest first: In-Reply-To, then References from the end.
    pub references: Vec<MessageId>,
    /// The case number in the subject: a suggestion only, anyone can write it.
    pub case_number: Option<CaseNumber>,
    /// For a bounce: the delivery it speaks of, named in the returned mail.
    pub delivery: Option<DeliveryId>,
}

/// Collects the pointers. `ours` are the addresses of our mailboxes.
#[must_use]
pub fn hints(mail: &ParsedMail, ours: &[Address]) -> ThreadHints {
    let mut hints = ThreadHints {
        case_number: case_number(&mail.subject),
        delivery: mail.original_delivery.clone(),
        ..ThreadHints::default()
    };
    for address in &mail.addressed_to {
        if let Some((base, tag)) = address.split_tag()
            && ours.iter().any(|our| our.same_as(&base))
            && let Ok(token) = tag.parse()
        {
            add(&mut hints.tokens, token);
        }
    }
    let referred =
        mail.in_reply_to.iter().chain(mail.references.iter().rev()).chain(&mail.original_message_ids);
    for id in referred {
        if let Some(token) = id.token() {
            add(&mut hints.tokens, token);
        }
        add(&mut hints.references, id.clone());
    }
    hints
}

fn add<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

/// The last `[CC-2026-00042]` in a subject (brackets may be missing).
#[must_use]
pub fn case_number(subject: &str) -> Option<CaseNumber> {
    subject
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter_map(|word| word.parse::<CaseNumber>().ok())
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_pointer() {
        let token = ThreadToken::from_bytes([9; 10]);
        let other = ThreadToken::from_bytes([3; 10]);
        let mail = ParsedMail {
            subject: "AW: Re: laminectomy [cc-2026-00042]".to_owned(),
            addressed_to: vec![
                format!("consult+{token}@desk.example").parse().unwrap(),
                format!("else+{other}@desk.example").parse().unwrap(),
            ],
            references: vec![
                MessageId::new("first@coder.example").unwrap(),
                MessageId::new(&format!("cc.{other}.77@desk.example")).unwrap(),
            ],
            in_reply_to: vec![MessageId::new(&format!("cc.{other}.77@desk.example")).unwrap()],
            ..ParsedMail::default()
        };
        let hints = hints(&mail, &["Consult@desk.example".parse().unwrap()]);
        assert_eq!(hints.tokens, [token, other]);
        assert_eq!(hints.references.len(), 2);
        assert_eq!(hints.case_number, Some(CaseNumber { year: 2026, seq: 42 }));
        assert_eq!(case_number("the year 2026-00042"), None);
    }
}
