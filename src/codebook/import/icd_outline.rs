//! ICD-10-CM chapters, sections and categories of an edition (csv, as they come with the table and index files):
//! `chapter,description` · `section_range,chapter,description` · `ICD10-CM-CODE,description,section,chapter`.

use crate::codebook::CodebookError;
use crate::codebook::import::csv_rows::{is_blank, line_of, reader};
use crate::codebook::import::format::{FileRows, Format, Head, Input};
use crate::codebook::import::heading;
use crate::codebook::import::lines::Faults;
use crate::codebook::import::tabular::{Place, PlaceKind, ends, section, sections_above};

pub(crate) const FORMAT: Format =
    Format { name: "ICD-10-CM list of chapters and sections", whole_lines: true, matches, read };

/// The three headers: dataset, kind of its places, fewest rows (2026: 22, 297, 1,918).
const LAYOUTS: [(&str, &str, PlaceKind, usize); 3] = [
    ("chapter,description", "icd10cm_chapters", PlaceKind::Chapter, 20),
    ("section_range,chapter,description", "icd10cm_sections", PlaceKind::Section, 250),
    ("icd10-cm-code,description,section,chapter", "icd10cm_categories", PlaceKind::Code, 1_700),
];

fn matches(head: &Head<'_>) -> bool {
    let first = head.text.lines().next().unwrap_or("").trim().to_ascii_lowercase();
    LAYOUTS.iter().any(|(header, ..)| *header == first)
}

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let text = input.text();
    let header = text.lines().next().unwrap_or("").trim().to_ascii_lowercase();
    let Some((_, dataset, kind, fewest)) = LAYOUTS.iter().copied().find(|(h, ..)| *h == header) else {
        return Err(CodebookError::bad_file(input.shown, "line 1: it is not the header of such a list"));
    };
    let mut places: Vec<Place> = Vec::new();
    for record in reader(&text).into_records().skip(1) {
        let record = record.map_err(|e| CodebookError::bad_file(input.shown, e.to_string()))?;
        if is_blank(&record) {
            continue;
        }
        let line = line_of(&record);
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        let number = |chapter: &str| chapter.parse::<u8>().is_ok().then(|| format!("chapter {chapter}"));
        let (name, parent, title, range) = match kind {
            PlaceKind::Chapter => {
                let range = cell(1).rsplit('(').next().unwrap_or("").trim_end_matches(')');
                (number(cell(0)), Some(String::new()), cell(1), ends(range))
            }
            PlaceKind::Section => (Some(section(cell(0))), number(cell(1)), cell(2), ends(cell(0))),
            PlaceKind::Code => {
                let parent = ends(cell(2)).map(|_| section(cell(2)));
                (Some(cell(0).to_owned()), parent, cell(1), ends(cell(0)).filter(|(a, b)| a == b))
            }
        };
        let (Some(place), Some(parent), Some(extent), false) = (name, parent, range, title.is_empty()) else {
            faults.note(line, "it is not code or range, chapter and title")?;
            continue;
        };
        faults.rows += 1;
        places.push(Place {
            kind,
            place,
            parent,
            extent,
            n: u32::try_from(places.len()).unwrap_or(u32::MAX),
            title: title.to_owned(),
            placeholder: false,
            notes: Vec::new(),
            seventh: Vec::new(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
        });
    }
    sections_above(&mut places);
    Ok(FileRows { told: heading::icd10cm(input.name), fewest, ..FileRows::new(dataset, places) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::import::format::recognise;

    fn rows(text: &str) -> (Vec<(String, String, String)>, usize) {
        let mut faults = Faults::new("f.csv");
        let input =
            Input { name: "icd10cm-sections-April-1-2026.csv", shown: "f.csv", bytes: text.as_bytes() };
        assert_eq!(recognise("f.csv", text.as_bytes()).map(|f| f.name), Some(FORMAT.name));
        let found = read(&input, &mut faults).unwrap();
        assert_eq!(found.told.unwrap().1.to_string(), "2026-04-01");
        let shown = format!("{:?}", found.table);
        let of = |key: &str, s: &str| s.split(key).nth(1).unwrap().split('"').nth(1).unwrap().to_owned();
        let places = shown.split("Place {").skip(1);
        (places.map(|p| (of("place:", p), of("parent:", p), of("title:", p))).collect(), faults.bad.len())
    }

    #[test]
    fn the_three_lists_are_read() {
        let row = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        let (found, _) = rows("chapter,description\n1,Invented diseases (A00-B99)\n");
        assert_eq!(found, [row("chapter 1", "", "Invented diseases (A00-B99)")]);
        let text = "section_range,chapter,description\nA00-A19,1,\"Fevers, all (A00-A19)\"\nB20,1,One (B20)\nA00-A09,1,First (A00-A09)\n";
        let (found, _) = rows(text);
        assert_eq!(found[1], row("B20-B20", "chapter 1", "One (B20)"));
        assert_eq!(found[2], row("A00-A09", "A00-A19", "First (A00-A09)"));
        let text =
            "ICD10-CM-CODE,description,section,chapter\nA00,Invented fever,A00-A09,1\nA0,Bad,A00-A09,1\n";
        let (found, bad) = rows(text);
        assert_eq!((found, bad), (vec![row("A00", "A00-A09", "Invented fever")], 1));
    }
}
