//! `mailbox …`: mailboxes as the database knows them.

use std::io::Write;

use clap::Subcommand;

use super::context::{Context, block_on};
use crate::clock::Clock;

/// `mailbox …`
#[derive(Debug, Subcommand)]
pub enum MailboxCommand {
    /// List mailboxes: mails on the server, not yet stored, older ones left alone
    List {
        /// One JSON value a line.
        #[arg(long)]
        json: bool,
    },
    /// The configuration calls a mailbox otherwise now; its mails and cases stay
    Rename {
        /// Its name so far.
        old: String,
        /// Its name in the configuration.
        new: String,
    },
    /// A name stands for another account, host or folder now: begin anew there
    Reset {
        /// The name.
        name: String,
    },
}

pub(super) fn run(context: &Context, command: MailboxCommand, out: &mut dyn Write) -> anyhow::Result<()> {
    block_on(async {
        match command {
            MailboxCommand::List { json } => {
                let store = context.store(&context.config()?, &Clock::system()).await?;
                for row in store.mailboxes().await? {
                    if json {
                        writeln!(out, "{}", serde_json::to_string(&row)?)?;
                        continue;
                    }
                    let looked = row.last_look_at.map_or("never looked at".to_owned(), |at| format!("looked at {at}"));
                    writeln!(
                        out,
                        "{}  {}  {} on the server, {} not stored yet, {} older left alone, {looked}",
                        row.name, row.identity, row.on_server, row.missing, row.older_mail
                    )?;
                }
                Ok(())
            }
            MailboxCommand::Rename { old, new } => {
                let config = context.config()?;
                if config.mailbox(&new).is_none() {
                    anyhow::bail!("the configuration has no mailbox `{new}`: rename it there first");
                }
                let store = context.store(&config, &Clock::system()).await?;
                store.rename_mailbox(&old, &new, "command line").await?;
                Ok(writeln!(out, "mailbox {old} is {new} now")?)
            }
            MailboxCommand::Reset { name } => {
                let app = context.app().await?;
                let Some(mailbox) = app.mailboxes.iter().find(|m| m.name() == name) else {
                    anyhow::bail!("the configuration has no mailbox `{name}`");
                };
                let identity = mailbox.identity();
                app.store.reset_mailbox(&name, &identity, app.import_after(mailbox), "command line").await?;
                Ok(writeln!(out, "mailbox {name} is `{identity}` from now on")?)
            }
        }
    })
}
