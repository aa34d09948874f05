//! The places of the tabular list, read from its XML: chapters, sections and codes, with what stands at each.

use rusqlite::{Statement, params};

use crate::codebook::import::build::Writer;
use crate::codebook::import::format::Row;
use std::collections::BTreeSet;

use crate::codebook::CodebookError;
use crate::codebook::code_range::CodeRange;
use crate::codebook::import::lines::Faults;
use crate::codebook::import::xml::{Piece, Xml};

/// What a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PlaceKind {
    Chapter = 0,
    Section = 1,
    Code = 2,
}

/// A note, with the codes that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoteRow {
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    /// The number of the line above it, in its list, that ends in a colon and to which it may belong.
    pub(crate) lead: Option<u32>,
    pub(crate) ranges: Vec<CodeRange>,
    pub(crate) line: u32,
}

/// A chapter, a section or a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) kind: PlaceKind,
    /// `chapter 4`, `E08-E13`, a code without dot.
    pub(crate) place: String,
    /// The place above it; empty for a chapter.
    pub(crate) parent: String,
    /// The first and the last category below; for a code itself.
    pub(crate) extent: (String, String),
    /// Its number in the order of the document.
    pub(crate) n: u32,
    pub(crate) title: String,
    pub(crate) placeholder: bool,
    pub(crate) notes: Vec<NoteRow>,
    /// Character, meaning, line. An empty character: a term that belongs to the character before.
    pub(crate) seventh: Vec<(String, String, u32)>,
    pub(crate) line: u32,
}

impl Row for Place {
    const INSERT: &str = "INSERT OR REPLACE INTO tabular_place VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)";

    fn content(&self) -> String {
        let notes: Vec<_> = self.notes.iter().map(|n| (n.kind, &n.text)).collect();
        let seventh: Vec<_> = self.seventh.iter().map(|(c, t, _)| (c, t)).collect();
        format!(
            "{}|{}|{}|{}|{notes:?}|{seventh:?}|{}",
            self.n, self.place, self.parent, self.title, self.placeholder
        )
    }

    fn insert(&self, statement: &mut Statement<'_>, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        let ((first, last), title) = (&self.extent, into.text(&self.title)?);
        statement.execute(params![
            release,
            self.place,
            self.kind as u8,
            self.parent,
            first,
            last,
            self.n,
            self.placeholder,
            title,
            self.line
        ])?;
        Ok(())
    }
}

/// What the document holds.
pub(crate) struct Document {
    pub(crate) places: Vec<Place>,
    pub(crate) version: String,
}

/// The lists of notes, by their tags.
const LISTS: &[(&str, &str)] = &[
    ("includes", "includes"),
    ("inclusionTerm", "inclusion"),
    ("excludes1", "excludes1"),
    ("excludes2", "excludes2"),
    ("codeFirst", "code_first"),
    ("useAdditionalCode", "use_additional"),
    ("codeAlso", "code_also"),
    ("notes", "note"),
    ("sevenChrNote", "seventh_note"),
    ("sevenChrDef", "seventh"),
];

/// Reads the document into its places, in their order.
pub(crate) fn read_places(text: &str, file: &str, faults: &mut Faults) -> Result<Document, CodebookError> {
    let mut reading =
        Reading { places: Vec::new(), open: Vec::new(), version: String::new(), known: BTreeSet::new() };
    let mut xml = Xml::new(text, file);
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Open(tag, attributes) => reading.opened(&mut xml, &tag, &attributes)?,
            Piece::Close => reading.closed(faults)?,
            Piece::Text(_) => {}
        }
    }
    sections_above(&mut reading.places);
    Ok(Document { places: reading.places, version: reading.version })
}

struct Reading {
    places: Vec<Place>,
    /// The tags that are open: the index of a chapter's, section's or code's place, or nothing for others.
    open: Vec<Option<usize>>,
    version: String,
    known: BTreeSet<String>,
}

impl Reading {
    fn opened(
        &mut self,
        xml: &mut Xml<'_>,
        tag: &str,
        attributes: &[(String, String)],
    ) -> Result<(), CodebookError> {
        let given = |key: &str| attributes.iter().find(|(k, _)| k == key).map_or("", |(_, v)| v.trim());
        let at = self.open.iter().rev().find_map(|o| *o);
        match (tag, at) {
            ("ICD10CM.tabular", _) => {
                if given("isAddenda") == "true" {
                    return Err(
                        xml.wrong("this is the list of changes (addenda): import the complete tabular list")
                    );
                }
                self.open.push(None);
            }
            ("version", None) => self.version = text_of(xml)?,
            ("chapter", _) => self.begin(PlaceKind::Chapter, "", false, xml.line()),
            ("section", _) => self.begin(PlaceKind::Section, &section(given("id")), false, xml.line()),
            ("diag", _) => self.begin(PlaceKind::Code, "", given("placeholder") == "true", xml.line()),
            ("name", Some(i)) => {
                let name = text_of(xml)?;
                if let Some(place) = self.places.get_mut(i) {
                    place.place = if place.kind == PlaceKind::Chapter {
                        format!("chapter {name}")
                    } else {
                        name.replace('.', "")
                    };
                }
            }
            ("desc", Some(i)) => {
                let title = text_of(xml)?;
                if let Some(place) = self.places.get_mut(i) {
                    place.title = title;
                }
            }
            ("visualImpairment", Some(i)) => {
                let line = small(xml.line());
                let rows = visual_impairment(xml)?;
                if let Some(place) = self.places.get_mut(i) {
                    let note = |text| NoteRow {
                        kind: "visual_impairment",
                        text,
                        lead: None,
                        ranges: Vec::new(),
                        line,
                    };
                    place.notes.extend(rows.into_iter().map(note));
                }
            }
            (tag, Some(i)) => match LISTS.iter().find(|(t, _)| *t == tag) {
                Some((_, kind)) => self.list(xml, i, kind)?,
                // `sectionIndex`, `deactivated` and whatever newer editions may add.
                None => xml.skip()?,
            },
            _ => xml.skip()?,
        }
        Ok(())
    }

    fn begin(&mut self, kind: PlaceKind, id: &str, placeholder: bool, line: usize) {
        let parent = self.open.iter().rev().find_map(|o| *o).and_then(|i| self.places.get(i));
        self.places.push(Place {
            kind,
            place: id.to_owned(),
            parent: parent.map_or_else(String::new, |p| p.place.clone()),
            extent: (String::new(), String::new()),
            n: small(self.places.len()),
            title: String::new(),
            placeholder,
            notes: Vec::new(),
            seventh: Vec::new(),
            line: small(line),
        });
        self.open.push(Some(self.places.len() - 1));
    }

    /// Reads a list of notes or of 7th characters up to its close.
    fn list(&mut self, xml: &mut Xml<'_>, at: usize, kind: &'static str) -> Result<(), CodebookError> {
        let Some(place) = self.places.get_mut(at) else { return xml.skip() };
        let mut lead = None;
        while let Some(piece) = xml.next()? {
            match piece {
                Piece::Open(tag, attributes) => {
                    let line = small(xml.line());
                    let text = text_of(xml)?;
                    if text.is_empty() {
                        continue;
                    }
                    if kind == "seventh" {
                        let given = attributes.into_iter().find(|(k, _)| k == "char" && tag == "extension");
                        place.seventh.push((given.map_or_else(String::new, |(_, c)| c), text, line));
                        continue;
                    }
                    let opens = text.ends_with(':');
                    let above = if opens { None } else { lead };
                    if opens {
                        lead = Some(small(place.notes.len()));
                    }
                    place.notes.push(NoteRow { kind, text, lead: above, ranges: Vec::new(), line });
                }
                Piece::Close => break,
                Piece::Text(_) => {}
            }
        }
        Ok(())
    }

    /// A tag closes; if it was a place, that is checked.
    fn closed(&mut self, faults: &mut Faults) -> Result<(), CodebookError> {
        let Some(Some(index)) = self.open.pop() else { return Ok(()) };
        let Some(place) = self.places.get_mut(index) else { return Ok(()) };
        let form = |code: &str| {
            (3..=7).contains(&code.len())
                && code.starts_with(|c: char| c.is_ascii_uppercase())
                && code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        };
        let extent = match place.kind {
            PlaceKind::Code => {
                Some((place.place.clone(), place.place.clone())).filter(|(code, _)| form(code))
            }
            PlaceKind::Section => ends(&place.place),
            PlaceKind::Chapter => place.title.rsplit('(').next().and_then(|t| ends(t.trim_end_matches(')'))),
        };
        // Not the whole code above it: H54.512A stands under H54.511, and rightly so.
        let stray = place.kind == PlaceKind::Code
            && form(&place.parent)
            && place.parent.get(..3) != place.place.get(..3);
        let why = if place.title.is_empty() {
            "it has no <desc>"
        } else if extent.is_none() {
            "its name, or the range in its name, is no code of ICD-10-CM"
        } else if stray {
            "it is of another category than the code that it stands under"
        } else if self.known.contains(&place.place) {
            "it stands in the list twice"
        } else {
            ""
        };
        if place.kind == PlaceKind::Code && why.is_empty() {
            faults.rows += 1;
        }
        if why.is_empty() {
            place.extent = extent.unwrap_or_default();
            self.known.insert(place.place.clone());
            return Ok(());
        }
        let shown: String = place.place.chars().take(40).collect();
        let line = place.line;
        // Left without an extent, it is taken out at the end.
        faults.note(usize::try_from(line).unwrap_or(0), format!("`{shown}`: {why}"))
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The name of a section's place. The section of one category must not be taken for that category.
pub(crate) fn section(id: &str) -> String {
    if id.contains('-') { id.to_owned() } else { format!("{id}-{id}") }
}

/// The two ends of `E08-E13`; of `B20`, twice the same.
pub(crate) fn ends(range: &str) -> Option<(String, String)> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let category = |c: &str| c.len() == 3 && c.is_ascii() && c.starts_with(|c: char| c.is_ascii_uppercase());
    (category(first) && category(last)).then(|| (first.to_owned(), last.to_owned()))
}

/// Takes out what was faulty, and puts each section under the closest wider one of its chapter: C15-C26 stands in
/// C00-C75, that in C00-C96.
pub(crate) fn sections_above(places: &mut Vec<Place>) {
    places.retain(|p| !p.extent.0.is_empty());
    let sections: Vec<(String, String, (String, String))> = places
        .iter()
        .filter(|p| p.kind == PlaceKind::Section)
        .map(|p| (p.place.clone(), p.parent.clone(), p.extent.clone()))
        .collect();
    for place in places.iter_mut().filter(|p| p.kind == PlaceKind::Section) {
        let (first, last) = &place.extent;
        let wider = sections
            .iter()
            .filter(|(name, chapter, (from, to))| {
                *name != place.place && *chapter == place.parent && from <= first && last <= to
            })
            .max_by(|(_, _, a), (_, _, b)| (&a.0, &b.1).cmp(&(&b.0, &a.1)));
        if let Some((name, _, _)) = wider {
            place.parent.clone_from(name);
        }
    }
}

/// The text up to the close of the tag last opened, its white space made single. `<old>` is what was struck out.
fn text_of(xml: &mut Xml<'_>) -> Result<String, CodebookError> {
    let (mut text, mut depth) = (String::new(), 0usize);
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Text(t) => text.push_str(&t),
            Piece::Open(tag, _) if tag == "old" => xml.skip()?,
            Piece::Open(..) => depth += 1,
            Piece::Close if depth == 0 => break,
            Piece::Close => depth -= 1,
        }
    }
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The table of visual impairment as lines: category, worst and best acuity, each in the scales of the table.
fn visual_impairment(xml: &mut Xml<'_>) -> Result<Vec<String>, CodebookError> {
    let (mut rows, mut path): (Vec<[Vec<String>; 3]>, Vec<String>) = (Vec::new(), Vec::new());
    loop {
        match xml.next()? {
            None => break,
            Some(Piece::Close) if path.pop().is_none() => break,
            Some(Piece::Close | Piece::Text(_)) => {}
            Some(Piece::Open(tag, _)) => {
                if tag == "heading" || tag == "value" {
                    let text = text_of(xml)?;
                    let column = match path.last().map(String::as_str) {
                        Some("visMax") => 1,
                        Some("visMin") => 2,
                        Some("visCategory") => 0,
                        _ => continue,
                    };
                    if let Some(cell) = rows.last_mut().and_then(|r| r.get_mut(column)) {
                        cell.push(text);
                    }
                    continue;
                }
                if tag == "visCategory" {
                    rows.push([Vec::new(), Vec::new(), Vec::new()]);
                }
                path.push(tag);
            }
        }
    }
    let mut rows = rows.into_iter().map(|row| row.map(|cell| cell.join(", ")));
    let Some(heads) = rows.next() else { return Ok(Vec::new()) };
    let line = |row: [String; 3]| {
        let cells = heads.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        cells
            .map(|(head, cell)| format!("{} {cell}", head.trim_end_matches(':')))
            .collect::<Vec<_>>()
            .join("; ")
    };
    Ok(rows.map(line).collect())
}
