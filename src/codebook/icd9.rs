//! ICD-9-CM codes, which the book knows by the general equivalence mappings alone: what each becomes in ICD-10. ICD-9-CM
//! was valid on claims for services (discharges) up to 30 September 2015.

use serde::Serialize;

use crate::codebook::codes::compact;
use crate::codebook::{Codebook, CodebookError, Coverage, GemTarget, MapSystem};
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence};

/// An ICD-9-CM code with what it is mapped to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Icd9Code {
    /// The date for which the targets are told.
    pub on: CivilDate,
    /// As it is written: `401.9`, `E880.1`, `81.51`.
    pub code: String,
    /// `icd9cm` (diagnoses) or `icd9pcs` (volume 3, procedures).
    pub system: MapSystem,
    /// `ended` if the mappings have it; `unknown` if full mappings lack it; `no_data` if none are loaded, or only an excerpt
    /// that lacks it.
    pub status: CodeStatus,
    /// The last day on which ICD-9-CM was valid on claims.
    pub valid_to: Option<CivilDate>,
    /// Empty: no file that is read holds ICD-9-CM texts.
    pub description: String,
    /// The mappings' release.
    pub coverage: Option<Coverage>,
    /// All targets, in the file's order.
    pub targets: Vec<Icd9Target>,
    /// All this in a sentence.
    pub statement: String,
}

/// One target of an ICD-9-CM code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Icd9Target {
    /// As officially written; `None`: there is no equivalent.
    pub code: Option<String>,
    /// ICD-10-CM or ICD-10-PCS.
    pub system: CodeSystem,
    /// What the target is on the date.
    pub status: CodeStatus,
    /// Its official text, where the book has it.
    pub description: String,
    /// Whether source and target do not mean quite the same.
    pub approximate: bool,
    /// Whether it takes several codes together: one of each choice list of a scenario.
    pub combination: bool,
    /// Of a combination: which of several ways to combine; else 0.
    pub scenario: u8,
    /// Of a combination: in which list of its scenario it stands; else 0.
    pub choice_list: u8,
    /// The file's flags in words.
    pub meaning: String,
    /// The row.
    pub evidence: Evidence,
}

/// The systems of ICD-9-CM whose codes are shaped like this text: diagnoses before procedures.
fn shaped(code: &str) -> Vec<MapSystem> {
    let code = code.trim().to_ascii_uppercase();
    let (before, after) = code.split_once('.').unwrap_or((&code, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let dotted = code.contains('.');
    if !code.is_ascii() || !digits(after) || dotted && !(1..=2).contains(&after.len()) {
        return Vec::new();
    }
    let (letter, numbers) = match before.strip_prefix(['V', 'E']) {
        Some(rest) => (before.get(..1).unwrap_or(""), rest),
        None => ("", before),
    };
    let n = numbers.len();
    let diagnosis = digits(numbers)
        && match (letter, dotted) {
            ("", true) => n == 3,
            ("", false) => (3..=5).contains(&n),
            ("V", true) => n == 2,
            ("V", false) => (2..=4).contains(&n),
            (_, true) => n == 3 && after.len() == 1,
            (_, false) => (3..=4).contains(&n),
        };
    let procedure =
        letter.is_empty() && digits(numbers) && if dotted { n == 2 } else { (2..=4).contains(&n) };
    let all = [(diagnosis, MapSystem::Icd9cm), (procedure, MapSystem::Icd9pcs)];
    all.into_iter().filter(|(fits, _)| *fits).map(|(_, system)| system).collect()
}

impl Codebook {
    /// What an ICD-9-CM code becomes, in each of its two systems that has it; if none has it, in the likelier one, with why
    /// nothing is told. Empty: the text is not shaped like an ICD-9-CM code.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn icd9(&self, code: &str, on: CivilDate) -> Result<Vec<Icd9Code>, CodebookError> {
        let mut all = Vec::new();
        for system in shaped(code) {
            all.push(self.icd9_in(system, code, on)?);
        }
        if all.iter().any(|c| !c.targets.is_empty()) {
            all.retain(|c| !c.targets.is_empty());
        } else {
            all.truncate(1);
        }
        Ok(all)
    }

    fn icd9_in(&self, system: MapSystem, code: &str, on: CivilDate) -> Result<Icd9Code, CodebookError> {
        let found = self.gems(system, code, on)?;
        let mut targets = Vec::new();
        for target in found.value {
            targets.push(self.icd9_target(system, target, on)?);
        }
        let written = system.written(&compact(code));
        let status = match (&found.coverage, targets.is_empty()) {
            (None, _) => CodeStatus::NoData,
            (Some(_), true) => CodeStatus::Unknown,
            (Some(_), false) => CodeStatus::Ended,
        };
        let release = found.coverage.as_ref().map_or("", |c| c.release.as_str());
        let statement = match status {
            CodeStatus::NoData => format!(
                "No data: no general equivalence mappings are loaded that could tell what ICD-9-CM {written} becomes."
            ),
            CodeStatus::Unknown => format!("Unknown: {release} has no ICD-9-CM code {written}."),
            _ => said(&written, release, &targets),
        };
        Ok(Icd9Code {
            on,
            code: written,
            system,
            status,
            valid_to: (status == CodeStatus::Ended).then(|| CivilDate::new(2015, 9, 30)).flatten(),
            description: String::new(),
            coverage: found.coverage,
            targets,
            statement,
        })
    }

    fn icd9_target(
        &self,
        from: MapSystem,
        target: GemTarget,
        on: CivilDate,
    ) -> Result<Icd9Target, CodebookError> {
        let system = if from == MapSystem::Icd9cm { CodeSystem::Icd10cm } else { CodeSystem::Icd10pcs };
        let entry =
            target.target.as_ref().map(|code| self.entry(system, &compact(code), on, false)).transpose()?;
        Ok(Icd9Target {
            code: target.target,
            system,
            status: entry.as_ref().map_or(CodeStatus::Unknown, |e| e.status),
            description: entry.map(|e| e.description).unwrap_or_default(),
            approximate: target.approximate,
            combination: target.combination,
            scenario: target.scenario,
            choice_list: target.choice_list,
            meaning: target.meaning,
            evidence: target.evidence,
        })
    }
}

fn said(written: &str, release: &str, targets: &[Icd9Target]) -> String {
    let codes: Vec<&str> = targets.iter().filter_map(|t| t.code.as_deref()).collect();
    let ended = "ICD-9-CM was valid on claims up to 2015-09-30.";
    match codes.as_slice() {
        [] => format!("{release} has no equivalent of ICD-9-CM {written}. {ended}"),
        [one] => format!("{release} maps ICD-9-CM {written} to {one}. {ended}"),
        many => format!(
            "{release} maps ICD-9-CM {written} to {} codes; which one fits, the record says. {ended}",
            many.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::import::{ImportOptions, import};

    #[test]
    fn icd9_codes_are_told_by_their_shape() {
        use MapSystem::{Icd9cm, Icd9pcs};
        for (code, systems) in [
            ("401.9", &[Icd9cm][..]),
            ("25000", &[Icd9cm]),
            ("v46.8", &[Icd9cm]),
            ("E880.1", &[Icd9cm]),
            ("81.51", &[Icd9pcs]),
            ("4019", &[Icd9cm, Icd9pcs]),
            ("E11.22", &[]),
            ("M54.5", &[]),
            ("63030.1", &[]),
            ("", &[]),
            ("4é1", &[]),
        ] {
            assert_eq!(shaped(code), systems, "{code}");
        }
    }

    #[test]
    fn the_starter_says_that_it_has_no_data() {
        let book = Codebook::starter().unwrap();
        let found = book.icd9("401.9", "2026-01-05".parse().unwrap()).unwrap();
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.code.as_str(), one.status, one.targets.len()), ("401.9", CodeStatus::NoData, 0));
        assert!(one.statement.starts_with("No data"), "{}", one.statement);
    }

    #[test]
    fn all_targets_of_a_code_are_told_with_their_flags() {
        let official = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cms/2018-gems.zip");
        if !official.is_file() {
            println!("skipped: 2018-gems.zip is not at hand");
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("b.sqlite");
        import(&file, &[official], &ImportOptions::default()).unwrap();
        let book = Codebook::open(&file).unwrap();
        let on = "2026-01-05".parse().unwrap();
        let codes = |code: &str| -> Vec<(String, bool, u8, u8)> {
            let found = book.icd9(code, on).unwrap().remove(0);
            assert_eq!(found.status, CodeStatus::Ended, "{code}");
            let one = |t: &Icd9Target| {
                (t.code.clone().unwrap_or_default(), t.approximate, t.scenario, t.choice_list)
            };
            found.targets.iter().map(one).collect()
        };
        // coding-rules 7.9: all targets, approximate.
        assert_eq!(codes("401.9"), [("I10".to_owned(), true, 0, 0), ("I16.9".to_owned(), true, 0, 0)]);
        assert_eq!(codes("4019"), codes("401.9"));
        // Psittacosis with pneumonia takes one code of each list.
        assert_eq!(codes("073.0"), [("A70".to_owned(), true, 1, 1), ("J17".to_owned(), true, 1, 2)]);
        let several = book.icd9("00.10", on).unwrap().remove(0);
        assert_eq!(several.system, MapSystem::Icd9pcs);
        assert!(
            !several.targets.is_empty() && several.targets.iter().all(|t| t.system == CodeSystem::Icd10pcs)
        );
        assert_eq!(book.icd9("799.99", on).unwrap()[0].status, CodeStatus::Unknown);
    }
}
