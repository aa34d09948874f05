//! Who did it: provider roles, and how several providers stand to one another.

use std::sync::LazyLock;

use super::words::{Phrases, Words};

/// A role of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Role {
    NursePractitioner,
    PhysicianAssistant,
    NurseSpecialist,
    Midwife,
    Nurse,
    MedicalAssistant,
    Resident,
    TeachingPhysician,
    Locum,
    Crna,
    Anesthesiologist,
    AssistantSurgeon,
    CoSurgeon,
    TeamSurgery,
    Therapist,
    TherapyAssistant,
    Pharmacist,
    SameGroup,
    OtherGroup,
    SameSpecialty,
    OtherSpecialty,
}

impl Role {
    /// In the field's words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NursePractitioner => "NP",
            Self::PhysicianAssistant => "PA",
            Self::NurseSpecialist => "CNS",
            Self::Midwife => "midwife",
            Self::Nurse => "nurse",
            Self::MedicalAssistant => "medical assistant",
            Self::Resident => "resident",
            Self::TeachingPhysician => "teaching physician",
            Self::Locum => "locum",
            Self::Crna => "CRNA",
            Self::Anesthesiologist => "anesthesiologist",
            Self::AssistantSurgeon => "assistant surgeon",
            Self::CoSurgeon => "co-surgeon",
            Self::TeamSurgery => "team surgery",
            Self::Therapist => "therapist",
            Self::TherapyAssistant => "therapy assistant",
            Self::Pharmacist => "pharmacist",
            Self::SameGroup => "same group",
            Self::OtherGroup => "other group",
            Self::SameSpecialty => "same specialty",
            Self::OtherSpecialty => "other specialty",
        }
    }
}

static ROLES: &[(&str, Option<Role>)] = &[
    ("nurse practitioner|nurse practitioners|aprn|arnp|fnp|crnp|np s|nps", Some(Role::NursePractitioner)),
    ("physician assistant|physician assistants|physician associate|pa c|pas", Some(Role::PhysicianAssistant)),
    ("clinical nurse specialist", Some(Role::NurseSpecialist)),
    ("midwife|nurse midwife|cnm", Some(Role::Midwife)),
    ("nurse|nurses|rn|lpn|lvn", Some(Role::Nurse)),
    ("medical assistant|medical assistants", Some(Role::MedicalAssistant)),
    ("resident|residents|intern|fellow", Some(Role::Resident)),
    ("teaching physician|teaching physicians|attending|attending physician", Some(Role::TeachingPhysician)),
    ("locum|locums|locum tenens|fee for time", Some(Role::Locum)),
    ("crna|crnas|nurse anesthetist", Some(Role::Crna)),
    ("anesthesiologist|anesthesiologists|mda", Some(Role::Anesthesiologist)),
    (
        "assistant surgeon|assistant at surgery|assist at surgery|surgical assist|surgical assistant|first assist|first assistant|assisting surgeon|assisted on|assisted in surgery|assisted",
        Some(Role::AssistantSurgeon),
    ),
    (
        "co surgeon|co surgeons|cosurgeon|cosurgeons|co surgery|two surgeons|2 surgeons|primary surgeons",
        Some(Role::CoSurgeon),
    ),
    ("team surgery|surgical team|team of surgeons", Some(Role::TeamSurgery)),
    (
        "physical therapist|occupational therapist|speech therapist|slp|speech language pathologist",
        Some(Role::Therapist),
    ),
    (
        "pta|ptas|cota|physical therapist assistant|physical therapy assistant|therapy assistant|pt assistant|ot assistant",
        Some(Role::TherapyAssistant),
    ),
    ("pharmacist|pharmacists|pharmd", Some(Role::Pharmacist)),
    (
        "same group|same practice|our group|his partner|her partner|partner in|my partner|same group practice|our other doctor",
        Some(Role::SameGroup),
    ),
    (
        "different group|another group|other group|outside group|another practice|different practice|other practice|unrelated group",
        Some(Role::OtherGroup),
    ),
    ("same specialty|same exact specialty|same subspecialty", Some(Role::SameSpecialty)),
    (
        "different specialty|another specialty|other specialty|different specialties|different subspecialty|separate specialty",
        Some(Role::OtherSpecialty),
    ),
    (
        "resident of|nursing home resident|residents of|facility resident|snf resident|nurse visit|nurse visits|registered nurse case|nurse line|visiting nurse service|without an assistant surgeon|pas de|resident in a|nurse only|np visit or new",
        None,
    ),
];

static TABLE: LazyLock<Phrases<Option<Role>>> = LazyLock::new(|| Phrases::of(ROLES));

/// The roles that a text names, each once, in their own order.
pub(super) fn find(words: &Words<'_>) -> Vec<Role> {
    let mut out: Vec<Role> = Vec::new();
    for hit in TABLE.find(words) {
        let visit = words.lower(hit.at + 1) == "visit" || words.lower(hit.at + 1) == "visits";
        let role = hit.means.filter(|r| !(visit && *r == Role::Nurse));
        out.extend(role);
        if role.is_none() && words.lower(hit.at) == "nurse" {
            out.push(Role::Nurse);
        }
    }
    // Two letters count in capitals alone, where a person may stand: "our NP saw", "PA assisted", "NP/PA".
    for (at, _) in words.list.iter().enumerate() {
        let (before, after) = (at.checked_sub(1).map_or("", |i| words.lower(i)), words.lower(at + 1));
        match words.written(at) {
            "NP" if before != "patient" && after != "patient" => out.push(Role::NursePractitioner),
            "PA" if !matches!(
                after,
                "medicaid"
                    | "required"
                    | "number"
                    | "on"
                    | "denied"
                    | "was"
                    | "approved"
                    | "and"
                    | "lateral"
                    | "view"
                    | "views"
            ) && !matches!(before, "in" | "no" | "prior" | "need" | "cxr") =>
            {
                out.push(Role::PhysicianAssistant);
            }
            "MA" if !matches!(
                after,
                "plan" | "plans" | "medicaid" | "hmo" | "ppo" | "patient" | "denied" | "advantage"
            ) && matches!(
                before,
                "our" | "the" | "by" | "an" | "my" | "a" | "only" | "or" | "and"
            ) =>
            {
                out.push(Role::MedicalAssistant);
            }
            "CNS" if matches!(before, "our" | "the" | "by" | "a" | "np" | "pa" | "or") => {
                out.push(Role::NurseSpecialist);
            }
            _ => {}
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles() {
        let read = |text: &str| -> Vec<&str> { find(&Words::of(text)).iter().map(|r| r.as_str()).collect() };
        assert_eq!(read("our NP saw the pt, MD signed"), ["NP"]);
        assert_eq!(read("PA-C assisted on the case"), ["PA", "assistant surgeon"]);
        assert_eq!(read("resident with the attending"), ["resident", "teaching physician"]);
        assert_eq!(read("CRNA medically directed by anesthesiologist"), ["CRNA", "anesthesiologist"]);
        assert_eq!(read("two surgeons, different specialties"), ["co-surgeon", "other specialty"]);
        for text in ["NP patient", "CXR PA and lateral", "MA plan", "nursing home resident", "no PA required"]
        {
            assert!(read(text).is_empty(), "{text}: {:?}", read(text));
        }
    }
}
