//! Masks what points to a patient, before anything but the original's own view reads a text.
//!
//! A first net, not a promise: numbers by their form or label, names and addresses by their label. What coders
//! need stays: dates of service, codes, modifiers, doses, amounts, ages up to 89 (45 CFR 164.514(b)(2)(i)).

use std::ops::Range;

use serde::{Deserialize, Serialize};

mod rules;

/// What was masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhiKind {
    /// A person's name.
    Name,
    /// A date of birth.
    DateOfBirth,
    /// An age over 89.
    Age,
    /// A medical record, chart or patient number.
    RecordNumber,
    /// An account, claim, encounter or licence number.
    AccountNumber,
    /// A health plan's member, subscriber or policy number.
    MemberId,
    /// A Medicare number (MBI or the older HICN).
    MedicareId,
    /// A Social Security number.
    Ssn,
    /// A telephone or fax number.
    Phone,
    /// A mail address.
    Email,
    /// A street address.
    Address,
}

impl PhiKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Name,
        Self::DateOfBirth,
        Self::Age,
        Self::RecordNumber,
        Self::AccountNumber,
        Self::MemberId,
        Self::MedicareId,
        Self::Ssn,
        Self::Phone,
        Self::Email,
        Self::Address,
    ];

    /// What stands in the masked text instead.
    #[must_use]
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Name => "[name]",
            Self::DateOfBirth => "[date of birth]",
            Self::Age => "[age over 89]",
            Self::RecordNumber => "[record number]",
            Self::AccountNumber => "[account number]",
            Self::MemberId => "[member id]",
            Self::MedicareId => "[medicare id]",
            Self::Ssn => "[ssn]",
            Self::Phone => "[phone]",
            Self::Email => "[email]",
            Self::Address => "[address]",
        }
    }
}

impl std::fmt::Display for PhiKind {
    /// The placeholder's words, without its brackets: `date of birth`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.placeholder().trim_matches(['[', ']']))
    }
}

/// One masked place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhiFound {
    /// What it was.
    pub kind: PhiKind,
    /// Where its placeholder stands in the masked text, in bytes.
    pub at: Range<usize>,
}

/// A masked text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The text with placeholders.
    pub text: String,
    /// What is masked in it, in order (a placeholder that stood in the text before counts too).
    pub found: Vec<PhiFound>,
}

/// How often the rules are run over a text: masking one thing may set another free, seldom more than once.
const PASSES: usize = 12;

/// Masks a text. Masking it again changes nothing.
#[must_use]
pub fn mask(text: &str) -> Masked {
    let mut text = text.to_owned();
    for _ in 0..PASSES {
        let mut changed = false;
        for rule in rules::all() {
            if let Some(masked) = rule.apply(&text) {
                text = masked;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let found = placeholders(&text);
    Masked { text, found }
}

fn placeholders(text: &str) -> Vec<PhiFound> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('[') {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(&kind) = PhiKind::ALL.iter().find(|k| rest.starts_with(k.placeholder())) {
            found.push(PhiFound { kind, at: at..at + kind.placeholder().len() });
        }
    }
    found
}

#[cfg(test)]
mod tests;
