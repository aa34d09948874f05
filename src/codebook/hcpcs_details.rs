//! What the HCPCS level II file says of a code besides its text and dates, in words: coverage, pricing, references.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::codebook::betos::betos;
use crate::codebook::error::SqlContext;
use crate::codebook::hcpcs_words as words;
use crate::codebook::sheet::Detail;
use crate::codebook::{Codebook, CodebookError, Dated};
use crate::domain::{CivilDate, Evidence};

const COLUMNS: &str = "SELECT coverage, pricing, multiple_pricing, cross_references, statute, issues_manual,
    carriers_manual, lab_certification, asc_group, asc_date, mog_group, mog_policy, betos, service_types, base_units,
    mog_date, note, action, action_date, line FROM hcpcs_detail WHERE code=?1 AND release=?2";

impl Codebook {
    /// The administrative data of a HCPCS level II code or modifier, one detail for each value, in words: coverage,
    /// pricing, cross-references, statute, manuals, laboratory certification, ambulatory surgical centers, BETOS, type
    /// of service, the last change. What the file leaves empty is left out. From the newest release that begins by the
    /// date, else the earliest after it (`coverage.covers` is then false): files of later years keep ended codes.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn hcpcs_details(&self, code: &str, on: CivilDate) -> Result<Dated<Vec<Detail>>, CodebookError> {
        let (code, day) = (code.trim().to_ascii_uppercase(), on.days());
        let doing = "looking the details of a code up";
        let (before, after): (Vec<_>, Vec<_>) = self.releases("hcpcs", None).partition(|r| r.begins() <= day);
        let connection = self.connection()?;
        let mut statement = connection.prepare_cached(COLUMNS).doing(doing)?;
        for release in before.into_iter().rev().chain(after) {
            let found = statement
                .query_row(params![code, release.id], |r| Ok((r.get::<_, u32>("line")?, details(r)?)))
                .optional()
                .doing(doing)?;
            if let Some((line, mut value)) = found {
                for detail in value.iter_mut().filter(|d| d.title == NOTE) {
                    if let Some(text) = self.note_text(&connection, &detail.value, day).doing(doing)? {
                        detail.words = text;
                    }
                }
                let evidence = Evidence {
                    source: "HCPCS Level II file".to_owned(),
                    release: release.name.clone(),
                    locator: format!("line {line}, {code}"),
                };
                return Ok(Dated { value, coverage: Some(release.coverage(day)), evidence: Some(evidence) });
            }
        }
        Ok(Dated { value: Vec::new(), coverage: None, evidence: None })
    }

    /// What a processing note says, and where: in the newest list that begins by the day, else the earliest after it. `None`:
    /// no loaded list has it.
    fn note_text(&self, connection: &Connection, number: &str, day: i32) -> rusqlite::Result<Option<String>> {
        let Ok(number) = number.parse::<u32>() else { return Ok(None) };
        let (before, after): (Vec<_>, Vec<_>) =
            self.releases("hcpcs_note", None).partition(|r| r.begins() <= day);
        let mut statement =
            connection.prepare_cached("SELECT text, line FROM hcpcs_note WHERE number=?1 AND release=?2")?;
        for release in before.into_iter().rev().chain(after) {
            let row = |r: &Row<'_>| Ok((r.get::<_, String>(0)?, r.get::<_, u32>(1)?));
            if let Some((text, line)) = statement.query_row(params![number, release.id], row).optional()? {
                return Ok(Some(format!("{text} ({}, line {line})", release.name)));
            }
        }
        Ok(None)
    }
}

/// The title of the detail that refers to a note.
const NOTE: &str = "Processing note";

/// The details of a code, in the order of the record.
#[derive(Default)]
struct Details(Vec<Detail>);

impl Details {
    /// One for each value of a list.
    fn each(&mut self, title: &str, values: &str, words: impl Fn(&str) -> String) {
        for value in values.split_ascii_whitespace() {
            self.0.push(Detail { title: title.to_owned(), value: value.to_owned(), words: words(value) });
        }
    }

    /// A value that may hold blanks.
    fn whole(&mut self, title: &str, value: String, words: &str) {
        if !value.is_empty() {
            self.0.push(Detail { title: title.to_owned(), value, words: words.to_owned() });
        }
    }
}

fn details(row: &Row<'_>) -> rusqlite::Result<Vec<Detail>> {
    let text = |column: &str| row.get::<_, String>(column);
    let date = |column: &str| row.get::<_, Option<i32>>(column).map(|d| d.map(CivilDate::from_days));
    let since = |date: Option<CivilDate>| date.map_or(String::new(), |d| format!(", since {d}"));
    let mut all = Details::default();
    all.each("Coverage", &text("coverage")?, |v| words::coverage(v).to_owned());
    all.each("Pricing", &text("pricing")?, |v| words::pricing(v).to_owned());
    all.each("Pricing methods", &text("multiple_pricing")?, |v| words::multiple_pricing(v).to_owned());
    all.whole(
        "Coverage Issues Manual",
        text("issues_manual")?,
        "now in the Medicare National Coverage Determinations Manual (Pub. 100-03)",
    );
    all.whole(
        "Medicare Carriers Manual",
        text("carriers_manual")?,
        "now in the internet-only manuals (Pub. 100)",
    );
    all.whole("Statute", text("statute")?, "the law that coverage or non-coverage rests on");
    all.each("Laboratory certification", &text("lab_certification")?, |v| {
        words::lab_certification(v).to_owned()
    });
    all.each("Cross-reference", &text("cross_references")?, |_| {
        "a valid code, or an end of the range of codes, to use for it".to_owned()
    });
    let approved = since(date("asc_date")?);
    all.each("Ambulatory surgical center", &text("asc_group")?, |v| match v {
        "YY" => format!("approved to be performed in an ambulatory surgical center{approved}"),
        _ => String::new(),
    });
    let grouped = since(date("mog_date")?);
    all.each("Outpatient group", &text("mog_group")?, |v| match v {
        "000" => "no Medicare outpatient group".to_owned(),
        _ => format!("a Medicare outpatient group{grouped}"),
    });
    all.each("Outpatient group policy", &text("mog_policy")?, |v| words::surgical_center(v).to_owned());
    all.each(NOTE, &text("note")?, |v| format!("note {v} of the HCPCS processing notes"));
    all.each("BETOS", &text("betos")?, |v| betos(v).to_owned());
    all.each("Type of service", &text("service_types")?, |v| words::service_type(v).to_owned());
    let units: u32 = row.get("base_units")?;
    if units > 0 {
        all.whole("Anesthesia base units", units.to_string(), "");
    }
    let at = date("action_date")?.map_or(String::new(), |d| format!(" (last change effective {d})"));
    all.each("Action", &text("action")?, |v| match words::action(v) {
        "" => String::new(),
        words => format!("{words}{at}"),
    });
    Ok(all.0)
}
