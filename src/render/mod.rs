//! The only user of Tera: mails and pages from templates. Templates are embedded in the binary; a folder of the
//! site (`[paths] templates`) replaces single files. Names ending in `.txt` are not escaped, all others are HTML
//! and escape what they show.

mod markdown;

pub use markdown::{markdown_html, markdown_text};

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, Tera};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Why a page or mail could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The site's template folder cannot be read.
    #[error("the template folder {path} could not be read: {source}; correct [paths] templates, or leave it out")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A template has a fault.
    #[error("a template is faulty: {0}")]
    Template(tera::Error),
    /// A page could not be rendered.
    #[error("the template {name} could not be rendered: {source}")]
    Page {
        /// The template.
        name: String,
        /// Why.
        source: tera::Error,
    },
}

/// What stands around the answer in a mail.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MailContext {
    /// The desk's name.
    pub desk: String,
    /// The case's number; absent outside a case.
    pub case_number: Option<String>,
    /// Who approved the answer.
    pub reviewer: Option<String>,
    /// The reviewer's credential, for example CPC.
    pub credential: Option<String>,
    /// The day of the mail, as it is to be shown.
    pub date: String,
    /// A line of the site's own.
    pub footer: Option<String>,
}

/// The parsed templates. Make one and share it: it is immutable.
pub struct Renderer {
    tera: Tera,
}

#[derive(Serialize)]
struct Body<'a> {
    body: String,
    #[serde(flatten)]
    mail: &'a MailContext,
}

impl Renderer {
    /// Parses the embedded templates and those of the site's folder, which replace embedded ones of the same name.
    ///
    /// # Errors
    /// The folder cannot be read, or a template is faulty: the error names it.
    pub fn new(templates_override: Option<&Path>) -> Result<Self, RenderError> {
        let mut templates: Vec<(String, String)> = Vec::new();
        embedded(&EMBEDDED, &mut templates);
        if let Some(folder) = templates_override {
            for (name, text) in folder_templates(folder, folder)? {
                templates.retain(|(known, _)| *known != name);
                templates.push((name, text));
            }
        }
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        tera.add_raw_templates(templates).map_err(RenderError::Template)?;
        Ok(Self { tera })
    }

    /// The text part of an answer (also of a question back, and of a decline) from the draft's Markdown.
    ///
    /// # Errors
    /// A template of the site is faulty.
    pub fn answer_text(&self, markdown: &str, mail: &MailContext) -> Result<String, RenderError> {
        self.page("mail/answer.txt", &Body { body: markdown_text(markdown), mail })
    }

    /// The HTML part of an answer from the draft's Markdown.
    ///
    /// # Errors
    /// A template of the site is faulty.
    pub fn answer_html(&self, markdown: &str, mail: &MailContext) -> Result<String, RenderError> {
        self.page("mail/answer.html", &Body { body: markdown_html(markdown), mail })
    }

    /// Text and HTML of the acknowledgement: nothing of the question is in it.
    ///
    /// # Errors
    /// A template of the site is faulty.
    pub fn acknowledgement(&self, mail: &MailContext) -> Result<(String, String), RenderError> {
        Ok((self.page("mail/acknowledgement.txt", mail)?, self.page("mail/acknowledgement.html", mail)?))
    }

    /// Any template by its path below `templates/`, for example `web/queue.html`.
    ///
    /// # Errors
    /// There is no such template, or it needs a value that `values` does not have.
    pub fn page(&self, name: &str, values: &impl Serialize) -> Result<String, RenderError> {
        let failed = |source| RenderError::Page { name: name.to_owned(), source };
        let context = Context::from_serialize(values).map_err(failed)?;
        self.tera.render(name, &context).map_err(failed)
    }
}

fn embedded(dir: &Dir<'_>, out: &mut Vec<(String, String)>) {
    for file in dir.files() {
        let name = file.path().to_string_lossy().replace('\\', "/");
        if let Some(text) = file.contents_utf8().filter(|_| is_template(&name)) {
            out.push((name, text.to_owned()));
        }
    }
    for below in dir.dirs() {
        embedded(below, out);
    }
}

fn is_template(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == "html" || e == "txt")
}

fn folder_templates(root: &Path, folder: &Path) -> Result<Vec<(String, String)>, RenderError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| RenderError::Folder { path, source }
    };
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        if path.is_dir() {
            out.extend(folder_templates(root, &path)?);
        } else if is_template(&path.to_string_lossy()) {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            out.push((name, std::fs::read_to_string(&path).map_err(failed(&path))?));
        }
    }
    out.sort();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> MailContext {
        MailContext {
            desk: "Coding <desk>".into(),
            case_number: Some("CC-2026-00042".into()),
            reviewer: Some("<script>x</script>".into()),
            credential: Some("CPC".into()),
            date: "2026-01-05".into(),
            footer: Some("a & b".into()),
        }
    }

    #[test]
    fn every_mail_template_renders_and_html_escapes() {
        let renderer = Renderer::new(None).unwrap();
        let html = renderer.answer_html("**No.** <img src=x> 1 < 2", &mail()).unwrap();
        assert!(!html.contains("<script>") && !html.contains("<img") && html.contains("&lt;script&gt;"), "{html}");
        assert!(html.contains("<strong>No.</strong>") && html.contains("a &amp; b"));
        let text = renderer.answer_text("**No.** 1 < 2", &mail()).unwrap();
        assert!(text.starts_with("No. 1 < 2\n") && text.contains("<script>x</script>, CPC\n"), "{text}");
        let (text, html) = renderer.acknowledgement(&mail()).unwrap();
        assert!(text.contains("CC-2026-00042") && html.contains("Coding &lt;desk&gt;"));
        let bare = MailContext { desk: "Desk".into(), date: "2026-01-05".into(), ..MailContext::default() };
        assert!(renderer.answer_text("Hello.", &bare).unwrap().contains("Desk · 2026-01-05"));
        renderer.answer_html("Hello.", &bare).unwrap();
    }

    #[test]
    fn a_site_replaces_single_templates() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mail")).unwrap();
        std::fs::write(folder.path().join("mail/answer.txt"), "Site: {{ body }}").unwrap();
        let renderer = Renderer::new(Some(folder.path())).unwrap();
        assert_eq!(renderer.answer_text("Hi.", &mail()).unwrap(), "Site: Hi.\n");
        assert!(renderer.answer_html("Hi.", &mail()).unwrap().contains("<p>Hi.</p>"));
        std::fs::write(folder.path().join("mail/answer.txt"), "{{ body ").unwrap();
        let error = Renderer::new(Some(folder.path())).err().unwrap().to_string();
        assert!(error.contains("mail/answer.txt"), "{error}");
        assert!(Renderer::new(Some(Path::new("/no/such/folder"))).is_err());
    }
}
