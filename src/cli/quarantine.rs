//! `quarantine …`: mail that was set aside, and what to do with it.

use std::io::Write;

use clap::Subcommand;

use super::context::{Context, acting, block_on};
use crate::clock::Clock;
use crate::domain::{MailId, Role};
use crate::store::Choice;

/// `quarantine …`
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// List mail that was set aside, with the reason
    List {
        /// One JSON value a line.
        #[arg(long)]
        json: bool,
    },
    /// Show what is known of such a mail; its original by permission on the pages
    Show {
        /// Its id.
        id: MailId,
    },
    /// File it again
    Retry {
        /// Its id.
        id: MailId,
        /// It belongs to this case.
        #[arg(long, value_name = "CASE", conflicts_with = "new")]
        into: Option<String>,
        /// It opens a case of its own, whatever it refers to.
        #[arg(long)]
        new: bool,
        /// In whose name.
        #[arg(long = "as", value_name = "USER")]
        user: Option<String>,
    },
}

pub(super) fn run(context: &Context, command: QuarantineCommand, out: &mut dyn Write) -> anyhow::Result<()> {
    block_on(async {
        match command {
            QuarantineCommand::List { json } => {
                let store = context.store(&context.config()?, &Clock::system()).await?;
                for mail in store.quarantined().await? {
                    if json {
                        writeln!(out, "{}", serde_json::to_string(&mail)?)?;
                    } else {
                        writeln!(out, "{}  {:<11} {}  {}", mail.id, mail.state.as_str(), mail.sender, mail.reason)?;
                    }
                }
                Ok(())
            }
            QuarantineCommand::Show { id } => {
                let store = context.store(&context.config()?, &Clock::system()).await?;
                let found = store.quarantined().await?.into_iter().find(|m| m.id == id);
                let Some(mail) = found else { anyhow::bail!("there is no mail {id} in quarantine") };
                Ok(writeln!(out, "{}", serde_json::to_string_pretty(&mail)?)?)
            }
            QuarantineCommand::Retry { id, into, new, user } => {
                let app = context.app().await?;
                let (user, _) = acting(&app.store, user.as_deref(), Role::Reviewer).await?;
                let choice = match (into, new) {
                    (Some(case), _) => Choice::Into(app.desk.find_case(&case).await?.id),
                    (None, true) => Choice::NewCase,
                    (None, false) => Choice::AsItIs,
                };
                app.store.retry_mail(&id, &choice, &user.address.to_string()).await?;
                Ok(writeln!(out, "{id} is filed again by the running desk")?)
            }
        }
    })
}
