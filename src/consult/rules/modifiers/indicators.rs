//! Modifiers whose use the fee schedule's indicators decide: 50, 80–82 and AS, 62, 66, 26 and TC, 54–56. Coding rules,
//! section 4.

use super::Check;
use crate::codebook::FeeRow;
use crate::domain::Outcome;

fn bilateral(f: &FeeRow) -> &str {
    &f.bilateral
}
fn pctc(f: &FeeRow) -> &str {
    &f.pctc
}
fn assistant(f: &FeeRow) -> &str {
    &f.assistant
}
fn co_surgeon(f: &FeeRow) -> &str {
    &f.co_surgeon
}
fn team(f: &FeeRow) -> &str {
    &f.team
}
fn global(f: &FeeRow) -> &str {
    &f.global_days
}

/// Each row rests on the code's fee schedule row.
pub(super) const TABLE: &[Check] = &[
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["0"]),
        outcome: Outcome::Deny,
        text: "{c} has bilateral indicator 0: modifier 50 does not apply",
        section: "",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["2"]),
        outcome: Outcome::Deny,
        text: "{c} has bilateral indicator 2: it is bilateral already, modifier 50 does not apply",
        section: "",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["9"]),
        outcome: Outcome::Warn,
        text: "{c} has bilateral indicator 9: the bilateral concept does not apply",
        section: "",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["1"]),
        outcome: Outcome::Pass,
        text: "{c} has bilateral indicator 1: modifier 50 applies, 150 % before any multiple-procedure reduction, one line and one unit",
        section: "",
    },
    Check {
        modifiers: &["50"],
        when: |f| f.fee_is(bilateral, &["3"]),
        outcome: Outcome::Pass,
        text: "{c} has bilateral indicator 3: both sides are paid at 100 % each",
        section: "",
    },
    Check {
        modifiers: &["80", "81", "82", "AS"],
        when: |f| f.fee_is(assistant, &["1"]),
        outcome: Outcome::Deny,
        text: "{c} has assistant indicator 1: an assistant at surgery is never paid",
        section: "",
    },
    Check {
        modifiers: &["80", "81", "82", "AS"],
        when: |f| f.fee_is(assistant, &["0"]),
        outcome: Outcome::Warn,
        text: "{c} has assistant indicator 0: an assistant is paid only with documentation of medical necessity",
        section: "",
    },
    Check {
        modifiers: &["80", "81", "82", "AS"],
        when: |f| f.fee_is(assistant, &["9"]),
        outcome: Outcome::Warn,
        text: "{c} has assistant indicator 9: the concept does not apply",
        section: "",
    },
    Check {
        modifiers: &["80", "81", "82", "AS"],
        when: |f| f.fee_is(assistant, &["2"]),
        outcome: Outcome::Pass,
        text: "{c} has assistant indicator 2: an assistant at surgery may be paid",
        section: "",
    },
    Check {
        modifiers: &["62"],
        when: |f| f.fee_is(co_surgeon, &["0"]),
        outcome: Outcome::Deny,
        text: "{c} has co-surgeon indicator 0: co-surgeons are not paid",
        section: "",
    },
    Check {
        modifiers: &["62"],
        when: |f| f.fee_is(co_surgeon, &["1"]),
        outcome: Outcome::Warn,
        text: "{c} has co-surgeon indicator 1: co-surgeons are paid only with documentation of the need for both",
        section: "",
    },
    Check {
        modifiers: &["62"],
        when: |f| f.fee_is(co_surgeon, &["2"]),
        outcome: Outcome::Pass,
        text: "{c} has co-surgeon indicator 2: two surgeons of different specialties may be paid",
        section: "",
    },
    Check {
        modifiers: &["62"],
        when: |f| f.fee_is(co_surgeon, &["9"]),
        outcome: Outcome::Warn,
        text: "{c} has co-surgeon indicator 9: the concept does not apply",
        section: "",
    },
    Check {
        modifiers: &["66"],
        when: |f| f.fee_is(team, &["0"]),
        outcome: Outcome::Deny,
        text: "{c} has team indicator 0: team surgery is not paid",
        section: "",
    },
    Check {
        modifiers: &["66"],
        when: |f| f.fee_is(team, &["1", "2"]),
        outcome: Outcome::Warn,
        text: "{c} allows team surgery with documentation, paid by report",
        section: "",
    },
    Check {
        modifiers: &["26"],
        when: |f| f.fee_is(pctc, &["0", "2", "3", "4", "5", "7", "8", "9"]),
        outcome: Outcome::Deny,
        text: "{c} has no professional component of its own (PC/TC indicator is not 1 or 6): modifier 26 does not apply",
        section: "",
    },
    Check {
        modifiers: &["26"],
        when: |f| f.fee_is(pctc, &["1", "6"]),
        outcome: Outcome::Pass,
        text: "{c} has a professional component: modifier 26 applies",
        section: "",
    },
    Check {
        modifiers: &["TC"],
        when: |f| f.fee_is(pctc, &["0", "2", "3", "4", "5", "6", "7", "8", "9"]),
        outcome: Outcome::Deny,
        text: "{c} has no technical component of its own (PC/TC indicator is not 1): modifier TC does not apply",
        section: "",
    },
    Check {
        modifiers: &["TC"],
        when: |f| f.fee_is(pctc, &["1"]),
        outcome: Outcome::Pass,
        text: "{c} has a technical component: modifier TC applies",
        section: "",
    },
    Check {
        modifiers: &["54", "55", "56"],
        when: |f| f.fee_is(global, &["000", "XXX", "ZZZ", "MMM"]),
        outcome: Outcome::Warn,
        text: "{c} has no global period of 10 or 90 days that could be shared: {m} (part of the surgical package) does not apply",
        section: "",
    },
    Check {
        modifiers: &["78"],
        when: |f| !f.visit && f.fee_is(global, &["010", "090"]),
        outcome: Outcome::Info,
        text: "{c} with 78 is paid its intra-operative share only, and begins no new global period",
        section: "",
    },
    Check {
        modifiers: &["GY"],
        when: |f| f.status_is("EIX"),
        outcome: Outcome::Warn,
        text: "{c} has status E, I or X, which does not say that it is excluded by statute: it is no ground for GY",
        section: "",
    },
];
