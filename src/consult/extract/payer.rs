//! Who pays: Medicare, a Medicare Advantage plan, Medicaid, or another payer by name.

use std::sync::LazyLock;

use super::words::{Hit, Phrases, Words};

/// Who pays, as far as the text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payer {
    /// Original Medicare.
    Medicare,
    /// A Medicare Advantage plan.
    Advantage,
    /// Medicaid: has its own NCCI files.
    Medicaid,
    /// Another payer, by the name given.
    Other(String),
}

impl Payer {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Medicare => "Medicare".to_owned(),
            Self::Advantage => "Medicare Advantage (the plan may add edits of its own)".to_owned(),
            Self::Medicaid => "Medicaid".to_owned(),
            Self::Other(name) => name.clone(),
        }
    }
}

#[derive(Debug)]
enum Said {
    Medicare,
    /// Said of Medicare's rules rather than of a claim's payer.
    Cms,
    Advantage,
    Medicaid,
    Other(&'static str),
    Nothing,
}

static NAMES: &[(&str, Said)] = &[
    (
        "medicare|mcare|medicare b|part b|medicare part b|medicare part a|traditional medicare|original medicare|medicare ffs|ffs medicare|mcr|railroad medicare|medicare primary",
        Said::Medicare,
    ),
    ("cms", Said::Cms),
    (
        "medicare advantage|ma plan|ma plans|mapd|part c|medicare hmo|medicare ppo|medicare replacement|replacement plan|mcr advantage|medicare adv|humana gold|humana gold plus|humana medicare|aetna medicare|uhc medicare|uhc medicare advantage|united medicare|aarp medicare|aarp medicare advantage|aarp uhc|bcbs medicare|bcbs medicare advantage|wellcare|cigna medicare|blue medicare|anthem medicare|advantage plan|humana medicare advantage|aetna medicare advantage|d snp|dsnp",
        Said::Advantage,
    ),
    (
        "medicaid|medi cal|medical assistance|masshealth|tenncare|badgercare|mo healthnet|soonercare|husky health|apple health|ahcccs|denali care|healthy louisiana|managed medicaid|medicaid mco|mainecare|nj familycare|healthy blue|molina|amerigroup|chip plan|straight medicaid",
        Said::Medicaid,
    ),
    (
        "blue cross blue shield|blue cross|bcbs|blue shield|bcbstx|bcbsil|bcbsm|bcbsnc|bcbs of|highmark|horizon bcbs|carefirst|regence|premera|florida blue|empire bcbs|fep blue|federal bcbs",
        Said::Other("Blue Cross Blue Shield"),
    ),
    ("aetna", Said::Other("Aetna")),
    (
        "unitedhealthcare|unitedhealth|united healthcare|united health care|united health|uhc|umr|optum|oxford",
        Said::Other("UnitedHealthcare"),
    ),
    ("cigna", Said::Other("Cigna")),
    ("humana", Said::Other("Humana")),
    ("anthem|elevance", Said::Other("Anthem")),
    ("tricare|champus|tricare east|tricare west|humana military|triwest", Said::Other("TRICARE")),
    ("champva|va community care|veterans affairs", Said::Other("Veterans Affairs")),
    ("kaiser|kaiser permanente", Said::Other("Kaiser")),
    ("centene|ambetter", Said::Other("Ambetter")),
    ("oscar health", Said::Other("Oscar")),
    ("geha", Said::Other("GEHA")),
    ("meritain", Said::Other("Meritain")),
    (
        "workers comp|workers compensation|worker s comp|workers s comp|work comp|workmans comp|workman s comp|w c claim|wc claim|wc carrier|wcb|texas mutual",
        Said::Other("workers' compensation"),
    ),
    ("auto insurance|auto carrier|no fault|mva carrier|pip claim", Said::Other("auto insurance")),
    (
        "commercial|commercial payer|commercial plan|commercial insurance|private insurance|private payer|private payor|commercial payor|private pay insurance",
        Said::Other("a commercial payer"),
    ),
    (
        "self pay|self paying|selfpay|cash pay|cash patient|uninsured|cash price|private pay|out of pocket",
        Said::Other("self-pay"),
    ),
    (
        "cms 1500|cms1500|cms 1450|non medicare|not medicare|not a medicare|medicare secondary payer questionnaire|medicare physician fee schedule|medicare fee schedule|oxford dictionary|commercial scrubber|medicare rules for|outside of medicare",
        Said::Nothing,
    ),
];

static TABLE: LazyLock<Phrases<Said>> = LazyLock::new(|| Phrases::of(NAMES));

/// Whether "secondary" is said of this payer.
fn secondary(words: &Words<'_>, hit: &Hit<Said>) -> bool {
    let after = words.lower(hit.at + hit.len);
    let before = hit.at.checked_sub(1).map_or("", |i| words.lower(i));
    after == "secondary" || after == "2ndary" || (before == "secondary" && after != "primary")
}

/// The payer that a text names: of several the primary one, else the narrowest.
pub(super) fn find(words: &Words<'_>) -> Option<Payer> {
    let hits: Vec<Hit<Said>> = TABLE.find(words);
    let first: Vec<&Hit<Said>> = hits.iter().filter(|h| !secondary(words, h)).collect();
    let chosen = if first.is_empty() { hits.iter().collect() } else { first };
    let has = |f: fn(&Said) -> bool| chosen.iter().any(|h| f(h.means));
    let other = chosen.iter().find_map(|h| match h.means {
        Said::Other(name) => Some(Payer::Other((*name).to_owned())),
        _ => None,
    });
    if has(|s| matches!(s, Said::Advantage)) {
        Some(Payer::Advantage)
    } else if has(|s| matches!(s, Said::Medicaid)) {
        Some(Payer::Medicaid)
    } else if has(|s| matches!(s, Said::Medicare)) {
        Some(Payer::Medicare)
    } else {
        other.or_else(|| has(|s| matches!(s, Said::Cms)).then_some(Payer::Medicare))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payer(text: &str) -> Option<Payer> {
        find(&Words::of(text))
    }

    #[test]
    fn payers() {
        let other = |n: &str| Some(Payer::Other(n.into()));
        for (text, want) in [
            ("Medicare patient", Some(Payer::Medicare)),
            ("state Medicaid", Some(Payer::Medicaid)),
            ("BCBS of Texas", other("Blue Cross Blue Shield")),
            ("Medicare Advantage", Some(Payer::Advantage)),
            ("Humana Gold Plus", Some(Payer::Advantage)),
            ("Medicare primary, Medicaid secondary", Some(Payer::Medicare)),
            ("Medicare with BCBS secondary", Some(Payer::Medicare)),
            ("Workers' Comp", other("workers' compensation")),
            ("self-pay", other("self-pay")),
            ("on a CMS-1500", None),
            ("TRICARE East", other("TRICARE")),
            ("hello", None),
        ] {
            assert_eq!(payer(text), want, "{text}");
        }
    }
}
