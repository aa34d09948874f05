//! The NCCI Policy Manual for Medicare: an introduction and chapters I to XIII, with sections `A.` to `W.` and numbered
//! paragraphs in them.

use crate::codebook::import::manual::cut::{Again, Cutter, Section, join};
use crate::codebook::import::manual::marks::{Mark, Style, marks, of_roman};
use crate::codebook::import::manual::pages::{Foot, Line, Page, has_leader, pages};

/// Whether the beginning of a file, in upper case, is the manual's, or one of its chapters'.
pub(crate) fn matches(upper: &str) -> bool {
    let flat = upper.split_whitespace().take(400).collect::<Vec<_>>().join(" ");
    flat.contains("MEDICARE NCCI CODING POLICY MANUAL")
        || flat.contains("NATIONAL CORRECT CODING INITIATIVE POLICY MANUAL")
}

/// How many chapters it has, besides the introduction.
pub(crate) const CHAPTERS: usize = 13;

/// The sections, in order.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    pub(crate) sections: Vec<Section>,
    /// Sections that a chapter's table of contents has and its text has not: line and section.
    pub(crate) missing: Vec<(u32, String)>,
    /// `1/1/2026`: the newest date of revision at the feet, as year, month, day.
    pub(crate) revised: Option<(i16, i8, i8)>,
    /// The copyright notices of a chapter's first page, a paragraph each.
    pub(crate) notices: Vec<String>,
}

pub(crate) fn cut(text: &str) -> Cut {
    let mut state = State {
        cutter: Cutter::new(Again::Beside),
        titles: Vec::new(),
        chapter: String::new(),
        missing: Vec::new(),
    };
    let mut notices = Vec::new();
    for page in &pages(text, foot) {
        let first = page.lines.first().map_or("", |l| l.text.as_str());
        if let Some(chapter) = chapter(first).filter(|_| is_front(page)) {
            state.close();
            state.front(page, &chapter);
            if notices.is_empty() {
                notices = notices_of(page);
            }
        } else if page.lines.iter().take(2).any(|l| l.text.eq_ignore_ascii_case("Table of Contents"))
            || page.is_contents()
        {
            state.contents(page);
        } else if !state.chapter.is_empty() {
            state.body(page);
        }
    }
    state.close();
    Cut { sections: state.cutter.sections, missing: state.missing, revised: revised(text), notices }
}

/// `IV-12`, `Intro-3` end a page; so does `January 1, 2026   Page 3` of the table of contents of the whole.
fn foot(line: &str) -> Foot {
    if let Some((chapter, page)) = line.split_once('-')
        && (chapter == "Intro" || of_roman(chapter).is_some())
        && page.parse::<u32>().is_ok()
    {
        return Foot::Label(line.to_owned());
    }
    if let Some((date, page)) = line.rsplit_once("Page ")
        && page.parse::<u32>().is_ok()
        && date.contains(", 20")
    {
        return Foot::Label(format!("Page {page}"));
    }
    if line.starts_with("Revision Date") { Foot::End } else { Foot::No }
}

fn revised(text: &str) -> Option<(i16, i8, i8)> {
    let date = |line: &str| {
        let mut parts = line.trim().strip_prefix("Revision Date")?.rsplit([' ', ':']).next()?.split('/');
        let (m, d, y) =
            (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some((y, m, d))
    };
    text.lines().filter_map(date).max()
}

/// The first line of a chapter's first page.
fn chapter(line: &str) -> Option<String> {
    if line == "INTRODUCTION" {
        return Some("Introduction".to_owned());
    }
    if line == "LIST OF ACRONYMS" {
        return Some("Acronyms".to_owned());
    }
    let number = line.strip_prefix("CHAPTER ")?.trim();
    of_roman(number).map(|_| number.to_owned())
}

/// Whether a page is a chapter's first: `FOR MEDICARE …` stands below its title.
fn is_front(page: &Page) -> bool {
    page.lines.iter().take(6).any(|l| l.text == "FOR")
}

/// The notices stand centred, a paragraph each, below the chapter's title.
fn notices_of(page: &Page) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let begun = |l: &&Line| l.text.contains("CPT") && !l.text.starts_with("CHAPTER");
    let first = page.lines.iter().position(|l| begun(&l)).unwrap_or(page.lines.len());
    for line in page.lines.get(first..).unwrap_or_default() {
        match all.last_mut().filter(|_| !line.after_blank) {
            Some(last) => join(last, &line.text),
            None => all.push(line.text.clone()),
        }
    }
    all.retain(|n| n.contains("CPT") || n.contains("FARS") || n.contains("AMA"));
    all
}

struct State {
    cutter: Cutter,
    /// The sections of the chapter's table of contents: line, letter (in the introduction: nothing), title.
    titles: Vec<(u32, String, String)>,
    chapter: String,
    missing: Vec<(u32, String)>,
}

impl State {
    /// A chapter's first page.
    fn front(&mut self, page: &Page, chapter: &str) {
        let title =
            page.lines.iter().skip(1).take_while(|l| l.text != "FOR" && !l.text.starts_with("Current "));
        let title = title.map(|l| l.text.as_str()).collect::<Vec<_>>().join(" ");
        let number = page.lines.first().map_or(0, |l| l.number);
        chapter.clone_into(&mut self.chapter);
        let title = if chapter == "Acronyms" { "List of acronyms".to_owned() } else { in_title_case(&title) };
        self.cutter.top(chapter.to_owned(), &title, &page.label, number);
        self.titles.clear();
    }

    fn contents(&mut self, page: &Page) {
        for line in page.lines.iter().filter(|l| has_leader(&l.text)) {
            let title = line.text.split("..").next().unwrap_or("").trim_end_matches(['…', '.', ' ']);
            if self.chapter == "Introduction" {
                if title != "Introduction" {
                    self.titles.push((line.number, String::new(), title.to_owned()));
                }
            } else if let Some((found, title)) = marks(title)
                && let Some(mark) = found.iter().find(|m| m.style == Style::Capital)
            {
                self.titles.push((line.number, mark.written(), title.to_owned()));
            }
        }
    }

    /// Whether the table of contents has a section of that letter with the beginning of that title.
    fn promised(&self, mark: Mark, title: &str) -> bool {
        let letter = mark.written();
        self.titles
            .iter()
            .any(|(_, l, t)| *l == letter && (t.starts_with(title) || title.starts_with(t.as_str())))
    }

    /// A chapter ends: what its table of contents promised must be there.
    fn close(&mut self) {
        let has = |name: &str| self.cutter.sections.iter().any(|s| s.section == name);
        for (line, letter, title) in std::mem::take(&mut self.titles) {
            let name = match letter.as_str() {
                "" => format!("{}: {title}", self.chapter),
                letter => format!("{}.{letter}", self.chapter),
            };
            if !has(&name) {
                self.missing.push((line, name));
            }
        }
    }

    fn body(&mut self, page: &Page) {
        let width = page.width();
        for (at, line) in page.lines.iter().enumerate() {
            let text = line.text.as_str();
            if self.chapter == "Acronyms" {
                if text != "LIST OF ACRONYMS" {
                    self.cutter.text(
                        text,
                        &Line { after_blank: true, tops_page: false, ..line.clone() },
                        &page.label,
                        width,
                    );
                }
                continue;
            }
            if self.chapter == "Introduction" && self.titles.iter().any(|(_, _, t)| t == text) {
                self.cutter.below_top(text, &page.label, line.number);
                continue;
            }
            if self.chapter == "Introduction" && text == "Introduction" {
                continue;
            }
            if let Some((found, rest)) = marks(text)
                && let Some(mark) = self.cutter.next(&found)
                && (mark.style != Style::Capital || is_title(line) || self.promised(mark, rest))
                && (line.after_blank
                    || line.tops_page
                    || mark.style != Style::Digit
                    || (mark.value > 1 && self.cutter.sentence_ended()))
            {
                let titled = mark.style == Style::Capital;
                self.cutter.begin(mark, if titled { rest } else { "" }, &page.label, line.number);
                if titled {
                    self.cutter.title_ends(line.end);
                } else {
                    self.cutter.text(rest, line, &page.label, width);
                }
            } else if self.cutter.title_end().is_some() && self.goes_on(line, page.lines.get(at + 1)) {
                if let Some(title) = self.cutter.title() {
                    join(title, text);
                }
            } else {
                self.cutter.text(text, line, &page.label, width);
            }
        }
    }

    /// Titles stand alone: the text begins below an empty line.
    fn goes_on(&mut self, line: &Line, next: Option<&Line>) -> bool {
        !line.after_blank
            && self.cutter.title().is_some_and(|t| !t.is_empty())
            && next.is_none_or(|n| n.after_blank)
    }
}

/// Whether a line with a capital before it is the title of a section.
fn is_title(line: &Line) -> bool {
    line.indent <= 4 && (line.after_blank || line.tops_page) && !line.text.ends_with('.')
}

/// `GENERAL CORRECT CODING POLICIES` as one writes it.
fn in_title_case(title: &str) -> String {
    let word = |w: &str| match w {
        "AND" | "OR" | "OF" | "THE" | "FOR" | "IN" => w.to_ascii_lowercase(),
        "CPT" | "HCPCS" | "NCCI" | "III" | "II" => w.to_owned(),
        _ if w.starts_with('(') => w.to_owned(),
        _ => {
            let mut chars = w.chars();
            chars.next().map_or(String::new(), |c| c.to_string() + &chars.as_str().to_lowercase())
        }
    };
    title.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
