//! `user …`: the people who sign in.

use std::io::{BufRead, Write};

use anyhow::Context as _;
use clap::Subcommand;

use super::context::{Context, block_on};
use crate::clock::Clock;
use crate::domain::{Address, Role, UserId};
use crate::store::{NewUser, Store};
use crate::web;

/// `user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person; the password is asked for, or read from standard input
    Add {
        /// Their mail address: what they sign in with.
        address: Address,
        /// What they may do: reader, reviewer, senior or admin.
        #[arg(long)]
        role: Role,
        /// Their name, as it stands under an answer.
        #[arg(long, default_value = "")]
        name: String,
        /// Their credential, as it stands under an answer: CPC, CCS …
        #[arg(long, default_value = "")]
        credential: String,
        /// Read the password from standard input (one line) instead of asking for it.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the people
    List {
        /// One JSON value a line.
        #[arg(long)]
        json: bool,
    },
    /// Let a person sign in no more; their sessions end
    Disable {
        /// Their address.
        address: Address,
        /// Let them sign in again instead.
        #[arg(long)]
        undo: bool,
    },
    /// Give a person a new password; their sessions end
    Password {
        /// Their address.
        address: Address,
        /// Read it from standard input (one line) instead of asking for it.
        #[arg(long)]
        password_stdin: bool,
    },
}

pub(super) fn run(context: &Context, command: UserCommand, out: &mut dyn Write) -> anyhow::Result<()> {
    let clock = Clock::system();
    block_on(async {
        let store = ready_store(context, &clock).await?;
        match command {
            UserCommand::Add { address, role, name, credential, password_stdin } => {
                let password_hash = web::hash_password(&password(password_stdin)?, &clock)?;
                let id = UserId::fresh(clock.new_id());
                let new = NewUser { id, address: address.clone(), name, credential, role, password_hash };
                store.add_user(new, "command line").await?;
                writeln!(out, "{address} may sign in as {role}")?;
            }
            UserCommand::List { json } => {
                for user in store.users().await? {
                    if json {
                        let line = serde_json::json!({
                            "address": user.address, "name": user.name, "credential": user.credential,
                            "role": user.role, "disabled": user.disabled,
                        });
                        writeln!(out, "{line}")?;
                    } else {
                        let state = if user.disabled { "  (disabled)" } else { "" };
                        writeln!(out, "{}  {}  {} {}{state}", user.address, user.role, user.name, user.credential)?;
                    }
                }
            }
            UserCommand::Disable { address, undo } => {
                store.disable_user(&address, !undo, "command line").await?;
                writeln!(out, "{address} may {} sign in", if undo { "again" } else { "no longer" })?;
            }
            UserCommand::Password { address, password_stdin } => {
                let hash = web::hash_password(&password(password_stdin)?, &clock)?;
                store.set_password(&address, &hash, "command line").await?;
                writeln!(out, "{address} has a new password")?;
            }
        }
        Ok(())
    })
}

/// The first user is added before the first start: a new SQLite database is made here.
async fn ready_store(context: &Context, clock: &Clock) -> anyhow::Result<Store> {
    let config = context.config()?;
    let (store, _) = crate::app::open_store(&config, clock).await?;
    if store.dialect() == crate::store::Dialect::Sqlite && store.is_new().await? {
        store.migrate().await?;
    }
    if !store.pending_migrations().await?.is_empty() {
        anyhow::bail!("the case database is not up to date: run `caseconsultant migrate`");
    }
    Ok(store)
}

fn password(from_stdin: bool) -> anyhow::Result<String> {
    let password = if from_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("the password cannot be read from standard input")?;
        line.trim_end_matches(['\n', '\r']).to_owned()
    } else {
        let ask = |prompt: &str| rpassword::prompt_password(prompt).context("the password cannot be asked for");
        let (first, second) = (ask("Password: ")?, ask("Once more: ")?);
        anyhow::ensure!(first == second, "the two passwords differ");
        first
    };
    web::check_new_password(&password)?;
    Ok(password)
}
