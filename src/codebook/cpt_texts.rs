//! The CPT descriptors of a site that holds a licence of the American Medical Association. They lie apart from all other
//! texts of the book, and only a book that was opened with the licence shows them: [`Codebook::with_cpt_texts`]. They
//! stand on pages and in `codes show`; no draft takes them from here.

use rusqlite::params;
use serde::Serialize;

use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, Coverage};
use crate::domain::{CivilDate, CodeSystem, Evidence};

/// The source that evidence names.
pub(crate) const SOURCE: &str = "CPT code set (AMA)";

/// The descriptors of one code in one edition of CPT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CptTexts {
    /// The long descriptor; empty if its file is not loaded.
    pub long: String,
    /// The medium descriptor (48 letters); may be empty.
    pub medium: String,
    /// The short descriptor (28 letters); may be empty.
    pub short: String,
    /// The descriptor for patients; may be empty.
    pub consumer: String,
    /// The descriptors for clinicians.
    pub clinician: Vec<String>,
    /// The edition.
    pub coverage: Coverage,
    /// The row of the first of them.
    pub evidence: Evidence,
}

impl CptTexts {
    /// The fullest of them.
    #[must_use]
    pub fn fullest(&self) -> &str {
        let all = [&self.long, &self.medium, &self.short, &self.consumer];
        all.into_iter().chain(&self.clinician).find(|t| !t.is_empty()).map_or("", String::as_str)
    }
}

/// Whether a dataset holds licensed descriptors.
pub(crate) fn is_licensed(dataset: &str) -> bool {
    dataset == "cpt" || dataset.starts_with("cpt_")
}

impl Codebook {
    /// The same book, which shows its CPT descriptors if `licensed`: the configuration says that the site holds a licence
    /// (`[codebook] cpt_licence`). A book shows none until it is told to.
    #[must_use]
    pub fn with_cpt_texts(mut self, licensed: bool) -> Self {
        self.shows_cpt = licensed;
        self
    }

    /// Whether the book says of itself that it holds licensed CPT descriptors.
    #[must_use]
    pub fn holds_cpt_texts(&self) -> bool {
        self.loaded.iter().any(|l| is_licensed(&l.dataset))
    }

    /// Whether it holds them and may show them.
    #[must_use]
    pub fn shows_cpt_texts(&self) -> bool {
        self.shows_cpt && self.holds_cpt_texts()
    }

    /// The descriptors of a code in the newest edition that begins by the day. `None`: there is none, or the book may not
    /// show them.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn cpt_texts(&self, code: &str, on: CivilDate) -> Result<Option<CptTexts>, CodebookError> {
        if !self.shows_cpt_texts() {
            return Ok(None);
        }
        let code = code.trim().to_ascii_uppercase();
        let connection = self.connection()?;
        let rows: Vec<(i64, String, String, u32)> = connection
            .prepare_cached(
                "SELECT release, kind, text, line FROM cpt_text WHERE code=?1 ORDER BY kind, text",
            )
            .and_then(|mut s| {
                s.query_map(params![code], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?.collect()
            })
            .doing("looking a CPT descriptor up")?;
        let day = on.days();
        let mut dated = Vec::new();
        for (release, kind, text, line) in rows {
            let loaded = self.loaded.iter().find(|l| l.id == release && l.begins() <= day);
            dated.extend(loaded.map(|l| (l, kind, text, line)));
        }
        let Some(newest) = dated.iter().map(|(l, ..)| l.begins()).max() else { return Ok(None) };
        dated.retain(|(l, ..)| l.begins() == newest);
        let of = |kind: &str| -> Vec<String> {
            let mut all: Vec<String> =
                dated.iter().filter(|(_, k, ..)| k == kind).map(|(_, _, text, _)| text.clone()).collect();
            all.sort();
            all.dedup();
            all
        };
        let one = |kind: &str| of(kind).into_iter().next().unwrap_or_default();
        let order = ["long", "medium", "short", "consumer", "clinician"];
        let place = |kind: &str| order.iter().position(|k| *k == kind);
        let first = dated.iter().min_by_key(|(l, kind, _, line)| (place(kind), l.id, *line));
        Ok(first.map(|(release, _, _, line)| CptTexts {
            long: one("long"),
            medium: one("medium"),
            short: one("short"),
            consumer: one("consumer"),
            clinician: of("clinician"),
            coverage: release.coverage(day),
            evidence: Evidence {
                source: SOURCE.to_owned(),
                release: release.name.clone(),
                locator: format!("line {line}, {code}"),
            },
        }))
    }

    /// The descriptor that a list shows beside a code, if the book may show it.
    pub(crate) fn cpt_text(
        &self,
        system: CodeSystem,
        code: &str,
        on: CivilDate,
    ) -> Result<Option<String>, CodebookError> {
        if system != CodeSystem::Cpt {
            return Ok(None);
        }
        Ok(self.cpt_texts(code, on)?.map(|t| t.fullest().to_owned()).filter(|t| !t.is_empty()))
    }
}
