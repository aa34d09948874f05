//! Which edition of ICD-10-CM or ICD-10-PCS a file is. CMS gives the October and the April edition of a year the same
//! file name, so the archive's or folder's name, and for ICD-10-PCS the number of codes, must tell them apart.

use crate::codebook::import::format::Input;
use crate::codebook::import::heading::{self, Told};
use crate::domain::CivilDate;

/// The editions of ICD-10-PCS that CMS shipped under one name: fiscal year, number of codes, whether it is April's
/// (each stated in the addenda of the editions themselves).
const PCS_EDITIONS: &[(i16, usize, bool)] = &[(2026, 79_115, false), (2026, 79_193, true)];

/// The two code systems that share these layouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IcdSystem {
    Cm,
    Pcs,
}

impl IcdSystem {
    /// As datasets and rows name it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Cm => "icd10cm",
            Self::Pcs => "icd10pcs",
        }
    }

    /// Which system a file with these codes is of: by its name, else by a code that begins with a digit, which no
    /// diagnosis does.
    pub(crate) fn of<'a>(name: &str, codes: impl Iterator<Item = &'a str>) -> Self {
        let lower = name.to_ascii_lowercase();
        if lower.contains("pcs") {
            return Self::Pcs;
        }
        if lower.contains("10cm") {
            return Self::Cm;
        }
        if codes.into_iter().all(|code| Self::Cm.fits(code)) { Self::Cm } else { Self::Pcs }
    }

    /// Whether a code (or heading) could be of the system.
    pub(crate) fn fits(self, code: &str) -> bool {
        let plain = code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        plain
            && match self {
                // Since FY2026 the second character may be a letter, too (QA0).
                Self::Cm => {
                    (3..=7).contains(&code.len()) && code.starts_with(|c: char| c.is_ascii_uppercase())
                }
                Self::Pcs => (3..=7).contains(&code.len()),
            }
    }
}

/// The edition of a full file; `codes`: how many billable codes it has.
pub(crate) fn of_file(system: IcdSystem, input: &Input<'_>, codes: usize) -> Option<Told> {
    let april = april(input);
    match system {
        IcdSystem::Cm => {
            let told = heading::icd10cm(input.name)?;
            if april == Some(true) { edition(system, told.2.year(), true) } else { Some(told) }
        }
        IcdSystem::Pcs => {
            let year = year(input.name)?;
            let known = PCS_EDITIONS.iter().find(|(y, n, _)| (*y, *n) == (year, codes)).map(|e| e.2);
            edition(system, year, known.or(april)?)
        }
    }
}

/// The edition to which addenda lead, by the names of the files that they say they compare.
pub(crate) fn of_addenda(system: IcdSystem, before: &str, after: &str) -> Option<Told> {
    let (before, after) = (year(before)?, year(after)?);
    edition(system, after, before == after)
}

/// The edition of a fiscal year: from October, or from its April update.
fn edition(system: IcdSystem, year: i16, april: bool) -> Option<Told> {
    let name = match system {
        IcdSystem::Cm => "ICD-10-CM",
        IcdSystem::Pcs => "ICD-10-PCS",
    };
    let end = CivilDate::new(year, 9, 30)?;
    if april {
        return Some((format!("{name} FY{year} (April {year})"), CivilDate::new(year, 4, 1)?, end));
    }
    Some((format!("{name} FY{year}"), CivilDate::new(year.checked_sub(1)?, 10, 1)?, end))
}

/// What the file's name, or that of its archive or folder, says of the month: `2026-icd10pcs-october.zip`.
fn april(input: &Input<'_>) -> Option<bool> {
    let around = input.shown.strip_suffix(input.name).unwrap_or(input.shown);
    let parent = around.trim_end_matches([':', ' ', '/', '\\']).rsplit(['/', '\\']).next().unwrap_or("");
    // A folder of any other name says nothing of code files.
    let parent = parent.to_ascii_lowercase();
    let parent = if parent.contains("icd") || parent.contains("20") { parent.as_str() } else { "" };
    let text = format!("{} {parent}", input.name.to_ascii_lowercase());
    let has = |month: &str| text.contains(month);
    match (has("april") || has("-apr-") || has("_apr_"), has("october") || has("-oct-") || has("_oct_")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

fn year(name: &str) -> Option<i16> {
    let at = name.find("20")?;
    name.get(at..at + 4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(shown: &str, codes: usize) -> Option<String> {
        let name = shown.rsplit(['/', ' ']).next().unwrap();
        let input = Input { name, shown, bytes: b"" };
        let system = IcdSystem::of(name, std::iter::empty());
        of_file(system, &input, codes).map(|t| format!("{} {}", t.0, t.1))
    }

    #[test]
    fn october_and_april_are_told_apart_or_asked_for() {
        let october = Some("ICD-10-PCS FY2026 2025-10-01".to_owned());
        let april = Some("ICD-10-PCS FY2026 (April 2026) 2026-04-01".to_owned());
        assert_eq!(told("x/icd10pcs_codes_2026.txt", 79_115), october);
        assert_eq!(told("x/icd10pcs_codes_2026.txt", 79_193), april);
        assert_eq!(told("x/2027-icd10pcs-april.zip: icd10pcs_codes_2026.txt", 5), april);
        assert_eq!(told("2026-icd10pcs-october/icd10pcs_codes_2026.txt", 5), october);
        assert_eq!(told("/home/april/icd10pcs_codes_2026.txt", 5), None);
        let cm = |shown| told(shown, 9).unwrap();
        assert_eq!(cm("x/icd10cm_codes_2026.txt"), "ICD-10-CM FY2026 2025-10-01");
        assert_eq!(
            cm("april-1-2026-codes.zip: icd10cm_codes_2026.txt"),
            "ICD-10-CM FY2026 (April 2026) 2026-04-01"
        );
        let of = |a, b| of_addenda(IcdSystem::Pcs, a, b).unwrap().0;
        assert_eq!(
            of("icd10pcs_order_2026.txt", "icd10pcs_order_2026.txt"),
            "ICD-10-PCS FY2026 (April 2026)"
        );
        assert_eq!(of("icd10pcs_codes_2025.txt", "icd10pcs_codes_2026.txt"), "ICD-10-PCS FY2026");
    }

    #[test]
    fn a_file_without_a_name_is_told_by_its_codes() {
        assert_eq!(IcdSystem::of("a.txt", ["A00", "A000", "QA001"].into_iter()), IcdSystem::Cm);
        assert_eq!(IcdSystem::of("a.txt", ["B00", "BW03ZZZ", "0016070"].into_iter()), IcdSystem::Pcs);
        assert_eq!(IcdSystem::of("a.txt", ["001"].into_iter()), IcdSystem::Pcs);
    }
}
