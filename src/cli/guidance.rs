//! `guidance`: how many guidance notes there are of each topic, and what the list of subjects lacks.

use std::io::Write;
use std::process::ExitCode;

use crate::consult::extract;
use crate::consult::guidance::{Matter, choice, claim_group, coverage, library, matching};
use crate::domain::CivilDate;

/// Options of `guidance`.
#[derive(Debug, clap::Args)]
pub struct GuidanceArgs {
    /// A question: print the notes that apply to it, the best first, instead of the counts.
    #[arg(value_name = "QUESTION")]
    pub question: Option<String>,
}

/// Prints the counts, a line a topic. The exit code is 1 if a note was left out or a subject lacks its note.
///
/// # Errors
/// `out` cannot be written to, or the list of subjects cannot be read.
pub fn run(args: &GuidanceArgs, today: CivilDate, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    if let Some(question) = &args.question {
        return explain(question, today, out);
    }
    let library = library();
    let (mut all, mut all_read) = (0, 0);
    for (topic, (notes, read)) in library.counts() {
        writeln!(out, "{topic:<18} {notes:>4} notes, {read:>4} with their source read")?;
        all += notes;
        all_read += read;
    }
    writeln!(out, "{:<18} {all:>4} notes, {all_read:>4} with their source read", "all")?;
    let wanted = coverage::wanted().map_err(anyhow::Error::msg)?;
    let gaps = coverage::gaps(&wanted, library);
    writeln!(out, "{} subjects, {} lacking", wanted.len(), gaps.len())?;
    for line in library.problems().iter().chain(&gaps) {
        writeln!(out, "{line}")?;
    }
    let fine = library.problems().is_empty() && gaps.is_empty();
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The notes that apply to a question, and what speaks for each: `+` is said, `-` is for the reviewer.
fn explain(question: &str, today: CivilDate, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let reading = extract::read(question, today);
    let codes: Vec<String> = reading.codes.iter().map(|c| c.code.clone()).collect();
    let mut modifiers = reading.modifiers;
    modifiers.extend(reading.codes.iter().flat_map(|c| c.modifiers.clone()));
    let text = question.to_lowercase();
    let matter = Matter {
        text: &text,
        codes: &codes,
        modifiers: &modifiers,
        on: reading.date.map_or(today, |d| d.day),
        claim: claim_group(reading.place),
        topics: &[],
        averse: &[],
    };
    let (said, also) = choice::chosen(matching(matter), 5);
    for (sign, list) in [("+", said), ("-", also)] {
        for m in list {
            let (id, why) = (&m.note.id, m.why());
            writeln!(out, "{sign} {:>5.2}  {id:<36} {why}", m.score)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
