//! Which releases are loaded, and which of them a look-up for a date rests on.

use rusqlite::Connection;

use crate::codebook::{Codebook, CodebookError, Coverage, DatasetCoverage, Dated, Gap, Release};
use crate::domain::{CivilDate, Setting};

/// A release in the book.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) id: i64,
    pub(crate) dataset: String,
    pub(crate) setting: Option<Setting>,
    pub(crate) name: String,
    pub(crate) first: Option<i32>,
    pub(crate) last: Option<i32>,
    pub(crate) kind: String,
    pub(crate) part: u8,
    pub(crate) rows: u64,
    pub(crate) implied: u64,
    pub(crate) source: String,
}

impl Loaded {
    /// Whether a code that is not in it does not exist in the edition.
    pub(crate) fn is_full(&self) -> bool {
        self.kind == "full" && self.part == 0
    }

    pub(crate) fn begins(&self) -> i32 {
        self.first.unwrap_or(i32::MIN)
    }

    pub(crate) fn holds_on(&self, day: i32) -> bool {
        self.begins() <= day && self.last.is_none_or(|last| day <= last)
    }

    /// As the basis of a fact for `day`.
    pub(crate) fn coverage(&self, day: i32) -> Coverage {
        Coverage {
            release: self.name.clone(),
            from: CivilDate::from_days(self.first.unwrap_or(0)),
            to: CivilDate::from_days(self.last.unwrap_or(0)),
            covers: self.holds_on(day),
        }
    }
}

/// All releases, oldest first; of those that begin on one day the excerpt first.
pub(crate) fn loaded_releases(connection: &Connection) -> rusqlite::Result<Vec<Loaded>> {
    let mut statement = connection.prepare(
        "SELECT id, dataset, setting, name, first, last, kind, part, row_count, source, implied FROM release
         ORDER BY dataset, setting, first, kind='full', kind='delta', name, part",
    )?;
    let rows = statement.query_map([], |r| {
        Ok(Loaded {
            id: r.get(0)?,
            dataset: r.get(1)?,
            setting: r.get::<_, String>(2)?.parse().ok(),
            name: r.get(3)?,
            first: r.get(4)?,
            last: r.get(5)?,
            kind: r.get(6)?,
            part: r.get(7)?,
            rows: u64::try_from(r.get::<_, i64>(8)?).unwrap_or(0),
            source: r.get(9)?,
            implied: u64::try_from(r.get::<_, i64>(10)?).unwrap_or(0),
        })
    })?;
    rows.collect()
}

/// The datasets that a desk needs for a day, with their settings: what `gaps` asks for. Without the others (external
/// cause index, mappings, conversion table, anesthesia factors, outpatient caps, localities by county) nothing is
/// answered wrongly, only less.
const NEEDED: &[(&str, &[Option<Setting>], &str)] = &[
    ("icd10cm", &[None], "ICD-10-CM codes"),
    ("icd10pcs", &[None], "ICD-10-PCS codes"),
    ("hcpcs", &[None], "HCPCS Level II codes"),
    ("ptp", &[Some(Setting::Practitioner), Some(Setting::Hospital)], "NCCI PTP edits"),
    ("mue", &[Some(Setting::Practitioner), Some(Setting::Hospital), Some(Setting::Dme)], "NCCI MUE values"),
    ("add_on", &[None], "NCCI add-on codes"),
    ("pprrvu", &[None], "Medicare fee schedule (PPRRVU)"),
    ("gpci", &[None], "Geographic indices of the fee schedule (GPCI)"),
    ("icd10cm_tabular", &[None], "ICD-10-CM tabular list (notes, 7th characters)"),
    ("icd10cm_index", &[None], "ICD-10-CM alphabetic index"),
    ("icd10cm_drug", &[None], "ICD-10-CM table of drugs and chemicals"),
    ("icd10cm_neoplasm", &[None], "ICD-10-CM table of neoplasms"),
    ("poa_exempt", &[None], "Diagnoses exempt from present-on-admission reporting"),
    ("mcd_lcd", &[None], "Medicare coverage: LCDs"),
    ("mcd_article", &[None], "Medicare coverage: articles with their code lists"),
    ("mcd_ncd", &[None], "Medicare coverage: NCDs"),
];

/// How many files CMS divides a PTP release into.
const PTP_PARTS: u8 = 4;

/// Looks a row up in one release.
type Find<'a, T> =
    dyn Fn(&Connection, &Loaded) -> rusqlite::Result<Option<(T, crate::domain::Evidence)>> + 'a;

impl Codebook {
    /// What is loaded, by dataset and setting.
    ///
    /// # Errors
    /// None at present; kept for books that must ask the file.
    pub fn coverage(&self) -> Result<&[DatasetCoverage], CodebookError> {
        Ok(&self.coverage)
    }

    /// The loaded releases by dataset and setting: made once, when the book is opened.
    pub(crate) fn datasets(&self) -> Vec<DatasetCoverage> {
        let mut all: Vec<DatasetCoverage> = Vec::new();
        for one in &self.loaded {
            let release = Release {
                name: if one.part > 0 { format!("{} part {}", one.name, one.part) } else { one.name.clone() },
                from: one.first.map(CivilDate::from_days),
                to: one.last.map(CivilDate::from_days),
                rows: one.rows,
                implied: one.implied,
                kind: if one.part > 0 && one.kind == "full" && !self.is_whole(one) {
                    "partial".to_owned()
                } else {
                    one.kind.clone()
                },
                source: one.source.clone(),
            };
            match all.last_mut().filter(|d| d.dataset == one.dataset && d.setting == one.setting) {
                Some(dataset) => dataset.releases.push(release),
                None => all.push(DatasetCoverage {
                    dataset: one.dataset.clone(),
                    setting: one.setting,
                    releases: vec![release],
                }),
            }
        }
        all
    }

    /// Whether a release is complete with the parts of it that are loaded: then what it lacks does not exist in it.
    pub(crate) fn is_whole(&self, release: &Loaded) -> bool {
        let same = |l: &&Loaded| {
            l.name == release.name
                && l.kind == release.kind
                && l.dataset == release.dataset
                && l.setting == release.setting
        };
        release.is_full()
            || release.kind == "full"
                && (1..=PTP_PARTS).all(|n| self.loaded.iter().filter(same).any(|l| l.part == n))
    }

    /// The datasets whose loaded releases do not speak for a day, in full: those of which nothing is loaded, whose
    /// newest release ended before it, or of which only an excerpt or a part is loaded.
    #[must_use]
    pub fn gaps(&self, day: CivilDate) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for (dataset, settings, title) in NEEDED {
            for setting in *settings {
                let begun = |l: &&Loaded| l.begins() <= day.days();
                let newest = self.releases(dataset, *setting).rfind(begun);
                let holding = || self.releases(dataset, *setting).filter(|l| l.holds_on(day.days()));
                // A delta completes the edition that it changes; a codes file has all that can be billed.
                if holding().any(|l| self.is_whole(l) || matches!(l.kind.as_str(), "delta" | "billable")) {
                    continue;
                }
                let incomplete = holding().next().is_some();
                gaps.push(Gap {
                    dataset: (*dataset).to_owned(),
                    setting: *setting,
                    title: (*title).to_owned(),
                    newest: newest.map(|l| l.name.clone()),
                    covered_to: newest.and_then(|l| l.last).map(CivilDate::from_days),
                    incomplete,
                });
            }
        }
        gaps
    }

    /// The releases of a dataset, oldest first.
    pub(crate) fn releases<'a>(
        &'a self,
        dataset: &'a str,
        setting: Option<Setting>,
    ) -> impl DoubleEndedIterator<Item = &'a Loaded> {
        self.loaded.iter().filter(move |l| l.dataset == dataset && l.setting == setting)
    }

    /// The newest fact at or before a day: `find` looks a release up; a release that has nothing and is complete
    /// for the codes gives "none"; one that is not is passed over for an older one.
    pub(crate) fn newest<T>(
        &self,
        dataset: &str,
        setting: Option<Setting>,
        codes: &[&str],
        on: CivilDate,
        find: &Find<'_, T>,
    ) -> Result<Dated<Option<T>>, CodebookError> {
        use crate::codebook::error::SqlContext;
        let day = on.days();
        let connection = self.connection()?;
        let full_of = |day: i32| self.releases(dataset, setting).any(|r| r.begins() == day && r.is_full());
        let releases = self
            .releases(dataset, setting)
            .rev()
            // A list of changes is part of what the full one of its day says.
            .filter(|r| r.begins() <= day && !(r.kind == "delta" && full_of(r.begins())));
        let found = newest_of(releases.map(|r| (r.begins(), r)), |release| {
            let coverage = Some(release.coverage(day));
            if let Some((value, evidence)) = find(&connection, release)? {
                return Ok(Said::Rows(Dated { value: Some(value), coverage, evidence: Some(evidence) }));
            }
            if says_all(&connection, release, codes)? {
                return Ok(Said::None(Dated { value: None, coverage, evidence: None }));
            }
            Ok(Said::Nothing(Dated { value: None, coverage: None, evidence: None }))
        });
        let nothing = Dated { value: None, coverage: None, evidence: None };
        Ok(found.doing("looking a code up")?.unwrap_or(nothing))
    }
}

/// What a release says when it is asked.
pub(crate) enum Said<T> {
    /// It has rows.
    Rows(T),
    /// It has none, and is complete: there are none.
    None(T),
    /// It has none, and is not complete for what was asked.
    Nothing(T),
}

/// The answer of the newest release that has one. The releases come newest first, each with the day on which it begins; of
/// those that begin on one day a row in any of them goes before "none". If none of them has an answer: what the first of
/// them said.
pub(crate) fn newest_of<R, T>(
    releases: impl Iterator<Item = (i32, R)>,
    mut ask: impl FnMut(R) -> rusqlite::Result<Said<T>>,
) -> rusqlite::Result<Option<T>> {
    let mut none: Option<(i32, T)> = None;
    let mut nothing: Option<T> = None;
    for (begins, release) in releases {
        if none.as_ref().is_some_and(|(day, _)| *day != begins) {
            break;
        }
        match ask(release)? {
            Said::Rows(found) => return Ok(Some(found)),
            Said::None(said) => {
                none.get_or_insert((begins, said));
            }
            Said::Nothing(said) => {
                nothing.get_or_insert(said);
            }
        }
    }
    Ok(none.map(|(_, said)| said).or(nothing))
}

/// Whether a release is complete for these codes: a full one for all, an excerpt for those it names.
pub(crate) fn says_all(connection: &Connection, release: &Loaded, codes: &[&str]) -> rusqlite::Result<bool> {
    if release.is_full() {
        return Ok(true);
    }
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM complete_for WHERE code=?1 AND release=?2")?;
    for code in codes {
        if !statement.exists(rusqlite::params![code, release.id])? {
            return Ok(false);
        }
    }
    Ok(true)
}
