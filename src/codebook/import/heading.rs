//! Which release a file is, and for which days it holds: from its name and title, as CMS ships them, or as the
//! importer is told.

use regex::Regex;

use crate::codebook::CodebookError;
use crate::codebook::cpt_texts::is_licensed;
use crate::codebook::import::ImportOptions;
use crate::codebook::import::format::FileRows;
use crate::domain::{CivilDate, Setting};

/// What a release is called and covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) dataset: String,
    pub(crate) setting: Option<Setting>,
    pub(crate) release: String,
    /// `None` for lists without dates.
    pub(crate) from: Option<CivilDate>,
    pub(crate) to: Option<CivilDate>,
    /// `full`, `excerpt`, `own`.
    pub(crate) kind: String,
    /// CMS ships a PTP release in parts (f1–f4); 0: in one file.
    pub(crate) part: u8,
    pub(crate) source: String,
}

/// A release told from a name: what it is called, from when to when it holds.
pub(crate) type Told = (String, CivilDate, CivilDate);

/// Completes what was told of a file by what the importer was told; asks for what is missing.
pub(crate) fn heading(
    file: &str,
    found: &FileRows,
    options: &ImportOptions,
) -> Result<Heading, CodebookError> {
    let setting = options.setting.filter(|_| found.needs_setting).or(found.setting);
    if found.needs_setting && setting.is_none() {
        let why = "for which setting it is cannot be told from its name or header: add `--setting practitioner|hospital|dme`";
        return Err(CodebookError::bad_file(file, why));
    }
    if let Some(name) = &found.undated {
        return Ok(Heading {
            dataset: found.dataset.to_owned(),
            setting,
            release: options.release.clone().unwrap_or_else(|| name.clone()),
            from: options.from,
            to: options.to,
            kind: found.kind.to_owned(),
            part: found.part,
            source: String::new(),
        });
    }
    // An edition of CPT is a calendar year's, so that its name is enough.
    let named = options.release.as_deref().filter(|_| is_licensed(found.dataset)).and_then(cpt);
    let told = found.told.clone().or(named);
    let (release, from, to) = match (&options.release, options.from, options.to, told) {
        (Some(name), Some(from), Some(to), _) => (name.clone(), from, to),
        (name, from, to, Some(t)) => (name.clone().unwrap_or(t.0), from.unwrap_or(t.1), to.unwrap_or(t.2)),
        _ if is_licensed(found.dataset) => {
            let why = "of which year's CPT it is cannot be told from the name of its file, folder or archive: add `--release \"CPT 2026\"`, with the year";
            return Err(CodebookError::bad_file(file, why));
        }
        _ => {
            let why = "its release cannot be told from its name or header: keep CMS's file name, or add `--release NAME --from DATE --to DATE`";
            return Err(CodebookError::bad_file(file, why));
        }
    };
    if to < from {
        return Err(CodebookError::bad_file(
            file,
            format!("its release would end ({to}) before it begins ({from})"),
        ));
    }
    let excerpt = options.excerpt || file.to_ascii_lowercase().contains(".excerpt.");
    Ok(Heading {
        dataset: found.dataset.to_owned(),
        setting,
        release,
        from: Some(from),
        to: Some(to),
        kind: if excerpt { "excerpt" } else { found.kind }.to_owned(),
        part: 0,
        source: String::new(),
    })
}

fn captures<const N: usize>(pattern: &str, text: &str) -> Option<[String; N]> {
    let found = Regex::new(pattern).ok()?.captures(text)?;
    let mut out = [const { String::new() }; N];
    for (index, slot) in out.iter_mut().enumerate() {
        *slot = found.get(index + 1)?.as_str().to_owned();
    }
    Some(out)
}

/// The quarter (1–4) of a year: first and last day.
fn quarter(year: i16, quarter: i8) -> Option<(CivilDate, CivilDate)> {
    let from = CivilDate::new(year, quarter.checked_mul(3)?.checked_sub(2)?, 1)?;
    let next = if quarter == 4 {
        CivilDate::new(year.checked_add(1)?, 1, 1)?
    } else {
        CivilDate::new(year, quarter.checked_mul(3)?.checked_add(1)?, 1)?
    };
    Some((from, next.plus_days(-1)))
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month(name: &str) -> Option<i8> {
    let name = name.to_ascii_lowercase();
    let index = MONTHS.iter().position(|m| name.starts_with(m))?;
    i8::try_from(index + 1).ok()
}

/// `icd10cm_order_2026.txt` (October to September), `icd10cm-order-Jan-2021.txt`, `…_April_2025` (from that month).
pub(crate) fn icd10cm(name: &str) -> Option<Told> {
    let lower = name.to_ascii_lowercase();
    let [year] = captures::<1>(r"(20\d\d)", &lower)?;
    let year: i16 = year.parse().ok()?;
    let end = CivilDate::new(year, 9, 30)?;
    if let Some([named]) = captures::<1>(r"[-_ ](jan|apr)[a-z]*[-_ .\d]", &lower) {
        let from = CivilDate::new(year, month(&named)?, 1)?;
        let label = if named == "jan" { "January" } else { "April" };
        return Some((format!("ICD-10-CM FY{year} ({label} {year})"), from, end));
    }
    Some((format!("ICD-10-CM FY{year}"), CivilDate::new(year.checked_sub(1)?, 10, 1)?, end))
}

/// `HCPC2025_OCT_ANWEB.txt` (a quarter), `HCPC2019_CONTR_ANWEB.txt` (the year's first issue).
pub(crate) fn hcpcs(name: &str) -> Option<Told> {
    let [year, rest] = captures::<2>(r"(?i)hcpcs?(20\d\d)[-_]([a-z]{3})", name)?;
    let year: i16 = year.parse().ok()?;
    let q = month(&rest).map_or(1, |m| (m - 1) / 3 + 1);
    let (from, to) = quarter(year, q)?;
    let label = match month(&rest) {
        Some(_) => ["January", "April", "July", "October"].get(usize::try_from(q - 1).ok()?)?.to_owned(),
        None => return Some((format!("HCPCS Level II {year}"), from, CivilDate::new(year, 12, 31)?)),
    };
    Some((format!("HCPCS Level II {label} {year}"), from, to))
}

/// `proc_notes_JAN2026.txt` (from that month to the end of its quarter), `proc_notes_2019.txt` (the year's).
pub(crate) fn hcpcs_notes(name: &str) -> Option<Told> {
    let label = "HCPCS processing notes";
    let Some([named, year]) = captures::<2>(r"(?i)notes[-_ ]?([a-z]{3})[a-z]*[-_ ]?(20\d\d)", name) else {
        return calendar_year(label, name);
    };
    let (m, year) = (month(&named)?, year.parse().ok()?);
    let from = CivilDate::new(year, m, 1)?;
    let name = MONTH_NAMES.get(usize::try_from(m - 1).ok()?)?;
    Some((format!("{label} {name} {year}"), from, quarter(year, (m - 1) / 3 + 1)?.1))
}

/// `ccipra-v322r0-f1.txt` (NCCI version 32.2: 2026Q3), `ccioph-2024q3.txt`; with the part, 0 if there is none.
pub(crate) fn ptp(name: &str) -> (Option<Setting>, Option<(CivilDate, CivilDate)>, u8) {
    let lower = name.to_ascii_lowercase();
    let setting = if lower.contains("ccipra") {
        Some(Setting::Practitioner)
    } else if lower.contains("ccioph") {
        Some(Setting::Hospital)
    } else {
        None
    };
    let version = captures::<2>(r"v(\d\d)(\d)r\d", &lower).and_then(|[v, q]| {
        Some((v.parse::<i16>().ok()?.checked_add(1994)?, q.parse::<i8>().ok()?.checked_add(1)?))
    });
    let named = captures::<2>(r"(20\d\d)[-_]?q([1-4])", &lower)
        .and_then(|[y, q]| Some((y.parse().ok()?, q.parse().ok()?)));
    let days = version.or(named).and_then(|(y, q)| quarter(y, q));
    let part = captures::<1>(r"[-_]f(\d)\b", &lower).and_then(|[p]| p.parse().ok()).unwrap_or(0);
    (setting, days, part)
}

/// `MCR_MUE_PractitionerServices_Eff_07-01-2024.csv`: the quarter that begins on that day.
pub(crate) fn mue(name: &str) -> Option<(CivilDate, CivilDate)> {
    let [m, _, y] = captures::<3>(r"(?i)eff_(\d\d)-(\d\d)-(20\d\d)", name)?;
    quarter(y.parse().ok()?, (m.parse::<i8>().ok()?.checked_sub(1)?) / 3 + 1)
}

/// `AOC_2024-06-03.csv`: from that day to the end of the quarter for which it was issued (a file of a quarter's
/// last month is the next quarter's).
pub(crate) fn add_on(name: &str) -> Option<Told> {
    let [day] = captures::<1>(r"(20\d\d-\d\d-\d\d)", name)?;
    let from: CivilDate = day.parse().ok()?;
    let q = (from.month() - 1) / 3 + 1;
    let (year, q) = match (from.month() % 3, q) {
        (0, 4) => (from.year().checked_add(1)?, 1),
        (0, q) => (from.year(), q + 1),
        (_, q) => (from.year(), q),
    };
    Some((format!("NCCI add-on codes {day}"), from, quarter(year, q)?.1))
}

/// The title `2025 National Physician Fee Schedule Relative Value File October Release`: `RVU25D (October 2025)`.
pub(crate) fn fee(title: &str) -> Option<Told> {
    let [year, named] = captures::<2>(r"(20\d\d) National Physician Fee Schedule.*? (\w+) Release", title)?;
    rvu(&year, month(&named)?)
}

/// `PPRRVU2025_Oct.txt`, `PPRRVU24_APR.txt`: for the layout that has no title.
pub(crate) fn fee_name(name: &str) -> Option<Told> {
    let [year, named] = captures::<2>(r"(?i)pprrvu_?(?:20)?(\d\d)_?([a-z]{3})", name)?;
    rvu(&format!("20{year}"), month(&named)?)
}

/// The OPPS cap's files have the month in their names (`OPPSCAP_Oct.csv`), and the year only in that of their archive
/// or folder (`rvu25d`).
pub(crate) fn rvu_archive(shown: &str) -> Option<Told> {
    let [year, letter] = captures::<2>(r"(?i)rvu(\d\d)([a-d])", shown)?;
    let m = match letter.to_ascii_lowercase().as_str() {
        "a" => 1,
        "b" => 4,
        "c" => 7,
        _ => 10,
    };
    rvu(&format!("20{year}"), m)
}

/// Whether a name or title is of the schedule for qualifying participants (`…_QPP`, not `…_nonQPP`).
pub(crate) fn is_qp(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let non = ["nonqp", "non-qp", "non_qp", "non qp", "not qp", "notqp"].iter().any(|w| lower.contains(w));
    !non && (lower.contains("qp") || lower.contains("qualifying"))
}

fn rvu(year: &str, m: i8) -> Option<Told> {
    let q = (m - 1) / 3 + 1;
    let letter = ["A", "B", "C", "D"].get(usize::try_from(q - 1).ok()?)?;
    let label = ["January", "April", "July", "October"].get(usize::try_from(q - 1).ok()?)?;
    let (from, to) = quarter(year.parse().ok()?, q)?;
    Some((format!("RVU{}{letter} ({label} {year})", year.get(2..)?), from, to))
}

/// A calendar year, told by the first number 20xx in a title or two digits in a name: `GPCI2025.csv`, `25LOCCO.csv`.
pub(crate) fn calendar_year(label: &str, text: &str) -> Option<Told> {
    let [year] = captures::<1>(r"(20\d\d)", text)
        .or_else(|| captures::<1>(r"\b(\d\d)[A-Za-z]", text).map(|[y]| [format!("20{y}")]))?;
    let y = year.parse().ok()?;
    Some((format!("{label} {year}"), CivilDate::new(y, 1, 1)?, CivilDate::new(y, 12, 31)?))
}

/// An edition of CPT, by the year beside the word in the path of its file: `CPT 2026 Data Files/LONGULT.txt`; the innermost
/// folder or archive counts.
pub(crate) fn cpt(shown: &str) -> Option<Told> {
    let beside = |part: &str| {
        captures::<1>(r"(?i)cpt[^0-9]{0,40}(20\d\d)", part)
            .or_else(|| captures::<1>(r"(?i)(20\d\d)[^0-9]{0,40}cpt", part))
    };
    let [year] = shown.rsplit(['/', '\\']).find_map(beside)?;
    calendar_year("CPT", &year)
}

/// Anesthesia factors hold for a year; those of 2024 changed on 9 March, with the second release.
pub(crate) fn anesthesia(name: &str, shown: &str) -> Option<Told> {
    let (label, from, to) = calendar_year("Anesthesia conversion factors", name)?;
    if from.year() != 2024 {
        return Some((label, from, to));
    }
    if rvu_archive(shown).is_some_and(|(release, ..)| release.starts_with("RVU24A")) {
        return Some((format!("{label} until 8 March"), from, CivilDate::new(2024, 3, 8)?));
    }
    Some((label, CivilDate::new(2024, 3, 9)?, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> CivilDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_edition_of_cpt_is_told_by_the_year_beside_the_word() {
        for path in [
            "CPT2026.zip: LONGULT.txt",
            "/2019/CPT 2026 Data Files/LONGULT.txt",
            "2026 CPT/MEDU.txt",
            "cpt_2026_SHORTU.txt",
        ] {
            let (name, from, to) = cpt(path).unwrap();
            assert_eq!((name.as_str(), from, to), ("CPT 2026", d("2026-01-01"), d("2026-12-31")), "{path}");
        }
        assert!(cpt("/2026/LONGULT.txt").is_none());
    }

    #[test]
    fn releases_are_told_from_the_names_that_cms_gives() {
        let (name, from, to) = icd10cm("icd10cm_order_2026.txt").unwrap();
        assert_eq!((name.as_str(), from, to), ("ICD-10-CM FY2026", d("2025-10-01"), d("2026-09-30")));
        assert_eq!(icd10cm("icd10cm-order-Jan-2021.txt").unwrap().1, d("2021-01-01"));
        assert_eq!(hcpcs("HCPC2025_OCT_ANWEB.txt").unwrap().1, d("2025-10-01"));
        assert_eq!(hcpcs("HCPC2019_CONTR_ANWEB.txt").unwrap().2, d("2019-12-31"));
        let (setting, days, part) = ptp("ccipra-v322r0-f1.txt");
        assert_eq!(setting, Some(Setting::Practitioner));
        assert_eq!((days.unwrap().0, part), (d("2026-07-01"), 1));
        assert_eq!(ptp("ccioph-2024q3-noeffdate.txt").1.unwrap().1, d("2024-09-30"));
        assert_eq!(mue("MCR_MUE_DMESupplierServices_Eff_07-01-2024.csv").unwrap().0, d("2024-07-01"));
        assert_eq!(add_on("AOC_2024-06-03.csv").unwrap().2, d("2024-09-30"));
        let (name, _, to) =
            fee("2025 National Physician Fee Schedule Relative Value File October Release").unwrap();
        assert_eq!((name.as_str(), to), ("RVU25D (October 2025)", d("2025-12-31")));
    }
}
