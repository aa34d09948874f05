//! A draft's Markdown as plain text and as HTML. A safe subset: no raw HTML, no images, links only to https.

use std::fmt::Write;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Width at which the text of a mail is wrapped.
const WIDTH: usize = 76;

fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let mut link_open: Vec<bool> = Vec::new();
    Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(move |event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let keep = dest_url.starts_with("https://");
            link_open.push(keep);
            keep.then_some(event)
        }
        Event::End(TagEnd::Link) => link_open.pop().unwrap_or(false).then_some(event),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        other => Some(other),
    })
}

/// The draft as HTML: a fragment without a document around it.
#[must_use]
pub fn markdown_html(markdown: &str) -> String {
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, events(markdown));
    out
}

/// The draft as the text part of a mail, wrapped at 76 columns.
#[must_use]
pub fn markdown_text(markdown: &str) -> String {
    let mut writer = Writer::default();
    for event in events(markdown) {
        writer.take(event);
    }
    writer.end_block();
    format!("{}\n", writer.out.trim())
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Text of the block being read.
    block: String,
    /// Numbers of ordered lists; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// First line's marker of the list item being read.
    marker: String,
    heading: Option<HeadingLevel>,
    link: Option<String>,
    verbatim: bool,
}

impl Writer {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.block.push_str(&text),
            Event::SoftBreak => self.block.push(' '),
            Event::HardBreak => self.block.push('\n'),
            Event::Rule => {
                self.end_block();
                self.out.push_str("----\n\n");
            }
            Event::Start(Tag::Heading { level, .. }) => {
                self.end_block();
                self.heading = Some(level);
            }
            Event::Start(Tag::List(first)) => {
                self.end_block();
                self.lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                self.end_block();
                self.lists.pop();
                if self.lists.is_empty() {
                    self.blank_line();
                }
            }
            Event::Start(Tag::Item) => self.start_item(),
            Event::Start(Tag::CodeBlock(_)) => {
                self.end_block();
                self.verbatim = true;
            }
            Event::Start(Tag::Link { dest_url, .. }) => self.link = Some(dest_url.to_string()),
            Event::End(TagEnd::Link) => {
                if let Some(url) = self.link.take().filter(|u| !self.block.ends_with(u.as_str())) {
                    let _ = write!(self.block, " <{url}>");
                }
            }
            Event::End(TagEnd::TableCell) => self.block.push_str(" | "),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                let row = std::mem::take(&mut self.block);
                let _ = writeln!(self.out, "{}", row.trim().trim_end_matches('|').trim_end());
            }
            Event::End(TagEnd::Table) => self.blank_line(),
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock | TagEnd::BlockQuote(_),
            ) => {
                self.end_block();
            }
            _ => {}
        }
    }

    fn start_item(&mut self) {
        self.end_block();
        self.marker = match self.lists.last_mut() {
            Some(Some(n)) => {
                let marker = format!("{n}. ");
                *n += 1;
                marker
            }
            _ => "- ".to_owned(),
        };
    }

    fn blank_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn end_block(&mut self) {
        let text = std::mem::take(&mut self.block);
        let marker = std::mem::take(&mut self.marker);
        let heading = self.heading.take();
        let verbatim = std::mem::take(&mut self.verbatim);
        if text.trim().is_empty() {
            return;
        }
        let depth = self.lists.len().saturating_sub(1);
        let indent = "  ".repeat(depth);
        if verbatim {
            self.out.push_str(&text);
        } else if heading.is_some() {
            self.blank_line();
            let _ = writeln!(self.out, "{}\n{}", text.trim(), "-".repeat(text.trim().chars().count()));
        } else {
            let hang = " ".repeat(marker.len());
            wrap(&mut self.out, text.trim(), &format!("{indent}{marker}"), &format!("{indent}{hang}"));
        }
        if self.lists.is_empty() && heading.is_none() {
            self.blank_line();
        }
    }
}

/// Writes `text` wrapped, its first line after `first`, the others after `rest`.
fn wrap(out: &mut String, text: &str, first: &str, rest: &str) {
    let mut prefix = first;
    for line in text.split('\n') {
        let mut current = prefix.to_owned();
        let mut empty = true;
        for word in line.split_whitespace() {
            if !empty && current.chars().count() + 1 + word.chars().count() > WIDTH {
                let _ = writeln!(out, "{}", current.trim_end());
                rest.clone_into(&mut current);
                empty = true;
            }
            if !empty {
                current.push(' ');
            }
            current.push_str(word);
            empty = false;
        }
        let _ = writeln!(out, "{}", current.trim_end());
        prefix = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn anchors_lists_and_headings() {
        let md = "**No: a\\_b.** [1][2]\n\nAssumed: x.\n\n## Findings\n\n- one [1]\n- two\n\n## Sources\n\n- [1] NCCI\n";
        assert_eq!(
            markdown_text(md),
            "No: a_b. [1][2]\n\nAssumed: x.\n\nFindings\n--------\n- one [1]\n- two\n\nSources\n-------\n- [1] NCCI\n"
        );
        assert!(markdown_html(md).starts_with("<p><strong>No: a_b.</strong> [1][2]</p>"));
    }

    #[test]
    fn hostile_markdown_gives_no_markup() {
        let md = "<script>alert(1)</script>\n\nA <b onclick=x>b</b> [x](javascript:alert) ![i](https://e/x.png) [ok](https://e.org) [h](http://e.org)";
        let html = markdown_html(md);
        for bad in ["<script", "<b ", "javascript:", "<img", "http://e.org"] {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
        assert!(html.contains("<a href=\"https://e.org\">ok</a>"));
    }

    #[test]
    fn long_lines_are_wrapped() {
        let text = markdown_text(&format!("- {}", "word ".repeat(60)));
        assert!(text.lines().all(|l| l.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().nth(1).unwrap().starts_with("  word"));
    }

    proptest! {
        #[test]
        fn any_text_in_no_active_markup_out(md in "\\PC{0,200}") {
            let html = markdown_html(&md).to_lowercase();
            prop_assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("href=\"javascript"));
            let _ = markdown_text(&md);
        }
    }
}
