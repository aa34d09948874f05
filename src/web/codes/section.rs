//! The parts that a code page is made of: a section holds facts, lists and tables, and says which release it rests on.
//! A section without data is not made.

use serde::Serialize;

use crate::codebook::Coverage;
use crate::consult::citation;
use crate::domain::Evidence;

/// A section of a page. Its id is its anchor.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Section {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    /// The release, and whether it covers the date.
    pub(crate) release: Option<ReleaseView>,
    /// A sentence above the rest.
    pub(crate) lead: String,
    pub(crate) facts: Vec<Fact>,
    pub(crate) codes: Vec<CodeLink>,
    pub(crate) tables: Vec<Table>,
    /// The arithmetic, a step a line.
    pub(crate) workings: Vec<String>,
    /// What was assumed, and what is missing.
    pub(crate) remarks: Vec<String>,
    /// Which form stands in it: `edits`, `fees`, `coverage` or none.
    pub(crate) form: &'static str,
    /// Where there is more.
    pub(crate) more: Option<Link>,
    /// Citations that can be pasted.
    pub(crate) cites: Vec<String>,
}

/// The release that something rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ReleaseView {
    pub(crate) name: String,
    pub(crate) days: String,
    pub(crate) covers: bool,
}

/// A fact with its name.
#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    pub(crate) label: String,
    /// As it stands in the file; may be empty.
    pub(crate) value: String,
    pub(crate) text: String,
    /// Where it is inherited from; may be empty.
    pub(crate) from: String,
    pub(crate) links: Vec<Link>,
}

/// A link.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Link {
    pub(crate) text: String,
    pub(crate) href: String,
}

/// A code with its text, as a line of a list.
#[derive(Debug, Serialize)]
pub(crate) struct CodeLink {
    pub(crate) code: String,
    pub(crate) href: String,
    pub(crate) text: String,
    /// What is to be known of it: `heading`, `approximate`; may be empty.
    pub(crate) mark: String,
}

/// A table.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) head: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) href: String,
    pub(crate) number: bool,
}

impl Section {
    pub(crate) fn new(id: &'static str, title: impl Into<String>) -> Self {
        Self { id, title: title.into(), ..Self::default() }
    }

    pub(crate) fn of(mut self, coverage: Option<&Coverage>) -> Self {
        self.release = coverage.map(release);
        self
    }

    pub(crate) fn fact(
        &mut self,
        label: impl Into<String>,
        value: impl Into<String>,
        text: impl Into<String>,
    ) {
        self.facts.push(Fact::new(label, value, text));
    }

    /// Adds a row's citation, once.
    pub(crate) fn cite(&mut self, evidence: Option<&Evidence>) {
        if let Some(evidence) = evidence {
            let line = citation(evidence);
            if !self.cites.contains(&line) {
                self.cites.push(line);
            }
        }
    }
}

impl Fact {
    pub(crate) fn new(label: impl Into<String>, value: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            text: text.into(),
            from: String::new(),
            links: Vec::new(),
        }
    }
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(crate) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: true, ..Self::default() }
    }

    pub(crate) fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), number: false }
    }
}

/// A release as pages name it.
pub(crate) fn release(coverage: &Coverage) -> ReleaseView {
    ReleaseView {
        name: coverage.release.clone(),
        days: format!("{} to {}", coverage.from, coverage.to),
        covers: coverage.covers,
    }
}
