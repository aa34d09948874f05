//! The ICD-10-CM Official Guidelines for Coding and Reporting: sections I to IV, numbered `A.`, `1.`, `a.`, `1)`,
//! `(a)`, `(i)`, and appendix I, which has titles without numbers.

use crate::codebook::import::manual::cut::{Again, Cutter, Section, join};
use crate::codebook::import::manual::marks::{marks, of_roman, roman};
use crate::codebook::import::manual::pages::{Foot, Line, Page, has_leader, pages};

const TITLE: &str = "ICD-10-CM Official Guidelines for Coding and Reporting";

/// Whether the beginning of a file, in upper case, is theirs.
pub(crate) fn matches(upper: &str) -> bool {
    let flat = upper.split_whitespace().take(60).collect::<Vec<_>>().join(" ");
    flat.contains("ICD-10-CM OFFICIAL GUIDELINES FOR CODING AND REPORTING") && upper.contains("FY 20")
}

/// The sections, in order.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    pub(crate) sections: Vec<Section>,
    /// What the table of contents has and the text has not: line and section.
    pub(crate) missing: Vec<(u32, String)>,
    /// The number of the last page that the manual says it has, and of the last one that is there.
    pub(crate) last_page: Option<(u32, u32)>,
}

pub(crate) fn cut(text: &str) -> Cut {
    let pages = pages(text, foot);
    let mut cutter = Cutter::new(Again::Below);
    let mut contents = Cutter::of_contents(Again::Below);
    for page in &pages {
        if page.is_contents() {
            contents_of(page, &mut cutter, &mut contents);
        } else {
            cutter.promise(contents.sections.iter().map(|s| s.section.clone()));
            page_of(page, &mut cutter);
        }
    }
    let has = |name: &str| cutter.sections.iter().any(|s| s.section == name);
    let missing =
        contents.sections.iter().filter(|s| !has(&s.section)).map(|s| (s.line, s.section.clone())).collect();
    Cut { missing, last_page: last_page(text), sections: cutter.sections }
}

fn foot(line: &str) -> Foot {
    let page = |line: &str| {
        let (n, of) = line.strip_prefix("Page ")?.split_once(" of ")?;
        (n.parse::<u32>().is_ok() && of.parse::<u32>().is_ok()).then(|| n.to_owned())
    };
    match page(line) {
        Some(label) => Foot::Label(label),
        None if line == TITLE || (line.starts_with("FY 20") && line.len() == 7) => Foot::Filler,
        None => Foot::No,
    }
}

fn last_page(text: &str) -> Option<(u32, u32)> {
    let line = text.lines().rev().find(|l| foot(l.trim()) != Foot::No)?.trim();
    let (n, of) = line.strip_prefix("Page ")?.split_once(" of ")?;
    Some((of.parse().ok()?, n.parse().ok()?))
}

/// `Section II. Selection of …`: the section after the one that is open.
fn top_section<'a>(text: &'a str, cutter: &Cutter) -> Option<(String, &'a str)> {
    let (number, title) = text.strip_prefix("Section ")?.split_once(". ")?;
    let value = of_roman(number)?;
    let begun = cutter.sections.iter().rev().find(|s| s.parent.is_none()).and_then(|s| of_roman(&s.section));
    (begun.unwrap_or(0) + 1 == value && title.starts_with(|c: char| c.is_uppercase()))
        .then(|| (roman(value).to_owned(), title))
}

/// The table of contents, read by the same rules. What stands above it on its first page is text.
fn contents_of(page: &Page, cutter: &mut Cutter, contents: &mut Cutter) {
    let first = page.lines.iter().position(|l| has_leader(&l.text)).unwrap_or(0);
    if contents.sections.is_empty() && cutter.sections.len() <= 1 {
        lines_of(page.lines.get(..first).unwrap_or_default(), page, cutter);
    }
    for line in page.lines.get(first.min(page.lines.len())..).unwrap_or_default() {
        let title = line.text.split("..").next().unwrap_or("").trim();
        if let Some((section, title)) = top_section(&line.text, contents) {
            contents.top(section, title, "", line.number);
        } else if let Some((found, _)) = marks(title)
            && let Some(mark) = contents.next(&found)
        {
            contents.begin(mark, title, "", line.number);
        }
    }
}

fn page_of(page: &Page, cutter: &mut Cutter) {
    lines_of(&page.lines, page, cutter);
}

fn lines_of(lines: &[Line], page: &Page, cutter: &mut Cutter) {
    let width = page.width();
    let mut appendix_above = false;
    for (at, line) in lines.iter().enumerate() {
        let text = line.text.as_str();
        let next = lines.get(at + 1);
        let in_appendix = cutter
            .sections
            .iter()
            .rev()
            .find(|s| s.parent.is_none())
            .is_some_and(|s| s.section.starts_with("Appendix"));
        if let Some((section, title)) = top_section(text, cutter) {
            cutter.settle_title();
            cutter.top(section, title, &page.label, line.number);
            cutter.title_ends(line.end);
        } else if let Some(number) = text.strip_prefix("Appendix ").filter(|n| of_roman(n).is_some()) {
            cutter.top(format!("Appendix {number}"), "", &page.label, line.number);
            appendix_above = true;
            continue;
        } else if cutter.sections.is_empty() {
            cutter.top("Introduction".to_owned(), "", &page.label, line.number);
            cutter.text(text, line, &page.label, width);
        } else if appendix_above {
            if let Some(title) = cutter.title() {
                text.clone_into(title);
            }
        } else if in_appendix {
            if is_appendix_title(line) {
                cutter.below_top(text, &page.label, line.number);
            } else {
                cutter.text(text, line, &page.label, width);
            }
        } else if let Some((found, title)) = marks(text)
            && let Some(mark) = cutter.next(&found)
        {
            cutter.settle_title();
            cutter.begin(mark, title, &page.label, line.number);
            cutter.title_ends(line.end);
        } else if let Some(end) = cutter.title_end()
            && goes_on(cutter, line, next, end, width)
        {
            if let Some(title) = cutter.title() {
                join(title, text);
            }
            cutter.title_ends(line.end);
        } else {
            cutter.settle_title();
            cutter.text(text, line, &page.label, width);
        }
        appendix_above = false;
    }
}

/// Whether a line goes on with the title above it.
fn goes_on(cutter: &mut Cutter, line: &Line, next: Option<&Line>, end: usize, width: usize) -> bool {
    let Some(title) = cutter.title() else { return false };
    if line.after_blank || title.len() > 300 {
        return false;
    }
    let last = title.rsplit(' ').next().unwrap_or("");
    let open = title.matches('(').count() > title.matches(')').count();
    let leads_on = matches!(
        last,
        "and"
            | "or"
            | "of"
            | "the"
            | "with"
            | "to"
            | "in"
            | "for"
            | "from"
            | "due"
            | "a"
            | "by"
            | "as"
            | "versus"
            | "that"
            | "at"
            | "on"
    );
    if line.text.starts_with(|c: char| c.is_lowercase())
        || title.ends_with([',', '-', '–', '/'])
        || open
        || leads_on
    {
        return true;
    }
    // The rest of a long title: short, no sentence, and the text begins in the line below.
    let no_sentence = !line.text.ends_with(['.', ':', ',', ';']) && !line.text.starts_with("See ");
    let text_below = next.is_none_or(|n| n.after_blank || n.text.starts_with(|c: char| !c.is_lowercase()));
    let room = end * 100 < width * 60;
    !room && no_sentence && text_below && line.end * 100 < width * 72 && !line.text.starts_with("Reserved")
}

/// A title of the appendix: at the margin, alone, each word of weight with a capital.
fn is_appendix_title(line: &Line) -> bool {
    let words: Vec<&str> = line.text.split(' ').collect();
    let capital = |w: &&str| w.len() < 4 || w.starts_with(|c: char| c.is_uppercase());
    (line.after_blank || line.tops_page || line.text == "Introduction")
        && line.indent <= 2
        && words.len() <= 8
        && !line.text.ends_with(['.', ':', ',', ';'])
        && words.iter().all(capital)
}
