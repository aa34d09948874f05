//! The sections of an edition in their order, read once: what stands around a section is asked for with every passage.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::codebook::manual::SectionRef;

/// The sections of one edition, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    rows: Vec<(SectionRef, Option<usize>)>,
    by_name: HashMap<String, usize>,
}

impl Outline {
    fn read(connection: &Connection, release: i64) -> rusqlite::Result<Self> {
        let mut outline = Self::default();
        let sql = "SELECT section, parent, title, page FROM manual_section WHERE release=?1 ORDER BY n";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([release])?;
        while let Some(r) = rows.next()? {
            let at = outline.rows.len();
            let parent: Option<i64> = r.get(1)?;
            // Parents stand before their children.
            let parent = parent.and_then(|n| usize::try_from(n).ok()).filter(|n| *n < at);
            let depth = parent.and_then(|n| outline.rows.get(n)).map_or(0, |(s, _)| s.depth + 1);
            let section = SectionRef { section: r.get(0)?, title: r.get(2)?, page: r.get(3)?, depth };
            outline.by_name.entry(section.section.clone()).or_insert(at);
            outline.rows.push((section, parent));
        }
        Ok(outline)
    }

    /// All sections.
    pub(crate) fn all(&self) -> impl Iterator<Item = &SectionRef> {
        self.rows.iter().map(|(section, _)| section)
    }

    /// A section's number by its name.
    pub(crate) fn number(&self, section: &str) -> Option<usize> {
        self.by_name.get(section).copied()
    }

    /// A section by its number.
    pub(crate) fn section(&self, n: usize) -> Option<&SectionRef> {
        self.rows.get(n).map(|(section, _)| section)
    }

    /// The sections around one, the outermost first.
    pub(crate) fn around(&self, n: usize) -> Vec<&SectionRef> {
        let (mut all, mut at) = (Vec::new(), self.rows.get(n).and_then(|(_, parent)| *parent));
        while let Some((section, parent)) = at.and_then(|n| self.rows.get(n)) {
            all.push(section);
            at = *parent;
        }
        all.reverse();
        all
    }

    /// The sections directly below one.
    pub(crate) fn below(&self, n: usize) -> impl Iterator<Item = &SectionRef> {
        self.rows.iter().skip(n + 1).filter(move |(_, parent)| *parent == Some(n)).map(|(section, _)| section)
    }
}

/// The outlines that were asked for, by release.
#[derive(Debug, Default)]
pub(crate) struct Outlines(Mutex<HashMap<i64, Arc<Outline>>>);

impl Outlines {
    /// The outline of a release.
    pub(crate) fn of(&self, connection: &Connection, release: i64) -> rusqlite::Result<Arc<Outline>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&release).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let outline = Arc::new(Outline::read(connection, release)?);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(release, Arc::clone(&outline));
        Ok(outline)
    }
}
