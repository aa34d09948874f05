//! The only user of Tera: mails and pages from templates.
//!
//! Templates are embedded; a file of the same name under `[paths] templates` takes the place of the built-in one.
//! What ends in `.txt` is not escaped, what ends in `.html` is: foreign text cannot become markup.

mod markdown;

pub use markdown::{markdown_html, markdown_text};

use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, Tera};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// A template that cannot be read or filled in.
#[derive(Debug, thiserror::Error)]
#[error("template {template}: {why}")]
pub struct RenderError {
    /// Its name, for example `mail/reply.txt`.
    pub template: String,
    /// What is wrong, and where.
    pub why: String,
}

impl RenderError {
    fn of(template: &str, error: &tera::Error) -> Self {
        use std::error::Error;
        let mut why = error.to_string();
        let mut inner = error.source();
        while let Some(cause) = inner {
            why = format!("{why}: {cause}");
            inner = cause.source();
        }
        Self { template: template.to_owned(), why }
    }
}

/// What stands around a reply: who signs, which case.
#[derive(Debug, Clone, Serialize)]
pub struct ReplyFrame {
    /// The case's number.
    pub case: String,
    /// The reviewer's name.
    pub signer: String,
    /// The reviewer's credential, or `""`.
    pub credential: String,
    /// The date at the desk.
    pub date: String,
    /// The desk's name.
    pub desk: String,
}

/// What an acknowledgement says: nothing of the question.
#[derive(Debug, Clone, Serialize)]
pub struct AcknowledgementFrame {
    /// The case's number.
    pub case: String,
    /// The desk's name.
    pub desk: String,
}

/// All templates, read once.
pub struct Renderer(Tera);

impl Renderer {
    /// Reads the built-in templates, and those that take their place.
    ///
    /// # Errors
    /// If a template cannot be parsed; it is named, with the line.
    pub fn new(instead: Option<&Path>) -> Result<Self, RenderError> {
        let mut texts = Vec::new();
        gather(&BUILT_IN, &mut texts);
        if let Some(folder) = instead {
            for (name, text) in &mut texts {
                let file = folder.join(&*name);
                if file.exists() {
                    *text = std::fs::read_to_string(&file).map_err(|e| RenderError {
                        template: file.display().to_string(),
                        why: e.to_string(),
                    })?;
                }
            }
        }
        let mut tera = Tera::new();
        tera.autoescape_on(vec![".html"]);
        tera.add_raw_templates(texts).map_err(|e| RenderError::of("(all)", &e))?;
        Ok(Self(tera))
    }

    fn render(&self, template: &str, values: &impl Serialize) -> Result<String, RenderError> {
        let context = Context::from_serialize(values).map_err(|e| RenderError::of(template, &e))?;
        self.0.render(template, &context).map_err(|e| RenderError::of(template, &e))
    }

    /// The plain text of a reply: the draft, then who signs it.
    ///
    /// # Errors
    /// If the template is at fault.
    pub fn reply_text(&self, markdown: &str, frame: &ReplyFrame) -> Result<String, RenderError> {
        self.render("mail/reply.txt", &Reply { body: markdown_text(markdown), frame })
    }

    /// The HTML of a reply.
    ///
    /// # Errors
    /// If the template is at fault.
    pub fn reply_html(&self, markdown: &str, frame: &ReplyFrame) -> Result<String, RenderError> {
        self.render("mail/reply.html", &Reply { body: markdown_html(markdown), frame })
    }

    /// The text of an acknowledgement.
    ///
    /// # Errors
    /// If the template is at fault.
    pub fn acknowledgement(&self, frame: &AcknowledgementFrame) -> Result<String, RenderError> {
        self.render("mail/acknowledgement.txt", frame)
    }

    /// A page: `templates/web/NAME.html`.
    ///
    /// # Errors
    /// If the template is at fault.
    pub fn page(&self, name: &str, values: &impl Serialize) -> Result<String, RenderError> {
        self.render(&format!("web/{name}.html"), values)
    }
}

#[derive(Serialize)]
struct Reply<'a> {
    body: String,
    frame: &'a ReplyFrame,
}

fn gather(folder: &'static Dir<'static>, into: &mut Vec<(String, String)>) {
    for file in folder.files() {
        let name = file.path().to_string_lossy().into_owned();
        if let (true, Some(text)) = (name.ends_with(".html") || name.ends_with(".txt"), file.contents_utf8())
        {
            into.push((name, text.to_owned()));
        }
    }
    for inner in folder.dirs() {
        gather(inner, into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> ReplyFrame {
        ReplyFrame {
            case: "CC-2026-00042".into(),
            signer: "Ada <b>Example</b>".into(),
            credential: "CPC".into(),
            date: "2026-11-22".into(),
            desk: "Coding desk".into(),
        }
    }

    #[test]
    fn foreign_text_is_escaped_in_html_and_left_alone_in_text() {
        let renderer = Renderer::new(None).unwrap();
        let hostile =
            "Hello <script>alert(1)</script> & [x](javascript:alert(1)) ![i](http://evil.example/p.png)";
        let html = renderer.reply_html(hostile, &frame()).unwrap();
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("javascript:"), "{html}");
        assert!(!html.contains("evil.example"), "{html}");
        assert!(html.contains("Ada &lt;b&gt;Example&lt;"), "{html}");
        let text = renderer.reply_text("a < b & *c*", &frame()).unwrap();
        assert!(text.starts_with("a < b & c\n"), "{text}");
        assert!(text.contains("Ada <b>Example</b>, CPC"), "{text}");
        assert!(text.contains("CC-2026-00042"), "{text}");
    }

    #[test]
    fn an_acknowledgement_names_the_case_alone() {
        let text = Renderer::new(None)
            .unwrap()
            .acknowledgement(&AcknowledgementFrame {
                case: "CC-2026-00042".into(),
                desk: "Coding desk".into(),
            })
            .unwrap();
        assert!(text.contains("CC-2026-00042") && text.contains("Coding desk"), "{text}");
    }

    #[test]
    fn a_sites_template_takes_the_place_of_the_built_in_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mail")).unwrap();
        std::fs::write(folder.path().join("mail/acknowledgement.txt"), "Ours: {{ case }}").unwrap();
        let frame = AcknowledgementFrame { case: "CC-2026-00001".into(), desk: "d".into() };
        let text = Renderer::new(Some(folder.path())).unwrap().acknowledgement(&frame).unwrap();
        assert_eq!(text, "Ours: CC-2026-00001");
        std::fs::write(folder.path().join("mail/acknowledgement.txt"), "{{ case ").unwrap();
        assert!(Renderer::new(Some(folder.path())).is_err());
    }
}
