//! Which parts of a mail are its text, and which are attachments.

use crate::mail::attachment_text;
use crate::mail::decode;
use crate::mail::entity::Entity;
use crate::mail::html;
use crate::mail::parsed::Attachment;

/// Longer text is cut here: 4 MB hold a novel.
const MAX_TEXT: usize = 4 * 1024 * 1024;

/// What a mail's parts hold.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) text: String,
    /// The HTML parts as they came, joined.
    pub(super) html: String,
    pub(super) attachments: Vec<Attachment>,
}

/// Reads the whole tree.
pub(super) fn read(root: &Entity<'_>, problems: &mut Vec<String>) -> Body {
    let mut body = Body::default();
    let mut texts = Vec::new();
    collect(root, &mut body, &mut texts, problems);
    let mut text = texts.join("\n\n");
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        text.truncate(end);
        problems.push("the text is longer than its limit: it was cut".to_owned());
    }
    body.text = text;
    body
}

fn collect(entity: &Entity<'_>, body: &mut Body, texts: &mut Vec<String>, problems: &mut Vec<String>) {
    if entity.kind.main == "multipart" {
        if entity.children.is_empty() {
            texts.push(entity.text(problems));
        } else if entity.kind.sub == "alternative" {
            alternative(entity, body, texts, problems);
        } else {
            for child in &entity.children {
                collect(child, body, texts, problems);
            }
        }
    } else if is_attachment(entity) {
        body.attachments.push(attachment(entity, problems));
    } else if entity.kind.is("text", "html") {
        let source = entity.text(problems);
        texts.push(html::to_text(&source, problems));
        add_html(body, &source);
    } else {
        texts.push(entity.text(problems));
    }
}

/// The same text in several forms: the plain one counts, unless it is empty.
fn alternative(entity: &Entity<'_>, body: &mut Body, texts: &mut Vec<String>, problems: &mut Vec<String>) {
    let mut plain: Vec<String> = Vec::new();
    let mut rich: Vec<String> = Vec::new();
    for child in &entity.children {
        let into = if child.kind.is("text", "plain") { &mut plain } else { &mut rich };
        collect(child, body, into, problems);
    }
    let blank = |texts: &[String]| texts.iter().all(|t| t.trim().is_empty());
    texts.extend(if blank(&plain) && !blank(&rich) { rich } else { plain });
}

fn add_html(body: &mut Body, source: &str) {
    if body.html.len() + source.len() <= MAX_TEXT {
        body.html.push_str(source);
    }
}

fn is_attachment(entity: &Entity<'_>) -> bool {
    let disposition = entity.headers.parameters("content-disposition").map(|p| p.main).unwrap_or_default();
    let text =
        entity.kind.main == "text" && matches!(entity.kind.sub.as_str(), "plain" | "html" | "enriched");
    disposition == "attachment" || !text || file_name(entity).is_some()
}

fn file_name(entity: &Entity<'_>) -> Option<String> {
    let disposition = entity.headers.parameters("content-disposition");
    let declared =
        disposition.as_ref().and_then(|p| p.get("filename")).or_else(|| entity.kind.get("name"))?;
    let name = safe_name(&crate::mail::headers::decoded(declared));
    (!name.is_empty()).then_some(name)
}

/// A name without a path, control or direction characters, or leading dots, at most 120 characters long.
fn safe_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
            || matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?')
    };
    let cleaned: String = decode::one_line(name).chars().filter(|c| !hidden(*c)).collect();
    let cleaned = cleaned.trim().trim_start_matches('.').trim();
    let total = cleaned.chars().count();
    if total <= 120 {
        return cleaned.to_owned();
    }
    // The end of a name tells its kind.
    let head: String = cleaned.chars().take(100).collect();
    let tail: String = cleaned.chars().skip(total - 19).collect();
    format!("{head}…{tail}")
}

fn attachment(entity: &Entity<'_>, problems: &mut Vec<String>) -> Attachment {
    let media_type: String = format!("{}/{}", entity.kind.main, entity.kind.sub)
        .chars()
        .filter(char::is_ascii_graphic)
        .take(100)
        .collect();
    let name = file_name(entity).unwrap_or_else(|| unnamed(entity));
    if media_type.ends_with("/ms-tnef") || name.eq_ignore_ascii_case("winmail.dat") {
        problems.push(
            "winmail.dat: Outlook packed the text or the attachments into one file that is not opened here"
                .to_owned(),
        );
    }
    let bytes = entity.decoded();
    let text = attachment_text::read(&media_type, &name, entity.kind.get("charset"), &bytes);
    Attachment { name, media_type, size: u64::try_from(bytes.len()).unwrap_or(u64::MAX), text }
}

fn unnamed(entity: &Entity<'_>) -> String {
    let extension = match (entity.kind.main.as_str(), entity.kind.sub.as_str()) {
        ("message", "rfc822" | "global") => {
            let subject = entity.children.first().map(|c| c.headers.text("subject")).unwrap_or_default();
            let subject = safe_name(&subject.replace(['/', '\\'], "-"));
            return if subject.is_empty() { "mail.eml".to_owned() } else { format!("{subject}.eml") };
        }
        ("text", "plain") => "txt",
        ("text", "calendar") => "ics",
        ("text", "vcard" | "x-vcard") => "vcf",
        ("image", "jpeg") => "jpg",
        ("application", "pgp-signature") => "asc",
        ("application", "pkcs7-signature" | "x-pkcs7-signature") => "p7s",
        (_, sub @ ("pdf" | "png" | "gif" | "html" | "csv" | "xml" | "zip" | "json" | "rtf")) => sub,
        ("message", sub) => return format!("{}.txt", safe_name(sub)),
        _ => "bin",
    };
    format!("unnamed.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\tmp\\op note.pdf"), "op note.pdf");
        assert_eq!(safe_name("gpj.\u{202e}exe\0.\r\nx"), "gpj.exe\u{fffd}. x");
        assert_eq!(safe_name("...hidden"), "hidden");
        assert!(safe_name(&"x".repeat(500)).chars().count() <= 120);
    }
}
