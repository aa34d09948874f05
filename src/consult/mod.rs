//! A question → facts → findings → a drafted answer. Pure and deterministic.
pub mod claim;
pub mod extract;
pub mod guidance;
pub mod rules;
