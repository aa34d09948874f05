//! `codes passage`: a section of a manual, or the sections that say something.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use crate::cli::codes::print;
use crate::codebook::{Codebook, Coverage, Dated, FoundPassage, Manual, Passage};
use crate::domain::{CivilDate, Evidence};

/// `codes passage`.
#[derive(Debug, Args)]
pub struct PassageArgs {
    /// A manual (`guidelines` or `ncci`) and its section (`guidelines I.C.4.a.3`, `ncci IV.H.6`); or words or a code,
    /// with or without a manual before them.
    #[arg(required = true)]
    pub query: Vec<String>,
    /// The date of service; today if absent.
    #[arg(long, value_name = "DATE")]
    pub on: Option<CivilDate>,
    /// The most sections found by words.
    #[arg(long, default_value_t = 5)]
    pub limit: usize,
    /// One JSON value.
    #[arg(long)]
    pub json: bool,
}

/// What `codes passage --json` gives.
#[derive(Serialize)]
struct Answer {
    query: String,
    on: CivilDate,
    /// The section that was named.
    passage: Option<Passage>,
    coverage: Option<Coverage>,
    evidence: Option<Evidence>,
    /// The sections that were found by words or a code.
    found: Vec<Dated<FoundPassage>>,
}

/// Shows a section, or what is found. Nothing found is an answer, no error.
///
/// # Errors
/// The codebook cannot be read, or `out` cannot be written to.
pub fn run(args: &PassageArgs, book: &Codebook, today: CivilDate, out: &mut dyn Write) -> anyhow::Result<()> {
    let on = args.on.unwrap_or(today);
    let whole = args.query.join(" ");
    let (first, rest) = whole.trim().split_once(' ').unwrap_or((whole.trim(), ""));
    let (manual, query) = match Manual::from_key(first) {
        Some(manual) => (Some(manual), rest.trim()),
        None => (None, whole.trim()),
    };
    let mut answer = Answer {
        query: query.to_owned(),
        on,
        passage: None,
        coverage: None,
        evidence: None,
        found: Vec::new(),
    };
    if let Some(manual) = manual {
        let found = book.passage(manual, query, on)?;
        (answer.passage, answer.coverage, answer.evidence) = (found.value, found.coverage, found.evidence);
    }
    if answer.passage.is_none() {
        answer.found = book.passages(query, on, manual, args.limit)?;
    }
    if args.json {
        return print(out, &answer);
    }
    if let Some(passage) = &answer.passage {
        return show(passage, answer.coverage.as_ref(), out);
    }
    for Dated { value: p, coverage, .. } in &answer.found {
        writeln!(out, "{}, {} {}{}", p.manual.title(), p.cited, p.heading(), told(coverage.as_ref()))?;
        if !p.sentence.is_empty() {
            writeln!(out, "  {}", p.sentence)?;
        }
    }
    if answer.found.is_empty() {
        let loaded = book.manuals(on).iter().any(|m| m.coverage.is_some());
        if loaded {
            writeln!(out, "no section says `{query}`")?;
        } else {
            writeln!(
                out,
                "no manual is loaded that began by {on}: import it, pdf or text, with `codes import PATH`"
            )?;
        }
    }
    Ok(())
}

fn show(passage: &Passage, coverage: Option<&Coverage>, out: &mut dyn Write) -> anyhow::Result<()> {
    let page = if passage.at.page.is_empty() { String::new() } else { format!(", page {}", passage.at.page) };
    writeln!(out, "{}, {}{page}{}", passage.manual.title(), passage.cited, told(coverage))?;
    for above in &passage.within {
        writeln!(out, "  {} {}", above.section, above.title)?;
    }
    writeln!(out, "{}", passage.at.title)?;
    for paragraph in &passage.paragraphs {
        writeln!(out, "\n{}", paragraph.text)?;
    }
    if !passage.below.is_empty() {
        writeln!(out)?;
    }
    for below in &passage.below {
        writeln!(out, "  {} {}", below.section, below.title)?;
    }
    Ok(())
}

fn told(coverage: Option<&Coverage>) -> String {
    match coverage {
        Some(c) if c.covers => format!(" [{}]", c.release),
        Some(c) => format!(" [{}, which ends on {}: not verified for the date]", c.release, c.to),
        None => String::new(),
    }
}
