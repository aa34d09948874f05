//! The marks that mail programs put before the mail they quote, in the languages of the field (their words
//! stand in `words/`).

use std::sync::LazyLock;

/// How a line of an attribution says "wrote" (lower case).
static WROTE: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("words/wrote.txt").lines().collect());

/// How an attribution begins (lower case), if it is not with the writer. Each is followed by a blank or more letters.
static OPENERS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("words/openers.txt").lines().collect());

/// Separators with words, without their dashes (lower case).
static ORIGINAL: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("words/original.txt").lines().collect());

/// The same for a forwarded mail.
static FORWARDED: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("words/forwarded.txt").lines().collect());

/// Names of header fields in quoted mails (lower case): From, Date, To, Subject, and others., one line each.
static FIELDS: LazyLock<Vec<Vec<&str>>> =
    LazyLock::new(|| include_str!("words/fields.txt").lines().map(|l| l.split('|').collect()).collect());

/// A line that quotes: `>`, also behind initials (`AB> `).
pub(super) fn is_quoted(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with('>') || line.starts_with("&gt;") {
        // `>>>` alone may be a prompt in pasted code, but pasted code is rare below a signature.
        return true;
    }
    let initials = line.chars().take_while(char::is_ascii_uppercase).count();
    (2..=3).contains(&initials) && line.get(initials..).is_some_and(|r| r.starts_with("> "))
}

/// A rule: nothing but dashes, underscores, stars and the like; or the mark Gmail add-ons leave behind.
pub(super) fn is_separator(line: &str) -> bool {
    let line = line.trim();
    let rule = |c: char| {
        matches!(c, '-' | '_' | '=' | '*' | '~' | '#' | '+' | '—' | '–' | '─' | '━' | '\u{1427}' | '\u{200b}')
    };
    !line.is_empty()
        && line.chars().all(|c| rule(c) || c == ' ')
        && (line.chars().count() >= 2 || line == "\u{1427}" || line == "—")
}

fn plain(line: &str) -> String {
    line.trim_matches(|c: char| c.is_whitespace() || "-_=*>|#~—–+".contains(c))
        .trim_end_matches([':', '：'])
        .trim()
        .to_lowercase()
}

/// A forwarded mail begins.
pub(super) fn forward(lines: &[&str]) -> bool {
    let Some(line) = lines.first().filter(|l| l.len() < 200) else { return false };
    let marked = line.trim_start().starts_with(['-', '_', '=', '*']) || line.trim_end().ends_with(':');
    let text = plain(line);
    marked && FORWARDED.iter().any(|f| text.starts_with(f))
}

/// A separator below which all is quoted: `-----Original Message-----`, or a line that asks to write above it.
pub(super) fn cut_here(lines: &[&str]) -> bool {
    let Some(line) = lines.first().filter(|l| l.len() < 200) else { return false };
    let text = plain(line);
    let dashed = line.trim_start().starts_with(['-', '_', '=', '*', '—'])
        && line.trim_end().ends_with(['-', '_', '=', '*', '—']);
    if dashed && ORIGINAL.iter().any(|o| text == *o) {
        return true;
    }
    [
        "reply above this line",
        "write above this line",
        "type your reply above",
        "reply above the line",
        "antworten sie oberhalb dieser",
    ]
    .iter()
    .any(|w| text.contains(w))
        && text.len() < 120
}

/// `On Mon, 5 Jan 2026 at 09:03, Amy <amy@…> wrote:`, in one to four lines; how many.
pub(super) fn attribution(lines: &[&str]) -> Option<usize> {
    let length = attribution_length(lines)?;
    let first = lines.first()?.trim_start();
    let dated = first.chars().filter(char::is_ascii_digit).count() >= 3;
    let opens = dated && starts_with_opener(&first.to_lowercase());
    // The line before an attribution is the writer's. (One step only: a text could chain such lines for ever.)
    let own_line_before = length > 1 && !opens && lines.get(1..).and_then(attribution_length).is_some();
    (!own_line_before).then_some(length)
}

/// The same, without asking whether the first line belongs to it.
fn attribution_length(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim_start();
    if first.is_empty() || first.len() > 400 {
        return None;
    }
    // Gmail quotes an attribution within a quoted mail: that is not the outermost one.
    if is_quoted(first) {
        return None;
    }
    let mut joined = String::new();
    for (n, line) in lines.iter().take(4).enumerate() {
        let line = line.trim();
        // `<amy@clinic.example\n>:` is broken by the program that wrapped it.
        if line.is_empty() || (n > 0 && is_quoted(line) && line != ">:") {
            return None;
        }
        if n > 0 {
            joined.push(' ');
        }
        joined.push_str(line);
        if joined.len() > 500 {
            return None;
        }
        let quotes_next = lines
            .iter()
            .skip(n + 1)
            .find(|l| !l.is_empty())
            .is_some_and(|l| is_quoted(l) || l.starts_with('|'));
        if is_attribution(&joined, quotes_next) {
            return Some(n + 1);
        }
    }
    None
}

/// `quotes_next`: the next line with text is a quoted one.
fn is_attribution(line: &str, quotes_next: bool) -> bool {
    let lower = line.to_lowercase();
    let dashed = lower.starts_with("--") && lower.ends_with("--");
    let lower = lower.trim_matches(['*', '-', '|', ' ']);
    let ends = lower.ends_with([':', '：']) || lower.ends_with(":>") || lower.ends_with(": >") || dashed;
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let address = lower.contains('@') || lower.contains("[mailto:") || lower.contains("<mailto:");
    let tail: String = last_chars(lower, 160);
    let wrote = WROTE.iter().any(|w| contains_word(&tail, w));
    let opener = starts_with_opener(lower);
    // A date and an address or an opener: what a person writes has rarely all of them and a colon at the end.
    if wrote && ends && (address || (digits >= 2 && opener) || (digits >= 4 && quotes_next)) {
        return true;
    }
    // Without the verb (older Gmail, some web mailers): `2026-01-05 9:03 GMT+01:00 Amy <amy@x.example>:`.
    let dated = digits >= 5 && (lower.contains("20") || lower.contains("19"));
    let ends_in_address = lower.trim_end_matches([':', '：', ' ']).ends_with('>') && address;
    dated && opener && ends_in_address && (quotes_next || (ends && lower.contains(':')))
}

fn starts_with_opener(lower: &str) -> bool {
    let word: String = lower.chars().take_while(|c| c.is_alphanumeric()).collect();
    let date = word.len() >= 2 && word.chars().all(|c| c.is_ascii_digit());
    let weekday = |o: &str| o.chars().count() == 3 && word.starts_with(o) && word.chars().count() <= 12;
    date || OPENERS.iter().any(|o| *o == word || lower.starts_with(&format!("{o} ")) || weekday(o))
}

fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        before.is_none_or(|c| !c.is_alphabetic() || !c.is_ascii())
    })
}

fn last_chars(text: &str, count: usize) -> String {
    let total = text.chars().count();
    text.chars().skip(total.saturating_sub(count)).collect()
}

/// `From: … Sent: … To: … Subject: …`, as Outlook and many others write before a quoted mail; its length in lines.
pub(super) fn header_block(lines: &[&str]) -> Option<usize> {
    let first = field(lines.first()?)?;
    let mut seen = [false; 5];
    let mut length = 0;
    let mut gaps = 0;
    for (n, line) in lines.iter().take(16).enumerate() {
        if line.trim().is_empty() {
            gaps += 1;
            if gaps > 6 {
                break;
            }
            continue;
        }
        match field(line) {
            Some(kind) => {
                if let Some(slot) = seen.get_mut(kind) {
                    *slot = true;
                }
                length = n + 1;
            }
            // A long list of recipients goes on in the next line.
            None if gaps == 0
                && n > 0
                && length == n
                && (line.starts_with([' ', '\t']) || line.contains('@')) =>
            {
                length = n + 1
            }
            None => break,
        }
    }
    let [from, date, to, subject, _] = seen;
    let main = [from, date, to, subject].iter().filter(|s| **s).count();
    ((from && main >= 3) || (first == 1 && date && to && subject)).then_some(length)
}

/// Which field a line is: 0 From, 1 Date, 2 To, 3 Subject, 4 another.
fn field(line: &str) -> Option<usize> {
    let line = line.trim_start_matches(['>', ' ', '*', '|', '\t']);
    let (name, value) = line.split_once([':', '：'])?;
    let name = name.trim_matches(|c: char| c == '*' || c.is_whitespace()).to_lowercase();
    if name.chars().count() > 20 || value.trim_matches(['*', ' ']).is_empty() {
        return None;
    }
    FIELDS.iter().position(|names| names.contains(&name.as_str()))
}
