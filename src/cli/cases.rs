//! `cases …`: what a reviewer does, from the command line; audited like the pages.

use std::io::Write;

use clap::Subcommand;
use serde_json::{Value, json};

use super::context::{Context, acting, block_on};
use crate::app::App;
use crate::clock::Clock;
use crate::desk::{Decision, Desk, Overruling};
use crate::domain::{CaseState, Role};
use crate::store::{Case, Draft, QueueFilter, Store};

/// `cases …`
#[derive(Debug, Subcommand)]
pub enum CasesCommand {
    /// List cases, those that wait longest first
    List {
        /// One JSON value a line.
        #[arg(long)]
        json: bool,
        /// Only cases in this state.
        #[arg(long, value_name = "STATE")]
        state: Option<CaseState>,
    },
    /// Show a case: question, draft, deliveries
    Show {
        /// Its number, for example CC-2026-00042.
        case: String,
        /// One JSON value.
        #[arg(long)]
        json: bool,
    },
    /// Approve the newest draft as it is; it goes out after the undo window
    Approve {
        /// The case's number.
        case: String,
        /// In whose name.
        #[arg(long = "as", value_name = "USER")]
        user: Option<String>,
        /// Why it goes out although verification objects to it (seniors only); it is kept with the case.
        #[arg(long, value_name = "REASON")]
        overrule: Option<String>,
    },
    /// Decline without a reply
    Reject {
        /// The case's number.
        case: String,
        /// Why; it is kept with the case.
        #[arg(long)]
        reason: String,
        /// In whose name.
        #[arg(long = "as", value_name = "USER")]
        user: Option<String>,
    },
    /// Write everything about a case as JSON: mails (masked), drafts, deliveries, audit trail
    Export {
        /// The case's number.
        case: String,
    },
}

pub(super) fn run(context: &Context, command: CasesCommand, out: &mut dyn Write) -> anyhow::Result<()> {
    block_on(async {
        match command {
            CasesCommand::List { json, state } => {
                let config = context.config()?;
                let store = context.store(&config, &Clock::system()).await?;
                list(&store, state, json, out).await
            }
            CasesCommand::Show { case, json } => {
                let app = context.app().await?;
                show(&app, &case, json, out).await
            }
            CasesCommand::Approve { case, user, overrule } => {
                approve(&context.app().await?, &case, user.as_deref(), overrule, out).await
            }
            CasesCommand::Reject { case, reason, user } => {
                let app = context.app().await?;
                let (_, signer) = acting(&app.store, user.as_deref(), Role::Reviewer).await?;
                let case = app.desk.find_case(&case).await?;
                app.desk.decline_silently(&case.id, case.version, &reason, &signer).await?;
                Ok(writeln!(out, "{} is declined; nobody is written to", case.number)?)
            }
            CasesCommand::Export { case } => {
                let app = context.app().await?;
                let case = app.desk.find_case(&case).await?;
                let value = export(&app.store, &case).await?;
                Ok(writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?)
            }
        }
    })
}

async fn list(
    store: &Store,
    state: Option<CaseState>,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let filter = QueueFilter { states: state.into_iter().collect(), limit: None };
    for entry in store.queue(&filter).await? {
        let case = &entry.case;
        if as_json {
            let line = json!({
                "case": case.number, "state": case.state, "subject": case.masked_subject, "from": case.asker,
                "verdict": case.verdict, "flags": case.flags, "stale": case.stale, "mailbox": case.mailbox,
                "waiting_since": case.waiting_since.to_string(), "mails": entry.mails, "drafts": entry.drafts,
            });
            writeln!(out, "{line}")?;
        } else {
            let from = case.asker.as_ref().map_or("(to be chosen)".to_owned(), ToString::to_string);
            writeln!(
                out,
                "{}  {:<14} {:<28} {}",
                case.number,
                case.state.as_str(),
                from,
                case.masked_subject
            )?;
        }
    }
    Ok(())
}

async fn show(app: &App, name: &str, as_json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let case = app.desk.find_case(name).await?;
    if as_json {
        return Ok(writeln!(out, "{}", summary(&app.store, &case).await?)?);
    }
    let mails = app.store.mails_of(&case.id).await?;
    let draft = app.store.newest_draft(&case.id).await?;
    let from = case.asker.as_ref().map_or("(to be chosen)".to_owned(), ToString::to_string);
    writeln!(out, "{}  {}  {from}\n{}", case.number, case.state, case.masked_subject)?;
    for mail in &mails {
        writeln!(
            out,
            "\n--- {} {} ({})\n{}",
            mail.received_at,
            mail.sender,
            mail.class,
            mail.masked_text.trim()
        )?;
    }
    if let Some(draft) = &draft {
        writeln!(out, "\n=== draft {} by {}\n{}", draft.version, draft.author, draft.text.trim())?;
        if !draft.no_draft_reason.is_empty() {
            writeln!(out, "no draft: {}", draft.no_draft_reason)?;
        }
    }
    if !case.stale.is_empty() {
        writeln!(out, "\nThe draft no longer holds: {}", case.stale)?;
    }
    for delivery in app.store.deliveries_of(&case.id).await? {
        writeln!(
            out,
            "\n{} to {}: {} {}",
            delivery.kind, delivery.recipient, delivery.state, delivery.reply
        )?;
    }
    Ok(())
}

async fn summary(store: &Store, case: &Case) -> anyhow::Result<Value> {
    let draft = store.newest_draft(&case.id).await?;
    let deliveries: Vec<Value> = store
        .deliveries_of(&case.id)
        .await?
        .iter()
        .map(|d| {
            json!({
                "id": d.id, "kind": d.kind, "to": d.recipient, "state": d.state, "attempt": d.attempt,
                "message_id": d.message_id, "reply": d.reply,
            })
        })
        .collect();
    Ok(json!({
        "case": case.number, "id": case.id, "state": case.state, "version": case.version,
        "subject": case.masked_subject, "from": case.asker, "mailbox": case.mailbox, "verdict": case.verdict,
        "flags": case.flags, "stale": case.stale, "opened_at": case.opened_at.to_string(),
        "waiting_since": case.waiting_since.to_string(), "mails": store.mails_of(&case.id).await?,
        "draft": draft.as_ref().map(draft_json), "deliveries": deliveries,
    }))
}

fn draft_json(draft: &Draft) -> Value {
    json!({
        "id": draft.id, "version": draft.version, "kind": draft.kind, "author": draft.author, "text": draft.text,
        "answer": draft.answer, "no_draft_reason": draft.no_draft_reason, "codebook": draft.codebook_id,
        "created_at": draft.created_at.to_string(),
    })
}

async fn export(store: &Store, case: &Case) -> anyhow::Result<Value> {
    let mut value = summary(store, case).await?;
    let drafts: Vec<Value> = store.drafts_of(&case.id).await?.iter().map(draft_json).collect();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("drafts".to_owned(), Value::Array(drafts));
        fields.insert("audit".to_owned(), serde_json::to_value(store.audit_of(case.id.as_str()).await?)?);
    }
    Ok(value)
}

async fn approve(
    app: &App,
    name: &str,
    user: Option<&str>,
    overrule: Option<String>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (user, signer) = acting(&app.store, user, Role::Reviewer).await?;
    let desk: &Desk = &app.desk;
    let case = desk.find_case(name).await?;
    let Some(draft) = app.store.newest_draft(&case.id).await? else {
        anyhow::bail!("{} has no draft yet", case.number);
    };
    let mails = app.store.mails_of(&case.id).await?;
    let preview = desk.preview(&case, &draft, &mails, &signer, &[], None)?;
    let decision = Decision {
        case_id: case.id.clone(),
        case_version: case.version,
        draft_id: draft.id.clone(),
        delivery_id: preview.delivery_id.clone(),
        digest: preview.digest.clone(),
        cc: Vec::new(),
        overruling: overrule.map(|reason| Overruling { reason, role: user.role }),
    };
    desk.approve(&decision, &signer).await?;
    writeln!(
        out,
        "{} is approved: the answer goes to {} as {}",
        case.number, preview.to, preview.message_id
    )?;
    Ok(())
}
