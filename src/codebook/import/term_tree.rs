//! The XML of the ICD-10-CM index and of its tables of drugs and neoplasms: letters, main terms, and terms nested
//! below them, each with a title, codes or cells, and cross-references (icd10cm_index.xsd, icd10cm_drug_neoplasm.xsd).

use std::collections::BTreeMap;

use crate::codebook::CodebookError;
use crate::codebook::import::format::Input;
use crate::codebook::import::xml::{Piece, Xml};

/// How deep terms may nest; the schema knows nine levels.
const DEEPEST: usize = 12;
/// The longest title or reference, in bytes; the longest official one has about 300.
const LONGEST: usize = 1_000;
/// How many references may follow one another.
const MOST_STEPS: usize = 5;
/// The cells of a term: columns 2 to 7.
pub(crate) const COLUMNS: usize = 6;

/// A main term, or one below another.
#[derive(Debug, Default)]
pub(crate) struct Term {
    pub(crate) parent: Option<usize>,
    /// The title as printed, with its nonessential modifiers in parentheses.
    pub(crate) title: String,
    /// The title without them.
    pub(crate) essential: String,
    /// Codes and categories named with it, as printed: `V43.52-`.
    pub(crate) codes: Vec<String>,
    /// The cells of columns 2–7, as printed; empty where there is none.
    pub(crate) cells: [String; COLUMNS],
    pub(crate) see: Option<String>,
    pub(crate) see_also: Option<String>,
    /// The line of its title.
    pub(crate) line: u32,
}

impl Term {
    /// Whether it stands for something itself, and is not only a way to other terms.
    pub(crate) fn is_coded(&self) -> bool {
        !self.codes.is_empty() || self.cells.iter().any(|c| !c.is_empty())
    }
}

/// All terms of a file.
#[derive(Debug, Default)]
pub(crate) struct TermTree {
    /// The year it is for, as it says itself.
    pub(crate) version: String,
    pub(crate) terms: Vec<Term>,
    /// Terms below a term (or main terms, below `None`) by each word or phrase that begins or makes up their title.
    children: BTreeMap<(Option<usize>, String), usize>,
}

/// What the text that is being read belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    None,
    Term,
    Version,
    Title,
    Modifier,
    Code,
    Cell(usize),
    See,
    SeeAlso,
}

/// Reads a whole file.
///
/// # Errors
/// If it is not well-formed (it was cut), or nests or runs on as no official file does.
pub(crate) fn read(input: &Input<'_>) -> Result<TermTree, CodebookError> {
    let document = input.text();
    let mut xml = Xml::new(&document, input.shown);
    let (mut tree, mut open, mut places) = (TermTree::default(), Vec::<usize>::new(), Vec::<Place>::new());
    let mut text = String::new();
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Open(name, attributes) => {
                tree.take(&open, places.last().copied(), &mut text);
                let line = u32::try_from(xml.line()).unwrap_or(u32::MAX);
                places.push(begin(&name, &attributes, &mut tree, &mut open, line));
                if open.len() > DEEPEST {
                    return Err(xml.wrong(&format!("terms nest deeper than {DEEPEST} levels")));
                }
            }
            Piece::Text(more) => text.push_str(&more),
            Piece::Close => {
                let place = places.pop();
                tree.take(&open, place, &mut text);
                if place == Some(Place::Term) {
                    open.pop();
                }
            }
        }
        if text.len() > LONGEST {
            return Err(xml.wrong(&format!("a title runs over {LONGEST} characters")));
        }
    }
    if tree.terms.is_empty() {
        return Err(xml.wrong("it has no terms: it was cut; download it again"));
    }
    tree.index();
    Ok(tree)
}

/// What an element begins; a term is added to the tree.
fn begin(
    name: &str,
    attributes: &[(String, String)],
    tree: &mut TermTree,
    open: &mut Vec<usize>,
    line: u32,
) -> Place {
    match name {
        "mainTerm" | "term" => {
            let parent = open.last().copied();
            open.push(tree.terms.len());
            tree.terms.push(Term { parent, line, ..Term::default() });
            Place::Term
        }
        "version" => Place::Version,
        "title" => Place::Title,
        "nemod" => Place::Modifier,
        "code" | "seecat" | "subcat" => Place::Code,
        "see" => Place::See,
        "seeAlso" => Place::SeeAlso,
        "cell" => {
            let column = attributes.iter().find(|(key, _)| key == "col");
            let column = column.and_then(|(_, c)| c.parse::<usize>().ok()).unwrap_or(0);
            Place::Cell(column.wrapping_sub(2))
        }
        _ => Place::None,
    }
}

impl TermTree {
    /// Puts a piece of text where it belongs.
    fn take(&mut self, open: &[usize], place: Option<Place>, piece: &mut String) {
        let text = std::mem::take(piece);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return;
        }
        let term = open.last().and_then(|at| self.terms.get_mut(*at));
        match (place.unwrap_or(Place::None), term) {
            (Place::Version, _) => self.version = text,
            (Place::Title, Some(term)) => {
                append(&mut term.title, &text);
                append(&mut term.essential, &text);
            }
            (Place::Modifier, Some(term)) => append(&mut term.title, &text),
            (Place::Code, Some(term)) => term.codes.push(text),
            (Place::Cell(column), Some(term)) => {
                if let Some(cell) = term.cells.get_mut(column).filter(|_| !text.trim_matches('-').is_empty())
                {
                    *cell = text;
                }
            }
            (Place::See, Some(term)) => term.see = Some(text),
            (Place::SeeAlso, Some(term)) => term.see_also = Some(text),
            _ => {}
        }
    }

    /// Makes terms findable by the ways in which references name them.
    fn index(&mut self) {
        for at in 0..self.terms.len() {
            let Some(term) = self.terms.get(at) else { continue };
            let whole = key(&term.essential);
            let mut keys: Vec<String> = whole.split(", ").map(str::to_owned).collect();
            keys.push(whole);
            for key in keys {
                self.children.entry((term.parent, key)).or_insert(at);
            }
        }
    }

    /// The term that a reference names (`Accident, transport, car occupant`), if it names one plainly.
    fn target(&self, reference: &str) -> Option<usize> {
        let plain = without_parentheses(reference);
        let parts: Vec<String> = plain.split(", ").map(key).collect();
        let (mut at, mut done) = (None, 0);
        while done < parts.len() {
            // A title may hold commas itself: the longest that fits.
            let (term, to) = (done + 1..=parts.len()).rev().find_map(|to| {
                let name = parts.get(done..to)?.join(", ");
                self.children.get(&(at, name)).map(|term| (*term, to))
            })?;
            (at, done) = (Some(term), to);
        }
        at
    }

    /// The coded term that a term without codes refers to by `see` (or, if it has no `see`, by `see also`).
    pub(crate) fn referred(&self, at: usize) -> Option<&Term> {
        let mut term = self.terms.get(at)?;
        for _ in 0..MOST_STEPS {
            if term.is_coded() {
                return Some(term);
            }
            let reference = term.see.as_ref().or(term.see_also.as_ref())?;
            term = self.terms.get(self.target(reference)?)?;
        }
        None
    }

    /// The titles from the main term down to this one. `title` chooses what of each is taken.
    pub(crate) fn path<'a>(&'a self, at: usize, title: impl Fn(&'a Term) -> &'a str) -> Vec<&'a str> {
        let (mut path, mut next) = (Vec::new(), Some(at));
        while let Some(term) = next.and_then(|at| self.terms.get(at)) {
            path.push(title(term));
            next = term.parent;
        }
        path.reverse();
        path
    }
}

/// A code as printed in the index, without dot and without the dash that says "more characters follow".
pub(crate) fn stem(code: &str) -> Option<String> {
    let plain = code.trim_end_matches(['-', '\u{2013}']).replace('.', "");
    let good = (3..=7).contains(&plain.len())
        && plain.starts_with(|c: char| c.is_ascii_uppercase())
        && plain.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    good.then_some(plain)
}

/// A title as references write it: lower case, without `NEC` and `NOS`.
fn key(title: &str) -> String {
    let lower = title.trim().to_lowercase();
    lower.trim_end_matches(" nec").trim_end_matches(" nos").trim().to_owned()
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0usize;
    let kept = text.chars().filter(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    });
    kept.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",")
}

fn append(to: &mut String, text: &str) {
    if !to.is_empty() && !text.starts_with([',', ';']) {
        to.push(' ');
    }
    to.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_lose_dots_and_dashes_and_nothing_else_is_one() {
        assert_eq!(stem("V43.52-").as_deref(), Some("V4352"));
        assert_eq!(stem("C44.50-").as_deref(), Some("C4450"));
        assert_eq!((stem("--"), stem("see"), stem("T1")), (None, None, None));
    }

    #[test]
    fn references_are_followed_through_titles_with_commas() {
        let xml = "<i><version>2026</version><letter><mainTerm><title>Fall, falling<nemod>(accidental)</nemod> NEC</title>
            <term level=\"1\"><title>from, off</title><term level=\"2\"><title>chair, wheel</title><code>W99.1-</code></term></term></mainTerm>
            <mainTerm><title>Tumble &amp; slip</title><see>Fall, from, chair, wheel</see></mainTerm>
            <mainTerm><title>Loop</title><see>Loop</see></mainTerm></letter></i>";
        let tree = read(&Input { name: "f", shown: "f", bytes: xml.as_bytes() }).unwrap();
        assert_eq!(
            tree.path(2, |t| &t.title),
            ["Fall, falling (accidental) NEC", "from, off", "chair, wheel"]
        );
        assert_eq!((tree.terms[3].title.as_str(), tree.terms[3].line), ("Tumble & slip", 3));
        assert_eq!(tree.referred(3).unwrap().codes, ["W99.1-"]);
        assert!(tree.referred(4).is_none());
        let refused = |xml: &str| {
            read(&Input { name: "f", shown: "f", bytes: xml.as_bytes() }).unwrap_err().to_string()
        };
        let cut = refused(xml.get(..xml.len() - 9).unwrap());
        assert!(cut.contains("line 4") && cut.contains("cut"), "{cut}");
        let deep = format!("<i>{}", "<term>".repeat(20));
        assert!(refused(&deep).contains("nest deeper than 12"));
        assert!(
            refused(&format!("<i><term><title>{}</title></term></i>", "x".repeat(2_000)))
                .contains("runs over")
        );
        assert!(refused("<!DOCTYPE i [<!ENTITY a \"b\">]><i>&a;</i>").contains("document type"));
        assert!(refused("<i/>").contains("no terms"));
    }
}
