//! `mail parse FILE… --json`: what the desk reads from a mail, without storing anything.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::mail::{ParsedMail, parse_guarded};

/// Options of `mail parse`.
#[derive(Debug, clap::Args)]
pub struct MailParse {
    /// Files with one mail each; any bytes at all.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// One JSON value a line and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// One line of the JSON output.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    mail: &'a ParsedMail,
}

/// Reads each file and writes what it found. Returns whether every file could be read; a file that is no mail
/// counts as read, and its `problems` say so.
///
/// # Errors
/// If `out` or `err` cannot be written to.
pub fn run(options: &MailParse, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<bool> {
    let mut all_read = true;
    for path in &options.files {
        match std::fs::read(path) {
            Ok(bytes) => one(path, bytes, options.json, out)?,
            Err(error) => {
                all_read = false;
                writeln!(err, "mail parse: {} cannot be read: {error}", path.display())?;
            }
        }
    }
    out.flush()?;
    Ok(all_read)
}

fn one(path: &Path, bytes: Vec<u8>, json: bool, out: &mut dyn Write) -> std::io::Result<()> {
    let mail = parse_guarded(bytes).unwrap_or_else(|error| ParsedMail {
        why: "it could not be read: a person decides".to_owned(),
        problems: vec![error.to_string()],
        ..ParsedMail::default()
    });
    let file = path.to_string_lossy();
    if json {
        serde_json::to_writer(&mut *out, &Line { file: &file, mail: &mail })?;
        return writeln!(out);
    }
    writeln!(out, "{file}: {} ({})", mail.class, mail.why)?;
    writeln!(out, "From:    {}", mail.from_raw)?;
    writeln!(out, "Subject: {}", mail.subject)?;
    for attachment in &mail.attachments {
        writeln!(
            out,
            "Attached: {} ({}, {} bytes)",
            attachment.name, attachment.media_type, attachment.size
        )?;
    }
    for bounce in &mail.bounces {
        let lasting = if bounce.permanent { "permanent" } else { "not permanent" };
        writeln!(out, "Bounced: {} {} {} ({lasting})", bounce.recipient, bounce.status, bounce.reason)?;
    }
    for problem in &mail.problems {
        writeln!(out, "Problem: {problem}")?;
    }
    writeln!(out, "\n{}\n", mail.reply_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_file_gives_a_line_and_a_missing_one_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            std::fs::write(dir.path().join(name), bytes).unwrap();
            dir.path().join(name)
        };
        let files = vec![
            file("mail", b"From: Amy <amy@clinic.example>\nSubject: 63020\n\nTogether?\n"),
            file("empty", b""),
            file("binary", &[0, 159, 146, 150].repeat(1000)),
        ];
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert!(run(&MailParse { files: files.clone(), json: true }, &mut out, &mut err).unwrap());
        let lines: Vec<serde_json::Value> =
            String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0]["class"], "human");
        assert_eq!(lines[0]["from"][0]["address"], "amy@clinic.example");
        assert_eq!(lines[0]["reply_text"], "Together?");
        assert_eq!(lines[1]["problems"][0], "the mail is empty");
        assert!(err.is_empty());
        let missing = MailParse { files: vec![dir.path().join("none")], json: true };
        assert!(!run(&missing, &mut Vec::new(), &mut err).unwrap());
        assert!(String::from_utf8(err).unwrap().contains("cannot be read"));
    }
}
