//! What look-ups answer, in one shape for the command line's `--json`, the JSON API and the pages (a code's own page is
//! [`crate::codebook::CodeSheet`]). Synchronous: on an async path call it in `spawn_blocking`.

mod claim;
mod coverage;
mod edits;
mod locality;
mod releases;
mod search;

pub use claim::{Checked, Typed, TypedError, checked, worst_first};
pub use coverage::{Covered, CoveredBy, covered};
pub use edits::{PairFacts, indicator_words, pair};
pub use locality::{LocalityError, locality};
pub use releases::{Releases, releases};
pub use search::{Hit, Searched, search};
