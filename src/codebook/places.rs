//! Places of service: the two digits on a professional claim that say where, and with that which practice expense
//! Medicare pays.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use crate::codebook::coverage::Loaded;
use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, PaymentSetting};
use crate::domain::Evidence;

/// A place of service (CMS place of service code set).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceOfService {
    /// Two digits: `11`.
    pub code: String,
    /// Its name: `Office`.
    pub name: String,
    /// What it is, in CMS's words; empty where the loaded list has names only.
    pub description: String,
    /// Which practice expense the fee schedule pays there.
    pub setting: PaymentSetting,
    /// The row. The list has no date of its own.
    pub evidence: Evidence,
}

impl Codebook {
    /// A place of service by its code (`11`; a single digit is taken as `01`–`09`). `None`: it is unassigned or no
    /// code, or no list is loaded ([`Codebook::places_of_service`] is then empty).
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn place_of_service(&self, code: &str) -> Result<Option<PlaceOfService>, CodebookError> {
        let (code, doing) = (format!("{:0>2}", code.trim()), "looking a place of service up");
        let connection = self.connection()?;
        let mut statement = connection
            .prepare_cached(
                "SELECT code, name, description, facility, line FROM place_of_service WHERE code=?1 AND release=?2",
            )
            .doing(doing)?;
        for release in self.releases("place_of_service", None).rev() {
            let found = statement
                .query_row(params![code, release.id], |r| place(r, release))
                .optional()
                .doing(doing)?;
            if found.is_some() || release.is_full() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// All places of service of the newest list, by code. Empty: none is loaded.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn places_of_service(&self) -> Result<Vec<PlaceOfService>, CodebookError> {
        let Some(release) = self.releases("place_of_service", None).next_back() else {
            return Ok(Vec::new());
        };
        let doing = "listing the places of service";
        self.connection()?
            .prepare_cached(
                "SELECT code, name, description, facility, line FROM place_of_service WHERE release=?1 ORDER BY code",
            )
            .and_then(|mut s| s.query_map([release.id], |r| place(r, release))?.collect())
            .doing(doing)
    }
}

fn place(row: &Row<'_>, release: &Loaded) -> rusqlite::Result<PlaceOfService> {
    let (code, line): (String, u32) = (row.get(0)?, row.get(4)?);
    Ok(PlaceOfService {
        evidence: Evidence {
            source: "CMS place of service code set".to_owned(),
            release: release.name.clone(),
            locator: format!("line {line}, {code}"),
        },
        code,
        name: row.get(1)?,
        description: row.get(2)?,
        setting: if row.get(3)? { PaymentSetting::Facility } else { PaymentSetting::NonFacility },
    })
}
