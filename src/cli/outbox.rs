//! `outbox …`: what goes out, and what a person must settle.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;

use super::context::{Context, acting, block_on};
use crate::clock::Clock;
use crate::domain::{DeliveryEvent, DeliveryId, DeliveryState, Role};
use crate::store::Delivery;

/// `outbox …`
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// List deliveries, oldest first
    List {
        /// Only this state, for example uncertain.
        #[arg(long, value_name = "STATE")]
        state: Option<DeliveryState>,
        /// One JSON value a line.
        #[arg(long)]
        json: bool,
    },
    /// Show the very bytes of a delivery
    Show {
        /// Its id.
        id: DeliveryId,
    },
    /// Say that an uncertain delivery arrived
    WasSent {
        /// Its id.
        id: DeliveryId,
        /// How you know.
        #[arg(long, default_value = "")]
        reason: String,
        /// In whose name.
        #[arg(long = "as", value_name = "USER")]
        user: Option<String>,
    },
    /// Send an uncertain or failed delivery again: the same bytes, the same Message-ID
    Resend {
        /// Its id.
        id: DeliveryId,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
        /// In whose name.
        #[arg(long = "as", value_name = "USER")]
        user: Option<String>,
    },
}

pub(super) fn run(context: &Context, command: OutboxCommand, out: &mut dyn Write) -> anyhow::Result<()> {
    block_on(async {
        match command {
            OutboxCommand::List { state, json } => {
                let store = context.store(&context.config()?, &Clock::system()).await?;
                let states: Vec<DeliveryState> = state.into_iter().collect();
                for delivery in store.deliveries(&states).await? {
                    if json { line_json(&delivery, out)? } else { line(&delivery, out)? }
                }
                Ok(())
            }
            OutboxCommand::Show { id } => {
                let store = context.store(&context.config()?, &Clock::system()).await?;
                Ok(out.write_all(&store.delivery(&id).await?.mime)?)
            }
            OutboxCommand::WasSent { id, reason, user } => {
                settle(context, &id, DeliveryEvent::WasSent, &reason, user.as_deref(), out).await
            }
            OutboxCommand::Resend { id, reason, user } => {
                settle(context, &id, DeliveryEvent::Resend, &reason, user.as_deref(), out).await
            }
        }
    })
}

async fn settle(
    context: &Context,
    id: &DeliveryId,
    event: DeliveryEvent,
    reason: &str,
    user: Option<&str>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let app = context.app().await?;
    let (user, signer) = acting(&app.store, user, Role::Senior).await?;
    app.desk.settle(id, event, reason, &signer, user.role).await?;
    let delivery = app.store.delivery(id).await?.delivery;
    Ok(writeln!(out, "{id} is {} now", delivery.state)?)
}

fn line(delivery: &Delivery, out: &mut dyn Write) -> anyhow::Result<()> {
    Ok(writeln!(
        out,
        "{}  {:<12} {:<15} {}  {}",
        delivery.id, delivery.state.as_str(), delivery.kind.as_str(), delivery.recipient, delivery.reply
    )?)
}

fn line_json(d: &Delivery, out: &mut dyn Write) -> anyhow::Result<()> {
    let value = json!({
        "id": d.id, "state": d.state, "kind": d.kind, "to": d.recipient, "mailbox": d.mailbox, "attempt": d.attempt,
        "message_id": d.message_id, "reply": d.reply, "not_before": d.not_before.to_string(),
        "created_at": d.created_at.to_string(), "sent_copy": d.sent_copy,
    });
    Ok(writeln!(out, "{value}")?)
}
