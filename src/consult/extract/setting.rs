//! Where the service was done and who bills it, as far as that decides which tables apply.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::Setting;

/// The place or kind of claim that a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Office or clinic: professional claim.
    Office,
    /// A professional claim, wherever the service was done.
    Professional,
    /// Ambulatory surgical center: the practitioner tables apply.
    Asc,
    /// Outpatient facility claim.
    OutpatientFacility,
    /// Inpatient facility claim: no NCCI table applies.
    InpatientFacility,
    /// A supplier of durable medical equipment.
    Supplier,
}

impl Place {
    /// The NCCI tables that apply; none for an inpatient facility claim.
    #[must_use]
    pub fn setting(self) -> Option<Setting> {
        match self {
            Self::Office | Self::Professional | Self::Asc => Some(Setting::Practitioner),
            Self::OutpatientFacility => Some(Setting::Hospital),
            Self::InpatientFacility => None,
            Self::Supplier => Some(Setting::Dme),
        }
    }

    /// In words, for the assumptions of an answer.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Office => "office, professional claim (NCCI practitioner tables)",
            Self::Professional => "professional claim (NCCI practitioner tables)",
            Self::Asc => "ambulatory surgical center (NCCI practitioner tables)",
            Self::OutpatientFacility => "outpatient facility claim (NCCI outpatient hospital tables)",
            Self::InpatientFacility => "inpatient facility claim (NCCI PTP and MUE tables do not apply)",
            Self::Supplier => "DME supplier claim (NCCI DME unit table)",
        }
    }
}

static PROFESSIONAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:professional (?:claim|side|billing|fee|component)|pro[- ]?fee|cms[- ]?1500|hcfa|our (?:surgeon|physician|doctor|doc|provider|cardiologist|radiologist|hospitalist)|(?:surgeon|physician|practitioner|provider)(?:'s|s)? (?:claim|billing|side|bills|only)|bill(?:ing)? (?:for |only )?(?:the |our )?(?:surgeon|physician|doctor|practitioner)s?|practitioner (?:table|claim)s?)\b").ok()
});
static OFFICE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:in (?:the |our |an? )?(?:office|clinic)|office (?:visit|setting|procedure)|(?:in|at) (?:the )?(?:doctor's|physician's) office|in[- ]office|pos[ :#]*11|office|private (?:[a-z]+ ){0,2}practice|our practice)\b").ok()
});
static ASC: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\bASCs?\b|(?i)\b(?:ambulatory surg(?:ery|ical) cent(?:er|re)|surgery cent(?:er|re)|surgicenter|pos[ :#]*24)\b").ok()
});
static OUTPATIENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:hospital )?out-?patient (?:hospital|facility|department|surgery|hosp)|hospital out-?patient|hosp outpt|outpt hosp(?:ital)?|facility (?:claim|side|billing)|hopd|opps|ub[- ]?04|pos[ :#]*(?:19|22)|apcs?|hospital (?:claim|bills|billing))\b").ok()
});
static INPATIENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:in-?patient|pos[ :#]*21|drgs?|admitted to the hospital)\b").ok());
static SUPPLIER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:dme supplier|dmepos|supplier claim|dme mac)\b").ok());

fn says(regex: &LazyLock<Option<Regex>>, text: &str) -> bool {
    regex.as_ref().is_some_and(|r| r.is_match(text))
}

/// Whether the text itself says "outpatient": "facility claim" alone is said of inpatient stays, too.
fn names_outpatient(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("outpatient") || lower.contains("out-patient") || lower.contains("hopd")
}

/// The place that the text names. A physician who works in a hospital still bills a professional claim.
pub(super) fn place(text: &str) -> Option<Place> {
    let professional = says(&PROFESSIONAL, text);
    if says(&SUPPLIER, text) {
        Some(Place::Supplier)
    } else if says(&ASC, text) {
        Some(Place::Asc)
    } else if says(&OUTPATIENT, text) && (!says(&INPATIENT, text) || names_outpatient(text)) {
        Some(if professional { Place::Professional } else { Place::OutpatientFacility })
    } else if says(&INPATIENT, text) && !text.to_lowercase().contains("inpatient only") {
        Some(if professional { Place::Professional } else { Place::InpatientFacility })
    } else if says(&OFFICE, text) {
        Some(Place::Office)
    } else if professional {
        Some(Place::Professional)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        for (text, want) in [
            ("done in the office", Some(Place::Office)),
            ("POS 11", Some(Place::Office)),
            ("at our ASC", Some(Place::Asc)),
            ("hospital outpatient department", Some(Place::OutpatientFacility)),
            ("facility claim on a UB-04", Some(Place::OutpatientFacility)),
            ("our surgeon, outpatient hospital", Some(Place::Professional)),
            ("inpatient stay", Some(Place::InpatientFacility)),
            ("Inpatient facility claim, DRG", Some(Place::InpatientFacility)),
            ("inpatient hospital (we bill the surgeon only)", Some(Place::Professional)),
            ("inpatient, professional claim", Some(Place::Professional)),
            ("Can these be billed together?", None),
            ("ask about it", None),
        ] {
            assert_eq!(place(text), want, "{text}");
        }
        assert_eq!(Place::InpatientFacility.setting(), None);
        assert_eq!(Place::Asc.setting(), Some(Setting::Practitioner));
    }
}
