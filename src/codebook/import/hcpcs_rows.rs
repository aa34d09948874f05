//! What both layouts of the HCPCS level II file come to: codes, modifiers, and the details of both.

use rusqlite::params;
use sha2::Sha256;

use crate::codebook::import::build::{Writer, digest_lines};
use crate::codebook::import::format::Table;
use crate::codebook::import::lines::{is_cpt, is_service_code};
use crate::codebook::import::rows::{CodeRow, digest_codes, store_codes};
use crate::domain::CivilDate;

/// The codes and modifiers of a release.
#[derive(Debug, Default)]
pub(crate) struct HcpcsRows {
    pub(crate) codes: Vec<CodeRow>,
    pub(crate) modifiers: Vec<CodeRow>,
    pub(crate) details: Vec<Detail>,
}

/// The administrative data of a code or modifier, in the file's own codes; lists are divided by blanks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) code: String,
    pub(crate) short: String,
    pub(crate) pricing: String,
    pub(crate) multiple_pricing: String,
    /// Sections of the Coverage Issues Manual, and of the Medicare Carriers Manual.
    pub(crate) issues_manual: String,
    pub(crate) carriers_manual: String,
    pub(crate) statute: String,
    pub(crate) lab_certification: String,
    pub(crate) cross_references: String,
    pub(crate) coverage: String,
    pub(crate) asc_group: String,
    pub(crate) asc_date: Option<i32>,
    pub(crate) mog_group: String,
    pub(crate) mog_policy: String,
    pub(crate) mog_date: Option<i32>,
    pub(crate) note: String,
    pub(crate) betos: String,
    pub(crate) service_types: String,
    pub(crate) base_units: u32,
    pub(crate) action: String,
    pub(crate) action_date: Option<i32>,
    pub(crate) line: u32,
}

impl HcpcsRows {
    /// Where rows of a record go: 3 and 4 are codes, 7 and 8 modifiers.
    pub(crate) fn of(&mut self, record: &str) -> &mut Vec<CodeRow> {
        if matches!(record, "3" | "4") { &mut self.codes } else { &mut self.modifiers }
    }
}

/// Whether a record identification (3/4 code, 7/8 modifier) fits the code. CPT has no place in these files.
pub(crate) fn fits(record: &str, code: &str) -> bool {
    match record {
        "3" | "4" => is_service_code(code) && !is_cpt(code),
        "7" | "8" => code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphanumeric()),
        _ => false,
    }
}

/// A text that may be kept: not those of CDT (D codes), which are the ADA's.
pub(crate) fn kept<'a>(code: &str, text: &'a str) -> &'a str {
    if code.starts_with('D') && code.len() == 5 { "" } else { text }
}

/// A date `YYYYMMDD`; empty: none.
///
/// # Errors
/// If it is something else.
pub(crate) fn day(text: &str) -> Result<Option<i32>, ()> {
    if text.is_empty() || text.bytes().all(|b| b == b'0') {
        return Ok(None);
    }
    CivilDate::from_compact(text).map(|d| Some(d.days())).ok_or(())
}

/// The values that are there, divided by blanks.
pub(crate) fn list<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.map(str::trim).filter(|v| !v.is_empty()).collect::<Vec<_>>().join(" ")
}

impl Table for HcpcsRows {
    fn len(&self) -> usize {
        self.codes.len() + self.modifiers.len()
    }

    fn digest(&mut self, hash: &mut Sha256) {
        digest_codes(hash, self.codes.iter().chain(&self.modifiers));
        digest_lines(hash, self.details.iter().map(|d| format!("{:?}", Detail { line: 0, ..d.clone() })));
    }

    fn store(&self, into: &Writer<'_>, release: i64) -> rusqlite::Result<()> {
        store_codes(into, "hcpcs", release, &self.codes)?;
        let mut s =
            into.connection.prepare_cached("INSERT OR REPLACE INTO modifier VALUES (?1,?2,?3,?4,?5,?6)")?;
        for m in &self.modifiers {
            s.execute(params![m.code, release, m.added, m.terminated, m.text, m.line])?;
        }
        let mut s = into.connection.prepare_cached(
            "INSERT OR REPLACE INTO hcpcs_detail VALUES
             (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23)",
        )?;
        for d in &self.details {
            s.execute(params![
                d.code,
                release,
                into.text(&d.short)?,
                d.pricing,
                d.multiple_pricing,
                d.issues_manual,
                d.carriers_manual,
                d.statute,
                d.lab_certification,
                d.cross_references,
                d.coverage,
                d.asc_group,
                d.asc_date,
                d.mog_group,
                d.mog_policy,
                d.mog_date,
                d.note,
                d.betos,
                d.service_types,
                d.base_units,
                d.action,
                d.action_date,
                d.line
            ])?;
        }
        Ok(())
    }

    fn codes(&self) -> Vec<String> {
        self.codes.iter().map(|r| r.code.clone()).collect()
    }
}
