//! The tables as one check reads them: each row once, however many rules ask for it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::codebook::{AddOn, CodeEntry, Codebook, CodebookError, Dated, FeeRow, Mue, TabularNote};
use crate::domain::{CivilDate, CodeSystem, Setting};

/// What was read once.
type Kept<K, V> = RefCell<BTreeMap<K, Rc<V>>>;

/// A codebook on a date, for one check. Not shared between threads; a check makes its own.
pub(crate) struct Tables<'a> {
    /// The book, for what is asked only once.
    pub(crate) book: &'a Codebook,
    on: CivilDate,
    fees: Kept<String, Dated<Option<FeeRow>>>,
    units: Kept<(Setting, String), Dated<Option<Mue>>>,
    add_ons: Kept<String, Dated<Option<AddOn>>>,
    entries: Kept<(CodeSystem, String), CodeEntry>,
    notes: Kept<String, Dated<Vec<TabularNote>>>,
}

fn once<K: Ord + Clone, V>(
    kept: &Kept<K, V>,
    key: K,
    read: impl FnOnce(&K) -> Result<V, CodebookError>,
) -> Result<Rc<V>, CodebookError> {
    if let Some(found) = kept.borrow().get(&key) {
        return Ok(Rc::clone(found));
    }
    let value = Rc::new(read(&key)?);
    kept.borrow_mut().insert(key, Rc::clone(&value));
    Ok(value)
}

impl<'a> Tables<'a> {
    /// Nothing is read yet.
    pub(crate) fn new(book: &'a Codebook, on: CivilDate) -> Self {
        Self {
            book,
            on,
            fees: Kept::default(),
            units: Kept::default(),
            add_ons: Kept::default(),
            entries: Kept::default(),
            notes: Kept::default(),
        }
    }

    /// The fee schedule's row of the whole service.
    pub(crate) fn fee(&self, code: &str) -> Result<Rc<Dated<Option<FeeRow>>>, CodebookError> {
        once(&self.fees, code.to_owned(), |code| self.book.fee(code, "", self.on))
    }

    /// The unit limit in a setting.
    pub(crate) fn mue(&self, setting: Setting, code: &str) -> Result<Rc<Dated<Option<Mue>>>, CodebookError> {
        once(&self.units, (setting, code.to_owned()), |(setting, code)| {
            self.book.mue(*setting, code, self.on)
        })
    }

    /// The code as an add-on code.
    pub(crate) fn add_on(&self, code: &str) -> Result<Rc<Dated<Option<AddOn>>>, CodebookError> {
        once(&self.add_ons, code.to_owned(), |code| self.book.add_on(code, self.on))
    }

    /// The notes of the tabular list that hold for a diagnosis.
    pub(crate) fn notes(&self, code: &str) -> Result<Rc<Dated<Vec<TabularNote>>>, CodebookError> {
        once(&self.notes, code.to_owned(), |code| self.book.notes(code, self.on))
    }

    /// The code in a system.
    pub(crate) fn entry(&self, system: CodeSystem, code: &str) -> Result<Rc<CodeEntry>, CodebookError> {
        once(&self.entries, (system, code.to_owned()), |(system, code)| {
            self.book.in_system(*system, code, self.on)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_once() {
        let book = Codebook::starter().unwrap();
        let tables = Tables::new(&book, "2024-08-15".parse().unwrap());
        let first = tables.mue(Setting::Practitioner, "97110").unwrap();
        assert!(Rc::ptr_eq(&first, &tables.mue(Setting::Practitioner, "97110").unwrap()));
        assert!(!Rc::ptr_eq(&first, &tables.mue(Setting::Hospital, "97110").unwrap()));
        assert_eq!(first.value.as_ref().unwrap().units, 6);
    }
}
