//! x
mod mail_corpus;
mod consult_demo;
mod consult_properties;
