//! HTML as text, for mails that have nothing else. Nothing is fetched, nothing executed.

use html2text::render::TrivialDecorator;
use mail_parser::decoders::html::html_to_text;

/// Longer HTML is cut here before it is read.
const MAX_HTML: usize = 2 * 1024 * 1024;
/// HTML with more elements open at once goes to the plain tokenizer: building its tree could take quadratic time.
const MAX_OPEN: i32 = 300;
/// The same for HTML with more tags.
const MAX_TAGS: usize = 40_000;
/// Wide enough that no line of a mail is broken.
const WIDTH: usize = 2_000;

/// The text of an HTML part: paragraphs as lines, quoted mail marked with `> `.
pub(super) fn to_text(html: &str, problems: &mut Vec<String>) -> String {
    let html = cut(html, problems);
    let html = without_invisible(html);
    let text = if is_plain_enough(&html) { rendered(&html) } else { None };
    let text = text.unwrap_or_else(|| html_to_text(&html));
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").replace('\u{a0}', " ").trim_matches('\n').to_owned()
}

fn cut<'a>(html: &'a str, problems: &mut Vec<String>) -> &'a str {
    if html.len() <= MAX_HTML {
        return html;
    }
    problems.push("the HTML text is longer than its limit: it was cut".to_owned());
    let end = (0..=MAX_HTML).rev().find(|&i| html.is_char_boundary(i)).unwrap_or(0);
    html.get(..end).unwrap_or_default()
}

/// Style sheets, scripts and comments hold no text of the writer's.
fn without_invisible(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let head: String = after.chars().take(8).collect::<String>().to_ascii_lowercase();
        let end = match head.as_str() {
            h if h.starts_with("!--") => find(after, "-->"),
            h if h.starts_with("style") => find(after, "</style>"),
            h if h.starts_with("script") => find(after, "</script>"),
            _ => {
                out.push('<');
                rest = after;
                continue;
            }
        };
        match end {
            Some(end) => rest = after.get(end..).unwrap_or_default(),
            None => {
                // Never closed: keep what follows as text rather than lose it.
                out.push_str("&lt;");
                out.push_str(after);
                return out;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The offset behind the first `needle` (ASCII, lower case), without regard to case.
fn find(text: &str, needle: &str) -> Option<usize> {
    let needle = needle.as_bytes();
    text.as_bytes()
        .windows(needle.len())
        .position(|w| w.eq_ignore_ascii_case(needle))
        .map(|at| at + needle.len())
}

pub(super) fn is_plain_enough(html: &str) -> bool {
    let (mut open, mut tags) = (0i32, 0usize);
    for tag in html.split('<').skip(1) {
        tags += 1;
        let name: String =
            tag.chars().take(12).take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        let name = name.to_ascii_lowercase();
        if name.starts_with('/') {
            open = (open - 1).max(0);
        } else if !matches!(
            name.as_str(),
            "" | "br" | "br/" | "img" | "hr" | "hr/" | "meta" | "link" | "input" | "col" | "area" | "base"
        ) {
            open += 1;
        }
        if open > MAX_OPEN || tags > MAX_TAGS {
            return false;
        }
    }
    true
}

fn rendered(html: &str) -> Option<String> {
    html2text::config::with_decorator(Quoting)
        .link_footnotes(false)
        .no_table_borders()
        .raw_mode(true)
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), WIDTH)
        .ok()
}

/// As [`TrivialDecorator`], but quoted mail and list items stay recognisable.
#[derive(Debug, Clone)]
struct Quoting;

impl html2text::render::TextDecorator for Quoting {
    type Annotation = ();
    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        TrivialDecorator::new().decorate_link_start(url)
    }
    fn decorate_link_end(&mut self) -> String {
        String::new()
    }
    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_em_end(&self) -> String {
        String::new()
    }
    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strong_end(&self) -> String {
        String::new()
    }
    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }
    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_code_end(&self) -> String {
        String::new()
    }
    fn decorate_preformat_first(&self) {}
    fn decorate_preformat_cont(&self) {}
    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }
    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }
    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }
    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }
    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }
    fn make_subblock_decorator(&self) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(html: &str) -> String {
        to_text(html, &mut Vec::new())
    }

    #[test]
    fn html_becomes_text() {
        let html = "<style>p{}</style><p>Can <b>63020</b> and 63030 be billed <a href='http://x'>together</a>?</p>\
                    <ul><li>one<li>two</ul><div>On Monday, A wrote:</div><blockquote>old</blockquote>";
        let read = text(html);
        assert!(read.starts_with("Can 63020 and 63030 be billed together?\n"), "{read:?}");
        assert!(read.contains("- one\n- two") && read.contains("> old"), "{read:?}");
    }

    #[test]
    fn hostile_html_is_survived() {
        for evil in ["<div>", "<b><p>", "<table><tr><td>", "<a>", "<!--", "<style>", "<"] {
            let read = text(&format!("{}hello", evil.repeat(60_000)));
            assert!(read.len() < 1_000_000);
        }
        assert!(text(&"<p>word</p>".repeat(100_000)).contains("word"));
    }

    proptest! {
        #[test]
        fn any_html(html in "(<(/?(p|div|b|table|tr|td|li|ul|pre|blockquote|a href='x')>)?|&[a-z]{2,4};|[ -~é\n]){0,80}") {
            let _ = text(&html);
        }
    }
}
