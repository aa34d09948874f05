//! Codes by their beginning, with or without dots.

use rusqlite::{Connection, params};

use crate::codebook::codes::compact;
use crate::domain::{CivilDate, CodeSystem};

/// A code that begins as asked.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub(crate) system: CodeSystem,
    pub(crate) code: String,
    pub(crate) billable: bool,
    /// How many characters it has beyond what was asked.
    pub(crate) beyond: usize,
}

/// Whether a query has the shape of a code, or of its beginning; without dots, in upper case.
pub(crate) fn shaped(query: &str) -> Option<String> {
    let plain = compact(query);
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let fits = (3..=7).contains(&plain.len())
        && plain.bytes().all(|b| b.is_ascii_alphanumeric())
        && (plain.as_bytes().get(1).is_some_and(u8::is_ascii_digit) || (plain.len() > 3 && digits > 0));
    fits.then_some(plain)
}

/// The codes that begin so and are valid (or headings) on the day: shorter ones first.
pub(crate) fn begun(
    connection: &Connection,
    query: &str,
    system: Option<CodeSystem>,
    on: CivilDate,
    limit: usize,
) -> rusqlite::Result<Vec<Begun>> {
    let Some(plain) = shaped(query) else { return Ok(Vec::new()) };
    // Only ICD-10-CM codes are written with a dot.
    let systems: Vec<CodeSystem> = match (query.contains('.'), system) {
        (true, None | Some(CodeSystem::Icd10cm)) => vec![CodeSystem::Icd10cm],
        (true, Some(_)) => Vec::new(),
        (false, Some(one)) => vec![one],
        (false, None) => vec![CodeSystem::Icd10cm, CodeSystem::Hcpcs, CodeSystem::Cpt, CodeSystem::Icd10pcs],
    };
    let mut statement = connection.prepare_cached(
        "SELECT code, status='valid' FROM validity WHERE system=?1 AND code>=?2 AND code<?2||'~' AND first<=?3 AND last>=?3
         AND status IN ('valid','header') ORDER BY length(code), code LIMIT ?4",
    )?;
    let mut all = Vec::new();
    for system in systems {
        // A short beginning would match thousands of procedures.
        if system == CodeSystem::Icd10pcs && plain.len() < 4 {
            continue;
        }
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![system.as_str(), plain, on.days(), most])?;
        while let Some(r) = rows.next()? {
            let code: String = r.get(0)?;
            let beyond = code.len().saturating_sub(plain.len());
            all.push(Begun { system, code, billable: r.get(1)?, beyond });
        }
    }
    all.sort_by(|a, b| (a.beyond, &a.code).cmp(&(b.beyond, &b.code)));
    all.truncate(limit);
    Ok(all)
}
