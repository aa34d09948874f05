//! Question → facts: what a mail says, read without judging it. Nothing here asks the codebook.

mod around;
mod codes;
mod dates;
mod modifiers;
mod setting;

pub use codes::{CodeMention, MentionKind};
pub use dates::{DateOfService, DateReading};
pub use modifiers::is_modifier;
pub use setting::{Payer, Place};

use crate::domain::CivilDate;

/// Everything that was read out of one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Codes and code-shaped words, in the order of the text, each once.
    pub codes: Vec<CodeMention>,
    /// Modifiers that are asked about, beside those on a line.
    pub modifiers: Vec<String>,
    /// The date of service, if one is given.
    pub date: Option<DateOfService>,
    /// Where the service was done or who bills.
    pub place: Option<Place>,
    /// Who pays.
    pub payer: Option<Payer>,
}

/// Reads a text. `mail_date` gives the year to dates that are written without one.
#[must_use]
pub fn read(text: &str, mail_date: CivilDate) -> Reading {
    let date = dates::find(text, mail_date);
    let codes = codes::find(text);
    let modifiers = modifiers::asked(text);
    Reading { codes, modifiers, date, place: setting::place(text), payer: setting::payer(text) }
}
