//! What the person wrote, without the mail that is quoted below and without the signature.
//!
//! Losing a word that a person wrote is the worst fault: so text is taken off only below a mark that mail
//! programs write (an attribution, a header block, a separator, `>`), only while something remains above it,
//! and never when own words stand below or between the quoted lines. What was taken off stays visible.

mod marks;
mod signature;

use marks::{is_quoted, is_separator};

/// A mail's text in two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// What the person wrote; when in doubt more.
    pub reply: String,
    /// What was taken off, in the order of the mail.
    pub trimmed: String,
}

/// More lines than this are not looked at: the rest of so long a text is quoted or pasted.
const MAX_LINES: usize = 20_000;

/// Splits a text (with `\n` line ends).
#[must_use]
pub fn split(text: &str) -> Split {
    let lines: Vec<&str> = text.lines().map(|l| if l == "-- " { l } else { l.trim_end() }).collect();
    if lines.len() > MAX_LINES {
        return whole(text);
    }
    let (quoted_above, rest) = lines.split_at_checked(leading_quote(&lines)).unwrap_or((&[], &lines));
    let (own, history) = rest.split_at_checked(history_start(rest)).unwrap_or((rest, &[]));
    let (own, signature) = own.split_at_checked(signature::start(own)).unwrap_or((own, &[]));
    let (own, quoted) = own.split_at_checked(trailing_quote(own)).unwrap_or((own, &[]));
    // A mobile program puts its line before the quoted mail.
    let (own, sent_from) = own.split_at_checked(signature::start(own)).unwrap_or((own, &[]));
    let reply = trimmed_end(own).join("\n");
    if reply.trim().is_empty() {
        return whole(text);
    }
    let taken = [quoted_above, sent_from, quoted, signature, history].concat();
    Split {
        reply: reply.trim_matches('\n').trim_end().to_owned(),
        trimmed: taken.join("\n").trim().to_owned(),
    }
}

fn whole(text: &str) -> Split {
    Split { reply: text.trim_matches(['\n', '\r']).trim_end().to_owned(), trimmed: String::new() }
}

/// The line where the quoted mail begins; the number of lines if none does.
fn history_start(lines: &[&str]) -> usize {
    let none = lines.len();
    let mut at = 0;
    while let Some(rest) = lines.get(at..).filter(|r| !r.is_empty()) {
        let above = lines.get(..at).unwrap_or_default();
        let begun = above.iter().any(|l| !l.is_empty() && !is_separator(l) && !is_quoted(l));
        if marks::forward(rest) {
            // The forwarded mail is what the person asks about.
            return none;
        }
        if marks::cut_here(rest) && begun {
            return if announces_answers_below(above) { none } else { at };
        }
        if let Some(length) = marks::attribution(rest).or_else(|| marks::header_block(rest)) {
            let below = rest.get(length..).unwrap_or_default();
            if begun && !has_own_words(below) && !announces_answers_below(above) {
                return at;
            }
            // Own words below or between: an answer in pieces is kept whole.
            return none;
        }
        at += 1;
    }
    none
}

/// The length of an attribution with one block of quoted lines at the very beginning, when all below is the
/// writer's: an answer below the whole quoted mail. With more quoted lines below it is an answer in pieces.
fn leading_quote(lines: &[&str]) -> usize {
    let blank = lines.iter().take_while(|l| l.is_empty()).count();
    let rest = lines.get(blank..).unwrap_or_default();
    let Some(length) = marks::attribution(rest) else { return 0 };
    let block = rest.iter().skip(length).take_while(|l| l.is_empty() || is_quoted(l)).count();
    let quotes = rest.iter().skip(length).take(block).any(|l| is_quoted(l));
    let below = rest.get(length + block..).unwrap_or_default();
    let own = below.get(..signature::start(below)).unwrap_or_default();
    let written = own.iter().any(|l| !l.is_empty() && !is_separator(l));
    let more = (0..below.len()).any(|at| {
        below.get(at..).is_some_and(|b| {
            b.first().is_some_and(|l| is_quoted(l)) || marks::attribution(b).is_some() || marks::forward(b)
        })
    });
    if quotes && written && !more { blank + length + block } else { 0 }
}

/// `See my answers below in red`: in the quoted mail are answers that nothing else marks.
fn announces_answers_below(above: &[&str]) -> bool {
    let text = above.join(" ").to_lowercase();
    let words = [
        "see below",
        "inline",
        "in-line",
        "in line below",
        "answers below",
        "answered below",
        "comments below",
        "responses below",
        "replies below",
        "notes below",
        "in red",
        "in blue",
        "in bold",
        "in green",
        "my answers",
        "siehe unten",
        "s. unten",
        "in rot",
        "ci-dessous",
        "en rouge",
        "más abajo",
        "ver abajo",
        "en rojo",
        "qui sotto",
        "di seguito",
        "in rosso",
        "zie onder",
        "in rood",
        "se nedan",
        "poniżej",
    ];
    words.iter().any(|w| text.contains(w))
}

/// Whether unquoted lines follow the first quoted ones: an interleaved or bottom-posted answer. Below an
/// attribution without `>` marks everything is the quoted mail.
fn has_own_words(below: &[&str]) -> bool {
    let first = below.iter().find(|l| !l.is_empty());
    if !first.is_some_and(|l| is_quoted(l)) {
        return false;
    }
    let own: Vec<&str> = below.iter().skip_while(|l| l.is_empty() || is_quoted(l)).copied().collect();
    let own = own.get(..signature::start(&own)).unwrap_or_default();
    let mut at = 0;
    // A second attribution or a footer of rules is no word of the writer's.
    while let Some(rest) = own.get(at..).filter(|r| !r.is_empty()) {
        let Some(line) = rest.first() else { break };
        if line.is_empty() || is_quoted(line) || is_separator(line) {
            at += 1;
        } else if let Some(length) = marks::attribution(rest) {
            at += length;
        } else {
            return true;
        }
    }
    false
}

/// Quoted lines at the very end, without an attribution.
fn trailing_quote(lines: &[&str]) -> usize {
    let last = lines.iter().rposition(|l| !l.is_empty());
    let Some(last) = last.filter(|&l| lines.get(l).is_some_and(|l| is_quoted(l))) else {
        return lines.len();
    };
    let start = lines.get(..=last).unwrap_or_default().iter().rposition(|l| !l.is_empty() && !is_quoted(l));
    let Some(start) = start.map(|s| s + 1) else { return lines.len() };
    // Quoted lines further up: the answer stands between them.
    let between = lines.get(..start).unwrap_or_default().iter().any(|l| is_quoted(l));
    if between { lines.len() } else { start }
}

/// Without blank lines and rules at the end.
fn trimmed_end<'a, 'b>(lines: &'a [&'b str]) -> &'a [&'b str] {
    let end = lines.iter().rposition(|l| !l.is_empty() && !is_separator(l)).map_or(0, |i| i + 1);
    lines.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
