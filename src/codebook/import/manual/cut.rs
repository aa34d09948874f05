//! Cuts a manual at its numbered sections, and makes paragraphs of lines.

use std::collections::{HashMap, HashSet};

use crate::codebook::import::manual::marks::{Mark, Style};
use crate::codebook::import::manual::pages::Line;

/// A section as it stands in the manual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// `I.C.4.a.3`, `IV.H.6`.
    pub(crate) section: String,
    /// The place of the section above it among all; `None`: it is at the top.
    pub(crate) parent: Option<usize>,
    /// Empty: it has none of its own.
    pub(crate) title: String,
    /// The page on which it begins.
    pub(crate) page: String,
    pub(crate) line: u32,
    pub(crate) paragraphs: Vec<Paragraph>,
}

/// A paragraph, or an item of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Paragraph {
    /// The page on which it begins.
    pub(crate) page: String,
    pub(crate) line: u32,
    pub(crate) text: String,
}

/// What a list does that begins again with its first number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// It is one below the last number.
    Below,
    /// It is another list of the same section.
    Beside,
}

/// A section that is open.
#[derive(Debug)]
struct Open {
    mark: Option<Mark>,
    /// Which list of its kind it is in the section above, from 1.
    list: u32,
    at: usize,
}

/// Builds the sections, line by line.
#[derive(Debug)]
pub(crate) struct Cutter {
    again: Again,
    /// Sections that a table of contents has: they may follow after a gap in the numbers.
    promised: HashSet<String>,
    /// Any number may follow after a gap: for a table of contents.
    gaps: bool,
    pub(crate) sections: Vec<Section>,
    open: Vec<Open>,
    known: HashMap<String, usize>,
    /// Where the last line ended, and where lines end on its page.
    last: Option<(usize, usize)>,
    /// Where the last line of a title ended, if that was the last line.
    title_end: Option<usize>,
}

impl Cutter {
    pub(crate) fn new(again: Again) -> Self {
        let (promised, gaps) = (HashSet::new(), false);
        Self {
            again,
            promised,
            gaps,
            sections: Vec::new(),
            open: Vec::new(),
            known: HashMap::new(),
            last: None,
            title_end: None,
        }
    }

    /// For a table of contents, whose numbers may have gaps.
    pub(crate) fn of_contents(again: Again) -> Self {
        Self { gaps: true, ..Self::new(again) }
    }

    /// Sections that the text must have.
    pub(crate) fn promise(&mut self, sections: impl Iterator<Item = String>) {
        self.promised.extend(sections);
    }

    /// Begins a section at the top: `Section II`, a chapter.
    pub(crate) fn top(&mut self, section: String, title: &str, page: &str, line: u32) {
        self.open.clear();
        self.push(None, 1, section, title, page, line);
    }

    /// Begins a section without a number, directly below the top one.
    pub(crate) fn below_top(&mut self, title: &str, page: &str, line: u32) {
        self.open.truncate(1);
        let above = self.open.last().and_then(|o| self.sections.get(o.at)).map_or("", |s| s.section.as_str());
        let section = format!("{above}: {title}");
        self.push(None, 1, section, title, page, line);
    }

    /// The mark, of those a line may begin with, that goes on with an open list or begins one.
    pub(crate) fn next(&self, marks: &[Mark]) -> Option<Mark> {
        let goes_on = |m: &&Mark| self.level_of(**m).is_some();
        let begins =
            |m: &&Mark| (m.value == 1 || self.gaps) && self.has(m.style).is_none() && self.may_begin(m.style);
        let begins = |m: &&Mark| begins(m) || (m.value == 1 && self.may_begin(m.style));
        marks.iter().find(goes_on).or_else(|| marks.iter().find(begins)).copied()
    }

    /// The open level that a mark goes on with.
    fn level_of(&self, mark: Mark) -> Option<usize> {
        let before = Mark { value: mark.value.checked_sub(1)?, ..mark };
        let exact = self.open.iter().rposition(|o| o.mark == Some(before));
        exact.or_else(|| {
            let level = self.has(mark.style)?;
            let grows = self.open.get(level)?.mark?.value < mark.value;
            let above = self.open.get(level.checked_sub(1)?).and_then(|o| self.sections.get(o.at))?;
            let promised = || self.promised.contains(&format!("{}.{}", above.section, mark.written()));
            (grows && (self.gaps || promised())).then_some(level)
        })
    }

    fn has(&self, style: Style) -> Option<usize> {
        self.open.iter().rposition(|o| o.mark.is_some_and(|m| m.style == style))
    }

    /// Capitals number the sections of a chapter, and nothing else.
    fn may_begin(&self, style: Style) -> bool {
        !self.open.is_empty() && (style != Style::Capital || self.open.iter().all(|o| o.mark.is_none()))
    }

    /// Begins the section of a mark that [`Cutter::next`] gave.
    pub(crate) fn begin(&mut self, mark: Mark, title: &str, page: &str, line: u32) {
        let mut list = 1;
        if let Some(level) = self.level_of(mark) {
            list = self.open.get(level).map_or(1, |o| o.list);
            self.open.truncate(level);
        } else if let Some(level) = self.has(mark.style)
            && self.again == Again::Beside
        {
            self.open.truncate(level);
        }
        let above = self.open.last().and_then(|o| self.sections.get(o.at)).map_or("", |s| s.section.as_str());
        let name = |list: u32| match list {
            1 => format!("{above}.{}", mark.written()),
            _ => format!("{above}({list}).{}", mark.written()),
        };
        while self.known.contains_key(&name(list)) {
            list += 1;
        }
        let section = name(list);
        self.push(Some(mark), list, section, title, page, line);
    }

    fn push(&mut self, mark: Option<Mark>, list: u32, section: String, title: &str, page: &str, line: u32) {
        let at = self.sections.len();
        self.known.insert(section.clone(), at);
        self.sections.push(Section {
            section,
            parent: self.open.last().map(|o| o.at),
            title: title.to_owned(),
            page: page.to_owned(),
            line,
            paragraphs: Vec::new(),
        });
        self.open.push(Open { mark, list, at });
        self.last = None;
        self.title_end = None;
    }

    /// A line of the title ended there: the next may go on with it.
    pub(crate) fn title_ends(&mut self, end: usize) {
        self.title_end = Some(end);
    }

    /// Where the last line of the title above the next line ended; `None`: that was text.
    pub(crate) fn title_end(&self) -> Option<usize> {
        self.title_end
    }

    /// A whole sentence after a number is its text, not its title.
    pub(crate) fn settle_title(&mut self) {
        let is_numbered = self.open.last().and_then(|o| o.mark).is_some_and(|m| m.style != Style::Capital);
        let Some(section) = self.sections.last_mut().filter(|s| s.paragraphs.is_empty()) else { return };
        if is_numbered && section.title.ends_with('.') && section.title.split(' ').count() > 12 {
            let (page, line) = (section.page.clone(), section.line);
            section.paragraphs.push(Paragraph { page, line, text: std::mem::take(&mut section.title) });
        }
    }

    /// The title of the section in the making.
    pub(crate) fn title(&mut self) -> Option<&mut String> {
        self.sections.last_mut().map(|s| &mut s.title)
    }

    /// Whether the text above ends a sentence.
    pub(crate) fn sentence_ended(&self) -> bool {
        let last = self.sections.last().and_then(|s| s.paragraphs.last());
        last.is_none_or(|p| p.text.ends_with(['.', ':', ')', '”', '!', '?']))
    }

    /// Adds a line of text.
    pub(crate) fn text(&mut self, text: &str, line: &Line, page: &str, width: usize) {
        self.title_end = None;
        let Some(section) = self.sections.last_mut() else { return };
        let new = match (section.paragraphs.last(), self.last) {
            (Some(before), Some(last)) => breaks(&before.text, last, text, line),
            _ => true,
        };
        if new {
            let page = page.to_owned();
            section.paragraphs.push(Paragraph { page, line: line.number, text: text.to_owned() });
        } else if let Some(before) = section.paragraphs.last_mut() {
            join(&mut before.text, text);
        }
        self.last = Some((line.end, width));
    }
}

/// Whether a paragraph ends before a line. `last`: where the line above ended, and the longest of its page.
fn breaks(before: &str, last: (usize, usize), text: &str, line: &Line) -> bool {
    let small = text.starts_with(|c: char| c.is_lowercase());
    if text.starts_with('•') {
        return true;
    }
    if line.tops_page {
        let ended = before.ends_with(['.', ':', ';', '?', '!', '”', '"', ')']);
        return ended && !small;
    }
    // The items of a list of codes, and references below a text.
    let item = |t: &str| is_code(t.split([' ', ',']).next().unwrap_or(""));
    if (item(before) && (item(text) || text.starts_with("Except:")))
        || (before.ends_with('.') && text.starts_with("See "))
    {
        return true;
    }
    // A line that has room for more was ended on purpose.
    line.after_blank || (last.0 * 10 < last.1 * 7 && !small)
}

/// Adds a line to a text: a hyphen at its end divides no word anew, but `pre- and post-` are two.
pub(crate) fn join(text: &mut String, line: &str) {
    let word = line.split(' ').next().unwrap_or("");
    let last = text.rsplit(' ').next().unwrap_or("");
    let hyphen = text.ends_with('-') && last.len() > 1;
    let stands_alone = matches!(word, "and" | "or" | "to" | "through")
        || (is_code(last) && last.contains('.') && !is_code(word));
    if !text.is_empty() && (!hyphen || stands_alone) {
        text.push(' ');
    }
    text.push_str(line);
}

/// Whether a word looks like a code of ICD-10-CM: `Z91.4-`.
fn is_code(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(|c| c.is_ascii_uppercase())
        && chars.next().is_some_and(|c| c.is_ascii_digit())
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::import::manual::marks::marks;

    fn names(again: Again, lines: &[&str]) -> Vec<String> {
        let mut cutter = Cutter::new(again);
        cutter.top("I".to_owned(), "", "1", 1);
        cutter.promise(["I.A.7".to_owned()].into_iter());
        for (line, n) in lines.iter().zip(2..) {
            let (found, rest) = marks(line).unwrap();
            let mark = cutter.next(&found).unwrap_or_else(|| panic!("{line}"));
            cutter.begin(mark, rest, "1", n);
        }
        cutter.sections.iter().skip(1).map(|s| s.section.clone()).collect()
    }

    #[test]
    fn numbers_go_on_with_the_list_that_they_belong_to() {
        let lines = [
            "A. x", "B. x", "1. x", "2. x", "a. x", "1) x", "(a) x", "(b) x", "(i) x", "(ii) x", "2) x",
            "b. x", "C. x",
        ];
        let names = names(Again::Below, &lines);
        assert_eq!(names[8], "I.B.2.a.1.b.i");
        assert_eq!(names[10..], ["I.B.2.a.2", "I.B.2.b", "I.C"]);
    }

    #[test]
    fn a_letter_after_its_list_is_no_roman_number() {
        let mut lines = vec!["A. x", "1. x"];
        lines.extend([
            "(a) x", "(b) x", "(c) x", "(d) x", "(e) x", "(f) x", "(g) x", "(h) x", "(i) x", "(i) x",
        ]);
        let names = names(Again::Below, &lines);
        assert_eq!(names[10..], ["I.A.1.i", "I.A.1.i.i"]);
    }

    #[test]
    fn a_list_that_begins_again_is_another_one() {
        let lines = ["A. x", "1. x", "2. x", "1. x", "2. x", "1. x", "2. x", "B. x", "1. x"];
        let beside = names(Again::Beside, &lines);
        assert_eq!(
            beside[1..],
            ["I.A.1", "I.A.2", "I.A(2).1", "I.A(2).2", "I.A(3).1", "I.A(3).2", "I.B", "I.B.1"]
        );
        let nested = names(Again::Below, &["A. x", "1. x", "a. x", "1) x", "a. x", "b. x", "2) x", "b. x"]);
        assert_eq!(nested[4..], ["I.A.1.a.1.a", "I.A.1.a.1.b", "I.A.1.a.2", "I.A.1.b"]);
    }

    #[test]
    fn a_gap_in_the_numbers_needs_a_promise() {
        assert_eq!(names(Again::Below, &["A. x", "1. x", "a. x", "7. x", "a. x"])[3..], ["I.A.7", "I.A.7.a"]);
        let mut cutter = Cutter::new(Again::Below);
        cutter.top("I".to_owned(), "", "1", 1);
        for line in ["A. x", "1. x"] {
            let mark = cutter.next(&marks(line).unwrap().0).unwrap();
            cutter.begin(mark, "x", "1", 1);
        }
        assert_eq!(cutter.next(&marks("7. x").unwrap().0), None);
    }

    #[test]
    fn lines_become_paragraphs() {
        let mut text = "coded in ICD-".to_owned();
        for line in ["10-CM pre-", "and post-", "operative, Z00.0-", "and T36-", "T50"] {
            join(&mut text, line);
        }
        assert_eq!(text, "coded in ICD-10-CM pre- and post-operative, Z00.0- and T36-T50");
    }
}
