//! The HTML of an original, made safe to show: no scripts, no forms, nothing loaded from elsewhere, nothing
//! that hides or covers other text.

use std::collections::{HashMap, HashSet};

/// Longer HTML is not shown as HTML.
const MAX: usize = 2 * 1024 * 1024;

/// Safe HTML for a page of the desk, or `None` if there is too much of it (show the text instead).
///
/// Links stay, without a referrer; images, styles, classes and ids go.
#[must_use]
pub fn sanitize(html: &str) -> Option<String> {
    if html.len() > MAX || !crate::mail::html::is_plain_enough(html) {
        return None;
    }
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .tags(HashSet::from([
            "a",
            "abbr",
            "b",
            "blockquote",
            "br",
            "code",
            "dd",
            "del",
            "div",
            "dl",
            "dt",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "i",
            "ins",
            "li",
            "ol",
            "p",
            "pre",
            "s",
            "small",
            "span",
            "strong",
            "sub",
            "sup",
            "table",
            "tbody",
            "td",
            "tfoot",
            "th",
            "thead",
            "tr",
            "tt",
            "u",
            "ul",
        ]))
        .clean_content_tags(HashSet::from(["script", "style", "title", "head", "template"]))
        .generic_attributes(HashSet::from(["dir", "lang"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    Some(cleaner.clean(html).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_or_remote_survives() {
        let safe = sanitize(
            "<style>p{display:none}</style><p style='display:none' onclick=x()>hi</p><img src=http://t/x.gif>\
             <form action=x><input name=q><button>go</button></form><a href='javascript:x'>a</a>\
             <a href=https://x.example>b</a><iframe src=x></iframe><svg onload=x()></svg><script>x</script>\
             <table background=http://t><tr><td bgcolor=red>c</table><base href=//e><meta http-equiv=refresh>",
        )
        .unwrap();
        for gone in [
            "style",
            "onclick",
            "img",
            "form",
            "input",
            "javascript",
            "iframe",
            "svg",
            "script",
            "background",
            "base",
            "meta",
            "display",
        ] {
            assert!(!safe.contains(gone), "{gone}: {safe}");
        }
        assert!(safe.contains("<p>hi</p>") && safe.contains("href=\"https://x.example\""));
        assert_eq!(sanitize(&"<b>".repeat(100_000)), None);
    }
}
