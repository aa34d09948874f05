//! A draft's Markdown subset as plain text and as HTML: paragraphs, headings, emphasis, lists, quotes, tables, code,
//! links to https pages. Raw HTML is shown as text, images are left out.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let mut dropped_links = Vec::new();
    let mut in_image = 0usize;
    Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(move |event| match event {
        Event::Html(text) | Event::InlineHtml(text) => (in_image == 0).then_some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) => {
            in_image += 1;
            None
        }
        Event::End(TagEnd::Image) => {
            in_image = in_image.saturating_sub(1);
            None
        }
        _ if in_image > 0 => None,
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let keep = dest_url.starts_with("https://");
            dropped_links.push(!keep);
            keep.then_some(event)
        }
        Event::End(TagEnd::Link) => (!dropped_links.pop().unwrap_or(false)).then_some(event),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        event => Some(event),
    })
}

/// As HTML, safe to put into a page or a mail.
#[must_use]
pub fn markdown_html(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut out, events(markdown));
    out
}

/// As plain text: what a mail's text part shows. Paragraphs are one line each.
#[must_use]
pub fn markdown_text(markdown: &str) -> String {
    let mut text = PlainText::default();
    for event in events(markdown) {
        text.take(event);
    }
    text.finish()
}

#[derive(Default)]
struct PlainText {
    out: String,
    lists: Vec<Option<u64>>,
    quotes: usize,
    link: Option<String>,
    /// Rows of the table being read.
    table: Option<Vec<Vec<String>>>,
    heading: Option<(HeadingLevel, usize)>,
}

impl PlainText {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.text(&text),
            Event::SoftBreak => self.text(&CowStr::Borrowed(" ")),
            Event::HardBreak => self.line(),
            Event::Rule => {
                self.block();
                self.out.push_str("----");
                self.block();
            }
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn text(&mut self, text: &CowStr<'_>) {
        match self.table.as_mut().and_then(|t| t.last_mut()).and_then(|r| r.last_mut()) {
            Some(cell) => cell.push_str(text),
            None => {
                for (i, line) in text.split('\n').enumerate() {
                    if i > 0 && !line.is_empty() {
                        self.line();
                    }
                    self.out.push_str(line);
                }
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph if self.lists.is_empty() => self.block(),
            Tag::Heading { level, .. } => {
                self.block();
                self.heading = Some((level, self.out.chars().count()));
            }
            Tag::CodeBlock(_) => self.block(),
            Tag::BlockQuote(_) => {
                self.quotes += 1;
                self.block();
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                self.line();
                let depth = self.lists.len().saturating_sub(1);
                self.out.push_str(&"  ".repeat(depth));
                match self.lists.last_mut() {
                    Some(Some(n)) => {
                        self.out.push_str(&format!("{n}. "));
                        *n += 1;
                    }
                    _ => self.out.push_str("- "),
                }
            }
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.into_string()),
            Tag::Table(_) => {
                self.block();
                self.table = Some(Vec::new());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(rows) = &mut self.table {
                    rows.push(Vec::new());
                }
            }
            Tag::TableCell => {
                if let Some(row) = self.table.as_mut().and_then(|t| t.last_mut()) {
                    row.push(String::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph if self.lists.is_empty() => self.block(),
            TagEnd::Heading(_) => {
                if let Some((HeadingLevel::H1 | HeadingLevel::H2, from)) = self.heading.take() {
                    let width = self.out.chars().count().saturating_sub(from).min(72);
                    self.line();
                    self.out.push_str(&"-".repeat(width));
                }
                self.block();
            }
            TagEnd::BlockQuote(_) => {
                self.quotes = self.quotes.saturating_sub(1);
                self.block();
            }
            TagEnd::CodeBlock => self.block(),
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.block();
                }
            }
            TagEnd::Link => {
                if let Some(url) = self.link.take()
                    && !self.out.ends_with(&url)
                {
                    self.out.push_str(&format!(" <{url}>"));
                }
            }
            TagEnd::Table => {
                let rows = self.table.take().unwrap_or_default();
                self.out.push_str(&columns(&rows));
                self.block();
            }
            _ => {}
        }
    }

    fn line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        if self.out.ends_with('\n') && self.quotes > 0 {
            self.out.push_str(&"> ".repeat(self.quotes));
        }
    }

    fn block(&mut self) {
        while self.out.ends_with("> ") {
            self.out.truncate(self.out.len().saturating_sub(2));
        }
        if self.out.is_empty() {
            self.out.push_str(&"> ".repeat(self.quotes));
            return;
        }
        while !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        self.out.push_str(&"> ".repeat(self.quotes));
    }

    fn finish(mut self) -> String {
        let end = self.out.trim_end().len();
        self.out.truncate(end);
        self.out.push('\n');
        self.out
    }
}

/// A table as aligned columns, with a rule under its head.
fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for (i, row) in rows.iter().enumerate() {
        let cells: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(c, w)| format!("{:<w$}", row.get(c).map_or("", String::as_str)))
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
        if i == 0 {
            let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
            out.push_str(&rule.join("  "));
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_like_a_mail() {
        let text = markdown_text(
            "**No edit** was found. [1]\n\n## Codes\n\n| code | status |\n|---|---|\n| 63020 | valid |\n| J3301 | valid |\n\n\
             - first\n- second\n  1. inner\n\n> quoted\n\nSee [CMS](https://www.cms.gov/ncci) and [x](http://x.example).",
        );
        assert_eq!(
            text,
            "No edit was found. [1]\n\nCodes\n-----\n\ncode   status\n-----  ------\n63020  valid\nJ3301  valid\n\n\
             - first\n- second\n  1. inner\n\n> quoted\n\nSee CMS <https://www.cms.gov/ncci> and x.\n"
        );
    }

    #[test]
    fn raw_html_becomes_text() {
        assert_eq!(markdown_html("<b onclick=x>hi</b>"), "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>\n");
        assert!(!markdown_html("<div><img src=http://e.example></div>").contains("<img"));
    }

    proptest! {
        #[test]
        fn any_text_survives(text in "\\PC{0,300}") {
            let _ = markdown_text(&text);
            let html = markdown_html(&text);
            prop_assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("javascript:"), "{}", html);
        }
    }
}
