//! The command line: one file a command. Results go to standard output, errors to standard error in one line that
//! says what to do. Names and JSON are a contract: scripts depend on them.

pub mod ask;
pub mod backup;
pub mod cases;
pub mod check;
pub mod codes;
pub mod codes_check;
pub mod codes_import;
pub mod codes_list;
pub mod codes_passage;
pub mod codes_show;
pub mod codes_sync;
mod context;
pub mod demo;
mod locality;
pub mod mail_parse;
pub mod mailbox;
pub mod migrate;
pub mod outbox;
pub mod quarantine;
pub mod serve;
pub mod user;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use context::Context;

use crate::clock::Clock;
use crate::codebook::Codebook;

/// An email consultation desk for medical coding.
#[derive(Debug, Parser)]
#[command(name = "caseconsultant", version, about, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// The desk's configuration file. Without it: `caseconsultant.toml` here, if there is one.
    #[arg(long, global = true, value_name = "FILE", env = "CASECONSULTANT_CONFIG")]
    pub config: Option<PathBuf>,
    /// The codebook to look codes up in. Without it: the configured one, or the embedded starter codebook.
    #[arg(long, global = true, value_name = "FILE")]
    pub codebook: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a whole desk with sample questions from one folder: no mail server, no set-up
    Demo(demo::DemoArgs),
    /// Run the desk: read mail, draft answers, serve the review pages, send what is approved
    Serve(serve::ServeArgs),
    /// Check database, mailboxes, codebook and disk: a line each, ok or what to do
    Check(check::CheckArgs),
    /// Bring the case database up to date
    Migrate,
    /// Copy the SQLite case database into one consistent file
    Backup(backup::BackupArgs),
    /// Draft an answer to a question, with its evidence: no mail, no database
    Ask(ask::Ask),
    /// Look codes up, check claims, import code files
    #[command(subcommand)]
    Codes(CodesCommand),
    /// Look into mail files
    #[command(subcommand)]
    Mail(MailCommand),
    /// List, show, approve and decline cases
    #[command(subcommand)]
    Cases(cases::CasesCommand),
    /// See and settle what goes out
    #[command(subcommand)]
    Outbox(outbox::OutboxCommand),
    /// See and retry mail that was set aside
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// See mailboxes as the database knows them; rename or reset one after a change
    #[command(subcommand)]
    Mailbox(mailbox::MailboxCommand),
    /// Add and manage the people who sign in
    #[command(subcommand)]
    User(user::UserCommand),
}

/// `codes …`
#[derive(Debug, Subcommand)]
pub enum CodesCommand {
    /// Look-up and import.
    #[command(flatten)]
    Act(codes::CodesAct),
    /// Check a claim: validity, PTP, MUE, add-on codes, modifiers, diagnoses
    Check(codes_check::CodesCheck),
    /// Fetch the official files of a list, and import what is new
    Sync(codes_sync::CodesSync),
}

/// `mail …`
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Show what the desk reads from mail files: class, sender, reply text, attachments, bounces
    Parse(mail_parse::MailParse),
}

/// Runs a command. The exit code is 1 if it failed.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    crate::app::restrict_new_files();
    let mut out = std::io::stdout().lock();
    match dispatch(cli, &mut out) {
        Ok(code) => code,
        Err(error) => {
            // A closed pipe (`… | head`) is nobody's fault.
            let closed = |c: &(dyn std::error::Error + 'static)| {
                c.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
            };
            if error.chain().any(closed) {
                return ExitCode::SUCCESS;
            }
            let line = format!("{error:#}");
            let _ = writeln!(std::io::stderr(), "caseconsultant: {}", line.trim_end());
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: Cli, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let context = Context { config: cli.config, codebook: cli.codebook };
    let done = |outcome: anyhow::Result<()>| outcome.map(|()| ExitCode::SUCCESS);
    match cli.command {
        Command::Demo(args) => done(demo::run(&args, out)),
        Command::Serve(args) => done(serve::run(&context, &args, out)),
        Command::Check(args) => check::run(&context, &args, out),
        Command::Migrate => done(migrate::run(&context, out)),
        Command::Backup(args) => done(backup::run(&context, &args, out)),
        Command::Ask(options) => {
            let book = Codebook::configured(context.book_path()?.as_deref())?;
            ask::run(&options, &book, context.today()?, &mut std::io::stdin().lock(), out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Codes(CodesCommand::Act(act)) => {
            let args = codes::CodesArgs { act };
            done(codes::run(args, context.book_path()?.as_deref(), context.today()?, out))
        }
        Command::Codes(CodesCommand::Check(options)) => {
            let book = Codebook::configured(context.book_path()?.as_deref())?;
            codes_check::run(&options, &book, context.today()?, out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Codes(CodesCommand::Sync(options)) => {
            done(codes_sync::run(&options, context.book_path()?.as_deref(), Clock::system(), out))
        }
        Command::Mail(MailCommand::Parse(options)) => {
            let all_read = mail_parse::run(&options, out, &mut std::io::stderr())?;
            Ok(if all_read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Cases(command) => done(cases::run(&context, command, out)),
        Command::Outbox(command) => done(outbox::run(&context, command, out)),
        Command::Quarantine(command) => done(quarantine::run(&context, command, out)),
        Command::Mailbox(command) => done(mailbox::run(&context, command, out)),
        Command::User(command) => done(user::run(&context, command, out)),
    }
}
