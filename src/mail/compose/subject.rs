//! The subject of a reply.

use crate::domain::CaseNumber;
use crate::mail::decode;

/// What mail programs put before a subject they answer or forward, in the languages of the field.
const MARKS: &[&str] = &[
    "re", "aw", "antw", "antwort", "sv", "vs", "vá", "odp", "rv", "ref", "res", "rif", "r", "bls", "ynt",
    "yanıt", "fw", "fwd", "wg", "tr", "vl", "enc", "rv", "i", "doorst", "回复", "回覆", "答复", "转发",
    "轉寄", "返信", "转",
];

/// The longest subject that is repeated; what is longer is cut at a word.
const MAX: usize = 180;

/// `Re: SUBJECT [CC-2026-00042]`: the masked subject with every earlier `Re:`, `AW:`, `Fwd:` … and case tag
/// taken off, so that neither piles up.
#[must_use]
pub fn subject_for_reply(masked_subject: &str, number: CaseNumber) -> String {
    let mut subject = without_tags(&decode::one_line(masked_subject));
    while let Some(shorter) = without_mark(&subject) {
        subject = shorter.to_owned();
    }
    let subject = shortened(&subject);
    if subject.is_empty() {
        format!("Re: your question [{number}]")
    } else {
        format!("Re: {subject} [{number}]")
    }
}

fn without_mark(subject: &str) -> Option<&str> {
    let (head, rest) = subject.split_once([':', '：'])?;
    // `Re[2]:` and `Re (3):` count the answers.
    let head = head.trim().trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^ ".contains(c));
    let known = MARKS.iter().any(|m| *m == head.to_lowercase());
    known.then(|| rest.trim_start())
}

fn without_tags(subject: &str) -> String {
    let mut out = String::with_capacity(subject.len());
    let mut rest = subject;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once(']') {
            Some((tag, next)) if tag.trim().parse::<CaseNumber>().is_ok() => rest = next,
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    decode::one_line(&out)
}

fn shortened(subject: &str) -> String {
    if subject.chars().count() <= MAX {
        return subject.to_owned();
    }
    let cut: String = subject.chars().take(MAX).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
    format!("{}…", whole.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const N: CaseNumber = CaseNumber { year: 2026, seq: 42 };

    #[test]
    fn marks_and_tags_do_not_pile_up() {
        for (from, to) in [
            ("63020 and 63030", "Re: 63020 and 63030 [CC-2026-00042]"),
            ("RE: AW: Fwd: SV: 63020 [CC-2026-00042]", "Re: 63020 [CC-2026-00042]"),
            ("Re[2]: Re (3): x", "Re: x [CC-2026-00042]"),
            ("回复：x", "Re: x [CC-2026-00042]"),
            ("[EXT] Re: x", "Re: [EXT] Re: x [CC-2026-00042]"),
            ("Modifier 59: when?", "Re: Modifier 59: when? [CC-2026-00042]"),
            ("", "Re: your question [CC-2026-00042]"),
            ("Re: [CC-2025-00001] a\r\nBcc: x@y.example", "Re: a Bcc: x@y.example [CC-2026-00042]"),
        ] {
            assert_eq!(subject_for_reply(from, N), to);
        }
    }

    proptest! {
        #[test]
        fn doing_it_twice_changes_nothing(subject in "(re: |aw: |\\[cc-2026-00042\\]|\\PC| ){0,60}") {
            let once = subject_for_reply(&subject, N);
            prop_assert_eq!(subject_for_reply(&once, N), once);
        }
    }
}
