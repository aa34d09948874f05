//! Medicare payment localities: which there are, and how to find one.

use rusqlite::params;
use serde::Serialize;

use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, Dated};
use crate::domain::{CivilDate, Evidence};

/// A payment locality with its cost indices (GPCI).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Locality {
    /// The Medicare administrative contractor (MAC), five digits.
    pub mac: String,
    /// Its number, two digits: unique only together with the MAC.
    pub locality: String,
    /// The state, two letters.
    pub state: String,
    /// Its name, as CMS writes it: `MANHATTAN`.
    pub name: String,
    /// The counties; empty if the list of counties is not loaded.
    pub counties: String,
    /// GPCI of work (with the 1.0 floor where the law has it), practice expense and malpractice, in thousandths.
    pub gpci: [i64; 3],
    /// The row.
    pub evidence: Evidence,
}

impl Locality {
    /// `10112/00`.
    #[must_use]
    pub fn number(&self) -> String {
        format!("{}/{}", self.mac, self.locality)
    }
}

impl Codebook {
    /// All localities on a date, by state and name, for a choice. Empty: no GPCI file is loaded for the date or
    /// before it.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn localities(&self, on: CivilDate) -> Result<Dated<Vec<Locality>>, CodebookError> {
        let day = on.days();
        let Some(release) = self.releases("gpci", None).rfind(|r| r.begins() <= day) else {
            return Ok(Dated { value: Vec::new(), coverage: None, evidence: None });
        };
        let counties = self.releases("locality", None).rfind(|r| r.begins() <= day).map_or(-1, |r| r.id);
        let connection = self.connection()?;
        let doing = "listing the localities";
        let mut statement = connection
            .prepare_cached(
                "SELECT g.mac, g.locality, g.state, g.name, coalesce(l.counties, ''), g.work, g.pe, g.mp, g.line
                 FROM gpci g LEFT JOIN locality l ON l.mac=g.mac AND l.locality=g.locality AND l.release=?2
                 WHERE g.release=?1 ORDER BY g.state, g.name, g.mac, g.locality",
            )
            .doing(doing)?;
        let rows = statement
            .query_map(params![release.id, counties], |r| {
                let (mac, locality): (String, String) = (r.get(0)?, r.get(1)?);
                Ok(Locality {
                    evidence: Evidence {
                        source: "Medicare GPCI".to_owned(),
                        release: release.name.clone(),
                        locator: format!("line {}, {mac}/{locality}", r.get::<_, u32>(8)?),
                    },
                    mac,
                    locality,
                    state: r.get(2)?,
                    name: r.get(3)?,
                    counties: r.get(4)?,
                    gpci: [r.get(5)?, r.get(6)?, r.get(7)?],
                })
            })
            .doing(doing)?;
        let value = rows.collect::<Result<_, _>>().doing(doing)?;
        Ok(Dated { value, coverage: Some(release.coverage(day)), evidence: None })
    }

    /// The localities that a person may mean: by MAC and number (`10112/00`, `10112 00`), MAC, number, state
    /// (`AL`), or a part of the name or of a county's (`Manhattan`). More than one: the question is open; none:
    /// unknown, or no GPCI file is loaded.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn locality(&self, query: &str, on: CivilDate) -> Result<Vec<Locality>, CodebookError> {
        let query = query.trim().to_uppercase();
        let all = self.localities(on)?.value;
        let parts: Vec<&str> =
            query.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).collect();
        let digits = |p: &str| p.bytes().all(|b| b.is_ascii_digit());
        let keep = |fits: &dyn Fn(&Locality) -> bool| -> Vec<Locality> {
            all.iter().filter(|l| fits(l)).cloned().collect()
        };
        let found = match parts.as_slice() {
            [mac, number] if digits(mac) && digits(number) => {
                keep(&|l| l.mac == format!("{mac:0>5}") && l.locality == format!("{number:0>2}"))
            }
            [one] if digits(one) && one.len() == 7 => keep(&|l| format!("{}{}", l.mac, l.locality) == *one),
            [one] if digits(one) && one.len() > 2 => keep(&|l| l.mac == format!("{one:0>5}")),
            [one] if digits(one) => keep(&|l| l.locality == format!("{one:0>2}")),
            [one] if one.len() == 2 => keep(&|l| l.state == *one),
            [] => Vec::new(),
            _ => keep(&|l| l.name == query),
        };
        if !found.is_empty() || parts.is_empty() || parts.iter().all(|p| digits(p)) {
            return Ok(found);
        }
        let named = keep(&|l| l.name.contains(&query));
        if !named.is_empty() {
            return Ok(named);
        }
        Ok(keep(&|l| l.counties.to_uppercase().contains(&query)))
    }
}
