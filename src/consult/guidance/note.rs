//! A note as it stands in its file: what it says, whom it concerns, where it can be checked.

use serde::Deserialize;

use crate::domain::{CivilDate, Evidence, Finding, Outcome};

/// The edition of a note whose source was not read.
pub const ESTABLISHED: &str = "established knowledge";
/// What stands for its section.
pub const NOT_READ: &str = "section not cited";

/// What must hold for a note to be chosen: every condition that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trigger {
    /// One of these must be in the question: a code, a range `A-B` of equal length, or all codes that begin with
    /// `E11.*`.
    pub codes: Vec<String>,
    /// And one of these.
    pub with_codes: Vec<String>,
    /// None of these may be in the question.
    pub without_codes: Vec<String>,
    /// One of these modifiers must be in the question.
    pub modifiers: Vec<String>,
    /// One term of each group must be in the text: a word or a phrase, lower case.
    pub terms: Vec<Vec<String>>,
    /// None of these terms may be in the text.
    pub without: Vec<String>,
}

impl Trigger {
    /// Whether anything is asked for at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
            && self.with_codes.is_empty()
            && self.modifiers.is_empty()
            && self.terms.is_empty()
    }
}

/// How a note answers a question that is answered by yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Says {
    /// Yes.
    Yes,
    /// No.
    No,
    /// It depends on what the note names.
    Depends,
}

/// Whose rule a note states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PayerGroup {
    /// Medicare, its Advantage plans included.
    Medicare,
    /// Commercial payers.
    Commercial,
    /// Medicaid.
    Medicaid,
}

impl PayerGroup {
    /// As it stands before a statement.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Medicare => "Medicare",
            Self::Commercial => "Commercial payers",
            Self::Medicaid => "Medicaid",
        }
    }
}

/// The kind of claim a note is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimGroup {
    /// Professional claims.
    Professional,
    /// Outpatient facility claims.
    Facility,
    /// Inpatient facility claims.
    Inpatient,
    /// Ambulatory surgical centers.
    Asc,
}

/// Something to ask for, unless the question tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Terms that tell it: one is enough.
    #[serde(default)]
    pub unless: Vec<String>,
    /// What is asked for, in the asker's words.
    pub question: String,
}

/// One statement of a manual or guideline.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Its name among the notes; what stands before the first dot is its subject.
    pub id: String,
    /// The field's topic.
    pub topic: String,
    /// Shown only where a rule cites it.
    #[serde(default)]
    pub cited: bool,
    /// As [`Trigger::codes`]; with the five below the note's first trigger.
    #[serde(default)]
    pub codes: Vec<String>,
    /// As [`Trigger::with_codes`].
    #[serde(default)]
    pub with_codes: Vec<String>,
    /// As [`Trigger::without_codes`].
    #[serde(default)]
    pub without_codes: Vec<String>,
    /// As [`Trigger::modifiers`].
    #[serde(default)]
    pub modifiers: Vec<String>,
    /// As [`Trigger::terms`].
    #[serde(default)]
    pub terms: Vec<Vec<String>>,
    /// As [`Trigger::without`].
    #[serde(default)]
    pub without: Vec<String>,
    /// Further triggers: the note applies if any one holds.
    #[serde(default)]
    pub when: Vec<Trigger>,
    /// The answer's first line where this note decides and no table does: one sentence.
    #[serde(default)]
    pub headline: Option<String>,
    /// How it answers a question that is answered by yes or no.
    #[serde(default)]
    pub verdict: Option<Says>,
    /// What the answer depends on.
    #[serde(default)]
    pub ask: Vec<Ask>,
    /// Whose rule it is; empty: everybody's.
    #[serde(default)]
    pub payers: Vec<PayerGroup>,
    /// The claims it is for; empty: all.
    #[serde(default)]
    pub settings: Vec<ClaimGroup>,
    /// What it says, in our own words.
    pub statement: String,
    /// The manual or guideline.
    pub source: String,
    /// Its edition.
    pub edition: String,
    /// Its section; absent where `read` is false.
    #[serde(default)]
    pub section: String,
    /// Whether the section was read; otherwise it is established knowledge, and no section is cited.
    pub read: bool,
    /// Codes that it leads to: offered as candidates if the codebook has them.
    #[serde(default)]
    pub suggest: Vec<String>,
    /// The suggested codes only go with another code, which the note does not name.
    #[serde(default)]
    pub additional: bool,
    /// Words of the question must not be searched for codes: what they name is not to be coded.
    #[serde(default)]
    pub no_search: bool,
    /// It speaks of codes that are no longer in use.
    #[serde(default)]
    pub historical: bool,
    /// First date of service it holds for.
    #[serde(default)]
    pub from: Option<CivilDate>,
    /// Last date of service it holds for.
    #[serde(default)]
    pub to: Option<CivilDate>,
}

impl Note {
    /// Where the statement can be checked.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let section = if self.read { self.section.as_str() } else { NOT_READ };
        Evidence { source: self.source.clone(), release: self.edition.clone(), locator: section.to_owned() }
    }

    /// As a finding of the rule that says it.
    #[must_use]
    pub fn finding(&self, rule: &str, payer: Option<PayerGroup>) -> Finding {
        Finding {
            rule: rule.to_owned(),
            outcome: Outcome::Info,
            codes: Vec::new(),
            detail: serde_json::json!({
                "note": self.id, "topic": self.topic, "read": self.read, "headline": self.headline,
            }),
            statement: self.said_to(&self.statement, payer),
            evidence: vec![self.evidence()],
        }
    }

    /// The first line of an answer that rests on it: its headline, or its first sentence.
    #[must_use]
    pub fn first_line(&self) -> String {
        match &self.headline {
            Some(line) => line.clone(),
            None => first_sentence(&self.statement),
        }
    }

    /// What it is about: the part of its id before the first dot.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.id.split('.').next().unwrap_or(&self.id)
    }

    /// Its triggers: the fields of its own, and each of `when`. What must not be there (`without`, `without_codes`)
    /// holds for all of them.
    #[must_use]
    pub fn triggers(&self) -> Vec<Trigger> {
        let own = Trigger {
            codes: self.codes.clone(),
            with_codes: self.with_codes.clone(),
            without_codes: self.without_codes.clone(),
            modifiers: self.modifiers.clone(),
            terms: self.terms.clone(),
            without: self.without.clone(),
        };
        let further = self.when.iter().cloned().map(|mut trigger| {
            trigger.without.extend(self.without.iter().cloned());
            trigger.without_codes.extend(self.without_codes.iter().cloned());
            trigger
        });
        let first = (!own.is_empty()).then_some(own);
        first.into_iter().chain(further).collect()
    }

    /// Whether it holds on this date of service.
    #[must_use]
    pub fn holds_on(&self, day: CivilDate) -> bool {
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day <= to)
    }
}

/// A text's first sentence; a full stop within a number, a section or an abbreviation ends none.
pub(crate) fn first_sentence(text: &str) -> String {
    for (at, _) in text.match_indices(". ") {
        let before = text.get(..at).unwrap_or_default();
        let word = before.rsplit([' ', '(']).next().unwrap_or_default();
        let short =
            matches!(word, "ch" | "sec" | "e.g" | "i.e" | "vs" | "no" | "Dr" | "St" | "incl" | "approx");
        let next = text.get(at + 2..).and_then(|t| t.chars().next());
        if !short && next.is_some_and(|c| c.is_uppercase() || c.is_ascii_digit()) {
            return format!("{before}.");
        }
    }
    text.to_owned()
}
