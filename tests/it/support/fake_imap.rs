//! An IMAP server that follows a script: what it answers to each command, or how it fails there.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

/// What the server does at a step.
#[derive(Clone)]
pub(crate) enum Act {
    /// Writes this; `TAG` stands for the command's tag.
    Say(&'static str),
    /// Writes this and closes the connection.
    SayAndClose(&'static str),
    /// Never answers.
    Stall,
}

/// The greeting, and what to do at a command that begins with the given words. What is not named is answered `OK`.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) greeting: Act,
    pub(crate) steps: Vec<(&'static str, Act)>,
}

pub(crate) struct FakeImap {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

/// What most servers can do.
const CAPABILITIES: &str = "* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN UIDPLUS\r\nTAG OK\r\n";
const SELECTED: &str =
    "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 10] ok\r\nTAG OK [READ-WRITE] ok\r\n";

impl FakeImap {
    /// A server that differs from a good one in the given steps only.
    pub(crate) async fn start(steps: &[(&'static str, Act)]) -> Self {
        Self::run(Script { greeting: Act::Say("* OK ready\r\n"), steps: steps.to_vec() }).await
    }

    pub(crate) async fn run(mut script: Script) -> Self {
        let good = [
            ("CAPABILITY", Act::Say(CAPABILITIES)),
            ("AUTHENTICATE", Act::Say("+ \r\n")),
            ("AHVzZXIAc2VjcmV0", Act::Say("TAG OK signed in\r\n")),
            ("SELECT", Act::Say(SELECTED)),
            ("IDLE", Act::Say("+ idling\r\n")),
            ("LOGOUT", Act::SayAndClose("* BYE\r\nTAG OK\r\n")),
        ];
        script.steps.extend(good);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (script, log) = (script.clone(), Arc::clone(&log));
                tokio::spawn(async move { drop(converse(tcp, script, log).await) });
            }
        });
        Self { port, seen }
    }

    /// The commands it saw, without their tags.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn converse(tcp: TcpStream, script: Script, log: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut line = BufStream::new(tcp);
    let mut tag = String::new();
    if !act(&mut line, &script.greeting, &tag).await? {
        return Ok(());
    }
    loop {
        let mut read = String::new();
        if line.read_line(&mut read).await? == 0 {
            return Ok(());
        }
        let read = read.trim_end();
        // What has no tag goes on with the command before.
        let command = match read.split_once(' ') {
            Some((first, rest)) if first.starts_with('C') => {
                tag = first.to_owned();
                rest
            }
            _ => read,
        };
        log.lock().unwrap().push(command.to_owned());
        let step = script.steps.iter().find(|(words, _)| command.starts_with(words));
        let step = step.map_or(Act::Say("TAG OK done\r\n"), |(_, act)| act.clone());
        if !act(&mut line, &step, &tag).await? {
            return Ok(());
        }
    }
}

/// Whether the conversation goes on.
async fn act(line: &mut BufStream<TcpStream>, act: &Act, tag: &str) -> std::io::Result<bool> {
    let (words, close) = match act {
        Act::Say(words) => (words, false),
        Act::SayAndClose(words) => (words, true),
        Act::Stall => std::future::pending().await,
    };
    line.write_all(words.replace("TAG", tag).as_bytes()).await?;
    line.flush().await?;
    if close {
        line.shutdown().await?;
    }
    Ok(!close)
}
