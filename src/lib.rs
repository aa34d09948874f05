//! CaseConsultant (being built)
pub mod cli;
pub mod clock;
pub mod codebook;
pub mod config;
pub mod consult;
pub mod desk;
pub mod domain;
pub mod mail;
pub mod privacy;
pub mod render;
pub mod store;
pub mod telemetry;
pub mod web;
pub mod work;
