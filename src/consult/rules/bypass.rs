//! Which modifier bypasses a pair edit with indicator 1, on which line, and whether the claim carries it.
//! NCCI Policy Manual, ch. I §D and §E; coding rules, section 1.

use super::advice;
use crate::codebook::FeeRow;
use crate::consult::claim::{Claim, Line};
use crate::consult::guidance::{in_range, is_evaluation};
use crate::domain::{CivilDate, Finding, Setting};

/// The modifiers that NCCI lets bypass an edit with indicator 1 (PM ch. I §E), exactly.
const ASSOCIATED: &[&str] = &[
    "E1", "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "TA", "T1", "T2",
    "T3", "T4", "T5", "T6", "T7", "T8", "T9", "LT", "RT", "LC", "LD", "RC", "LM", "RI", "24", "25", "57",
    "58", "78", "79", "27", "59", "91", "XE", "XS", "XP", "XU",
];
const DISTINCT: &[&str] = &["59", "XE", "XS", "XP", "XU"];
const VISIT: &[&str] = &["24", "25", "57"];

/// Whether a modifier is NCCI-associated: able to bypass an edit with indicator 1.
pub(crate) fn is_associated(modifier: &str) -> bool {
    ASSOCIATED.contains(&modifier)
}

/// Whether a modifier is 59 or one of X{EPSU}.
pub(crate) fn is_distinct(modifier: &str) -> bool {
    DISTINCT.contains(&modifier)
}

/// What about a pair decides which modifier may fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A visit in column 2 of a major procedure (90 global days).
    VisitOfMajor,
    /// A visit in column 2 of another procedure.
    Visit,
    /// A visit in column 1.
    VisitFirst,
    /// Two visits.
    TwoVisits,
    /// Two timed therapy services.
    Therapy,
    /// Two codes of one shoulder.
    Shoulder,
    /// Snare removal and biopsy of polyps.
    Polyps,
    /// Anything else.
    Other,
}

/// What kind of pair it is; `fee` is the row of column 1.
pub(crate) fn kind_of(one: &str, two: &str, fee: Option<&FeeRow>) -> Kind {
    let therapy = |c: &str| in_range(c, "97010-97799") || in_range(c, "97032-97039");
    let shoulder = |c: &str| in_range(c, "23000-23929") || in_range(c, "29805-29828");
    match (is_evaluation(one), is_evaluation(two)) {
        (true, true) => Kind::TwoVisits,
        (true, false) => Kind::VisitFirst,
        (false, true) if fee.is_some_and(|f| f.global_days == "090") => Kind::VisitOfMajor,
        (false, true) => Kind::Visit,
        _ if therapy(one) && therapy(two) => Kind::Therapy,
        _ if shoulder(one) && shoulder(two) => Kind::Shoulder,
        _ if (one, two) == ("45385", "45380") => Kind::Polyps,
        _ => Kind::Other,
    }
}

/// What the claim's own modifiers do for a pair.
pub(crate) enum Carried {
    Fits(String, String),
    SameSide(String),
    Misplaced(String, &'static str),
    Nothing,
}

impl Carried {
    /// The modifier, whatever it does.
    pub(crate) fn modifier(&self) -> Option<&str> {
        match self {
            Self::Fits(m, _) | Self::SameSide(m) | Self::Misplaced(m, _) => Some(m),
            Self::Nothing => None,
        }
    }
}

/// What the modifiers of both lines do for the pair.
pub(crate) fn carried(kind: Kind, one: &str, two: &str, claim: &Claim) -> Carried {
    let of = |code: &str| -> Vec<String> {
        let lines: Vec<&Line> = claim.lines.iter().filter(|l| l.code == code).collect();
        lines.iter().flat_map(|l| l.modifiers.clone()).filter(|m| is_associated(m)).collect()
    };
    let (first, second) = (of(one), of(two));
    let visit = |m: &&String| VISIT.contains(&m.as_str());
    let distinct = |m: &&String| is_distinct(m);
    match kind {
        Kind::Visit | Kind::VisitOfMajor => {
            if let Some(m) = second.iter().find(visit) {
                return Carried::Fits(m.clone(), two.to_owned());
            }
            if let Some(m) = first.iter().find(visit) {
                return Carried::Misplaced(m.clone(), "it belongs on the visit, not on the procedure");
            }
            match second.iter().chain(&first).find(distinct) {
                Some(m) => {
                    Carried::Misplaced(m.clone(), "a visit takes 24, 25 or 57, never 59 or an X modifier")
                }
                None => Carried::Nothing,
            }
        }
        Kind::TwoVisits => match first.iter().chain(&second).find(|m| *m == "25" || *m == "27") {
            Some(m) if m == "27" && claim.setting != Setting::Hospital => {
                Carried::Misplaced(m.clone(), "27 is for outpatient facilities")
            }
            Some(m) => {
                let line = if second.contains(m) { two } else { one };
                Carried::Fits(m.clone(), line.to_owned())
            }
            None => Carried::Nothing,
        },
        Kind::VisitFirst => match second.iter().find(|m| !visit(m)) {
            Some(m) => Carried::Fits(m.clone(), two.to_owned()),
            None => Carried::Nothing,
        },
        _ => {
            let sides = |list: &[String]| -> Vec<String> {
                list.iter()
                    .filter(|m| {
                        !is_distinct(m)
                            && !VISIT.contains(&m.as_str())
                            && !["58", "78", "79", "91", "27"].contains(&m.as_str())
                    })
                    .cloned()
                    .collect()
            };
            let strong =
                second.iter().find(|m| is_distinct(m) || ["58", "78", "79", "91"].contains(&m.as_str()));
            if let Some(m) = strong {
                return Carried::Fits(m.clone(), two.to_owned());
            }
            // On column 1 they count since 2019-07-01 (CR 11168).
            let either = CivilDate::new(2019, 7, 1).is_some_and(|first| claim.on >= first);
            if let Some(m) = first.iter().find(distinct).filter(|_| either) {
                return Carried::Fits(m.clone(), one.to_owned());
            }
            let (left, right) = (sides(&first), sides(&second));
            match right.first().map(|m| (m, two)).or_else(|| left.first().map(|m| (m, one))) {
                Some((m, _)) if left.contains(m) && right.contains(m) => Carried::SameSide(m.clone()),
                Some((m, line)) => Carried::Fits(m.clone(), line.to_owned()),
                None => Carried::Nothing,
            }
        }
    }
}

/// The modifiers that may fit a pair.
pub(crate) fn fitting(kind: Kind, setting: Setting) -> &'static str {
    match kind {
        Kind::VisitOfMajor => "24, 25 or 57",
        Kind::TwoVisits if setting == Setting::Hospital => "25 or 27",
        Kind::Visit | Kind::TwoVisits => "25",
        Kind::VisitFirst => "59 or the X modifier that fits",
        Kind::Therapy => "59 or XU",
        Kind::Shoulder => "LT/RT for the other shoulder",
        Kind::Polyps => "59 or XS",
        Kind::Other => "59, the X modifier that fits or an anatomic modifier",
    }
}

/// Which modifier, on which line, and what the record must show. A claim that says itself that none can fit (the
/// same side on both lines) gets no modifier named.
pub(crate) fn which_modifier(
    kind: Kind,
    one: &str,
    two: &str,
    setting: Setting,
    carried: &Carried,
) -> Vec<Finding> {
    let modifiers = fitting(kind, setting);
    let named = !matches!(carried, Carried::SameSide(_) | Carried::Fits(..));
    let notes: &[&str] = match kind {
        Kind::VisitOfMajor => &["em-57", "em-25-24"],
        Kind::Visit | Kind::TwoVisits => &["em-25"],
        Kind::VisitFirst | Kind::Other => &["distinct-59"],
        Kind::Therapy => &["therapy-time"],
        Kind::Shoulder => &["shoulder"],
        Kind::Polyps => &["polyps"],
    };
    let mut out = Vec::new();
    for (i, id) in notes.iter().enumerate() {
        if let Some(mut f) = advice(id, "ptp_advice", &[one, two]) {
            if i == 0 && named {
                f.statement = format!("If the record supports it: {modifiers} on {two}. {}", f.statement);
            }
            out.push(f);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_associated_modifiers_are_exactly_the_list() {
        assert_eq!(ASSOCIATED.len(), 44);
        for m in ["50", "51", "76", "77", "26", "TC", "22", "52", "53"] {
            assert!(!is_associated(m), "{m}");
        }
    }
}
