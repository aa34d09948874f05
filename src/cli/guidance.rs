//! `guidance`: how many guidance notes there are of each topic, and what the list of subjects lacks.

use std::io::Write;
use std::process::ExitCode;

use crate::consult::guidance::{coverage, library};

/// Prints the counts, a line a topic. The exit code is 1 if a note was left out or a subject lacks its note.
///
/// # Errors
/// `out` cannot be written to, or the list of subjects cannot be read.
pub fn run(out: &mut dyn Write) -> anyhow::Result<ExitCode> {
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
