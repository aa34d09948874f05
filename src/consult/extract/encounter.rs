//! The encounter: its phase for the seventh character, inpatient or outpatient, principal diagnosis, present on admission.

use std::sync::LazyLock;

use super::words::{Phrases, Words};

/// What a text says of the encounter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encounter {
    /// `initial`, `subsequent` or `sequela`, as called by the text.
    pub phase: Option<&'static str>,
    /// `inpatient`, `outpatient`, `observation` or `emergency`.
    pub class: Option<&'static str>,
    /// The sequence of diagnoses is spoken of: principal, first-listed.
    pub sequencing: bool,
    /// Present on admission is spoken of; with its indicator (Y, N, U, W) if given.
    pub poa: Option<Option<char>>,
}

#[derive(Debug)]
enum Said {
    Phase(&'static str),
    Class(&'static str),
    Sequencing,
    Poa,
    Nothing,
}

static WORDS: &[(&str, Said)] = &[
    ("initial encounter|active treatment|7th character a|7th char a", Said::Phase("initial")),
    (
        "subsequent encounter|routine healing|delayed healing|aftercare visit|7th character d|7th char d|fracture follow up",
        Said::Phase("subsequent"),
    ),
    ("sequela|sequelae|late effect|late effects|7th character s", Said::Phase("sequela")),
    ("inpatient|in patient|admitted|inpt|ip stay|acute inpatient", Said::Class("inpatient")),
    ("outpatient|out patient|outpt|opd|hopd", Said::Class("outpatient")),
    ("observation|obs status|observation status|obs stay", Said::Class("observation")),
    (
        "ed visit|emergency department|emergency room|in the ed|in the er|er visit|ed physician|er doc",
        Said::Class("emergency"),
    ),
    (
        "principal diagnosis|principal dx|pdx|first listed|first listed dx|primary diagnosis|primary dx|sequence|sequencing|sequenced|coded first|code first|listed first|which goes first|goes first|comes first|which first|order of the codes",
        Said::Sequencing,
    ),
    ("poa|present on admission", Said::Poa),
    (
        "inpatient only|inpatient only list|postpartum observation|admitted she|admitted he|admitted that|outpatient pharmacy|sequela of",
        Said::Nothing,
    ),
];

static TABLE: LazyLock<Phrases<Said>> = LazyLock::new(|| Phrases::of(WORDS));

/// Reads it.
pub(super) fn find(words: &Words<'_>) -> Encounter {
    let mut encounter = Encounter::default();
    let mut phases: Vec<&'static str> = Vec::new();
    let mut classes: Vec<&'static str> = Vec::new();
    for hit in TABLE.find(words) {
        match hit.means {
            Said::Phase(p) => phases.push(p),
            Said::Class(c) => classes.push(c),
            Said::Sequencing => encounter.sequencing = true,
            Said::Poa => {
                let next = words.written(hit.at + hit.len);
                let mark = if next == "indicator" || next == "is" {
                    words.written(hit.at + hit.len + 1)
                } else {
                    next
                };
                let mark = mark.chars().next().filter(|c| mark.len() == 1 && "YNUW".contains(*c));
                encounter.poa = Some(encounter.poa.flatten().or(mark));
            }
            Said::Nothing if words.lower(hit.at) == "sequela" => phases.push("sequela"),
            Said::Nothing => {}
        }
    }
    phases.dedup();
    // Two phases side by side are the question, not a fact.
    encounter.phase = phases.first().copied().filter(|_| phases.len() == 1);
    classes.dedup();
    encounter.class = match classes.as_slice() {
        [one] => Some(one),
        ["emergency", other] | [other, "emergency"] => Some(other),
        _ => None,
    };
    encounter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encounters() {
        let read = |text: &str| find(&Words::of(text));
        assert_eq!(read("closed fx, subsequent encounter").phase, Some("subsequent"));
        assert_eq!(read("initial or subsequent encounter; initial encounter?").phase, None);
        assert_eq!(read("Inpatient: sepsis").class, Some("inpatient"));
        assert!(read("which is the principal dx").sequencing);
        assert_eq!(read("POA N").poa, Some(Some('N')));
        assert_eq!(read("POA?").poa, Some(None));
    }
}
