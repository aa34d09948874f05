//! A connection to a mail server: TCP, with TLS over it or not, and a limit on what may be read.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::endpoint::Server;
use super::tls::Trust;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No TCP connection: the name is unknown, nobody listens, no route.
    #[error("cannot connect to {server}: {source}")]
    Tcp {
        /// Host and port.
        server: String,
        /// What the system said.
        source: io::Error,
    },
    /// TLS failed: an unknown authority, another name, an expired certificate, no TLS at all.
    #[error(
        "{server} gives no TLS that can be trusted: {source}; check host name and port, and name its CA with ca_file if it is a private one"
    )]
    Tls {
        /// Host and port.
        server: String,
        /// What the TLS library said.
        source: io::Error,
    },
    /// It took too long.
    #[error("{server} does not answer within {} s", limit.as_secs())]
    Timeout {
        /// Host and port.
        server: String,
        /// The time allowed.
        limit: Duration,
    },
}

/// More was sent than was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the server sent more than was asked for")]
pub(crate) struct Overflow;

/// A connection to a mail server.
#[derive(Debug)]
pub(crate) struct Stream {
    inner: Inner,
    /// How many bytes may still be read; the reader sets it anew for each command.
    allowance: u64,
    /// Before STARTTLS bytes are read singly, so that nothing sent ahead of the handshake can be taken for what
    /// the server says under TLS: it stays in the socket, where the handshake trips over it.
    single: bool,
}

#[derive(Debug)]
enum Inner {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Connects without TLS, within `limit`.
    pub(crate) async fn plain(server: &Server, limit: Duration) -> Result<Self, ConnectError> {
        let tcp = within(server, limit, async {
            TcpStream::connect((server.host.as_str(), server.port))
                .await
                .map_err(|source| ConnectError::Tcp { server: server.to_string(), source })
        })
        .await?;
        // Commands are small and each waits for its answer.
        tcp.set_nodelay(true).map_err(|source| ConnectError::Tcp { server: server.to_string(), source })?;
        Ok(Self { inner: Inner::Plain(tcp), allowance: u64::MAX, single: false })
    }

    /// Puts TLS over a plain connection, within `limit`. A connection that has TLS already stays as it is.
    pub(crate) async fn secure(
        self,
        server: &Server,
        trust: &Trust,
        limit: Duration,
    ) -> Result<Self, ConnectError> {
        let tcp = match self.inner {
            Inner::Plain(tcp) => tcp,
            tls @ Inner::Tls(_) => return Ok(Self { inner: tls, ..self }),
        };
        let tls_error = |source| ConnectError::Tls { server: server.to_string(), source };
        let name = ServerName::try_from(server.host.clone())
            .map_err(|e| tls_error(io::Error::new(io::ErrorKind::InvalidInput, e)))?;
        let tls = within(server, limit, async {
            TlsConnector::from(trust.config()).connect(name, tcp).await.map_err(tls_error)
        })
        .await?;
        Ok(Self { inner: Inner::Tls(Box::new(tls)), allowance: u64::MAX, single: false })
    }

    /// From now on at most `bytes` may be read; then reading fails with [`Overflow`].
    pub(crate) fn allow(&mut self, bytes: u64) {
        self.allowance = bytes;
    }

    /// Reads single bytes until a TLS handshake begins.
    pub(crate) fn singly(mut self) -> Self {
        self.single = true;
        self
    }
}

async fn within<T>(
    server: &Server,
    limit: Duration,
    work: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::Timeout { server: server.to_string(), limit }),
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.allowance == 0 {
            return Poll::Ready(Err(io::Error::other(Overflow)));
        }
        let single = self.single;
        let read = |inner: &mut Inner, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>| match inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Inner::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        };
        let got = if single {
            let mut byte = [0u8; 1];
            let mut one = ReadBuf::new(&mut byte);
            std::task::ready!(read(&mut self.inner, cx, &mut one))?;
            buf.put_slice(one.filled());
            one.filled().len()
        } else {
            let before = buf.filled().len();
            std::task::ready!(read(&mut self.inner, cx, buf))?;
            buf.filled().len().saturating_sub(before)
        };
        self.allowance = self.allowance.saturating_sub(u64::try_from(got).unwrap_or(u64::MAX));
        Poll::Ready(Ok(()))
    }
}

/// The first byte of a TLS handshake record (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 22;

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf.first() == Some(&TLS_HANDSHAKE) {
            self.single = false;
        }
        match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Inner::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Inner::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Inner::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

impl AsyncTokioStream for Stream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Inner::Plain(tcp) => tcp.peer_addr(),
            Inner::Tls(tls) => tls.get_ref().0.peer_addr(),
        }
    }
}
