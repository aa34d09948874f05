//! `check`: database, key, mailboxes in and out, codebook, disk. A line each: ok, or what to do.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;

use super::context::{Context, block_on};
use crate::app::{changed_mailbox, open_store, other_key};
use crate::clock::Clock;
use crate::codebook::{Codebook, Gap};
use crate::config::{Config, DatabaseUrl};
use crate::mail::endpoint::InboxUrl;
use crate::mail::imap::ImapSession;
use crate::mail::maildir::Maildir;
use crate::mail::smtp::SmtpSession;
use crate::privacy::Keys;
use crate::store::{Registration, Store};
use crate::work::mailbox::MailboxWork;

/// Options of `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// One JSON value a line.
    #[arg(long)]
    pub json: bool,
}

/// Below this, a disk is reported.
const LEAST_FREE: u64 = 500 * 1000 * 1000;
/// An unfiled mail may be as old as this, in seconds.
const FILED_WITHIN: i64 = 120;
/// A case may wait for its draft, a mail for being sent, a mailbox for being looked at so long, in seconds.
const WAITS_AT_MOST: i64 = 300;

struct Report<'a> {
    out: &'a mut dyn Write,
    json: bool,
    bad: usize,
}

impl Report<'_> {
    fn line(&mut self, what: &str, outcome: Result<String, String>) -> anyhow::Result<()> {
        let (ok, text) = match outcome {
            Ok(text) => (true, text),
            Err(text) => (false, text),
        };
        self.bad += usize::from(!ok);
        if self.json {
            writeln!(self.out, "{}", json!({ "what": what, "ok": ok, "text": text }))?;
        } else {
            writeln!(self.out, "{:<4} {what}: {text}", if ok { "ok" } else { "BAD" })?;
        }
        Ok(())
    }
}

pub(super) fn run(context: &Context, args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let config = context.config()?;
    let clock = Clock::system();
    let mut report = Report { out, json: args.json, bad: 0 };
    report.line("configuration", Ok(format!("{} mailbox(es)", config.mailboxes.len())))?;
    for warning in &config.warnings {
        report.line("configuration", Err(warning.clone()))?;
    }
    block_on(async {
        let store = database(&config, &clock, &mut report).await?;
        if let Some(store) = &store {
            desk(&config, store, &clock, &mut report).await?;
            key(&config, store, &mut report).await?;
        }
        for config in config.mailboxes.iter().zip(std::iter::repeat(&config)) {
            let mailbox = MailboxWork { config: config.0.clone(), delivery: config.1.delivery.clone() };
            mailbox_lines(&mailbox, store.as_ref(), &mut report).await?;
        }
        codebook(&config, &clock, &mut report)?;
        disk(&config, &mut report)
    })?;
    Ok(if report.bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn database(config: &Config, clock: &Clock, report: &mut Report<'_>) -> anyhow::Result<Option<Store>> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        report.line("database", Ok(format!("{} will be made by `serve`", path.display())))?;
        return Ok(None);
    }
    let opened = async {
        let (store, _) = open_store(config, clock).await.map_err(|e| e.to_string())?;
        let pending = store.pending_migrations().await.map_err(|e| e.to_string())?;
        Ok::<_, String>((store, pending))
    };
    match opened.await {
        Ok((store, pending)) if pending.is_empty() => {
            report.line("database", Ok(format!("{} is up to date", config.database)))?;
            Ok(Some(store))
        }
        Ok((_, pending)) => {
            let what = format!("{} migration(s) are missing: run `caseconsultant migrate`", pending.len());
            report.line("database", Err(what))?;
            Ok(None)
        }
        Err(error) => {
            report.line("database", Err(error))?;
            Ok(None)
        }
    }
}

async fn desk(config: &Config, store: &Store, clock: &Clock, report: &mut Report<'_>) -> anyhow::Result<()> {
    let broken = store.broken_audit_chains().await?;
    report.line(
        "audit trail",
        match broken.len() {
            0 => Ok("every chain is whole".to_owned()),
            n => Err(format!("{n} chain(s) were changed by hand: {}", broken.join(", "))),
        },
    )?;
    let status = store.status().await?;
    let now = clock.now();
    report.line(
        "filing",
        match status.oldest_unfiled {
            Some(at) if now.seconds() - at.seconds() > FILED_WITHIN => {
                Err(format!("a mail waits since {at}: is `serve` running?"))
            }
            _ => Ok("no mail waits".to_owned()),
        },
    )?;
    let count = |map: &std::collections::BTreeMap<String, i64>, key: &str| map.get(key).copied().unwrap_or(0);
    report.line(
        "quarantine",
        match count(&status.mails, "quarantined") + count(&status.mails, "too_large") {
            0 => Ok("empty".to_owned()),
            n => Err(format!("{n} mail(s) need a person: `caseconsultant quarantine list`")),
        },
    )?;
    let stuck = store.stuck(WAITS_AT_MOST).await?;
    report.line(
        "drafting",
        match stuck.undrafted_since {
            Some(at) if now.seconds() - at.seconds() > WAITS_AT_MOST => {
                Err(format!("a case waits for its draft since {at}: is `serve` running?"))
            }
            _ => Ok("no case waits".to_owned()),
        },
    )?;
    report.line(
        "outbox",
        match stuck.for_a_person {
            0 => Ok(format!("{} queued", count(&status.deliveries, "queued"))),
            n => Err(format!("{n} delivery(ies) need a person: `caseconsultant outbox list`")),
        },
    )?;
    for overdue in &stuck.overdue {
        let why = match config.mailbox(&overdue.mailbox) {
            Some(_) => "is `serve` running, and its server up?",
            None => "it is not in the configuration any more: put it back until they are sent",
        };
        let text = format!("{} mail(s) should have gone out since {}: {why}", overdue.count, overdue.since);
        report.line(&format!("mailbox {}, sending", overdue.mailbox), Err(text))?;
    }
    let recent = |at: crate::domain::Timestamp| now.seconds() - at.seconds() <= WAITS_AT_MOST;
    let alive = status.signs_of_life.iter().any(|s| recent(s.at));
    for row in store.mailboxes().await?.iter().filter(|row| config.mailbox(&row.name).is_some()) {
        let what = format!("mailbox {}, intake", row.name);
        // One that has just been registered has its first look before it.
        if alive && !recent(row.last_look_at.unwrap_or(row.created_at)) {
            let at = row.last_look_at.map_or("never".to_owned(), |at| format!("last at {at}"));
            report.line(&what, Err(format!("it was looked at {at}: see the log of `serve`")))?;
        } else if row.missing > 0 {
            let text = format!("{} mail(s) cannot be read: see the log of `serve`", row.missing);
            report.line(&what, Err(text))?;
        }
    }
    // What a worker of a process that is gone said last, or one of a mailbox that is gone, is nobody's trouble.
    let counts = |worker: &str| worker.split_once(':').is_none_or(|(_, name)| config.mailbox(name).is_some());
    for sign in
        status.signs_of_life.iter().filter(|s| !s.note.is_empty() && recent(s.at) && counts(&s.worker))
    {
        report.line(&format!("worker {}", sign.worker), Err(format!("{} (at {})", sign.note, sign.at)))?;
    }
    Ok(())
}

async fn key(config: &Config, store: &Store, report: &mut Report<'_>) -> anyhow::Result<()> {
    let outcome = match Keys::load(&config.key_file) {
        Ok(keys) if store.key_fingerprint().await?.is_some_and(|known| known != keys.fingerprint()) => {
            Err(other_key(&config.key_file))
        }
        Ok(_) => Ok(config.key_file.display().to_string()),
        Err(_) if !config.key_file.exists() && !store.holds_mail().await? => {
            Ok(format!("{} will be made by `serve`", config.key_file.display()))
        }
        Err(error) => Err(error.to_string()),
    };
    report.line("key", outcome)
}

async fn mailbox_lines(
    mailbox: &MailboxWork,
    store: Option<&Store>,
    report: &mut Report<'_>,
) -> anyhow::Result<()> {
    let name = mailbox.name();
    if let Some(store) = store {
        let identity = mailbox.identity();
        let known = store.compare_mailbox(name, &identity).await?;
        let outcome = match &known {
            Registration::Known | Registration::New => Ok(identity.clone()),
            other => Err(changed_mailbox(name, &identity, other)),
        };
        report.line(&format!("mailbox {name}"), outcome)?;
    }
    report.line(&format!("mailbox {name}, inbox"), inbox(mailbox).await)?;
    report.line(&format!("mailbox {name}, outbox"), outbox(mailbox).await)
}

async fn inbox(mailbox: &MailboxWork) -> Result<String, String> {
    if let InboxUrl::Maildir(path) = &mailbox.config.inbox {
        return Maildir::new(path)
            .list()
            .map(|l| format!("{} mail(s)", l.entries.len()))
            .map_err(|e| e.to_string());
    }
    let Some((settings, folder)) = mailbox.imap().map_err(|e| e.to_string())? else {
        return Err("it has no server".to_owned());
    };
    let mut session = ImapSession::connect(&settings).await.map_err(|e| e.to_string())?;
    let selected = session.select(&folder).await.map_err(|e| e.to_string())?;
    session.logout().await;
    Ok(format!("{} mail(s) in {folder}, UIDVALIDITY {}", selected.exists, selected.uidvalidity))
}

async fn outbox(mailbox: &MailboxWork) -> Result<String, String> {
    if let Some(path) = mailbox.outgoing_maildir() {
        let (maildir, text) = (Maildir::new(path.clone()), path.display().to_string());
        return maildir.create().map(|()| text).map_err(|e| e.to_string());
    }
    let Some(settings) = mailbox.smtp().map_err(|e| e.to_string())? else {
        return Err("it has no server".to_owned());
    };
    let connected = tokio::time::timeout(Duration::from_secs(90), SmtpSession::connect(&settings)).await;
    let session = connected.map_err(|_| "no answer within 90 s".to_owned())?.map_err(|e| e.to_string())?;
    session.quit().await;
    Ok(format!("{} accepts us", settings.server))
}

fn codebook(config: &Config, clock: &Clock, report: &mut Report<'_>) -> anyhow::Result<()> {
    let book = match Codebook::configured(config.codebook.as_deref()) {
        Ok(book) => book,
        Err(error) => return report.line("codebook", Err(error.to_string())),
    };
    // The starter is what one has before one chose anything: what it lacks is no fault of the desk.
    let chosen = config.codebook.as_ref();
    let name = chosen.map_or(
        "the embedded starter, an excerpt: for full answers import the official files (`codes sync`)"
            .to_owned(),
        |path| path.display().to_string(),
    );
    report.line("codebook", Ok(name))?;
    let today = clock.today(&config.desk.timezone);
    let (loaded, gaps) = (book.coverage()?, book.gaps(today));
    for dataset in loaded {
        let setting = dataset.setting.map(|s| format!(" {s}")).unwrap_or_default();
        let newest = dataset.releases.iter().max_by_key(|r| (r.to.is_none(), r.to));
        let text = newest.map_or("nothing loaded".to_owned(), |r| {
            let to = r.to.map_or("open".to_owned(), |to| to.to_string());
            format!("newest release {}, to {to}", r.name)
        });
        let gap = gaps.iter().find(|g| g.dataset == dataset.dataset && g.setting == dataset.setting);
        let outcome = match gap {
            None => Ok(text),
            Some(gap) if gap.incomplete => {
                Ok(format!("{text}; for today only an excerpt or a part: import the whole release"))
            }
            Some(_) => {
                let text = format!("{text}; today is not covered: import a newer release (`codes sync`)");
                if chosen.is_some() { Err(text) } else { Ok(text) }
            }
        };
        report.line(&format!("codebook, {}{setting}", dataset.dataset), outcome)?;
    }
    let has = |gap: &Gap| loaded.iter().any(|d| d.dataset == gap.dataset && d.setting == gap.setting);
    for gap in gaps.iter().filter(|gap| chosen.is_some() && !has(gap)) {
        let setting = gap.setting.map(|s| format!(" {s}")).unwrap_or_default();
        let text = format!("{gap}; import it if the desk is to answer from it (`codes sync --list`)");
        report.line(&format!("codebook, {}{setting}", gap.dataset), Ok(text))?;
    }
    Ok(())
}

fn disk(config: &Config, report: &mut Report<'_>) -> anyhow::Result<()> {
    let DatabaseUrl::Sqlite(path) = &config.database else { return Ok(()) };
    let folder = path.parent().filter(|p| p.exists()).unwrap_or(Path::new("."));
    let outcome = match rustix::fs::statvfs(folder) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let text = format!("{} MB free for {}", free / 1_000_000, folder.display());
            if free < LEAST_FREE {
                Err(format!("{text}: make room before mail cannot be stored"))
            } else {
                Ok(text)
            }
        }
        Err(error) => Err(format!("the free space of {} cannot be told: {error}", folder.display())),
    };
    report.line("disk", outcome)
}
