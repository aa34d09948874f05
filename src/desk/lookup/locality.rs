//! The Medicare payment locality that a person names.

use crate::codebook::{Codebook, CodebookError, Locality};
use crate::domain::CivilDate;

/// Why no locality was taken.
#[derive(Debug, thiserror::Error)]
pub enum LocalityError {
    /// Nothing fits.
    #[error(
        "no payment locality `{0}` on {1}: write MAC and number (10112/00), a state, a part of the name, or `national`; \
         without a GPCI file in the codebook only `national` is known"
    )]
    Unknown(String, CivilDate),
    /// Several fit.
    #[error("`{0}` fits several payment localities: {1}; write the number")]
    Several(String, String),
    /// The codebook failed.
    #[error(transparent)]
    Codebook(#[from] CodebookError),
}

/// The one locality that fits; `None` for `national` (no cost indices).
///
/// # Errors
/// None or several fit, or the codebook cannot be read.
pub fn locality(book: &Codebook, query: &str, on: CivilDate) -> Result<Option<Locality>, LocalityError> {
    if query.trim().eq_ignore_ascii_case("national") {
        return Ok(None);
    }
    let mut found = book.locality(query, on)?;
    let shown: String = query.chars().take(40).collect();
    if found.len() > 1 {
        let names: Vec<String> =
            found.iter().take(12).map(|l| format!("{} {} ({})", l.number(), l.name, l.state)).collect();
        let more = found.len().saturating_sub(names.len());
        let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
        return Err(LocalityError::Several(shown, format!("{}{rest}", names.join(", "))));
    }
    found.pop().map(Some).ok_or(LocalityError::Unknown(shown, on))
}
