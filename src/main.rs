//! The program: parses the command line and calls the library.

use std::path::PathBuf;
use std::process::ExitCode;

use caseconsultant::cli::codes::{self, CodesArgs};
use caseconsultant::clock::Clock;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// The codebook; without it the embedded starter codebook is used.
    #[arg(long, global = true, value_name = "FILE")]
    codebook: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Official code tables.
    Codes(CodesArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let today = Clock::system().today(&jiff::tz::TimeZone::UTC);
    let outcome = match cli.command {
        Command::Codes(args) => {
            codes::run(args, cli.codebook.as_deref(), today, &mut std::io::stdout().lock())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            #[allow(clippy::print_stderr)]
            {
                eprintln!("caseconsultant: {e}");
            }
            ExitCode::FAILURE
        }
    }
}
