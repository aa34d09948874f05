//! The independent pass over a text before it may go out: the consultant's verification, and what points to patients.

use super::{Desk, DeskError};
use crate::consult::verify::{Checked, Objection, ObjectionKind, Weight, verify};
use crate::domain::Role;
use crate::privacy::{PhiKind, mask};
use crate::store::{Case, Draft};

/// What verification found in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// All objections, in the order of the text.
    pub objections: Vec<Objection>,
    /// Patient data of a kind that never goes out, whoever answers for it.
    pub patient_data: bool,
}

impl Verified {
    /// The objections that hold an approval up.
    pub fn blocking(&self) -> impl Iterator<Item = &Objection> {
        self.objections.iter().filter(|o| o.weight == Weight::Blocks)
    }

    /// Whether the text may go out as it stands.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.patient_data && self.blocking().next().is_none()
    }
}

/// A senior reviewer's word that a text goes out in spite of objections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruling {
    /// Why; it is kept with the case.
    pub reason: String,
    /// The role of the person who says so.
    pub role: Role,
}

impl Desk {
    /// Verifies a text of a case that is to be sent, drafted or written by a person.
    ///
    /// # Errors
    /// If the codebook cannot be read.
    pub async fn verify(&self, case: &Case, draft: &Draft) -> Result<Verified, DeskError> {
        let book = self.book.now();
        let text = draft.text.clone();
        let answer = draft.answer.clone();
        let day = answer.date_of_service.unwrap_or_else(|| case.opened_at.date_in(&self.zone));
        let looked = tokio::task::spawn_blocking(move || {
            let statements: Vec<&str> = answer.findings.iter().map(|f| f.statement.as_str()).collect();
            let derived = statements.join("\n");
            let drafted = (text != answer.text).then_some(answer.text.as_str());
            let checked =
                Checked { text: &text, on: day, drafted, sources: answer.sources.len(), derived: &derived };
            let mut objections = verify(&checked, &book)?;
            for objection in &mut objections {
                objection.words = mask(&objection.words).text;
            }
            let patient_data = patients(&text, &mut objections);
            objections.sort_by_key(|o| o.from);
            Ok::<_, crate::codebook::CodebookError>(Verified { objections, patient_data })
        });
        let broken = |why: String| {
            DeskError::NotSendable(format!("{}: the text could not be verified: {why}", case.number))
        };
        looked.await.map_err(|e| broken(e.to_string()))?.map_err(|e| broken(e.to_string()))
    }

    /// Refuses a text with objections that nobody answers for. What is overruled, for the audit trail.
    pub(super) fn refuse_objections(
        verified: &Verified,
        overruling: Option<&Overruling>,
        number: &str,
    ) -> Result<Vec<String>, DeskError> {
        if verified.patient_data {
            return Err(DeskError::NotSendable(format!(
                "{number}: the text holds what points to a patient; take it out first"
            )));
        }
        let blocking: Vec<String> = verified.blocking().map(|o| o.why.clone()).collect();
        let Some(first) = blocking.first() else { return Ok(Vec::new()) };
        let Some(overruling) = overruling.filter(|o| !o.reason.trim().is_empty()) else {
            return Err(DeskError::NotSendable(format!(
                "{number}: the tables contradict the text: {first} Correct it, or let a senior reviewer answer for it with a reason"
            )));
        };
        if overruling.role < Role::Senior {
            return Err(DeskError::NotSendable(format!(
                "{number}: only a senior reviewer or an administrator may overrule an objection: {first}"
            )));
        }
        Ok(blocking)
    }
}

/// Kinds that may stand in an answer for a good reason: a payer's telephone, an office's address. A senior decides.
const DOUBTFUL: &[PhiKind] = &[PhiKind::Name, PhiKind::Phone, PhiKind::Email, PhiKind::Address];

/// Objections to what points to a patient, a line each; never in the words themselves. Whether any is beyond doubt.
fn patients(text: &str, out: &mut Vec<Objection>) -> bool {
    let masked = mask(text).text;
    let (mut at, mut certain) = (0, false);
    let mut shown = masked.split('\n');
    for line in text.split('\n') {
        let from = at;
        at += line.len() + 1;
        let now = shown.next().unwrap_or_default();
        if now == line {
            continue;
        }
        let mut kinds = placeholders(now);
        for kind in placeholders(line) {
            if let Some(i) = kinds.iter().position(|k| *k == kind) {
                kinds.remove(i);
            }
        }
        kinds.dedup();
        certain |= kinds.iter().any(|k| !DOUBTFUL.contains(k));
        let named: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let named = if named.is_empty() { "patient data".to_owned() } else { named.join(" and ") };
        out.push(Objection {
            kind: ObjectionKind::PatientData,
            weight: Weight::Blocks,
            from,
            to: from + line.len(),
            words: now.trim().chars().take(160).collect(),
            why: format!("This looks like {named}: nothing that points to a patient goes out."),
            evidence: Vec::new(),
        });
    }
    certain
}

/// The placeholders that a text has already.
fn placeholders(text: &str) -> Vec<PhiKind> {
    let kinds = PhiKind::ALL.iter().copied();
    kinds.flat_map(|k| std::iter::repeat_n(k, text.matches(k.placeholder()).count())).collect()
}
