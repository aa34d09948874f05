//! What a site's file may say, and what it is told when it is wrong.

use std::os::unix::fs::PermissionsExt;

use super::*;

const SITE: &str = r#"
[[mailbox]]
name = "consult"
address = "consult@example.org"
inbox = "imaps://consult%40example.org@mail.example.org:993/INBOX"
outbox = "smtps://consult%40example.org@mail.example.org:465"
"#;

fn env(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn with_password() -> Environment {
    env(&[("CASECONSULTANT_MAILBOX_CONSULT_PASSWORD", "hunter2")])
}

fn read(text: &str, environment: &Environment) -> Result<Config, ConfigFaults> {
    Config::from_text(text, "site.toml", Path::new("/srv/desk"), environment)
}

fn fault(text: &str, key: &str) -> String {
    let faults = read(text, &with_password()).expect_err("it is wrong").faults;
    faults.iter().find(|f| f.key == key).unwrap_or_else(|| panic!("{key} in {faults:?}")).what.clone()
}

#[test]
fn the_defaults_alone_are_a_configuration() {
    let config = read("", &Environment::new()).unwrap();
    assert_eq!(config.database, DatabaseUrl::Sqlite("/srv/desk/data/cases.db".into()));
    assert_eq!(config.key_file, Path::new("/srv/desk/secrets/desk.key"));
    assert_eq!(config.web.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.undo, Duration::from_secs(10));
    assert_eq!(config.delivery.data_timeout, Duration::from_secs(600));
    assert!(!config.cpt_licence && config.cpt_notice.contains("American Medical Association"));
    assert!(config.codebook.is_none() && config.mailboxes.is_empty() && config.warnings.is_empty());
}

#[test]
fn a_mailbox_takes_what_it_does_not_say_from_the_defaults() {
    let config = read(SITE, &with_password()).unwrap();
    let mailbox = config.mailbox("consult").unwrap();
    assert_eq!(mailbox.on_filed, OnFiled::Seen);
    assert_eq!(mailbox.sent, SentCopy::Append("Sent".to_owned()));
    assert_eq!(mailbox.max_size, 35_000_000);
    assert_eq!(mailbox.on_uncertain, OnUncertain::Hold);
    assert!(mailbox.inbox_secret.is_some() && mailbox.outbox_secret.is_some());
    let all = format!("[mailbox_defaults]\nacknowledge = true\n{SITE}plus_addressing = true");
    let config = read(&all, &with_password()).unwrap();
    let mailbox = config.mailbox("consult").unwrap();
    assert!(mailbox.acknowledge && mailbox.plus_addressing);
}

#[test]
fn the_environment_wins_over_the_file_which_wins_over_the_defaults() {
    let text = "[desk]\ntimezone = \"Europe/Vienna\"\n[web]\nsession_hours = 3\n[database]\nurl = \"sqlite:/a/b.db\"";
    let config = read(
        text,
        &env(&[
            ("CASECONSULTANT_DESK_TIMEZONE", "America/Chicago"),
            ("CASECONSULTANT_WEB_LISTEN", "[::1]:9"),
            ("CASECONSULTANT_REVIEW_UNDO_SECONDS", "0"),
        ]),
    )
    .unwrap();
    assert_eq!(config.desk.timezone.iana_name(), Some("America/Chicago"));
    assert_eq!(config.web.listen.to_string(), "[::1]:9");
    assert_eq!(config.web.session, Duration::from_secs(3 * 3600));
    assert_eq!(config.undo, Duration::ZERO);
    assert_eq!(config.database, DatabaseUrl::Sqlite("/a/b.db".into()));
}

#[test]
fn all_faults_come_at_once_each_with_its_key() {
    let text = r#"
[desk]
timezon = "Europe/Vienna"
name = 7
[web]
listen = "localhost"
session_hours = 0
[databse]
url = "x"
[database]
url = "mysql://x"
[[mailbox]]
name = "Consult"
address = "consult"
inbox = "pop3://x"
max_size = "big"
"#;
    let faults = read(text, &Environment::new()).unwrap_err();
    let keys: Vec<&str> = faults.faults.iter().map(|f| f.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "databse",
            "desk.name",
            "desk.timezon",
            "database.url",
            "web.listen",
            "web.session_hours",
            "mailbox[1].name",
            "mailbox[1].address",
            "mailbox[1].inbox",
            "mailbox[1].max_size",
            "mailbox[1].outbox"
        ]
    );
    let shown = faults.to_string();
    assert!(
        shown.contains("did you mean `timezone`?") && shown.contains("did you mean `database`?"),
        "{shown}"
    );
    assert!(shown.starts_with("site.toml: 11 things are wrong:"), "{shown}");
}

#[test]
fn one_fault_is_one_line() {
    let shown = read("[web]\nlisten = \"x\"", &Environment::new()).unwrap_err().to_string();
    assert!(!shown.contains('\n') && shown.starts_with("site.toml: web.listen: "), "{shown}");
    let shown = read("[web\n", &Environment::new()).unwrap_err().to_string();
    assert!(!shown.contains('\n') && shown.starts_with("site.toml: file, line 1: it is not TOML"), "{shown}");
}

#[test]
fn passwords_belong_into_files_or_the_environment() {
    assert!(fault("[database]\nurl = \"postgres://u:secret@h/d\"", "database.url").contains("password_file"));
    assert!(
        fault("[database]\nurl = \"postgres://h/d?password=x\"", "database.url").contains("password_file")
    );
    assert!(fault(&format!("{SITE}password = \"x\""), "mailbox.consult.password").contains("password_file"));
    let in_url = SITE.replace("consult%40example.org@mail", "consult:secret@mail");
    assert!(fault(&in_url, "mailbox.consult.inbox").contains("password"));
    let missing = read(SITE, &Environment::new()).unwrap_err();
    assert_eq!(missing.faults.len(), 2, "{missing}");
    assert!(missing.to_string().contains("CASECONSULTANT_MAILBOX_CONSULT_PASSWORD"), "{missing}");
}

#[test]
fn a_password_is_never_shown() {
    use secrecy::ExposeSecret;
    let environment = env(&[
        ("CASECONSULTANT_MAILBOX_CONSULT_PASSWORD", "hunter2"),
        ("CASECONSULTANT_DATABASE_PASSWORD", "p@ss/w"),
        ("CASECONSULTANT_DATABASE_URL", "postgres://desk@db/cases"),
    ]);
    let config = read(SITE, &environment).unwrap();
    let shown = format!("{config:?} {}", config.database);
    assert!(!shown.contains("hunter2") && !shown.contains("p@ss") && !shown.contains("p%40ss"), "{shown}");
    let url = config.database.connect_url().unwrap();
    assert_eq!(url.expose_secret(), "postgres://desk:p%40ss%2Fw@db/cases");
}

#[test]
fn a_password_file_is_read_from_the_files_folder_and_refused_if_others_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pw"), "x\n").unwrap();
    let text = format!("{SITE}password_file = \"pw\"");
    let read = |mode| {
        std::fs::set_permissions(folder.path().join("pw"), std::fs::Permissions::from_mode(mode)).unwrap();
        Config::from_text(&text, "site.toml", folder.path(), &Environment::new())
    };
    assert!(read(0o600).is_ok());
    let faults = read(0o644).unwrap_err();
    assert_eq!(faults.faults[0].key, "mailbox.consult.password_file");
    assert!(faults.to_string().contains("chmod 600"), "{faults}");
}

#[test]
fn two_mailboxes_must_differ() {
    let twice = format!("{SITE}{}", SITE.replace("\"consult\"", "\"second\""));
    let environment = env(&[
        ("CASECONSULTANT_MAILBOX_CONSULT_PASSWORD", "x"),
        ("CASECONSULTANT_MAILBOX_SECOND_PASSWORD", "x"),
    ]);
    let keys: Vec<String> =
        read(&twice, &environment).unwrap_err().faults.into_iter().map(|f| f.key).collect();
    assert_eq!(keys, ["mailbox.second.address", "mailbox.second.inbox"]);
    assert!(fault(&format!("{SITE}{SITE}"), "mailbox[2].name").contains("rename one"));
}

#[test]
fn one_variable_cannot_mean_two_keys() {
    let maildirs = |name: &str| {
        format!(
            "[[mailbox]]\nname = \"{name}\"\naddress = \"{name}@example.org\"\ninbox = \"maildir:{name}\"\noutbox = \"maildir:out\"\n"
        )
    };
    let environment = env(&[("CASECONSULTANT_MAILBOX_A_INBOX_PASSWORD", "x")]);
    let faults = read(&format!("{}{}", maildirs("a"), maildirs("a_inbox")), &environment).unwrap_err();
    assert!(faults.to_string().contains("could also mean"), "{faults}");
}

#[test]
fn what_is_doubtful_is_a_warning() {
    let environment = env(&[("CASECONSULTANT_WEB_LISTEN", "0.0.0.0:80"), ("CASECONSULTANT_WEB_LISEN", "x")]);
    let warnings = read("", &environment).unwrap().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    let https = "[web]\nlisten = \"0.0.0.0:80\"\npublic_url = \"https://desk.example.org\"";
    assert!(read(https, &Environment::new()).unwrap().warnings.is_empty());
}

#[test]
fn the_example_in_the_defaults_is_one() {
    let example: String = DEFAULTS
        .lines()
        .skip_while(|line| *line != "# [[mailbox]]")
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| !line.starts_with("password_file") && !line.starts_with("ca_file"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(read(&example, &with_password()).is_ok(), "{example}");
}
