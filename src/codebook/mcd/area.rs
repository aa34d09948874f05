//! Where a coverage question comes from: a state, or the jurisdiction of a Medicare contractor (A/B MAC).
//!
//! Which MAC has which states is established knowledge (CMS, "Who are the MACs"), held against the contractor numbers
//! of the fee schedule's locality file by a test. It serves where a list names contractors without their states; an
//! export of the Medicare Coverage Database names the states itself.

use serde::Serialize;

/// States and territories: letters, name, and the A/B MAC jurisdiction that they belong to. (Of Virginia, Arlington and
/// Fairfax counties and Alexandria belong to JL.)
const STATES: &[(&str, &str, &str)] = &[
    ("AL", "Alabama", "JJ"),
    ("AK", "Alaska", "JF"),
    ("AS", "American Samoa", "JE"),
    ("AZ", "Arizona", "JF"),
    ("AR", "Arkansas", "JH"),
    ("CA", "California", "JE"),
    ("CO", "Colorado", "JH"),
    ("CT", "Connecticut", "JK"),
    ("DE", "Delaware", "JL"),
    ("DC", "District of Columbia", "JL"),
    ("FL", "Florida", "JN"),
    ("GA", "Georgia", "JJ"),
    ("GU", "Guam", "JE"),
    ("HI", "Hawaii", "JE"),
    ("ID", "Idaho", "JF"),
    ("IL", "Illinois", "J6"),
    ("IN", "Indiana", "J8"),
    ("IA", "Iowa", "J5"),
    ("KS", "Kansas", "J5"),
    ("KY", "Kentucky", "J15"),
    ("LA", "Louisiana", "JH"),
    ("ME", "Maine", "JK"),
    ("MD", "Maryland", "JL"),
    ("MA", "Massachusetts", "JK"),
    ("MI", "Michigan", "J8"),
    ("MN", "Minnesota", "J6"),
    ("MS", "Mississippi", "JH"),
    ("MO", "Missouri", "J5"),
    ("MT", "Montana", "JF"),
    ("NE", "Nebraska", "J5"),
    ("NV", "Nevada", "JE"),
    ("NH", "New Hampshire", "JK"),
    ("NJ", "New Jersey", "JL"),
    ("NM", "New Mexico", "JH"),
    ("NY", "New York", "JK"),
    ("NC", "North Carolina", "JM"),
    ("ND", "North Dakota", "JF"),
    ("MP", "Northern Mariana Islands", "JE"),
    ("OH", "Ohio", "J15"),
    ("OK", "Oklahoma", "JH"),
    ("OR", "Oregon", "JF"),
    ("PA", "Pennsylvania", "JL"),
    ("PR", "Puerto Rico", "JN"),
    ("RI", "Rhode Island", "JK"),
    ("SC", "South Carolina", "JM"),
    ("SD", "South Dakota", "JF"),
    ("TN", "Tennessee", "JJ"),
    ("TX", "Texas", "JH"),
    ("VI", "Virgin Islands", "JN"),
    ("UT", "Utah", "JF"),
    ("VT", "Vermont", "JK"),
    ("VA", "Virginia", "JM"),
    ("WA", "Washington", "JF"),
    ("WV", "West Virginia", "JM"),
    ("WI", "Wisconsin", "J6"),
    ("WY", "Wyoming", "JF"),
];

/// A/B MAC jurisdictions: name, contractor, words by which people call it, the first two digits of its numbers.
const MACS: &[(&str, &str, &[&str], &[&str])] = &[
    ("JE", "Noridian Healthcare Solutions", &["noridian"], &["01"]),
    ("JF", "Noridian Healthcare Solutions", &["noridian"], &["02", "03"]),
    ("JH", "Novitas Solutions", &["novitas"], &["04", "07"]),
    ("JL", "Novitas Solutions", &["novitas"], &["12"]),
    ("JN", "First Coast Service Options", &["first coast", "fcso"], &["09"]),
    ("J5", "WPS", &["wps", "wisconsin physicians"], &["05"]),
    ("J8", "WPS", &["wps", "wisconsin physicians"], &["08"]),
    ("J6", "National Government Services", &["ngs", "national government"], &["06"]),
    ("JK", "National Government Services", &["ngs", "national government"], &["13", "14"]),
    ("J15", "CGS Administrators", &["cgs"], &["15"]),
    ("JJ", "Palmetto GBA", &["palmetto"], &["10"]),
    ("JM", "Palmetto GBA", &["palmetto"], &["11"]),
];

/// A state, or the jurisdiction of a Medicare contractor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageArea {
    /// In words: `Wisconsin (MAC J6, National Government Services)`.
    pub name: String,
    /// Its states, two letters each.
    pub states: Vec<String>,
}

impl CoverageArea {
    /// Reads a state (`WI`, `Wisconsin`), a jurisdiction (`J6`, `JE`), a contractor (`NGS`, `Noridian`), or a contractor's
    /// jurisdiction (`Noridian JF`). `None`: it is none of these.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let lower = text.trim().to_lowercase();
        let state = |(code, name, mac): &(&str, &str, &str)| {
            (lower == code.to_lowercase() || lower == name.to_lowercase())
                .then(|| Self::of_state(code, name, mac))
        };
        if let Some(area) = STATES.iter().find_map(state) {
            return Some(area);
        }
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let jurisdiction = |name: &str| {
            let spelt = format!("j-{}", name.trim_start_matches('J').to_lowercase());
            words.contains(&name.to_lowercase().as_str()) || lower.split_whitespace().any(|w| w == spelt)
        };
        let named: Vec<_> = MACS.iter().filter(|m| jurisdiction(m.0)).collect();
        let chosen = if named.is_empty() { called(&lower) } else { named };
        let (first, ..) = chosen.first()?;
        let contractor = chosen.first().map_or("", |m| m.1);
        let names: Vec<&str> = chosen.iter().map(|m| m.0).collect();
        let states = STATES.iter().filter(|s| names.contains(&s.2)).map(|s| s.0.to_owned()).collect();
        let name = match names.len() {
            1 => format!("MAC {first}, {contractor}"),
            _ => format!("{contractor} (MAC {})", names.join(" and ")),
        };
        Some(Self { name, states })
    }

    fn of_state(code: &str, name: &str, mac: &str) -> Self {
        let contractor = MACS.iter().find(|m| m.0 == mac).map_or("", |m| m.1);
        Self { name: format!("{name} (MAC {mac}, {contractor})"), states: vec![code.to_owned()] }
    }

    /// Whether the area and these states have one in common.
    pub(crate) fn meets(&self, states: &[String]) -> bool {
        self.states.iter().any(|s| states.contains(s))
    }
}

/// The jurisdictions of a contractor, by a name that people or files call it.
fn called(
    lower: &str,
) -> Vec<&'static (&'static str, &'static str, &'static [&'static str], &'static [&'static str])> {
    let says = |word: &str| {
        lower.match_indices(word).any(|(at, _)| {
            let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            edge(lower.get(..at).and_then(|t| t.chars().next_back()))
                && edge(lower.get(at + word.len()..).and_then(|t| t.chars().next()))
        })
    };
    MACS.iter().filter(|m| m.2.iter().any(|word| says(word))).collect()
}

/// The states of a contractor that a list names without them; empty: not known (a regional contractor of home health
/// and hospice). DME MACs have all states between them.
pub(crate) fn states_of_contractor(name: &str) -> Vec<&'static str> {
    let lower = name.to_lowercase();
    if lower.contains("dme mac") {
        return STATES.iter().map(|s| s.0).collect();
    }
    let macs: Vec<&str> = called(&lower).iter().map(|m| m.0).collect();
    let ab = lower.contains("part a") || lower.contains("part b") || !lower.contains("mac");
    if ab { STATES.iter().filter(|s| macs.contains(&s.2)).map(|s| s.0).collect() } else { Vec::new() }
}

/// The postal letters of a state as the Medicare Coverage Database writes it: it divides some states (`DN`: New York -
/// Downstate). `name`: its description there.
pub(crate) fn postal(letters: &str, name: &str) -> Option<&'static str> {
    let whole = name.split(" - ").next().unwrap_or(name).trim();
    let by_name = STATES.iter().find(|s| s.1.eq_ignore_ascii_case(whole));
    let divided = match letters.trim() {
        "DN" | "UN" | "QN" => Some("NY"),
        "NF" | "SF" => Some("CA"),
        "EM" | "WM" => Some("MO"),
        "CNMI" => Some("MP"),
        _ => None,
    };
    let known = |code: &str| STATES.iter().find(|s| s.0 == code).map(|s| s.0);
    by_name.map(|s| s.0).or(divided).or_else(|| known(letters.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Codebook;

    #[test]
    fn areas_are_read_as_people_write_them() {
        let states = |text: &str| CoverageArea::read(text).map(|a| a.states.join(" "));
        assert_eq!(states("wi").as_deref(), Some("WI"));
        assert_eq!(states("West Virginia").as_deref(), Some("WV"));
        assert_eq!(states("J15").as_deref(), Some("KY OH"));
        assert_eq!(states("Palmetto JM").as_deref(), Some("NC SC VA WV"));
        assert_eq!(states("MAC J-5").as_deref(), Some("IA KS MO NE"));
        assert_eq!(states("NGS").map(|s| s.split(' ').count()), Some(10));
        for nothing in ["", "Ontario", "kings", "JZ", "W", "noridianx"] {
            assert_eq!(CoverageArea::read(nothing), None, "{nothing}");
        }
        assert!(CoverageArea::read("Wisconsin").unwrap().name.contains("J6, National Government"));
    }

    #[test]
    fn every_state_has_a_contractor() {
        assert_eq!(STATES.len(), 56);
        assert!(STATES.iter().all(|s| MACS.iter().any(|m| m.0 == s.2)));
        assert!(MACS.iter().all(|m| STATES.iter().any(|s| s.2 == m.0)));
    }

    #[test]
    fn the_contractors_of_lists_and_divided_states_are_known() {
        assert_eq!(
            states_of_contractor("CGS Administrators, LLC (MAC - Part A, MAC - Part B)"),
            ["KY", "OH"]
        );
        assert_eq!(states_of_contractor("CGS Administrators, LLC (DME MAC)").len(), 56);
        assert!(states_of_contractor("Palmetto GBA (HHH MAC)").is_empty());
        assert_eq!(postal("DN", "New York - Downstate"), Some("NY"));
        assert_eq!(postal("CNMI", "Commonwealth of the Northern Mariana Islands"), Some("MP"));
        assert_eq!((postal("KY", "Kentucky"), postal("ZZ", "Nowhere")), (Some("KY"), None));
    }

    #[test]
    fn the_contractor_numbers_of_the_fee_schedule_agree() {
        let Some(path) = crate::codebook::import::tests::official("rvu25d.zip") else { return };
        let dir = tempfile::tempdir().unwrap();
        let book = dir.path().join("b.sqlite");
        crate::codebook::import::import(&book, &[path], &crate::codebook::import::ImportOptions::default())
            .unwrap();
        let on = "2025-10-15".parse().unwrap();
        let localities = Codebook::open(&book).unwrap().localities(on).unwrap().value;
        assert!(localities.len() > 100);
        for l in localities {
            let Some(state) = STATES.iter().find(|s| s.0 == l.state) else { panic!("{l:?}") };
            let mac = MACS.iter().find(|m| m.0 == state.2).unwrap();
            let virginia = l.state == "VA" || l.state == "MD" || l.state == "DC";
            assert!(virginia || mac.3.iter().any(|n| l.mac.starts_with(n)), "{l:?} is not of {}", mac.0);
        }
    }
}
