//! A manual as pages of lines: form feeds or the running foot divide them; heads and feet are taken off.

/// A line with text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the file, from 1.
    pub(crate) number: u32,
    /// The blanks before it, beyond those that all lines of its page have.
    pub(crate) indent: usize,
    /// Where it ends: characters with the blanks before it.
    pub(crate) end: usize,
    /// Without blanks at its ends; runs of blanks inside are one.
    pub(crate) text: String,
    /// Whether an empty line stands above it.
    pub(crate) after_blank: bool,
    /// Whether it is the first of its page.
    pub(crate) tops_page: bool,
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// As the manual numbers it (`7`, `IV-12`); empty if its foot tells none.
    pub(crate) label: String,
    pub(crate) lines: Vec<Line>,
}

impl Page {
    /// Where its longest line ends.
    pub(crate) fn width(&self) -> usize {
        self.lines.iter().map(|l| l.end).max().unwrap_or(0)
    }

    /// Whether it is of the table of contents: lines of dots lead to page numbers.
    pub(crate) fn is_contents(&self) -> bool {
        let leaders = self.lines.iter().filter(|l| has_leader(&l.text)).count();
        leaders >= 5 || (leaders > 0 && leaders * 2 > self.lines.len())
    }
}

/// Whether dots lead from a title to its page.
pub(crate) fn has_leader(text: &str) -> bool {
    text.contains("....")
}

/// What a line at a page's foot says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Foot {
    /// It is none.
    No,
    /// It belongs to the foot, and says nothing that is needed.
    Filler,
    /// It ends the page, but for a number below it.
    End,
    /// It has the page's number, and ends the page.
    Label(String),
}

/// Divides a text into pages; `foot` knows the lines of the foot. A filler counts only at the end of
/// a page.
pub(crate) fn pages(text: &str, foot: fn(&str) -> Foot) -> Vec<Page> {
    let (mut all, mut page) = (Vec::new(), Page::default());
    let (mut after_blank, mut at_end) = (false, false);
    for (index, raw) in text.lines().enumerate() {
        for (part, raw) in raw.split('\u{c}').enumerate() {
            if part > 0 {
                turn(&mut all, &mut page, foot);
                at_end = false;
            }
            let cleaned = clean(raw);
            let line = cleaned.trim();
            if line.is_empty() {
                after_blank = true;
                continue;
            }
            match foot(line) {
                Foot::Label(label) => {
                    page.label = label;
                    turn(&mut all, &mut page, foot);
                    (after_blank, at_end) = (true, false);
                    continue;
                }
                Foot::End => {
                    at_end = true;
                    continue;
                }
                Foot::No | Foot::Filler => {}
            }
            if at_end {
                turn(&mut all, &mut page, foot);
                at_end = false;
            }
            let indent = cleaned.chars().take_while(|c| c.is_whitespace()).count();
            page.lines.push(Line {
                number: u32::try_from(index + 1).unwrap_or(u32::MAX),
                indent,
                end: indent + line.chars().count(),
                text: line.split_whitespace().collect::<Vec<_>>().join(" "),
                after_blank,
                tops_page: page.lines.is_empty(),
            });
            after_blank = false;
        }
    }
    turn(&mut all, &mut page, foot);
    all
}

fn turn(all: &mut Vec<Page>, page: &mut Page, foot: fn(&str) -> Foot) {
    let mut done = std::mem::take(page);
    while done.lines.last().is_some_and(|l| foot(&l.text) == Foot::Filler) {
        done.lines.pop();
    }
    // A pdf has margins, its text has none.
    let margin = done.lines.iter().map(|l| l.indent).min().unwrap_or(0);
    for line in &mut done.lines {
        (line.indent, line.end) = (line.indent - margin, line.end - margin);
    }
    if !done.lines.is_empty() || !done.label.is_empty() {
        all.push(done);
    }
}

/// Bullets of symbol fonts as bullets; other characters without a meaning as blanks.
fn clean(raw: &str) -> String {
    raw.chars()
        .map(|c| match c {
            '\u{f0b7}' | '\u{f0a7}' | '\u{f0d8}' | '\u{2022}' | '\u{25cf}' | '\u{25aa}' => '•',
            '\u{a0}' | '\u{2007}' | '\u{202f}' => ' ',
            '\u{ad}' => '-',
            c if c.is_control() && c != '\t' || ('\u{e000}'..='\u{f8ff}').contains(&c) => ' ',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foot(line: &str) -> Foot {
        match line.strip_prefix("Page ") {
            Some(n) => Foot::Label(n.to_owned()),
            None if line == "Running foot" => Foot::Filler,
            None if line == "Revised" => Foot::End,
            None => Foot::No,
        }
    }

    #[test]
    fn pages_end_at_form_feeds_and_at_their_numbers() {
        let text =
            "  One\n\n\u{f0b7} two\nRunning foot\n  Page 1\n\n\u{c}Running foot\nthree\n Page 2\n\u{c}four";
        let pages = pages(text, foot);
        let labels: Vec<_> = pages.iter().map(|p| p.label.as_str()).collect();
        assert_eq!(labels, ["1", "2", ""]);
        let first = &pages[0].lines;
        assert_eq!((first[0].text.as_str(), first[0].indent, first[0].tops_page), ("One", 2, true));
        assert_eq!((first[1].text.as_str(), first[1].after_blank, first.len()), ("• two", true, 2));
        // Elsewhere the words of the foot are words of the text.
        assert_eq!(pages[1].lines[0].text, "Running foot");
        assert_eq!(pages[2].lines[0].number, 10);
        // A page may end without a number.
        let pages = super::pages("one\nRevised\n\nPage 1\ntwo\nRevised\nthree", foot);
        let said: Vec<_> = pages.iter().map(|p| (p.label.as_str(), p.lines[0].text.as_str())).collect();
        assert_eq!(said, [("1", "one"), ("", "two"), ("", "three")]);
    }
}
