//! HCPCS processing notes (`proc_notes_JAN2026.txt`, in the archive of the HCPCS file): number, two hyphens, text, which
//! goes on until an empty line; an asterisk ends each line of print. Codes refer to notes by their numbers.

use rusqlite::{Statement, params};

use crate::codebook::CodebookError;
use crate::codebook::import::build::Writer;
use crate::codebook::import::format::{FileRows, Format, Input, Row};
use crate::codebook::import::heading;
use crate::codebook::import::lines::Faults;

pub(crate) const FORMAT: Format = Format {
    name: "HCPCS processing notes",
    whole_lines: false,
    matches: |head| {
        head.upper.lines().find(|l| !l.trim().is_empty()).is_some_and(|l| l.trim() == "PROCESSING NOTES")
            && head.text.lines().any(|l| begins(text_of(l)).is_some())
    },
    read,
};

/// So many pages long is no note.
const LONGEST: usize = 4_000;

#[derive(Debug)]
struct Note {
    number: u32,
    text: String,
    line: u32,
}

impl Row for Note {
    const INSERT: &str = "INSERT OR REPLACE INTO hcpcs_note VALUES (?1,?2,?3,?4)";

    fn content(&self) -> String {
        format!("{}|{}", self.number, self.text)
    }

    fn insert(&self, statement: &mut Statement<'_>, _: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        statement.execute(params![self.number, release, self.text, self.line]).map(|_| ())
    }
}

/// A line without the margin and the asterisk of print.
fn text_of(line: &str) -> &str {
    line.trim().trim_end_matches('*').trim()
}

/// Number and first words of a note.
fn begins(text: &str) -> Option<(u32, &str)> {
    let (number, rest) = text.split_once("--")?;
    let shaped = number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit());
    Some((number.parse().ok().filter(|_| shaped)?, rest.trim()))
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let mut notes: Vec<Note> = Vec::new();
    let mut open = false;
    for (index, line) in input.text().lines().enumerate() {
        let text = text_of(line);
        if let Some((number, first)) = begins(text) {
            faults.rows += 1;
            let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
            notes.push(Note { number, text: first.to_owned(), line });
            open = true;
        } else if text.is_empty() || text == "\u{1a}" {
            open = false;
        } else if let Some(note) = notes.last_mut().filter(|_| open) {
            if note.text.len() + text.len() > LONGEST {
                faults.note(index + 1, format!("note {:04} goes on longer than any note", note.number))?;
                open = false;
                continue;
            }
            note.text.push(' ');
            note.text.push_str(text);
        } else if !notes.is_empty() {
            faults.note(index + 1, "it belongs to no note")?;
        }
    }
    // Of a number that stands twice the last counts, as with any correction.
    notes.reverse();
    notes.sort_by_key(|n| n.number);
    notes.dedup_by_key(|n| n.number);
    Ok(FileRows { told: heading::hcpcs_notes(input.name), fewest: 100, ..FileRows::new("hcpcs_note", notes) })
}
