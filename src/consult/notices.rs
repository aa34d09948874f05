//! The publishers' notices that belong to what a draft shows: the copyright of the cited CPT files with their years,
//! FARS/DFARS, the fee schedule disclaimer where such figures are cited, our own line where our texts are used.

use crate::codebook::{DatasetCoverage, Notice};
use crate::domain::Evidence;

/// What of a draft decides which notices it carries.
pub(crate) struct Shown<'a> {
    /// The evidence that is cited.
    pub cited: &'a [Evidence],
    /// CPT numbers stand in the text.
    pub cpt: bool,
    /// Our own plain-language texts stand in it.
    pub own_words: bool,
}

/// The notices of a draft, a short line each.
pub(crate) fn lines(shown: &Shown<'_>, notices: &[Notice], loaded: &[DatasetCoverage]) -> Vec<String> {
    let all = || notices.iter().flat_map(|n| n.lines.iter());
    let mut out: Vec<String> = Vec::new();
    if shown.cpt {
        let cited = of_cited(shown.cited, notices, loaded);
        let mut years: Vec<String> =
            cited.iter().flat_map(|n| &n.lines).filter_map(|l| cpt_year(l)).collect();
        if years.is_empty() {
            // Nothing that was cited names a year: the newest of the loaded files.
            years = all().filter_map(|l| cpt_year(l)).max().into_iter().collect();
        }
        years.sort();
        years.dedup();
        let mut first = if years.is_empty() {
            String::new()
        } else {
            format!(
                "CPT only copyright {} American Medical Association. All rights reserved. ",
                years.join(", ")
            )
        };
        for start in ["Applicable FARS/DFARS", "CPT is a registered trademark"] {
            if let Some(line) = all().find(|l| l.starts_with(start)) {
                first.push_str(line);
                first.push(' ');
            }
        }
        out.push(first.trim().to_owned());
        let fees = shown.cited.iter().any(|e| e.source.contains("fee schedule"));
        out.extend(all().find(|l| fees && l.contains("not assigned by the AMA")).cloned());
        for line in cited.iter().flat_map(|n| &n.lines).filter(|l| !is_usual(l)) {
            if !out.contains(line) {
                out.push(line.clone());
            }
        }
    }
    out.extend(all().find(|l| shown.own_words && l.contains("Plain-language texts")).cloned());
    out.retain(|l| !l.is_empty());
    out
}

/// The notices of the files that the evidence was read from.
fn of_cited<'a>(cited: &[Evidence], notices: &'a [Notice], loaded: &[DatasetCoverage]) -> Vec<&'a Notice> {
    let files: Vec<&str> = loaded
        .iter()
        .flat_map(|d| &d.releases)
        .filter(|r| cited.iter().any(|e| e.release == r.name))
        .map(|r| r.source.as_str())
        .collect();
    // A notice names files or releases; a book built from files has their names in its releases' source.
    let named = |name: &String| {
        cited.iter().any(|e| e.release == *name) || files.iter().any(|f| f.contains(name.as_str()))
    };
    notices.iter().filter(|n| n.files.iter().any(named)).collect()
}

/// The year in a line that states the AMA's copyright.
fn cpt_year(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("copyright ")?;
    let year: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (before.contains("CPT") && rest.contains("American Medical Association") && year.len() == 4)
        .then_some(year)
}

/// Lines whose content the short lines already carry, or that speak of what is not shown (D codes).
fn is_usual(line: &str) -> bool {
    cpt_year(line).is_some()
        || [
            "FARS/DFARS",
            "registered trademark",
            "not assigned by the AMA",
            "(D codes)",
            "Plain-language texts",
        ]
        .iter()
        .any(|part| line.contains(part))
        || line.contains("published by the US government")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Codebook;

    fn lines_for(release: &[(&str, &str)], cpt: bool, own_words: bool) -> Vec<String> {
        let book = Codebook::starter().unwrap();
        let cited: Vec<Evidence> = release
            .iter()
            .map(|(source, release)| Evidence {
                source: (*source).into(),
                release: (*release).into(),
                locator: String::new(),
            })
            .collect();
        lines(&Shown { cited: &cited, cpt, own_words }, book.notices(), book.coverage().unwrap())
    }

    /// RVU25D says 2024, the files of 2024 say 2023: the years of the cited files, and no others.
    #[test]
    fn the_years_of_the_cited_files() {
        let ptp = ("NCCI PTP practitioner", "NCCI PTP practitioner 2024Q3");
        let fee = ("Medicare fee schedule (PPRRVU)", "RVU25D (October 2025)");
        let one = lines_for(&[ptp], true, false);
        assert_eq!(one.len(), 1);
        assert!(one[0].starts_with("CPT only copyright 2023 American Medical Association."), "{one:?}");
        assert!(one[0].contains("FARS/DFARS"));
        let both = lines_for(&[ptp, fee], true, true);
        assert_eq!(both.len(), 3);
        assert!(both[0].starts_with("CPT only copyright 2023, 2024 "), "{both:?}");
        assert!(both[1].contains("not assigned by the AMA"));
        assert!(both[2].contains("not CPT descriptors"));
    }

    #[test]
    fn without_cpt_no_notice() {
        assert!(lines_for(&[("ICD-10-CM order file", "ICD-10-CM FY2026")], false, false).is_empty());
    }
}
