//! Codes on a date: which system has them, what they are, what they say.

use rusqlite::{Connection, OptionalExtension, params};

use crate::codebook::coverage::Loaded;
use crate::codebook::edition::{Derived, Edition, Listed, derive};
use crate::codebook::error::SqlContext;
use crate::codebook::import::{is_cpt, is_service_code};
use crate::codebook::membership::{self, Word};
use crate::codebook::{CodeEntry, Codebook, CodebookError};
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence};

/// The most children that are listed with a heading.
const MOST_SUCCESSORS: usize = 60;

/// A code without its dot, in upper case, as the tables hold it.
pub(crate) fn compact(code: &str) -> String {
    code.trim().to_ascii_uppercase().replace('.', "")
}

/// A code as it is officially written: ICD-10-CM with a dot after its third character.
pub(crate) fn written(system: CodeSystem, code: &str) -> String {
    match (system, code.get(..3), code.get(3..)) {
        (CodeSystem::Icd10cm, Some(category), Some(rest)) if !rest.is_empty() => format!("{category}.{rest}"),
        _ => code.to_owned(),
    }
}

/// The dataset in which a system's codes are listed: those of CPT in the fee schedule.
#[must_use]
pub fn dataset_of(system: CodeSystem) -> &'static str {
    match system {
        CodeSystem::Cpt => "pprrvu",
        CodeSystem::Hcpcs | CodeSystem::Icd10cm | CodeSystem::Icd10pcs => system.as_str(),
    }
}

/// The sections of ICD-10-PCS: the first characters of its codes.
const PCS_SECTIONS: &str = "0123456789BCDFGHX";

/// The systems in which a code could stand, by its shape; of the two ICD-10 systems the likelier first. A dot:
/// ICD-10-CM alone.
fn plausible(code: &str) -> Vec<CodeSystem> {
    if code.contains('.') {
        return vec![CodeSystem::Icd10cm];
    }
    let plain = compact(code);
    let characters = plain.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    // Since FY2026 the second character of a diagnosis may be a letter (QA0).
    let diagnosis =
        characters && (3..=7).contains(&plain.len()) && plain.starts_with(|c: char| c.is_ascii_uppercase());
    // ICD-10-PCS has no I and no O, which look like digits.
    let procedure = characters
        && plain.len() == 7
        && plain.starts_with(|c| PCS_SECTIONS.contains(c))
        && !plain.contains(['I', 'O']);
    let mut systems = Vec::new();
    if is_cpt(&plain) {
        systems.push(CodeSystem::Cpt);
    } else if is_service_code(&plain) {
        systems.push(CodeSystem::Hcpcs);
    }
    match (diagnosis, procedure) {
        (true, true) if plain.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {
            systems.extend([CodeSystem::Icd10cm, CodeSystem::Icd10pcs]);
        }
        (true, true) => systems.extend([CodeSystem::Icd10pcs, CodeSystem::Icd10cm]),
        (true, false) => systems.push(CodeSystem::Icd10cm),
        (false, true) => systems.push(CodeSystem::Icd10pcs),
        (false, false) => {}
    }
    if systems.is_empty() {
        systems.push(if plain.len() == 7 { CodeSystem::Icd10pcs } else { CodeSystem::Icd10cm });
    }
    systems
}

impl Codebook {
    /// A code in every system that has it (services before diagnoses); if none has it, an entry `unknown` or
    /// `no_data` for each system in which it could stand.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn show(
        &self,
        system: Option<CodeSystem>,
        code: &str,
        on: CivilDate,
    ) -> Result<Vec<CodeEntry>, CodebookError> {
        let plain = compact(code);
        let asked = system.map_or_else(|| plausible(code), |s| vec![s]);
        let possible = plausible(&plain);
        let mut entries: Vec<CodeEntry> = Vec::new();
        for system in asked.iter().chain(&possible) {
            if !entries.iter().any(|e| e.system == *system) {
                entries.push(self.entry(*system, &plain, on, asked.contains(system))?);
            }
        }
        // The other systems that have the same characters, asked for or not.
        let known = |system: &CodeSystem| {
            entries.iter().find(|e| e.system == *system && e.is_known()).map(|e| (*system, e.code.clone()))
        };
        let known: Vec<(CodeSystem, String)> = possible.iter().filter_map(known).collect();
        entries.retain(|e| asked.contains(&e.system));
        if entries.iter().any(CodeEntry::is_known) {
            entries.retain(CodeEntry::is_known);
        } else if let [.., likelier, other] = entries.as_slice()
            && matches!(
                (likelier.system, other.system),
                (CodeSystem::Icd10cm, CodeSystem::Icd10pcs) | (CodeSystem::Icd10pcs, CodeSystem::Icd10cm)
            )
        {
            // One of them is enough to say that there is no such code.
            entries.pop();
        }
        for entry in &mut entries {
            entry.also = known.iter().filter(|(s, _)| *s != entry.system).cloned().collect();
        }
        Ok(entries)
    }

    /// A code in one system, as [`Codebook::show`] finds it, but without the other systems that have it (`also` is empty).
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn in_system(
        &self,
        system: CodeSystem,
        code: &str,
        on: CivilDate,
    ) -> Result<CodeEntry, CodebookError> {
        self.entry(system, &compact(code), on, true)
    }

    /// One code in one system. `successors` are asked for only where they are shown.
    pub(crate) fn entry(
        &self,
        system: CodeSystem,
        code: &str,
        on: CivilDate,
        successors: bool,
    ) -> Result<CodeEntry, CodebookError> {
        let day = on.days();
        let (derived, own) = {
            let connection = self.connection()?;
            let editions = self.editions(&connection, system, code).doing("looking a code up")?;
            let mut derived = derive(&editions, day);
            if system == CodeSystem::Cpt {
                forget_unattested_start(&mut derived, &editions);
            }
            (derived, own_text(&connection, code).doing("looking a code up")?)
        };
        let date = |days: Option<i32>| days.map(CivilDate::from_days);
        let release = |id: i64| self.loaded.iter().find(|l| l.id == id);
        let mut coverage = derived.basis.and_then(|(id, covers)| {
            release(id).map(|r| crate::codebook::Coverage { covers, ..r.coverage(day) })
        });
        let complete = coverage.is_some();
        let mut status = derived.status;
        if coverage.is_none() {
            // Nothing speaks of it: name the release that was asked, or say that there is none for the date.
            coverage = self.asked(system).filter(|r| r.begins() <= day).last().map(|r| r.coverage(day));
            if coverage.is_none() || derived.row.is_some() {
                status = CodeStatus::NoData;
                coverage = None;
            }
        }
        let (text, evidence, billable) = match &derived.row {
            Some(row) => {
                (row.text.clone(), release(row.release).map(|r| evidence(r, system, code, row)), row.billable)
            }
            None => (String::new(), None, false),
        };
        let plain_language = text.is_empty() && own.is_some() && derived.row.is_some();
        let successors = if successors && status == CodeStatus::Header {
            self.child_codes(system, code, on, MOST_SUCCESSORS)?.iter().map(|c| written(system, c)).collect()
        } else {
            Vec::new()
        };
        Ok(CodeEntry {
            code: written(system, code),
            system,
            status,
            valid_from: date(derived.from),
            valid_to: date(derived.to),
            description: if plain_language { own.unwrap_or_default() } else { text },
            plain_language,
            billable: billable && status != CodeStatus::Header,
            coverage,
            complete: complete || status == CodeStatus::NoData,
            also: Vec::new(),
            evidence,
            successors,
        })
    }

    /// The releases that a look-up in a system asks.
    fn asked(&self, system: CodeSystem) -> impl Iterator<Item = &Loaded> {
        self.loaded.iter().filter(move |l| l.dataset == dataset_of(system))
    }

    /// What each loaded edition says of a code; those that say nothing are left out.
    pub(crate) fn editions(
        &self,
        connection: &Connection,
        system: CodeSystem,
        code: &str,
    ) -> rusqlite::Result<Vec<Edition>> {
        let mut all = Vec::new();
        if system != CodeSystem::Cpt {
            all = self.memberships(connection, system, code)?;
        }
        // A CPT number (and a HCPCS code whose own file is not loaded) is attested by the tables that list it.
        let service = matches!(system, CodeSystem::Cpt | CodeSystem::Hcpcs);
        if service && !all.iter().any(|e| e.listed.is_some()) {
            let listings = self.listings(connection, code)?;
            if !listings.is_empty() {
                return Ok(listings);
            }
        }
        Ok(all)
    }

    fn memberships(
        &self,
        connection: &Connection,
        system: CodeSystem,
        code: &str,
    ) -> rusqlite::Result<Vec<Edition>> {
        let mut listed = Vec::new();
        {
            let mut statement = connection.prepare_cached(
                "SELECT c.release, c.billable, c.added, c.terminated, t.text, c.line FROM code c JOIN text t ON t.id=c.text_id
                 WHERE c.system=?1 AND c.code=?2",
            )?;
            let mut rows = statement.query(params![system.as_str(), code])?;
            while let Some(r) = rows.next()? {
                listed.push(Listed {
                    release: r.get(0)?,
                    billable: r.get(1)?,
                    added: r.get(2)?,
                    terminated: r.get(3)?,
                    text: r.get(4)?,
                    line: r.get(5)?,
                });
            }
        }
        membership::editions(self.releases(system.as_str(), None), |release| {
            Ok(match listed.iter().position(|row| row.release == release.id) {
                Some(at) => Word::Listed(listed.swap_remove(at)),
                None if release.is_full() => Word::Silent,
                None if known_absent(connection, release, code)? => Word::Absent,
                None => Word::Silent,
            })
        })
    }

    fn listings(&self, connection: &Connection, code: &str) -> rusqlite::Result<Vec<Edition>> {
        let mut statement = connection.prepare_cached("SELECT release, line FROM listing WHERE code=?1")?;
        let listed: Vec<(i64, u32)> =
            statement.query_map([code], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok(attested(&self.loaded, &listed))
    }
}

impl CodeEntry {
    /// Whether some loaded release lists it (whatever its dates).
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.evidence.is_some()
    }
}

/// The editions that speak of a service code which only other tables list: those that list it, and full fee schedules
/// that lack a code which others of them have.
pub(crate) fn attested(loaded: &[Loaded], listed: &[(i64, u32)]) -> Vec<Edition> {
    let line_in = |release: &Loaded| listed.iter().find(|(id, _)| *id == release.id).map(|(_, line)| *line);
    let full_fee = |l: &Loaded| l.dataset == "pprrvu" && l.is_full();
    let in_fee = loaded.iter().any(|l| full_fee(l) && line_in(l).is_some());
    let mut speaking: Vec<(&Loaded, Option<Listed>)> = Vec::new();
    for release in loaded {
        let row = line_in(release).map(|line| Listed {
            release: release.id,
            billable: true,
            added: None,
            terminated: None,
            text: String::new(),
            line,
        });
        if row.is_some() || in_fee && full_fee(release) {
            speaking.push((release, row));
        }
    }
    speaking.sort_by_key(|(release, _)| membership::order(release));
    let edition = |(release, listed): (&Loaded, Option<Listed>)| Edition {
        release: release.id,
        first: release.begins(),
        last: release.last.unwrap_or(i32::MAX),
        listed,
    };
    speaking.into_iter().map(edition).collect()
}

/// The fee schedule and NCCI attest that a number exists, not since when: a start is only known if an earlier
/// full fee schedule lacks it.
fn forget_unattested_start(derived: &mut Derived, editions: &[Edition]) {
    if let Some(from) = derived.from
        && !editions.iter().any(|e| e.listed.is_none() && e.first < from)
    {
        derived.from = None;
    }
}

fn known_absent(connection: &Connection, release: &Loaded, code: &str) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM absent WHERE code=?1 AND release=?2")?;
    if statement.exists(params![code, release.id])? {
        return Ok(true);
    }
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM complete_under WHERE prefix=?1 AND release=?2")?;
    for end in 3..code.len() {
        if statement.exists(params![code.get(..end).unwrap_or(code), release.id])? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn own_text(connection: &Connection, code: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached(
            "SELECT text FROM own_text WHERE dataset='plain_language' AND code=?1 ORDER BY release DESC",
        )?
        .query_row([code], |r| r.get(0))
        .optional()
}

pub(crate) fn evidence(release: &Loaded, system: CodeSystem, code: &str, row: &Listed) -> Evidence {
    let source = match (release.dataset.as_str(), release.setting) {
        (dataset @ ("icd10cm" | "icd10pcs"), _) => {
            let system = if dataset == "icd10cm" { "ICD-10-CM" } else { "ICD-10-PCS" };
            let file = match release.kind.as_str() {
                "billable" => "codes file",
                "delta" => "addenda",
                _ => "order file",
            };
            format!("{system} {file}")
        }
        ("hcpcs", _) => "HCPCS Level II file".to_owned(),
        ("pprrvu", _) => "Medicare fee schedule (PPRRVU)".to_owned(),
        ("add_on", _) => "NCCI add-on codes".to_owned(),
        (dataset, Some(setting)) => format!("NCCI {} {setting}", dataset.to_ascii_uppercase()),
        (dataset, None) => dataset.to_owned(),
    };
    Evidence {
        source,
        release: release.name.clone(),
        locator: format!("line {}, {}", row.line, written(system, code)),
    }
}
