//! Question → facts: what a mail says, read without judging it. Nothing here asks the codebook's tables.
//!
//! One file a subject, each a table or a few patterns and one pass over the text. [`own_words`] first leaves out the
//! signature and the quoted thread, [`questions`] tells several questions of one mail apart, [`read`] reads one text.

mod around;
mod asked;
mod attached;
mod chain;
mod codes;
mod dates;
mod denials;
mod doses;
mod drugs;
mod encounter;
mod global;
mod jurisdiction;
mod measures;
mod modifiers;
mod own_words;
mod patient;
mod payer;
mod roles;
mod setting;
mod sides;
mod sites;
mod times;
mod words;

pub use asked::{AskedPart, questions};
pub use codes::{CodeMention, MentionKind};
pub use dates::{DateOfService, DateReading};
pub use denials::Denial;
pub use doses::{Dose, DoseKind, Doses};
pub use drugs::Drug;
pub use encounter::Encounter;
pub use global::GlobalFacts;
pub use jurisdiction::Jurisdiction;
pub use measures::{Count, Size};
pub use modifiers::{Placed, is_modifier};
pub use own_words::own_words;
pub use patient::{Age, Patient, Pregnancy, Sex};
pub use payer::Payer;
pub use roles::Role;
pub use setting::Place;
pub use sides::Side;
pub use times::Minutes;

use crate::domain::CivilDate;
use words::Words;

/// So much of a text is read, in bytes: a hundred pages.
const LONGEST: usize = 400_000;

/// Everything that was read out of one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Codes and code-shaped words, in the order of the text, each once.
    pub codes: Vec<CodeMention>,
    /// Modifiers that are asked about, beside those on a line.
    pub modifiers: Vec<String>,
    /// Modifiers that are said to go on a code elsewhere in the sentence.
    pub placed: Vec<Placed>,
    /// The date of service, if one is given.
    pub date: Option<DateOfService>,
    /// Where the service was done or who bills.
    pub place: Option<Place>,
    /// The CMS place of service, two digits.
    pub pos: Option<String>,
    /// Who pays.
    pub payer: Option<Payer>,
    /// State and Medicare contractor.
    pub jurisdiction: Jurisdiction,
    /// Age, sex, new or established, pregnancy.
    pub patient: Patient,
    /// Times spent.
    pub minutes: Vec<Minutes>,
    /// Amounts of drugs, vials, weight.
    pub doses: Doses,
    /// Lengths and areas.
    pub sizes: Vec<Size>,
    /// What is counted: lesions, levels, views.
    pub counts: Vec<Count>,
    /// Drugs by name.
    pub drugs: Vec<Drug>,
    /// The sides of the body that are named.
    pub sides: Vec<Side>,
    /// Roles of providers.
    pub roles: Vec<Role>,
    /// Facts of a global period.
    pub global: GlobalFacts,
    /// What a payer answered.
    pub denial: Denial,
    /// Phase, class, sequencing, POA.
    pub encounter: Encounter,
}

/// Reads the writer's own words of a text. `mail_date` gives the year to dates that are written without one.
#[must_use]
pub fn read(text: &str, mail_date: CivilDate) -> Reading {
    read_all(&own_words(text), mail_date)
}

/// Reads a mail: the text first, since the order of its lines is the claim's, then the subject.
#[must_use]
pub fn read_mail(subject: &str, text: &str, mail_date: CivilDate) -> Reading {
    let own = own_words(text);
    let mut reading = read_all(&format!("{own}\n{subject}"), mail_date);
    // What the subject says once more is not said twice.
    let own = bounded(&own);
    let (minutes, amounts) = (times::find(own), doses::find(own).amounts);
    if !minutes.is_empty() {
        reading.minutes = minutes;
    }
    if !amounts.is_empty() {
        reading.doses.amounts = amounts;
    }
    reading
}

fn read_all(text: &str, mail_date: CivilDate) -> Reading {
    let text = bounded(text);
    let words = Words::of(text);
    let (denial, taken) = denials::find(text, &words);
    let codes = codes::find(text, &taken);
    // Letters that stand on a line of the claim are asked about only if they are named once more.
    let on_line = |m: &String| {
        m.chars().all(char::is_alphabetic)
            && codes.iter().any(|c| c.range_end.is_none() && c.modifiers.contains(m))
    };
    let modifiers = modifiers::asked(text).into_iter().filter(|m| !on_line(m)).collect();
    Reading {
        codes,
        modifiers,
        placed: modifiers::placed(text),
        date: dates::find(text, mail_date),
        place: setting::place(text),
        pos: sites::find(text, &words),
        payer: payer::find(&words),
        jurisdiction: jurisdiction::find(&words),
        patient: patient::find(text, &words),
        minutes: times::find(text),
        doses: doses::find(text),
        sizes: measures::sizes(text),
        counts: measures::counts(text),
        drugs: drugs::find(&words),
        sides: sides::named(text),
        roles: roles::find(&words),
        global: global::find(text, &words),
        denial,
        encounter: encounter::find(&words),
    }
}

fn bounded(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    let end = (0..=LONGEST).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}
