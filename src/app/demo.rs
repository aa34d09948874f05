//! The demo: a whole desk in one folder. Mail is two Maildirs, the codebook is the embedded starter, the questions
//! are invented. A second start goes on where the first one stopped.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::AppError;
use crate::clock::Clock;
use crate::mail::maildir::Maildir;

static QUESTIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config/demo/questions");

/// Who signs in to the demo.
const REVIEWER: &str = "reviewer@demo.example";

/// The demo's folder, prepared.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Its configuration file: every other command works with `--config` on it.
    pub config_file: PathBuf,
    /// The Maildir that questions come in by.
    pub inbox: PathBuf,
    /// The Maildir that answers go out to.
    pub outbox: PathBuf,
    /// Who signs in.
    pub user: String,
    /// With which password.
    pub password: String,
}

/// Makes the folder with its configuration, Maildirs, sample questions and sign-in; what is there stays.
///
/// # Errors
/// If the folder cannot be written to.
pub fn prepare_demo(folder: &Path, port: u16, clock: &Clock) -> Result<Demo, AppError> {
    let cannot = |what: &Path, e: &dyn std::fmt::Display| {
        AppError::Setup(format!("the demo cannot write {}: {e}. Choose another folder with --dir", what.display()))
    };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| cannot(folder, &e))?;
    let config_file = folder.join("caseconsultant.toml");
    if !config_file.exists() {
        std::fs::write(&config_file, configuration(port)).map_err(|e| cannot(&config_file, &e))?;
    }
    let (inbox, outbox) = (folder.join("inbox"), folder.join("outbox"));
    let maildir = Maildir::new(&inbox);
    maildir.create().map_err(|e| cannot(&inbox, &e))?;
    Maildir::new(&outbox).create().map_err(|e| cannot(&outbox, &e))?;
    for file in QUESTIONS.files() {
        let name = file.path().file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        maildir.deliver(file.contents(), &format!("sample-{name}")).map_err(|e| cannot(&inbox, &e))?;
    }
    let password = sign_in(&folder.join("sign-in.txt"), clock).map_err(|e| cannot(folder, &e))?;
    Ok(Demo { config_file, inbox, outbox, user: REVIEWER.to_owned(), password })
}

fn configuration(port: u16) -> String {
    format!(
        "# The demo's desk: everything in this folder, nothing leaves this machine.\n\
         [desk]\nname = \"Demo coding desk\"\n\n\
         [database]\nurl = \"sqlite:cases.db\"\n\n\
         [web]\nlisten = \"127.0.0.1:{port}\"\n\n\
         [privacy]\nkey_file = \"desk.key\"\n\n\
         [review]\nundo_seconds = 3\n\n\
         [[mailbox]]\nname = \"demo\"\naddress = \"consult@demo.example\"\ninbox = \"maildir:inbox\"\n\
         outbox = \"maildir:outbox\"\nimport_from = \"all\"\nacknowledge = true\n"
    )
}

/// The password of the first start; made of letters and digits that nobody confuses.
fn sign_in(file: &Path, clock: &Clock) -> std::io::Result<String> {
    if let Ok(text) = std::fs::read_to_string(file)
        && let Some(password) = text.lines().find_map(|l| l.strip_prefix("password: "))
    {
        return Ok(password.to_owned());
    }
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut random = [0u8; 16];
    clock.random(&mut random);
    let letter = |b: &u8| LETTERS.get(usize::from(*b) % LETTERS.len()).copied().map_or('a', char::from);
    let password: String = random.iter().map(letter).collect();
    std::fs::write(file, format!("user: {REVIEWER}\npassword: {password}\n"))?;
    Ok(password)
}
