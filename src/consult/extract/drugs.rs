//! Drugs by any name of the vocabulary (`config/vocabulary/drugs.tsv`): brands, short names, generic names.

use super::words::Words;
use crate::codebook::drug_named;

/// A drug that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drug {
    /// As it is written in the vocabulary.
    pub written: &'static str,
    /// Its generic name (or class, where the official texts have none).
    pub generic: &'static str,
}

/// Names that are words of other things far more often.
const OTHERWISE: &[&str] = &[
    "pot",
    "hash",
    "spice",
    "lean",
    "crack",
    "coke",
    "dope",
    "speed",
    "smack",
    "molly",
    "perc",
    "bleach",
    "liquor",
    "booze",
    "roundup",
    "compro",
    "soma",
    "ella",
    "skyla",
    "camila",
    "renova",
    "enable",
    "dig",
    "gent",
    "subs",
    "dabs",
    "nitro",
    "oxy",
    "oxys",
    "tums",
    "factive",
    "inspra",
    "sonata",
    "mobic",
    "ice",
    "statin",
    "statins",
    "opiate",
    "opiates",
    "sulfa",
    "orap",
    "calan",
    "ismo",
    "tca",
    "acei",
    "emend",
    "nac",
    "tnk",
    "epi",
    "inh",
    "asa",
    "lye",
    "infed",
    "roids",
    "tabloid",
    "antara",
    "alive",
    "zinc",
    "iron",
    "oxygen",
    "cpt 11",
    "d50",
    "d10",
    "cartia",
    "centrum",
    "alaway",
    "enlon",
    "vit k",
    "t shot",
    "weed",
    "vape",
    "benzo",
    "benzos",
    "barbs",
    "azo",
    "downers",
    "uppers",
    "vallies",
    "poppers",
    "huffing",
    "etoh",
    "ocp",
    "ocps",
    "nsaid",
    "nsaids",
    "insulin",
    "alcohol",
    "glucose",
    "water",
    "digoxin toxicity",
    "pin x",
    "d con",
    "buspar",
    "depen",
    "jalyn",
    "junel",
    "visken",
    "yaz",
    "yasmin",
    "k2",
    "kcl",
    "k tab",
    "k dur",
    "opana",
    "plan b",
    "e pill",
    "glp 1",
    "pcp",
    "nicotine",
    "tobacco",
    "caffeine",
    "cocaine",
    "heroin",
    "cannabis",
    "marijuana",
];
/// More drugs of one text are not listed.
const MOST: usize = 30;

/// The drugs of a text, each once, in its order.
pub(super) fn find(words: &Words<'_>) -> Vec<Drug> {
    let mut out: Vec<Drug> = Vec::new();
    let mut at = 0;
    while at < words.list.len() && out.len() < MOST {
        let mut step = 1;
        for len in (1..=3).rev() {
            let joined = (1..len).all(|i| words.list.get(at + i).is_some_and(|w| w.joined));
            if !joined || at + len > words.list.len() {
                continue;
            }
            let phrase: Vec<&str> = (at..at + len).map(|i| words.lower(i)).collect();
            let phrase = phrase.join(" ");
            if phrase.len() < 3 || OTHERWISE.contains(&phrase.as_str()) {
                continue;
            }
            if let Some((written, generic)) = drug_named(&phrase) {
                if !out.iter().any(|d| d.generic == generic) {
                    out.push(Drug { written, generic });
                }
                step = len;
                break;
            }
        }
        at += step;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_and_generics() {
        let read = |text: &str| -> Vec<&str> { find(&Words::of(text)).iter().map(|d| d.generic).collect() };
        assert_eq!(read("Gave rocephin 1 g and Toradol"), ["ceftriaxone", "ketorolac"]);
        assert_eq!(read("kenalog 40 mg"), ["triamcinolone"]);
        assert_eq!(read("ceftriaxone"), ["ceftriaxone"]);
        assert!(read("we have a pot of coffee, and lean claims; roundup of edits").is_empty());
    }
}
