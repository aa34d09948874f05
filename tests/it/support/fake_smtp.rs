//! An SMTP server that follows a script: what it answers at each stage, or how it fails there.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the server does at a stage.
#[derive(Clone)]
pub(crate) enum Act {
    /// Writes these bytes.
    Say(&'static str),
    /// Writes these bytes and closes the connection.
    SayAndClose(&'static str),
    /// Closes the connection.
    Close,
    /// Never answers.
    Stall,
    /// Reads so many bytes of the mail and closes the connection (at `data` only).
    CloseAfter(usize),
    /// Reads so many bytes of the mail and then no more (at `data` only).
    StallAfter(usize),
}

#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) greeting: Act,
    pub(crate) ehlo: Act,
    pub(crate) starttls: Act,
    pub(crate) auth: Act,
    pub(crate) mail: Act,
    pub(crate) rcpt: Act,
    pub(crate) data: Act,
    pub(crate) dot: Act,
    /// TLS from the first byte.
    pub(crate) implicit_tls: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            greeting: Act::Say("220 fake ESMTP\r\n"),
            ehlo: Act::Say("250-fake\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n"),
            starttls: Act::Say("220 go ahead\r\n"),
            auth: Act::Say("235 welcome\r\n"),
            mail: Act::Say("250 sender ok\r\n"),
            rcpt: Act::Say("250 recipient ok\r\n"),
            data: Act::Say("354 go ahead\r\n"),
            dot: Act::Say("250 queued as 4711\r\n"),
            implicit_tls: false,
        }
    }
}

/// What the server saw.
#[derive(Default, Clone)]
pub(crate) struct Seen {
    /// Commands, each a line; a mail is one line `(mail)`.
    pub(crate) commands: Vec<String>,
    /// Mails as they came over the wire, up to and with the line of the dot.
    pub(crate) mails: Vec<Vec<u8>>,
}

pub(crate) struct FakeSmtp {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
type Line = BufStream<Box<dyn Duplex>>;

impl FakeSmtp {
    pub(crate) async fn start(script: Script, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (script, acceptor, log) = (script.clone(), acceptor.clone(), Arc::clone(&log));
                // A client that goes away ends its own conversation only.
                tokio::spawn(async move { drop(converse(Box::new(tcp), script, acceptor, log).await) });
            }
        });
        Self { port, seen }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

async fn converse(
    stream: Box<dyn Duplex>,
    script: Script,
    acceptor: Option<TlsAcceptor>,
    log: Arc<Mutex<Seen>>,
) -> std::io::Result<()> {
    let mut line: Line = BufStream::new(stream);
    if script.implicit_tls {
        line = secured(line, acceptor.as_ref().unwrap()).await?;
    }
    if !act(&mut line, &script.greeting).await? {
        return Ok(());
    }
    loop {
        let mut command = String::new();
        if line.read_line(&mut command).await? == 0 {
            return Ok(());
        }
        let command = command.trim_end().to_owned();
        log.lock().unwrap().commands.push(command.clone());
        let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let step = match verb.as_str() {
            "EHLO" => &script.ehlo,
            "STARTTLS" => &script.starttls,
            "AUTH" => &script.auth,
            "MAIL" => &script.mail,
            "RCPT" => &script.rcpt,
            "DATA" => &script.data,
            "QUIT" => &Act::SayAndClose("221 bye\r\n"),
            _ => &Act::Say("502 what?\r\n"),
        };
        if !act(&mut line, step).await? {
            return Ok(());
        }
        let went_on = matches!(step, Act::Say(words) if words.starts_with("354") || words.starts_with("220"));
        if verb == "STARTTLS" && went_on {
            line = secured(line, acceptor.as_ref().unwrap()).await?;
        }
        if verb == "DATA" && went_on {
            let mut mail = Vec::new();
            while !mail.ends_with(b"\r\n.\r\n") {
                if line.read_until(b'\n', &mut mail).await? == 0 {
                    return Ok(());
                }
            }
            {
                let mut log = log.lock().unwrap();
                log.commands.push("(mail)".to_owned());
                log.mails.push(mail);
            }
            if !act(&mut line, &script.dot).await? {
                return Ok(());
            }
        }
    }
}

async fn secured(line: Line, acceptor: &TlsAcceptor) -> std::io::Result<Line> {
    let tls = acceptor.accept(line.into_inner()).await?;
    Ok(BufStream::new(Box::new(tls)))
}

/// Whether the conversation goes on.
async fn act(line: &mut Line, act: &Act) -> std::io::Result<bool> {
    match act {
        Act::Say(words) => {
            line.write_all(words.as_bytes()).await?;
            line.flush().await?;
            return Ok(true);
        }
        Act::SayAndClose(words) => {
            line.write_all(words.as_bytes()).await?;
            line.flush().await?;
        }
        Act::Close => {}
        Act::Stall => std::future::pending().await,
        Act::CloseAfter(bytes) | Act::StallAfter(bytes) => {
            line.write_all(b"354 go ahead\r\n").await?;
            line.flush().await?;
            line.read_exact(&mut vec![0; *bytes]).await?;
            if matches!(act, Act::StallAfter(_)) {
                std::future::pending::<()>().await;
            }
        }
    }
    line.shutdown().await?;
    Ok(false)
}
