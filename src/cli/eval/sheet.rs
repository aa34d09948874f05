//! The drafts as files, each beside what it should say, and one table to grade the facts in.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use crate::cli::eval::Drafted;

/// Writes `ID.md` for each question, and `grades.tsv`: a line a fact, its grade left open.
pub(super) fn write(folder: &Path, drafted: &[Drafted]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut grades = String::from("id\tfact\tgrade (present, missing, contradicted)\texpected\n");
    for d in drafted {
        std::fs::write(folder.join(format!("{}.md", d.case.id)), sheet(d))?;
        for (i, fact) in d.case.facts_expected.iter().enumerate() {
            let fact = fact.replace(['\t', '\n'], " ");
            let _ = writeln!(grades, "{}\t{}\t\t{fact}", d.case.id, i + 1);
        }
    }
    std::fs::write(folder.join("grades.tsv"), grades)
}

fn sheet(d: &Drafted) -> String {
    let (case, answer) = (&d.case, &d.answer);
    let mut out = format!("# {} ({})\n\n", case.id, case.topic);
    let _ = writeln!(out, "**{}**\n\n{}\n", case.subject, case.body);
    let _ = writeln!(out, "## Expected\n\nCodes: {}\n", case.codes_expected.join(", "));
    for fact in &case.facts_expected {
        let _ = writeln!(out, "- [ ] {fact}");
    }
    for also in &case.accept {
        let _ = writeln!(out, "- also right: {also}");
    }
    let _ = writeln!(
        out,
        "\n## Draft\n\nverdict: {} · flags: {} · {:.2} ms\n\n````markdown\n{}````\n",
        answer.verdict,
        answer.flags.join(", "),
        d.micros as f64 / 1_000.0,
        answer.text
    );
    let _ = writeln!(out, "## For the reviewer\n");
    for f in &answer.findings {
        let _ = writeln!(out, "- {} ({}): {}", f.rule, f.outcome, f.statement);
    }
    out
}
