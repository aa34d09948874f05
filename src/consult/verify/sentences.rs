//! A text as verification reads it: its sentences with their places. Sources, notices and headings assert nothing.

/// A sentence and where it stands in the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sentence<'a> {
    pub(super) from: usize,
    pub(super) text: &'a str,
    /// The whole line that it stands in.
    pub(super) line: &'a str,
}

/// Words that end in a point and end no sentence.
const ABBREVIATIONS: &[&str] =
    &["e.g.", "i.e.", "vs.", "no.", "ch.", "sec.", "dr.", "approx.", "incl.", "etc.", "cf.", "pt.", "fig."];

/// Headings below which nothing is asserted by us: what is cited, and what is asked.
const SILENT: &[&str] = &["sources", "please tell us"];

/// The sentences of a Markdown text. What follows a rule (`---`) is small print.
pub(super) fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let (mut out, mut at, mut silent) = (Vec::new(), 0, false);
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let shown = line.trim_end();
        if shown.len() >= 3 && shown.bytes().all(|b| b == b'-') {
            break;
        }
        if let Some(heading) = shown.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            silent = SILENT.contains(&heading.as_str());
            continue;
        }
        if !silent {
            of_line(shown, begin, &mut out);
        }
    }
    out
}

fn of_line<'a>(line: &'a str, begin: usize, out: &mut Vec<Sentence<'a>>) {
    let mut from = 0;
    for (i, c) in line.char_indices() {
        let end = i + c.len_utf8();
        if !matches!(c, '.' | '!' | '?') || !ends_here(line, end) {
            continue;
        }
        push(line, from, end, begin, out);
        from = end;
    }
    push(line, from, line.len(), begin, out);
}

/// Whether the point before `end` ends a sentence: a space follows, and no abbreviation stands before.
fn ends_here(line: &str, end: usize) -> bool {
    let (before, after) = line.split_at_checked(end).unwrap_or((line, ""));
    let word = before.rsplit([' ', '(']).next().unwrap_or_default().to_lowercase();
    // Closing quotes and asterisks, then anchors, belong to the sentence before.
    after.starts_with(' ') && !ABBREVIATIONS.contains(&word.as_str()) && word.len() > 2
}

fn push<'a>(line: &'a str, from: usize, to: usize, begin: usize, out: &mut Vec<Sentence<'a>>) {
    let Some(text) = line.get(from..to) else { return };
    let lead = text.len() - text.trim_start().len();
    let shown = text.trim();
    // Anchors that stand behind the point (`… valid. [3]`) are no sentence.
    if shown.chars().any(char::is_alphabetic) {
        out.push(Sentence { from: begin + from + lead, text: shown, line });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_keep_their_places_and_sections_their_points() {
        let text = "**Yes.** See I.C.4.a, e.g. E11.22. It is valid. [1]\n\n## Sources\n\n- [1] a file\n\n## Next\n\nMore.\n---\nCPT only.\n";
        let found = sentences(text);
        let words: Vec<&str> = found.iter().map(|s| s.text).collect();
        assert_eq!(words, ["**Yes.** See I.C.4.a, e.g. E11.22.", "It is valid.", "More."]);
        for sentence in found {
            let place = sentence.from..sentence.from + sentence.text.len();
            assert_eq!(text.get(place), Some(sentence.text));
        }
    }
}
