//! The program: parses the command line and calls the library.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    caseconsultant::cli::run(caseconsultant::cli::Cli::parse())
}
