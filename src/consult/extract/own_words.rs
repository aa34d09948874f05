//! What of a mail is the writer's question: without the signature, the disclaimer and the quoted thread. A signature
//! holds zip codes, suites and "Wound Care Center"; none of it is asked about.

use std::borrow::Cow;

/// A signature longer than this, in written lines, is none.
const MOST_LINES: usize = 14;
/// Lines longer than this are sentences, not lines of a signature.
const LONGEST_LINE: usize = 120;

/// How a closing line begins (lower case, without its stop).
const CLOSINGS: &[&str] = &[
    "thanks",
    "thank you",
    "thx",
    "ty",
    "tia",
    "many thanks",
    "with thanks",
    "regards",
    "best",
    "best regards",
    "kind regards",
    "warm regards",
    "warmly",
    "sincerely",
    "respectfully",
    "cheers",
    "yours truly",
    "yours",
    "cordially",
    "have a great day",
    "have a good day",
    "v/r",
    "appreciate it",
    "appreciate your help",
    "much appreciated",
];
/// What may follow a closing on its line.
const CLOSING_TAILS: &[&str] = &[
    "",
    "so much",
    "very much",
    "a lot",
    "a bunch",
    "again",
    "in advance",
    "all",
    "team",
    "for your help",
    "for the help",
    "for your time",
    "for any help",
    "for helping",
    "much",
    "and have a great day",
    "for your assistance",
];
/// How a disclaimer begins (lower case).
const DISCLAIMERS: &[&str] = &[
    "confidentiality notice",
    "confidential notice",
    "confidentiality statement",
    "confidentiality:",
    "notice: this e",
    "notice of confidentiality",
    "this email and any",
    "this e-mail and any",
    "this message and any",
    "this communication and any",
    "this email is intended",
    "this e-mail is intended",
    "this message is intended",
    "this email message",
    "this e-mail message",
    "this message contains",
    "this email may contain",
    "this e-mail may contain",
    "this transmission",
    "the information contained in this",
    "the information in this e",
    "the contents of this e",
    "privileged and confidential",
    "disclaimer:",
    "hipaa notice",
    "if you are not the intended recipient",
    "if you have received this",
    "please consider the environment",
    "caution: this email",
    "external email",
    "[external]",
];
/// Words in the writer's part that send the reader to the quoted mail.
const SEE_BELOW: &[&str] = &[
    "see below",
    "question below",
    "email below",
    "e-mail below",
    "message below",
    "below is",
    "per below",
    "from below",
    "thread below",
    "forwarding",
    "forwarded",
    "fwd",
    "fyi",
    "as below",
    "the below",
];

/// The writer's own words. Never empty where the text is not.
pub fn own_words(text: &str) -> Cow<'_, str> {
    let lines: Vec<&str> = text.lines().collect();
    let mut end = lines.len();
    let mut cut = false;
    if let Some(at) = quote_start(&lines).filter(|at| is_written(lines.get(..*at))) {
        (end, cut) = (at, true);
    }
    if let Some(at) = disclaimer(lines.get(..end).unwrap_or_default())
        && is_written(lines.get(..at))
    {
        (end, cut) = (at, true);
    }
    let head = lines.get(..end).unwrap_or_default();
    if let Some(at) = signature(head) {
        (end, cut) = (at, true);
    }
    // A banner above the mail ("CAUTION: external email") is no word of the writer's.
    let first = usize::from(lines.first().is_some_and(|l| is_disclaimer(l)) && end > 1);
    if !cut && first == 0 {
        return Cow::Borrowed(text);
    }
    let kept = lines.get(first..end).unwrap_or_default();
    if !is_written(Some(kept)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(kept.join("\n").trim_end().to_owned())
}

fn is_written(lines: Option<&[&str]>) -> bool {
    lines.unwrap_or_default().iter().any(|l| l.chars().any(char::is_alphanumeric))
}

/// The line where a quoted thread begins, if all below it is quoted or headed as a mail.
fn quote_start(lines: &[&str]) -> Option<usize> {
    let mut above = String::new();
    for (at, line) in lines.iter().enumerate() {
        let lower = line.trim().to_lowercase();
        let next = lines.get(at + 1).map_or(String::new(), |l| l.trim().to_lowercase());
        let attribution = (lower.starts_with("on ")
            && (lower.ends_with("wrote:") || next.ends_with("wrote:")))
            || lower.ends_with("wrote:") && lower.contains('@');
        let divider = lower.starts_with("-----original message") || lower.starts_with("________________");
        let headed = lower.starts_with("from:")
            && lines.get(at + 1..).unwrap_or_default().iter().take(4).any(|l| {
                let l = l.trim().to_lowercase();
                l.starts_with("sent:")
                    || l.starts_with("date:")
                    || l.starts_with("to:")
                    || l.starts_with("subject:")
            });
        let quoted = line.trim_start().starts_with('>');
        if attribution || divider || headed || quoted {
            let below = lines.get(at..).unwrap_or_default();
            // Own words between or below quoted lines: an answer in pieces is kept whole.
            let marked = |l: &&str| l.trim_start().starts_with('>');
            let any_marked = below.iter().any(&marked);
            let after = below.iter().skip(if attribution { 2 } else { 0 });
            let unmarked = || after.filter(|l| !l.trim().is_empty()).any(|l| !marked(l));
            let pieces = (quoted || attribution) && any_marked && unmarked();
            // Who names a code asks above, whatever is forwarded below.
            let coded = above.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 4);
            let sent_below = !coded && SEE_BELOW.iter().any(|w| above.contains(w));
            return (!pieces && !sent_below).then_some(at);
        }
        above.push_str(&lower);
        above.push('\n');
    }
    None
}

fn is_disclaimer(line: &str) -> bool {
    let lower = line.trim().trim_start_matches(['*', '_', ' ', '-']).to_lowercase();
    DISCLAIMERS.iter().any(|d| lower.starts_with(d))
}

/// The line where a disclaimer begins that no question follows.
fn disclaimer(lines: &[&str]) -> Option<usize> {
    let at = lines.iter().skip(1).position(|l| is_disclaimer(l))? + 1;
    let asks = lines.get(at..).unwrap_or_default().iter().any(|l| l.trim_end().ends_with('?'));
    (!asks).then_some(at)
}

/// The line after the closing ("Thanks,") or the delimiter with which a signature begins.
fn signature(lines: &[&str]) -> Option<usize> {
    let delimiter = lines.iter().rposition(|l| matches!(l.trim_end(), "--" | "—" | "-- "));
    if let Some(at) = delimiter
        && is_written(lines.get(..at))
        && is_block(lines.get(at + 1..).unwrap_or_default())
    {
        return Some(at);
    }
    let from = lines.len().saturating_sub(MOST_LINES * 2 + 2);
    for (at, line) in lines.iter().enumerate().skip(from) {
        let Some(named) = closing(line) else { continue };
        let below = lines.get(at + 1..).unwrap_or_default();
        if !is_block(below) {
            continue;
        }
        // The closing word stays: a mail of thanks is known by it. A name on the same line goes with the signature.
        let keep = at + usize::from(!named);
        if is_written(lines.get(..keep)) && keep < lines.len() {
            return Some(keep);
        }
    }
    let contact = contact_block(lines)?;
    is_written(lines.get(..contact)).then_some(contact)
}

/// Whether a line is a closing, and if so whether a name follows on it.
fn closing(line: &str) -> Option<bool> {
    let line = line.trim().trim_start_matches(['-', '–', '—', '~', ' ']);
    if line.is_empty() || line.len() > 60 || line.contains('?') {
        return None;
    }
    let lower = line.to_lowercase();
    let begins =
        |c: &&&str| lower.strip_prefix(**c).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    let word = CLOSINGS.iter().filter(begins).max_by_key(|c| c.len())?;
    let rest = line.get(word.len()..)?.trim_start();
    let bare = rest.trim_matches([',', '.', '!', ' ', '-', '–', '—', ':', ')', ';']).to_lowercase();
    if CLOSING_TAILS.contains(&bare.as_str()) {
        return Some(false);
    }
    // "Thanks, Mary Smith CPC": the rest is a name, each word of it in capitals, or a single word.
    let parted = rest.starts_with([',', '!', '-', '.', '–', '—']);
    let names: Vec<&str> = rest
        .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\'' || c == '.'))
        .filter(|w| !w.trim_matches(['-', '.']).is_empty())
        .collect();
    let capital = |w: &&str| w.trim_start_matches(['-', '.']).starts_with(char::is_uppercase);
    let name = parted
        && names.len() <= 6
        && names.iter().all(|w| !w.chars().any(|c| c.is_ascii_digit()))
        && (names.iter().all(capital) || names.len() == 1);
    name.then_some(true)
}

/// Whether lines may be a signature: few, short, asking nothing, listing no codes.
fn is_block(lines: &[&str]) -> bool {
    let written: Vec<&str> = lines.iter().map(|l| l.trim()).filter(|l| !l.is_empty()).collect();
    written.len() <= MOST_LINES && written.iter().all(|l| is_signature_line(l))
}

fn is_signature_line(line: &str) -> bool {
    let lower = line.to_lowercase();
    let asks = line.contains('?')
        || ["ps", "p.s", "also", "one more", "edit:", "dos", "cpt", "dx"]
            .iter()
            .any(|w| lower.strip_prefix(w).is_some_and(|r| !r.starts_with(char::is_alphabetic)));
    let listed = lower.split_whitespace().next().is_some_and(|w| {
        let w = w.trim_matches(['(', ')', ',', ';', '*']);
        let head: String = w.chars().take(5).collect();
        let five = head.len() == 5 && head.chars().skip(1).all(|c| c.is_ascii_digit());
        let numbered = w.ends_with([')', '.']) && w.len() <= 3 && w.starts_with(|c: char| c.is_ascii_digit());
        // `20610-RT` or `99213,` begins a list of codes; `20610 Main St` does not.
        numbered
            || (five
                && (w.len() == 5 && lower.split_whitespace().count() == 1
                    || w.get(5..).is_some_and(|r| r.starts_with('-') && r.len() == 3)))
    });
    let sentence = line.ends_with('.') && line.split_whitespace().count() > 9;
    !asks && !listed && !sentence && line.chars().count() <= LONGEST_LINE
}

/// A block at the end that no closing leads in, but that holds a name's contact: phone, fax, mail or web address.
fn contact_block(lines: &[&str]) -> Option<usize> {
    let last = lines.iter().rposition(|l| !l.trim().is_empty())?;
    let blank = lines.get(..last)?.iter().rposition(|l| l.trim().is_empty())?;
    let block = lines.get(blank + 1..=last)?;
    let contact = |l: &&str| {
        let lower = l.to_lowercase();
        let digits = l.chars().filter(char::is_ascii_digit).count();
        let phone = digits >= 10
            && ["phone", "tel", "fax", "cell", "office:", "direct", "p:", "f:", "o:", "(", "ph"]
                .iter()
                .any(|w| lower.contains(w));
        phone || lower.contains("www.") || (lower.contains('@') && !lower.contains(' '))
    };
    (block.len() >= 2 && is_block(block) && block.iter().any(contact)).then_some(blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &str = "Can 63020 and 63030 be billed together?";

    #[test]
    fn signatures_and_threads_are_not_read() {
        for tail in [
            "\n\nThanks,\nMary Smith, CPC\nCoder II | Spine Group of Texas\n123 Main St Ste 20610\nDallas, TX 75201\nPhone: (555) 123-4567",
            "\nThank you!\nMary",
            "\n\n--\nMary Smith\nWound Care Center",
            "\n\nBest regards,\n\nJ. Doe RN, CPC\nj.doe@example.org\n\nCONFIDENTIALITY NOTICE: This e-mail may contain protected health information.",
            "\n\nOn Tue, Mar 4, 2025 at 9:00 AM Desk <desk@example.org> wrote:\n> 99213-25 was the old question?\n> Medicare",
            "\n\n-----Original Message-----\nFrom: Desk\nSent: Monday\nSubject: RE: 20610\n\n20610 was paid by Aetna.",
            "\n\nFrom: Desk\nSent: Monday, March 3, 2025\nTo: Mary\n\n20610 was paid",
            "\n\nMary Smith\nSpine Group\nPhone 555-123-4567 fax 555-123-9999",
            "\nThanks, Mary Smith CPC",
        ] {
            let text = format!("{QUESTION}{tail}");
            let own = own_words(&text);
            assert!(own.starts_with(QUESTION), "{own}");
            assert!(!own.contains("Mary") && !own.contains("20610") && !own.contains("Doe"), "{own}");
        }
    }

    #[test]
    fn no_word_of_the_writer_is_lost() {
        for text in [
            QUESTION,
            "Thanks for the last answer. Now: 99213 with 20610?",
            "Thanks!\nOne more: is 20610 bilateral?",
            "See below\n> is 99213 ok with 20610?",
            "Thanks",
            "Thanks,\n99213-25\n20610-RT\nIs this right?",
            "claim lines\n\n--\n99213-25\n20610-RT",
            "> is 99213 ok?\nyes\n> and 20610?\nno, why?",
        ] {
            assert_eq!(own_words(text), text);
        }
    }
}
