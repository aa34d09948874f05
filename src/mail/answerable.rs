//! Whom we answer: the one address in From, if it is a person's and not ours.

use crate::domain::{Address, Mailbox};
use crate::mail::ParsedMail;

/// The recipient of an answer, and what the reviewer should know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where the answer goes.
    pub to: Mailbox,
    /// Reply-To addresses in another domain than From: shown, never used by themselves.
    pub other_reply_to: Vec<Address>,
    /// Colleagues (other recipients in the asker's domain) that the reviewer may add as Cc.
    pub offered_cc: Vec<Mailbox>,
}

/// Why a mail has no recipient that may be answered without a person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswerable {
    /// A machine wrote it.
    #[error("it was written by a machine: such mail is filed and never answered")]
    Machine,
    /// From holds no readable address.
    #[error("it has no readable From address: choose a recipient")]
    NoFrom,
    /// From holds several addresses.
    #[error("it has more than one From address: choose a recipient")]
    SeveralFrom,
    /// From is one of our own mailboxes: answering would make a loop.
    #[error("it comes from an address of this desk: answering it would make a loop")]
    Ours,
}

/// Decides. `ours` are the addresses of our mailboxes; a plus-address of theirs is ours too.
///
/// # Errors
/// If a person has to decide, or nobody is to be answered.
pub fn recipient(mail: &ParsedMail, ours: &[Address]) -> Result<Recipient, NotAnswerable> {
    if mail.is_machine() {
        return Err(NotAnswerable::Machine);
    }
    if mail.delivery_header.is_some() {
        return Err(NotAnswerable::Ours);
    }
    let [from] = mail.from.as_slice() else {
        return Err(if mail.from.is_empty() { NotAnswerable::NoFrom } else { NotAnswerable::SeveralFrom });
    };
    if is_ours(&from.address, ours) {
        return Err(NotAnswerable::Ours);
    }
    let same_domain = |a: &Address| a.domain() == from.address.domain();
    let mut to = from.clone();
    if let [wanted] = mail.reply_to.as_slice()
        && same_domain(&wanted.address)
        && !is_ours(&wanted.address, ours)
    {
        to = wanted.clone();
    }
    let other_reply_to = mail
        .reply_to
        .iter()
        .map(|m| m.address.clone())
        .filter(|a| !a.same_as(&to.address) && !a.same_as(&from.address))
        .collect();
    let mut offered_cc: Vec<Mailbox> = Vec::new();
    for colleague in mail.to.iter().chain(&mail.cc) {
        let address = &colleague.address;
        if same_domain(address)
            && !is_ours(address, ours)
            && !address.same_as(&to.address)
            && !offered_cc.iter().any(|m| m.address.same_as(address))
        {
            offered_cc.push(colleague.clone());
        }
    }
    Ok(Recipient { to, other_reply_to, offered_cc })
}

/// Whether an address, with or without a plus-tag, is one of ours.
#[must_use]
pub fn is_ours(address: &Address, ours: &[Address]) -> bool {
    let base = address.split_tag().map(|(base, _)| base);
    ours.iter().any(|our| our.same_as(address) || base.as_ref().is_some_and(|b| our.same_as(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MailClass;

    fn mailbox(address: &str) -> Mailbox {
        Mailbox { name: String::new(), address: address.parse().unwrap() }
    }

    fn decide(from: &[&str], reply_to: &[&str]) -> Result<Recipient, NotAnswerable> {
        let mail = ParsedMail {
            from: from.iter().map(|a| mailbox(a)).collect(),
            reply_to: reply_to.iter().map(|a| mailbox(a)).collect(),
            cc: vec![mailbox("boss@clinic.example"), mailbox("x@else.example")],
            ..ParsedMail::default()
        };
        recipient(&mail, &["consult@desk.example".parse().unwrap()])
    }

    #[test]
    fn answers_exactly_one_from() {
        assert_eq!(decide(&[], &[]), Err(NotAnswerable::NoFrom));
        assert_eq!(decide(&["a@x.example", "b@x.example"], &[]), Err(NotAnswerable::SeveralFrom));
        assert_eq!(decide(&["Consult+tag@desk.example"], &[]), Err(NotAnswerable::Ours));
        let found = decide(&["amy@clinic.example"], &["office@clinic.example"]).unwrap();
        assert_eq!(found.to, mailbox("office@clinic.example"));
        assert_eq!(found.offered_cc, [mailbox("boss@clinic.example")]);
        let found = decide(&["amy@clinic.example"], &["evil@else.example"]).unwrap();
        assert_eq!(found.to, mailbox("amy@clinic.example"));
        assert_eq!(found.other_reply_to, ["evil@else.example".parse().unwrap()]);
    }

    #[test]
    fn never_answers_a_machine() {
        let mail = ParsedMail {
            class: MailClass::AutoReply,
            from: vec![mailbox("amy@clinic.example")],
            ..ParsedMail::default()
        };
        assert_eq!(recipient(&mail, &[]), Err(NotAnswerable::Machine));
    }
}
