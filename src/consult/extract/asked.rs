//! Several questions in one mail: "1) … 2) …", paragraphs with question marks of their own, "Also, …". When in doubt it
//! is one question: a claim over several lines, a question after its story, and whatever has no codes of its own.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::own_words::own_words;
use super::{codes, own_words as own};

/// More questions of one mail are not told apart: the last holds the rest.
const MOST: usize = 12;

/// One question of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedPart {
    /// The words of this question.
    pub text: String,
    /// Where they stand in [`own_words`] of the mail.
    pub span: Range<usize>,
    /// What the mail says before the first question, for all of them: date, payer, setting, sometimes the claim.
    pub shared: String,
}

static NUMBERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?im)(?:^[ \t>*]*|[.?!;:][ \t]+)(?:\(?(?:question|q)?[ #]*([1-9]|1[0-2])(?:[.)]|:[ \t])|([①-⑨]))[ \t]*\S").ok()
});
static ALSO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:[.?!][ \t]+|\n[ \t]*)(?:also|second(?:ly)?|another (?:question|one)|one more(?: question| thing)?|next question|separately|different (?:patient|question|claim)|and on another (?:claim|patient)|2nd question)\b[,:; ]").ok()
});
static PARAGRAPH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\n[ \t]*\n\s*").ok());

/// The questions of a mail, in order. One part with the whole text if there is but one.
#[must_use]
pub fn questions(text: &str) -> Vec<AskedPart> {
    let text: &str = &own_words(text);
    if let Some(starts) = [numbered(text), paragraphs(text), also(text)].into_iter().flatten().next() {
        return cut(text, &starts);
    }
    vec![AskedPart { text: text.to_owned(), span: 0..text.len(), shared: String::new() }]
}

fn cut(text: &str, starts: &[usize]) -> Vec<AskedPart> {
    let first = starts.first().copied().unwrap_or(0);
    let shared = text.get(..first).unwrap_or_default().trim().to_owned();
    starts
        .iter()
        .enumerate()
        .take(MOST)
        .map(|(i, from)| {
            let to =
                if i + 1 == MOST { text.len() } else { starts.get(i + 1).copied().unwrap_or(text.len()) };
            let words = text.get(*from..to).unwrap_or_default();
            AskedPart { text: words.trim().to_owned(), span: *from..to, shared: shared.clone() }
        })
        .collect()
}

/// The numbers 1, 2, … of a list, if at least two of them ask something.
fn numbered(text: &str) -> Option<Vec<usize>> {
    let mut starts = Vec::new();
    for c in NUMBERED.as_ref()?.captures_iter(text) {
        let Some(mark) = c.get(1).or_else(|| c.get(2)) else { continue };
        let number = mark.as_str().parse::<usize>().unwrap_or(starts.len() + 1);
        if number == starts.len() + 1 {
            starts.push(mark.start());
        }
    }
    let parts = cut(text, &starts);
    let asking = parts.iter().filter(|p| asks(&p.text)).count();
    // A numbered claim with its question at the end is one question.
    (starts.len() >= 2 && asking >= 2 && asking + 1 >= parts.len()).then_some(starts)
}

/// Paragraphs that each ask, and each name a code of their own.
fn paragraphs(text: &str) -> Option<Vec<usize>> {
    let mut starts = vec![0];
    starts.extend(PARAGRAPH.as_ref()?.find_iter(text).map(|m| m.end()).filter(|e| *e < text.len()));
    if starts.len() < 2 {
        return None;
    }
    // What does not ask goes with the question after it; what ends the mail, with the question before.
    let mut begins: Vec<usize> = Vec::new();
    let mut open: Option<usize> = None;
    for (i, from) in starts.iter().enumerate() {
        let to = starts.get(i + 1).copied().unwrap_or(text.len());
        let begin = *open.get_or_insert(*from);
        if asks(text.get(*from..to).unwrap_or_default()) {
            begins.push(begin);
            open = None;
        }
    }
    if let Some(first) = begins.first_mut() {
        *first = 0;
    }
    independent(text, begins)
}

/// "Also, …" after a question, about a code of its own.
fn also(text: &str) -> Option<Vec<usize>> {
    let mut begins = vec![0];
    for m in ALSO.as_ref()?.find_iter(text) {
        let skip = text
            .get(m.start()..m.end())
            .map_or(0, |s| s.len() - s.trim_start_matches(['.', '?', '!', ' ', '\n', '\t']).len());
        begins.push(m.start() + skip);
    }
    independent(text, begins)
}

/// Starts of parts that each ask and each have codes that no other has; others join the part before them.
fn independent(text: &str, begins: Vec<usize>) -> Option<Vec<usize>> {
    let mut kept: Vec<usize> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for (i, from) in begins.iter().enumerate() {
        let to = begins.get(i + 1).copied().unwrap_or(text.len());
        let part = text.get(*from..to).unwrap_or_default();
        let here: Vec<String> = codes::find(part, &[]).into_iter().map(|m| m.code).collect();
        let fresh = !here.is_empty() && here.iter().all(|c| !known.contains(c));
        known.extend(here);
        if kept.is_empty() || (fresh && asks(part)) {
            kept.push(*from);
        }
    }
    let first_asks = kept.get(1).is_some_and(|to| {
        let part = text.get(..*to).unwrap_or_default();
        asks(part) && !codes::find(part, &[]).is_empty()
    });
    (kept.len() >= 2 && first_asks).then_some(kept)
}

fn asks(text: &str) -> bool {
    static WORDS: &[&str] = &[
        "which code",
        "what code",
        "what is",
        "what are",
        "how many",
        "how do",
        "how should",
        "please advise",
        "can we",
        "can i",
        "should we",
        "should i",
        "is it",
        "do we",
        "do i",
        "does ",
        "need the",
        "need a ",
        "need code",
        "which ",
        "what modifier",
    ];
    text.contains('?') || {
        let lower = text.to_lowercase();
        WORDS.iter().any(|w| lower.contains(w))
    }
}

impl AskedPart {
    /// Whether the mail holds nothing beside this question.
    #[must_use]
    pub fn is_whole(&self, text: &str) -> bool {
        self.span == (0..own::own_words(text).len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        questions(text).into_iter().map(|p| p.text).collect()
    }

    #[test]
    fn lists_paragraphs_and_also() {
        let list = "Medicare, POS 11.\n1) Can 99213 go with 20610?\n2) How many units of J3301 for 40 mg?\n3. Is M54.5 valid?";
        let asked = questions(list);
        assert_eq!(asked.len(), 3);
        assert_eq!(asked[0].shared, "Medicare, POS 11.");
        assert!(asked[1].text.contains("J3301") && !asked[1].text.contains("99213"));
        assert_eq!(parts("Q1: 99213 with 20610? Q2: units for J3301 40 mg?").len(), 2);
        assert_eq!(parts("Is 99213-25 ok with 20610?\n\nIs M54.5 still valid?").len(), 2);
        assert_eq!(parts("Is 99213-25 ok with 20610? Also, how many units is J1885 60 mg?").len(), 2);
    }

    #[test]
    fn one_question_stays_one() {
        for text in [
            "Claim:\n1. 63020-50\n2. 63030-51\n3. 63035\nIs this right?",
            "Is 99213 ok with 20610?\n\nDo we need 25?",
            "We billed 99213.\n\nAnd 20610.\n\nWhy denied?",
            "Can 99213 and 20610 be billed? Also do I need a modifier?",
            "Can 99213 and 20610 be billed? Also is 20610 bilateral?",
            "",
        ] {
            assert_eq!(parts(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn spans_are_bounded() {
        let text = (1..40).map(|n| format!("{n}) is 992{n:02} ok?\n")).collect::<String>();
        assert!(questions(&text).len() <= MOST);
    }
}
