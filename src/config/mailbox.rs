//! The mailboxes of the configuration.

use std::path::PathBuf;

use crate::config::read::{Reading, Section};
use crate::config::secret::{Secret, secret};
use crate::config::values::{self, Auth, ImportFrom, OnFiled, OnUncertain, SentCopy};
use crate::domain::Address;
use crate::mail::endpoint::{InboxUrl, OutboxUrl};

/// One mailbox that the desk reads and answers from.
#[derive(Debug, Clone)]
pub struct MailboxConfig {
    /// The name by which the database, the command line and the environment know it.
    pub name: String,
    /// The desk's own address.
    pub address: Address,
    /// Where its mail is read.
    pub inbox: InboxUrl,
    /// Where its mail goes out.
    pub outbox: OutboxUrl,
    /// How to sign in to both.
    pub auth: Auth,
    /// For the inbox's server; none if nobody signs in there.
    pub inbox_secret: Option<Secret>,
    /// For the outbox's server; none if nobody signs in there.
    pub outbox_secret: Option<Secret>,
    /// Certificates of a private authority.
    pub ca_file: Option<PathBuf>,
    /// What happens on the server to a filed mail.
    pub on_filed: OnFiled,
    /// Where the copy of a sent mail goes.
    pub sent: SentCopy,
    /// Which mail is taken up when the mailbox is new.
    pub import_from: ImportFrom,
    /// Larger mail (in bytes) stays on the server.
    pub max_size: u64,
    /// Whether `address+anything@` reaches it.
    pub plus_addressing: bool,
    /// Whether new questions are acknowledged.
    pub acknowledge: bool,
    /// What to do with a mail of which nobody knows whether it went out.
    pub on_uncertain: OnUncertain,
}

/// Reads the list of mailboxes; what is wrong goes to `reading`.
pub(super) fn mailboxes(
    reading: &mut Reading<'_>,
    list: Option<toml::Value>,
    defaults: &toml::Table,
) -> Vec<MailboxConfig> {
    let tables: Vec<toml::Table> = match list {
        None => Vec::new(),
        Some(list) => match list.try_into() {
            Ok(tables) => tables,
            Err(_) => {
                reading.fault("mailbox", "begin each mailbox with a line [[mailbox]], in double brackets");
                Vec::new()
            }
        },
    };
    let mut found: Vec<MailboxConfig> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for (at, mut table) in tables.into_iter().enumerate() {
        let sent_is_set = table.contains_key("sent");
        for (key, value) in defaults {
            table.entry(key.clone()).or_insert_with(|| value.clone());
        }
        let place = format!("mailbox[{}].name", at + 1);
        let name = match table.remove("name") {
            Some(toml::Value::String(name)) => values::mailbox_name(&name),
            _ => Err("give the mailbox a name, for example name = \"consult\"".to_owned()),
        };
        let section_name = match &name {
            Ok(name) if names.contains(name) => {
                reading.fault(place, format!("`{name}` is the name of two mailboxes: rename one"));
                continue;
            }
            Ok(name) => {
                names.push(name.clone());
                format!("mailbox.{name}")
            }
            Err(what) => {
                reading.fault(place, what.as_str());
                format!("mailbox[{}]", at + 1)
            }
        };
        let mut section = Section::new(reading, section_name, table);
        let mailbox = mailbox(&mut section, name.unwrap_or_default(), sent_is_set);
        section.finish();
        if let Some(mailbox) = mailbox {
            compare(reading, &found, &mailbox);
            found.push(mailbox);
        }
    }
    found
}

fn mailbox(section: &mut Section<'_, '_>, name: String, sent_is_set: bool) -> Option<MailboxConfig> {
    let folder = section.reading.folder;
    let address = section.parsed("address", |t| {
        t.parse::<Address>().map_err(|e| format!("{e}: write it as \"consult@example.org\""))
    });
    let inbox = section
        .parsed("inbox", |t| t.parse().map(|u: InboxUrl| u.relative_to(folder)).map_err(|e| e.to_string()));
    let outbox = section
        .parsed("outbox", |t| t.parse().map(|u: OutboxUrl| u.relative_to(folder)).map_err(|e| e.to_string()));
    let auth = section.parsed("auth", values::auth).unwrap_or(Auth::Password);
    let both = secret(section, "password", "password_file");
    let inbox_secret = secret(section, "inbox_password", "inbox_password_file").or_else(|| both.clone());
    let outbox_secret = secret(section, "outbox_password", "outbox_password_file").or(both);
    let ca_file = section.path("ca_file");
    if let Some(Err(e)) = ca_file.as_deref().map(std::fs::metadata) {
        section.fault("ca_file", format!("it cannot be read ({e}): name a PEM file, or leave the key out"));
    }
    let on_filed = section.parsed("on_filed", values::on_filed).unwrap_or(OnFiled::Nothing);
    let mut sent = section.parsed("sent", values::sent).unwrap_or(SentCopy::None);
    let import_from = section.parsed("import_from", values::import_from).unwrap_or(ImportFrom::Now);
    let max_size = section.parsed("max_size", values::size).unwrap_or(0);
    let plus_addressing = section.flag("plus_addressing");
    let acknowledge = section.flag("acknowledge");
    let on_uncertain = section.parsed("on_uncertain", values::on_uncertain).unwrap_or(OnUncertain::Hold);

    for (key, there) in
        [("address", address.is_some()), ("inbox", inbox.is_some()), ("outbox", outbox.is_some())]
    {
        if !there && !section.has(key) {
            section.fault(key, "it is missing: see the example at the end of config/default.toml");
        }
    }
    let (address, inbox, outbox) = (address?, inbox?, outbox?);
    for (key, signs_in, secret) in [
        ("inbox_password_file", matches!(inbox, InboxUrl::Imap { .. }), &inbox_secret),
        ("outbox_password_file", matches!(outbox, OutboxUrl::Smtp { user: Some(_), .. }), &outbox_secret),
    ] {
        if signs_in && secret.is_none() {
            let variable = section.variable_name("password");
            let what =
                format!("its URL names a user but there is no password: set `password_file`, or {variable}");
            section.fault(key, what);
        }
    }
    if matches!(outbox, OutboxUrl::Maildir(_)) && !sent_is_set {
        sent = SentCopy::None; // What is put into a folder of this machine is its own copy.
    }
    Some(MailboxConfig {
        name,
        address,
        inbox,
        outbox,
        auth,
        inbox_secret,
        outbox_secret,
        ca_file,
        on_filed,
        sent,
        import_from,
        max_size,
        plus_addressing,
        acknowledge,
        on_uncertain,
    })
}

/// Two mailboxes that read the same folder, or have the same address, would answer the same mail twice.
fn compare(reading: &mut Reading<'_>, others: &[MailboxConfig], mailbox: &MailboxConfig) {
    for other in others {
        if other.address.same_as(&mailbox.address) {
            let what = format!("mailbox `{}` has the same address: give each its own", other.name);
            reading.fault(format!("mailbox.{}.address", mailbox.name), what);
        }
        if other.inbox == mailbox.inbox {
            let what = format!("mailbox `{}` reads the same folder: each mail would come twice", other.name);
            reading.fault(format!("mailbox.{}.inbox", mailbox.name), what);
        }
    }
}
