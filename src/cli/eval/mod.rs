//! `eval`: a set of questions with what their answers must say. What can be counted is counted; the drafts are written
//! beside the expected facts, for a person to grade.

mod measure;
mod sheet;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::cli::ask::masked_question;
use crate::clock::Clock;
use crate::codebook::Codebook;
use crate::consult::consult;
use crate::domain::{Answer, CivilDate, Verdict};

/// Options of `eval`.
#[derive(Debug, clap::Args)]
pub struct Eval {
    /// Questions, one JSON value a line: id, subject, body, topic, codes_expected, facts_expected.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print one JSON value and nothing else.
    #[arg(long)]
    pub json: bool,
    /// The mails' date, YYYY-MM-DD; without it today.
    #[arg(long, value_name = "DATE")]
    pub on: Option<CivilDate>,
    /// Folder to write each draft into, beside the expected facts, with a table to grade them in.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// A question of the set; what else stands in its line is for people.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) subject: String,
    pub(crate) body: String,
    #[serde(default)]
    pub(crate) topic: String,
    #[serde(default)]
    pub(crate) codes_expected: Vec<String>,
    #[serde(default)]
    pub(crate) facts_expected: Vec<String>,
    /// What is also right.
    #[serde(default)]
    pub(crate) accept: Vec<String>,
}

/// A question with its draft.
pub(crate) struct Drafted {
    pub(crate) case: Case,
    pub(crate) answer: Answer,
    /// How long the draft took, in microseconds.
    pub(crate) micros: i64,
}

/// A code and the question in whose draft it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CodeOf {
    pub(crate) id: String,
    pub(crate) code: String,
}

/// What was counted. This is the JSON of `eval --json`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    questions: usize,
    codes_expected: usize,
    codes_found: usize,
    codes_missing: Vec<CodeOf>,
    /// Codes that a draft names and the codebook does not have; must be none.
    codes_not_in_book: Vec<CodeOf>,
    /// Questions that were not answered but asked back.
    unanswered: Vec<String>,
    /// Questions for this desk that were declined, and others that were not.
    misrouted: Vec<String>,
    verdicts: std::collections::BTreeMap<&'static str, usize>,
    words_p50: usize,
    milliseconds_p50: f64,
    milliseconds_p99: f64,
}

/// Drafts every question, counts, and writes the sheets.
///
/// # Errors
/// The file cannot be read or a line is no question; the codebook cannot be read; a sheet cannot be written.
pub fn run(
    options: &Eval,
    book: &Codebook,
    today: CivilDate,
    clock: &Clock,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let cases = read(options)?;
    let day = options.on.unwrap_or(today);
    let mut drafted = Vec::new();
    for case in cases {
        let question = masked_question(&case.subject, &case.body, day, None);
        // The first draft reads what the later ones have at hand.
        if drafted.is_empty() {
            consult(&question, book)?;
        }
        let start = clock.now().micros();
        let answer = consult(&question, book)?;
        let micros = clock.now().micros() - start;
        drafted.push(Drafted { case, answer, micros });
    }
    let report = report(&drafted, book, day)?;
    if let Some(folder) = &options.out {
        sheet::write(folder, &drafted)
            .with_context(|| format!("the drafts could not be written to {}", folder.display()))?;
    }
    if options.json {
        serde_json::to_writer(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        print(&report, out)?;
    }
    Ok(())
}

fn read(options: &Eval) -> anyhow::Result<Vec<Case>> {
    let file = &options.file;
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the questions {} could not be read", file.display()))?;
    let mut cases: Vec<Case> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let place = || format!("{}, line {}", file.display(), number + 1);
        let case: Case = serde_json::from_str(line).with_context(|| {
            format!("{} is no question: an object with at least id and body is needed", place())
        })?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if case.id.is_empty() || case.id.starts_with('.') || !case.id.chars().all(plain) {
            bail!("{}: an id is of letters, digits, `-`, `_` and `.`", place());
        }
        if cases.iter().any(|c| c.id == case.id) {
            bail!("{}: the id {} was there before", place(), case.id);
        }
        cases.push(case);
    }
    if cases.is_empty() {
        bail!("{} holds no questions", file.display());
    }
    Ok(cases)
}

fn report(drafted: &[Drafted], book: &Codebook, day: CivilDate) -> anyhow::Result<Report> {
    let mut report = Report {
        questions: drafted.len(),
        codes_expected: 0,
        codes_found: 0,
        codes_missing: Vec::new(),
        codes_not_in_book: Vec::new(),
        unanswered: Vec::new(),
        misrouted: Vec::new(),
        verdicts: std::collections::BTreeMap::new(),
        words_p50: measure::percentile(drafted.iter().map(|d| measure::words(&d.answer.text)), 50),
        milliseconds_p50: measure::percentile(drafted.iter().map(|d| d.micros), 50) as f64 / 1_000.0,
        milliseconds_p99: measure::percentile(drafted.iter().map(|d| d.micros), 99) as f64 / 1_000.0,
    };
    for d in drafted {
        let of = |code: &String| CodeOf { id: d.case.id.clone(), code: code.clone() };
        let said = measure::codes(measure::own_text(&d.answer.text));
        let missing: Vec<&String> = d.case.codes_expected.iter().filter(|c| !said.contains(*c)).collect();
        report.codes_expected += d.case.codes_expected.len();
        report.codes_found += d.case.codes_expected.len() - missing.len();
        report.codes_missing.extend(missing.into_iter().map(of));
        report.codes_not_in_book.extend(measure::not_in_book(d, book, day)?.iter().map(of));
        let verdict = d.answer.verdict;
        *report.verdicts.entry(verdict.as_str()).or_default() += 1;
        let foreign = d.case.topic == "out_of_scope";
        if foreign != (verdict == Verdict::OutOfScope) {
            report.misrouted.push(d.case.id.clone());
        } else if verdict == Verdict::NeedInfo {
            report.unanswered.push(d.case.id.clone());
        }
    }
    Ok(report)
}

fn print(r: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
    let share = 100.0 * r.codes_found as f64 / r.codes_expected.max(1) as f64;
    let list = |codes: &[CodeOf]| -> String {
        codes.iter().map(|c| format!(" {}:{}", c.id, c.code)).collect::<String>()
    };
    let verdicts: Vec<String> = r.verdicts.iter().map(|(v, n)| format!("{v} {n}")).collect();
    writeln!(out, "questions            {} ({})", r.questions, verdicts.join(", "))?;
    writeln!(out, "code recall          {}/{} ({share:.1} %)", r.codes_found, r.codes_expected)?;
    writeln!(out, "  missing           {}", list(&r.codes_missing))?;
    writeln!(out, "codes not in book    {}{}", r.codes_not_in_book.len(), list(&r.codes_not_in_book))?;
    writeln!(out, "asked back           {} {}", r.unanswered.len(), r.unanswered.join(" "))?;
    writeln!(out, "misrouted            {} {}", r.misrouted.len(), r.misrouted.join(" "))?;
    writeln!(out, "words of a draft     p50 {}", r.words_p50)?;
    writeln!(out, "time of a draft      p50 {:.2} ms, p99 {:.2} ms", r.milliseconds_p50, r.milliseconds_p99)?;
    Ok(())
}

#[cfg(test)]
mod tests;
