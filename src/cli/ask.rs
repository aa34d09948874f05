//! `ask`: a question in, a drafted answer with its evidence out; no mail, no database.

use std::io::{Read, Write};
use std::path::PathBuf;

use serde::Serialize;

use crate::codebook::Codebook;
use crate::consult::{ConsultError, Question, consult};
use crate::domain::{Answer, CivilDate};
use crate::privacy::mask;
use crate::render::{markdown_html, markdown_text};

/// Options of `ask`.
#[derive(Debug, clap::Args)]
pub struct Ask {
    /// Print one JSON value and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Subject of the question.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub subject: String,
    /// Date of service, YYYY-MM-DD; without it the one in the text is used, else today.
    #[arg(long, value_name = "DATE")]
    pub on: Option<CivilDate>,
    /// File with the question's text; `-` or nothing: standard input.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The question could not be read.
    #[error(
        "the question {what} could not be read: {source}; give a file with text, or - for standard input"
    )]
    Read {
        /// The file's name.
        what: String,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing stands in it.
    #[error("the question {0} is empty; write it into a file, or to standard input with -")]
    Empty(String),
    /// The consultant failed.
    #[error(transparent)]
    Consult(#[from] ConsultError),
    /// The output could not be written.
    #[error("the answer could not be written: {0}")]
    Write(#[from] std::io::Error),
    /// The answer is no JSON.
    #[error("the answer could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

#[derive(Serialize)]
struct WithHtml<'a> {
    #[serde(flatten)]
    answer: &'a Answer,
    html: String,
}

/// Reads the question, masks patient data, and writes the drafted answer. `today` stands for the mail's date.
///
/// # Errors
/// The question cannot be read or is empty, the codebook cannot be read, or `out` cannot be written to.
pub fn run(
    options: &Ask,
    book: &Codebook,
    today: CivilDate,
    input: &mut dyn Read,
    out: &mut dyn Write,
) -> Result<(), AskError> {
    let (what, bytes) = match options.file.as_deref().filter(|f| f.as_os_str() != "-") {
        Some(path) => (path.display().to_string(), std::fs::read(path)),
        None => {
            let mut bytes = Vec::new();
            ("on standard input".to_owned(), input.read_to_end(&mut bytes).map(|_| bytes))
        }
    };
    let bytes = bytes.map_err(|source| AskError::Read { what: what.clone(), source })?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if text.trim().is_empty() && options.subject.trim().is_empty() {
        return Err(AskError::Empty(what));
    }
    let answer = consult(&masked_question(&options.subject, &text, today, options.on), book)?;
    if options.json {
        let html = markdown_html(&answer.text);
        serde_json::to_writer(&mut *out, &WithHtml { answer: &answer, html })?;
        writeln!(out)?;
    } else {
        write!(out, "{}", markdown_text(&answer.text))?;
        if !answer.flags.is_empty() {
            writeln!(out, "\nFor the reviewer: {}", answer.flags.join(", "))?;
        }
    }
    out.flush()?;
    Ok(())
}

/// A question as the desk would hand it on: masked. `today` stands for the mail's date.
pub(super) fn masked_question(
    subject: &str,
    text: &str,
    today: CivilDate,
    dos_override: Option<CivilDate>,
) -> Question {
    let (subject, text) = (mask(subject), mask(text));
    Question {
        phi_present: !subject.found.is_empty() || !text.found.is_empty(),
        subject: subject.text,
        text: text.text,
        date: today,
        dos_override,
        attachments_unread: Vec::new(),
        earlier: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_the_contract() {
        let book = Codebook::starter().unwrap();
        let options = Ask { json: true, subject: String::new(), on: None, file: None };
        let mut out = Vec::new();
        let mut input = "Can 63020 and 63030 be billed together? DOS 8/15/2024, office".as_bytes();
        run(&options, &book, "2026-01-05".parse().unwrap(), &mut input, &mut out).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        for key in ["verdict", "summary", "text", "html", "codes", "findings", "missing", "flags", "sources"]
        {
            assert!(keys.contains(&key), "{key}");
        }
        assert_eq!(json["verdict"], "yes");
    }

    #[test]
    fn an_empty_question_says_what_to_do() {
        let book = Codebook::starter().unwrap();
        let options = Ask { json: false, subject: String::new(), on: None, file: None };
        let error =
            run(&options, &book, "2026-01-05".parse().unwrap(), &mut " \n".as_bytes(), &mut Vec::new())
                .unwrap_err();
        assert!(error.to_string().contains("is empty"));
    }
}
