//! A draft's Markdown as HTML for a page, with its anchors `[n]` as links to the sources.

use std::sync::LazyLock;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

static ANCHOR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[(\d{1,3})\]").ok());

/// Renders the subset of Markdown that drafts use. HTML in the text is shown as text, images are left out, links
/// lead nowhere (their address stays visible): a draft can hold foreign words.
pub(crate) fn html(markdown: &str, sources: usize) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut out: Vec<Event<'_>> = Vec::new();
    let mut text = String::new();
    let mut in_code = false;
    for event in Parser::new_ext(markdown, options) {
        match event {
            // Neighbouring pieces of text are joined first: `[1]` arrives as three of them.
            Event::Text(piece) if !in_code => text.push_str(&piece),
            Event::Html(piece) | Event::InlineHtml(piece) => text.push_str(&piece),
            event => {
                flush(&mut text, sources, &mut out);
                match &event {
                    Event::Start(Tag::CodeBlock(_)) => in_code = true,
                    Event::End(TagEnd::CodeBlock) => in_code = false,
                    Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
                    | Event::End(TagEnd::Link | TagEnd::Image | TagEnd::HtmlBlock) => continue,
                    _ => {}
                }
                out.push(event);
            }
        }
    }
    flush(&mut text, sources, &mut out);
    let mut html = String::with_capacity(markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut html, out.into_iter());
    html
}

/// Text with its anchors: one that points to no source is marked, since nothing stands behind it.
fn flush(text: &mut String, sources: usize, out: &mut Vec<Event<'_>>) {
    let whole = std::mem::take(text);
    let mut at = 0;
    for found in ANCHOR.iter().flat_map(|r| r.captures_iter(&whole)) {
        let (Some(all), Some(number)) = (found.get(0), found.get(1)) else { continue };
        out.push(Event::Text(whole.get(at..all.start()).unwrap_or_default().to_owned().into()));
        let n = number.as_str();
        let known = n.parse().is_ok_and(|n: usize| (1..=sources).contains(&n));
        let link = if known {
            format!("<a class=\"cite\" href=\"#source-{n}\">[{n}]</a>")
        } else {
            format!("<span class=\"cite loose\" title=\"There is no such source\">[{n}]</span>")
        };
        out.push(Event::InlineHtml(link.into()));
        at = all.end();
    }
    out.push(Event::Text(whole.get(at..).unwrap_or_default().to_owned().into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_become_links_and_those_without_a_source_are_marked() {
        let shown = html("**No.** See the edit [1], and [2].", 1);
        assert!(shown.contains("<strong>No.</strong>"), "{shown}");
        assert!(shown.contains("<a class=\"cite\" href=\"#source-1\">[1]</a>"), "{shown}");
        assert!(shown.contains("cite loose") && shown.contains("[2]</span>"), "{shown}");
    }

    #[test]
    fn html_links_and_images_in_a_draft_are_only_text() {
        let evil = "say <script>alert(1)</script> a<b onclick=x>b</b> [go](javascript:alert(1)) \
                    ![i](https://evil.example/x.png)\n\n<div style=\"x\">\n\n```\n<i>code</i>\n```\n\n\
                    <https://evil.example> [x]: <y>";
        let shown = html(evil, 0);
        for bad in ["<script", "<b ", "<img", "javascript:", "<div", "href", "<i>", "src="] {
            assert!(!shown.contains(bad), "{bad} in {shown}");
        }
        assert!(shown.contains("&lt;script&gt;") && shown.contains("&lt;i&gt;code"), "{shown}");
    }
}
