//! The contractors of an export: their names, and the states of each.

use std::collections::{BTreeMap, BTreeSet};

use crate::codebook::import::mcd::Tables;
use crate::codebook::mcd::area;

/// A contractor as the tables refer to it: its id, type and version.
type Key = (String, String, String);

/// The contractors of an export.
#[derive(Debug, Default)]
pub(crate) struct Contractors {
    names: BTreeMap<Key, String>,
    states: BTreeMap<Key, BTreeSet<String>>,
    letters: BTreeMap<String, String>,
}

impl Contractors {
    /// Reads the tables about contractors, as far as there are any.
    pub(crate) fn read(tables: &Tables<'_>) -> Self {
        let mut all = Self::default();
        for row in tables.rows("state_lookup.csv") {
            if let Some(state) = area::postal(row.get("state_abbrev"), row.get("description")) {
                all.letters.insert(row.get("state_id").to_owned(), state.to_owned());
            }
        }
        let mut types: BTreeMap<String, String> = BTreeMap::new();
        for row in tables.rows("contractor_type_lookup.csv") {
            types.insert(row.get("contractor_type_id").to_owned(), row.get("description").to_owned());
        }
        for row in tables.rows("contractor.csv") {
            let kind = types.get(row.get("contractor_type_id")).map_or("", String::as_str);
            let told: Vec<&str> =
                [kind, row.get("contractor_number")].into_iter().filter(|t| !t.is_empty()).collect();
            let name = row.get("contractor_bus_name");
            let name =
                if told.is_empty() { name.to_owned() } else { format!("{name} ({})", told.join(", ")) };
            all.names.insert(row.contractor(), name);
        }
        for row in tables.rows("contractor_jurisdiction.csv") {
            // A state that the contractor has given up is no part of any document that it still has.
            if row.get("term_date").is_empty()
                && let Some(state) = all.letters.get(row.get("state_id"))
            {
                all.states.entry(row.contractor()).or_default().insert(state.clone());
            }
        }
        all
    }

    /// A contractor's name; an empty one if the export does not name it.
    pub(crate) fn name(&self, key: &Key) -> &str {
        self.names.get(key).map_or("", String::as_str)
    }

    /// A contractor's states.
    pub(crate) fn states(&self, key: &Key) -> impl Iterator<Item = &String> {
        self.states.get(key).into_iter().flatten()
    }

    /// A state by its number in the export.
    pub(crate) fn state(&self, id: &str) -> Option<&String> {
        self.letters.get(id)
    }
}
